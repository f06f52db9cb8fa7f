//! The cheapest way to repay a product, and whether it keeps a limit.
//!
//! What costs are needed for decides how they are found: to keep a limit takes no root ([`CostLimit`]), a place beyond
//! the end of a page only the rate, which is the least that it can cost, and a shown row the whole.

use super::compile::Catalogue;
use super::prices::{Column, MostRates};
use super::wish::Wish;
use crate::domain::codes::{Repayment, Set};
use crate::finance::annual_cost::{FeeSum, Loan, annual_cost_pct};
use crate::finance::cost_limit::{CostLimit, Judgement, has_cost_for_sure, is_within_bp, plain_rate_bp};

/// Costs closer than this are equal, in percentage points.
pub(super) const SAME_COST_PCT: f64 = 1e-9;

/// A method and what a year costs with it, in percent; none where no method is common or none has a cost.
pub(super) type Best = Option<(Repayment, f64)>;

/// A product at its rate, to be repaid by one of several methods.
#[derive(Clone, Copy)]
pub(super) struct AskedPrice {
    pub rate_bp: i64,
    pub methods: Set<Repayment>,
    /// Their place among the catalogue's; 0 is none.
    fees: u32,
}

impl AskedPrice {
    /// Whether the rate is all that it costs.
    pub(super) const fn is_free_of_fees(&self) -> bool {
        self.fees == 0
    }
}

/// What prices take from a request and its applicant, the same for every product.
pub(super) struct Terms {
    pub wish: Wish,
    pub column: Column,
}

impl Terms {
    /// Of a request, and the verified tier of its enterprise.
    pub(super) fn new(tier: Option<usize>, wish: Wish) -> Self {
        Self {
            wish,
            column: Column::of(tier, wish.term_months),
        }
    }
}

impl Catalogue {
    /// What is to be priced: the product with the methods that both sides allow.
    #[inline]
    pub(super) fn asked_price(&self, product: u32, terms: &Terms) -> AskedPrice {
        let tariff = self.prices.tariff(product);
        AskedPrice {
            rate_bp: self.prices.rate_bp(terms.column, product),
            methods: terms.wish.codes.methods().both(tariff.methods),
            fees: tariff.fees,
        }
    }

    /// The cheapest method.
    #[inline]
    pub(super) fn cheapest(&self, asked: &AskedPrice, terms: &Terms, memo: &mut Memo) -> Best {
        if asked.is_free_of_fees() {
            return memo.without_fees(asked, terms.wish.term_months);
        }
        memo.with_fees(asked, self.prices.fees(asked.fees), &terms.wish)
    }

    /// The check `max_cost` of a product with fees, of which a method is common.
    pub(super) fn keeps_limit(&self, asked: &AskedPrice, terms: &Terms, limit: &CostLimit, memo: &mut Memo) -> bool {
        if limit.bp().is_none() && self.has_cost_for_sure(asked, terms) {
            return true;
        }
        let fees = self.prices.fees(asked.fees);
        match limit.estimate(asked.rate_bp, asked.methods, terms.wish.amount_fen, fees) {
            Judgement::Below => return true,
            Judgement::Above => return false,
            Judgement::Near => {}
        }
        let mut is_near = false;
        // From the end of the table: there are those that are reckoned fastest.
        for method in asked.methods.iter().rev() {
            match limit.judge(&loan(asked.rate_bp, method, &terms.wish), fees) {
                Judgement::Below => return true,
                Judgement::Near => is_near = true,
                Judgement::Above => {}
            }
        }
        // Of methods that cost the same the first counts, and may be above by the hair that makes them the same.
        is_near && is_within(asked, self.cheapest(asked, terms, memo), limit.bp())
    }

    /// Whether rate and fees are so ordinary that no cost has to be found to know that there is one.
    pub(super) fn has_cost_for_sure(&self, asked: &AskedPrice, terms: &Terms) -> bool {
        has_cost_for_sure(asked.rate_bp, terms.wish.amount_fen, self.prices.fees(asked.fees))
    }
}

/// The check `max_cost` where the cheapest method is known.
pub(super) fn is_within(asked: &AskedPrice, best: Best, limit_bp: Option<i64>) -> bool {
    best.map_or(asked.methods.is_empty(), |(_, cost)| is_within_bp(cost, limit_bp))
}

fn loan(rate_bp: i64, repayment: Repayment, wish: &Wish) -> Loan {
    Loan {
        amount_fen: wish.amount_fen,
        term_months: wish.term_months,
        rate_bp,
        repayment,
    }
}

/// Of methods in the order of their table, one takes the place of the best so far where it is cheaper.
fn better(best: Best, (method, cost): (Repayment, Option<f64>)) -> Best {
    match (best, cost) {
        (_, None) => best,
        (Some((_, least)), Some(cost)) if cost >= least - SAME_COST_PCT => best,
        (_, Some(cost)) => Some((method, cost)),
    }
}

/// Costs that were computed already.
///
/// The cheapest method depends on rate, fees, methods and term, and on the amount only where a fee is a fixed sum;
/// requests and products have few of each, so many come again. Every key has one slot; a key that finds
/// another's there takes its place.
pub(super) struct Memo {
    slots: Vec<Slot>,
    /// Leaves as many high bits of a hash as tell the slots apart.
    shift: u32,
    /// Number of the catalogue that the places of fees belong to.
    catalogue: u64,
    /// What every method but bullet costs without fees, whatever the term.
    level: ByRate,
    /// What bullet costs without fees, by term.
    bullet: Vec<ByRate>,
}

/// Costs by rate in bp; NaN where one is not known yet. Takes no memory before it is used.
#[derive(Clone, Default)]
struct ByRate(Vec<f64>);

impl ByRate {
    /// Rates below 20 % are kept.
    const RATES: usize = 2000;

    fn cost(&mut self, rate_bp: i64, compute: impl FnOnce() -> Option<f64>) -> Option<f64> {
        if self.0.is_empty() {
            self.0 = vec![f64::NAN; Self::RATES];
        }
        let place = usize::try_from(rate_bp).ok();
        let Some(slot) = place.and_then(|place| self.0.get_mut(place)) else {
            return compute();
        };
        if slot.is_nan() {
            *slot = compute()?;
        }
        Some(*slot)
    }
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
    /// 65,536 slots, 2 MB: about what the requests of a batch ask for again and again.
    fn default() -> Self {
        Self::with_slots(16)
    }
}

impl Memo {
    /// For one product and many requests, or the other way round.
    pub(super) fn small() -> Self {
        Self::with_slots(12)
    }

    /// With 2^`bits` slots.
    fn with_slots(bits: u32) -> Self {
        Self {
            slots: vec![Slot::default(); 1 << bits],
            shift: u64::BITS - bits,
            catalogue: 0,
            level: ByRate::default(),
            bullet: Vec::new(),
        }
    }

    /// Forgets what depends on fees where the catalogue is another one than before.
    pub(super) fn belong_to(&mut self, catalogue: &Catalogue) {
        if self.catalogue != catalogue.number {
            self.slots.fill(Slot::default());
            self.catalogue = catalogue.number;
        }
    }

    /// The cheapest method where nothing is charged but interest: the least that it can cost with fees.
    #[inline]
    pub(super) fn without_fees(&mut self, asked: &AskedPrice, term_months: u32) -> Best {
        let first_other = asked.methods.without(Repayment::Bullet).first();
        let with_bullet = asked.methods.has(Repayment::Bullet);
        let mut best = None;
        // Methods that cost the same: the first one stands for all.
        if let Some(method) = first_other.filter(|method| *method < Repayment::Bullet) {
            best = better(best, (method, self.level(asked.rate_bp, method)));
        }
        if with_bullet {
            best = better(best, (Repayment::Bullet, self.bullet(asked.rate_bp, term_months)));
        }
        if let Some(method) = first_other.filter(|method| *method > Repayment::Bullet) {
            best = better(best, (method, self.level(asked.rate_bp, method)));
        }
        best
    }

    /// The largest rates at which loans without fees cost no more than `keeps` says, and about so much in percent.
    pub(super) fn most_rates(&mut self, cost_pct: f64, term_months: u32, keeps: impl Fn(f64) -> bool) -> MostRates {
        let mut most = |repayment| {
            // Not more than one above the largest: some are tried, from there down.
            #[expect(clippy::cast_possible_truncation, reason = "what is beyond its ends stays there")]
            let mut rate = (plain_rate_bp(cost_pct, term_months, repayment) as i32).saturating_add(1);
            let mut cost = |rate| match repayment {
                Repayment::Bullet => self.bullet(rate, term_months),
                _ => self.level(rate, repayment),
            };
            while (0..i32::MAX).contains(&rate) && !cost(i64::from(rate)).is_some_and(&keeps) {
                rate -= 1;
            }
            rate
        };
        MostRates {
            level_bp: most(Repayment::EqualInstalment),
            bullet_bp: most(Repayment::Bullet),
        }
    }

    fn level(&mut self, rate_bp: i64, repayment: Repayment) -> Option<f64> {
        self.level.cost(rate_bp, || plain_cost(rate_bp, 1, repayment))
    }

    fn bullet(&mut self, rate_bp: i64, term_months: u32) -> Option<f64> {
        let compute = || plain_cost(rate_bp, term_months, Repayment::Bullet);
        let place = term_months as usize;
        if self.bullet.len() <= place {
            self.bullet.resize_with(place + 1, ByRate::default);
        }
        self.bullet[place].cost(rate_bp, compute)
    }

    /// The cheapest method with these fees.
    fn with_fees(&mut self, asked: &AskedPrice, fees: &FeeSum, wish: &Wish) -> Best {
        let compute = || {
            let methods = asked.methods.iter();
            let costs = methods.map(|method| (method, annual_cost_pct(&loan(asked.rate_bp, method, wish), fees)));
            costs.fold(None, better)
        };
        let Some(key) = Key::of(asked, fees, wish) else {
            return compute();
        };
        let slot = &mut self.slots[key.hash(self.shift)];
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

fn plain_cost(rate_bp: i64, term_months: u32, repayment: Repayment) -> Option<f64> {
    let loan = Loan {
        amount_fen: 1,
        term_months,
        rate_bp,
        repayment,
    };
    annual_cost_pct(&loan, &FeeSum::default())
}

impl Key {
    /// None for a rate beyond 32 bits.
    fn of(asked: &AskedPrice, fees: &FeeSum, wish: &Wish) -> Option<Self> {
        Some(Self {
            amount_fen: if fees.upfront_fen == 0 { 0 } else { wish.amount_fen },
            rate_bp: u32::try_from(asked.rate_bp).ok()?,
            fees: asked.fees,
            term_and_methods: wish.term_months << 8 | u32::from(asked.methods.bits()),
        })
    }

    /// Multiplies by an odd constant near 2^64/φ (Fibonacci hashing) and takes the high bits, the well-mixed ones.
    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "only bits are wanted, and few of them"
    )]
    fn hash(&self, shift: u32) -> usize {
        let mixed = u64::from(self.rate_bp) << 32 ^ u64::from(self.fees) << 12 ^ u64::from(self.term_and_methods);
        let mixed = mixed ^ (self.amount_fen as u64).rotate_left(20);
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) as usize
    }
}
