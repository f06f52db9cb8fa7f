//! The order of rows: by cost, where rows each at most 1e-9 above the one before form a chain, and
//! inside a chain the code decides.

use super::cost::SAME_COST_PCT;
use super::evaluate::Row;

/// Cheapest first, rows without a cost last.
pub(super) fn by_cost(rows: &mut [Row]) {
    rows.sort_unstable_by(|one, two| one.cost.total_cmp(&two.cost).then(one.rank.cmp(&two.rank)));
    // Those without a cost are equal, and so one chain.
    for chain in rows.chunk_by_mut(|one, two| two.cost <= one.cost + SAME_COST_PCT) {
        if chain.len() > 1 {
            chain.sort_unstable_by_key(|row| row.rank);
        }
    }
}

/// Fewest unknown keys first, then as [`by_cost`] among those of one number.
pub(super) fn by_unknown_then_cost(rows: &mut [Row]) {
    rows.sort_unstable_by_key(|row| row.unknown_count);
    for group in rows.chunk_by_mut(|one, two| one.unknown_count == two.unknown_count) {
        by_cost(group);
    }
}
