//! How long loans may run for which purpose.

use super::codes::Purpose;
use super::product::TERM_LIMIT;

/// How long loans may run (三个办法): in months, from the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermRules {
    /// Working capital, in principle.
    pub working_capital: u32,
    /// Working capital, at most.
    pub working_capital_most: u32,
    /// Fixed assets, in principle.
    pub fixed_assets: u32,
}

impl TermRules {
    /// The months up to which a loan for this purpose needs no reason.
    #[must_use]
    pub const fn in_principle(&self, purpose: Purpose) -> u32 {
        if is_for_fixed_assets(purpose) {
            self.fixed_assets
        } else {
            self.working_capital
        }
    }

    /// The months beyond which there is no loan for this purpose.
    #[must_use]
    pub const fn at_most(&self, purpose: Purpose) -> u32 {
        if is_for_fixed_assets(purpose) {
            TERM_LIMIT
        } else {
            self.working_capital_most
        }
    }
}

const fn is_for_fixed_assets(purpose: Purpose) -> bool {
    match purpose {
        Purpose::TechUpgrade | Purpose::FixedAssets => true,
        Purpose::WorkingCapital | Purpose::Research | Purpose::Commercialisation | Purpose::Refinancing => false,
    }
}
