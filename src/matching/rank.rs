//! The order of rows: by cost, where rows each at most 1e-9 above the one before form a chain, and
//! inside a chain the code decides.

use super::cost::SAME_COST_PCT;
use super::evaluate::Row;

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
    fn new(row: &Row, place: usize, unknown_first: bool) -> Self {
        let unknown = if unknown_first { row.unknown_count } else { 0 };
        Self(
            u128::from(unknown) << COST_BITS
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

/// Cheapest first, rows without a cost last.
pub(super) fn by_cost(rows: &[Row], order: &mut Vec<Ranked>) {
    rank(rows, order, false);
}

/// Fewest unknown keys first, then as [`by_cost`] among those of one number.
pub(super) fn by_unknown_then_cost(rows: &[Row], order: &mut Vec<Ranked>) {
    rank(rows, order, true);
}

fn rank(rows: &[Row], order: &mut Vec<Ranked>, unknown_first: bool) {
    order.clear();
    order.extend(
        rows.iter()
            .enumerate()
            .map(|(place, row)| Ranked::new(row, place, unknown_first)),
    );
    order.sort_unstable();
    // Those without a cost are equal, and so one chain.
    let chained =
        |one: &Ranked, two: &Ranked| one.unknown() == two.unknown() && two.cost() <= one.cost() + SAME_COST_PCT;
    for chain in order.chunk_by_mut(chained) {
        if chain.len() > 1 && chain.first().map(|first| first.cost()) != chain.last().map(|last| last.cost()) {
            chain.sort_unstable_by_key(|ranked| ranked.0 & ((1 << CODE_BITS) - 1));
        }
    }
}
