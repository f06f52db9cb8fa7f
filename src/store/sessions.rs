//! Page sessions. The browser holds a random token; here stands only its hash.

use super::accounts::{ACTOR, ActorRow, actor};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, organisation, session};
use crate::domain::actor::Actor;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A session that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// Whose it is.
    pub actor: Actor,
    /// When it ends, unless it is used again.
    pub expires_at: DateTime<Utc>,
}

impl LiveSession {
    /// Whether its end should move: only once a tenth of its time has gone, so that reading a page is
    /// rarely a write.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>, lifetime: TimeDelta) -> bool {
        self.expires_at - now < lifetime - lifetime / 10
    }
}

/// Opens a session.
///
/// # Errors
/// When the database fails.
pub fn insert(
    conn: &mut AnyConnection,
    token_hash: &str,
    account_id: Uuid,
    now: DateTime<Utc>,
    lifetime: TimeDelta,
) -> Result<(), StoreError> {
    diesel::insert_into(session::table)
        .values((
            session::token_hash.eq(token_hash),
            session::account_id.eq(account_id.to_string()),
            session::created_at.eq(now.naive_utc()),
            session::expires_at.eq((now + lifetime).naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The session with this token, if it has not ended and its user is active.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn find_live(conn: &mut AnyConnection, token_hash: &str, now: DateTime<Utc>) -> Result<LiveSession, StoreError> {
    let (row, expires_at): (ActorRow, NaiveDateTime) = session::table
        .inner_join(account::table.inner_join(organisation::table))
        .filter(session::token_hash.eq(token_hash))
        .filter(session::expires_at.gt(now.naive_utc()))
        .filter(account::active.eq(true))
        .select((ACTOR, session::expires_at))
        .first(conn)?;
    Ok(LiveSession {
        actor: actor(row),
        expires_at: expires_at.and_utc(),
    })
}

/// Moves the end of a session that is alive.
///
/// # Errors
/// [`StoreError::NotFound`] where it has ended meanwhile.
pub fn slide(
    conn: &mut AnyConnection,
    token_hash: &str,
    now: DateTime<Utc>,
    lifetime: TimeDelta,
) -> Result<(), StoreError> {
    let moved = diesel::update(session::table)
        .filter(session::token_hash.eq(token_hash))
        .filter(session::expires_at.gt(now.naive_utc()))
        .set(session::expires_at.eq((now + lifetime).naive_utc()))
        .execute(conn)?;
    if moved == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Ends a session; one that is gone already is no error.
///
/// # Errors
/// When the database fails.
pub fn delete(conn: &mut AnyConnection, token_hash: &str) -> Result<(), StoreError> {
    diesel::delete(session::table.find(token_hash)).execute(conn)?;
    Ok(())
}

/// Ends every session of a user, whose password or role has changed or who is shut out.
///
/// # Errors
/// When the database fails.
pub fn end_all(conn: &mut AnyConnection, account_id: Uuid) -> Result<(), StoreError> {
    diesel::delete(session::table.filter(session::account_id.eq(account_id.to_string()))).execute(conn)?;
    Ok(())
}

/// Removes the sessions that have ended, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn delete_expired(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let ended = session::table.filter(session::expires_at.le(now.naive_utc()));
    Ok(diesel::delete(ended).execute(conn)?)
}

/// How many sessions have ended and are still there.
///
/// # Errors
/// When the database fails.
pub fn count_expired(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let ended = session::table.filter(session::expires_at.le(now.naive_utc()));
    Ok(ended.count().get_result(conn)?)
}
