//! Which referrals a deadline or a bank's answer concerns, whosever they are: for what the service does by itself.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::referrals::{COLUMNS, Row, StoredReferral, is_given, read};
use super::schema::{consent, organisation, referral, request};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::referral::ReferralState;
use chrono::NaiveDate;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// The first in reserve of a request, in the enterprise's order, whose consent holds on `day`.
///
/// # Errors
/// When the database fails.
pub fn first_in_reserve(
    conn: &mut AnyConnection,
    request_id: Uuid,
    day: Day,
) -> Result<Option<StoredReferral>, StoreError> {
    let row: Option<Row> = referral::table
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .inner_join(consent::table.on(referral::consent_id.eq(consent::id.nullable())))
        .filter(referral::request_id.eq(request_id.to_string()))
        .filter(referral::state.eq(ReferralState::Reserve.code()))
        .filter(is_given(day.naive()))
        .select(COLUMNS)
        .order((referral::position, referral::id))
        .first(conn)
        .optional()?;
    Ok(row.map(read))
}

/// Whether the consent that a referral rests on holds on `day`.
///
/// # Errors
/// When the database fails.
pub fn has_consent(conn: &mut AnyConnection, id: Uuid, day: Day) -> Result<bool, StoreError> {
    let given = referral::table
        .inner_join(consent::table.on(referral::consent_id.eq(consent::id.nullable())))
        .filter(referral::id.eq(id.to_string()))
        .filter(is_given(day.naive()));
    Ok(given.count().get_result::<i64>(conn)? > 0)
}

/// The district of a referral's request, for what a bank's answer changes outside the bank.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none with this id.
pub fn district_of(conn: &mut AnyConnection, id: Uuid) -> Result<String, StoreError> {
    Ok(referral::table
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .filter(referral::id.eq(id.to_string()))
        .select(request::district_code)
        .first(conn)?)
}

/// Whether a referral waits for an answer that was due before a day.
#[auto_type(no_type_alias)]
fn is_overdue(day: NaiveDate) -> _ {
    let waiting: diesel::dsl::EqAny<referral::state, [&'static str; 2]> =
        referral::state.eq_any(ReferralState::WAITING.map(Code::code));
    waiting.and(referral::due_on.lt(day).assume_not_null())
}

/// How many referrals wait for an answer that was due before `day`.
///
/// # Errors
/// When the database fails.
pub fn count_overdue(conn: &mut AnyConnection, day: Day) -> Result<i64, StoreError> {
    let overdue = referral::table.filter(is_overdue(day.naive()));
    Ok(overdue.count().get_result(conn)?)
}

/// Referrals that wait for an answer that was due before `day`, with their requests' districts: at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn overdue(conn: &mut AnyConnection, day: Day, limit: i64) -> Result<Vec<(StoredReferral, String)>, StoreError> {
    let rows: Vec<(Row, String)> = referral::table
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .filter(is_overdue(day.naive()))
        .select((COLUMNS, request::district_code))
        .order((referral::due_on, referral::id))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|(row, district)| (read(row), district)).collect())
}
