//! Who guesses at what: wrong tries, by what is guessed at and from where. In the database, so that several nodes
//! count together.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::sign_in::{guess, known_address};
use crate::domain::guess::{MEMORY, Tries};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// What is counted together. The subject is a hash; without an address it is those that are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What is guessed at.
    pub subject: String,
    /// From where.
    pub address: String,
}

/// What a counter stands at; nothing once all is forgotten.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut AnyConnection, counter: &Counter, now: DateTime<Utc>) -> Result<Tries, StoreError> {
    let found: Option<(i32, Option<NaiveDateTime>)> = guess::table
        .find((&counter.subject, &counter.address))
        .filter(guess::last_at.gt((now - MEMORY).naive_utc()))
        .select((guess::failures, guess::blocked_until))
        .first(conn)
        .optional()?;
    Ok(found.map_or_else(Tries::default, |(failures, blocked_until)| Tries {
        failures: u32::try_from(failures).unwrap_or(0),
        blocked_until: blocked_until.map(|until| until.and_utc()),
    }))
}

/// Keeps what a counter stands at.
///
/// # Errors
/// [`StoreError::Busy`] where another try is being counted at this moment.
pub fn put(conn: &mut AnyConnection, counter: &Counter, tries: Tries, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = guess::table.find((&counter.subject, &counter.address));
    if tries.failures == 0 {
        diesel::delete(row).execute(conn)?;
        return Ok(());
    }
    let stand = (
        guess::failures.eq(i32::try_from(tries.failures).unwrap_or(i32::MAX)),
        guess::last_at.eq(now.naive_utc()),
        guess::blocked_until.eq(tries.blocked_until.map(|until| until.naive_utc())),
    );
    if diesel::update(row).set(stand).execute(conn)? == 1 {
        return Ok(());
    }
    let key = (guess::subject.eq(&counter.subject), guess::address.eq(&counter.address));
    match diesel::insert_into(guess::table)
        .values((key, stand))
        .execute(conn)
        .map_err(StoreError::from)
    {
        Err(StoreError::Duplicate(_)) => Err(StoreError::Busy),
        other => other.map(|_| ()),
    }
}

/// Whether a user has signed in from an address.
///
/// # Errors
/// When the database fails.
pub fn is_known(conn: &mut AnyConnection, account_id: Uuid, address: &str) -> Result<bool, StoreError> {
    let row = known_address::table.find((account_id.to_string(), address));
    Ok(row.count().get_result::<i64>(conn)? > 0)
}

/// Keeps that a user has signed in from an address; of several only the newest `most`.
///
/// # Errors
/// [`StoreError::Busy`] where the user signs in twice at this moment.
pub fn know(
    conn: &mut AnyConnection,
    account_id: Uuid,
    address: &str,
    most: usize,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let id = account_id.to_string();
    let last_at = known_address::last_at.eq(now.naive_utc());
    let row = known_address::table.find((&id, address));
    if diesel::update(row).set(last_at).execute(conn)? == 1 {
        return Ok(());
    }
    let new = (
        known_address::account_id.eq(&id),
        known_address::address.eq(address),
        last_at,
    );
    match diesel::insert_into(known_address::table)
        .values(new)
        .execute(conn)
        .map_err(StoreError::from)
    {
        Err(StoreError::Duplicate(_)) => return Err(StoreError::Busy),
        other => other?,
    };
    let all: Vec<String> = known_address::table
        .filter(known_address::account_id.eq(&id))
        .order(known_address::last_at.desc())
        .select(known_address::address)
        .load(conn)?;
    for old in all.iter().skip(most) {
        diesel::delete(known_address::table.find((&id, old))).execute(conn)?;
    }
    Ok(())
}

/// Removes the counters of which all is forgotten, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn delete_forgotten(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let old = guess::table.filter(guess::last_at.le((now - MEMORY).naive_utc()));
    Ok(diesel::delete(old).execute(conn)?)
}

/// How many counters there are of which all is forgotten.
///
/// # Errors
/// When the database fails.
pub fn count_forgotten(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let old = guess::table.filter(guess::last_at.le((now - MEMORY).naive_utc()));
    Ok(old.count().get_result(conn)?)
}
