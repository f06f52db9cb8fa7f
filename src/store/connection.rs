//! One connection type for both databases, and the pools that hand connections out.
//!
//! SQLite: several readers that cannot write, and ONE writer, so that writers queue here instead of
//! failing inside SQLite. PostgreSQL: one pool for both. A connection that comes back broken, with an
//! open transaction, or from a thread that panics is dropped, never reused.

use super::error::StoreError;
use super::url::DatabaseUrl;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::result::QueryResult;
use diesel::{Connection, PgConnection, SqliteConnection};
use std::time::Duration;

pub use any::AnyConnection;

/// On its own, because diesel's derive writes modules and names of its own beside the enum.
mod any {
    use diesel::{PgConnection, SqliteConnection};

    /// A connection to one of the two databases; queries written for it run on both.
    #[derive(diesel::MultiConnection)]
    pub enum AnyConnection {
        /// The embedded database.
        Sqlite(SqliteConnection),
        /// A server.
        Postgres(PgConnection),
    }
}

/// How connections are kept.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// How many connections at most: readers on SQLite (the one writer comes on top), all on PostgreSQL.
    pub connections: u32,
    /// How long a caller waits for a connection or a lock before it is told that the database is busy.
    pub wait: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            connections: 8,
            wait: Duration::from_secs(5),
        }
    }
}

/// What a connection is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Read,
    Write,
}

/// Opens connections to one database.
#[derive(Debug)]
pub struct Manager {
    url: DatabaseUrl,
    to: Use,
    wait: Duration,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It could not be opened; the databases' words hold no password.
    #[error(transparent)]
    Open(#[from] diesel::ConnectionError),
    /// It could not be set up.
    #[error(transparent)]
    SetUp(#[from] diesel::result::Error),
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = ConnectError;

    fn connect(&self) -> Result<AnyConnection, ConnectError> {
        let wait_ms = self.wait.as_millis();
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                // The busy timeout first: switching to WAL takes a lock that another process may hold.
                conn.batch_execute(&format!("PRAGMA busy_timeout = {wait_ms}"))?;
                conn.batch_execute(
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA trusted_schema = OFF",
                )?;
                if self.to == Use::Read {
                    conn.batch_execute("PRAGMA query_only = ON")?;
                }
                Ok(AnyConnection::Sqlite(conn))
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute(&format!(
                    "SET client_min_messages = warning; SET synchronous_commit = on; SET lock_timeout = {wait_ms}"
                ))?;
                // Contention is told from faults by English words, but only a superuser may ask for
                // them; for others the server's language stands, and some contention reads as a fault.
                if let Err(refused) = conn.batch_execute("SET lc_messages = 'C'") {
                    tracing::debug!(%refused, "messages stay in the server's language");
                }
                Ok(AnyConnection::Postgres(conn))
            }
        }
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), ConnectError> {
        Ok(conn.ping()?)
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// A connection on loan from its pool.
pub(super) type Loan = PooledConnection<Manager>;

/// The pools of one database.
#[derive(Clone)]
pub(super) struct Pools {
    read: Pool<Manager>,
    write: Pool<Manager>,
}

impl Pools {
    /// Opens the first connections.
    pub(super) fn open(url: &DatabaseUrl, settings: &PoolSettings) -> Result<Self, StoreError> {
        let pool = |to, size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .idle_timeout(None)
                .max_lifetime(None)
                .connection_timeout(settings.wait)
                // A ping for each loan would cost a third of the reads; `begin` finds the dead ones.
                .test_on_check_out(false)
                .error_handler(Box::new(LogErrors))
                .build(Manager {
                    url: url.clone(),
                    to,
                    wait: settings.wait,
                })
                .map_err(StoreError::database)
        };
        // The writer first: only it may create the file and switch it to WAL.
        let write = pool(Use::Write, if url.file().is_some() { 1 } else { settings.connections })?;
        let read = match url {
            DatabaseUrl::Sqlite(_) => pool(Use::Read, settings.connections)?,
            DatabaseUrl::Postgres(_) => write.clone(),
        };
        Ok(Self { read, write })
    }

    /// How each pool is used; on PostgreSQL there is one.
    pub(super) fn usage(&self, url: &DatabaseUrl) -> Vec<PoolUsage> {
        let usage = |name, pool: &Pool<Manager>| {
            let state = pool.state();
            PoolUsage {
                name,
                in_use: state.connections - state.idle_connections,
                idle: state.idle_connections,
            }
        };
        match url {
            DatabaseUrl::Sqlite(_) => vec![usage("read", &self.read), usage("write", &self.write)],
            DatabaseUrl::Postgres(_) => vec![usage("all", &self.write)],
        }
    }

    /// A reader in a transaction.
    pub(super) fn reader(&self, begin: Begin) -> Result<Loan, StoreError> {
        begun(&self.read, begin)
    }

    /// A writer in a transaction.
    pub(super) fn writer(&self, begin: Begin) -> Result<Loan, StoreError> {
        begun(&self.write, begin)
    }
}

/// How many connections of a pool there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUsage {
    /// What they are for: `read`, `write` or `all`.
    pub name: &'static str,
    /// On loan.
    pub in_use: u32,
    /// In the pool.
    pub idle: u32,
}

/// Begins a transaction.
pub(super) type Begin = fn(&mut AnyConnection) -> QueryResult<()>;

/// Takes a connection and begins a transaction on it. A connection that died while it lay in the
/// pool (the server was restarted) shows it now; it is dropped and the next one taken.
fn begun(pool: &Pool<Manager>, begin: Begin) -> Result<Loan, StoreError> {
    for _ in 0..pool.max_size() {
        let mut loan = lend(pool)?;
        match begin(&mut loan) {
            Ok(()) => return Ok(loan),
            Err(error) if !loan.is_broken() => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "dropped a dead connection"),
        }
    }
    let mut loan = lend(pool)?;
    begin(&mut loan)?;
    Ok(loan)
}

/// r2d2 gives one error for "all on loan" and "cannot connect"; an idle or full pool tells them apart.
fn lend(pool: &Pool<Manager>) -> Result<Loan, StoreError> {
    pool.get().map_err(|error| {
        if pool.state().connections >= pool.max_size() {
            StoreError::Busy
        } else {
            StoreError::database(error)
        }
    })
}

/// Puts what goes wrong in the background into the log.
#[derive(Debug)]
struct LogErrors;

impl diesel::r2d2::HandleError<ConnectError> for LogErrors {
    fn handle_error(&self, error: ConnectError) {
        tracing::warn!(%error, "no connection to the database");
    }
}
