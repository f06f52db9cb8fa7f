//! The settings that are changed while the service runs: what a district's centre sets for its desk, and what its
//! administrator sets for accounts. The files' values stand where nothing was set.

use super::{Auth, Ceiling, Desk, Joining};
use serde::{Deserialize, Serialize};

/// What an officer sets for the desk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeskRules {
    /// Working days within which a bank answers.
    pub answer_days: u32,
    /// Working days within which the contract of an accepted offer is signed.
    pub signing_days: u32,
    /// Days for which an offer holds at least when it comes in.
    pub validity_days: u32,
    /// Working days within which an officer decides what came to the desk.
    pub decide_days: u32,
    /// Working days within which an officer answers a dispute.
    pub dispute_days: u32,
    /// Whether an offer that passes every check is forwarded at once.
    pub auto_forward: bool,
    /// The most that offers may bear, by the kind of product.
    pub ceilings: Vec<Ceiling>,
}

impl DeskRules {
    /// What the files say.
    #[must_use]
    pub fn of(desk: &Desk) -> Self {
        Self {
            answer_days: desk.answer_days,
            signing_days: desk.signing_days,
            validity_days: desk.validity_days,
            decide_days: desk.decide_days,
            dispute_days: desk.dispute_days,
            auto_forward: desk.auto_forward,
            ceilings: desk.ceilings.clone(),
        }
    }

    /// The desk's settings with these in the place of the files'.
    #[must_use]
    pub fn on(self, desk: &Desk) -> Desk {
        Desk {
            answer_days: self.answer_days,
            signing_days: self.signing_days,
            validity_days: self.validity_days,
            decide_days: self.decide_days,
            dispute_days: self.dispute_days,
            auto_forward: self.auto_forward,
            ceilings: self.ceilings,
            ..*desk
        }
    }
}

/// What an administrator sets for accounts and for what is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRules {
    /// Whether banks' users need a second factor.
    pub second_factor_banks: bool,
    /// Whether officers need one.
    pub second_factor_officers: bool,
    /// Whether administrators need one.
    pub second_factor_administrators: bool,
    /// Days for which a rejected registration and its files are kept.
    pub rejected_days: u32,
}

impl AccountRules {
    /// What the files say.
    #[must_use]
    pub const fn of(auth: &Auth, joining: &Joining) -> Self {
        Self {
            second_factor_banks: auth.second_factor_banks,
            second_factor_officers: auth.second_factor_officers,
            second_factor_administrators: auth.second_factor_administrators,
            rejected_days: joining.rejected_days,
        }
    }

    /// Puts these in the place of the files'.
    pub const fn put(&self, auth: &mut Auth, joining: &mut Joining) {
        auth.second_factor_banks = self.second_factor_banks;
        auth.second_factor_officers = self.second_factor_officers;
        auth.second_factor_administrators = self.second_factor_administrators;
        joining.rejected_days = self.rejected_days;
    }
}
