//! Numbers that look random and are the same every time.
//!
//! Not the seam of `clock`: a demo district that differs from run to run could neither be tested nor
//! talked about. The generator is splitmix64, whose low quality is more than enough for company sizes.

/// A stream of numbers fixed by its seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both within; `low` where the range is empty.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0) + 1;
        low + i64::try_from(self.next() % width).unwrap_or(0)
    }

    /// True so many times of a hundred.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of the items; the type's default where there are none.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let last = i64::try_from(items.len()).unwrap_or(0) - 1;
        let place = usize::try_from(self.between(0, last)).unwrap_or(0);
        items.get(place).copied().unwrap_or_default()
    }

    /// One of the options by their weights; the first where the weights are nothing.
    pub(super) fn weighted<T: Copy>(&mut self, first: (i64, T), others: &[(i64, T)]) -> T {
        let total: i64 = first.0 + others.iter().map(|(weight, _)| weight).sum::<i64>();
        let mut left = self.between(1, total) - first.0;
        for (weight, option) in others {
            if left <= 0 {
                break;
            }
            left -= weight;
            if left <= 0 {
                return *option;
            }
        }
        first.1
    }
}
