//! Offers that lapse because something else has ended: their request, or the consent behind their referral.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::offer;
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::offer::{LapseReason, OfferState};
use diesel::prelude::*;
use uuid::Uuid;

/// An offer that has just lapsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapsed {
    /// Its id.
    pub id: Uuid,
    /// Its number for people.
    pub number: String,
    /// The referral that it answered.
    pub referral_id: Uuid,
    /// The bank.
    pub bank_id: Uuid,
    /// Its state before.
    pub before: OfferState,
    /// Its version now: one that was sent again can lapse again.
    pub version: i32,
}

/// Lets every live offer of a request lapse. One that is accepted is not live: accept first.
///
/// # Errors
/// [`StoreError::Stale`] where one has moved on.
pub fn lapse_of_request(
    conn: &mut AnyConnection,
    request_id: Uuid,
    reason: LapseReason,
    clock: &dyn Clock,
) -> Result<Vec<Lapsed>, StoreError> {
    let live = offer::table
        .filter(offer::request_id.eq(request_id.to_string()))
        .filter(offer::state.eq_any(OfferState::LIVE.map(Code::code)))
        .select(COLUMNS)
        .order(offer::number)
        .load::<Row>(conn)?;
    lapse(conn, live, reason, clock)
}

/// Lets every live offer of a referral lapse.
///
/// # Errors
/// [`StoreError::Stale`] where one has moved on.
pub fn lapse_of_referral(
    conn: &mut AnyConnection,
    referral_id: Uuid,
    reason: LapseReason,
    clock: &dyn Clock,
) -> Result<Vec<Lapsed>, StoreError> {
    let live = offer::table
        .filter(offer::referral_id.eq(referral_id.to_string()))
        .filter(offer::state.eq_any(OfferState::LIVE.map(Code::code)))
        .select(COLUMNS)
        .order(offer::number)
        .load::<Row>(conn)?;
    lapse(conn, live, reason, clock)
}

type Columns = (
    offer::id,
    offer::number,
    offer::referral_id,
    offer::bank_id,
    offer::state,
    offer::version,
);
const COLUMNS: Columns = (
    offer::id,
    offer::number,
    offer::referral_id,
    offer::bank_id,
    offer::state,
    offer::version,
);
type Row = (Parsed<Uuid>, String, Parsed<Uuid>, Parsed<Uuid>, Coded<OfferState>, i32);

fn lapse(
    conn: &mut AnyConnection,
    live: Vec<Row>,
    reason: LapseReason,
    clock: &dyn Clock,
) -> Result<Vec<Lapsed>, StoreError> {
    let mut lapsed = Vec::with_capacity(live.len());
    for (id, number, referral_id, bank_id, before, version) in live {
        let changed = diesel::update(offer::table)
            .filter(offer::id.eq(id.0.to_string()))
            .filter(offer::state.eq(before.0.code()))
            .filter(offer::version.eq(version))
            .set((
                offer::state.eq(OfferState::Lapsed.code()),
                offer::version.eq(version + 1),
                offer::lapse_reason.eq(reason.code()),
                offer::ended_at.eq(clock.now().naive_utc()),
            ))
            .execute(conn)?;
        if changed != 1 {
            return Err(StoreError::Stale);
        }
        lapsed.push(Lapsed {
            id: id.0,
            number,
            referral_id: referral_id.0,
            bank_id: bank_id.0,
            before: before.0,
            version: version + 1,
        });
    }
    Ok(lapsed)
}
