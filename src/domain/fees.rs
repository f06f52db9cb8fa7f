//! Fees beside the interest: what, on which basis, who pays.

use super::codes::{Bearer, FeeBasis, FeeKind};
use serde::{Deserialize, Serialize};

/// One fee of a product or an offer.
///
/// `value` is basis points for the rate bases and 分 for [`FeeBasis::UpfrontFixed`]; never negative
/// (the forms that hold fees check it).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// As the bank calls it.
    pub name: String,
    /// What it is charged for.
    #[serde(default = "other")]
    pub kind: FeeKind,
    /// What `value` is measured on, and when it is paid.
    pub basis: FeeBasis,
    /// Basis points or 分, by `basis`.
    pub value: i64,
    /// Who receives it, where it is not the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// Who pays it.
    #[serde(default = "borrower", skip_serializing_if = "is_borrower")]
    pub borne_by: Bearer,
}

const fn other() -> FeeKind {
    FeeKind::Other
}

const fn borrower() -> Bearer {
    Bearer::Borrower
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_borrower(bearer: &Bearer) -> bool {
    *bearer == Bearer::Borrower
}

impl Fee {
    /// Whether the borrower pays it; what the bank bears is left out of every cost.
    #[must_use]
    pub fn is_borrowers(&self) -> bool {
        self.borne_by == Bearer::Borrower
    }
}
