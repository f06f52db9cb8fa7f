//! Offers, read by the three sides that may see them. What changes them is `offer_moves`'.
//!
//! A bank sees its own, the centre those of its district, an enterprise those that were forwarded to it: that stands in
//! the one condition `visible`, which every query by a scope carries. Deliberately absent: what the enterprise is
//! called, for a bank: it reads that under a consent.

use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{enterprise, offer, offer_revision, organisation, product_version, request};
use super::tenant::Tenant;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Kind};
use crate::domain::dates::Day;
use crate::domain::offer::{FallenBy, LapseReason, OfferState};
use crate::domain::offer_checks::CheckLine;
use crate::domain::offer_figures::OfferFigures;
use crate::domain::offer_terms::OfferForm;
use crate::domain::place::Place;
use crate::domain::product::ProductForm;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// An offer as it stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredOffer {
    /// Its id.
    pub id: Uuid,
    /// Its number for people: the request's, the bank's code, and which of the bank's offers it is.
    pub number: String,
    /// The referral that it answers.
    pub referral_id: Uuid,
    /// The request.
    pub request_id: Uuid,
    /// The request's number.
    pub request_number: String,
    /// The district that the request belongs to.
    pub district_code: String,
    /// The enterprise. What it is called is not for a bank to read here.
    pub enterprise_id: Uuid,
    /// The enterprise's name.
    pub enterprise_name: String,
    /// The bank.
    pub bank_id: Uuid,
    /// The bank's code.
    pub bank_code: String,
    /// The bank's name.
    pub bank_name: String,
    /// Whom to call there.
    pub bank_contact: Option<String>,
    /// The product.
    pub product_id: Uuid,
    /// The version that it is offered in.
    pub product_version: i32,
    /// The product's name in that version.
    pub product_name: String,
    /// The product's kind.
    pub kind: Kind,
    /// How often it was sent, from 1.
    pub revision: i32,
    /// Raised by each change, from 1.
    pub version: i32,
    /// Where it is in its life.
    pub state: OfferState,
    /// What the bank offers.
    pub terms: OfferForm,
    /// What it comes to.
    pub figures: OfferFigures,
    /// The desk's checks.
    pub checks: Vec<CheckLine>,
    /// Whether every check has passed.
    pub is_clean: bool,
    /// When it was last sent.
    pub submitted_at: DateTime<Utc>,
    /// When the enterprise got it.
    pub forwarded_at: Option<DateTime<Utc>>,
    /// Why it was given back.
    pub return_reason: Option<String>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// The last day for the contract.
    pub sign_by: Option<Day>,
    /// The consent of its acceptance.
    pub contract_consent_id: Option<Uuid>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it lapsed.
    pub lapse_reason: Option<LapseReason>,
    /// By whom it fell through.
    pub fallen_by: Option<FallenBy>,
    /// What was said of its end.
    pub end_text: Option<String>,
}

/// Which offers a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferFilter {
    /// Only those in this state.
    pub state: Option<OfferState>,
    /// Only those for this request.
    pub request_id: Option<Uuid>,
    /// Only those that answer this referral.
    pub referral_id: Option<Uuid>,
}

/// A revision that was sent before or stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRevision {
    /// From 1.
    pub revision: i32,
    /// What was offered.
    pub terms: OfferForm,
    /// What it came to.
    pub figures: OfferFigures,
    /// The desk's checks.
    pub checks: Vec<CheckLine>,
    /// When it was sent.
    pub submitted_at: DateTime<Utc>,
    /// Why it was given back.
    pub return_reason: Option<String>,
}

type Ids = (
    offer::id,
    offer::number,
    offer::referral_id,
    offer::product_id,
    offer::contract_consent_id,
);
type Whose = (
    (request::id, request::number, request::district_code),
    (enterprise::id, enterprise::name),
    (
        organisation::id,
        organisation::code,
        organisation::name,
        organisation::contact,
    ),
);
type What = (
    (offer::product_version, product_version::document),
    (offer::terms, offer::figures, offer::checks, offer::is_clean),
    (offer::revision, offer::version, offer::state),
);
type When = (
    offer::submitted_at,
    offer::forwarded_at,
    offer::accepted_at,
    offer::sign_by,
    offer::ended_at,
);
type Why = (
    offer::return_reason,
    offer::lapse_reason,
    offer::fallen_by,
    offer::end_text,
);
const COLUMNS: (Ids, Whose, What, When, Why) = (
    (
        offer::id,
        offer::number,
        offer::referral_id,
        offer::product_id,
        offer::contract_consent_id,
    ),
    (
        (request::id, request::number, request::district_code),
        (enterprise::id, enterprise::name),
        (
            organisation::id,
            organisation::code,
            organisation::name,
            organisation::contact,
        ),
    ),
    (
        (offer::product_version, product_version::document),
        (offer::terms, offer::figures, offer::checks, offer::is_clean),
        (offer::revision, offer::version, offer::state),
    ),
    (
        offer::submitted_at,
        offer::forwarded_at,
        offer::accepted_at,
        offer::sign_by,
        offer::ended_at,
    ),
    (
        offer::return_reason,
        offer::lapse_reason,
        offer::fallen_by,
        offer::end_text,
    ),
);
type Row = (
    (Parsed<Uuid>, String, Parsed<Uuid>, Parsed<Uuid>, Option<Parsed<Uuid>>),
    (
        (Parsed<Uuid>, String, String),
        (Parsed<Uuid>, String),
        (Parsed<Uuid>, String, String, Option<String>),
    ),
    (
        (i32, Json<ProductForm>),
        (Json<OfferForm>, Json<OfferFigures>, Json<Vec<CheckLine>>, bool),
        (i32, i32, Coded<OfferState>),
    ),
    (
        NaiveDateTime,
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
        Option<Civil>,
        Option<NaiveDateTime>,
    ),
    (
        Option<String>,
        Option<Coded<LapseReason>>,
        Option<Coded<FallenBy>>,
        Option<String>,
    ),
);

fn read((ids, (request, enterprise, bank), (product, sent, life), when, why): Row) -> StoredOffer {
    let (submitted_at, forwarded_at, accepted_at, sign_by, ended_at) = when;
    let (return_reason, lapse_reason, fallen_by, end_text) = why;
    let utc = |at: Option<NaiveDateTime>| at.map(|at| at.and_utc());
    StoredOffer {
        id: ids.0.0,
        number: ids.1,
        referral_id: ids.2.0,
        product_id: ids.3.0,
        contract_consent_id: ids.4.map(|id| id.0),
        request_id: request.0.0,
        request_number: request.1,
        district_code: request.2,
        enterprise_id: enterprise.0.0,
        enterprise_name: enterprise.1,
        bank_id: bank.0.0,
        bank_code: bank.1,
        bank_name: bank.2,
        bank_contact: bank.3,
        product_version: product.0,
        kind: product.1.0.kind,
        product_name: product.1.0.name,
        terms: sent.0.0,
        figures: sent.1.0,
        checks: sent.2.0,
        is_clean: sent.3,
        revision: life.0,
        version: life.1,
        state: life.2.0,
        submitted_at: submitted_at.and_utc(),
        forwarded_at: utc(forwarded_at),
        accepted_at: utc(accepted_at),
        sign_by: sign_by.map(|day| day.0),
        ended_at: utc(ended_at),
        return_reason,
        lapse_reason: lapse_reason.map(|reason| reason.0),
        fallen_by: fallen_by.map(|by| by.0),
        end_text,
    }
}

/// Where an offer stands in a list: by when it was last sent.
#[must_use]
pub const fn place_of(offer: &StoredOffer) -> Place {
    Place {
        at: offer.submitted_at,
        id: offer.id,
    }
}

/// An offer with all that it is told with.
#[auto_type(no_type_alias)]
fn joined() -> _ {
    let version = product_version::product_id
        .eq(offer::product_id)
        .and(product_version::version.eq(offer::product_version));
    offer::table
        .inner_join(request::table.on(offer::request_id.eq(request::id)))
        .inner_join(enterprise::table.on(offer::enterprise_id.eq(enterprise::id)))
        .inner_join(organisation::table.on(offer::bank_id.eq(organisation::id)))
        .inner_join(product_version::table.on(version))
}

/// What a scope may see: a bank its own, an enterprise what was forwarded to it, a district all of its requests.
#[auto_type(no_type_alias)]
fn visible<'a>(organisation_id: Option<String>, again: Option<String>, district: Option<&'a str>) -> _ {
    let is_forwarded = enterprise::organisation_id
        .eq(organisation_id)
        .and(offer::forwarded_at.is_not_null());
    offer::bank_id
        .nullable()
        .eq(again)
        .or(is_forwarded)
        .or(request::district_code.nullable().eq(district))
}

/// Offers, the newest sent first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    filter: OfferFilter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredOffer>, StoreError> {
    let mut query = joined()
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .select(COLUMNS)
        .order((offer::submitted_at.desc(), offer::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(offer::state.eq(state.code()));
    }
    if let Some(id) = filter.request_id {
        query = query.filter(offer::request_id.eq(id.to_string()));
    }
    if let Some(id) = filter.referral_id {
        query = query.filter(offer::referral_id.eq(id.to_string()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = offer::submitted_at.eq(at).and(offer::id.lt(id.to_string()));
        query = query.filter(offer::submitted_at.lt(at).or(earlier));
    }
    Ok(query.load::<Row>(conn)?.into_iter().map(read).collect())
}

/// One offer.
///
/// # Errors
/// [`StoreError::NotFound`] where the scope sees none with this id.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredOffer, StoreError> {
    let row: Row = joined()
        .filter(offer::id.eq(id.to_string()))
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// The revisions of an offer, newest first. The caller has seen the offer in its scope.
///
/// # Errors
/// When the database fails.
pub fn revisions(conn: &mut AnyConnection, offer_id: Uuid) -> Result<Vec<StoredRevision>, StoreError> {
    type Revision = (
        i32,
        (Json<OfferForm>, Json<OfferFigures>, Json<Vec<CheckLine>>),
        NaiveDateTime,
        Option<String>,
    );
    let rows: Vec<Revision> = offer_revision::table
        .filter(offer_revision::offer_id.eq(offer_id.to_string()))
        .select((
            offer_revision::revision,
            (offer_revision::terms, offer_revision::figures, offer_revision::checks),
            offer_revision::submitted_at,
            offer_revision::return_reason,
        ))
        .order(offer_revision::revision.desc())
        .load(conn)?;
    let read = |(revision, (terms, figures, checks), submitted_at, return_reason): Revision| StoredRevision {
        revision,
        terms: terms.0,
        figures: figures.0,
        checks: checks.0,
        submitted_at: submitted_at.and_utc(),
        return_reason,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Whether an offer's validity was over before a day.
#[auto_type(no_type_alias)]
fn is_out_of_date(day: NaiveDate) -> _ {
    let live: diesel::dsl::EqAny<offer::state, [&'static str; 3]> =
        offer::state.eq_any(OfferState::LIVE.map(Code::code));
    live.and(offer::valid_until.lt(day))
}

/// Whether an accepted offer's contract was due before a day.
#[auto_type(no_type_alias)]
fn is_unsigned(day: NaiveDate) -> _ {
    let accepted: diesel::dsl::Eq<offer::state, &'static str> = offer::state.eq(OfferState::Accepted.code());
    accepted.and(offer::sign_by.lt(day).assume_not_null())
}

/// How many offers are over by time on `day`: their validity, or the time for their contract.
///
/// # Errors
/// When the database fails.
pub fn count_over(conn: &mut AnyConnection, day: Day) -> Result<i64, StoreError> {
    let lapsing: i64 = offer::table
        .filter(is_out_of_date(day.naive()))
        .count()
        .get_result(conn)?;
    let falling: i64 = offer::table.filter(is_unsigned(day.naive())).count().get_result(conn)?;
    Ok(lapsing + falling)
}

/// Live offers whose validity was over before `day`: at most `limit`, for the service itself, which no scope bounds.
///
/// # Errors
/// When the database fails.
pub fn out_of_date(conn: &mut AnyConnection, day: Day, limit: i64) -> Result<Vec<StoredOffer>, StoreError> {
    let rows: Vec<Row> = joined()
        .filter(is_out_of_date(day.naive()))
        .select(COLUMNS)
        .order((offer::valid_until, offer::id))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// Accepted offers whose contract was due before `day`: likewise.
///
/// # Errors
/// When the database fails.
pub fn unsigned(conn: &mut AnyConnection, day: Day, limit: i64) -> Result<Vec<StoredOffer>, StoreError> {
    let rows: Vec<Row> = joined()
        .filter(is_unsigned(day.naive()))
        .select(COLUMNS)
        .order((offer::sign_by, offer::id))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}
