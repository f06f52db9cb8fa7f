//! The results of matching a request, each with the inputs that it saw.

use super::columns::{Civil, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::requests::visible;
use super::schema::{authorisation, enterprise, fact, fact_batch, request, request_match};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::request::RequestState;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{exists, not};
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

/// Keeps a result, and how many products fit, as the request's newest.
///
/// # Errors
/// When the database fails.
pub fn insert(
    conn: &mut AnyConnection,
    request_id: Uuid,
    as_of: Day,
    inputs: &str,
    (result, eligible): (&str, usize),
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
            request_match::eligible.eq(i32::try_from(eligible).map_err(StoreError::database)?),
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
    let run = || request_match::table.filter(request_match::request_id.eq(request::id));
    let value = fact::table
        .filter(fact::enterprise_id.eq(request::enterprise_id))
        .filter(not(exists(run().filter(request_match::run_at.ge(fact::recorded_at)))));
    let withdrawn = fact::table
        .inner_join(fact_batch::table.on(fact::batch_id.eq(fact_batch::id.nullable())))
        .filter(fact::enterprise_id.eq(request::enterprise_id))
        .filter(fact_batch::withdrawn_at.is_not_null())
        .filter(not(exists(
            run().filter(request_match::run_at.nullable().ge(fact_batch::withdrawn_at)),
        )));
    let authorised = authorisation::table
        .filter(authorisation::enterprise_id.eq(request::enterprise_id))
        .filter(not(exists(
            run().filter(request_match::run_at.ge(authorisation::given_at)).filter(
                authorisation::revoked_at.is_null().or(request_match::run_at
                    .nullable()
                    .ge(authorisation::revoked_at)
                    .assume_not_null()),
            ),
        )));
    let corrected = enterprise::table
        .filter(enterprise::id.eq(request::enterprise_id))
        .filter(enterprise::corrected_at.is_not_null())
        .filter(not(exists(
            run().filter(request_match::run_at.nullable().ge(enterprise::corrected_at)),
        )));
    let rows: Vec<(Parsed<Uuid>, String)> = request::table
        .filter(request::state.eq(RequestState::Open.code()))
        .filter(
            exists(value)
                .or(exists(corrected))
                .or(exists(withdrawn))
                .or(exists(authorised)),
        )
        .select((request::id, request::district_code))
        .order(request::number)
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, district)| (id.0, district)).collect())
}
