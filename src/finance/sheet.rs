//! A standardised loan in money, as result pages show it beside its annual cost.

use super::add_up::fee_rate_pct;
use super::annual_cost::{FeeSum, Loan, annual_cost_pct};
use super::flows::charges_of;
use super::rate::Rate;
use super::schedule::Schedule;
use super::terms::{Plan, Terms};
use crate::domain::fees::Fee;
use crate::domain::money::Fen;
use crate::domain::sheet::{CostBreakdown, FeeLine, LoanFigures, ScheduleLine};

/// Terms and schedule; none where the loan is beyond what a schedule can hold.
fn schedule(loan: &Loan) -> Option<(Terms, Schedule)> {
    let plan = Plan::Months {
        term_months: loan.term_months,
        every_months: 1,
        start: None,
    };
    let rate = Rate::from_bp(loan.rate_bp).ok()?;
    let terms = Terms::new(Fen::new(loan.amount_fen)?, rate, loan.repayment, plan).ok()?;
    let schedule = Schedule::of(&terms).ok()?;
    Some((terms, schedule))
}

/// All that one fee takes over the term, 分; 0 where the bank bears it.
fn fee_total(fee: &Fee, terms: &Terms, schedule: &Schedule) -> i64 {
    if !fee.is_borrowers() {
        return 0;
    }
    let total: i128 = charges_of(fee, terms, schedule).iter().map(|charge| charge.fen).sum();
    i64::try_from(total).unwrap_or(i64::MAX)
}

fn in_money(fees: &[Fee], terms: &Terms, schedule: &Schedule) -> LoanFigures {
    LoanFigures {
        first_payment_fen: schedule
            .rows
            .iter()
            .map(|row| row.payment)
            .find(|payment| *payment > 0)
            .unwrap_or(0),
        interest_fen: schedule.totals.interest,
        fees_fen: fees
            .iter()
            .map(|fee| fee_total(fee, terms, schedule))
            .fold(0, i64::saturating_add),
    }
}

/// What a loan comes to in money; none where it is beyond what a schedule can hold.
///
/// The first payment of a bullet loan is its only one.
#[must_use]
pub fn loan_figures(loan: &Loan, fees: &[Fee]) -> Option<LoanFigures> {
    let (terms, schedule) = schedule(loan)?;
    Some(in_money(fees, &terms, &schedule))
}

/// What a loan costs item by item; none where it has no cost or is beyond what a schedule can hold.
#[must_use]
pub fn breakdown(loan: &Loan, fees: &[Fee]) -> Option<CostBreakdown> {
    let (terms, schedule) = schedule(loan)?;
    let lines: Vec<FeeLine> = fees
        .iter()
        .map(|fee| FeeLine {
            fee: fee.clone(),
            total_fen: fee_total(fee, &terms, &schedule),
            annual_pct: if fee.is_borrowers() {
                fee_rate_pct(fee, &terms, &schedule).ok()
            } else {
                Some(0.0)
            },
        })
        .collect();
    let fee_rates = lines.iter().map(|line| line.annual_pct).sum::<Option<f64>>()?;
    let annual_cost_pct = annual_cost_pct(loan, &FeeSum::of(fees))?;
    Some(CostBreakdown {
        repayment: loan.repayment,
        rate_bp: loan.rate_bp,
        figures: in_money(fees, &terms, &schedule),
        fees: lines,
        annual_cost_pct,
        nominal_pct: ((annual_cost_pct / 100.0).ln_1p() / 12.0).exp_m1() * 1200.0,
        add_up_total_pct: terms.rate().pct() + fee_rates,
        schedule: schedule
            .rows
            .iter()
            .map(|row| ScheduleLine {
                period: row.period,
                principal_fen: row.principal,
                interest_fen: row.interest,
                payment_fen: row.payment,
                balance_fen: row.balance,
            })
            .collect(),
    })
}
