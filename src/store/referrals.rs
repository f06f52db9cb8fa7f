//! Referrals: requests before banks.
//!
//! A row alone says nothing of the enterprise. What a bank is shown of it comes from queries of which the
//! live consent is a part ([`disclosed`], [`super::facts::under_consent`]): without one there are no rows,
//! so nothing can be shown by mistake.

use super::authorisations::owners_on;
use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::consents::facts_of;
use super::error::StoreError;
use super::requests::visible;
use super::schema::{account, consent, consent_fact, enterprise, fact, organisation, referral, request, request_match};
use super::tenant::Tenant;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Owner};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::place::Place;
use crate::domain::referral::{DeclineReason, PickedProduct, ReferralEnd, ReferralState};
use crate::domain::request::Need;
use crate::domain::uscc::Uscc;
use crate::domain::why::Why;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A referral, without a word on the enterprise.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredReferral {
    /// Its id.
    pub id: Uuid,
    /// The bank.
    pub bank_id: Uuid,
    /// The bank's code.
    pub bank_code: String,
    /// The bank's name.
    pub bank_name: String,
    /// The request.
    pub request_id: Uuid,
    /// The consent that it rests on.
    pub consent_id: Option<Uuid>,
    /// What was picked.
    pub products: Vec<PickedProduct>,
    /// Where it is in its life.
    pub state: ReferralState,
    /// Raised by each change, from 1.
    pub version: i32,
    /// When it came to the bank.
    pub sent_at: Option<DateTime<Utc>>,
    /// When the bank first read the credit profile.
    pub viewed_at: Option<DateTime<Utc>>,
    /// Its place in the enterprise's order of those in reserve.
    pub position: Option<i32>,
    /// The last day on which the bank answers in time.
    pub due_on: Option<Day>,
    /// When the bank first answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Whether that was after the last day.
    pub is_late: Option<bool>,
    /// Why the bank makes no offer.
    pub declined: Option<Why<DeclineReason>>,
    /// Why it was cancelled.
    pub end: Option<ReferralEnd>,
}

/// What a bank is shown of a referral whose consent is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its credit code.
    pub uscc: Uscc,
    /// Verified date of establishment.
    pub established_on: Option<Day>,
    /// The request.
    pub request_id: Uuid,
    /// The request's number.
    pub number: String,
    /// What is asked for.
    pub need: Need,
    /// The consent.
    pub consent_id: Uuid,
    /// The last day on which the consent holds.
    pub until: Day,
    /// The text that was agreed to.
    pub text_version: i32,
    /// The facts in its scope.
    pub facts: BTreeSet<FactKey>,
    /// Those of them of which a verified value holds and may be used.
    pub verified: BTreeSet<FactKey>,
    /// Name and address of who gave it.
    pub contact: Option<(String, String)>,
}

/// The run of the match that a referral was picked from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickedFrom {
    /// The day it was for.
    pub as_of: Day,
    /// What it saw, as JSON.
    pub inputs: String,
}

/// Whether the consent behind a referral holds on a day, in a query that joins the two.
#[auto_type]
pub(super) fn is_given(day: NaiveDate) -> _ {
    consent::revoked_at
        .is_null()
        .and(consent::until.ge(day))
        .and(consent::bank_id.eq(referral::bank_id))
        .and(consent::request_id.eq(referral::request_id))
}

/// Whether the consent behind a referral lets its bank read on a day, in a query that joins the two.
#[auto_type(no_type_alias)]
pub(super) fn is_live(day: NaiveDate) -> _ {
    let is_before_the_bank: diesel::dsl::EqAny<referral::state, [&'static str; 4]> =
        referral::state.eq_any(ReferralState::BEFORE_THE_BANK.map(Code::code));
    let given: is_given = is_given(day);
    given.and(is_before_the_bank)
}

pub(super) type Row = (
    (Parsed<Uuid>, Parsed<Uuid>, Option<Parsed<Uuid>>),
    (Parsed<Uuid>, String, String),
    (Json<Vec<PickedProduct>>, Coded<ReferralState>, i32),
    (Option<NaiveDateTime>, Option<NaiveDateTime>),
    (Option<i32>, Option<Civil>, Option<NaiveDateTime>, Option<bool>),
    (Option<Coded<DeclineReason>>, Option<String>, Option<Coded<ReferralEnd>>),
);
pub(super) type Columns = (
    (referral::id, referral::request_id, referral::consent_id),
    (organisation::id, organisation::code, organisation::name),
    (referral::products, referral::state, referral::version),
    (referral::sent_at, referral::viewed_at),
    (
        referral::position,
        referral::due_on,
        referral::answered_at,
        referral::is_late,
    ),
    (referral::decline_reason, referral::decline_text, referral::end_reason),
);
pub(super) const COLUMNS: Columns = (
    (referral::id, referral::request_id, referral::consent_id),
    (organisation::id, organisation::code, organisation::name),
    (referral::products, referral::state, referral::version),
    (referral::sent_at, referral::viewed_at),
    (
        referral::position,
        referral::due_on,
        referral::answered_at,
        referral::is_late,
    ),
    (referral::decline_reason, referral::decline_text, referral::end_reason),
);

pub(super) fn read((ids, bank, what, when, answer, end): Row) -> StoredReferral {
    let (reason, text, end) = end;
    StoredReferral {
        id: ids.0.0,
        bank_id: bank.0.0,
        bank_code: bank.1,
        bank_name: bank.2,
        request_id: ids.1.0,
        consent_id: ids.2.map(|id| id.0),
        products: what.0.0,
        state: what.1.0,
        version: what.2,
        sent_at: when.0.map(|at| at.and_utc()),
        viewed_at: when.1.map(|at| at.and_utc()),
        position: answer.0,
        due_on: answer.1.map(|day| day.0),
        answered_at: answer.2.map(|at| at.and_utc()),
        is_late: answer.3,
        declined: reason.map(|reason| Why { reason: reason.0, text }),
        end: end.map(|end| end.0),
    }
}

/// Where a referral stands in a list: by when it came.
#[must_use]
pub fn place_of(referral: &StoredReferral) -> Place {
    Place {
        at: referral.sent_at.unwrap_or_default(),
        id: referral.id,
    }
}

/// A bank's referrals, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    bank: &Scope,
    state: Option<ReferralState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredReferral>, StoreError> {
    let mut query = referral::table
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .filter(referral::bank_id.nullable().eq(bank.organisation()))
        .filter(referral::sent_at.is_not_null())
        .select(COLUMNS)
        .order((referral::sent_at.desc(), referral::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(referral::state.eq(state.code()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        query = query.filter(
            referral::sent_at
                .lt(at)
                .or(referral::sent_at.eq(at).and(referral::id.nullable().lt(id.to_string()))),
        );
    }
    Ok(query.load::<Row>(conn)?.into_iter().map(read).collect())
}

/// How many referrals a bank has in each state.
///
/// # Errors
/// When the database fails.
pub fn counts(conn: &mut AnyConnection, bank: &Scope) -> Result<HashMap<ReferralState, i64>, StoreError> {
    let rows: Vec<(Coded<ReferralState>, i64)> = referral::table
        .filter(referral::bank_id.nullable().eq(bank.organisation()))
        .filter(referral::sent_at.is_not_null())
        .group_by(referral::state)
        .select((referral::state, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(state, count)| (state.0, count)).collect())
}

/// One referral of a bank.
///
/// # Errors
/// [`StoreError::NotFound`] where the bank has none with this id.
pub fn by_id(conn: &mut AnyConnection, bank: &Scope, id: Uuid) -> Result<StoredReferral, StoreError> {
    let row: Row = referral::table
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .filter(referral::id.eq(id.to_string()))
        .filter(referral::bank_id.nullable().eq(bank.organisation()))
        .filter(referral::sent_at.is_not_null())
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// The referrals of a request that the scope may see: in the order in which they were sent, then those in reserve
/// in the enterprise's, then the others.
///
/// # Errors
/// When the database fails.
pub fn of_request(
    conn: &mut AnyConnection,
    scope: &Scope,
    request_id: Uuid,
) -> Result<Vec<StoredReferral>, StoreError> {
    let rows: Vec<Row> = referral::table
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .inner_join(enterprise::table.on(request::enterprise_id.eq(enterprise::id)))
        .filter(referral::request_id.eq(request_id.to_string()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .load(conn)?;
    let mut found: Vec<StoredReferral> = rows.into_iter().map(read).collect();
    // The databases don't agree on where what is null stands.
    found.sort_by_key(|one| {
        let sent = (one.sent_at.is_none(), one.sent_at);
        (sent, one.position.is_none(), one.position, one.bank_code.clone())
    });
    Ok(found)
}

/// One referral of a request that the scope may see.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none with this id.
pub fn visible_by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredReferral, StoreError> {
    let row: Row = referral::table
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .inner_join(enterprise::table.on(request::enterprise_id.eq(enterprise::id)))
        .filter(referral::id.eq(id.to_string()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// The referral that rests on a consent of the enterprises of the scope, where there is one.
///
/// # Errors
/// When the database fails.
pub fn of_consent(
    conn: &mut AnyConnection,
    scope: &Scope,
    consent_id: Uuid,
) -> Result<Option<StoredReferral>, StoreError> {
    let row: Option<Row> = referral::table
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .inner_join(enterprise::table.on(request::enterprise_id.eq(enterprise::id)))
        .filter(referral::consent_id.eq(consent_id.to_string()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)
        .optional()?;
    Ok(row.map(read))
}

type Shown = (
    Parsed<Uuid>,
    (Parsed<Uuid>, String, Parsed<Uscc>, Option<Civil>),
    (Parsed<Uuid>, String, Json<Need>),
    (Parsed<Uuid>, Civil, i32),
    Option<(String, String)>,
);

/// What the bank is shown of each of these referrals; one whose consent is not live on `day` is not among them.
///
/// # Errors
/// When the database fails.
pub fn disclosed(
    conn: &mut AnyConnection,
    bank: &Scope,
    ids: &[Uuid],
    day: Day,
) -> Result<HashMap<Uuid, Disclosure>, StoreError> {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let rows: Vec<Shown> = referral::table
        .inner_join(consent::table.on(referral::consent_id.eq(consent::id.nullable())))
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .inner_join(enterprise::table.on(consent::enterprise_id.eq(enterprise::id)))
        .left_join(account::table.on(consent::given_by.eq(account::id.nullable())))
        .filter(referral::id.eq_any(&ids))
        .filter(referral::bank_id.nullable().eq(bank.organisation()))
        .filter(request::need.is_not_null())
        .filter(is_live(day.naive()))
        .select((
            referral::id,
            (
                enterprise::id,
                enterprise::name,
                enterprise::uscc,
                enterprise::established_on,
            ),
            (request::id, request::number, request::need.assume_not_null()),
            (consent::id, consent::until, consent::text_version),
            (account::name, account::email).nullable(),
        ))
        .load(conn)?;
    let consents: Vec<String> = rows.iter().map(|row| row.3.0.0.to_string()).collect();
    let mut facts = facts_of(conn, &consents)?;
    let mut verified = verified(conn, &consents, day)?;
    let read = |(id, whose, what, consent, contact): Shown| {
        let consent_id = consent.0.0;
        let facts = facts.remove(&consent_id).unwrap_or_default();
        let mut verified = verified.remove(&consent_id).unwrap_or_default();
        let established_on = whose.3.map(|day| day.0);
        if established_on.is_some() && facts.contains(&FactKey::AgeMonths) {
            verified.insert(FactKey::AgeMonths);
        }
        let disclosure = Disclosure {
            enterprise_id: whose.0.0,
            name: whose.1,
            uscc: whose.2.0,
            established_on,
            request_id: what.0.0,
            number: what.1,
            need: what.2.0,
            consent_id,
            until: consent.1.0,
            text_version: consent.2,
            facts,
            verified,
            contact,
        };
        (id.0, disclosure)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The facts in the scope of consents of which a verified value holds and may be used, without the values.
fn verified(
    conn: &mut AnyConnection,
    consent_ids: &[String],
    day: Day,
) -> Result<HashMap<Uuid, BTreeSet<FactKey>>, StoreError> {
    let same = consent::enterprise_id.eq(fact::enterprise_id);
    let rows: Vec<(Parsed<Uuid>, Parsed<Uuid>, String)> = consent_fact::table
        .inner_join(consent::table.on(consent_fact::consent_id.eq(consent::id)))
        .inner_join(fact::table.on(consent_fact::key.eq(fact::key).and(same)))
        .filter(consent::id.eq_any(consent_ids))
        .filter(fact::current)
        .filter(fact::verified)
        .filter(fact::valid_until.is_null().or(fact::valid_until.ge(day.naive())))
        .select((consent::id, consent::enterprise_id, fact::key))
        .load(conn)?;
    let enterprises: HashSet<String> = rows.iter().map(|row| row.1.0.to_string()).collect();
    let enterprises: Vec<String> = enterprises.into_iter().collect();
    let usable: HashSet<(Uuid, Owner)> = owners_on(conn, &enterprises, day)?.into_iter().collect();
    let mut verified: HashMap<Uuid, BTreeSet<FactKey>> = HashMap::new();
    for (consent, enterprise, key) in rows {
        let key = FactKey::find(&key).ok_or_else(|| StoreError::database(format!("no fact {key:?}")))?;
        if usable.contains(&(enterprise.0, key.spec().owner)) {
            verified.entry(consent.0).or_default().insert(key);
        }
    }
    Ok(verified)
}

/// The run of the match that a referral was picked from, while its consent is live on `day`.
///
/// # Errors
/// [`StoreError::NotFound`] where the bank has none with this id, or its consent is not live.
pub fn picked_from(conn: &mut AnyConnection, bank: &Scope, id: Uuid, day: Day) -> Result<PickedFrom, StoreError> {
    let (as_of, inputs): (Civil, String) = referral::table
        .inner_join(consent::table.on(referral::consent_id.eq(consent::id.nullable())))
        .inner_join(request_match::table.on(referral::match_id.eq(request_match::id)))
        .filter(referral::id.eq(id.to_string()))
        .filter(referral::bank_id.nullable().eq(bank.organisation()))
        .filter(is_live(day.naive()))
        .select((request_match::as_of, request_match::inputs))
        .first(conn)?;
    Ok(PickedFrom { as_of: as_of.0, inputs })
}
