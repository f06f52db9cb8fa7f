//! `rongqiao serve`: the pages and the API.

use super::failure::Failure;
use super::{database, jobs, logging};
use crate::actions::Service;
use crate::actions::catalogue::LiveCatalogue;
use crate::actions::password::{Passwords, Policy};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::jobs::World;
use crate::jobs::runner::Running;
use crate::store::Store;
use crate::web::app;
use crate::web::state::WebState;
use chrono::TimeDelta;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    logging::start(&config.log);
    let store = database::open(&config)?;
    let key = signing_key(&config, &store)?;
    let service = service(store, &config)?;
    let listen = config.server.listen;
    let listener =
        TcpListener::bind(listen).map_err(|error| Failure::Other(format!("server.listen {listen}: {error}")))?;
    let world = jobs::world(service.clone(), &config)?;
    serve(listener, WebState::new(service, &config, &key), world)
}

/// Serves until a signal ends it; requests and jobs that are under way are finished.
pub(super) fn serve(listener: TcpListener, state: WebState, world: World) -> Result<(), Failure> {
    let jobs = Running::start(world)?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    actix_web::rt::System::new().block_on(async { app::serve(listener, state)?.await })?;
    drop(jobs);
    tracing::info!("stopped");
    Ok(())
}

/// The actions' world over a database.
pub(super) fn service(store: Store, config: &Config) -> Result<Service, Failure> {
    Ok(Service {
        store,
        clock: Arc::new(SystemClock),
        catalogue: Arc::new(LiveCatalogue::default()),
        passwords: Arc::new(Passwords::new(Policy::of(&config.auth))?),
        session_lifetime: TimeDelta::minutes(config.auth.session_minutes.into()),
        settings: Arc::new(config.clone()),
    })
}

/// The key that tokens are signed with: the one that is set, else the one beside the SQLite database,
/// made where there is none.
pub(super) fn signing_key(config: &Config, store: &Store) -> Result<Vec<u8>, Failure> {
    let set = config.auth.jwt_key.expose();
    if !set.is_empty() {
        return Ok(set.as_bytes().to_vec());
    }
    let Some(database) = store.url().file() else {
        return Err(Failure::Other(
            "auth.jwt_key: PostgreSQL needs one to be set".to_owned(),
        ));
    };
    key_file(&database.with_added_extension("key"))
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
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mut key = Vec::new();
            OpenOptions::new()
                .read(true)
                .open(path)
                .and_then(|mut file| file.read_to_end(&mut key))
                .map_err(Failure::file(path))?;
            if key.len() < 32 {
                return Err(Failure::Other(format!("{}: not a whole key", path.display())));
            }
            Ok(key)
        }
        Err(error) => Err(Failure::file(path)(error)),
    }
}
