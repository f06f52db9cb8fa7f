//! What a backup is made of: a copy of the database as it stands at one instant, while others go on writing, and what
//! is in it.

use super::connection::AnyConnection;
use super::error::StoreError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use std::collections::BTreeMap;
use std::path::Path;

/// What a database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The version of its last migration.
    pub schema: String,
    /// How many rows each table has.
    pub rows: BTreeMap<String, i64>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Nullable<Text>)]
    version: Option<String>,
}

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

const SQLITE_TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' \
    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'";
const POSTGRES_TABLES: &str = "SELECT relname::text AS name FROM pg_class WHERE relkind = 'r' \
    AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) \
    AND relname NOT LIKE '\\_\\_%' AND relname <> 'restore_unfinished'";
const LAST_MIGRATION: &str = "SELECT max(version) AS version FROM __diesel_schema_migrations";

/// Counts what is there, in whatever version the schema is.
///
/// # Errors
/// [`StoreError::NotFound`] where no migration ever ran; else when the database fails.
pub fn contents(conn: &mut AnyConnection) -> Result<Contents, StoreError> {
    let (version, tables): (Version, Vec<Named>) = match conn {
        AnyConnection::Sqlite(conn) => (
            diesel::sql_query(LAST_MIGRATION).get_result(conn)?,
            diesel::sql_query(SQLITE_TABLES).load(conn)?,
        ),
        AnyConnection::Postgres(conn) => (
            diesel::sql_query(LAST_MIGRATION).get_result(conn)?,
            diesel::sql_query(POSTGRES_TABLES).load(conn)?,
        ),
    };
    let mut rows = BTreeMap::new();
    for Named { name } in tables {
        let count = diesel::sql_query(format!("SELECT count(*) AS rows FROM \"{name}\""));
        let counted: Rows = match conn {
            AnyConnection::Sqlite(conn) => count.get_result(conn)?,
            AnyConnection::Postgres(conn) => count.get_result(conn)?,
        };
        rows.insert(name, counted.rows);
    }
    Ok(Contents {
        schema: version.version.ok_or(StoreError::NotFound)?,
        rows,
    })
}

/// Copies a SQLite database into a file that is not there or empty, and has a look at the copy.
///
/// # Errors
/// The look's, or when the database can't be copied.
pub fn of_sqlite<T, E: From<StoreError>>(
    from: &Path,
    to: &Path,
    look: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    vacuum(from, to)?;
    let copy = SqliteConnection::establish(&to.to_string_lossy()).map_err(StoreError::database)?;
    look(&mut AnyConnection::Sqlite(copy))
}

/// Reads in one transaction, so that it is of one instant; in WAL mode no writer waits for it.
fn vacuum(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut conn = SqliteConnection::establish(&from.to_string_lossy()).map_err(StoreError::database)?;
    conn.batch_execute("PRAGMA busy_timeout = 5000")?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(to.to_string_lossy())
        .execute(&mut conn)?;
    Ok(())
}

/// What a PostgreSQL transaction sees, by the names under which `pg_dump` sees the same while it lasts.
#[derive(QueryableByName, Clone, Debug)]
pub struct Seen {
    /// The snapshot.
    #[diesel(sql_type = Text)]
    pub snapshot: String,
    /// The schema that the tables are in.
    #[diesel(sql_type = Text)]
    pub namespace: String,
}

/// Names what this transaction sees; none on SQLite.
///
/// # Errors
/// When the database fails, or no schema is set.
pub fn seen(conn: &mut AnyConnection) -> Result<Option<Seen>, StoreError> {
    const SEEN: &str = "SELECT pg_export_snapshot() AS snapshot, current_schema()::text AS namespace";
    match conn {
        AnyConnection::Sqlite(_) => Ok(None),
        AnyConnection::Postgres(conn) => Ok(Some(diesel::sql_query(SEEN).get_result(conn)?)),
    }
}
