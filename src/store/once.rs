//! What a POST with an Idempotency-Key came to.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::once;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A key that a client gave to one POST, with the hash of what it posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnceKey {
    /// The user; another user's keys are another's.
    pub account_id: Uuid,
    /// The route, as the URL table has it.
    pub route: &'static str,
    /// The client's key.
    pub key: String,
    /// SHA-256 of the body.
    pub body_hash: String,
}

/// The hash of the body and the result that are kept for a key.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut AnyConnection, key: &OnceKey) -> Result<Option<(String, String)>, StoreError> {
    let kept = once::table.find((key.account_id.to_string(), key.route, &key.key));
    Ok(kept.select((once::body_hash, once::result)).first(conn).optional()?)
}

/// Keeps the result of a key, in the transaction that did what was asked.
///
/// # Errors
/// [`StoreError::Busy`] where the same key is being used at this moment: the next try finds its result.
pub fn keep(conn: &mut AnyConnection, key: &OnceKey, result: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = (
        once::account_id.eq(key.account_id.to_string()),
        once::route.eq(key.route),
        once::key.eq(&key.key),
        once::body_hash.eq(&key.body_hash),
        once::result.eq(result),
        once::created_at.eq(now.naive_utc()),
    );
    match diesel::insert_into(once::table)
        .values(row)
        .execute(conn)
        .map_err(StoreError::from)
    {
        Err(StoreError::Duplicate(_)) => Err(StoreError::Busy),
        other => other.map(|_| ()),
    }
}

/// Forgets what is older than `before`, and tells how many keys that were.
///
/// # Errors
/// When the database fails.
pub fn delete_before(conn: &mut AnyConnection, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(once::table.filter(once::created_at.lt(before.naive_utc()))).execute(conn)?)
}
