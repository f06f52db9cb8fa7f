//! Where the database is: `sqlite://PATH` or `postgres://…`. What it prints never holds a password.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The address of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server, as libpq reads it.
    Postgres(String),
}

/// Why an address is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// No scheme, or one that is not known.
    #[error("the database address must start with sqlite:// or postgres://, this one starts with {0:?}")]
    Scheme(String),
    /// `sqlite://` without a usable path.
    #[error("sqlite:// must be followed by the path of a file, such as sqlite://data/rongqiao.db")]
    Path,
}

impl FromStr for DatabaseUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        match text.split_once("://") {
            // SQLite would read "file:" as an address of its own and ":memory:" as no file at all.
            Some(("sqlite", path)) if path.is_empty() || path.starts_with("file:") || path.starts_with(':') => {
                Err(BadUrl::Path)
            }
            Some(("sqlite", path)) => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            // Without "://" the text could be anything, a password too.
            scheme => Err(BadUrl::Scheme(
                scheme.map_or_else(String::new, |(scheme, _)| scheme.to_owned()),
            )),
        }
    }
}

impl DatabaseUrl {
    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// For PostgreSQL's own programs: the address without its password, and the password, whose place is their
    /// environment and never a command line, which everybody on the machine can read.
    #[must_use]
    pub fn for_programs(&self) -> Option<(String, Option<String>)> {
        let Self::Postgres(url) = self else {
            return None;
        };
        let (scheme, rest) = url.split_once("://")?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (who, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, mut password) = who
            .split_once(':')
            .map_or((who, None), |(user, password)| (user, Some(password)));
        let mut kept = Vec::new();
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("password", set)) => password = Some(set),
                _ => kept.push(option),
            }
        }
        let at = if user.is_empty() { "" } else { "@" };
        let sign = if kept.is_empty() { "" } else { "?" };
        let shown = format!("{scheme}://{user}{at}{hosts}{path}{sign}{}", kept.join("&"));
        Some((shown, password.map(percent_decoded)))
    }

    /// Whether what is said to the database stays on this machine: a file, a socket, the loopback.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let Self::Postgres(url) = self else {
            return true;
        };
        let (hosts, options) = parts(url);
        let named = options.split('&').filter_map(|option| option.split_once('='));
        let in_options = named
            .filter(|(key, _)| matches!(*key, "host" | "hostaddr"))
            .map(|(_, host)| host);
        hosts.split(',').map(without_port).chain(in_options).all(is_local_host)
    }
}

/// Hosts and options of `postgres://user:password@hosts/database?options`.
fn parts(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
    (
        authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts),
        options,
    )
}

/// RFC 3986, 2.1; what is no escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = behind
            .get(..2)
            .filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = behind.get(if escaped.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map_or(v6, |(address, _)| address),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    }
}

fn is_local_host(host: &str) -> bool {
    host.is_empty()
        || host == "localhost"
        || host.starts_with('/')
        || host.to_ascii_lowercase().starts_with("%2f")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => write!(f, "postgres://…@{}", parts(url).0),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> DatabaseUrl {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn the_scheme_chooses_the_database() {
        assert_eq!(
            url("sqlite://data/rongqiao.db"),
            DatabaseUrl::Sqlite("data/rongqiao.db".into())
        );
        assert_eq!(
            url("sqlite:///var/lib/r.db"),
            DatabaseUrl::Sqlite("/var/lib/r.db".into())
        );
        assert!(matches!(url("postgres://db"), DatabaseUrl::Postgres(_)));
        for bad in [
            "",
            "mysql://u:secret@h/d",
            "secret",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://file:x",
        ] {
            let error = bad.parse::<DatabaseUrl>().expect_err(bad);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_is_printed_holds_no_password() {
        let url = url("postgres://rong:p@ss:word@db.example:5432/rongqiao?password=again");
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://…@db.example:5432 postgres://…@db.example:5432"
        );
    }

    #[test]
    fn a_program_gets_the_password_apart_from_the_address() {
        for (text, shown, password) in [
            ("postgres:///rong", "postgres:///rong", None),
            ("postgres://u@db/rong", "postgres://u@db/rong", None),
            (
                "postgres://u:p%40ss%zz@db:5432/rong",
                "postgres://u@db:5432/rong",
                Some("p@ss%zz"),
            ),
            (
                "postgresql://db/rong?user=u&password=p%25&options=-csearch_path%3Da",
                "postgresql://db/rong?user=u&options=-csearch_path%3Da",
                Some("p%"),
            ),
            ("postgres://u:@db?password=last", "postgres://u@db", Some("last")),
        ] {
            let split = url(text).for_programs().expect("it is PostgreSQL's");
            assert_eq!(split, (shown.to_owned(), password.map(str::to_owned)), "{text}");
        }
        assert_eq!(url("sqlite://a.db").for_programs(), None);
    }

    #[test]
    fn only_this_machine_is_local() {
        for local in [
            "sqlite://x.db",
            "postgres:///rongqiao",
            "postgres://u:p@localhost:5432/r",
            "postgres://u@127.0.0.1/r",
            "postgres://u@[::1]:5432/r",
            "postgres://%2Frun%2Fpostgresql/r",
            "postgres:///r?host=/run/postgresql",
        ] {
            assert!(url(local).is_local(), "{local}");
        }
        for remote in [
            "postgres://u:p@db.example/r",
            "postgres://u@10.0.0.4:5432/r",
            "postgres://u@localhost,db.example/r",
            "postgres:///r?host=db.example",
            "postgres://localhost/r?hostaddr=10.0.0.4",
        ] {
            assert!(!url(remote).is_local(), "{remote}");
        }
    }
}
