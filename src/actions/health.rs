//! Whether the service can do its work, and whether what it holds is sound.

use super::{ActionError, Service};
use crate::store::{SchemaError, StoreError, condition, invariants, products};

/// Why the service can't do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// It is being ended.
    Stopping,
    /// The database does not answer.
    Unreadable,
    /// The database takes no writes.
    Unwritable,
    /// The database lacks migrations that this program knows.
    MigrationsMissing,
    /// Its disk has less room than `limits.free_disk_mib`.
    DiskLow,
}

impl NotReady {
    /// How it is called; never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Unreadable => "database_unreadable",
            Self::Unwritable => "database_unwritable",
            Self::MigrationsMissing => "migrations_missing",
            Self::DiskLow => "disk_low",
        }
    }
}

/// All that keeps the service from its work; nothing where it is ready. Causes go to the log.
///
/// What another one writes just now is waited for and no reason; neither is a schema that a newer program made: a node
/// that already runs goes on with it.
#[must_use]
pub fn check(service: &Service) -> Vec<NotReady> {
    let store = &service.store;
    let mut reasons = Vec::new();
    let mut note = |reason: NotReady, cause: &(dyn std::error::Error + 'static)| {
        tracing::warn!(cause, reason = reason.code(), "not ready");
        reasons.push(reason);
    };
    if let Err(cause) = store.read(products::catalogue_version) {
        note(NotReady::Unreadable, &cause);
        return reasons;
    }
    match store.check_schema() {
        Err(cause @ (SchemaError::Behind(_) | SchemaError::HalfRestored)) => note(NotReady::MigrationsMissing, &cause),
        // It goes through the door for writes, which is tried next.
        Ok(()) | Err(SchemaError::Newer(_) | SchemaError::Store(_)) => {}
    }
    match store.write(condition::write_nothing) {
        Ok(()) | Err(StoreError::Busy) => {}
        Err(cause) => note(NotReady::Unwritable, &cause),
    }
    let floor = service.settings.limits.free_disk_mib * 1024 * 1024;
    match store.free_bytes() {
        Ok(Some(free)) if free < floor => {
            tracing::warn!(free, "not ready: the disk has little room");
            reasons.push(NotReady::DiskLow);
        }
        Ok(_) => {}
        // It answers, so the disk is there: what the system does not tell is no reason.
        Err(error) => tracing::warn!(%error, "the room on the disk is not known"),
    }
    reasons
}

/// Rows that break an invariant. The job that finds them fails, and by that is seen wherever jobs are.
#[derive(Debug, thiserror::Error)]
#[error("rows that break an invariant: {0}")]
struct Broken(String);

/// Holds the rows against the invariants, which is one thing done.
///
/// # Errors
/// [`ActionError::Internal`] with what is broken, or when the database fails.
pub fn check_invariants(service: &Service) -> Result<i64, ActionError> {
    let all = service.store.read(invariants::check)?;
    let broken: Vec<String> = all
        .iter()
        .filter(|invariant| invariant.broken > 0)
        .map(|invariant| format!("{} ({})", invariant.name, invariant.broken))
        .collect();
    if broken.is_empty() {
        Ok(1)
    } else {
        Err(ActionError::internal(Broken(broken.join("; "))))
    }
}
