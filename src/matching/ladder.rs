//! Rates on a ladder: for a few rates, the products that have no higher one.
//!
//! A rate is a number and a limit is a number, but most products are far from any limit. With six products and three rungs
//!
//! ```text
//!              rates      380   400   400   420   450   465
//!              rung 400    1     1     1     0     0     0
//!              rung 450    1     1     1     1     1     0
//!              rung 465    1     1     1     1     1     1
//! ```
//!
//! and a limit of 430, the rung below says at once that the first three keep it and the rung above that the last does not: only
//! two rates are looked at. And whoever wants the cheapest few of a list begins on the lowest rung.

use super::planes::{Plane, Planes, WORD_BITS, products};

/// A ladder has no more rungs.
const RUNGS: usize = 32;

/// The rungs of a column of rates, from the lowest up.
#[derive(Clone, Default)]
pub(super) struct Ladder(Vec<Rung>);

#[derive(Clone, Copy)]
struct Rung {
    rate: i32,
    /// Those with no higher rate.
    plane: Plane,
}

/// A limit of a rate, and the planes next to it.
#[derive(Clone, Copy)]
pub(super) struct RateLimit {
    most: i32,
    /// Of products that all keep it, if there is such a rung.
    under: Option<Plane>,
    /// Of products beside which none keeps it, if there is such a rung.
    over: Option<Plane>,
}

impl Ladder {
    /// One on which about as many products stand between any two rungs.
    pub(super) fn of(rates: &[i32], planes: &mut Planes) -> Self {
        let mut order: Vec<(i32, u32)> = rates.iter().copied().zip(0..).collect();
        order.sort_unstable();
        let mut rungs: Vec<Rung> = Vec::new();
        let mut from = 0;
        for share in 1..=RUNGS {
            let Some(&(rate, _)) = (order.len() * share / RUNGS).checked_sub(1).map(|last| &order[last]) else {
                continue;
            };
            let below = rungs.last().copied();
            if below.is_some_and(|below| below.rate == rate) {
                continue;
            }
            let plane = match below {
                Some(below) => planes.add_copy(below.plane),
                None => planes.add(),
            };
            let to = order.partition_point(|(other, _)| *other <= rate);
            for (_, product) in &order[from..to] {
                planes.set(plane, *product, true);
            }
            from = to;
            rungs.push(Rung { rate, plane });
        }
        Self(rungs)
    }

    /// Puts a product on its rungs; without a rate it is taken off.
    pub(super) fn mark(&self, planes: &mut Planes, product: u32, rate: Option<i32>) {
        for rung in &self.0 {
            planes.set(rung.plane, product, rate.is_some_and(|rate| rate <= rung.rate));
        }
    }

    /// Finds a limit's place.
    pub(super) fn limit(&self, most: i32) -> RateLimit {
        let at = self.0.partition_point(|rung| rung.rate < most);
        let over = self.0.get(at);
        let under = over.filter(|rung| rung.rate == most);
        let under = under.or_else(|| at.checked_sub(1).map(|below| &self.0[below]));
        RateLimit {
            most,
            under: under.map(|rung| rung.plane),
            over: over.map(|rung| rung.plane),
        }
    }

    /// The rungs to look on for the cheapest `wanted` of so many products, one after the other until that many are found; each
    /// holds those below. The first probably holds enough.
    pub(super) fn climb(&self, wanted: usize, of: usize) -> impl Iterator<Item = Plane> {
        let first = (3 * wanted * RUNGS).div_ceil(2 * of.max(1)).saturating_sub(1);
        let steps = std::iter::successors(Some(first), |at| Some(2 * at + 1));
        steps.map_while(|at| self.0.get(at).map(|rung| rung.plane))
    }
}

impl RateLimit {
    /// Which of some products of a word have a rate above it.
    #[inline]
    pub(super) fn broken(&self, planes: &Planes, rates: &[i32], word: usize, some: u64) -> u64 {
        let under = self.under.map_or(0, |plane| planes.word(plane, word));
        let over = self.over.map_or(u64::MAX, |plane| planes.word(plane, word));
        let mut broken = some & !over;
        for product in products(word, some & over & !under) {
            let is_above = rates[product as usize] > self.most;
            broken |= u64::from(is_above) << (product as usize % WORD_BITS);
        }
        broken
    }
}
