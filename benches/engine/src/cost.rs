//! Annual costs with fees, beside bisection over every flow to the same 1e-9.

use crate::domain::codes::{Code, Repayment};
use crate::finance::annual_cost::{FeeSum, Loan, annual_cost_pct};
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
        let (fast, plain) = (annual_cost_pct(loan, fees).unwrap_or(f64::NAN), bisected(loan, fees));
        assert!(
            (fast - plain).abs() < 1e-8,
            "{loan:?} {fees:?}: {fast}, by bisection {plain}"
        );
    }
    time("annual cost", loans.len(), || {
        loans
            .iter()
            .filter_map(|(loan, fees)| annual_cost_pct(loan, fees))
            .sum::<f64>()
    });
    time("annual cost by bisection", loans.len(), || {
        loans.iter().map(|(loan, fees)| bisected(loan, fees)).sum::<f64>()
    });
}

/// The yearly rate in percent, to 1e-9.
fn bisected(loan: &Loan, fees: &FeeSum) -> f64 {
    let (received, paid) = flows(loan, fees);
    let worth = |rate: f64| paid.iter().rev().fold(0.0, |worth, paid| (worth + paid) / (1.0 + rate));
    let yearly = |monthly: f64| ((1.0 + monthly).powi(12) - 1.0) * 100.0;
    let (mut low, mut high) = (0.0, 0.5);
    while yearly(high) - yearly(low) > 1e-9 {
        let middle = f64::midpoint(low, high);
        if worth(middle) > received {
            low = middle
        } else {
            high = middle
        }
    }
    yearly(high)
}

/// What a borrower of 1 keeps, and what it pays in each month.
fn flows(loan: &Loan, fees: &FeeSum) -> (f64, Vec<f64>) {
    let share = |bp: i64| bp as f64 / 10_000.0;
    let (i, months) = (loan.rate_bp as f64 / 120_000.0, loan.term_months as usize);
    let n = months as f64;
    let level = i / (1.0 - (1.0 + i).powi(-(loan.term_months as i32)));
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
