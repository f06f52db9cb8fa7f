//! Sessions of users, of pages and of the API. Browser and program hold random tokens; here stand their hashes.
//!
//! A session is alive until it expires, is deleted, or its user's stamp moves on ([`end_everything`]). What has ended
//! is gone: the audit log tells of it.

use super::accounts::{ACTOR, ActorRow, actor};
use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, organisation, session, session_token};
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::codes::Code;
use crate::domain::session::{Session, SessionKind};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// A session to be begun.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// Through which door.
    pub kind: SessionKind,
    /// Whose it is.
    pub account_id: Uuid,
    /// The user's stamp when the user was recognised: has it moved on since, the session is never alive.
    pub stamp: i64,
    /// The hash of its first token.
    pub token_hash: &'a str,
    /// The address that it is begun from.
    pub address: Option<&'a str>,
    /// What the browser or program calls itself.
    pub browser: Option<&'a str>,
    /// How long it lives, unless it is moved on.
    pub lifetime: TimeDelta,
}

/// A session that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub actor: Actor,
    /// The user's stamp.
    pub stamp: i64,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends, unless it is moved on.
    pub expires_at: DateTime<Utc>,
}

impl LiveSession {
    /// Where its end moves to when it is used: `idle` from now, but not beyond `most` from its beginning. Only once a
    /// tenth of its time has gone, so that reading a page is rarely a write.
    #[must_use]
    pub fn moves_to(&self, now: DateTime<Utc>, idle: TimeDelta, most: TimeDelta) -> Option<DateTime<Utc>> {
        let end = (now + idle).min(self.created_at + most);
        (end - self.expires_at > idle / 10).then_some(end)
    }
}

/// The sessions that are alive, each with its user.
#[auto_type(no_type_alias)]
fn alive(now: NaiveDateTime) -> _ {
    let is_active: diesel::dsl::Eq<account::active, bool> = account::active.eq(true);
    session::expires_at
        .gt(now)
        .and(is_active)
        .and(account::stamp.eq(session::stamp))
}

/// Begins a session: its id.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut AnyConnection, new: &NewSession<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let (id, now) = (clock.new_id(), clock.now());
    diesel::insert_into(session::table)
        .values((
            session::id.eq(id.to_string()),
            session::kind.eq(new.kind.code()),
            session::account_id.eq(new.account_id.to_string()),
            session::stamp.eq(new.stamp),
            session::created_at.eq(now.naive_utc()),
            session::last_used_at.eq(now.naive_utc()),
            session::expires_at.eq((now + new.lifetime).naive_utc()),
            session::address.eq(new.address),
            session::browser.eq(new.browser),
        ))
        .execute(conn)?;
    insert_token(conn, id, new.token_hash, now)?;
    Ok(id)
}

fn insert_token(
    conn: &mut AnyConnection,
    session_id: Uuid,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(session_token::table)
        .values((
            session_token::token_hash.eq(token_hash),
            session_token::session_id.eq(session_id.to_string()),
            session_token::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The session through this door that a token was made for, if it is alive, and whether the token was used up.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_token(
    conn: &mut AnyConnection,
    kind: SessionKind,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<(LiveSession, bool), StoreError> {
    type Row = (
        Parsed<Uuid>,
        ActorRow,
        i64,
        (NaiveDateTime, NaiveDateTime),
        Option<NaiveDateTime>,
    );
    let (id, row, stamp, (created_at, expires_at), used_at): Row = session_token::table
        .inner_join(session::table.inner_join(account::table.inner_join(organisation::table)))
        .filter(session_token::token_hash.eq(token_hash))
        .filter(session::kind.eq(kind.code()))
        .filter(alive(now.naive_utc()))
        .select((
            session::id,
            ACTOR,
            session::stamp,
            (session::created_at, session::expires_at),
            session_token::used_at,
        ))
        .first(conn)?;
    let live = LiveSession {
        id: id.0,
        actor: actor(row),
        stamp,
        created_at: created_at.and_utc(),
        expires_at: expires_at.and_utc(),
    };
    Ok((live, used_at.is_some()))
}

/// The user of a session of the API, if it is alive and the user's stamp is still this one.
///
/// # Errors
/// [`StoreError::NotFound`] where that is not so.
pub fn user_of(
    conn: &mut AnyConnection,
    id: Uuid,
    account_id: Uuid,
    stamp: i64,
    now: DateTime<Utc>,
) -> Result<Actor, StoreError> {
    let row: ActorRow = session::table
        .inner_join(account::table.inner_join(organisation::table))
        .filter(session::id.eq(id.to_string()))
        .filter(session::kind.eq(SessionKind::Api.code()))
        .filter(session::account_id.eq(account_id.to_string()))
        .filter(session::stamp.eq(stamp))
        .filter(alive(now.naive_utc()))
        .select(ACTOR)
        .first(conn)?;
    Ok(actor(row))
}

/// Moves the end of a session that is alive.
///
/// # Errors
/// [`StoreError::NotFound`] where it has ended meanwhile.
pub fn slide(conn: &mut AnyConnection, id: Uuid, now: DateTime<Utc>, end: DateTime<Utc>) -> Result<(), StoreError> {
    let moved = diesel::update(session::table.find(id.to_string()))
        .filter(session::expires_at.gt(now.naive_utc()))
        .set((
            session::last_used_at.eq(now.naive_utc()),
            session::expires_at.eq(end.naive_utc()),
        ))
        .execute(conn)?;
    if moved == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Uses a token up and puts the next one of its session in its place.
///
/// # Errors
/// [`StoreError::Stale`] where it was used up meanwhile.
pub fn replace_token(
    conn: &mut AnyConnection,
    session_id: Uuid,
    used_hash: &str,
    next_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let used = diesel::update(session_token::table.find(used_hash))
        .filter(session_token::session_id.eq(session_id.to_string()))
        .filter(session_token::used_at.is_null())
        .set(session_token::used_at.eq(now.naive_utc()))
        .execute(conn)?;
    if used == 0 {
        return Err(StoreError::Stale);
    }
    insert_token(conn, session_id, next_hash, now)?;
    diesel::update(session::table.find(session_id.to_string()))
        .set(session::last_used_at.eq(now.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// The sessions of a user that are alive, the one used last first.
///
/// # Errors
/// When the database fails.
pub fn of_user(conn: &mut AnyConnection, account_id: Uuid, now: DateTime<Utc>) -> Result<Vec<Session>, StoreError> {
    type Times = (NaiveDateTime, NaiveDateTime);
    type Row = (Parsed<Uuid>, Coded<SessionKind>, Times, Option<String>, Option<String>);
    let rows: Vec<Row> = session::table
        .inner_join(account::table)
        .filter(session::account_id.eq(account_id.to_string()))
        .filter(alive(now.naive_utc()))
        .order((session::last_used_at.desc(), session::id))
        .select((
            session::id,
            session::kind,
            (session::created_at, session::last_used_at),
            session::address,
            session::browser,
        ))
        .load(conn)?;
    let read = |(id, kind, (created_at, last_used_at), address, browser): Row| Session {
        id: id.0,
        kind: kind.0,
        created_at: created_at.and_utc(),
        last_used_at: last_used_at.and_utc(),
        address,
        browser,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Ends a session of a user, with every token of it.
///
/// # Errors
/// [`StoreError::NotFound`] where the user has none with this id.
pub fn end(conn: &mut AnyConnection, account_id: Uuid, id: Uuid) -> Result<(), StoreError> {
    let own = session::table
        .find(id.to_string())
        .filter(session::account_id.eq(account_id.to_string()));
    let ended = diesel::delete(own).execute(conn)?;
    if ended == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Ends the page session that a browser's token opens, whosever it is; none is no error.
///
/// # Errors
/// When the database fails.
pub fn end_by_token(conn: &mut AnyConnection, token_hash: &str) -> Result<(), StoreError> {
    let held = session_token::table
        .filter(session_token::token_hash.eq(token_hash))
        .select(session_token::session_id);
    let page = session::table
        .filter(session::kind.eq(SessionKind::Page.code()))
        .filter(session::id.eq_any(held));
    diesel::delete(page).execute(conn)?;
    Ok(())
}

/// Ends every session of a user but one, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn end_others(conn: &mut AnyConnection, account_id: Uuid, kept: Uuid) -> Result<usize, StoreError> {
    let others = session::table
        .filter(session::account_id.eq(account_id.to_string()))
        .filter(session::id.ne(kept.to_string()));
    Ok(diesel::delete(others).execute(conn)?)
}

/// Ends everything that a user has begun anywhere, because password or role have changed or the user is shut out:
/// sessions, refresh tokens, access tokens, and a signing-in that is under way. Gives the user's new stamp.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn end_everything(conn: &mut AnyConnection, account_id: Uuid) -> Result<i64, StoreError> {
    let user = account::table.find(account_id.to_string());
    let moved = diesel::update(user.clone())
        .set(account::stamp.eq(account::stamp + 1))
        .execute(conn)?;
    if moved == 0 {
        return Err(StoreError::NotFound);
    }
    diesel::delete(session::table.filter(session::account_id.eq(account_id.to_string()))).execute(conn)?;
    Ok(user.select(account::stamp).first(conn)?)
}

/// Removes at most `limit` sessions that have ended, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn delete_ended(conn: &mut AnyConnection, now: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let ended: Vec<String> = over(now.naive_utc()).limit(limit).select(session::id).load(conn)?;
    Ok(diesel::delete(session::table.filter(session::id.eq_any(ended))).execute(conn)?)
}

/// How many sessions have ended and are still there.
///
/// # Errors
/// When the database fails.
pub fn count_ended(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    Ok(over(now.naive_utc()).count().get_result(conn)?)
}

/// Those that have expired, or were begun while their user's stamp moved on.
#[auto_type(no_type_alias)]
fn over(now: NaiveDateTime) -> _ {
    session::table
        .inner_join(account::table)
        .filter(session::expires_at.le(now).or(account::stamp.ne(session::stamp)))
}
