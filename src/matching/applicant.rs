//! An enterprise as the engine sees it.

use crate::domain::dates::Day;
use crate::domain::enterprise::Enterprise;
use crate::domain::facts::{FACT_COUNT, FACTS, FactKey};

/// An enterprise as the engine sees it on one day: every fact as a number, known or not.
#[derive(Clone, Debug)]
pub struct Applicant {
    pub(super) values: [i64; FACT_COUNT],
    pub(super) known: u64,
    pub(super) verified: u64,
    pub(super) established_on: Option<Day>,
}

impl Applicant {
    /// The facts of an enterprise as they hold on a day.
    #[must_use]
    pub fn new(enterprise: &Enterprise, as_of: Day) -> Self {
        let mut applicant = Self {
            values: [0; FACT_COUNT],
            known: 0,
            verified: 0,
            established_on: enterprise.established_on,
        };
        for (spec, slot) in FACTS.iter().zip(&mut applicant.values) {
            if let Some(fact) = enterprise.fact_on(spec.key, as_of) {
                *slot = fact.value.get();
                applicant.known |= bit(spec.key);
                applicant.verified |= if fact.verified { bit(spec.key) } else { 0 };
            }
        }
        applicant
    }

    /// The value of a fact, where it is known.
    pub(super) fn value(&self, fact: FactKey) -> Option<i64> {
        (self.known & bit(fact) != 0).then(|| self.values[fact as usize])
    }

    /// The tier that discounts go by: none where it is not known, or only declared.
    pub(super) fn verified_tier(&self) -> Option<usize> {
        if self.known & self.verified & bit(FactKey::Tier) == 0 {
            return None;
        }
        usize::try_from(self.values[FactKey::Tier as usize]).ok()
    }
}

/// The bit of a fact among known and verified.
pub(super) const fn bit(fact: FactKey) -> u64 {
    1 << fact as u8
}
