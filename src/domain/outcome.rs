//! What became of a request, for others: one row, without what the district keeps to itself (which banks were asked, what
//! they offered, what the enterprise would have paid).

use super::codes::{Guarantee, Kind};
use super::dates::Day;
use super::monitor::{Case, CaseLoan};
use super::request::UnservedReason;
use super::uscc::Uscc;
use serde::Serialize;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The request's number.
    pub request: String,
    /// The enterprise's credit code.
    pub uscc: Uscc,
    /// The enterprise's name.
    pub enterprise: String,
    /// When it was submitted.
    pub submitted_on: Day,
    /// What was asked for, 分.
    pub amount_fen: i64,
    /// Whether a product fitted at any time.
    pub fits_any: bool,
    /// How many banks it was brought to.
    pub banks_asked: usize,
    /// How many of these answered.
    pub banks_answered: usize,
    /// How many offers reached the enterprise.
    pub offers: usize,
    /// When an offer was first accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_on: Option<Day>,
    /// When and why an officer ended it, where nobody could serve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unserved: Option<Unserved>,
    /// The loan that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loan: Option<OutcomeLoan>,
}

/// That nobody could serve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Unserved {
    /// When it was ended.
    pub on: Day,
    /// Why.
    pub reason: UnservedReason,
}

/// The loan that came of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeLoan {
    /// Its number.
    pub number: String,
    /// The bank's code.
    pub bank: String,
    /// The product's kind.
    pub kind: Kind,
    /// Its guarantee class.
    pub guarantee: Guarantee,
    /// The contract's amount, 分.
    pub amount_fen: i64,
    /// The contract's rate, bp.
    pub rate_bp: i64,
    /// For how many months.
    pub term_months: u32,
    /// What a year costs, percent.
    pub annual_cost_pct: f64,
    /// When the contract was signed.
    pub signed_on: Day,
    /// Whether it is its enterprise's first, as the bank says.
    pub is_first: bool,
    /// All that was paid out until now, 分.
    pub drawn_fen: i64,
}

impl From<Case> for Outcome {
    fn from(case: Case) -> Self {
        let answered = case.referrals.iter().filter(|referral| referral.answered_on.is_some());
        let reached = case.offers.iter().filter(|offer| offer.forwarded_on.is_some());
        Self {
            banks_asked: case.referrals.len(),
            banks_answered: answered.count(),
            offers: reached.count(),
            accepted_on: case.offers.iter().filter_map(|offer| offer.accepted_on).min(),
            request: case.number,
            uscc: case.uscc,
            enterprise: case.enterprise,
            submitted_on: case.submitted_on,
            amount_fen: case.amount_fen,
            fits_any: case.is_matched,
            unserved: case.unserved.map(|(on, reason)| Unserved { on, reason }),
            loan: case.loans.into_iter().next().map(OutcomeLoan::from),
        }
    }
}

impl From<CaseLoan> for OutcomeLoan {
    fn from(loan: CaseLoan) -> Self {
        Self {
            number: loan.number,
            bank: loan.bank.code,
            kind: loan.kind,
            guarantee: loan.guarantee,
            amount_fen: loan.amount_fen,
            rate_bp: loan.rate_bp,
            term_months: loan.term_months,
            annual_cost_pct: loan.annual_cost_pct,
            signed_on: loan.signed_on,
            is_first: loan.is_first,
            drawn_fen: loan.drawn_fen,
        }
    }
}
