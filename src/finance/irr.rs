//! Internal rates of return: what flows of money cost a year.
//!
//! Signs are the borrower's: received above 0, paid below; the other way round gives the same rate.
//! Flows are netted by month or date first, so their order does not matter.
//!
//! The unknown is `x = ln(1 + rate)`: a flow's worth is then `exp(−x·t)`, and rates near zero lose no
//! digits. The rate is looked for in the field's usual range first, and beyond it only if there is none.

use super::isolate::isolate;
use super::root;
use crate::domain::dates::Day;
use serde::Serialize;
use std::collections::BTreeMap;

/// The latest month of a flow.
pub const MAX_MONTH: u32 = 1_200;
/// The most flows of one loan, after netting.
pub const MAX_FLOWS: usize = 4_000;

/// Where rates are looked for: the usual range, then the widest.
type Ranges = [(f64, f64); 2];

/// A month: −5 % to 20 %, then −99 % to 10^6-fold.
const MONTHLY: Ranges = [(-0.05, 0.2), (-0.99, 1e6)];
/// A year: −50 % to 300 %, then −99.99 % to 10^12-fold.
const YEARLY: Ranges = [(-0.5, 3.0), (-0.9999, 1e12)];

/// Why flows have no rate of return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IrrError {
    /// Money flows one way only.
    #[error("no rate: the flows never change sign")]
    NoSignChange,
    /// Several rates discount the flows to nothing.
    #[error("no single rate: several discount the flows to nothing")]
    NotUnique,
    /// The rate is beyond any range that makes sense.
    #[error("no rate within -99 % and 10^6-fold a month (dated: -99.99 % and 10^12-fold a year)")]
    OutOfRange,
    /// The flows go to and fro so often, or come so near to a double rate, that none can be made out.
    #[error("no rate can be made out: the flows change sign too often or have nearly two rates in one")]
    NoConvergence,
    /// A flow lies after [`MAX_MONTH`].
    #[error("a flow is later than month 1200")]
    MonthTooLate,
    /// More than [`MAX_FLOWS`].
    #[error("more than 4000 flows")]
    TooManyFlows,
    /// A sum of flows on one date does not fit 64 bits.
    #[error("the flows of one date add up to more than can be counted in fen")]
    TooLarge,
}

/// The figures of flows on whole months.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MonthFigures {
    /// The rate a month, as a fraction.
    pub monthly_irr: f64,
    /// Twelve times that, percent a year.
    pub nominal_apr_pct: f64,
    /// Compounded over twelve months, percent a year.
    pub effective_pct: f64,
}

impl MonthFigures {
    /// The figures of flows `(months after the draw, 分)`.
    ///
    /// # Errors
    /// See [`IrrError`].
    pub fn of(flows: &[(u32, i64)]) -> Result<Self, IrrError> {
        let net = net(flows)?;
        if net.iter().any(|(month, _)| *month > MAX_MONTH) {
            return Err(IrrError::MonthTooLate);
        }
        let flows = net.into_iter().map(|(month, fen)| Flow {
            time: f64::from(month),
            amount: fen,
        });
        let x = log_rate(flows.collect(), MONTHLY)?;
        Ok(Self::from_log_rate(x))
    }

    pub(super) fn from_log_rate(x: f64) -> Self {
        let monthly_irr = x.exp_m1();
        Self {
            monthly_irr,
            nominal_apr_pct: monthly_irr * 1200.0,
            effective_pct: (12.0 * x).exp_m1() * 100.0,
        }
    }
}

/// XIRR: the effective annual rate of dated flows `(date, 分)`, percent, a year counted as 365 days
/// from the first flow.
///
/// # Errors
/// See [`IrrError`].
pub fn xirr_pct(flows: &[(Day, i64)]) -> Result<f64, IrrError> {
    let net = net(flows)?;
    let Some((first, _)) = net.first().copied() else {
        return Err(IrrError::NoSignChange);
    };
    let flows = net.into_iter().map(|(date, fen)| Flow {
        time: to_float(date.days_since(first)) / 365.0,
        amount: fen,
    });
    Ok(log_rate(flows.collect(), YEARLY)?.exp_m1() * 100.0)
}

/// The flows of one time added up, in order of time, without those that come to nothing.
fn net<T: Ord + Copy>(flows: &[(T, i64)]) -> Result<Vec<(T, f64)>, IrrError> {
    let mut sums = BTreeMap::<T, i64>::new();
    for &(time, fen) in flows {
        let sum = sums.entry(time).or_default();
        *sum = sum.checked_add(fen).ok_or(IrrError::TooLarge)?;
    }
    if sums.len() > MAX_FLOWS {
        return Err(IrrError::TooManyFlows);
    }
    Ok(sums
        .into_iter()
        .filter(|(_, fen)| *fen != 0)
        .map(|(time, fen)| (time, to_float(fen)))
        .collect())
}

/// One flow of a [`Npv`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    /// In periods of the rate.
    pub time: f64,
    /// Never 0.
    pub amount: f64,
}

/// The worth of flows as a function of `x = ln(1 + rate)`, up to a positive factor.
pub(super) struct Npv {
    flows: Vec<Flow>,
    first: f64,
    last: f64,
}

impl Npv {
    /// Flows in order of time; `None` without any.
    fn of(flows: Vec<Flow>) -> Option<Self> {
        let (first, last) = (flows.first()?.time, flows.last()?.time);
        Some(Self { flows, first, last })
    }

    /// The worth at the first flow for rates above 0, at the last for those below: no term can then
    /// overflow, and the two agree at 0.
    fn at(&self, x: f64) -> f64 {
        let anchor = self.anchor(x >= 0.0);
        self.flows
            .iter()
            .map(|flow| flow.amount * (-x * (flow.time - anchor)).exp())
            .sum()
    }

    pub(super) fn anchor(&self, above_zero: bool) -> f64 {
        if above_zero { self.first } else { self.last }
    }

    pub(super) fn flows(&self) -> &[Flow] {
        &self.flows
    }

    fn sign_changes(&self) -> usize {
        let pairs = self.flows.iter().zip(self.flows.iter().skip(1));
        pairs
            .filter(|(one, next)| (one.amount > 0.0) != (next.amount > 0.0))
            .count()
    }
}

/// The one `x` at which the flows are worth nothing.
fn log_rate(flows: Vec<Flow>, ranges: Ranges) -> Result<f64, IrrError> {
    let npv = Npv::of(flows).ok_or(IrrError::NoSignChange)?;
    let changes = npv.sign_changes();
    if changes == 0 {
        return Err(IrrError::NoSignChange);
    }
    if changes == 1 && npv.at(0.0) == 0.0 {
        return Ok(0.0);
    }
    for (low, high) in ranges {
        let (low, high) = (f64::ln_1p(low), f64::ln_1p(high));
        let brackets = if changes == 1 {
            // Descartes: there is exactly one root, here or elsewhere.
            let here = (npv.at(low) >= 0.0) != (npv.at(high) >= 0.0);
            Vec::from_iter(here.then_some((low, high)))
        } else {
            isolate(&npv, low, high)?
        };
        match brackets.as_slice() {
            [] => {}
            [(low, high)] => return root::find(|x| npv.at(x), *low, *high).or(Err(IrrError::NoConvergence)),
            _ => return Err(IrrError::NotUnique),
        }
    }
    Err(IrrError::OutOfRange)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure, not an account: 53 bits are 10^-16 of the amount"
)]
pub(super) const fn to_float(whole: i64) -> f64 {
    whole as f64
}

#[cfg(test)]
mod tests {
    use super::{IrrError, MonthFigures, xirr_pct};

    fn monthly(flows: &[(u32, i64)]) -> Result<f64, IrrError> {
        MonthFigures::of(flows).map(|figures| figures.monthly_irr)
    }

    #[track_caller]
    fn close(got: Result<f64, IrrError>, want: f64) {
        let got = got.expect("a rate");
        assert!((got - want).abs() <= 1e-12 * want.abs().max(1.0), "{got} is not {want}");
    }

    #[test]
    fn rates_far_from_the_usual_are_found() {
        close(monthly(&[(0, 100), (1, -100)]), 0.0);
        close(monthly(&[(0, 100), (1, -50)]), -0.5);
        close(monthly(&[(0, 100), (1, -100_000)]), 999.0);
        close(monthly(&[(0, -100), (1, 100_000)]), 999.0);
        close(monthly(&[(1_200, -200), (0, 100)]), 2.0_f64.powf(1.0 / 1_200.0) - 1.0);
        close(
            monthly(&[(0, 50), (0, 50), (12, -60), (12, -60)]),
            1.2_f64.powf(1.0 / 12.0) - 1.0,
        );
    }

    #[test]
    fn two_rates_of_which_one_is_usual_give_that_one() {
        // (1 − 1.1·v)(1 − 3·v), v = 1/(1+r): 10 % and 200 % a month.
        close(monthly(&[(0, 100), (1, -410), (2, 330)]), 0.1);
        // 10 % and 12 %: both usual.
        assert_eq!(
            monthly(&[(0, 10_000), (1, -22_200), (2, 12_320)]),
            Err(IrrError::NotUnique)
        );
        // 0 % and 50 %.
        close(monthly(&[(0, 100), (1, -250), (2, 150)]), 0.0);
        // 100 % and 200 %: neither usual.
        assert_eq!(monthly(&[(0, 100), (1, -500), (2, 600)]), Err(IrrError::NotUnique));
    }

    #[test]
    fn what_has_no_rate_says_why() {
        assert_eq!(monthly(&[]), Err(IrrError::NoSignChange));
        assert_eq!(monthly(&[(0, 100), (1, 1)]), Err(IrrError::NoSignChange));
        assert_eq!(monthly(&[(0, 100), (0, -100)]), Err(IrrError::NoSignChange));
        assert_eq!(monthly(&[(0, 1), (1, -100_000_000)]), Err(IrrError::OutOfRange));
        assert_eq!(monthly(&[(0, 1), (1_201, -2)]), Err(IrrError::MonthTooLate));
        assert_eq!(monthly(&[(0, i64::MAX), (0, 1)]), Err(IrrError::TooLarge));
        // 1 − 2v + 2v²: no real root at all.
        assert_eq!(monthly(&[(0, 100), (1, -200), (2, 200)]), Err(IrrError::OutOfRange));
        // (1 − 1.1·v)²: a double root, which no change of sign betrays.
        assert!(monthly(&[(0, 100), (1, -220), (2, 121)]).is_err());
        assert_eq!(xirr_pct(&[]), Err(IrrError::NoSignChange));
    }
}
