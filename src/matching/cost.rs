//! A product's rate for an applicant, and the cheapest way to repay it.

use super::compile::{Applicant, Card, Catalogue};
use crate::domain::codes::{Code, RateBase, Repayment, Set};
use crate::domain::request::Need;
use crate::finance::annual_cost::{FeeSum, Loan, annual_cost_pct};

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
        card: &Card,
        applicant: &Applicant,
        need: &Need,
        bases: &Bases,
        methods: Set<Repayment>,
        memo: &mut Memo,
    ) -> Quote {
        let discount = applicant
            .verified_tier()
            .map_or(0, |tier| self.discounts[card.discounts as usize][tier]);
        let rate_bp =
            (bases[card.base.index()] + i64::from(card.spread_bp) - i64::from(discount)).max(i64::from(card.floor_bp));
        let mut best: Option<(Repayment, f64)> = None;
        for repayment in methods.iter() {
            let loan = Loan {
                amount_fen: need.amount_fen.get(),
                term_months: need.term_months,
                rate_bp,
                repayment,
            };
            let cost = memo.cost(&loan, card.fees, &self.fees[card.fees as usize]);
            if let Some(cost) = cost
                && best.is_none_or(|(_, least)| cost < least - SAME_COST_PCT)
            {
                best = Some((repayment, cost));
            }
        }
        Quote { rate_bp, best }
    }
}

/// Costs that were computed already.
///
/// A cost depends on rate, fees, method and term, and on the amount only where a fee is a fixed sum;
/// requests and products have few of each, so most costs come again. Every key has one slot; a key
/// that finds another's there takes its place.
pub(super) struct Memo {
    slots: Vec<Slot>,
    /// Number of the catalogue that the places of fees belong to.
    catalogue: u64,
}

/// 32 bytes, of which none crosses a cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    key: Key,
    /// Infinite where there is none.
    cost: f64,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Key {
    /// 0 where the cost does not depend on it.
    amount_fen: i64,
    rate_bp: u32,
    fees: u32,
    /// 0 marks an empty slot.
    term_and_method: u32,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            slots: vec![Slot::default(); 1 << Self::SIZE_BITS],
            catalogue: 0,
        }
    }
}

impl Memo {
    /// 65,536 slots, 2 MB: what a thread's cache holds beside a catalogue of 10,000 products.
    const SIZE_BITS: u32 = 16;

    /// One that remembers nothing: for a single product the slots are not worth making.
    pub(super) const fn none() -> Self {
        Self {
            slots: Vec::new(),
            catalogue: 0,
        }
    }

    /// Forgets everything where the catalogue is another one than before.
    pub(super) fn belong_to(&mut self, catalogue: &Catalogue) {
        if self.catalogue != catalogue.number {
            self.slots.fill(Slot::default());
            self.catalogue = catalogue.number;
        }
    }

    fn cost(&mut self, loan: &Loan, fees_place: u32, fees: &FeeSum) -> Option<f64> {
        let Some(key) = Key::of(loan, fees_place, fees) else {
            return annual_cost_pct(loan, fees);
        };
        let Some(slot) = self.slots.get_mut(key.slot()) else {
            return annual_cost_pct(loan, fees);
        };
        if slot.key != key {
            *slot = Slot {
                key,
                cost: annual_cost_pct(loan, fees).unwrap_or(f64::INFINITY),
            };
        }
        slot.cost.is_finite().then_some(slot.cost)
    }
}

impl Key {
    /// None for a rate beyond 32 bits.
    fn of(loan: &Loan, fees_place: u32, fees: &FeeSum) -> Option<Self> {
        // Without fees every method but bullet costs its rate, whatever the term: one slot for all of them.
        let plain = fees_place == 0 && loan.repayment != Repayment::Bullet;
        Some(Self {
            amount_fen: if fees.upfront_fen == 0 { 0 } else { loan.amount_fen },
            rate_bp: u32::try_from(loan.rate_bp).ok()?,
            fees: fees_place,
            term_and_method: if plain {
                u32::MAX
            } else {
                loan.term_months << 3 | loan.repayment as u32
            },
        })
    }

    /// Multiplies by an odd constant near 2^64/φ (Fibonacci hashing) and takes the high bits, the well-mixed ones.
    #[expect(clippy::cast_sign_loss, reason = "only bits are wanted")]
    fn slot(&self) -> usize {
        let mixed = u64::from(self.rate_bp) << 32 ^ u64::from(self.fees) << 12 ^ u64::from(self.term_and_method);
        let mixed = mixed ^ (self.amount_fen as u64).rotate_left(20);
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - Memo::SIZE_BITS)) as usize
    }
}
