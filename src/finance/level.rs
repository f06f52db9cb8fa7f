//! The level instalment of 等额本息 in exact rationals; rounded once, at the very end.

use super::rate::Rate;
use num_bigint::BigUint;

/// `A·i / (1 − (1+i)^−m)` (`A/m` at a rate of nothing) for `count` periods of `units / basis` of a
/// year, rounded half up to a multiple of `multiple_fen`.
///
/// `None` only where the result does not fit 64 bits, which no terms reach.
pub(super) fn equal_periods(
    amount_fen: i64,
    rate: Rate,
    (units, basis): (i64, i64),
    count: u32,
    multiple_fen: i64,
) -> Option<i64> {
    let amount = BigUint::from(u64::try_from(amount_fen).ok()?);
    let (part, whole) = period_rate(rate, units, basis)?;
    if part == 0 {
        return rounded(amount, BigUint::from(count), multiple_fen);
    }
    let grown = BigUint::from(whole + part).pow(count);
    let plain = BigUint::from(whole).pow(count);
    rounded(amount * part * &grown, (grown - plain) * whole, multiple_fen)
}

/// The instalment that clears the loan over periods of unlike length: `A / Σ_k Π_{j≤k} 1/(1+r_j)`,
/// rounded as in [`equal_periods`].
pub(super) fn unlike_periods(
    amount_fen: i64,
    rate: Rate,
    (units, basis): (&[i64], i64),
    multiple_fen: i64,
) -> Option<i64> {
    let amount = BigUint::from(u64::try_from(amount_fen).ok()?);
    // Horner from the last period: worth ← (1 + worth) / (1 + r), as worth = above / below.
    let (mut above, mut below) = (BigUint::ZERO, BigUint::from(1_u8));
    for &units in units.iter().rev() {
        let (part, whole) = period_rate(rate, units, basis)?;
        above = (above + &below) * whole;
        below *= whole + part;
    }
    rounded(amount * below, above, multiple_fen)
}

/// A period's rate as a fraction in lowest terms, which keeps the powers of it short.
fn period_rate(rate: Rate, units: i64, basis: i64) -> Option<(u64, u64)> {
    let part = u64::from(rate.numerator()) * u64::try_from(units).ok()?;
    let whole = u64::from(rate.denominator()) * u64::try_from(basis).ok()?;
    let common = greatest_common_divisor(part, whole);
    Some((part / common, whole / common))
}

const fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn rounded(numerator: BigUint, denominator: BigUint, multiple_fen: i64) -> Option<i64> {
    let step = denominator * u64::try_from(multiple_fen).ok()?;
    let steps = (numerator * 2_u8 + &step) / (step * 2_u8);
    i64::try_from(steps).ok()?.checked_mul(multiple_fen)
}

#[cfg(test)]
mod tests {
    use super::{Rate, equal_periods, unlike_periods};

    #[test]
    fn both_forms_agree_where_periods_are_alike() {
        for bp in [0, 1, 345, 490, 3600] {
            let rate = Rate::from_bp(bp).expect("a rate");
            for count in [1_u32, 2, 7, 36, 360] {
                let alike = equal_periods(123_456_789, rate, (30, 360), count, 1);
                let unlike = unlike_periods(123_456_789, rate, (&vec![30; count as usize], 360), 1);
                assert_eq!(alike, unlike);
            }
        }
    }

    #[test]
    fn a_million_over_thirty_years_at_4_9_percent_is_5307_27_a_month() {
        let rate = Rate::from_bp(490).expect("a rate");
        assert_eq!(equal_periods(100_000_000, rate, (30, 360), 360, 1), Some(530_727));
        assert_eq!(equal_periods(100_000_000, rate, (30, 360), 360, 1000), Some(531_000));
    }
}
