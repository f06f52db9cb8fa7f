//! What follows a product that came into the matching anew: which open requests are still to be matched again, and
//! which enterprises are still to be told that something fits now.

use super::columns::Parsed;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{newly_eligible, product, rematch, request};
use crate::clock::Clock;
use crate::domain::dates::Day;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

/// A product, and how far the open requests have been matched with it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rematch {
    /// The product.
    pub product_id: Uuid,
    /// Its code.
    pub code: String,
    /// When it came into the matching anew.
    pub queued_at: NaiveDateTime,
    /// The number of the last request that was.
    pub after: String,
}

/// Has the open requests matched with a product again, from the first one on.
///
/// # Errors
/// When the database fails.
pub fn queue(conn: &mut AnyConnection, product_id: Uuid, clock: &dyn Clock) -> Result<(), StoreError> {
    diesel::delete(rematch::table.find(product_id.to_string())).execute(conn)?;
    diesel::insert_into(rematch::table)
        .values((
            rematch::product_id.eq(product_id.to_string()),
            rematch::queued_at.eq(clock.now().naive_utc()),
            rematch::after_number.eq(""),
        ))
        .execute(conn)?;
    Ok(())
}

/// How many products there are to go on with.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(rematch::table.count().get_result(conn)?)
}

/// The one that has waited longest.
///
/// # Errors
/// When the database fails.
pub fn next(conn: &mut AnyConnection) -> Result<Option<Rematch>, StoreError> {
    let row: Option<(Parsed<Uuid>, String, NaiveDateTime, String)> = rematch::table
        .inner_join(product::table)
        .order((rematch::queued_at, rematch::product_id))
        .select((
            rematch::product_id,
            product::code,
            rematch::queued_at,
            rematch::after_number,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, code, queued_at, after)| Rematch {
        product_id: id.0,
        code,
        queued_at,
        after,
    }))
}

/// Goes on behind the request numbered `after`; none: all are matched. One that was queued anew meanwhile stays.
///
/// # Errors
/// When the database fails.
pub fn advance(conn: &mut AnyConnection, from: &Rematch, after: Option<&str>) -> Result<(), StoreError> {
    let id = from.product_id.to_string();
    match after {
        Some(after) => diesel::update(rematch::table)
            .filter(rematch::product_id.eq(id))
            .filter(rematch::queued_at.eq(from.queued_at))
            .set(rematch::after_number.eq(after))
            .execute(conn)?,
        None => diesel::delete(rematch::table)
            .filter(rematch::product_id.eq(id))
            .filter(rematch::queued_at.eq(from.queued_at))
            .execute(conn)?,
    };
    Ok(())
}

/// Notes that a product began to fit a request, of which its enterprise is to be told on `due_on` or later.
///
/// # Errors
/// When the database fails.
pub fn note_eligible(conn: &mut AnyConnection, request_id: Uuid, code: &str, due_on: Day) -> Result<(), StoreError> {
    let key = (request_id.to_string(), code);
    if newly_eligible::table.find(key).count().get_result::<i64>(conn)? > 0 {
        return Ok(());
    }
    diesel::insert_into(newly_eligible::table)
        .values((
            newly_eligible::request_id.eq(request_id.to_string()),
            newly_eligible::product_code.eq(code),
            newly_eligible::due_on.eq(due_on.naive()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets that a product began to fit a request: it does no longer.
///
/// # Errors
/// When the database fails.
pub fn forget_eligible(conn: &mut AnyConnection, request_id: Uuid, code: &str) -> Result<(), StoreError> {
    diesel::delete(newly_eligible::table.find((request_id.to_string(), code))).execute(conn)?;
    Ok(())
}

/// How many rows there are to tell of on `today`.
///
/// # Errors
/// When the database fails.
pub fn count_untold(conn: &mut AnyConnection, today: Day) -> Result<i64, StoreError> {
    let due = newly_eligible::table.filter(newly_eligible::due_on.le(today.naive()));
    Ok(due.count().get_result(conn)?)
}

/// At most `limit` enterprises that are to be told of something on `today`.
///
/// # Errors
/// When the database fails.
pub fn untold(conn: &mut AnyConnection, today: Day, limit: i64) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<Parsed<Uuid>> = newly_eligible::table
        .inner_join(request::table)
        .filter(newly_eligible::due_on.le(today.naive()))
        .select(request::enterprise_id)
        .distinct()
        .order(request::enterprise_id)
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// A request of an enterprise, and how many products began to fit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewlyEligible {
    /// The request.
    pub request_id: Uuid,
    /// Its number.
    pub number: String,
    /// How many products.
    pub products: usize,
}

/// Takes what an enterprise is to be told on `today`, by its requests' numbers: it is told of once.
///
/// # Errors
/// When the database fails.
pub fn take_untold(
    conn: &mut AnyConnection,
    enterprise_id: Uuid,
    today: Day,
) -> Result<Vec<NewlyEligible>, StoreError> {
    let day: NaiveDate = today.naive();
    let rows: Vec<(Parsed<Uuid>, String, String)> = newly_eligible::table
        .inner_join(request::table)
        .filter(request::enterprise_id.eq(enterprise_id.to_string()))
        .filter(newly_eligible::due_on.le(day))
        .select((request::id, request::number, newly_eligible::product_code))
        .order((request::number, newly_eligible::product_code))
        .load(conn)?;
    let mut taken: Vec<NewlyEligible> = Vec::new();
    for (id, number, product) in rows {
        diesel::delete(newly_eligible::table.find((id.0.to_string(), product))).execute(conn)?;
        match taken.last_mut() {
            Some(last) if last.request_id == id.0 => last.products += 1,
            _ => taken.push(NewlyEligible {
                request_id: id.0,
                number,
                products: 1,
            }),
        }
    }
    Ok(taken)
}
