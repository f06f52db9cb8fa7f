//! What a result page shows beside the verdicts: products by name, facts with their sources, money.

use super::codes::Repayment;
use super::dates::Day;
use super::facts::FactKey;
use super::fees::Fee;
use super::product::ProductForm;
use super::scalar::Scalar;
use serde::{Deserialize, Serialize};

/// A value as it was known, with who said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFact {
    /// What it says something about.
    pub key: FactKey,
    /// The value.
    pub value: Scalar,
    /// Whether the fact's owner vouches for it.
    pub verified: bool,
    /// The day for which it was true.
    pub observed_on: Day,
    /// The last day on which it holds.
    pub valid_until: Option<Day>,
    /// Name of the organisation that said so.
    pub source: String,
    /// Name of the bank that it is about, where it came per bank.
    pub bank: Option<String>,
}

impl KnownFact {
    /// Whether the value still holds on `day`.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_until.is_none_or(|until| day <= until)
    }
}

/// A product in the version that was matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownProduct {
    /// What it said.
    pub form: ProductForm,
    /// Its version, from 1.
    pub version: i32,
    /// The bank's name.
    pub bank_name: String,
}

/// What a loan comes to in money, by the standardised monthly model; 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanFigures {
    /// What the first month asks for, fees left out.
    pub first_payment_fen: i64,
    /// All interest.
    pub interest_fen: i64,
    /// All fees that the borrower bears.
    pub fees_fen: i64,
}

/// One fee of a loan in money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeeLine {
    /// The fee.
    pub fee: Fee,
    /// What it comes to over the term, 分; 0 where the bank bears it.
    pub total_fen: i64,
    /// Its annual rate by the add-up method (贷款明白纸), percent.
    pub annual_pct: Option<f64>,
}

/// A line of a repayment schedule, 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleLine {
    /// From 1.
    pub period: u32,
    /// Principal paid.
    pub principal_fen: i64,
    /// Interest paid.
    pub interest_fen: i64,
    /// Both.
    pub payment_fen: i64,
    /// Principal still owed.
    pub balance_fen: i64,
}

/// What a product would cost, item by item.
#[derive(Clone, Debug, PartialEq)]
pub struct CostBreakdown {
    /// How it would be repaid.
    pub repayment: Repayment,
    /// The rate, bp a year.
    pub rate_bp: i64,
    /// In money.
    pub figures: LoanFigures,
    /// Each fee, those that the bank bears too.
    pub fees: Vec<FeeLine>,
    /// The effective cost of a year, by which products are ranked, percent.
    pub annual_cost_pct: f64,
    /// The same flows' monthly rate times 12, not compounded, percent.
    pub nominal_pct: f64,
    /// 贷款明白纸's total: the rate and each fee's annual rate added up, percent.
    pub add_up_total_pct: f64,
    /// The schedule, month by month.
    pub schedule: Vec<ScheduleLine>,
}
