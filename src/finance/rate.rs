//! Annual rates as exact fractions, and the one rule of rounding.

use super::terms::TermsError;

/// A rate a year as an exact fraction of 1: 345 bp is 345 / 10,000, and 15.678 % is 15,678 / 100,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    numerator: u32,
    denominator: u32,
}

impl Rate {
    /// The highest rate taken, in basis points: 100 % a year.
    pub const LIMIT_BP: i64 = 10_000;

    /// A rate in whole basis points, from 0 to [`Rate::LIMIT_BP`].
    ///
    /// # Errors
    /// [`TermsError::Rate`] outside that range.
    pub fn from_bp(bp: i64) -> Result<Self, TermsError> {
        u32::try_from(bp)
            .ok()
            .and_then(|numerator| Self::new(numerator, 10_000))
            .ok_or(TermsError::Rate)
    }

    /// The rate `numerator / denominator` a year, where that is a fraction from 0 to 1.
    #[must_use]
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if denominator > 0 && numerator <= denominator {
            Some(Self { numerator, denominator })
        } else {
            None
        }
    }

    /// The part above the line.
    #[must_use]
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// The part below the line, above 0.
    #[must_use]
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// The rate in percent a year.
    #[must_use]
    pub fn pct(self) -> f64 {
        f64::from(self.numerator) * 100.0 / f64::from(self.denominator)
    }

    /// The rate in basis points, where it is a whole number of them.
    #[must_use]
    pub fn whole_bp(self) -> Option<i64> {
        let scaled = i64::from(self.numerator) * 10_000;
        let denominator = i64::from(self.denominator);
        (scaled % denominator == 0).then_some(scaled / denominator)
    }

    /// The interest on `balance_fen` for `units / basis` of a year, rounded half up.
    #[must_use]
    pub(super) fn interest(self, balance_fen: i64, units: i64, basis: i64) -> i128 {
        // Below 10^16 · 2^32 · 11,000: far inside 128 bits.
        let numerator = i128::from(balance_fen) * i128::from(self.numerator) * i128::from(units);
        round_half_up(numerator, i128::from(self.denominator) * i128::from(basis))
    }
}

/// `numerator / denominator` to the nearest whole number, a half away from zero.
///
/// Both are at least 0 here (money paid), the denominator above 0.
#[must_use]
pub(super) const fn round_half_up(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator) / (2 * denominator)
}

#[cfg(test)]
mod tests {
    use super::{Rate, round_half_up};

    #[test]
    fn a_half_goes_up_and_nothing_else_does() {
        assert_eq!(round_half_up(5, 2), 3);
        assert_eq!(round_half_up(149, 100), 1);
        assert_eq!(round_half_up(150, 100), 2);
        assert_eq!(round_half_up(0, 7), 0);
    }

    #[test]
    fn a_rate_lies_between_nothing_and_all() {
        assert!(Rate::from_bp(-1).is_err());
        assert!(Rate::from_bp(10_001).is_err());
        assert!(Rate::from_bp(10_000).is_ok());
        assert!(Rate::new(1, 0).is_none());
        assert_eq!(Rate::new(15_678, 100_000).and_then(Rate::whole_bp), None);
        assert_eq!(Rate::new(345, 10_000).and_then(Rate::whole_bp), Some(345));
    }
}
