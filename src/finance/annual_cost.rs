//! The annual cost of a standardised loan (标准化测算): all interest and all fees that the borrower
//! bears, as one yearly rate, by the table of the matching contract.
//!
//! Flows fall on whole months 0…n and are never rounded. The monthly rate r at which they discount
//! to the amount is found from a closed form of their present value, so that a loan of 360 months
//! costs no more than one of 12. With no fee r is known at once: it is the loan's own monthly rate
//! (bullet: the rate that compounds to its simple interest).
//!
//! Fees only add to the flows, so the root is between that r and the ceiling. The present value falls
//! and is convex in r, so a step of Newton's method, from wherever, ends left of the root, and every
//! further one moves right without passing it: nothing can diverge.

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
    yearly_pct(flows.solve(monthly)?)
}

/// ((1+r)^12 − 1)·100, where not above the ceiling.
fn yearly_pct(monthly: f64) -> Option<f64> {
    let pct = (12.0 * monthly.ln_1p()).exp_m1() * 100.0;
    (pct <= CEILING_AND_HAIR_PCT).then_some(pct)
}

/// The monthly rate of the loan without fees.
#[expect(clippy::cast_precision_loss, reason = "rates and terms are far below 2^52")]
fn plain_monthly_rate(loan: &Loan) -> f64 {
    let monthly = loan.rate_bp as f64 / 120_000.0;
    let months = f64::from(loan.term_months);
    match loan.repayment {
        Repayment::Bullet => ((monthly * months).ln_1p() / months).exp_m1(),
        _ => monthly,
    }
}

/// The part of the amount that is left after the fees at month 0; not positive where they take it all.
///
/// In whole ten-thousandths of a 分: fees of nearly the whole amount would leave few right digits of a
/// difference of floats.
#[expect(clippy::cast_precision_loss, reason = "rounded once, at the end")]
fn received(loan: &Loan, fees: &FeeSum) -> f64 {
    let amount = i128::from(loan.amount_fen);
    let at_start_bp = i128::from(fees.upfront_bp) + i128::from(fees.annual_bp) + i128::from(fees.on_balance_bp);
    let left = amount * (10_000 - at_start_bp) - i128::from(fees.upfront_fen) * 10_000;
    // A processor turns 64 bits into a float, 128 need a routine; both round alike.
    let float = |whole: i128| i64::try_from(whole).map_or_else(|_| whole as f64, |whole| whole as f64);
    float(left) / float(amount * 10_000)
}

/// Yearly fees after month 0 that 360 months can hold.
const MOST_YEARS: usize = 30;

/// The flows of a loan of amount 1.
struct Flows {
    repayment: Repayment,
    months: f64,
    monthly: f64,
    /// 1 − (1+i)^−n, where instalments are equal and the rate is not 0.
    shrunk: f64,
    /// The instalment, where they are equal.
    level: f64,
    /// What each month brings beside the plain repayment.
    monthly_fee: f64,
    /// What the borrower received: 1 less all that was paid at month 0.
    received: f64,
    /// Fees at months 12, 24, … below the term.
    yearly_fees: [f64; MOST_YEARS],
    years: usize,
}

/// A present value and its slope in r.
#[derive(Clone, Copy)]
struct Value {
    value: f64,
    slope: f64,
}

impl Flows {
    #[expect(clippy::cast_precision_loss, reason = "rates and terms are far below 2^52")]
    fn new(loan: &Loan, fees: &FeeSum) -> Self {
        let share = |bp: i64| bp as f64 / 10_000.0;
        let monthly = loan.rate_bp as f64 / 120_000.0;
        let months = f64::from(loan.term_months);
        let mut flows = Self {
            repayment: loan.repayment,
            months,
            monthly,
            shrunk: 0.0,
            level: 0.0,
            monthly_fee: share(fees.monthly_bp),
            received: received(loan, fees),
            yearly_fees: [0.0; MOST_YEARS],
            years: 0,
        };
        if loan.repayment == Repayment::EqualInstalment {
            flows.shrunk = flows.shrunk_over(months);
            flows.level = if monthly > 0.0 {
                monthly / flows.shrunk
            } else {
                1.0 / months
            };
        }
        if fees.annual_bp != 0 || fees.on_balance_bp != 0 {
            let mut yearly_fees = [0.0; MOST_YEARS];
            for (slot, month) in yearly_fees.iter_mut().zip((12..loan.term_months).step_by(12)) {
                *slot = share(fees.annual_bp) + share(fees.on_balance_bp) * flows.balance(f64::from(month));
                flows.years += 1;
            }
            flows.yearly_fees = yearly_fees;
        }
        flows
    }

    /// What is still owed after the repayment of `month`, before the last.
    fn balance(&self, month: f64) -> f64 {
        match self.repayment {
            Repayment::EqualInstalment if self.monthly > 0.0 => self.shrunk_over(self.months - month) / self.shrunk,
            Repayment::EqualInstalment | Repayment::EqualPrincipal => 1.0 - month / self.months,
            Repayment::InterestOnly | Repayment::Bullet | Repayment::OnDemand => 1.0,
        }
    }

    /// 1 − (1+i)^−months.
    fn shrunk_over(&self, months: f64) -> f64 {
        -(-months * self.monthly.ln_1p()).exp_m1()
    }

    /// The present value of all flows after month 0, at a monthly rate above 0.
    fn present(&self, rate: f64) -> Value {
        let log = rate.ln_1p();
        let (n, v) = (self.months, 1.0 / (1.0 + rate));
        // v^n, and the annuity a = Σ v^k = (1 − v^n)/r with their slopes. Near r = 0 v^n can't tell 1 − v^n, and far
        // from it not the other way: the subtraction would lose the digits.
        let shrunk = -(-n * log).exp_m1();
        let end = if shrunk < 0.5 { 1.0 - shrunk } else { (-n * log).exp() };
        let end_slope = -n * end * v;
        let annuity = shrunk / rate;
        let annuity_slope = (-end_slope - annuity) / rate;
        let i = self.monthly;
        let (level, last, mut slope) = match self.repayment {
            Repayment::EqualInstalment => (self.level * annuity, 0.0, self.level * annuity_slope),
            Repayment::EqualPrincipal => {
                // Interest falls evenly: i/n · Σ (n−k+1)·v^k = i/n · (n − a)/r.
                let falling = (n - annuity) / rate;
                let falling_slope = (-annuity_slope - falling) / rate;
                (
                    (annuity + i * falling) / n,
                    0.0,
                    (annuity_slope + i * falling_slope) / n,
                )
            }
            Repayment::InterestOnly | Repayment::OnDemand => (i * annuity, end, i * annuity_slope + end_slope),
            Repayment::Bullet => (0.0, (1.0 + i * n) * end, (1.0 + i * n) * end_slope),
        };
        let mut value = level + last + self.monthly_fee * annuity;
        slope += self.monthly_fee * annuity_slope;
        if self.years > 0 {
            let year = v.powi(12);
            let mut factor = year;
            let mut month = 12.0;
            for fee in self.yearly_fees.iter().take(self.years) {
                value += fee * factor;
                slope -= fee * factor * v * month;
                factor *= year;
                month += 12.0;
            }
        }
        Value { value, slope }
    }

    /// A rate near the root: the loan's own, and all fees spread over the time that a part of the
    /// principal is owed on average. Above 0, where the closed form would divide by it.
    #[expect(clippy::cast_precision_loss, reason = "there are at most 30 yearly fees")]
    fn guess(&self, start: f64) -> f64 {
        let fees = 1.0 - self.received
            + self.yearly_fees.first().map_or(0.0, |fee| fee * self.years as f64)
            + self.monthly_fee * self.months;
        let owed = match self.repayment {
            Repayment::EqualInstalment | Repayment::EqualPrincipal => f64::midpoint(self.months, 1.0),
            Repayment::InterestOnly | Repayment::Bullet | Repayment::OnDemand => self.months,
        };
        (start + fees / owed).max(1e-12)
    }

    /// The rate at which the flows are worth what was received; none above the ceiling.
    fn solve(&self, start: f64) -> Option<f64> {
        /// More than any loan needs: far from the root a step at least doubles r, near it the error squares.
        const MOST_STEPS: usize = 200;
        let ceiling = ((CEILING_AND_HAIR_PCT / 100.0).ln_1p() / 12.0).exp_m1();
        if self.received <= 0.0 {
            return None;
        }
        let mut rate = self.guess(start).min(ceiling);
        for _ in 0..MOST_STEPS {
            let Value { value, slope } = self.present(rate);
            if rate >= ceiling && value > self.received {
                return None;
            }
            let step = (self.received - value) / slope;
            rate = (rate + step).clamp(start, ceiling);
            // The error that is left is about n/2 times the step squared: the next step would not be seen.
            if step.abs() <= 1e-15 || step * step * self.months <= 1e-15 {
                return Some(rate);
            }
        }
        Some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bullet(amount_fen: i64, term_months: u32, rate_bp: i64) -> Loan {
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
