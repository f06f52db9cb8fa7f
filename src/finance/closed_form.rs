//! The present value of a loan's flows in closed form, so that a loan of 360 months costs no more work than one of 12, and
//! the rate at which it is what the borrower received.
//!
//! Fees only add to the flows, so the root is between the rate of the loan without fees and the ceiling. The present
//! value falls and is convex in r, so a step of Newton's method, from wherever, ends left of the root, and every further
//! one moves right without passing it: nothing can diverge.

use super::annual_cost::{FeeSum, Loan};
use crate::domain::codes::Repayment;

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
    match (i64::try_from(left), loan.amount_fen.checked_mul(10_000)) {
        (Ok(left), Some(amount)) => left as f64 / amount as f64,
        _ => left as f64 / (amount * 10_000) as f64,
    }
}

/// The flows of a loan of amount 1.
pub(super) struct Flows {
    repayment: Repayment,
    months: f64,
    monthly: f64,
    /// The instalment, where they are equal.
    level: f64,
    /// What each month brings beside the plain repayment.
    monthly_fee: f64,
    /// What the borrower received: 1 less all that was paid at month 0.
    pub received: f64,
    yearly: YearlyFees,
}

/// Fees at months 12, 24, … below the term.
#[derive(Clone, Copy)]
struct YearlyFees {
    years: u32,
    of_amount: f64,
    of_balance: f64,
    /// What is owed after the last of them.
    last_balance: f64,
    /// What is owed a year later, for each 1 that is owed now, if nothing is repaid.
    growth: f64,
    /// What is repaid in a year, with the interest that it saves.
    repaid: f64,
}

impl YearlyFees {
    const NONE: Self = Self {
        years: 0,
        of_amount: 0.0,
        of_balance: 0.0,
        last_balance: 1.0,
        growth: 1.0,
        repaid: 0.0,
    };

    /// The fees from the last to the first. A balance follows from the one a year later: that way errors shrink, where
    /// forward they would grow as the debt does.
    fn last_first(self) -> impl Iterator<Item = f64> {
        let mut balance = self.last_balance;
        (0..self.years).map(move |_| {
            let fee = self.of_amount + self.of_balance * balance;
            balance = (balance + self.repaid) / self.growth;
            fee
        })
    }
}

/// A present value and its slope in r.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub value: f64,
    slope: f64,
}

/// What a monthly rate r makes of payments over n months, each with its slope in r.
#[derive(Clone, Copy, Debug)]
pub(super) struct Discount {
    pub rate: f64,
    /// v = 1/(1+r)
    pub month: f64,
    /// v^n
    pub end: f64,
    end_slope: f64,
    /// Σ v^k for k = 1 … n
    pub annuity: f64,
    pub annuity_slope: f64,
}

impl Discount {
    /// At a rate above 0.
    pub(super) fn new(rate: f64, months: f64) -> Self {
        let log = rate.ln_1p();
        let month = 1.0 / (1.0 + rate);
        // v^n, and the annuity a = (1 − v^n)/r with their slopes. Near r = 0 v^n can't tell 1 − v^n, and far
        // from it not the other way: the subtraction would lose the digits.
        let shrunk = -(-months * log).exp_m1();
        let end = if shrunk < 0.5 {
            1.0 - shrunk
        } else {
            (-months * log).exp()
        };
        let end_slope = -months * end * month;
        let annuity = shrunk / rate;
        Self {
            rate,
            month,
            end,
            end_slope,
            annuity,
            annuity_slope: (-end_slope - annuity) / rate,
        }
    }
}

impl Flows {
    #[expect(clippy::cast_precision_loss, reason = "rates and terms are far below 2^52")]
    pub(super) fn new(loan: &Loan, fees: &FeeSum) -> Self {
        let share = |bp: i64| bp as f64 / 10_000.0;
        let monthly = loan.rate_bp as f64 / 120_000.0;
        let months = f64::from(loan.term_months);
        let level = match loan.repayment {
            Repayment::EqualInstalment if monthly > 0.0 => monthly / -(-months * monthly.ln_1p()).exp_m1(),
            _ => 1.0 / months,
        };
        let years = (loan.term_months - 1) / 12;
        let mut flows = Self {
            repayment: loan.repayment,
            months,
            monthly,
            level,
            monthly_fee: share(fees.monthly_bp),
            received: received(loan, fees),
            yearly: YearlyFees::NONE,
        };
        if years > 0 && (fees.annual_bp != 0 || fees.on_balance_bp != 0) {
            let last = f64::from(years * 12);
            let (last_balance, growth, repaid) = match loan.repayment {
                Repayment::EqualInstalment if monthly > 0.0 => {
                    let log = monthly.ln_1p();
                    let grown = (12.0 * log).exp_m1();
                    let last_balance = -(-(months - last) * log).exp_m1() * level / monthly;
                    (last_balance, 1.0 + grown, level * grown / monthly)
                }
                Repayment::EqualInstalment | Repayment::EqualPrincipal => (1.0 - last / months, 1.0, 12.0 / months),
                Repayment::InterestOnly | Repayment::Bullet | Repayment::OnDemand => (1.0, 1.0, 0.0),
            };
            flows.yearly = YearlyFees {
                years,
                of_amount: share(fees.annual_bp),
                of_balance: share(fees.on_balance_bp),
                last_balance,
                growth,
                repaid,
            };
        }
        flows
    }

    /// The present value of all flows after month 0.
    pub(super) fn present(&self, at: &Discount) -> Value {
        let Discount {
            rate,
            month: v,
            end,
            end_slope,
            annuity,
            annuity_slope,
        } = *at;
        let (n, i) = (self.months, self.monthly);
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
        if self.yearly.years > 0 {
            // Horner's rule in v^12, for the sum and its slope in it.
            let year = v.powi(12);
            let (mut sum, mut sum_slope) = (0.0, 0.0);
            for fee in self.yearly.last_first() {
                sum_slope = sum_slope * year + sum;
                sum = sum * year + fee;
            }
            value += sum * year;
            slope -= (sum + sum_slope * year) * 12.0 * year * v;
        }
        Value { value, slope }
    }

    /// A rate near the root: the loan's own, and all fees spread over the time that a part of the
    /// principal is owed on average. Above 0, where the closed form would divide by it.
    fn guess(&self, start: f64) -> f64 {
        let yearly = self.yearly.of_amount + self.yearly.of_balance * self.yearly.last_balance;
        let fees = 1.0 - self.received + yearly * f64::from(self.yearly.years) + self.monthly_fee * self.months;
        let owed = match self.repayment {
            Repayment::EqualInstalment | Repayment::EqualPrincipal => f64::midpoint(self.months, 1.0),
            Repayment::InterestOnly | Repayment::Bullet | Repayment::OnDemand => self.months,
        };
        (start + fees / owed).max(1e-12)
    }

    /// The rate at which the flows are worth what was received, sought from that of the loan without fees; none above the
    /// ceiling.
    pub(super) fn solve(&self, start: f64, ceiling: f64) -> Option<f64> {
        /// More than any loan needs: far from the root a step at least doubles r, near it the error squares.
        const MOST_STEPS: usize = 200;
        // Fees only add to what the loan costs without them.
        if self.received <= 0.0 || start > ceiling {
            return None;
        }
        let mut rate = self.guess(start).min(ceiling);
        for _ in 0..MOST_STEPS {
            let Value { value, slope } = self.present(&Discount::new(rate, self.months));
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
