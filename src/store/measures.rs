//! What waits in all, counted for who looks after the service: numbers only, of every district.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{offer, referral};
use crate::domain::codes::Code;
use crate::domain::offer::OfferState;
use crate::domain::referral::ReferralState;
use diesel::prelude::*;

/// How many referrals wait for their banks.
///
/// # Errors
/// When the database fails.
pub fn referrals_waiting(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let waiting = referral::state.eq_any(ReferralState::WAITING.map(Code::code));
    Ok(referral::table.filter(waiting).count().get_result(conn)?)
}

/// How many offers wait on the centre's desk.
///
/// # Errors
/// When the database fails.
pub fn offers_held(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let held = offer::state.eq(OfferState::Submitted.code());
    Ok(offer::table.filter(held).count().get_result(conn)?)
}
