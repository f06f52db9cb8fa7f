//! What a match comes to: verdicts, the reasons behind them, and the lists that pages and files show.

use super::codes::{Repayment, codes};
use super::criteria::State;
use super::dates::Day;
use super::scalar::Scalar;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

codes! {
    /// How a product stands to a request.
    Verdict {
        Eligible = "eligible" "符合",
        Incomplete = "incomplete" "待补资料",
        Near = "near" "差一项",
        Ineligible = "ineligible" "不符合",
    }
}

codes! {
    /// The checks that every product has, whatever its criteria; in the order of the contract.
    BuiltIn {
        ProductOpen = "product_open" "产品在售",
        Kind = "kind" "产品类别",
        Purpose = "purpose" "用途",
        AmountMin = "amount_min" "最低金额",
        AmountMax = "amount_max" "最高金额",
        TermMin = "term_min" "最短期限",
        TermMax = "term_max" "最长期限",
        Guarantee = "guarantee" "担保方式",
        Repayment = "repayment" "还款方式",
        ExistingLoan = "existing_loan" "原有贷款",
        AmountCap = "amount_cap" "金额上限",
        MaxCost = "max_cost" "可接受的最高成本",
    }
}

/// A value that a row shows: what is needed, or what there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// Money, bp, months, a count, a code, a list, yes or no.
    Plain(Scalar),
    /// A cost in percent.
    Percent(f64),
}

/// A product that fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EligibleRow {
    /// Its code.
    pub product: String,
    /// Its rate for this enterprise, in bp.
    pub rate_bp: i64,
    /// The cheapest way to repay that both allow.
    pub repayment: Option<Repayment>,
    /// What a year costs, in percent.
    pub annual_cost_pct: Option<f64>,
}

/// A product that may fit once more is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncompleteRow {
    /// As of an eligible product.
    #[serde(flatten)]
    pub terms: EligibleRow,
    /// Keys of what is not known.
    pub unknown: Vec<String>,
}

/// A product that misses one check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearRow {
    /// As of an eligible product.
    #[serde(flatten)]
    pub terms: EligibleRow,
    /// The fact's key or the check's code.
    pub unmet: String,
    /// What it asks for.
    pub needed: Option<Figure>,
    /// What there is.
    pub actual: Option<Figure>,
    /// When time alone will meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_on: Option<Day>,
    /// Keys of what is not known.
    pub unknown: Vec<String>,
}

/// One request against a catalogue: the line of the matching contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchResult {
    /// The request's id.
    pub request: String,
    /// The day on which everything was looked at.
    pub as_of: Day,
    /// What fits, cheapest first.
    pub eligible: Vec<EligibleRow>,
    /// What may fit.
    pub incomplete: Vec<IncompleteRow>,
    /// What misses one check.
    pub near: Vec<NearRow>,
    /// How many miss more.
    pub ineligible: u64,
}

impl MatchResult {
    /// The codes of all products that were looked at, in the matcher's order: what fits, what may fit, what misses one
    /// check, each as it is ranked, and then the rest as they come.
    pub fn order<'a>(&'a self, all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let fits = self.eligible.iter();
        let may_fit = self.incomplete.iter().map(|row| &row.terms);
        let misses = self.near.iter().map(|row| &row.terms);
        let ranked = fits.chain(may_fit).chain(misses).map(|terms| terms.product.as_str());
        let mut order: Vec<&str> = ranked.collect();
        let ranked: HashSet<&str> = order.iter().copied().collect();
        order.extend(all.filter(|code| !ranked.contains(code)));
        order
    }
}

/// One check of one product, with what it looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckOutcome {
    /// The fact's key, `any`, or the code of a built-in check.
    pub check: String,
    /// How it compares, for a criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<&'static str>,
    /// What an amount cap is a share of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<&'static str>,
    /// What it came to.
    pub state: State,
    /// What it asks for, as the product says it.
    pub needed: Option<Figure>,
    /// What there is.
    pub actual: Option<Figure>,
    /// Whether only a verified value counts.
    pub must_be_verified: bool,
    /// When time alone will meet it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met_on: Option<Day>,
    /// The members of an `any`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<CheckOutcome>,
}

/// One product against one request, check by check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The product's code.
    pub product: String,
    /// How it stands.
    pub verdict: Verdict,
    /// Its rate for this enterprise, in bp.
    pub rate_bp: i64,
    /// The cheapest way to repay that both allow.
    pub repayment: Option<Repayment>,
    /// What a year costs, in percent.
    pub annual_cost_pct: Option<f64>,
    /// Every check, built-in ones first, then the criteria in the bank's order.
    pub checks: Vec<CheckOutcome>,
}

/// A product against a book of requests with ids of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Simulation<I> {
    /// How many requests it fits.
    pub eligible: u64,
    /// How many it may fit.
    pub incomplete: u64,
    /// How many miss one check.
    pub near: u64,
    /// How many miss more.
    pub ineligible: u64,
    /// The requests it fits, in the order of the book.
    pub eligible_ids: Vec<I>,
    /// Which check alone keeps out how many, most first.
    pub keeps_out: Vec<KeepsOut>,
}

/// A check that alone keeps requests out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeepsOut {
    /// The fact's key or the check's code.
    pub check: String,
    /// How it compares, for a criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<&'static str>,
    /// The near requests whose one unmet check it is.
    pub requests: u64,
}
