//! Days on which enterprises want to hear of a product, because time alone closes its one gap.

use super::columns::{Civil, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{reminder, request};
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::request::RequestState;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// A reminder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReminder {
    /// Its id.
    pub id: Uuid,
    /// The request.
    pub request_id: Uuid,
    /// The request's district.
    pub district_code: String,
    /// The product's code.
    pub product_code: String,
    /// The day.
    pub due_on: Day,
}

/// Asks to be reminded of a product on a day; what was asked for it before is replaced.
///
/// # Errors
/// When the database fails.
pub fn put(
    conn: &mut AnyConnection,
    request_id: Uuid,
    (product_code, due_on): (&str, Day),
    by: Uuid,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let of_product = reminder::table
        .filter(reminder::request_id.eq(request_id.to_string()))
        .filter(reminder::product_code.eq(product_code));
    let changed = diesel::update(of_product)
        .set((
            reminder::due_on.eq(due_on.naive()),
            reminder::asked_by.eq(by.to_string()),
            reminder::told_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    if changed == 0 {
        diesel::insert_into(reminder::table)
            .values((
                reminder::id.eq(clock.new_id().to_string()),
                reminder::request_id.eq(request_id.to_string()),
                reminder::product_code.eq(product_code),
                reminder::due_on.eq(due_on.naive()),
                reminder::asked_by.eq(by.to_string()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The products of which a request waits to be reminded, by code; the caller has seen the request in its scope.
///
/// # Errors
/// When the database fails.
pub fn of_request(conn: &mut AnyConnection, request_id: Uuid) -> Result<Vec<(String, Day)>, StoreError> {
    let rows: Vec<(String, Civil)> = reminder::table
        .filter(reminder::request_id.eq(request_id.to_string()))
        .filter(reminder::told_at.is_null())
        .select((reminder::product_code, reminder::due_on))
        .order(reminder::product_code)
        .load(conn)?;
    Ok(rows.into_iter().map(|(code, day)| (code, day.0)).collect())
}

/// Whether a reminder of an open request is due, in a query that joins the request.
#[auto_type(no_type_alias)]
fn is_due(day: NaiveDate) -> _ {
    let is_open: diesel::dsl::Eq<request::state, &'static str> = request::state.eq(RequestState::Open.code());
    is_open.and(reminder::told_at.is_null()).and(reminder::due_on.le(day))
}

/// How many reminders are due.
///
/// # Errors
/// When the database fails.
pub fn count_due(conn: &mut AnyConnection, day: Day) -> Result<i64, StoreError> {
    let due = reminder::table.inner_join(request::table).filter(is_due(day.naive()));
    Ok(due.count().get_result(conn)?)
}

/// Reminders that are due: at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn due(conn: &mut AnyConnection, day: Day, limit: i64) -> Result<Vec<StoredReminder>, StoreError> {
    type Row = (Parsed<Uuid>, Parsed<Uuid>, String, String, Civil);
    let rows: Vec<Row> = reminder::table
        .inner_join(request::table)
        .filter(is_due(day.naive()))
        .select((
            reminder::id,
            request::id,
            request::district_code,
            reminder::product_code,
            reminder::due_on,
        ))
        .order((reminder::due_on, reminder::id))
        .limit(limit)
        .load(conn)?;
    let read = |(id, request_id, district_code, product_code, due_on): Row| StoredReminder {
        id: id.0,
        request_id: request_id.0,
        district_code,
        product_code,
        due_on: due_on.0,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Notes that a reminder was told.
///
/// # Errors
/// [`StoreError::Stale`] where it was told already, or asked anew for another day.
pub fn told(conn: &mut AnyConnection, old: &StoredReminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let told = diesel::update(reminder::table.find(old.id.to_string()))
        .filter(reminder::told_at.is_null())
        .filter(reminder::due_on.eq(old.due_on.naive()))
        .set(reminder::told_at.eq(now.naive_utc()))
        .execute(conn)?;
    if told == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
