//! How offers look in the API, from each side: a bank is not told what the enterprise is called, an enterprise not what
//! passed between bank and desk.

use super::deadline::DeadlineView;
use crate::actions::deadlines::Counting;
use crate::actions::offers::{OfferSheet, Party, StoredOffer, StoredRevision, Viewer, Worked, place_of};
use crate::domain::codes::Kind;
use crate::domain::dates::Day;
use crate::domain::offer::{FallenBy, LapseReason, OfferState};
use crate::domain::offer_checks::{CheckLine, DeskCheck};
use crate::domain::offer_figures::{DueLine, OfferFigures};
use crate::domain::offer_terms::OfferForm;
use crate::domain::sheet::FeeLine;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a bank offers: `{product, amount_fen, term_months, rate: {base, lpr_on?, spread_bp}, repayment,
/// principal_grace_months?, start_on, due_every_months, due_day?, day_count? ("act/360" | "act/365"), guarantee,
/// guarantee_text?, fees?: [{name, kind?, basis, value, payee?, borne_by?}], conditions?, early_repayment,
/// late_repayment, term_reason?, fee_reason?, valid_until}`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct OfferBody(pub OfferForm);

/// A check of the desk.
#[derive(Serialize, ToSchema)]
pub struct CheckView {
    /// What was looked at.
    check: DeskCheck,
    /// Whether it is as it should be.
    passed: bool,
    /// What the offer says.
    found: String,
    /// What it should be.
    wanted: String,
}

impl From<CheckLine> for CheckView {
    fn from(line: CheckLine) -> Self {
        Self {
            check: line.check,
            passed: line.passed,
            found: line.found,
            wanted: line.wanted,
        }
    }
}

fn checks(lines: Vec<CheckLine>) -> Vec<CheckView> {
    lines.into_iter().map(CheckView::from).collect()
}

/// A payment of the schedule.
#[derive(Serialize, ToSchema)]
pub struct DueView {
    /// From 1.
    period: u32,
    /// When it falls due.
    #[schema(value_type = String, format = Date)]
    due_on: Day,
    /// Principal paid, 分.
    principal_fen: i64,
    /// Interest paid, 分.
    interest_fen: i64,
    /// Both, 分.
    payment_fen: i64,
    /// Principal still owed, 分.
    balance_fen: i64,
}

impl From<DueLine> for DueView {
    fn from(line: DueLine) -> Self {
        Self {
            period: line.period,
            due_on: line.due_on,
            principal_fen: line.principal_fen,
            interest_fen: line.interest_fen,
            payment_fen: line.payment_fen,
            balance_fen: line.balance_fen,
        }
    }
}

/// What one fee comes to.
#[derive(Serialize, ToSchema)]
pub struct FeeCostView {
    /// As the bank calls it.
    name: String,
    /// Over the term, 分; 0 where the bank bears it.
    total_fen: i64,
    /// Its yearly rate by the add-up method, percent.
    annual_pct: Option<f64>,
}

impl From<FeeLine> for FeeCostView {
    fn from(line: FeeLine) -> Self {
        Self {
            name: line.fee.name,
            total_fen: line.total_fen,
            annual_pct: line.annual_pct,
        }
    }
}

/// What an offer comes to. The three yearly figures differ by some bp.
#[derive(Serialize, ToSchema)]
pub struct CostView {
    /// The rate, bp.
    rate_bp: i64,
    /// The effective cost of a year, compounded, percent.
    annual_cost_pct: f64,
    /// The monthly rate times 12, percent.
    nominal_pct: f64,
    /// 贷款明白纸's total, percent.
    add_up_total_pct: f64,
    /// What a period asks for at most before the last one, 分.
    payment_fen: i64,
    /// All interest, 分.
    interest_fen: i64,
    /// All fees that the borrower bears, 分.
    fees_fen: i64,
    /// Principal, interest and fees, 分.
    total_fen: i64,
    /// Each fee.
    fees: Vec<FeeCostView>,
}

/// Costs and schedule.
fn split(figures: OfferFigures) -> (CostView, Vec<DueView>) {
    let cost = CostView {
        rate_bp: figures.rate_bp,
        annual_cost_pct: figures.annual_cost_pct,
        nominal_pct: figures.nominal_pct,
        add_up_total_pct: figures.add_up_total_pct,
        payment_fen: figures.payment_fen,
        interest_fen: figures.interest_fen,
        fees_fen: figures.fees_fen,
        total_fen: figures.total_fen,
        fees: figures.fees.into_iter().map(FeeCostView::from).collect(),
    };
    (cost, figures.schedule.into_iter().map(DueView::from).collect())
}

/// An offer worked out, not sent.
#[derive(Serialize, ToSchema)]
pub struct WorkedView {
    /// The terms, with the LPR filled in.
    #[schema(value_type = Object)]
    terms: OfferForm,
    /// What it costs.
    cost: CostView,
    /// When what falls due.
    schedule: Vec<DueView>,
    /// What the desk will find.
    checks: Vec<CheckView>,
}

impl From<Worked> for WorkedView {
    fn from(worked: Worked) -> Self {
        let (cost, schedule) = split(worked.figures);
        Self {
            terms: worked.terms,
            cost,
            schedule,
            checks: checks(worked.checks),
        }
    }
}

/// An offer.
#[derive(Serialize, ToSchema)]
pub struct OfferView {
    /// Its id.
    id: Uuid,
    /// Its number for people.
    number: String,
    /// The referral that it answers; for its bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    referral: Option<Uuid>,
    /// The request.
    request: Uuid,
    /// The request's number.
    request_number: String,
    /// The enterprise's name; not for banks, which read it under a consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise: Option<String>,
    /// The bank's code.
    bank: String,
    /// The bank's name.
    bank_name: String,
    /// The product's name.
    product_name: String,
    /// The version that it is offered in.
    product_version: i32,
    /// The product's kind.
    kind: Kind,
    /// Where it is in its life.
    state: OfferState,
    /// How often it was sent, from 1.
    revision: i32,
    /// What is offered.
    #[schema(value_type = Object)]
    terms: OfferForm,
    /// What it costs.
    cost: CostView,
    /// Whether it passes every check of the desk; not for enterprises.
    #[serde(skip_serializing_if = "Option::is_none")]
    clean: Option<bool>,
    /// When it was last sent.
    submitted_at: DateTime<Utc>,
    /// When the enterprise got it.
    forwarded_at: Option<DateTime<Utc>>,
    /// Why it was given back to the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    return_reason: Option<String>,
    /// When it was accepted.
    accepted_at: Option<DateTime<Utc>>,
    /// The last day for the contract.
    #[schema(value_type = Option<String>, format = Date)]
    sign_by: Option<Day>,
    /// How long it holds, while it may be accepted; how long there is for the contract, once it is.
    deadline: Option<DeadlineView>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
    /// Why it lapsed.
    lapse_reason: Option<LapseReason>,
    /// By whom it fell through.
    fallen_by: Option<FallenBy>,
    /// What was said of its end.
    end_text: Option<String>,
    #[serde(skip)]
    pub(super) place: String,
}

impl OfferView {
    /// From one side; the schedule is left over.
    pub(super) fn of(offer: StoredOffer, viewer: Viewer, counting: &Counting) -> (Self, Vec<DueView>) {
        let left = counting.of_validity(&offer).or_else(|| counting.of_signing(&offer));
        let place = place_of(&offer).to_string();
        let (cost, schedule) = split(offer.figures);
        let is_banks = viewer == Viewer::Bank;
        let view = Self {
            place,
            id: offer.id,
            number: offer.number,
            referral: is_banks.then_some(offer.referral_id),
            request: offer.request_id,
            request_number: offer.request_number,
            enterprise: (!is_banks).then_some(offer.enterprise_name),
            bank: offer.bank_code,
            bank_name: offer.bank_name,
            product_name: offer.product_name,
            product_version: offer.product_version,
            kind: offer.kind,
            state: offer.state,
            revision: offer.revision,
            terms: offer.terms,
            cost,
            clean: (viewer != Viewer::Enterprise).then_some(offer.is_clean),
            submitted_at: offer.submitted_at,
            forwarded_at: offer.forwarded_at,
            return_reason: offer.return_reason,
            accepted_at: offer.accepted_at,
            sign_by: offer.sign_by,
            deadline: left.map(DeadlineView::from),
            ended_at: offer.ended_at,
            lapse_reason: offer.lapse_reason,
            fallen_by: offer.fallen_by,
            end_text: offer.end_text,
        };
        (view, schedule)
    }
}

/// What was sent before.
#[derive(Serialize, ToSchema)]
pub struct RevisionView {
    /// From 1.
    revision: i32,
    /// What was offered.
    #[schema(value_type = Object)]
    terms: OfferForm,
    /// What it cost.
    cost: CostView,
    /// What the desk found; empty for an enterprise.
    checks: Vec<CheckView>,
    /// When it was sent.
    submitted_at: DateTime<Utc>,
    /// Why it was given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    return_reason: Option<String>,
}

impl RevisionView {
    fn of(revision: StoredRevision, viewer: Viewer) -> Self {
        let (cost, _) = split(revision.figures);
        let of_the_desk = viewer != Viewer::Enterprise;
        Self {
            revision: revision.revision,
            terms: revision.terms,
            cost,
            checks: if of_the_desk {
                checks(revision.checks)
            } else {
                Vec::new()
            },
            submitted_at: revision.submitted_at,
            return_reason: revision.return_reason,
        }
    }
}

/// Whom the bank signs with.
#[derive(Serialize, ToSchema)]
pub struct PartyView {
    /// The enterprise's name.
    name: String,
    /// Its credit code.
    uscc: String,
    /// Name of who accepted.
    contact: Option<String>,
    /// Address of who accepted.
    email: Option<String>,
}

impl From<Party> for PartyView {
    fn from(party: Party) -> Self {
        let (contact, email) = party.contact.unzip();
        Self {
            name: party.name,
            uscc: party.uscc.to_string(),
            contact,
            email,
        }
    }
}

/// An offer with its schedule and what was sent before.
#[derive(Serialize, ToSchema)]
pub struct OfferSheetView {
    /// The offer.
    #[serde(flatten)]
    offer: OfferView,
    /// When what falls due.
    schedule: Vec<DueView>,
    /// Every revision, newest first; for an enterprise the one that it was forwarded.
    revisions: Vec<RevisionView>,
    /// Whom the bank signs with, once it is accepted and while the consent of that holds; for the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<PartyView>,
}

impl OfferSheetView {
    /// From one side.
    pub(super) fn of(sheet: OfferSheet, viewer: Viewer, counting: &Counting) -> Self {
        let (offer, schedule) = OfferView::of(sheet.offer, viewer, counting);
        Self {
            offer,
            schedule,
            revisions: sheet
                .revisions
                .into_iter()
                .map(|one| RevisionView::of(one, viewer))
                .collect(),
            party: sheet.party.map(PartyView::from),
        }
    }
}
