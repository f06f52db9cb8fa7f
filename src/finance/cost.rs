//! The cost sheet of a loan: its schedule and every annual figure beside it, each by its own name.
//!
//! The figures differ by some basis points and must not be mixed up: nominal (IRR × 12), effective
//! (compounded), XIRR (real dates, a year of 365 days), unrounded (the standardised figure by which
//! products are ranked) and the add-up total (the sum that the authorities' sheet shows).

use super::add_up::{AddUpError, add_up_total_pct};
use super::annual_cost::{FeeSum, Loan, annual_cost_pct};
use super::flows::{self, FlowError};
use super::irr::{IrrError, MonthFigures, xirr_pct};
use super::schedule::{Schedule, ScheduleError};
use super::terms::{Plan, Terms};
use super::unrounded::unrounded_effective_pct;
use crate::domain::dates::Day;
use crate::domain::fees::Fee;
use serde::Serialize;

/// The annual figures of flows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Of the flows on whole months, where there are any: only a loan whose periods are whole months
    /// has a monthly rate.
    #[serde(flatten)]
    pub by_month: Option<MonthFigures>,
    /// Of the flows on dates, where there are any: effective, percent a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xirr_pct: Option<f64>,
}

/// A loan's schedule and what it costs.
#[derive(Clone, Debug, PartialEq)]
pub struct CostSheet {
    /// The repayments.
    pub schedule: Schedule,
    /// Of the rounded flows, fees included.
    pub figures: Figures,
    /// The matching contract's annual cost, percent: on unrounded flows; with months of grace the same on
    /// their flows. None for a loan that contract has no model of (dated, not monthly, or at a rate that
    /// is no whole basis point) and where it would be above 10,000 %.
    pub effective_unrounded_pct: Option<f64>,
    /// By the authorities' sheet, percent; see [`super::add_up`].
    pub add_up_total_pct: f64,
}

/// Why a loan or flows have no cost. Each message names the field it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// The terms have no schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The fees are out of bounds.
    #[error(transparent)]
    Fees(#[from] FlowError),
    /// A fee has no rate of its own.
    #[error(transparent)]
    AddUp(#[from] AddUpError),
    /// The flows of these terms and fees have no rate of return, as when the fees take the whole amount.
    #[error("fees: {0}")]
    Terms(#[source] IrrError),
    /// The flows on months have no rate of return.
    #[error("flows_month_fen: {0}")]
    MonthFlows(#[source] IrrError),
    /// The flows on dates have none.
    #[error("flows_dated_fen: {0}")]
    DatedFlows(#[source] IrrError),
}

/// The cost sheet of terms and fees.
///
/// # Errors
/// See [`CostError`].
pub fn of_terms(terms: &Terms, fees: &[Fee]) -> Result<CostSheet, CostError> {
    let schedule = Schedule::of(terms)?;
    let by_month = flows::by_month(terms, &schedule, fees)?;
    let by_date = flows::by_date(terms, &schedule, fees)?;
    let figures = Figures {
        by_month: by_month
            .as_deref()
            .map(MonthFigures::of)
            .transpose()
            .map_err(CostError::Terms)?,
        xirr_pct: by_date.as_deref().map(xirr_pct).transpose().map_err(CostError::Terms)?,
    };
    let add_up_total_pct = add_up_total_pct(terms, &schedule, fees)?;
    Ok(CostSheet {
        schedule,
        figures,
        effective_unrounded_pct: effective_unrounded_pct(terms, fees),
        add_up_total_pct,
    })
}

/// The figures of flows alone, of each kind that is given.
///
/// # Errors
/// See [`CostError`].
pub fn of_flows(by_month: Option<&[(u32, i64)]>, by_date: Option<&[(Day, i64)]>) -> Result<Figures, CostError> {
    Ok(Figures {
        by_month: by_month
            .map(MonthFigures::of)
            .transpose()
            .map_err(CostError::MonthFlows)?,
        xirr_pct: by_date.map(xirr_pct).transpose().map_err(CostError::DatedFlows)?,
    })
}

fn effective_unrounded_pct(terms: &Terms, fees: &[Fee]) -> Option<f64> {
    let Plan::Months {
        term_months,
        every_months: 1,
        ..
    } = *terms.plan()
    else {
        return None;
    };
    let (amount_fen, rate_bp, repayment) = (terms.amount().get(), terms.rate().whole_bp()?, terms.repayment());
    match terms.principal_grace_months() {
        0 => annual_cost_pct(
            &Loan {
                amount_fen,
                term_months,
                rate_bp,
                repayment,
            },
            &FeeSum::of(fees),
        ),
        grace => unrounded_effective_pct(repayment, rate_bp, term_months, amount_fen, fees, grace).ok(),
    }
}
