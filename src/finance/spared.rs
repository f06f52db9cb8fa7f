//! What a loan spares its borrower against a rate, in a few multiplications: enough to tell nearly always on which side of the
//! rate its cost lies, for all methods at once.
//!
//! Discounted at the monthly rate R, a loan without fees at its own rate i is worth less than its amount by what its interest is
//! below R's. Its cost is below R where that is more than all fees are worth. For 1 of interest only over n months
//!
//! ```text
//! worth   i·a + v^n = 1 − (R − i)·a       a = Σ v^k for k = 1 … n,   v = 1/(1+R)
//! spared  (R − i)·a                       4.0 % against 4.5 %, a year: 0.00042 · 11.7 = 0.0049: more than a fee of 0.4 % at the start
//! ```
//!
//! and of the other methods it is a multiple of R − i as well, but of equal instalments, whose worth is a(R)/a(i). That is convex
//! in i: below R it lies under its chord from 0 to R, which is the worth of equal principal, and above its tangent at R.

use super::annual_cost::FeeSum;
use super::closed_form::{Discount, received};
use crate::domain::codes::{Repayment, Set};

/// What loans of one term spare for each 1 by which their monthly rate is below one rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spared {
    rate: f64,
    months: f64,
    /// v^n
    end: f64,
    /// Σ v^k for k = 1 … n: of interest only, and what a monthly fee is worth.
    annuity: f64,
    /// Of equal principal; the least of equal instalments.
    falling: f64,
    /// The most of equal instalments.
    instalments: f64,
    /// Σ v^12k for all years that begin after the first, below the term: what a yearly fee is worth after month 0.
    years: f64,
}

impl Spared {
    pub(super) fn at(discount: &Discount, term_months: u32) -> Self {
        let months = f64::from(term_months);
        let year = discount.month.powi(12);
        Self {
            rate: discount.rate,
            months,
            end: discount.end,
            annuity: discount.annuity,
            falling: (months - discount.annuity) / (months * discount.rate),
            instalments: -discount.annuity_slope / discount.annuity,
            years: (1..term_months.div_ceil(12)).fold(0.0, |years, _| (years + 1.0) * year),
        }
    }

    /// What is spared at the least and at the most by the best of these methods, less what the fees are worth: both above 0
    /// where it costs less than the rate, both below where it costs more.
    #[expect(clippy::cast_precision_loss, reason = "rates are far below 2^52")]
    pub(super) fn bounds(&self, rate_bp: i64, methods: Set<Repayment>, amount_fen: i64, fees: &FeeSum) -> (f64, f64) {
        let monthly = rate_bp as f64 / 120_000.0;
        let below = self.rate - monthly;
        let spared = methods.iter().map(|method| match method {
            Repayment::EqualInstalment => (below * self.falling, below * self.instalments),
            Repayment::EqualPrincipal => (below * self.falling, below * self.falling),
            Repayment::InterestOnly | Repayment::OnDemand => (below * self.annuity, below * self.annuity),
            Repayment::Bullet => {
                let spared = 1.0 - (1.0 + monthly * self.months) * self.end;
                (spared, spared)
            }
        });
        let (least, most) = spared.fold((f64::NEG_INFINITY, f64::NEG_INFINITY), |best, one| {
            (best.0.max(one.0), best.1.max(one.1))
        });
        let share = |bp: i64| bp as f64 / 10_000.0;
        // What is owed is between all of the amount and nothing.
        let on_balance = share(fees.on_balance_bp) * self.years;
        let worth = 1.0 - received(amount_fen, fees)
            + share(fees.annual_bp) * self.years
            + share(fees.monthly_bp) * self.annuity;
        (least - worth - on_balance, most - worth)
    }
}
