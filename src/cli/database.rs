//! The database that the configuration names, open and of this program's version.

use super::failure::Failure;
use crate::config::Config;
use crate::store::{BadUrl, DatabaseUrl, PoolSettings, Store};

/// Opens the database. SQLite is brought up to date; PostgreSQL too, unless the configuration leaves
/// that to `rongqiao migrate`.
///
/// # Errors
/// An address that is none, one that would send facts over a network in clear, a database that does
/// not answer or is of another version.
pub fn open(config: &Config) -> Result<Store, Failure> {
    let store = connect(config)?;
    if store.url().file().is_some() || config.database.migrate {
        store.migrate()?;
    } else {
        store.check_schema()?;
    }
    Ok(store)
}

/// Opens a database that is there and of this program's version, and changes nothing about it.
///
/// # Errors
/// As for [`open`]; a SQLite file that is not there; a schema of another version.
pub fn as_it_is(config: &Config) -> Result<Store, Failure> {
    let store = existing(config)?;
    store.check_schema()?;
    Ok(store)
}

/// Opens a database that is there, of whatever version.
///
/// # Errors
/// As for [`open`], but for its version; a SQLite file that is not there.
pub fn existing(config: &Config) -> Result<Store, Failure> {
    let url = url(config)?;
    match url.file() {
        Some(file) if !file.exists() => Err(Failure::Other(format!("database.url: {url} is not there"))),
        _ => connect(config),
    }
}

/// Opens the database, of whatever version; a SQLite file is made where there is none.
///
/// # Errors
/// As for [`open`], but for its version.
pub fn connect(config: &Config) -> Result<Store, Failure> {
    let url = url(config)?;
    // libpq is built without TLS.
    if !url.is_local() && !config.database.allow_plaintext {
        return Err(Failure::Other(format!(
            "database.url: {url} is reached over a network without TLS; a socket, the loopback or a TLS proxy on this \
             machine is safe, or say database.allow_plaintext = true for a network of your own"
        )));
    }
    let settings = PoolSettings {
        connections: config.database.pool_size,
        ..PoolSettings::default()
    };
    Ok(Store::open(&url, &settings)?)
}

/// Where the database is.
///
/// # Errors
/// An address that is none.
pub fn url(config: &Config) -> Result<DatabaseUrl, Failure> {
    let parsed = config.database.url.expose().parse();
    parsed.map_err(|error: BadUrl| Failure::Other(format!("database.url: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn refusal(url: &str) -> String {
        let mut config = Config::load(None).expect("the defaults are good");
        config.database.url = Secret::new(url.to_owned());
        match connect(&config) {
            Err(failure) => failure.to_string(),
            Ok(_) => String::new(),
        }
    }

    #[test]
    fn facts_do_not_cross_a_network_in_clear() {
        let said = refusal("postgres://rong:secret@db.example/rongqiao");
        assert!(
            said.contains("allow_plaintext") && said.contains("db.example"),
            "{said}"
        );
        assert!(!said.contains("secret"), "{said}");
    }

    #[test]
    fn a_bad_address_is_named_by_its_key_and_not_shown() {
        let said = refusal("mysql://rong:secret@db.example/rongqiao");
        assert!(said.starts_with("database.url: ") && !said.contains("secret"), "{said}");
    }
}
