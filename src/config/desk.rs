//! The centre's desk: its deadlines and habits, and the rules with numbers that offers are held against.

use super::ConfigError;
use serde::{Deserialize, Serialize};

/// The deadlines, habits and rules of the centre's desk.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// Working days within which a bank answers.
    pub answer_days: u32,
    /// Working days within which an officer decides what came to the desk.
    pub decide_days: u32,
    /// Working days within which an officer answers a dispute.
    pub dispute_days: u32,
    /// Days for which a request is open.
    pub request_days: u32,
    /// How many requests for one purpose an enterprise may have that have not ended.
    pub open_per_purpose: u32,
    /// Working days within which the contract of an accepted offer is signed.
    pub signing_days: u32,
    /// Days for which an offer holds at least when it comes in.
    pub validity_days: u32,
    /// Whether an offer that passes every check is forwarded at once.
    pub auto_forward: bool,
    /// Months up to which a loan for working capital needs no reason.
    pub working_capital_months: u32,
    /// Months beyond which there is none.
    pub working_capital_most_months: u32,
    /// Months up to which a loan for fixed assets needs no reason.
    pub fixed_assets_months: u32,
    /// Days for which a request is open at least that is open again.
    pub reopen_days: u32,
    /// The most that offers may bear, by the kind of product.
    pub ceilings: Vec<Ceiling>,
}

/// The most that offers of a kind may bear: exactly one of its two measures is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Of which kind.
    pub kind: CeilingKind,
    /// Over the LPR, in bp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lpr_plus_bp: Option<i64>,
    /// Of the LPR, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lpr_factor_pct: Option<i64>,
}

/// A kind of product, by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CeilingKind {
    /// 专精特新贷.
    Specialised,
    /// 厂房贷.
    Plant,
    /// 技改贷.
    TechUpgrade,
    /// 融资租赁.
    FinanceLease,
    /// 接力贷.
    Relay,
    /// 年审贷.
    AnnualReview,
    /// 循环贷.
    Revolving,
}

impl Desk {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let bad = |key, why| Err(ConfigError::Value { key, why });
        if !(1..=366).contains(&self.decide_days) || !(1..=366).contains(&self.dispute_days) {
            return bad("desk", "decide_days and dispute_days are 1 to 366");
        }
        if !(1..=366).contains(&self.signing_days)
            || !(1..=366).contains(&self.validity_days)
            || !(1..=366).contains(&self.reopen_days)
        {
            return bad("desk", "signing_days, validity_days and reopen_days are 1 to 366");
        }
        if self.working_capital_months > self.working_capital_most_months {
            return bad(
                "desk.working_capital_most_months",
                "is not below working_capital_months",
            );
        }
        for (at, ceiling) in self.ceilings.iter().enumerate() {
            if ceiling.lpr_plus_bp.is_some() == ceiling.lpr_factor_pct.is_some() {
                return bad("desk.ceilings", "have lpr_plus_bp or lpr_factor_pct each");
            }
            if self.ceilings.iter().take(at).any(|other| other.kind == ceiling.kind) {
                return bad("desk.ceilings", "name each kind once");
            }
        }
        Ok(())
    }
}
