//! Averages, shares and percentiles, exact until they are rounded once.
//!
//! An average weighs each disbursement by its amount: Σ amount × value over Σ amount, in integers. What is weighed is
//! a rate in bp, its distance to the LPR of the disbursement's day, or the annual cost. The cost is the one figure
//! that is computed in floating point; it is taken to 10⁻⁸ percent before it is weighed.

use super::{Book, Entry, What};
use crate::domain::codes::RateBase;

/// The annual cost is weighed in units of 10⁻⁸ percent.
const COST_UNITS_PER_PCT: f64 = 1e8;
/// So many of these units are one bp.
const COST_UNITS_PER_BP: i128 = 1_000_000;
/// A whole, in bp.
const WHOLE_BP: i128 = 10_000;

/// `numerator / denominator`, rounded half away from zero; none where the denominator is 0.
#[must_use]
pub fn rounded(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let size = (numerator.abs() * 2 + denominator) / (denominator * 2);
    i64::try_from(size * numerator.signum()).ok()
}

/// A part of a whole in bp; none of a whole of 0.
#[must_use]
pub fn share_bp(part: i64, whole: i64) -> Option<i64> {
    rounded(i128::from(part) * WHOLE_BP, i128::from(whole))
}

/// The smallest value that at least `percent` of the sorted values do not exceed (nearest rank); none of none.
#[must_use]
pub fn percentile(sorted: &[usize], percent: usize) -> Option<usize> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

/// Averages over disbursements, weighted by what was paid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Averages {
    /// The rate, bp.
    pub rate_bp: Option<i64>,
    /// What the annual cost is, bp.
    pub cost_bp: Option<i64>,
    /// How far the rate is above the LPR of the day of each disbursement, bp. It is rounded for itself, so it may
    /// differ by 1 from the difference of two rounded averages.
    pub spread_bp: Option<i64>,
    /// The amount that the spread is averaged over, 分: what was paid out on days of which an LPR is known.
    pub spread_of_fen: i64,
}

/// The averages over disbursements.
#[must_use]
pub fn averages(book: &Book, disbursements: &[Entry<'_>]) -> Averages {
    let (mut rate, mut cost, mut spread) = (Weighted::default(), Weighted::default(), Weighted::default());
    for entry in disbursements {
        let What::Loan(loan) = entry.what else { continue };
        let rate_bp = i128::from(loan.rate_bp);
        rate.add(entry.amount_fen, rate_bp);
        cost.add(entry.amount_fen, cost_units(loan.annual_cost_pct));
        if let Some(lpr) = book.lpr.on(entry.on) {
            let base = i128::from(lpr.base_bp(RateBase::LprByTerm, loan.term_months));
            spread.add(entry.amount_fen, rate_bp - base);
        }
    }
    Averages {
        rate_bp: rate.average(1),
        cost_bp: cost.average(COST_UNITS_PER_BP),
        spread_bp: spread.average(1),
        spread_of_fen: i64::try_from(spread.weight).unwrap_or(i64::MAX),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "costs are far below 10^11 percent")]
fn cost_units(pct: f64) -> i128 {
    (pct * COST_UNITS_PER_PCT).round() as i128
}

/// Amounts up to 10^15 分 times values up to 10^13, over as many rows as memory holds: far from the end of i128.
#[derive(Clone, Copy, Debug, Default)]
struct Weighted {
    sum: i128,
    weight: i128,
}

impl Weighted {
    fn add(&mut self, amount_fen: i64, value: i128) {
        self.sum += i128::from(amount_fen) * value;
        self.weight += i128::from(amount_fen);
    }

    /// The average in units of which each is `per` of those that were added.
    fn average(self, per: i128) -> Option<i64> {
        rounded(self.sum, self.weight * per)
    }
}
