//! Which open requests stand on the centre's desk: with nothing that fits, or with picks, and in both cases with no
//! bank at work on them.
//!
//! It is asked of the rows each time, so no change can forget to say so. A bank is at work on a request while its
//! referral is pending, viewed, or in reserve under a consent that holds, or while it has a live offer.

use super::columns::Parsed;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::referrals::is_given;
use super::schema::{consent, offer, referral, request, request_match};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::offer::OfferState;
use crate::domain::referral::ReferralState;
use crate::domain::request::RequestState;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::HashSet;
use uuid::Uuid;

/// Which of these requests need the centre on `day`.
///
/// # Errors
/// When the database fails.
pub fn among(conn: &mut AnyConnection, ids: &[Uuid], day: Day) -> Result<HashSet<Uuid>, StoreError> {
    Ok(find(conn, &Which::Of(ids), day)?.into_iter().collect())
}

/// The requests of a district that need the centre on `day`, newest first: at most `limit` of those numbered before
/// `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    district_code: &str,
    before: Option<&str>,
    limit: i64,
    day: Day,
) -> Result<Vec<Uuid>, StoreError> {
    let which = Which::In {
        district_code,
        before,
        limit,
    };
    find(conn, &which, day)
}

/// Which requests are asked about.
enum Which<'a> {
    /// These.
    Of(&'a [Uuid]),
    /// A page of a district's.
    In {
        district_code: &'a str,
        before: Option<&'a str>,
        limit: i64,
    },
}

fn find(conn: &mut AnyConnection, which: &Which<'_>, day: Day) -> Result<Vec<Uuid>, StoreError> {
    let newer = diesel::alias!(request_match as newer);
    let is_newest = not(exists(
        newer
            .filter(newer.field(request_match::request_id).eq(request_match::request_id))
            .filter(newer.field(request_match::run).gt(request_match::run)),
    ));
    let fitting = request_match::table
        .filter(request_match::request_id.eq(request::id))
        .filter(request_match::eligible.gt(0))
        .filter(is_newest);
    let picked = || referral::table.filter(referral::request_id.eq(request::id));
    let waiting = picked().filter(referral::state.eq_any(ReferralState::WAITING.map(Code::code)));
    let kept = referral::table
        .inner_join(consent::table.on(referral::consent_id.eq(consent::id.nullable())))
        .filter(referral::request_id.eq(request::id))
        .filter(referral::state.eq(ReferralState::Reserve.code()))
        .filter(is_given(day.naive()));
    let offered = offer::table
        .filter(offer::request_id.eq(request::id))
        .filter(offer::state.eq_any(OfferState::LIVE.map(Code::code)));
    let mut query = request::table
        .filter(request::state.eq(RequestState::Open.code()))
        .filter(not(exists(fitting)).or(exists(picked())))
        .filter(not(exists(waiting)))
        .filter(not(exists(kept)))
        .filter(not(exists(offered)))
        .select(request::id)
        .order(request::number.desc())
        .into_boxed();
    match which {
        Which::Of(ids) => {
            let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
            query = query.filter(request::id.eq_any(ids));
        }
        Which::In {
            district_code,
            before,
            limit,
        } => {
            query = query.filter(request::district_code.eq(*district_code)).limit(*limit);
            if let Some(before) = before {
                query = query.filter(request::number.lt(*before));
            }
        }
    }
    let ids: Vec<Parsed<Uuid>> = query.load(conn)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}
