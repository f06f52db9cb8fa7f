//! A referral: an enterprise's request before one bank, with the products that the enterprise picked.

use super::codes::{Repayment, codes};
use serde::{Deserialize, Serialize};

codes! {
    /// Where a referral is in its life.
    ReferralState {
        Pending = "pending" "待查看",
        Viewed = "viewed" "已查看",
        Cancelled = "cancelled" "已取消",
    }
}

/// What can happen to a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferralEvent {
    /// The bank reads the credit profile for the first time.
    View,
    /// The enterprise takes its consent back.
    Revoke,
    /// The enterprise picks the bank once more, with a new consent.
    PickAgain,
}

/// The event does not happen in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} is not possible in state {state}")]
pub struct Refused {
    /// Where the referral is.
    pub state: ReferralState,
    /// What was tried.
    pub event: ReferralEvent,
}

impl ReferralState {
    /// The state after `event`.
    ///
    /// # Errors
    /// Whatever this table does not name.
    pub const fn next(self, event: ReferralEvent) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Pending, ReferralEvent::View) => Ok(Self::Viewed),
            (Self::Pending | Self::Viewed, ReferralEvent::Revoke) => Ok(Self::Cancelled),
            (Self::Cancelled, ReferralEvent::PickAgain) => Ok(Self::Pending),
            (state, event) => Err(Refused { state, event }),
        }
    }
}

/// A product that was picked, as the match showed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PickedProduct {
    /// Its code.
    pub code: String,
    /// The version that was matched.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// Its rate for this enterprise, in bp.
    pub rate_bp: i64,
    /// The cheapest way to repay that both allow.
    pub repayment: Option<Repayment>,
    /// What a year costs, in percent.
    pub annual_cost_pct: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::Code;

    #[test]
    fn the_whole_table() {
        use ReferralEvent::{PickAgain, Revoke, View};
        let lines: Vec<String> = ReferralState::ALL
            .iter()
            .map(|state| {
                let after = |event| state.next(event).map_or("-", Code::code);
                format!("{state}: {} {} {}", after(View), after(Revoke), after(PickAgain))
            })
            .collect();
        let expected = [
            "pending: viewed cancelled -",
            "viewed: - cancelled -",
            "cancelled: - - pending",
        ];
        assert_eq!(lines, expected, "state: View Revoke PickAgain");
    }
}
