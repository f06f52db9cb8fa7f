//! What must always hold of offers, loans and quotas.

use super::Invariant;
use crate::clock::civil_day;
use crate::domain::codes::{Code, Repayment};
use crate::domain::loan::LoanState;
use crate::domain::offer::OfferState;
use crate::domain::referral::ReferralState;
use crate::domain::request::{RequestEnd, RequestState};
use crate::store::connection::AnyConnection;
use crate::store::error::StoreError;
use crate::store::schema::{disbursement, loan, offer, product, referral, repayment, request};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// Counts what breaks each of them.
pub(super) fn check(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    Ok(vec![
        Invariant {
            name: "an accepted offer's request is accepted, and the other way round",
            broken: unbound(conn)?,
        },
        Invariant {
            name: "a request has at most one offer that binds",
            broken: bound_twice(conn)?,
        },
        Invariant {
            name: "an offer that binds was forwarded, was accepted while it held, and has neither lapsed nor fallen through",
            broken: not_acceptable(conn)?,
        },
        Invariant {
            name: "what may still be accepted or answered is of an open request",
            broken: left_behind(conn)?,
        },
        Invariant {
            name: "a signed offer has its loan, and its request was fulfilled",
            broken: unsigned(conn)?,
        },
        Invariant {
            name: "a loan is what was accepted: its offer's bank, enterprise, product and amount",
            broken: otherwise(conn)?,
        },
        Invariant {
            name: "what was drawn and paid back of a loan are the sums of its draws and repayments",
            broken: wrong_sums(conn)?,
        },
        Invariant {
            name: "a loan's balance is within its contract, and its state is that of its sums",
            broken: wrong_states(conn)?,
        },
        Invariant {
            name: "no more was drawn of a loan than its contract lends, but where it revolves",
            broken: overdrawn(conn)?,
        },
        Invariant {
            name: "a renewed loan is followed by one that was drawn",
            broken: unfollowed(conn)?,
        },
        Invariant {
            name: "a product's quota holds what binding offers lend, but for loans that were cancelled",
            broken: wrong_quotas(conn)?,
        },
        Invariant {
            name: "a product's quota is not oversold",
            broken: oversold(conn)?,
        },
    ])
}

fn unbound(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let accepted = OfferState::Accepted.code();
    let unasked: i64 = offer::table
        .inner_join(request::table.on(offer::request_id.eq(request::id)))
        .filter(offer::state.eq(accepted))
        .filter(request::state.ne(RequestState::Accepted.code()))
        .count()
        .get_result(conn)?;
    let binding = offer::table
        .filter(offer::request_id.eq(request::id))
        .filter(offer::state.eq(accepted));
    let unoffered: i64 = request::table
        .filter(request::state.eq(RequestState::Accepted.code()))
        .filter(not(exists(binding)))
        .count()
        .get_result(conn)?;
    Ok(unasked + unoffered)
}

fn bound_twice(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let bound: Vec<String> = offer::table
        .filter(offer::state.eq_any(OfferState::BINDING.map(Code::code)))
        .select(offer::request_id)
        .load(conn)?;
    let mut seen = HashSet::new();
    let twice = bound.iter().filter(|request| !seen.insert(*request));
    Ok(i64::try_from(twice.count()).unwrap_or(i64::MAX))
}

fn not_acceptable(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    type Row = (Option<NaiveDateTime>, Option<NaiveDateTime>, NaiveDate);
    let binding = || offer::table.filter(offer::state.eq_any(OfferState::BINDING.map(Code::code)));
    let all: Vec<Row> = binding()
        .select((offer::forwarded_at, offer::accepted_at, offer::valid_until))
        .load(conn)?;
    let is_good = |(forwarded, accepted, valid_until): &Row| {
        forwarded.zip(*accepted).is_some_and(|(forwarded, accepted)| {
            forwarded <= accepted && civil_day(accepted.and_utc()).naive() <= *valid_until
        })
    };
    let broken = i64::try_from(all.iter().filter(|row| !is_good(row)).count()).unwrap_or(i64::MAX);
    let gone: i64 = binding()
        .filter(offer::lapse_reason.is_not_null().or(offer::fallen_by.is_not_null()))
        .count()
        .get_result(conn)?;
    Ok(broken + gone)
}

fn left_behind(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let offers: i64 = offer::table
        .inner_join(request::table.on(offer::request_id.eq(request::id)))
        .filter(offer::state.eq_any(OfferState::LIVE.map(Code::code)))
        .filter(request::state.ne(RequestState::Open.code()))
        .count()
        .get_result(conn)?;
    let referrals: i64 = referral::table
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .filter(referral::state.eq_any(ReferralState::WAITING.map(Code::code)))
        .filter(request::state.ne(RequestState::Open.code()))
        .count()
        .get_result(conn)?;
    Ok(offers + referrals)
}

fn unsigned(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let unlent: i64 = offer::table
        .filter(offer::state.eq(OfferState::Signed.code()))
        .filter(not(exists(loan::table.filter(loan::offer_id.eq(offer::id)))))
        .count()
        .get_result(conn)?;
    let unfulfilled: i64 = offer::table
        .inner_join(request::table.on(offer::request_id.eq(request::id)))
        .filter(offer::state.eq(OfferState::Signed.code()))
        .filter(
            request::end_reason
                .is_null()
                .or(request::end_reason.ne(RequestEnd::Fulfilled.code()).assume_not_null())
                .or(request::state.ne(RequestState::Closed.code())),
        )
        .count()
        .get_result(conn)?;
    Ok(unlent + unfulfilled)
}

fn otherwise(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let broken = loan::table
        .inner_join(offer::table.on(loan::offer_id.eq(offer::id)))
        .filter(
            offer::state
                .ne(OfferState::Signed.code())
                .or(loan::request_id.ne(offer::request_id))
                .or(loan::bank_id.ne(offer::bank_id))
                .or(loan::enterprise_id.ne(offer::enterprise_id))
                .or(loan::product_id.ne(offer::product_id))
                .or(loan::amount_fen.ne(offer::amount_fen))
                .or(loan::rate_bp.ne(offer::rate_bp)),
        )
        .count()
        .get_result(conn)?;
    Ok(broken)
}

/// Sums by key. The two databases give sums as different types, so they are made here.
fn sums(rows: Vec<(String, i64)>) -> HashMap<String, i64> {
    let mut sums = HashMap::new();
    for (key, fen) in rows {
        *sums.entry(key).or_default() += fen;
    }
    sums
}

fn wrong_sums(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let drawn = sums(
        disbursement::table
            .select((disbursement::loan_id, disbursement::amount_fen))
            .load(conn)?,
    );
    let repaid = sums(
        repayment::table
            .select((repayment::loan_id, repayment::principal_fen))
            .load(conn)?,
    );
    let all: Vec<(String, i64, i64)> = loan::table
        .select((loan::id, loan::drawn_fen, loan::repaid_fen))
        .load(conn)?;
    let of = |sums: &HashMap<String, i64>, id: &String| sums.get(id).copied().unwrap_or_default();
    let wrong = all
        .iter()
        .filter(|(id, is_drawn, is_repaid)| of(&drawn, id) != *is_drawn || of(&repaid, id) != *is_repaid);
    Ok(i64::try_from(wrong.count()).unwrap_or(i64::MAX))
}

fn wrong_states(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let ended = [LoanState::Settled, LoanState::Renewed, LoanState::Cancelled].map(Code::code);
    let broken = loan::table
        .filter(
            (loan::drawn_fen - loan::repaid_fen)
                .gt(loan::amount_fen)
                .or(loan::state
                    .eq(LoanState::Outstanding.code())
                    .and(loan::drawing_closed_on.is_null())
                    .and(loan::drawn_fen.ne(loan::amount_fen)))
                .or(loan::state.eq_any(ended).ne(loan::ended_on.is_not_null())),
        )
        .count()
        .get_result(conn)?;
    Ok(broken)
}

/// What revolves may be drawn again once it was paid back, so its draws alone say nothing; the balance is in
/// [`wrong_states`].
fn overdrawn(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let broken = loan::table
        .filter(loan::repayment.ne(Repayment::OnDemand.code()))
        .filter(loan::drawn_fen.gt(loan::amount_fen))
        .count()
        .get_result(conn)?;
    Ok(broken)
}

fn oversold(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let broken = product::table
        .filter(product::quota_taken_fen.nullable().gt(product::quota_fen))
        .count()
        .get_result(conn)?;
    Ok(broken)
}

fn unfollowed(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let renewed: Vec<String> = loan::table
        .filter(loan::state.eq(LoanState::Renewed.code()))
        .select(loan::id)
        .load(conn)?;
    let followed: Vec<Option<String>> = loan::table
        .filter(loan::follows_id.is_not_null())
        .filter(loan::drawn_fen.gt(0))
        .select(loan::follows_id)
        .load(conn)?;
    let followed: HashSet<String> = followed.into_iter().flatten().collect();
    let missing = renewed.iter().filter(|id| !followed.contains(*id));
    Ok(i64::try_from(missing.count()).unwrap_or(i64::MAX))
}

fn wrong_quotas(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let bound = sums(
        offer::table
            .filter(offer::state.eq_any(OfferState::BINDING.map(Code::code)))
            .select((offer::product_id, offer::amount_fen))
            .load(conn)?,
    );
    let cancelled = sums(
        loan::table
            .filter(loan::state.eq(LoanState::Cancelled.code()))
            .select((loan::product_id, loan::amount_fen))
            .load(conn)?,
    );
    let all: Vec<(String, i64)> = product::table
        .select((product::id, product::quota_taken_fen))
        .load(conn)?;
    let of = |sums: &HashMap<String, i64>, id: &String| sums.get(id).copied().unwrap_or_default();
    let wrong = all
        .iter()
        .filter(|(id, taken)| of(&bound, id) - of(&cancelled, id) != *taken);
    Ok(i64::try_from(wrong.count()).unwrap_or(i64::MAX))
}
