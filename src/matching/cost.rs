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

/// A product at its rate, to be repaid by one of several methods.
pub(super) struct AskedPrice {
    rate_bp: i64,
    pub methods: Set<Repayment>,
    /// Place in [`Catalogue::fees`].
    fees: u32,
    way: Way,
}

/// How a price is found.
#[derive(Clone, Copy)]
enum Way {
    /// By the rate alone: without fees every method but bullet costs its rate, whatever the term.
    Plain,
    /// Remembered under this key.
    Keyed(Key),
    /// Computed: the rate is beyond any key.
    Computed,
}

/// What a price takes from a request and its applicant, the same for every product.
pub(super) struct Terms<'a> {
    need: &'a Need,
    /// By place in [`RateBase`]'s table.
    bases: [i64; RateBase::ALL.len()],
    tier: Option<usize>,
}

impl Catalogue {
    /// What prices take from a request.
    pub(super) fn terms<'a>(&self, applicant: &Applicant, need: &'a Need) -> Terms<'a> {
        let mut bases = [0; RateBase::ALL.len()];
        for (slot, base) in bases.iter_mut().zip(RateBase::ALL) {
            *slot = self.lpr.base_bp(*base, need.term_months);
        }
        Terms {
            need,
            bases,
            tier: applicant.verified_tier(),
        }
    }

    /// What is to be priced: the product with the methods that both sides allow.
    #[inline]
    pub(super) fn asked_price(&self, card: &Card, terms: &Terms<'_>) -> AskedPrice {
        let discount = terms
            .tier
            .map_or(0, |tier| self.discounts[card.discounts as usize][tier]);
        let rate_bp = (terms.bases[card.base.index()] + i64::from(card.spread_bp) - i64::from(discount))
            .max(i64::from(card.floor_bp));
        let methods = common_methods(card, terms.need);
        let way = if card.fees == 0 && !methods.has(Repayment::Bullet) {
            Way::Plain
        } else {
            let fees = &self.fees[card.fees as usize];
            Key::of(card.fees, fees, rate_bp, methods, terms.need).map_or(Way::Computed, Way::Keyed)
        };
        AskedPrice {
            rate_bp,
            methods,
            fees: card.fees,
            way,
        }
    }

    /// The rate and the cheapest method.
    #[inline]
    pub(super) fn quote(&self, asked: &AskedPrice, need: &Need, memo: &mut Memo) -> Quote {
        let AskedPrice { rate_bp, methods, .. } = *asked;
        let compute = || cheapest(&self.fees[asked.fees as usize], rate_bp, methods, need);
        let best = match asked.way {
            // Methods that cost the same: the first one is as good as any.
            Way::Plain => methods
                .iter()
                .next()
                .and_then(|method| Some((method, memo.plain(rate_bp, method)?))),
            Way::Keyed(key) => memo.cheapest(key, compute),
            Way::Computed => compute(),
        };
        Quote { rate_bp, best }
    }
}

/// The methods that both sides allow; the product's where the request names none.
pub(super) fn common_methods(card: &Card, need: &Need) -> Set<Repayment> {
    let methods = Set::from_bits(card.repayment);
    if need.repayment.is_empty() {
        methods
    } else {
        methods.both(need.repayment)
    }
}

/// The cheapest of the methods, computed; of equal ones the first in [`Repayment`]'s table.
fn cheapest(fees: &FeeSum, rate_bp: i64, methods: Set<Repayment>, need: &Need) -> Option<(Repayment, f64)> {
    let mut best: Option<(Repayment, f64)> = None;
    for repayment in methods.iter() {
        let loan = Loan {
            amount_fen: need.amount_fen.get(),
            term_months: need.term_months,
            rate_bp,
            repayment,
        };
        if let Some(cost) = annual_cost_pct(&loan, fees)
            && best.is_none_or(|(_, least)| cost < least - SAME_COST_PCT)
        {
            best = Some((repayment, cost));
        }
    }
    best
}

/// Costs that were computed already.
///
/// The cheapest method depends on rate, fees, methods and term, and on the amount only where a fee is a fixed sum;
/// requests and products have few of each, so many come again. Every key has one slot; a key that finds
/// another's there takes its place.
pub(super) struct Memo {
    slots: Vec<Slot>,
    /// Number of the catalogue that the places of fees belong to.
    catalogue: u64,
    /// By rate in bp, what it costs a year without fees; NaN where that is not known yet.
    plain: Vec<f64>,
}

/// 32 bytes, of which none crosses a cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    key: Key,
    best: Option<Repayment>,
    cost: f64,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Key {
    /// 0 where the cost does not depend on it.
    amount_fen: i64,
    rate_bp: u32,
    fees: u32,
    /// 0 marks an empty slot.
    term_and_methods: u32,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            slots: vec![Slot::default(); 1 << Self::SIZE_BITS],
            catalogue: 0,
            plain: vec![f64::NAN; Self::PLAIN_RATES],
        }
    }
}

impl Memo {
    /// 65,536 slots, 2 MB: about what the requests of a batch ask for again and again.
    const SIZE_BITS: u32 = 16;

    /// Rates below 41 % are kept by their bp.
    const PLAIN_RATES: usize = 4096;

    /// One that remembers nothing: for a single product the slots are not worth making.
    pub(super) const fn none() -> Self {
        Self {
            slots: Vec::new(),
            catalogue: 0,
            plain: Vec::new(),
        }
    }

    /// Forgets what depends on fees where the catalogue is another one than before.
    pub(super) fn belong_to(&mut self, catalogue: &Catalogue) {
        if self.catalogue != catalogue.number {
            self.slots.fill(Slot::default());
            self.catalogue = catalogue.number;
        }
    }

    /// The cost without fees of a method that is not bullet.
    fn plain(&mut self, rate_bp: i64, repayment: Repayment) -> Option<f64> {
        let compute = || {
            let loan = Loan {
                amount_fen: 1,
                term_months: 1,
                rate_bp,
                repayment,
            };
            annual_cost_pct(&loan, &FeeSum::default())
        };
        let place = usize::try_from(rate_bp).ok();
        let Some(slot) = place.and_then(|place| self.plain.get_mut(place)) else {
            return compute();
        };
        if slot.is_nan() {
            *slot = compute()?;
        }
        Some(*slot)
    }

    /// Reads a little of where a price is remembered, and so brings it into the cache.
    #[inline]
    pub(super) fn fetch(&self, asked: &AskedPrice) -> u32 {
        match asked.way {
            Way::Keyed(key) => self.slots.get(key.slot()).map_or(0, |slot| slot.key.fees),
            Way::Plain | Way::Computed => 0,
        }
    }

    /// The cheapest of the methods and its cost in percent.
    fn cheapest(&mut self, key: Key, compute: impl FnOnce() -> Option<(Repayment, f64)>) -> Option<(Repayment, f64)> {
        let Some(slot) = self.slots.get_mut(key.slot()) else {
            return compute();
        };
        if slot.key != key {
            let best = compute();
            *slot = Slot {
                key,
                best: best.map(|(repayment, _)| repayment),
                cost: best.map_or(f64::INFINITY, |(_, cost)| cost),
            };
        }
        slot.best.map(|repayment| (repayment, slot.cost))
    }
}

impl Key {
    /// None for a rate beyond 32 bits.
    fn of(fees_place: u32, fees: &FeeSum, rate_bp: i64, methods: Set<Repayment>, need: &Need) -> Option<Self> {
        Some(Self {
            amount_fen: if fees.upfront_fen == 0 {
                0
            } else {
                need.amount_fen.get()
            },
            rate_bp: u32::try_from(rate_bp).ok()?,
            fees: fees_place,
            term_and_methods: need.term_months << 8 | u32::from(methods.bits()),
        })
    }

    /// Multiplies by an odd constant near 2^64/φ (Fibonacci hashing) and takes the high bits, the well-mixed ones.
    #[expect(clippy::cast_sign_loss, reason = "only bits are wanted")]
    fn slot(&self) -> usize {
        let mixed = u64::from(self.rate_bp) << 32 ^ u64::from(self.fees) << 12 ^ u64::from(self.term_and_methods);
        let mixed = mixed ^ (self.amount_fen as u64).rotate_left(20);
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - Memo::SIZE_BITS)) as usize
    }
}
