//! `rongqiao serve`: the pages and the API.

use super::failure::Failure;
use super::running::{self, Parts, Reread};
use super::{database, jobs, logging, mail};
use crate::actions::password::{Passwords, Policy};
use crate::actions::sealing::Sealer;
use crate::actions::{Service, outbox};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::store::Store;
use crate::web::keys::{OldSigningKey, SigningKeys};
use crate::web::state::WebState;
use chrono::{DateTime, TimeDelta, Utc};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Serve the pages and the API until SIGTERM or Ctrl-C.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao serve --config /etc/rongqiao.toml")]
pub struct Args {
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Settings, a database or an address that can't be used.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let level = logging::start(&config.log);
    let store = database::open(&config)?;
    if let Some(held) = store.read(outbox::held_now)? {
        tracing::warn!("{}", mail::said(&held));
    }
    let keys = signing_keys(&config, &store)?;
    let sealer = sealer(&config, &store)?;
    let service = service(store, &config, sealer)?;
    let listen = config.server.listen;
    let listener =
        TcpListener::bind(listen).map_err(|error| Failure::Other(format!("server.listen {listen}: {error}")))?;
    running::run(Parts {
        listener,
        metrics: running::metrics_listener(&config)?,
        world: jobs::world(service.clone(), &config)?,
        state: WebState::new(service, &config, &keys),
        drain: Duration::from_secs(config.server.drain_seconds.into()),
        reread: Some(Reread {
            file: args.config.clone(),
            level,
        }),
    })
}

/// The actions' world over a database.
pub(super) fn service(store: Store, config: &Config, sealer: Sealer) -> Result<Service, Failure> {
    Ok(Service {
        store,
        clock: Arc::new(SystemClock),
        catalogue: Arc::default(),
        open_requests: Arc::default(),
        passwords: Arc::new(Passwords::new(Policy::of(&config.auth))?),
        sealer: Arc::new(sealer),
        settings: Arc::new(config.clone()),
    })
}

/// Seals with the key that is set, else with the one beside the SQLite database, made where there is none.
pub(super) fn sealer(config: &Config, store: &Store) -> Result<Sealer, Failure> {
    let set = config.auth.factor_key.expose();
    let key = match store.url().file() {
        _ if !set.is_empty() => set.as_bytes().to_vec(),
        Some(database) => key_file(&database.with_added_extension("factor-key"))?,
        None => {
            return Err(Failure::Other(
                "auth.factor_key: PostgreSQL needs one to be set".to_owned(),
            ));
        }
    };
    Ok(Sealer::new(&key)?)
}

/// The keys that tokens are signed with: those that are set, else those beside the SQLite database, where one is
/// made if there is none.
pub(super) fn signing_keys(config: &Config, store: &Store) -> Result<SigningKeys, Failure> {
    let set = config.auth.jwt_key.expose();
    let mut keys = if set.is_empty() {
        let Some(database) = store.url().file() else {
            return Err(Failure::Other(
                "auth.jwt_key: PostgreSQL needs one to be set".to_owned(),
            ));
        };
        let lifetime = TimeDelta::minutes(config.auth.access_minutes.into());
        key_files(&database.with_added_extension("key"), lifetime)?
    } else {
        SigningKeys {
            current: set.as_bytes().to_vec(),
            old: Vec::new(),
        }
    };
    keys.old
        .extend(config.auth.jwt_old_keys.iter().map(|old| OldSigningKey {
            key: old.key.expose().as_bytes().to_vec(),
            until: old.until,
        }));
    Ok(keys)
}

/// The key of a file, and that of before, `….old`, which is believed as long as its last token is good: for
/// `lifetime` from when the new file was made.
fn key_files(path: &Path, lifetime: TimeDelta) -> Result<SigningKeys, Failure> {
    let current = key_file(path)?;
    let before = path.with_added_extension("old");
    let mut old = Vec::new();
    if before.exists() {
        let made = fs::metadata(path).and_then(|file| file.modified());
        old.push(OldSigningKey {
            key: read_key(&before)?,
            until: DateTime::<Utc>::from(made.map_err(Failure::file(path))?) + lifetime,
        });
    }
    Ok(SigningKeys { current, old })
}

/// Reads the key of a file; makes it, readable by its owner only, where there is none.
fn key_file(path: &Path) -> Result<Vec<u8>, Failure> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let key = SystemClock.random_bytes();
            file.write_all(&key)
                .and_then(|()| file.sync_all())
                .map_err(Failure::file(path))?;
            Ok(key.to_vec())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read_key(path),
        Err(error) => Err(Failure::file(path)(error)),
    }
}

fn read_key(path: &Path) -> Result<Vec<u8>, Failure> {
    let key = fs::read(path).map_err(Failure::file(path))?;
    if key.len() < 32 {
        return Err(Failure::Other(format!("{}: not a whole key", path.display())));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_renamed_is_believed_until_its_last_token_has_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db.key");
        let read = || key_files(&path, TimeDelta::minutes(15)).unwrap_or_else(|_| panic!("the keys are read"));
        let first = read();
        assert_eq!(read().current, first.current, "it is made once");
        assert!(first.old.is_empty());

        fs::rename(&path, path.with_added_extension("old")).expect("renamed");
        let second = read();
        let [old] = second.old.as_slice() else {
            panic!("one old key")
        };
        assert_ne!(second.current, first.current);
        assert_eq!(old.key, first.current);
        let left = old.until - SystemClock.now();
        assert!(left > TimeDelta::zero() && left <= TimeDelta::minutes(15), "{left}");

        fs::write(path.with_added_extension("old"), b"short").expect("written");
        assert!(key_files(&path, TimeDelta::minutes(15)).is_err(), "not a whole key");
    }
}
