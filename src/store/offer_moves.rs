//! What changes an offer. Each change names the state and the version that it was meant for; where they have moved on it
//! is [`StoreError::Stale`]. The caller has seen the offer in its scope and asked the state machine.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::offers::StoredOffer;
use super::schema::{offer, offer_revision};
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::offer::{FallenBy, LapseReason, OfferState};
use crate::domain::offer_checks::{CheckLine, is_clean};
use crate::domain::offer_figures::OfferFigures;
use crate::domain::offer_terms::OfferForm;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

/// What a bank sends: for the first time, or as a new revision.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The version of the product.
    pub product_version: i32,
    /// What it offers.
    pub terms: &'a OfferForm,
    /// What that comes to.
    pub figures: &'a OfferFigures,
    /// The desk's checks.
    pub checks: &'a [CheckLine],
    /// Who sends it.
    pub by: Uuid,
}

/// Whose offer it is to be.
#[derive(Clone, Copy, Debug)]
pub struct NewOffer<'a> {
    /// The referral that it answers.
    pub referral_id: Uuid,
    /// The request.
    pub request_id: Uuid,
    /// The request's number.
    pub request_number: &'a str,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The bank.
    pub bank_id: Uuid,
    /// The bank's code.
    pub bank_code: &'a str,
    /// The product.
    pub product_id: Uuid,
}

/// A change that leaves the terms as they are.
#[derive(Clone, Copy, Debug)]
pub enum Move<'a> {
    /// The enterprise gets it.
    Forward,
    /// The bank gets it back, with the reason.
    Return(&'a str),
    /// The enterprise takes it.
    Accept {
        /// The consent that it gives with it.
        consent_id: Uuid,
        /// The last day for the contract.
        sign_by: Day,
    },
    /// It lapses.
    Lapse(LapseReason),
    /// It falls through, by whom and what was said of it.
    FallThrough(FallenBy, Option<&'a str>),
    /// Its contract is registered.
    Sign,
    /// It ends otherwise: declined or withdrawn, and what was said of it.
    End(Option<&'a str>),
}

/// Keeps an offer that is sent for the first time.
///
/// # Errors
/// [`StoreError::Duplicate`] where the bank has a live one of this product for the request.
pub fn insert(
    conn: &mut AnyConnection,
    new: &NewOffer<'_>,
    sent: &Sent<'_>,
    clock: &dyn Clock,
) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    let before: i64 = offer::table
        .filter(offer::referral_id.eq(new.referral_id.to_string()))
        .count()
        .get_result(conn)?;
    // Counted by bank: a number across banks would tell one that another has made an offer.
    let number = format!("{}-{}-{}", new.request_number, new.bank_code, before + 1);
    let document = Documents::of(sent)?;
    diesel::insert_into(offer::table)
        .values((
            (
                offer::id.eq(id.to_string()),
                offer::number.eq(number),
                offer::referral_id.eq(new.referral_id.to_string()),
                offer::request_id.eq(new.request_id.to_string()),
                offer::enterprise_id.eq(new.enterprise_id.to_string()),
                offer::bank_id.eq(new.bank_id.to_string()),
                offer::product_id.eq(new.product_id.to_string()),
                offer::product_version.eq(sent.product_version),
            ),
            (
                offer::revision.eq(1),
                offer::version.eq(1),
                offer::state.eq(OfferState::Submitted.code()),
                offer::terms.eq(&document.terms),
                offer::figures.eq(&document.figures),
                offer::checks.eq(&document.checks),
                offer::is_clean.eq(is_clean(sent.checks)),
            ),
            (
                offer::amount_fen.eq(sent.terms.amount_fen.get()),
                offer::rate_bp.eq(sent.figures.rate_bp),
                offer::valid_until.eq(sent.terms.valid_until.naive()),
                offer::submitted_at.eq(clock.now().naive_utc()),
            ),
        ))
        .execute(conn)?;
    keep_revision(conn, id, 1, &document, sent.by, clock)?;
    Ok(id)
}

/// The parts of an offer that stand as JSON.
struct Documents {
    terms: String,
    figures: String,
    checks: String,
}

impl Documents {
    fn of(sent: &Sent<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            terms: serde_json::to_string(sent.terms).map_err(StoreError::database)?,
            figures: serde_json::to_string(sent.figures).map_err(StoreError::database)?,
            checks: serde_json::to_string(sent.checks).map_err(StoreError::database)?,
        })
    }
}

fn keep_revision(
    conn: &mut AnyConnection,
    offer_id: Uuid,
    revision: i32,
    document: &Documents,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    diesel::insert_into(offer_revision::table)
        .values((
            offer_revision::offer_id.eq(offer_id.to_string()),
            offer_revision::revision.eq(revision),
            offer_revision::terms.eq(&document.terms),
            offer_revision::figures.eq(&document.figures),
            offer_revision::checks.eq(&document.checks),
            offer_revision::submitted_at.eq(clock.now().naive_utc()),
            offer_revision::submitted_by.eq(by.to_string()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Sends an offer once more, as its next revision: it stands before the desk as if it were new.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn revise(
    conn: &mut AnyConnection,
    old: &StoredOffer,
    next: OfferState,
    sent: &Sent<'_>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let document = Documents::of(sent)?;
    let changed = diesel::update(offer::table)
        .filter(offer::id.eq(old.id.to_string()))
        .filter(offer::state.eq(old.state.code()))
        .filter(offer::version.eq(old.version))
        .set((
            (
                offer::state.eq(next.code()),
                offer::version.eq(old.version + 1),
                offer::revision.eq(old.revision + 1),
                offer::product_version.eq(sent.product_version),
                offer::terms.eq(&document.terms),
                offer::figures.eq(&document.figures),
                offer::checks.eq(&document.checks),
                offer::is_clean.eq(is_clean(sent.checks)),
            ),
            (
                offer::amount_fen.eq(sent.terms.amount_fen.get()),
                offer::rate_bp.eq(sent.figures.rate_bp),
                offer::valid_until.eq(sent.terms.valid_until.naive()),
                offer::submitted_at.eq(clock.now().naive_utc()),
            ),
            (
                offer::forwarded_at.eq(None::<NaiveDateTime>),
                offer::return_reason.eq(None::<&str>),
                offer::lapse_reason.eq(None::<&str>),
                offer::ended_at.eq(None::<NaiveDateTime>),
            ),
        ))
        .execute(conn)?;
    one(changed)?;
    keep_revision(conn, old.id, old.revision + 1, &document, sent.by, clock)
}

/// What a [`Move`] sets beside state and version; what is none is left as it is.
#[derive(Default, AsChangeset)]
#[diesel(table_name = offer)]
struct Change<'a> {
    forwarded_at: Option<NaiveDateTime>,
    return_reason: Option<&'a str>,
    accepted_at: Option<NaiveDateTime>,
    sign_by: Option<NaiveDate>,
    contract_consent_id: Option<String>,
    ended_at: Option<NaiveDateTime>,
    lapse_reason: Option<&'static str>,
    fallen_by: Option<&'static str>,
    end_text: Option<&'a str>,
}

impl<'a> Change<'a> {
    fn of(what: Move<'a>, now: NaiveDateTime) -> Self {
        let ended = Self {
            ended_at: Some(now),
            ..Self::default()
        };
        match what {
            Move::Forward => Self {
                forwarded_at: Some(now),
                ..Self::default()
            },
            Move::Return(reason) => Self {
                return_reason: Some(reason),
                ..Self::default()
            },
            Move::Accept { consent_id, sign_by } => Self {
                accepted_at: Some(now),
                sign_by: Some(sign_by.naive()),
                contract_consent_id: Some(consent_id.to_string()),
                ..Self::default()
            },
            Move::Lapse(reason) => Self {
                lapse_reason: Some(reason.code()),
                ..ended
            },
            Move::FallThrough(by, text) => Self {
                fallen_by: Some(by.code()),
                end_text: text,
                ..ended
            },
            Move::Sign => ended,
            Move::End(text) => Self {
                end_text: text,
                ..ended
            },
        }
    }
}

/// Moves an offer to `next`, its terms as they are.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on; [`StoreError::Duplicate`] where another offer of the request binds.
pub fn move_on(
    conn: &mut AnyConnection,
    old: &StoredOffer,
    next: OfferState,
    what: Move<'_>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let changed = diesel::update(offer::table)
        .filter(offer::id.eq(old.id.to_string()))
        .filter(offer::state.eq(old.state.code()))
        .filter(offer::version.eq(old.version))
        .set((
            offer::state.eq(next.code()),
            offer::version.eq(old.version + 1),
            Change::of(what, clock.now().naive_utc()),
        ))
        .execute(conn)?;
    one(changed)?;
    if let Move::Return(reason) = what {
        diesel::update(offer_revision::table.find((old.id.to_string(), old.revision)))
            .set(offer_revision::return_reason.eq(reason))
            .execute(conn)?;
    }
    Ok(())
}

fn one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
