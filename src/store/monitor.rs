//! What the monitor counts: the requests of a district that a period touches, each with all that came of it.
//!
//! A period touches a request that was submitted or could not be served in it, or of which a referral was sent, an
//! offer made, a contract signed or money paid out in it. The district stands in the WHERE of the queries that find
//! these requests; what is read beside them is asked for by their ids.

use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{
    disbursement, enterprise, loan, offer, offer_revision, organisation, product, referral, request, request_match,
};
use super::tenant::Tenant;
use crate::clock::{civil_day, start_of};
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Guarantee, Kind, Set};
use crate::domain::dates::Day;
use crate::domain::monitor::{Bank, Case, CaseLoan, CaseOffer, CaseReferral, Draw};
use crate::domain::offer_terms::OfferForm;
use crate::domain::referral::{PickedProduct, ReferralState};
use crate::domain::request::{Need, RequestEnd, UnservedReason};
use crate::domain::uscc::Uscc;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How many ids one query names.
const AT_A_TIME: usize = 500;

/// A period: civil days, both included, and the instants that they begin and end at.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

impl Period {
    pub(super) fn begins(self) -> NaiveDateTime {
        start_of(self.from).naive_utc()
    }

    pub(super) fn is_over(self) -> NaiveDateTime {
        start_of(self.to.plus_days(1)).naive_utc()
    }
}

/// The requests that a period touches, in the order of their numbers.
///
/// # Errors
/// When the database fails.
pub fn cases(conn: &mut AnyConnection, scope: &Scope, period: Period) -> Result<Vec<Case>, StoreError> {
    let ids: Vec<String> = touched(conn, scope, period)?.into_iter().collect();
    let kinds = kinds(conn)?;
    let mut cases = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_A_TIME) {
        let mut found = requests(conn, ids)?;
        add_referrals(conn, ids, &kinds, &mut found)?;
        add_offers(conn, ids, &mut found)?;
        add_loans(conn, ids, period, &mut found)?;
        cases.extend(found.into_values());
    }
    cases.sort_by(|one, other| one.number.cmp(&other.number));
    Ok(cases)
}

fn touched(conn: &mut AnyConnection, scope: &Scope, period: Period) -> Result<BTreeSet<String>, StoreError> {
    let (begins, over) = (period.begins(), period.is_over());
    let (from, to) = (period.from.naive(), period.to.naive());
    let here = || request::district_code.nullable().eq(scope.district());
    let mut ids = BTreeSet::new();
    let submitted: Vec<String> = request::table
        .filter(here())
        .filter(request::submitted_at.ge(begins).and(request::submitted_at.lt(over)))
        .select(request::id)
        .load(conn)?;
    ids.extend(submitted);
    let unserved: Vec<String> = request::table
        .filter(here())
        .filter(request::end_reason.eq(RequestEnd::Unserved.code()))
        .filter(request::ended_at.ge(begins).and(request::ended_at.lt(over)))
        .select(request::id)
        .load(conn)?;
    ids.extend(unserved);
    let referred: Vec<String> = referral::table
        .inner_join(request::table)
        .filter(here())
        .filter(referral::sent_at.ge(begins).and(referral::sent_at.lt(over)))
        .select(request::id)
        .load(conn)?;
    ids.extend(referred);
    let offered: Vec<String> = offer_revision::table
        .inner_join(offer::table.inner_join(request::table))
        .filter(here())
        .filter(offer_revision::revision.eq(1))
        .filter(offer_revision::submitted_at.ge(begins))
        .filter(offer_revision::submitted_at.lt(over))
        .select(request::id)
        .load(conn)?;
    ids.extend(offered);
    let signed: Vec<String> = loan::table
        .inner_join(request::table)
        .filter(here())
        .filter(loan::signed_on.between(from, to))
        .select(request::id)
        .load(conn)?;
    ids.extend(signed);
    let paid: Vec<String> = disbursement::table
        .inner_join(loan::table.inner_join(request::table))
        .filter(here())
        .filter(disbursement::paid_on.between(from, to))
        .select(request::id)
        .load(conn)?;
    ids.extend(paid);
    Ok(ids)
}

/// The kind of each product, by its code.
fn kinds(conn: &mut AnyConnection) -> Result<HashMap<String, Kind>, StoreError> {
    let rows: Vec<(String, Coded<Kind>)> = product::table.select((product::code, product::kind)).load(conn)?;
    Ok(rows.into_iter().map(|(code, kind)| (code, kind.0)).collect())
}

/// Requests by their ids; drafts are none.
type Found = BTreeMap<String, Case>;

fn requests(conn: &mut AnyConnection, ids: &[String]) -> Result<Found, StoreError> {
    type Row = (
        (Parsed<Uuid>, String, Parsed<Uscc>, String),
        (Option<Json<Need>>, Option<NaiveDateTime>),
        (Option<Coded<UnservedReason>>, Option<NaiveDateTime>),
    );
    let rows: Vec<Row> = request::table
        .inner_join(enterprise::table)
        .filter(request::id.eq_any(ids))
        .select((
            (request::id, request::number, enterprise::uscc, enterprise::name),
            (request::need, request::submitted_at),
            (request::unserved_reason, request::ended_at),
        ))
        .load(conn)?;
    let matched: BTreeSet<String> = request_match::table
        .filter(request_match::request_id.eq_any(ids))
        .filter(request_match::eligible.gt(0))
        .select(request_match::request_id)
        .load::<String>(conn)?
        .into_iter()
        .collect();
    let case = |((id, number, uscc, enterprise), (need, submitted_at), (reason, ended_at)): Row| {
        let (need, id_text) = (need?.0, id.0.to_string());
        let case = Case {
            request_id: id.0,
            number,
            uscc: uscc.0,
            enterprise,
            amount_fen: need.amount_fen.get(),
            guarantees: need.guarantees,
            submitted_on: day(submitted_at?),
            is_matched: matched.contains(&id_text),
            unserved: ended_at.map(day).zip(reason.map(|reason| reason.0)),
            referrals: Vec::new(),
            offers: Vec::new(),
            loans: Vec::new(),
        };
        Some((id_text, case))
    };
    Ok(rows.into_iter().filter_map(case).collect())
}

fn add_referrals(
    conn: &mut AnyConnection,
    ids: &[String],
    kinds: &HashMap<String, Kind>,
    cases: &mut Found,
) -> Result<(), StoreError> {
    type Row = (
        (String, String, String),
        (Json<Vec<PickedProduct>>, Coded<ReferralState>),
        (Option<NaiveDateTime>, Option<Civil>),
        (Option<NaiveDateTime>, Option<bool>, Option<NaiveDateTime>),
    );
    let rows: Vec<Row> = referral::table
        .inner_join(organisation::table)
        .filter(referral::request_id.eq_any(ids))
        .filter(referral::sent_at.is_not_null())
        .select((
            (referral::request_id, organisation::code, organisation::name),
            (referral::products, referral::state),
            (referral::sent_at, referral::due_on),
            (referral::answered_at, referral::is_late, referral::ended_at),
        ))
        .order((referral::sent_at, referral::id))
        .load(conn)?;
    for ((request, code, name), (picked, state), (sent_at, due_on), (answered_at, is_late, ended_at)) in rows {
        let (Some(case), Some(sent_at)) = (cases.get_mut(&request), sent_at) else {
            continue;
        };
        let picked = picked.0.iter().filter_map(|one| kinds.get(&one.code).copied());
        case.referrals.push(CaseReferral {
            bank: Bank { code, name },
            kinds: picked.collect::<Set<Kind>>(),
            sent_on: day(sent_at),
            due_on: due_on.map(|due_on| due_on.0),
            answered_on: answered_at.map(day),
            is_late,
            state: state.0,
            ended_on: ended_at.map(day),
        });
    }
    Ok(())
}

fn add_offers(conn: &mut AnyConnection, ids: &[String], cases: &mut Found) -> Result<(), StoreError> {
    type Row = (
        (Parsed<Uuid>, String, String),
        (String, String),
        (Coded<Kind>, Json<OfferForm>, i64),
        (NaiveDateTime, Option<NaiveDateTime>, Option<NaiveDateTime>),
    );
    let first = offer_revision::offer_id
        .eq(offer::id)
        .and(offer_revision::revision.eq(1));
    let rows: Vec<Row> = offer::table
        .inner_join(organisation::table.on(offer::bank_id.eq(organisation::id)))
        .inner_join(product::table.on(offer::product_id.eq(product::id)))
        .inner_join(offer_revision::table.on(first))
        .filter(offer::request_id.eq_any(ids))
        .select((
            (offer::id, offer::number, offer::request_id),
            (organisation::code, organisation::name),
            (product::kind, offer::terms, offer::amount_fen),
            (offer_revision::submitted_at, offer::forwarded_at, offer::accepted_at),
        ))
        .order(offer::number)
        .load(conn)?;
    for ((id, number, request), (code, name), (kind, terms, amount_fen), (made_at, forwarded_at, accepted_at)) in rows {
        let Some(case) = cases.get_mut(&request) else { continue };
        case.offers.push(CaseOffer {
            id: id.0,
            number,
            bank: Bank { code, name },
            kind: kind.0,
            guarantee: terms.0.guarantee,
            amount_fen,
            made_on: day(made_at),
            forwarded_on: forwarded_at.map(day),
            accepted_on: accepted_at.map(day),
        });
    }
    Ok(())
}

fn add_loans(conn: &mut AnyConnection, ids: &[String], period: Period, cases: &mut Found) -> Result<(), StoreError> {
    type Row = (
        (String, String, String),
        (String, String),
        (Coded<Kind>, Coded<Guarantee>, bool),
        (i64, i64, i32, f64),
        (Civil, i64),
    );
    let rows: Vec<Row> = loan::table
        .inner_join(organisation::table)
        .filter(loan::request_id.eq_any(ids))
        .select((
            (loan::id, loan::request_id, loan::number),
            (organisation::code, organisation::name),
            (loan::kind, loan::guarantee, loan::is_first),
            (
                loan::amount_fen,
                loan::rate_bp,
                loan::term_months,
                loan::annual_cost_pct,
            ),
            (loan::signed_on, loan::drawn_fen),
        ))
        .order((loan::signed_on, loan::id))
        .load(conn)?;
    let mut draws = draws(conn, ids, period)?;
    for ((id, request, number), (code, name), what, terms, life) in rows {
        let Some(case) = cases.get_mut(&request) else { continue };
        case.loans.push(CaseLoan {
            number,
            bank: Bank { code, name },
            kind: what.0.0,
            guarantee: what.1.0,
            is_first: what.2,
            amount_fen: terms.0,
            rate_bp: terms.1,
            term_months: u32::try_from(terms.2).map_err(StoreError::database)?,
            annual_cost_pct: terms.3,
            signed_on: life.0.0,
            drawn_fen: life.1,
            draws: draws.remove(&id).unwrap_or_default(),
        });
    }
    Ok(())
}

/// What was paid out in a period, by loan.
fn draws(conn: &mut AnyConnection, ids: &[String], period: Period) -> Result<HashMap<String, Vec<Draw>>, StoreError> {
    let rows: Vec<(String, Civil, i64)> = disbursement::table
        .inner_join(loan::table)
        .filter(loan::request_id.eq_any(ids))
        .filter(disbursement::paid_on.between(period.from.naive(), period.to.naive()))
        .select((loan::id, disbursement::paid_on, disbursement::amount_fen))
        .order((disbursement::paid_on, disbursement::id))
        .load(conn)?;
    let mut draws: HashMap<String, Vec<Draw>> = HashMap::new();
    for (loan, paid_on, amount_fen) in rows {
        let paid_on = paid_on.0;
        draws.entry(loan).or_default().push(Draw { paid_on, amount_fen });
    }
    Ok(draws)
}

fn day(at: NaiveDateTime) -> Day {
    civil_day(at.and_utc())
}
