//! What joining leaves behind, removed when its time is over.

use super::{ActionError, Service};
use crate::store::{AnyConnection, StoreError, invitations, links, registrations};
use chrono::{DateTime, Utc};

/// How much there is to remove: links and invitations that have ended, rejected registrations that were kept
/// long enough.
///
/// # Errors
/// When the database fails.
pub fn over(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let ended = links::count_expired(conn, now)? + invitations::count_expired(conn, now)?;
    Ok(ended + registrations::count_kept(conn, now)?)
}

/// Removes it, and tells how much that was. A file goes with its registration.
///
/// # Errors
/// When the database fails.
pub fn forget(service: &Service) -> Result<i64, ActionError> {
    let now = service.clock.now();
    let gone = service.store.write(|conn| {
        let ended = links::delete_expired(conn, now)? + invitations::delete_expired(conn, now)?;
        Ok::<_, StoreError>(ended + registrations::delete_kept(conn, now)?)
    })?;
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}
