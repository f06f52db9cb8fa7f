//! A product's rate for an applicant, and the cheapest way to repay it.

use super::compile::{Applicant, Catalogue, Detail};
use crate::domain::codes::{Code, RateBase, Repayment, Set};
use crate::domain::request::Need;
use crate::finance::annual_cost::{Loan, annual_cost_pct};

/// Costs closer than this are equal, in percentage points.
pub(super) const SAME_COST_PCT: f64 = 1e-9;

/// A product's terms for one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quote {
    pub rate_bp: i64,
    /// Place in [`Repayment`]'s table; none where no method is common or none has a cost.
    pub best: Option<(Repayment, f64)>,
}

/// The rate bases of one request, by place in [`RateBase`]'s table.
pub(super) type Bases = [i64; RateBase::ALL.len()];

impl Catalogue {
    /// What each base comes to for this term.
    pub(super) fn bases(&self, term_months: u32) -> Bases {
        let mut bases = Bases::default();
        for (slot, base) in bases.iter_mut().zip(RateBase::ALL) {
            *slot = self.lpr.base_bp(*base, term_months);
        }
        bases
    }

    /// The product's rate and cheapest method among `methods`.
    pub(super) fn quote(
        &self,
        detail: &Detail,
        applicant: &Applicant,
        need: &Need,
        bases: &Bases,
        methods: Set<Repayment>,
        memo: &mut Memo,
    ) -> Quote {
        let discount = detail.discount_bp[applicant.discount_tier()];
        let rate_bp = (bases[detail.base.index()] + detail.spread_bp - discount).max(detail.floor_bp);
        let mut best: Option<(Repayment, f64)> = None;
        for repayment in methods.iter() {
            let cost = memo.cost(rate_bp, detail.fees, repayment, || {
                let loan = Loan {
                    amount_fen: need.amount_fen.get(),
                    term_months: need.term_months,
                    rate_bp,
                    repayment,
                };
                annual_cost_pct(&loan, &self.fees[detail.fees as usize])
            });
            if let Some(cost) = cost
                && best.is_none_or(|(_, least)| cost < least - SAME_COST_PCT)
            {
                best = Some((repayment, cost));
            }
        }
        Quote { rate_bp, best }
    }
}

/// Costs of one request that were computed already.
///
/// Amount and term are the request's, so a cost depends on rate, fees and method alone, and a
/// catalogue has few of each. A fixed table, open addressing; full runs are computed again.
pub(super) struct Memo {
    slots: Vec<Slot>,
    generation: u32,
}

#[derive(Clone, Copy)]
struct Slot {
    key: u64,
    cost: Option<f64>,
    generation: u32,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            slots: vec![
                Slot {
                    key: 0,
                    cost: None,
                    generation: 0
                };
                Self::SIZE
            ],
            generation: 0,
        }
    }
}

impl Memo {
    const SIZE: usize = 8192;
    const LONGEST_RUN: usize = 8;

    /// Forgets everything: the next request has another amount and term.
    pub(super) fn clear(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            *self = Self {
                generation: 1,
                ..Self::default()
            };
        }
    }

    fn cost(
        &mut self,
        rate_bp: i64,
        fees: u32,
        repayment: Repayment,
        compute: impl FnOnce() -> Option<f64>,
    ) -> Option<f64> {
        #[expect(clippy::cast_sign_loss, reason = "a rate is at least its floor, which is at least 0")]
        let key = (rate_bp as u64) << 36 | u64::from(fees) << 4 | repayment.index() as u64;
        // Fibonacci hashing: the high bits of the product are the well-mixed ones.
        let start = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51) as usize;
        for step in 0..Self::LONGEST_RUN {
            let slot = &mut self.slots[(start + step) % Self::SIZE];
            if slot.generation != self.generation {
                let cost = compute();
                *slot = Slot {
                    key,
                    cost,
                    generation: self.generation,
                };
                return cost;
            }
            if slot.key == key {
                return slot.cost;
            }
        }
        compute()
    }
}
