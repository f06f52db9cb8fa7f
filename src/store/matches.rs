//! The results of matching a request, each with the inputs that it saw.

use super::columns::{Civil, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::requests::visible;
use super::schema::{enterprise, request, request_match};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::request::RequestState;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// One run of the match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMatch {
    /// Its id.
    pub id: Uuid,
    /// Which run of its request it is, from 1.
    pub run: i32,
    /// When it ran.
    pub run_at: DateTime<Utc>,
    /// The day it was for.
    pub as_of: Day,
    /// What it saw, as JSON: enterprise with facts, need, LPR, products' codes and versions.
    pub inputs: String,
    /// What it came to, as JSON.
    pub result: String,
}

/// A run of the match, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMatch {
    /// The day it is for.
    pub as_of: Day,
    /// What it saw, as JSON.
    pub inputs: String,
    /// What it came to, as JSON.
    pub result: String,
    /// How many products fit.
    pub eligible: usize,
    /// The version of the enterprise's profile that it saw.
    pub profile_version: i32,
}

/// Keeps a result as the request's newest.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut AnyConnection, request_id: Uuid, new: &NewMatch, clock: &dyn Clock) -> Result<(), StoreError> {
    let last: Option<i32> = request_match::table
        .filter(request_match::request_id.eq(request_id.to_string()))
        .select(diesel::dsl::max(request_match::run))
        .first(conn)?;
    diesel::insert_into(request_match::table)
        .values((
            request_match::id.eq(clock.new_id().to_string()),
            request_match::request_id.eq(request_id.to_string()),
            request_match::run.eq(last.unwrap_or(0) + 1),
            request_match::run_at.eq(clock.now().naive_utc()),
            request_match::as_of.eq(new.as_of.naive()),
            request_match::inputs.eq(&new.inputs),
            request_match::result.eq(&new.result),
            request_match::eligible.eq(i32::try_from(new.eligible).map_err(StoreError::database)?),
        ))
        .execute(conn)?;
    saw(conn, request_id, new.profile_version)
}

/// Notes which version of its enterprise's profile a request was matched with last.
fn saw(conn: &mut AnyConnection, request_id: Uuid, profile_version: i32) -> Result<(), StoreError> {
    diesel::update(request::table.find(request_id.to_string()))
        .set(request::profile_version.eq(profile_version))
        .execute(conn)?;
    Ok(())
}

/// The newest result of a request that the scope may see.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn newest(conn: &mut AnyConnection, scope: &Scope, request_id: Uuid) -> Result<StoredMatch, StoreError> {
    type Row = (Parsed<Uuid>, i32, NaiveDateTime, Civil, String, String);
    let (id, run, run_at, as_of, inputs, result): Row = request_match::table
        .inner_join(request::table.inner_join(enterprise::table))
        .filter(request_match::request_id.eq(request_id.to_string()))
        .filter(visible(scope.organisation(), scope.district()))
        .order(request_match::run.desc())
        .select((
            request_match::id,
            request_match::run,
            request_match::run_at,
            request_match::as_of,
            request_match::inputs,
            request_match::result,
        ))
        .first(conn)?;
    Ok(StoredMatch {
        id: id.0,
        run,
        run_at: run_at.and_utc(),
        as_of: as_of.0,
        inputs,
        result,
    })
}

/// How many open requests have been matched before what is known of their enterprise last changed.
///
/// # Errors
/// When the database fails.
pub fn count_outdated(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    // More than a turn handles need not be counted.
    Ok(i64::try_from(outdated(conn, 1)?.len()).unwrap_or(i64::MAX))
}

/// Open requests, with their districts, that have been matched before what is known of their enterprise last changed:
/// a value came, a batch was withdrawn, what the registers say was corrected, or the platform was authorised or no
/// longer is. At most `limit`.
///
/// # Errors
/// When the database fails.
pub fn outdated(conn: &mut AnyConnection, limit: i64) -> Result<Vec<(Uuid, String)>, StoreError> {
    let rows: Vec<(Parsed<Uuid>, String)> = request::table
        .inner_join(enterprise::table)
        .filter(request::state.eq(RequestState::Open.code()))
        .filter(request::profile_version.ne(enterprise::profile_version))
        .select((request::id, request::district_code))
        .order(request::number)
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, district)| (id.0, district)).collect())
}
