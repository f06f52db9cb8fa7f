//! How requests end: closed for a reason, or open beyond their last day.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::requests::{COLUMNS, Expected, Row, StoredRequest, read};
use super::schema::{enterprise, request};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::request::{RequestEnd, RequestState, UnservedReason};
use crate::domain::why::Why;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;

/// How a request ends.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// Why.
    pub reason: RequestEnd,
    /// Why nobody could serve it, where that is the reason.
    pub unserved: Option<&'a Why<UnservedReason>>,
}

/// Moves a request to `next` as ended now. The caller has seen it in its scope and asked the state machine.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn close(
    conn: &mut AnyConnection,
    expected: Expected,
    next: RequestState,
    ending: Ending<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let unserved = ending.unserved;
    let changed = diesel::update(request::table)
        .filter(request::id.eq(expected.id.to_string()))
        .filter(request::state.eq(expected.state.code()))
        .filter(request::version.eq(expected.version))
        .set((
            request::state.eq(next.code()),
            request::version.eq(expected.version + 1),
            request::end_reason.eq(ending.reason.code()),
            request::unserved_reason.eq(unserved.map(|why| why.reason.code())),
            request::end_text.eq(unserved.and_then(|why| why.text.as_deref())),
            request::ended_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Whether a request is open beyond its last day.
#[auto_type(no_type_alias)]
fn is_expired(day: NaiveDate) -> _ {
    let is_open: diesel::dsl::Eq<request::state, &'static str> = request::state.eq(RequestState::Open.code());
    is_open.and(request::expires_on.lt(day).assume_not_null())
}

/// How many requests are open beyond their last day.
///
/// # Errors
/// When the database fails.
pub fn count_expired(conn: &mut AnyConnection, day: Day) -> Result<i64, StoreError> {
    Ok(request::table
        .filter(is_expired(day.naive()))
        .count()
        .get_result(conn)?)
}

/// Requests that are open beyond their last day: at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn expired(conn: &mut AnyConnection, day: Day, limit: i64) -> Result<Vec<StoredRequest>, StoreError> {
    let rows: Vec<Row> = request::table
        .inner_join(enterprise::table)
        .filter(is_expired(day.naive()))
        .select(COLUMNS)
        .order((request::expires_on, request::number))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}
