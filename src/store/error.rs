//! What a query can come to when it does not give its value.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row, or none that the scope may see; the two are never told apart.
    #[error("not found")]
    NotFound,
    /// Another row holds this already: table and columns, `organisation.code`.
    #[error("duplicate {0}")]
    Duplicate(String),
    /// The row is no longer in the state or the version that the change was meant for.
    #[error("stale")]
    Stale,
    /// The database is occupied; the same call may succeed a moment later.
    #[error("the database is busy")]
    Busy,
    /// Nothing can be written until its disk has room again; nothing of the change was kept.
    #[error("the database's disk is full")]
    Full,
    /// The database failed, or a stored value is broken.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A fault of the database or of a stored value.
    pub fn database(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Database(source.into())
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => Self::Duplicate(what(&*info)),
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy,
            Error::DatabaseError(DatabaseErrorKind::Unknown, info) if is_contention(info.message()) => Self::Busy,
            Error::DatabaseError(DatabaseErrorKind::Unknown, info) if is_full(info.message()) => Self::Full,
            // Where a commit fails, SQLite may have undone the transaction by itself: then the rollback fails too.
            Error::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            other => Self::database(other),
        }
    }
}

/// Messages that say no more than "later"; diesel has no kind for them. PostgreSQL's are in English
/// because every connection asks for it.
fn is_contention(message: &str) -> bool {
    ["database is locked", "deadlock detected", "lock timeout"]
        .iter()
        .any(|known| message.contains(known))
}

/// SQLite's words, and the operating system's in PostgreSQL's (`could not extend file "…": No space left on device`).
fn is_full(message: &str) -> bool {
    ["database or disk is full", "No space left on device"]
        .iter()
        .any(|known| message.contains(known))
}

/// The columns that had to be unique, named alike on both databases: `table.first_second`.
///
/// PostgreSQL gives the table and the constraint `table_first_second_key`; SQLite only a sentence,
/// `UNIQUE constraint failed: table.first, table.second`.
fn what(info: &dyn DatabaseErrorInformation) -> String {
    if let (Some(table), Some(constraint)) = (info.table_name(), info.constraint_name()) {
        let name = constraint.strip_suffix("_key").unwrap_or(constraint);
        let columns = name.strip_prefix(table).unwrap_or(name).trim_start_matches('_');
        return format!("{table}.{columns}");
    }
    let (_, columns) = info.message().split_once(": ").unwrap_or(("", info.message()));
    let mut places = columns.split(", ").filter_map(|place| place.split_once('.'));
    match places.next() {
        Some((table, first)) => places.fold(format!("{table}.{first}"), |name, (_, column)| {
            format!("{name}_{column}")
        }),
        None => columns.to_owned(),
    }
}
