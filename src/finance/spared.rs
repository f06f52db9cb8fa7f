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
use super::closed_form::Discount;
use crate::domain::codes::{Code, Repayment, Set};
use std::array;

/// What loans of one term spare for each 1 by which their monthly rate is below one rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spared {
    rate: f64,
    months: f64,
    /// v^n
    end: f64,
    /// Σ v^k for k = 1 … n: what a monthly fee is worth.
    annuity: f64,
    /// Σ v^12k for all years that begin after the first, below the term: what a yearly fee is worth after month 0.
    years: f64,
    /// The least and the most that the best method of a set spares, by the bits of the set; bullet, which is no multiple, aside.
    best: [(f64, f64); 1 << Repayment::ALL.len()],
}

impl Spared {
    pub(super) fn at(discount: &Discount, term_months: u32) -> Self {
        let months = f64::from(term_months);
        let year = discount.month.powi(12);
        let falling = (months - discount.annuity) / (months * discount.rate);
        let of = |method| match method {
            Repayment::EqualInstalment => (falling, -discount.annuity_slope / discount.annuity),
            Repayment::EqualPrincipal => (falling, falling),
            Repayment::InterestOnly | Repayment::OnDemand => (discount.annuity, discount.annuity),
            // Far below whatever it is compared with.
            Repayment::Bullet => (-1e300, -1e300),
        };
        let best_of = |bits: usize| {
            let methods = Repayment::ALL.iter().filter(|method| bits >> method.index() & 1 == 1);
            methods.fold(of(Repayment::Bullet), |best, method| {
                let (least, most) = of(*method);
                (best.0.max(least), best.1.max(most))
            })
        };
        Self {
            rate: discount.rate,
            months,
            end: discount.end,
            annuity: discount.annuity,
            years: (1..term_months.div_ceil(12)).fold(0.0, |years, _| (years + 1.0) * year),
            best: array::from_fn(best_of),
        }
    }

    /// What is spared at the least and at the most by the best of these methods, less what the fees are worth: both above 0
    /// where it costs less than the rate, both below where it costs more. None where its own rate is not below that.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52, or far above what decides")]
    #[inline]
    pub(super) fn bounds(
        &self,
        rate_bp: i64,
        methods: Set<Repayment>,
        amount_fen: i64,
        fees: &FeeSum,
    ) -> Option<(f64, f64)> {
        let monthly = rate_bp as f64 / 120_000.0;
        let below = self.rate - monthly;
        if below <= 0.0 {
            return None;
        }
        let (least, most) = self.best.get(usize::from(methods.bits()))?;
        let bullet = if methods.has(Repayment::Bullet) {
            1.0 - (1.0 + monthly * self.months) * self.end
        } else {
            f64::NEG_INFINITY
        };
        let (least, most) = ((below * least).max(bullet), (below * most).max(bullet));
        let share = |bp: i64| bp as f64 / 10_000.0;
        // What is owed is between all of the amount and nothing.
        let on_balance = share(fees.on_balance_bp);
        let worth = share(fees.upfront_bp)
            + fees.upfront_fen as f64 / amount_fen as f64
            + share(fees.annual_bp) * (1.0 + self.years)
            + on_balance
            + share(fees.monthly_bp) * self.annuity;
        Some((least - worth - on_balance * self.years, most - worth))
    }
}
