//! Brings the schema up to what this program knows.
//!
//! Each migration and its line in diesel's table are one transaction, so one that is killed half way
//! has not happened and runs again. Programs that start together take turns: on SQLite by the write
//! lock, on PostgreSQL by an advisory lock that a killed program cannot keep. A schema that a newer
//! program made is refused. Deliberately absent: going back, which `down.sql` is there for by hand.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::restoring;
use super::transaction::{Abort, Store};
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

static SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
static POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Taken for the length of one migration's transaction; one schema of a database does not wait for another.
const POSTGRES_LOCK: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('rongqiao migrate ' || current_schema(), 0))";

/// Why the schema is not the one that this program needs.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A newer program made it.
    #[error("the database has migration {0}, which this program does not know: start the newer program")]
    Newer(String),
    /// It lacks migrations.
    #[error("the database lacks {0} migrations: run `rongqiao migrate`")]
    Behind(usize),
    /// It is half restored.
    #[error("a restore into this database did not finish: empty it and restore again")]
    HalfRestored,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Abort for SchemaError {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_busy())
    }
}

impl Store {
    /// Runs the migrations that the database lacks and names them.
    ///
    /// # Errors
    /// When a newer program made the schema, a restore left it half done, or the database fails.
    pub fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        let mut done = Vec::new();
        while let Some(name) = self.change_schema(run_next)? {
            tracing::info!(migration = name, "migrated");
            done.push(name);
        }
        Ok(done)
    }

    /// Whether the schema is exactly the one that this program knows.
    ///
    /// # Errors
    /// When it is older, newer or half restored, or the database fails.
    pub fn check_schema(&self) -> Result<(), SchemaError> {
        // diesel makes its own table where there is none: the error undoes that.
        self.change_schema(|conn| match pending(conn)? {
            0 => Ok(()),
            lacking => Err(SchemaError::Behind(lacking)),
        })
    }
}

/// Whether this program has a migration of this version.
///
/// # Errors
/// When the program's own migrations do not read.
pub fn is_known(version: &str) -> Result<bool, StoreError> {
    let known: Migrations<Sqlite> = SQLITE.migrations().map_err(StoreError::database)?;
    Ok(known
        .iter()
        .any(|migration| migration.name().version() == MigrationVersion::from(version)))
}

fn run_next(conn: &mut AnyConnection) -> Result<Option<String>, SchemaError> {
    wait_for_turn(conn)?;
    refuse_half_restored(conn)?;
    next_of_both(conn)
}

/// Runs every migration that is lacking in the one transaction of the caller, and names them.
pub(super) fn run_all(conn: &mut AnyConnection) -> Result<Vec<String>, SchemaError> {
    wait_for_turn(conn)?;
    let mut done = Vec::new();
    while let Some(name) = next_of_both(conn)? {
        done.push(name);
    }
    Ok(done)
}

fn wait_for_turn(conn: &mut AnyConnection) -> Result<(), StoreError> {
    match conn {
        // The transaction has the write lock already.
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(conn) => Ok(conn.batch_execute(POSTGRES_LOCK)?),
    }
}

fn refuse_half_restored(conn: &mut AnyConnection) -> Result<(), SchemaError> {
    if restoring::is_under_way(conn)? {
        Err(SchemaError::HalfRestored)
    } else {
        Ok(())
    }
}

fn next_of_both(conn: &mut AnyConnection) -> Result<Option<String>, SchemaError> {
    match conn {
        AnyConnection::Sqlite(conn) => next(conn, &SQLITE),
        AnyConnection::Postgres(conn) => next(conn, &POSTGRES),
    }
}

fn pending(conn: &mut AnyConnection) -> Result<usize, SchemaError> {
    refuse_half_restored(conn)?;
    match conn {
        AnyConnection::Sqlite(conn) => Ok(lacking(conn, &SQLITE)?.len()),
        AnyConnection::Postgres(conn) => Ok(lacking(conn, &POSTGRES)?.len()),
    }
}

type Migrations<DB> = Vec<Box<dyn Migration<DB>>>;

fn lacking<DB, C>(conn: &mut C, known: &EmbeddedMigrations) -> Result<Migrations<DB>, SchemaError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut applied = conn.applied_migrations().map_err(StoreError::database)?;
    let mut migrations: Migrations<DB> = known.migrations().map_err(StoreError::database)?;
    migrations.sort_unstable_by_key(|migration| migration.name().version().as_owned());
    let unknown = |version: &MigrationVersion| migrations.iter().all(|known| known.name().version() != *version);
    // diesel gives the newest first: the newest unknown one is the one to name.
    if let Some(place) = applied.iter().position(unknown) {
        return Err(SchemaError::Newer(applied.swap_remove(place).to_string()));
    }
    migrations.retain(|migration| !applied.contains(&migration.name().version()));
    Ok(migrations)
}

fn next<DB, C>(conn: &mut C, known: &EmbeddedMigrations) -> Result<Option<String>, SchemaError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let Some(migration) = lacking(conn, known)?.into_iter().next() else {
        return Ok(None);
    };
    conn.run_migration(&*migration).map_err(StoreError::database)?;
    Ok(Some(migration.name().to_string()))
}
