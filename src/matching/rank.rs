//! The order of rows: by cost, where rows each at most 1e-9 above the one before form a chain, and
//! inside a chain the code decides. A page sorts only the rows up to its end, and the rest of the chain there.

use super::cost::SAME_COST_PCT;
use super::rows::Row;

/// A row's place in the order, and where the row stands: in one number, which sorts far faster than rows do.
///
/// From the highest bit: unknown keys (6 bits, or none), cost (64 bits of a float that is not negative, so that its
/// bits are in its order), rank of the code (29 bits), place of the row (29 bits).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked(u128);

/// Half a billion rows: more products than fit in memory.
const PLACE_BITS: u32 = 29;
const CODE_BITS: u32 = 2 * PLACE_BITS;
const COST_BITS: u32 = CODE_BITS + 64;

impl Ranked {
    fn new(row: &Row, place: usize) -> Self {
        Self(
            u128::from(row.unknown_count) << COST_BITS
                | u128::from(row.cost.to_bits()) << CODE_BITS
                | u128::from(row.rank) << PLACE_BITS
                | place as u128,
        )
    }

    #[expect(clippy::cast_possible_truncation, reason = "the bits of the cost alone")]
    const fn cost(self) -> f64 {
        f64::from_bits((self.0 >> CODE_BITS) as u64)
    }

    const fn unknown(self) -> u128 {
        self.0 >> COST_BITS
    }

    /// Place of the row among those that were ranked.
    pub(super) const fn place(self) -> usize {
        (self.0 & ((1 << PLACE_BITS) - 1)) as usize
    }
}

/// Whether the second of two rows in order of cost belongs to the chain of the first. Those without a cost are equal.
fn is_chained(one: &Ranked, two: &Ranked) -> bool {
    one.unknown() == two.unknown() && two.cost() <= one.cost() + SAME_COST_PCT
}

/// Puts the first `wanted` rows in order, or a few more: fewest unknown keys first, then cheapest, then by code.
///
/// Where these are not all, only those are priced that may be among them: a row that would stand behind them at the
/// least that it can cost stands behind them anyway.
pub(super) fn first(rows: &mut [Row], wanted: usize, order: &mut Vec<Ranked>, price: &mut impl FnMut(&mut Row)) {
    order.clear();
    order.extend(rows.iter().enumerate().map(|(place, row)| Ranked::new(row, place)));
    let mut price = |ranked: &mut Ranked| {
        let row = &mut rows[ranked.place()];
        if row.is_placed {
            return false;
        }
        price(row);
        *ranked = Ranked::new(row, ranked.place());
        true
    };
    if wanted < order.len() {
        bring_forward(order, wanted, &mut price);
        let cut = whole_chains(order, wanted, &mut price);
        order.truncate(cut);
    } else {
        for ranked in &mut *order {
            price(ranked);
        }
    }
    order.sort_unstable();
    for chain in order.chunk_by_mut(is_chained) {
        if chain.len() > 1 && chain.first().map(|first| first.cost()) != chain.last().map(|last| last.cost()) {
            chain.sort_unstable_by_key(|ranked| ranked.0 & ((1 << CODE_BITS) - 1));
        }
    }
}

/// Brings the `wanted` smallest to the front, all of them priced.
fn bring_forward(order: &mut [Ranked], wanted: usize, price: &mut impl FnMut(&mut Ranked) -> bool) {
    // Some more are priced at once, so that few turns are needed.
    let some_more = (wanted + wanted / 2).min(order.len() - 1);
    loop {
        order.select_nth_unstable(some_more);
        if !order[..some_more]
            .iter_mut()
            .fold(false, |any, ranked| price(ranked) | any)
        {
            break;
        }
    }
    if let Some(last) = wanted.checked_sub(1) {
        order[..some_more].select_nth_unstable(last);
    }
}

/// Brings to the front what belongs to the chain of the last one wanted; gives how many stand there then.
fn whole_chains(order: &mut [Ranked], wanted: usize, price: &mut impl FnMut(&mut Ranked) -> bool) -> usize {
    let Some(last) = wanted.checked_sub(1) else { return 0 };
    let mut last = order[last];
    let mut cut = wanted;
    loop {
        let before = cut;
        let mut largest = last;
        for place in before..order.len() {
            if is_chained(&last, &order[place]) && (!price(&mut order[place]) || is_chained(&last, &order[place])) {
                largest = largest.max(order[place]);
                order.swap(cut, place);
                cut += 1;
            }
        }
        if cut == before {
            return cut;
        }
        last = largest;
    }
}
