//! The annual cost of a standardised loan (标准化测算): all interest and all fees that the borrower
//! bears, as one yearly rate, by the table of the matching contract.
//!
//! Flows fall on whole months 0…n and are never rounded. The monthly rate r at which they discount to the amount is
//! found by `closed_form`. With no fee it is known at once: it is the loan's own monthly rate (bullet: the rate that
//! compounds to its simple interest).

use super::closed_form::Flows;
use crate::domain::codes::{FeeBasis, Repayment};
use crate::domain::fees::Fee;

/// The fees that a borrower bears, added up by their basis: all that their cost depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FeeSum {
    /// bp of the amount, at month 0.
    pub upfront_bp: i64,
    /// 分, at month 0.
    pub upfront_fen: i64,
    /// bp of the amount, at months 0, 12, 24, … below the term.
    pub annual_bp: i64,
    /// bp of the balance, at months 0, 12, 24, … below the term.
    pub on_balance_bp: i64,
    /// bp of the amount, each month.
    pub monthly_bp: i64,
}

impl FeeSum {
    /// Adds up the fees that the borrower bears.
    #[must_use]
    pub fn of(fees: &[Fee]) -> Self {
        fees.iter()
            .filter(|fee| fee.is_borrowers())
            .fold(Self::default(), |mut sum, fee| {
                let place = match fee.basis {
                    FeeBasis::UpfrontRate => &mut sum.upfront_bp,
                    FeeBasis::UpfrontFixed => &mut sum.upfront_fen,
                    FeeBasis::AnnualRate => &mut sum.annual_bp,
                    FeeBasis::AnnualOnBalance => &mut sum.on_balance_bp,
                    FeeBasis::MonthlyRate => &mut sum.monthly_bp,
                };
                *place = place.saturating_add(fee.value);
                sum
            })
    }

    /// Whether nothing is charged.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A loan as its cost sees it.
#[derive(Clone, Copy, Debug)]
pub struct Loan {
    /// 分, at least 1.
    pub amount_fen: i64,
    /// Whole months, at least 1.
    pub term_months: u32,
    /// Yearly rate in bp, at least 0.
    pub rate_bp: i64,
    /// How it is repaid.
    pub repayment: Repayment,
}

/// A cost above this, in percent a year, counts as none.
pub const CEILING_PCT: f64 = 10_000.0;
/// [`CEILING_PCT`] and a hair: what is 10,000 % to the digit is not above it for the last bit of a float.
const CEILING_AND_HAIR_PCT: f64 = CEILING_PCT + 1e-9;

/// The annual cost in percent; none where it would be above [`CEILING_PCT`].
#[must_use]
pub fn annual_cost_pct(loan: &Loan, fees: &FeeSum) -> Option<f64> {
    let monthly = plain_monthly_rate(loan);
    if fees.is_nothing() {
        return yearly_pct(monthly);
    }
    let flows = Flows::new(loan, fees);
    yearly_pct(flows.solve(monthly, monthly_rate(CEILING_AND_HAIR_PCT))?)
}

/// ((1+r)^12 − 1)·100, where not above the ceiling.
fn yearly_pct(monthly: f64) -> Option<f64> {
    let pct = (12.0 * monthly.ln_1p()).exp_m1() * 100.0;
    (pct <= CEILING_AND_HAIR_PCT).then_some(pct)
}

/// The monthly rate that compounds to a yearly one in percent.
pub(super) fn monthly_rate(yearly_pct: f64) -> f64 {
    ((yearly_pct / 100.0).ln_1p() / 12.0).exp_m1()
}

/// The monthly rate of the loan without fees.
#[expect(clippy::cast_precision_loss, reason = "rates and terms are far below 2^52")]
pub(super) fn plain_monthly_rate(loan: &Loan) -> f64 {
    let monthly = loan.rate_bp as f64 / 120_000.0;
    let months = f64::from(loan.term_months);
    match loan.repayment {
        Repayment::Bullet => ((monthly * months).ln_1p() / months).exp_m1(),
        _ => monthly,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A loan that is paid back at its end, for the tests of this folder.
    pub(in crate::finance) fn bullet(amount_fen: i64, term_months: u32, rate_bp: i64) -> Loan {
        Loan {
            amount_fen,
            term_months,
            rate_bp,
            repayment: Repayment::Bullet,
        }
    }

    /// What the borrower keeps grows to the amount in thirty years: its cost has a closed form.
    #[test]
    fn fees_of_nearly_the_whole_amount_keep_their_digits() {
        for left in [1_i64, 3, 1_000, 1_000_000, 999_999_999] {
            let amount = 1_000_000_000_000_000_i64;
            let fees = FeeSum {
                upfront_fen: amount - left,
                ..FeeSum::default()
            };
            let cost = annual_cost_pct(&bullet(amount, 360, 0), &fees).expect("a cost");
            #[expect(clippy::cast_precision_loss, reason = "both are below 2^52")]
            let growth = amount as f64 / left as f64;
            let want = (growth.powf(1.0 / 30.0) - 1.0) * 100.0;
            assert!((cost - want).abs() < 1e-10, "{left} left: {cost}, not {want}");
        }
    }

    #[test]
    fn fees_of_the_whole_amount_have_no_cost_however_they_add_up() {
        for (upfront_bp, annual_bp, upfront_fen) in [(10_000, 0, 0), (0, 0, 3_000), (3_333, 1, 2_000), (1, 0, 3_000)] {
            let fees = FeeSum {
                upfront_bp,
                upfront_fen,
                annual_bp,
                ..FeeSum::default()
            };
            assert_eq!(annual_cost_pct(&bullet(3_000, 360, 0), &fees), None, "{fees:?}");
        }
        // Thirds, of which floats would leave a crumb.
        let fees = FeeSum {
            upfront_bp: 3_333,
            on_balance_bp: 3_333,
            annual_bp: 3_334,
            ..FeeSum::default()
        };
        assert_eq!(annual_cost_pct(&bullet(3_000, 360, 0), &fees), None);
    }

    #[test]
    fn ten_thousand_percent_is_a_cost_and_more_is_none() {
        let plain = FeeSum::default();
        let at = annual_cost_pct(&bullet(100, 12, 1_000_000), &plain).expect("a cost");
        assert!((at - CEILING_PCT).abs() < 1e-9);
        assert_eq!(annual_cost_pct(&bullet(100, 12, 1_000_001), &plain), None);
        // Of 101 is kept 1, and after a year 101 is paid.
        let fee = |upfront_fen| FeeSum {
            upfront_fen,
            ..FeeSum::default()
        };
        let at = annual_cost_pct(&bullet(101_000_000, 12, 0), &fee(100_000_000)).expect("a cost");
        assert!((at - CEILING_PCT).abs() < 1e-9);
        assert_eq!(annual_cost_pct(&bullet(101_000_000, 12, 0), &fee(100_000_001)), None);
    }
}
