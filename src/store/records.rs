//! How a district's banks answered what they were sent in a period, for the public record. It says nothing of any
//! enterprise: what is published of it is counts.

use super::columns::{Civil, Coded};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::monitor::Period;
use super::schema::{offer, organisation, referral, request};
use super::tenant::Tenant;
use crate::clock::civil_day;
use crate::domain::actor::Scope;
use crate::domain::codes::Set;
use crate::domain::monitor::{Bank, CaseReferral};
use crate::domain::referral::ReferralState;
use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// A bank's referrals, and how many offers it made on them.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The bank.
    pub bank: Bank,
    /// What it was sent; the kinds of the products are left out.
    pub referrals: Vec<CaseReferral>,
    /// Its offers on these.
    pub offers: i64,
}

/// What the banks were sent in a period for requests of the scope's district, by the bank's code; of one bank where it
/// is named.
///
/// # Errors
/// When the database fails.
pub fn answered(
    conn: &mut AnyConnection,
    scope: &Scope,
    period: Period,
    bank: Option<&str>,
) -> Result<Vec<Answered>, StoreError> {
    type Row = (
        (String, String, Coded<ReferralState>),
        (Option<NaiveDateTime>, Option<Civil>),
        (Option<NaiveDateTime>, Option<bool>, Option<NaiveDateTime>),
    );
    let (begins, over) = (period.begins(), period.is_over());
    let mut query = referral::table
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .filter(request::district_code.nullable().eq(scope.district()))
        .filter(referral::sent_at.ge(begins))
        .filter(referral::sent_at.lt(over))
        .select((
            (organisation::code, organisation::name, referral::state),
            (referral::sent_at, referral::due_on),
            (referral::answered_at, referral::is_late, referral::ended_at),
        ))
        .into_boxed();
    if let Some(code) = bank {
        query = query.filter(organisation::code.eq(code));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let mut offers = offers(conn, scope, period)?;
    let mut found: BTreeMap<String, Answered> = BTreeMap::new();
    for ((code, name, state), (sent_at, due_on), (answered_at, is_late, ended_at)) in rows {
        let Some(sent_at) = sent_at else { continue };
        let of_bank = found.entry(code.clone()).or_insert_with(|| Answered {
            bank: Bank {
                code: code.clone(),
                name,
            },
            referrals: Vec::new(),
            offers: offers.remove(&code).unwrap_or(0),
        });
        let day = |at: NaiveDateTime| civil_day(at.and_utc());
        of_bank.referrals.push(CaseReferral {
            bank: of_bank.bank.clone(),
            kinds: Set::EMPTY,
            sent_on: day(sent_at),
            due_on: due_on.map(|due_on| due_on.0),
            answered_on: answered_at.map(day),
            is_late,
            state: state.0,
            ended_on: ended_at.map(day),
        });
    }
    Ok(found.into_values().collect())
}

/// How many offers were made on what was sent in a period, by the bank's code.
fn offers(conn: &mut AnyConnection, scope: &Scope, period: Period) -> Result<HashMap<String, i64>, StoreError> {
    let rows: Vec<(String, i64)> = offer::table
        .inner_join(referral::table.on(offer::referral_id.eq(referral::id)))
        .inner_join(request::table.on(offer::request_id.eq(request::id)))
        .inner_join(organisation::table.on(offer::bank_id.eq(organisation::id)))
        .filter(request::district_code.nullable().eq(scope.district()))
        .filter(referral::sent_at.ge(period.begins()))
        .filter(referral::sent_at.lt(period.is_over()))
        .group_by(organisation::code)
        .select((organisation::code, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
