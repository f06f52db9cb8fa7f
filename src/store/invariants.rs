//! What must always hold of the rows, counted where it does not.

mod lending;
mod traces;

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{consent, profile_access, referral, session, session_token};
use super::schema::{enterprise, fact, fact_batch, organisation, product, product_version, request, request_match};
use crate::domain::actor::OrganisationKind;
use crate::domain::batch::BatchState;
use crate::domain::codes::Code;
use crate::domain::referral::ReferralState;
use crate::domain::request::RequestState;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// Something that must always hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// What it says.
    pub name: &'static str,
    /// How many rows break it.
    pub broken: i64,
}

/// How long a read may have been under way when a consent was taken back: a revocation notes its time a little before
/// it takes effect, and of what begins in between the times say nothing.
const MOMENT: TimeDelta = TimeDelta::minutes(1);

/// Counts what breaks each invariant.
///
/// # Errors
/// When the database fails.
pub fn check(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    let mut all = requests(conn)?;
    all.extend(catalogue(conn)?);
    all.extend(consents(conn)?);
    all.extend(sessions(conn)?);
    all.extend(lending::check(conn)?);
    all.extend(traces::check(conn)?);
    Ok(all)
}

fn requests(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    let unmatched = request::table
        .filter(request::state.ne(RequestState::Draft.code()))
        .filter(not(exists(
            request_match::table.filter(request_match::request_id.eq(request::id)),
        )))
        .count()
        .get_result(conn)?;
    let undated = request::table
        .filter(request::state.ne(RequestState::Draft.code()))
        .filter(request::submitted_at.is_null().or(request::need.is_null()))
        .count()
        .get_result(conn)?;
    Ok(vec![
        Invariant {
            name: "a submitted request has a stored match",
            broken: unmatched,
        },
        Invariant {
            name: "a submitted request has a need and a date",
            broken: undated,
        },
    ])
}

fn catalogue(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    let unversioned = product::table
        .filter(not(exists(
            product_version::table
                .filter(product_version::product_id.eq(product::id))
                .filter(product_version::version.eq(product::version)),
        )))
        .count()
        .get_result(conn)?;
    let unlent = product::table
        .inner_join(organisation::table)
        .filter(organisation::kind.ne_all([OrganisationKind::Bank.code(), OrganisationKind::Leasing.code()]))
        .count()
        .get_result(conn)?;
    let orphaned = fact::table
        .filter(not(exists(
            enterprise::table.filter(enterprise::id.eq(fact::enterprise_id)),
        )))
        .count()
        .get_result(conn)?;
    let withdrawn = fact::table
        .inner_join(fact_batch::table)
        .filter(fact::current)
        .filter(fact_batch::state.ne(BatchState::Applied.code()))
        .count()
        .get_result(conn)?;
    Ok(vec![
        Invariant {
            name: "a current value is of no batch that was withdrawn",
            broken: withdrawn,
        },
        Invariant {
            name: "a product has the version that it is in",
            broken: unversioned,
        },
        Invariant {
            name: "a product belongs to a bank or a leasing company",
            broken: unlent,
        },
        Invariant {
            name: "a fact belongs to an enterprise",
            broken: orphaned,
        },
    ])
}

fn consents(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    let before_the_bank = referral::state.eq_any(ReferralState::BEFORE_THE_BANK.map(Code::code));
    let without: i64 = referral::table
        .filter(before_the_bank.clone())
        .filter(referral::consent_id.is_null())
        .count()
        .get_result(conn)?;
    let otherwise: i64 = referral::table
        .inner_join(consent::table.on(referral::consent_id.eq(consent::id.nullable())))
        .filter(before_the_bank)
        .filter(
            consent::revoked_at
                .is_not_null()
                .or(consent::bank_id.ne(referral::bank_id))
                .or(consent::request_id.ne(referral::request_id)),
        )
        .count()
        .get_result(conn)?;
    let outside = profile_access::table
        .inner_join(consent::table.on(profile_access::consent_id.eq(consent::id.nullable())))
        .filter(
            profile_access::at
                .lt(consent::given_at)
                .or(profile_access::organisation_id.ne(consent::bank_id))
                .or(profile_access::enterprise_id.ne(consent::enterprise_id)),
        )
        .count()
        .get_result::<i64>(conn)?;
    let after: Vec<(NaiveDateTime, Option<NaiveDateTime>)> = profile_access::table
        .inner_join(consent::table.on(profile_access::consent_id.eq(consent::id.nullable())))
        .filter(profile_access::at.nullable().gt(consent::revoked_at))
        .select((profile_access::at, consent::revoked_at))
        .load(conn)?;
    let late = after
        .iter()
        .filter(|(at, revoked_at)| revoked_at.is_some_and(|revoked_at| *at - revoked_at > MOMENT));
    let outside = outside + i64::try_from(late.count()).unwrap_or(i64::MAX);
    Ok(vec![
        Invariant {
            name: "a referral before a bank rests on a consent to that bank that was not taken back",
            broken: without + otherwise,
        },
        Invariant {
            name: "a credit profile was read by the bank of its consent, while that held",
            broken: outside,
        },
    ])
}

fn sessions(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    let live = session_token::table
        .filter(session_token::session_id.eq(session::id))
        .filter(session_token::used_at.is_null())
        .select(count_star())
        .single_value();
    let broken = session::table
        .filter(live.ne(1_i64.into_sql::<BigInt>().nullable()))
        .count()
        .get_result(conn)?;
    Ok(vec![Invariant {
        name: "a session has one live token",
        broken,
    }])
}
