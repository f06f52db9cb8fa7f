//! Whether a loan costs more than somebody wants to pay, told without finding what it costs.

use super::annual_cost::{CEILING_PCT, FeeSum, Loan, monthly_rate, plain_monthly_rate};
use super::closed_form::{Discount, Flows};
use super::spared::Spared;
use crate::domain::codes::{Repayment, Set};

/// Whether a cost in percent is within a limit in bp, to the hair that the matching contract allows; any is where there
/// is none.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a cost limit is far below 2^52")]
pub fn is_within_bp(cost_pct: f64, limit_bp: Option<i64>) -> bool {
    limit_bp.is_none_or(|limit| cost_pct * 100.0 <= limit as f64 + 1e-9)
}

/// The highest rate of [`has_cost_for_sure`].
pub const ORDINARY_RATE_BP: i64 = 3_600;

/// Whether rate and fees are so ordinary that a loan has a cost whatever its term and method: a rate up to 36 %, a tenth
/// each of the amount at the start at most and of fixed fees, 1 % a month. Others may have one too.
///
/// At the rate of the ceiling, 46.9 % a month, what is repaid is worth less than 1/1.469 = 0.681 of the amount, since none
/// of it is repaid before a month; interest less than 0.03/0.469 = 0.064; monthly fees 0.021; yearly ones, of which the
/// first is paid after a year, 0.1/100 = 0.001. That is less than the 0.8 which at least were received.
#[must_use]
pub fn has_cost_for_sure(rate_bp: i64, amount_fen: i64, fees: &FeeSum) -> bool {
    let at_start_bp = fees
        .upfront_bp
        .saturating_add(fees.annual_bp)
        .saturating_add(fees.on_balance_bp);
    rate_bp <= ORDINARY_RATE_BP && at_start_bp <= 1_000 && fees.upfront_fen <= amount_fen / 10 && fees.monthly_bp <= 100
}

/// The rate in bp at which a loan without fees costs so much a year, in percent; as near as floats are.
///
/// At 4.00 % and twelve months it is 392.8 repaid by the month, 400.0 at the end.
#[must_use]
pub fn plain_rate_bp(cost_pct: f64, term_months: u32, repayment: Repayment) -> f64 {
    let (monthly, months) = (monthly_rate(cost_pct), f64::from(term_months));
    120_000.0
        * match repayment {
            Repayment::Bullet => (monthly.ln_1p() * months).exp_m1() / months,
            _ => monthly,
        }
}

/// The most that loans of one term may cost, made once and held against many of them.
#[derive(Clone, Copy, Debug)]
pub struct CostLimit {
    limit_bp: Option<i64>,
    limit_pct: f64,
    /// What the limit makes of payments, and what is spared against it; none where it is too near 0 to divide by.
    discount: Option<(Discount, Spared)>,
}

impl CostLimit {
    /// A limit in bp; without one any cost will do, but none is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a cost limit is far below 2^52")]
    pub fn new(limit_bp: Option<i64>, term_months: u32) -> Self {
        let limit_pct = limit_bp.map_or(CEILING_PCT, |bp| (bp as f64 / 100.0).min(CEILING_PCT));
        let rate = monthly_rate(limit_pct);
        Self {
            limit_bp,
            limit_pct,
            discount: (rate > 1e-9).then(|| {
                let discount = Discount::new(rate, f64::from(term_months));
                (discount, Spared::at(&discount, term_months))
            }),
        }
    }

    /// In bp; none where any cost will do.
    #[must_use]
    pub const fn bp(&self) -> Option<i64> {
        self.limit_bp
    }

    /// In percent; the highest that counts as a cost, where there is no limit below it.
    #[must_use]
    pub const fn pct(&self) -> f64 {
        self.limit_pct
    }

    /// How a loan of the limit's term, repaid by the cheapest of these methods, stands to it, as far as bounds can tell.
    #[must_use]
    pub fn estimate(&self, rate_bp: i64, methods: Set<Repayment>, amount_fen: i64, fees: &FeeSum) -> Judgement {
        let spared = self.discount.as_ref().map(|(_, spared)| spared);
        let bounds = spared.and_then(|spared| spared.bounds(rate_bp, methods, amount_fen, fees));
        let Some((least, most)) = bounds else {
            return Judgement::Near;
        };
        if least > NEAR {
            Judgement::Below
        } else if most < -NEAR {
            Judgement::Above
        } else {
            Judgement::Near
        }
    }

    /// How a loan of the limit's term stands to it.
    ///
    /// A loan costs less than a rate where its flows, discounted at that rate, are worth less than what was received;
    /// for that no root has to be found.
    #[must_use]
    pub fn judge(&self, loan: &Loan, fees: &FeeSum) -> Judgement {
        let Some((discount, _)) = &self.discount else {
            return Judgement::Near;
        };
        // At a rate below the loan's own its flows would be worth more than any float can tell apart.
        if plain_monthly_rate(loan) > discount.rate + 1e-12 {
            return Judgement::Above;
        }
        let flows = Flows::new(loan, fees);
        if flows.received <= 0.0 {
            return Judgement::Above;
        }
        let gain = flows.received - flows.present(discount).value;
        if gain.abs() <= NEAR {
            Judgement::Near
        } else if gain > 0.0 {
            Judgement::Below
        } else {
            Judgement::Above
        }
    }
}

/// Far above what rounding can do to a present value, and in costs far above their hair.
const NEAR: f64 = 1e-8;

/// How a loan stands to a limit of its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It costs less, and by more than costs that count as equal can differ.
    Below,
    /// It costs more, or has no cost.
    Above,
    /// So near that only its cost itself can tell.
    Near,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::Code;
    use crate::finance::annual_cost::annual_cost_pct;
    use crate::finance::annual_cost::tests::bullet;

    /// Whether the loan costs no more than the limit, told as the engine does.
    fn admits(limit_bp: Option<i64>, loan: &Loan, fees: &FeeSum) -> bool {
        let limit = CostLimit::new(limit_bp, loan.term_months);
        match limit.judge(loan, fees) {
            Judgement::Below => true,
            Judgement::Above => false,
            Judgement::Near => annual_cost_pct(loan, fees).is_some_and(|cost| is_within_bp(cost, limit_bp)),
        }
    }

    #[test]
    fn a_limit_admits_what_does_not_cost_more() {
        let fees = FeeSum {
            upfront_bp: 50,
            annual_bp: 100,
            monthly_bp: 1,
            ..FeeSum::default()
        };
        for repayment in Repayment::ALL {
            for term_months in [1, 12, 13, 120, 360] {
                let loan = Loan {
                    repayment: *repayment,
                    ..bullet(10_000_000, term_months, 435)
                };
                let cost = annual_cost_pct(&loan, &fees).expect("a cost");
                #[expect(clippy::cast_possible_truncation, reason = "a cost in bp is small")]
                let bp = (cost * 100.0).floor() as i64;
                for (limit, admitted) in [(Some(bp), false), (Some(bp + 1), true), (Some(0), false), (None, true)] {
                    assert_eq!(admits(limit, &loan, &fees), admitted, "{loan:?} {cost} {limit:?}");
                }
            }
        }
        // To the digit: 1.04 is paid for 0.8, 0.65, 0.52, …
        for (upfront_bp, cost_bp) in [
            (0, 400),
            (2_000, 3_000),
            (3_500, 6_000),
            (4_800, 10_000),
            (7_400, 30_000),
        ] {
            let fees = FeeSum {
                upfront_bp,
                ..FeeSum::default()
            };
            for (limit, admitted) in [(cost_bp - 1, false), (cost_bp, true), (cost_bp + 1, true)] {
                let loan = bullet(100, 12, 400);
                assert_eq!(admits(Some(limit), &loan, &fees), admitted, "{fees:?} {limit}");
            }
        }
        assert!(admits(Some(0), &bullet(100, 12, 0), &FeeSum::default()));
        assert!(admits(None, &bullet(100, 12, 1_000_000), &FeeSum::default()));
        assert!(!admits(None, &bullet(100, 12, 1_000_001), &FeeSum::default()));
    }

    /// What bounds tell is what the flows tell, and they tell most of it.
    #[test]
    fn bounds_say_what_the_flows_say() {
        let fees = |upfront_bp, annual_bp, on_balance_bp, monthly_bp| FeeSum {
            upfront_bp,
            annual_bp,
            on_balance_bp,
            monthly_bp,
            ..FeeSum::default()
        };
        let fees = [
            fees(50, 0, 0, 0),
            fees(0, 100, 0, 0),
            fees(0, 0, 80, 0),
            fees(0, 0, 0, 5),
            fees(9_000, 0, 3_000, 0),
            FeeSum {
                upfront_fen: 300_000,
                ..FeeSum::default()
            },
        ];
        let (mut told, mut all) = (0, 0);
        for term_months in [1, 11, 12, 13, 37, 120, 360] {
            for limit_bp in [None, Some(0), Some(1), Some(350), Some(480), Some(900), Some(90_000)] {
                let limit = CostLimit::new(limit_bp, term_months);
                for rate_bp in [0, 1, 300, 345, 460, 479, 481, 700, 5_000, 300_000] {
                    for (fees, repayment) in fees
                        .iter()
                        .flat_map(|fees| Repayment::ALL.iter().map(move |one| (fees, one)))
                    {
                        let loan = Loan {
                            repayment: *repayment,
                            ..bullet(10_000_000, term_months, rate_bp)
                        };
                        // Beside another that spares less or more: the better one of the two decides.
                        let other = Loan {
                            repayment: Repayment::Bullet,
                            ..loan
                        };
                        let both = Set::EMPTY.with(*repayment).with(Repayment::Bullet);
                        let estimate = limit.estimate(rate_bp, both, loan.amount_fen, fees);
                        let judged = [limit.judge(&loan, fees), limit.judge(&other, fees)];
                        match estimate {
                            Judgement::Below => {
                                assert!(judged.contains(&Judgement::Below), "{loan:?} {fees:?} {limit_bp:?}");
                            }
                            Judgement::Above => {
                                assert_eq!(judged, [Judgement::Above; 2], "{loan:?} {fees:?} {limit_bp:?}");
                            }
                            Judgement::Near => {}
                        }
                        let methods = Set::EMPTY.with(*repayment);
                        let estimate = limit.estimate(rate_bp, methods, loan.amount_fen, fees);
                        // Of a loan that is dearer without any fee they need not tell anything.
                        all += u32::from(limit_bp.is_none_or(|limit| rate_bp < limit - 20));
                        if estimate != Judgement::Near {
                            told += 1;
                            assert_eq!(estimate, limit.judge(&loan, fees), "{loan:?} {fees:?} {limit_bp:?}");
                        }
                    }
                }
            }
        }
        assert!(told * 4 > all * 3, "{told} of {all}");
    }

    #[test]
    fn a_loan_far_dearer_than_the_limit_is_above_it() {
        let fees = FeeSum {
            on_balance_bp: 100,
            ..FeeSum::default()
        };
        for rate_bp in (8_000..1_000_000)
            .step_by(997)
            .chain([20_950, 79_931, 465_000, 518_000, 589_000])
        {
            for term_months in [13, 37, 120, 360] {
                for repayment in Repayment::ALL {
                    let loan = Loan {
                        repayment: *repayment,
                        ..bullet(10_000_000, term_months, rate_bp)
                    };
                    let cost = annual_cost_pct(&loan, &fees);
                    for limit in [1_501, 7_000] {
                        let kept = cost.is_some_and(|cost| is_within_bp(cost, Some(limit)));
                        assert_eq!(admits(Some(limit), &loan, &fees), kept, "{loan:?} {cost:?} {limit}");
                    }
                    assert_eq!(admits(None, &loan, &fees), cost.is_some(), "{loan:?} {cost:?}");
                }
            }
        }
    }

    #[test]
    fn the_most_extreme_of_the_ordinary_has_a_cost() {
        let fees = |upfront_bp, annual_bp, on_balance_bp| FeeSum {
            upfront_bp,
            upfront_fen: 10,
            annual_bp,
            on_balance_bp,
            monthly_bp: 100,
        };
        for fees in [fees(1_000, 0, 0), fees(0, 1_000, 0), fees(0, 0, 1_000)] {
            assert!(has_cost_for_sure(3_600, 100, &fees));
            for term_months in 1..=360 {
                for repayment in Repayment::ALL {
                    let loan = Loan {
                        repayment: *repayment,
                        ..bullet(100, term_months, 3_600)
                    };
                    assert!(annual_cost_pct(&loan, &fees).is_some(), "{loan:?} {fees:?}");
                }
            }
        }
    }
}
