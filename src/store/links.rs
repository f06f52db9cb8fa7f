//! Links that were mailed: single use, for a while, the newest of an address only. Here stand the hashes of
//! their tokens, so that a copy of the database opens nothing.

use super::columns::Parsed;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::link;
use crate::domain::codes::Code;
use crate::domain::email::Email;
use crate::domain::link::LinkPurpose;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A link that is made.
#[derive(Clone, Copy, Debug)]
pub struct NewLink<'a> {
    /// What for.
    pub purpose: LinkPurpose,
    /// Whose address it proves.
    pub email: &'a Email,
    /// The hash of its token.
    pub token_hash: &'a str,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// Keeps a link in the place of the one that the address had for the same purpose.
///
/// # Errors
/// [`StoreError::Busy`] where another one is being made for it at this moment.
pub fn put(conn: &mut AnyConnection, new: &NewLink<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let older = link::table
        .filter(link::purpose.eq(new.purpose.code()))
        .filter(link::email.eq(new.email.as_str()));
    diesel::delete(older).execute(conn)?;
    let row = (
        link::token_hash.eq(new.token_hash),
        link::purpose.eq(new.purpose.code()),
        link::email.eq(new.email.as_str()),
        link::created_at.eq(now.naive_utc()),
        link::expires_at.eq(new.expires_at.naive_utc()),
    );
    match diesel::insert_into(link::table)
        .values(row)
        .execute(conn)
        .map_err(StoreError::from)
    {
        Err(StoreError::Duplicate(_)) => Err(StoreError::Busy),
        other => other.map(|_| ()),
    }
}

/// Whether an address was given a link for this after `since`.
///
/// # Errors
/// When the database fails.
pub fn was_made_after(
    conn: &mut AnyConnection,
    purpose: LinkPurpose,
    email: &Email,
    since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let fresh = link::table
        .filter(link::purpose.eq(purpose.code()))
        .filter(link::email.eq(email.as_str()))
        .filter(link::created_at.gt(since.naive_utc()));
    Ok(fresh.count().get_result::<i64>(conn)? > 0)
}

/// The address that a link proves, while it is good.
///
/// # Errors
/// [`StoreError::NotFound`] where it was used, replaced, has ended or never was.
pub fn find(
    conn: &mut AnyConnection,
    purpose: LinkPurpose,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Email, StoreError> {
    let email: Parsed<Email> = link::table
        .find(token_hash)
        .filter(link::purpose.eq(purpose.code()))
        .filter(link::expires_at.gt(now.naive_utc()))
        .select(link::email)
        .first(conn)?;
    Ok(email.0)
}

/// Uses a link up, and gives the address that it proves.
///
/// # Errors
/// [`StoreError::NotFound`] where it was used, replaced, has ended or never was.
pub fn take(
    conn: &mut AnyConnection,
    purpose: LinkPurpose,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Email, StoreError> {
    let email = find(conn, purpose, token_hash, now)?;
    if diesel::delete(link::table.find(token_hash)).execute(conn)? == 1 {
        Ok(email)
    } else {
        Err(StoreError::NotFound)
    }
}

/// Removes the links that have ended, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn delete_expired(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(link::table.filter(link::expires_at.le(now.naive_utc()))).execute(conn)?)
}

/// How many links have ended and are still there.
///
/// # Errors
/// When the database fails.
pub fn count_expired(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let ended = link::table.filter(link::expires_at.le(now.naive_utc()));
    Ok(ended.count().get_result(conn)?)
}
