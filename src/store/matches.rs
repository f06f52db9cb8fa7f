//! The results of matching a request, each with the inputs that it saw.

use super::columns::{Civil, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::requests::visible;
use super::schema::{enterprise, request, request_match};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::dates::Day;
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

/// Keeps a result as the request's newest.
///
/// # Errors
/// When the database fails.
pub fn insert(
    conn: &mut AnyConnection,
    request_id: Uuid,
    as_of: Day,
    inputs: &str,
    result: &str,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
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
            request_match::as_of.eq(as_of.naive()),
            request_match::inputs.eq(inputs),
            request_match::result.eq(result),
        ))
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
