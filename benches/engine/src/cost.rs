//! Annual costs with fees, beside bisection over every flow to the same 1e-9; and schedules.

use crate::domain::codes::{Code, Repayment};
use crate::domain::money::Fen;
use crate::finance::annual_cost::{CEILING_PCT, FeeSum, Loan, annual_cost_pct};
use crate::finance::rate::Rate;
use crate::finance::schedule::Schedule;
use crate::finance::terms::{Plan, Terms};
use crate::time;

/// Loans of every method, at rates, terms and fees as banks ask them.
fn loans() -> Vec<(Loan, FeeSum)> {
    let mut loans = Vec::new();
    for repayment in Repayment::ALL {
        for term_months in [3, 6, 12, 24, 36, 60, 120] {
            for rate_bp in (300..700).step_by(50) {
                for (upfront_bp, upfront_fen, annual_bp, on_balance_bp, monthly_bp) in [
                    (50, 0, 0, 0, 0),
                    (0, 300_000, 0, 0, 0),
                    (0, 0, 100, 0, 0),
                    (0, 0, 0, 80, 0),
                    (20, 0, 0, 0, 2),
                ] {
                    let loan = Loan {
                        amount_fen: 100_000_000,
                        term_months,
                        rate_bp,
                        repayment: *repayment,
                    };
                    let fees = FeeSum {
                        upfront_bp,
                        upfront_fen,
                        annual_bp,
                        on_balance_bp,
                        monthly_bp,
                    };
                    loans.push((loan, fees));
                }
            }
        }
    }
    loans
}

pub fn run() {
    let loans = loans();
    for (loan, fees) in &loans {
        let (fast, plain) = (annual_cost_pct(loan, fees), bisected(loan, fees, 1e-9));
        let are_same = fast.zip(plain).is_some_and(|(fast, plain)| (fast - plain).abs() < 1e-8);
        assert!(are_same, "{loan:?} {fees:?}: {fast:?}, by bisection {plain:?}");
    }
    time("annual cost", loans.len(), || {
        loans
            .iter()
            .filter_map(|(loan, fees)| annual_cost_pct(loan, fees))
            .sum::<f64>()
    });
    time("annual cost by bisection", loans.len(), || {
        loans
            .iter()
            .filter_map(|(loan, fees)| bisected(loan, fees, 1e-9))
            .sum::<f64>()
    });
    time("schedule and annual cost", loans.len(), || {
        let in_full = loans
            .iter()
            .filter_map(|(loan, fees)| Some((schedule(loan)?.totals.interest, annual_cost_pct(loan, fees)?)));
        in_full.fold((0, 0.0), |(interest, cost), one| (interest + one.0, cost + one.1))
    });
}

/// Every payment, in whole 分.
fn schedule(loan: &Loan) -> Option<Schedule> {
    let plan = Plan::Months {
        term_months: loan.term_months,
        every_months: 1,
        start: None,
    };
    let terms = Terms::new(
        Fen::new(loan.amount_fen)?,
        Rate::from_bp(loan.rate_bp).ok()?,
        loan.repayment,
        plan,
    );
    Schedule::of(&terms.ok()?).ok()
}

/// The yearly rate in percent, to so many points of it; none where it is above the ceiling.
pub fn bisected(loan: &Loan, fees: &FeeSum, points: f64) -> Option<f64> {
    let (received, paid) = flows(loan, fees);
    let worth = |rate: f64| paid.iter().rev().fold(0.0, |worth, paid| (worth + paid) / (1.0 + rate));
    let yearly = |monthly: f64| ((1.0 + monthly).powi(12) - 1.0) * 100.0;
    let (mut low, mut high) = (0.0, 0.5);
    if received <= 0.0 || worth(high) > received {
        return None;
    }
    while yearly(high) - yearly(low) > points {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if worth(middle) > received {
            low = middle
        } else {
            high = middle
        }
    }
    Some(yearly(high)).filter(|cost| *cost <= CEILING_PCT + 1e-9)
}

/// What a borrower of 1 keeps, and what it pays in each month.
fn flows(loan: &Loan, fees: &FeeSum) -> (f64, Vec<f64>) {
    let share = |bp: i64| bp as f64 / 10_000.0;
    let (i, months) = (loan.rate_bp as f64 / 120_000.0, loan.term_months as usize);
    let n = months as f64;
    let level = if i == 0.0 {
        1.0 / n
    } else {
        i / (1.0 - (1.0 + i).powi(-(loan.term_months as i32)))
    };
    let mut balance = 1.0;
    let mut paid = Vec::with_capacity(months);
    for month in 1..=months {
        let interest = i * balance;
        let principal = match loan.repayment {
            Repayment::EqualInstalment => level - interest,
            Repayment::EqualPrincipal => 1.0 / n,
            _ if month == months => 1.0,
            _ => 0.0,
        };
        balance -= principal;
        let interest = match loan.repayment {
            Repayment::Bullet if month == months => i * n,
            Repayment::Bullet => 0.0,
            _ => interest,
        };
        let yearly = if month % 12 == 0 && month < months {
            share(fees.annual_bp) + share(fees.on_balance_bp) * balance
        } else {
            0.0
        };
        paid.push(principal + interest + yearly + share(fees.monthly_bp));
    }
    let at_start = share(fees.upfront_bp + fees.annual_bp + fees.on_balance_bp);
    (1.0 - at_start - fees.upfront_fen as f64 / loan.amount_fen as f64, paid)
}
