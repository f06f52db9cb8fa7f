//! Settings: `config/default.toml`, then a file, then `RONGQIAO__SECTION__KEY` in the environment.
//!
//! The defaults are the documented file itself, so the two cannot differ. An unknown key or a bad
//! value is an error that names it. Secrets sit in [`Secret`], which never prints.

mod auth;
mod desk;
mod limits;
mod mail;
mod metrics;
mod rules;
mod shown;

pub use auth::{Auth, OldKey};
pub use desk::{Ceiling, CeilingKind, Desk};
pub use limits::Limits;
pub use mail::{Mail, MailTls};
pub use metrics::Metrics;
pub use rules::{AccountRules, DeskRules};
pub use shown::Setting;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

/// Every setting. `config/default.toml` says what each is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens, and how people reach it.
    pub server: Server,
    /// Where the data are.
    pub database: Database,
    /// Signing in.
    pub auth: Auth,
    /// Registrations, invitations, forgotten passwords.
    pub joining: Joining,
    /// Mail to people.
    pub mail: Mail,
    /// The audit log.
    pub audit: Audit,
    /// What goes into the log, and how.
    pub log: Log,
    /// What is measured, and for whom.
    pub metrics: Metrics,
    /// What the pages say of their site.
    pub site: Site,
    /// The deadlines and rules of the centre's desk.
    pub desk: Desk,
    /// How banks keep their products.
    pub products: Products,
    /// How much is taken at once.
    pub limits: Limits,
}

/// Where it listens, and how people reach it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Scheme, host and port of every link that is made.
    pub base_url: String,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// For how long it goes on serving after it was told to stop, in seconds.
    pub drain_seconds: u32,
    /// How long requests under way, and then jobs, are given to end, in seconds.
    pub stop_seconds: u32,
}

/// Where the data are.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH` or `postgres://…`; may hold a password.
    pub url: Secret,
    /// Connections at most.
    pub pool_size: u32,
    /// Whether a start brings PostgreSQL's schema up to date.
    pub migrate: bool,
    /// Whether a PostgreSQL that is not on this machine may be reached without TLS.
    pub allow_plaintext: bool,
    /// The folder of `pg_dump` and `pg_restore`; empty: they are on the PATH.
    pub programs: String,
}

/// Registrations, invitations, forgotten passwords.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// How long the link is good by which an address is proven.
    pub verify_hours: u32,
    /// How long an invitation is good.
    pub invite_days: u32,
    /// How long the link is good by which a password is set anew.
    pub reset_minutes: u32,
    /// How long a rejected registration is kept.
    pub rejected_days: u32,
}

/// The audit log.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// What its rows are sealed with.
    pub algorithm: AuditAlgorithm,
    /// How many days its rows are kept at least.
    pub retention_days: u32,
}

/// What the rows of the audit log are sealed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditAlgorithm {
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

/// The least days for which logs are kept: six months (网络安全法).
const LEAST_RETENTION_DAYS: u32 = 184;

/// What goes into the log, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// How a line is written.
    pub format: LogFormat,
    /// From which level on.
    pub level: LogLevel,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a terminal.
    Human,
    /// One object a line.
    Json,
}

/// From which level on there are lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// Also what looks wrong.
    Warn,
    /// Also each request.
    Info,
    /// Also how.
    Debug,
    /// Everything.
    Trace,
}

/// How banks keep their products.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Products {
    /// Days for which a confirmation holds.
    pub confirm_days: u32,
    /// How often a day a bank may try products on the open requests.
    pub simulations_a_day: i64,
}

/// What the pages say of their site.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Name in the title of each page.
    pub name: String,
    /// The district that is served.
    #[serde(deserialize_with = "digits")]
    pub district_code: String,
    /// 主办.
    pub organiser: String,
    /// Telephone.
    pub telephone: String,
    /// 网站标识码.
    #[serde(deserialize_with = "digits")]
    pub site_code: String,
    /// 备案号.
    pub icp_number: String,
    /// Whether each page says that everything is invented.
    pub demo: bool,
}

/// A code of digits: a variable that has it without quotes is read as a number.
fn digits<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Digits {
        Text(String),
        Number(u64),
    }
    Ok(match Digits::deserialize(value)? {
        Digits::Text(text) => text,
        Digits::Number(number) => number.to_string(),
    })
}

/// The settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key that is unknown, missing, or has a bad value; the message names it.
    #[error("configuration: {0}")]
    Bad(Box<figment::Error>),
    /// The file of `--config` is not there.
    #[error("configuration: no file {0}")]
    NoFile(String),
    /// A value that its type alone does not rule out.
    #[error("configuration: {key}: {why}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// The defaults, as documented.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// A key that is unknown, missing or bad.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(path) = file {
            if !path.is_file() {
                return Err(ConfigError::NoFile(path.display().to_string()));
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        let figment = figment.merge(Env::prefixed("RONGQIAO__").split("__"));
        let config: Self = figment.extract().map_err(|error| ConfigError::Bad(Box::new(error)))?;
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let bad = |key, why| Err(ConfigError::Value { key, why });
        let base_url = &self.server.base_url;
        if !(base_url.starts_with("http://") || base_url.starts_with("https://")) || base_url.ends_with('/') {
            return bad(
                "server.base_url",
                "starts with http:// or https:// and has no slash at its end",
            );
        }
        if self.server.drain_seconds > 600 || !(1..=600).contains(&self.server.stop_seconds) {
            return bad("server", "drain_seconds is at most 600, stop_seconds 1 to 600");
        }
        if !(1..=256).contains(&self.database.pool_size) {
            return bad("database.pool_size", "is 1 to 256");
        }
        self.auth.check()?;
        self.limits.check()?;
        let products = &self.products;
        if !(14..=3_660).contains(&products.confirm_days) {
            return bad("products.confirm_days", "is 14 to 3660");
        }
        if products.simulations_a_day < 0 {
            return bad("products.simulations_a_day", "is at least 0");
        }
        let times = &self.joining;
        if [
            times.verify_hours,
            times.invite_days,
            times.reset_minutes,
            times.rejected_days,
        ]
        .contains(&0)
        {
            return bad("joining", "every time is at least 1");
        }
        if self.audit.retention_days < LEAST_RETENTION_DAYS {
            return bad("audit.retention_days", "is at least 184: logs are kept for six months");
        }
        self.mail.check()?;
        self.desk.check()?;
        Ok(self)
    }
}

/// A text that must not be seen: it prints as `***`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Secret {
    /// Whether there is one, and nothing of it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0.is_empty() { "" } else { "***" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn load(toml: &str) -> Result<Config, ConfigError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(toml.as_bytes()).expect("written");
        Config::load(Some(file.path()))
    }

    #[test]
    fn the_documented_defaults_are_all_there_is() {
        let config = Config::load(None).expect("the defaults are good");
        assert_eq!(config.database.url.expose(), "sqlite://data/rongqiao.db");
        // Each line is needed, and none is more than the fields: then the two are equal.
        for line in DEFAULTS
            .lines()
            .filter(|line| !line.starts_with('#') && line.contains(" = "))
        {
            let without = DEFAULTS.replacen(line, "", 1);
            let loaded = Figment::from(Toml::string(&without)).extract::<Config>();
            assert!(loaded.is_err(), "{line} is the only place of its default");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (toml, named) in [
            ("[server]\nlisten = \"nowhere\"", "listen"),
            ("[server]\nport = 1", "port"),
            ("[server]\nstop_seconds = 0", "stop_seconds"),
            ("[metrics]\nlisten = \"everywhere\"", "listen"),
            ("[log]\nformat = \"xml\"", "format"),
            ("[auth]\njwt_key = \"short\"", "jwt_key"),
            ("[auth]\nrefresh_days = 0", "refresh_days"),
            (
                "[[auth.jwt_old_keys]]\nkey = \"short\"\nuntil = \"2026-11-01T00:00:00Z\"",
                "jwt_old_keys",
            ),
            (
                "[[auth.jwt_old_keys]]\nkey = \"0123456789abcdef0123456789abcdef\"\nuntil = \"soon\"",
                "until",
            ),
            ("[database]\npool_size = 0", "pool_size"),
            ("[auth]\npassword_min_length = 7", "password_min_length"),
            ("[auth]\npassword_classes = 5", "password_classes"),
            ("[auth]\npassword_history = 25", "password_history"),
            ("[auth]\nfactor_key = \"short\"", "factor_key"),
            ("[auth]\nfree_tries = 0", "free_tries"),
            ("[server]\ntrusted_proxies = [\"the proxy\"]", "trusted_proxies"),
            ("[limits]\npasswords_at_a_time = 0", "passwords_at_a_time"),
            ("[audit]\nretention_days = 183", "retention_days"),
            ("[audit]\nalgorithm = \"md5\"", "algorithm"),
            ("[joining]\ninvite_days = 0", "joining"),
            ("[limits]\nattachment_kib = 0", "limits"),
            ("[desk]\nsigning_days = 0", "desk"),
            ("[desk]\nworking_capital_most_months = 12", "desk"),
            (
                "[desk]\nceilings = [{kind = \"mortgage\", lpr_plus_bp = 1}]",
                "ceilings",
            ),
            ("[desk]\nceilings = [{kind = \"plant\"}]", "ceilings"),
            (
                "[desk]\nceilings = [{kind = \"plant\", lpr_plus_bp = 1, lpr_factor_pct = 130}]",
                "ceilings",
            ),
            ("[mail]\ntls = \"maybe\"", "tls"),
            ("[mail]\ntimeout_seconds = 0", "timeout_seconds"),
            ("[mail]\nhost = \"mail.example\"", "mail.from"),
            (
                "[mail]\nhost = \"mail.example\"\nfrom = \"a@b.example\"\ntls = \"none\"\nusername = \"a\"",
                "mail.tls",
            ),
        ] {
            let error = load(toml).expect_err("a bad setting").to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn secrets_do_not_print() {
        let config = load(
            "[auth]\njwt_key = \"0123456789abcdef0123456789abcdef\"\n\
             jwt_old_keys = [{key = \"fedcba98765432100123456789abcdef\", until = \"2026-12-01T08:00:00Z\"}]",
        )
        .expect("good keys");
        let shown = config.in_force().expect("the defaults read");
        for printed in [format!("{config:?}"), format!("{shown:?}")] {
            assert!(!printed.contains("0123456789abcdef"), "{printed}");
            assert!(printed.contains("2026-12-01"), "{printed}");
        }
        let of = |section: &str, key: &str| {
            let found = shown
                .iter()
                .find(|one| one.section == section && one.key == key)
                .expect("it is there");
            (found.value.clone(), found.changed)
        };
        assert_eq!(of("auth", "jwt_key"), ("***".to_owned(), true));
        assert_eq!(
            of("database", "url"),
            ("***".to_owned(), false),
            "it may hold a password"
        );
        assert_eq!(of("mail", "password"), (String::new(), false));
        assert_eq!(of("joining", "invite_days"), ("7".to_owned(), false));
        assert_eq!(of("audit", "algorithm"), ("sha256".to_owned(), false));
    }
}
