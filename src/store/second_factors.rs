//! Second factors: sealed secrets, and hashes of recovery codes.

use super::columns::Parsed;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::sign_in::{recovery_code, second_factor};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::HashSet;
use std::fmt;
use uuid::Uuid;

/// A secret as it is kept. Not to be logged: it prints without the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What it is sealed with.
    pub algorithm: String,
    /// The sealed secret.
    pub text: String,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A user's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFactor {
    /// Its secret.
    pub sealed: Sealed,
    /// Since when it guards; none while it is being set up.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// A user's second factor, if there is one.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut AnyConnection, account_id: Uuid) -> Result<Option<StoredFactor>, StoreError> {
    let found: Option<(String, String, Option<NaiveDateTime>)> = second_factor::table
        .find(account_id.to_string())
        .select((
            second_factor::algorithm,
            second_factor::sealed,
            second_factor::confirmed_at,
        ))
        .first(conn)
        .optional()?;
    Ok(found.map(|(algorithm, text, confirmed_at)| StoredFactor {
        sealed: Sealed { algorithm, text },
        confirmed_at: confirmed_at.map(|at| at.and_utc()),
    }))
}

/// Whether a user has a second factor that guards.
///
/// # Errors
/// When the database fails.
pub fn is_confirmed(conn: &mut AnyConnection, account_id: Uuid) -> Result<bool, StoreError> {
    let guards = second_factor::table
        .find(account_id.to_string())
        .filter(second_factor::confirmed_at.is_not_null());
    Ok(guards.count().get_result::<i64>(conn)? > 0)
}

/// Those of some users who have a second factor that guards.
///
/// # Errors
/// When the database fails.
pub(super) fn confirmed_among(conn: &mut AnyConnection, ids: &[String]) -> Result<HashSet<Uuid>, StoreError> {
    let found: Vec<Parsed<Uuid>> = second_factor::table
        .filter(second_factor::account_id.eq_any(ids))
        .filter(second_factor::confirmed_at.is_not_null())
        .select(second_factor::account_id)
        .load(conn)?;
    Ok(found.into_iter().map(|id| id.0).collect())
}

/// Keeps a secret that is being set up, in the place of one that was.
///
/// # Errors
/// [`StoreError::Stale`] where the user has one that guards.
pub fn begin(
    conn: &mut AnyConnection,
    account_id: Uuid,
    sealed: &Sealed,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let id = account_id.to_string();
    let unconfirmed = second_factor::table
        .find(&id)
        .filter(second_factor::confirmed_at.is_null());
    diesel::delete(unconfirmed).execute(conn)?;
    let row = (
        second_factor::account_id.eq(&id),
        second_factor::algorithm.eq(&sealed.algorithm),
        second_factor::sealed.eq(&sealed.text),
        second_factor::begun_at.eq(now.naive_utc()),
    );
    match diesel::insert_into(second_factor::table)
        .values(row)
        .execute(conn)
        .map_err(StoreError::from)
    {
        Err(StoreError::Duplicate(_)) => Err(StoreError::Stale),
        other => other.map(|_| ()),
    }
}

/// Makes a secret guard from now on, by the code of a step.
///
/// # Errors
/// [`StoreError::Stale`] where it is not the one that is being set up any more.
pub fn confirm(
    conn: &mut AnyConnection,
    account_id: Uuid,
    sealed: &Sealed,
    step: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = second_factor::table
        .find(account_id.to_string())
        .filter(second_factor::sealed.eq(&sealed.text))
        .filter(second_factor::confirmed_at.is_null());
    let confirmed = diesel::update(row)
        .set((
            second_factor::confirmed_at.eq(now.naive_utc()),
            second_factor::last_step.eq(step),
        ))
        .execute(conn)?;
    if confirmed == 0 { Err(StoreError::Stale) } else { Ok(()) }
}

/// Uses the code of a step up: whether no code of it or a later one was used before.
///
/// # Errors
/// When the database fails.
pub fn use_step(conn: &mut AnyConnection, account_id: Uuid, step: i64) -> Result<bool, StoreError> {
    let row = second_factor::table
        .find(account_id.to_string())
        .filter(second_factor::confirmed_at.is_not_null())
        .filter(second_factor::last_step.lt(step));
    Ok(diesel::update(row)
        .set(second_factor::last_step.eq(step))
        .execute(conn)?
        == 1)
}

/// Removes a user's second factor and its recovery codes, and tells whether there was one that guarded.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut AnyConnection, account_id: Uuid) -> Result<bool, StoreError> {
    let guarded = is_confirmed(conn, account_id)?;
    diesel::delete(second_factor::table.find(account_id.to_string())).execute(conn)?;
    put_recovery_codes(conn, account_id, &[])?;
    Ok(guarded)
}

/// Keeps the hashes of recovery codes in the place of those that were.
///
/// # Errors
/// When the database fails.
pub fn put_recovery_codes(conn: &mut AnyConnection, account_id: Uuid, hashes: &[String]) -> Result<(), StoreError> {
    let id = account_id.to_string();
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(&id))).execute(conn)?;
    for hash in hashes {
        diesel::insert_into(recovery_code::table)
            .values((recovery_code::account_id.eq(&id), recovery_code::code_hash.eq(hash)))
            .execute(conn)?;
    }
    Ok(())
}

/// Uses a recovery code up: whether there was one with this hash that was not used before.
///
/// # Errors
/// When the database fails.
pub fn use_recovery_code(
    conn: &mut AnyConnection,
    account_id: Uuid,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let unused = recovery_code::table
        .find((account_id.to_string(), hash))
        .filter(recovery_code::used_at.is_null());
    let used = diesel::update(unused).set(recovery_code::used_at.eq(now.naive_utc()));
    Ok(used.execute(conn)? == 1)
}

/// How many recovery codes a user has left.
///
/// # Errors
/// When the database fails.
pub fn count_recovery_codes(conn: &mut AnyConnection, account_id: Uuid) -> Result<i64, StoreError> {
    let unused = recovery_code::table
        .filter(recovery_code::account_id.eq(account_id.to_string()))
        .filter(recovery_code::used_at.is_null());
    Ok(unused.count().get_result(conn)?)
}
