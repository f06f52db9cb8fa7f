//! Filling an empty database from a backup: marked while it is under way, so that nobody takes half of it for a whole.
//!
//! SQLite is filled beside its place and renamed, and needs no mark.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::migrate::{self, SchemaError};
use super::transaction::Store;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use std::path::Path;

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Whether a restore began here and did not end. No program opens such a database.
///
/// # Errors
/// When the database fails.
pub(super) fn is_under_way(conn: &mut AnyConnection) -> Result<bool, StoreError> {
    match conn {
        AnyConnection::Sqlite(_) => Ok(false),
        AnyConnection::Postgres(conn) => answer(conn, "SELECT to_regclass('restore_unfinished') IS NOT NULL AS answer"),
    }
}

fn answer(conn: &mut PgConnection, question: &str) -> Result<bool, StoreError> {
    let answer: Answer = diesel::sql_query(question).get_result(conn)?;
    Ok(answer.answer)
}

/// The schema that a PostgreSQL connection leads to, where nothing is in it but the mark of a restore.
///
/// # Errors
/// When the database fails, or no schema is set.
pub fn empty_namespace(conn: &mut AnyConnection) -> Result<Option<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Namespace {
        #[diesel(sql_type = Text)]
        namespace: String,
    }
    const NAMESPACE: &str = "SELECT current_schema()::text AS namespace";
    const IS_EMPTY: &str = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relname <> 'restore_unfinished' \
        AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())) AS answer";
    match conn {
        AnyConnection::Sqlite(_) => Ok(None),
        AnyConnection::Postgres(conn) => {
            let there: Namespace = diesel::sql_query(NAMESPACE).get_result(conn)?;
            Ok(answer(conn, IS_EMPTY)?.then_some(there.namespace))
        }
    }
}

impl Store {
    /// Marks an empty PostgreSQL database as one that is being filled; false where it is not empty.
    ///
    /// # Errors
    /// When the database fails, or no schema is set.
    pub fn begin_restore(&self) -> Result<bool, StoreError> {
        self.change_schema(|conn| {
            let is_empty = empty_namespace(conn)?.is_some();
            if let (true, AnyConnection::Postgres(conn)) = (is_empty, conn) {
                conn.batch_execute("CREATE TABLE IF NOT EXISTS restore_unfinished ()")?;
            }
            Ok(is_empty)
        })
    }

    /// Takes the mark off again, where nothing was filled in.
    ///
    /// # Errors
    /// When the database fails.
    pub fn abandon_restore(&self) -> Result<(), StoreError> {
        self.change_schema(unmark)
    }

    /// Ends a restore in one transaction: brings the schema up to date, does what else has to be done before anybody
    /// opens the database, and takes the mark off. Names the migrations that ran.
    ///
    /// # Errors
    /// The last step's, or when a newer program made the schema, or the database fails; the mark is left then.
    pub fn finish_restore(
        &self,
        last: impl FnOnce(&mut AnyConnection) -> Result<(), StoreError>,
    ) -> Result<Vec<String>, SchemaError> {
        self.change_schema(|conn| {
            let done = migrate::run_all(conn)?;
            last(conn)?;
            unmark(conn)?;
            Ok(done)
        })
    }
}

fn unmark(conn: &mut AnyConnection) -> Result<(), StoreError> {
    match conn {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(conn) => Ok(conn.batch_execute("DROP TABLE IF EXISTS restore_unfinished")?),
    }
}

/// Brings everything of a SQLite database that nobody writes to any more into its one file.
///
/// # Errors
/// [`StoreError::Busy`] where somebody still has it open in a transaction; else when the database fails.
pub fn fold(file: &Path) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Folded {
        #[diesel(sql_type = Integer)]
        busy: i32,
    }
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).map_err(StoreError::database)?;
    let folded: Folded = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut conn)?;
    if folded.busy == 0 {
        Ok(())
    } else {
        Err(StoreError::Busy)
    }
}
