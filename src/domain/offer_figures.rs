//! What an offer comes to: its dated schedule and what it costs. Worked out by `finance` when it is submitted, and
//! kept with it.

use super::dates::Day;
use super::sheet::FeeLine;
use serde::{Deserialize, Serialize};

/// A payment of an offer's schedule, in 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueLine {
    /// From 1.
    pub period: u32,
    /// When it falls due.
    pub due_on: Day,
    /// Principal paid.
    pub principal_fen: i64,
    /// Interest paid.
    pub interest_fen: i64,
    /// Both.
    pub payment_fen: i64,
    /// Principal still owed.
    pub balance_fen: i64,
}

/// What an offer comes to. The three yearly figures differ by some bp; each has its own name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferFigures {
    /// The rate, bp a year.
    pub rate_bp: i64,
    /// The schedule.
    pub schedule: Vec<DueLine>,
    /// The largest payment before the last one, 分: what a period asks for. The last one where there is no other.
    pub payment_fen: i64,
    /// All interest, 分.
    pub interest_fen: i64,
    /// All fees that the borrower bears, 分.
    pub fees_fen: i64,
    /// All that is paid: principal, interest and fees, 分.
    pub total_fen: i64,
    /// Each fee, those that the bank bears too.
    pub fees: Vec<FeeLine>,
    /// Whether its periods are whole months, so that the monthly rate is that of the flows; else the yearly rate is that
    /// of the flows on their dates (XIRR), and the monthly one its twelfth root.
    pub by_month: bool,
    /// The effective cost of a year, compounded, percent.
    pub annual_cost_pct: f64,
    /// The monthly rate times 12, percent.
    pub nominal_pct: f64,
    /// 贷款明白纸's total: the rate and each fee's yearly rate added up, percent.
    pub add_up_total_pct: f64,
}
