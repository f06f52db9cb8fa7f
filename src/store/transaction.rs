//! The two doors to the database: [`Store::read`] and [`Store::write`].
//!
//! Everything inside one call is one transaction. The calls block: async code wraps them in
//! `web::block`. A write's body may run more than once (PostgreSQL asks for it when two writes
//! collide), so it must do nothing but talk to the database.

use super::connection::{AnyConnection, Loan, PoolSettings, PoolUsage, Pools};
use super::error::StoreError;
use super::url::DatabaseUrl;
use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};
use diesel::result::QueryResult;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

/// How often a write is tried before the caller hears that the database is busy.
const TRIES: u32 = 10;
/// The pause before the second try; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// An error that ends a transaction.
pub trait Abort: From<StoreError> {
    /// Whether it is [`StoreError::Busy`], so that the transaction is worth another try.
    fn is_busy(&self) -> bool;
}

impl Abort for StoreError {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

/// Makes a file that only its owner reads, where there is none; SQLite gives what it puts beside the mode of it.
fn make_private(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A database, open. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    url: DatabaseUrl,
    pools: Pools,
}

impl Store {
    /// Connects; for SQLite makes the file, and its folder, where there is none, for their owner alone.
    ///
    /// # Errors
    /// When no connection can be made.
    pub fn open(url: &DatabaseUrl, settings: &PoolSettings) -> Result<Self, StoreError> {
        if let Some(file) = url.file() {
            make_private(file).map_err(StoreError::database)?;
        }
        Ok(Self {
            url: url.clone(),
            pools: Pools::open(url, settings)?,
        })
    }

    /// Where it is.
    #[must_use]
    pub const fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// How its connections are used.
    #[must_use]
    pub fn usage(&self) -> Vec<PoolUsage> {
        self.pools.usage(&self.url)
    }

    /// Runs queries that see one state of the database and change nothing.
    ///
    /// # Errors
    /// The body's, or the store's where the transaction cannot be begun or ended.
    pub fn read<T, E: Abort>(&self, body: impl FnOnce(&mut AnyConnection) -> Result<T, E>) -> Result<T, E> {
        end(&mut self.pools.reader(begin_read)?, body)
    }

    /// Runs queries of which all or none take effect.
    ///
    /// # Errors
    /// The body's, with nothing changed; or the store's where the transaction cannot be begun or
    /// ended. [`StoreError::Busy`] after several tries that collided with other writes.
    pub fn write<T, E: Abort>(&self, mut body: impl FnMut(&mut AnyConnection) -> Result<T, E>) -> Result<T, E> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            let mut loan = self.pools.writer(begin_write)?;
            match end(&mut loan, &mut body) {
                // SQLite has one writer: what is busy there is another process, and was waited for.
                Err(error) if error.is_busy() && matches!(*loan, AnyConnection::Postgres(_)) => {}
                done => return done,
            }
            drop(loan);
            std::thread::sleep(pause);
            pause *= 2;
        }
        end(&mut self.pools.writer(begin_write)?, body)
    }

    /// A write for [`super::migrate`] alone: on PostgreSQL each statement sees what was committed
    /// before it, so that what is read after waiting for a lock is not older than the lock.
    pub(super) fn change_schema<T, E: Abort>(
        &self,
        body: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        end(&mut self.pools.writer(begin_schema_change)?, body)
    }
}

fn begin_read(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN DEFERRED"),
        AnyConnection::Postgres(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    }
}

fn begin_write(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        AnyConnection::Postgres(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL SERIALIZABLE")
        }
    }
}

fn begin_schema_change(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(_) => begin_write(conn),
        AnyConnection::Postgres(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL READ COMMITTED")
        }
    }
}

/// Runs the body of a begun transaction and ends it. A panic in the body unwinds past the commit; the
/// pool then drops the connection, and with it the transaction.
fn end<T, E: Abort>(loan: &mut Loan, body: impl FnOnce(&mut AnyConnection) -> Result<T, E>) -> Result<T, E> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    let conn: &mut AnyConnection = loan;
    match body(conn) {
        Ok(value) => {
            Manager::commit_transaction(conn).map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            // The body's error is the one to tell; a connection that cannot roll back is broken and
            // the pool drops it.
            if let Err(rollback) = Manager::rollback_transaction(conn) {
                tracing::warn!(%rollback, "rollback failed");
            }
            Err(error)
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("url", &self.url).finish_non_exhaustive()
    }
}
