//! The add-up total of the sheet that bank and firm fill in before lending (贷款明白纸,
//! 企业贷款综合融资成本清单): the loan's annual rate plus the annual rate of each fee.
//!
//! The rate R of a fee, per interest period, is the one at which the loan's principal repayments and
//! the fee, interest left out, are worth the amount: `P = Σ principal/(1+R)^k + Σ fee/(1+R)^j`; a
//! one-off fee stands at 0. A year's rate is R times the periods a year, not compounded. A bullet
//! loan's period is the month.
//!
//! A broken period (a first or last one of odd days, or a fee inside a period) is counted in parts of
//! the regular period, its days over thirty for each month of that: its whole part compounds, its fraction `f`
//! discounts by `1 + R·f`.

use super::flows::{Charge, FlowError, borrowers, charges_of, date_of};
use super::irr::{IrrError, to_float};
use super::root;
use super::schedule::{Row, Schedule};
use super::terms::{Plan, Terms};
use crate::domain::codes::Repayment;
use crate::domain::dates::Day;
use crate::domain::fees::Fee;

/// Why there is no add-up total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddUpError {
    /// The fees are out of bounds.
    #[error(transparent)]
    Flows(#[from] FlowError),
    /// A fee has no rate, as when it takes the whole amount at the start.
    #[error("fees: one has no annual rate: {0}")]
    Rate(#[from] IrrError),
}

/// The loan's rate and the rate of each fee that the borrower bears, added up: percent a year.
///
/// # Errors
/// See [`AddUpError`].
pub fn add_up_total_pct(terms: &Terms, schedule: &Schedule, fees: &[Fee]) -> Result<f64, AddUpError> {
    let mut total = terms.rate().pct();
    for fee in borrowers(fees)? {
        total += fee_rate_pct(fee, terms, schedule)?;
    }
    Ok(total)
}

/// The rate of one fee by the rule of the sheet, percent a year.
///
/// # Errors
/// [`IrrError::OutOfRange`] where no rate makes up for the fee.
pub fn fee_rate_pct(fee: &Fee, terms: &Terms, schedule: &Schedule) -> Result<f64, IrrError> {
    let scale = Scale::of(terms, schedule);
    let charges = charges_of(fee, terms, schedule);
    if charges.iter().all(|charge| charge.fen == 0) {
        return Ok(0.0);
    }
    // Told in integers: as floats, a rate beyond all measure would seem to pay for such a fee.
    let at_start = charges
        .iter()
        .filter(|charge| charge.month == 0)
        .map(|charge| charge.fen);
    if at_start.sum::<i128>() >= i128::from(terms.amount().get()) {
        return Err(IrrError::OutOfRange);
    }
    let repaid = scale
        .positions(schedule)
        .map(|(position, row)| (position, to_float(row.principal)));
    let fees = charges
        .iter()
        .map(|charge| (scale.position_of(charge), charge_amount(charge)));
    let paid: Vec<(Position, f64)> = repaid.chain(fees).filter(|(_, amount)| *amount > 0.0).collect();
    let amount = to_float(terms.amount().get());
    // Rises with the rate, and is below 0 at a rate of 0 by all that the fee takes.
    let worth = |x: f64| {
        paid.iter()
            .map(|(position, fen)| fen * position.discount(x))
            .sum::<f64>()
    };
    let missing = |x: f64| amount - worth(x);
    let highest = [0.5, 2.0, 8.0, 32.0].into_iter().find(|x| missing(*x) >= 0.0);
    let x = root::find(missing, 0.0, highest.ok_or(IrrError::OutOfRange)?).or(Err(IrrError::NoConvergence))?;
    Ok(x.exp_m1() * 1200.0 / f64::from(scale.period_months))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure, not an account: 53 bits are 10^-16 of the amount"
)]
const fn charge_amount(charge: &Charge) -> f64 {
    charge.fen as f64
}

/// A time in interest periods: whole ones, and fractions of at most two broken ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Position {
    whole: f64,
    fractions: [f64; 2],
}

impl Position {
    /// What 1 at this time is worth at the start, `x` the logarithm of 1 + the period's rate.
    fn discount(self, x: f64) -> f64 {
        let rate = x.exp_m1();
        self.fractions.iter().fold((-x * self.whole).exp(), |worth, fraction| {
            worth / (1.0 + rate * fraction)
        })
    }

    /// This time and a length of `periods`, whose fraction is one more broken period.
    fn and(self, periods: f64) -> Self {
        let (whole, broken) = (periods.floor(), periods.fract());
        let [first, second] = self.fractions;
        let fractions = if first == 0.0 {
            [broken, second]
        } else {
            [first, second + broken]
        };
        Self {
            whole: self.whole + whole,
            fractions,
        }
    }
}

/// Measures the times of a loan in its interest periods.
struct Scale<'a> {
    terms: &'a Terms,
    schedule: &'a Schedule,
    period_months: u32,
}

impl<'a> Scale<'a> {
    fn of(terms: &'a Terms, schedule: &'a Schedule) -> Self {
        let period_months = if terms.repayment() == Repayment::Bullet {
            1
        } else {
            terms.plan().every_months()
        };
        Self {
            terms,
            schedule,
            period_months,
        }
    }

    /// Each row with the time it falls due.
    fn positions(&self, schedule: &'a Schedule) -> impl Iterator<Item = (Position, &'a Row)> {
        let regular = f64::from(self.terms.plan().every_months()) / f64::from(self.period_months);
        let periods = self.terms.calendar().periods.iter().zip(&schedule.rows);
        periods.scan(Position::default(), move |position, (period, row)| {
            *position = position.and(if period.broken {
                self.periods_of(period.units)
            } else {
                regular
            });
            Some((*position, row))
        })
    }

    fn periods_of(&self, days: i64) -> f64 {
        to_float(days) / (30.0 * f64::from(self.period_months))
    }

    fn position_of(&self, charge: &Charge) -> Position {
        match self.terms.plan() {
            Plan::Months { .. } => Position::default().and(f64::from(charge.month) / f64::from(self.period_months)),
            Plan::Dated(plan) => self.position_on(date_of(charge.month, plan.start, self.schedule), plan.start),
        }
    }

    /// The time of a date: that of the last due date before it, and the days since.
    fn position_on(&self, date: Day, start: Day) -> Position {
        let passed = self
            .positions(self.schedule)
            .take_while(|(_, row)| row.date.is_some_and(|due| due <= date))
            .last();
        let (position, from) = passed.map_or((Position::default(), start), |(position, row)| {
            (position, row.date.unwrap_or(start))
        });
        let days = date.days_since(from);
        if days == 0 {
            position
        } else {
            position.and(self.periods_of(days))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fee_rate_pct;
    use crate::domain::codes::{Bearer, FeeBasis, FeeKind, Repayment};
    use crate::domain::fees::Fee;
    use crate::domain::money::Fen;
    use crate::finance::irr::IrrError;
    use crate::finance::rate::Rate;
    use crate::finance::schedule::Schedule;
    use crate::finance::terms::{DatedPlan, Length, Plan, Terms};

    const AMOUNT_FEN: i64 = 1_000_000_000;

    fn months(term_months: u32, every_months: u32) -> Plan {
        Plan::Months {
            term_months,
            every_months,
            start: None,
        }
    }

    fn rate(basis: FeeBasis, value: i64, repayment: Repayment, plan: Plan) -> Result<f64, IrrError> {
        let fee = Fee {
            name: "担保费".into(),
            kind: FeeKind::Guarantee,
            basis,
            value,
            payee: None,
            borne_by: Bearer::Borrower,
        };
        let (amount, rate) = (
            Fen::new(AMOUNT_FEN).expect("money"),
            Rate::from_bp(400).expect("a rate"),
        );
        let terms = Terms::new(amount, rate, repayment, plan).expect("terms");
        fee_rate_pct(&fee, &terms, &Schedule::of(&terms).expect("a schedule"))
    }

    #[track_caller]
    fn close(got: Result<f64, IrrError>, want: f64) {
        let got = got.expect("a rate");
        assert!((got - want).abs() < 1e-10, "{got} is not {want}");
    }

    #[test]
    fn a_fee_each_month_on_the_whole_amount_is_its_own_rate() {
        close(
            rate(FeeBasis::MonthlyRate, 10, Repayment::InterestOnly, months(24, 1)),
            1.2,
        );
    }

    #[test]
    fn a_fee_each_year_stands_among_the_periods() {
        // Two of 1 %, at 0 and 12 months, on a loan of 24 paid each quarter: 0.99 = v^8 + 0.01·v^4.
        let year = f64::midpoint(-0.01, (0.01_f64 * 0.01 + 4.0 * 0.99).sqrt());
        let quarter = year.powf(-0.25) - 1.0;
        close(
            rate(FeeBasis::AnnualRate, 100, Repayment::InterestOnly, months(24, 3)),
            quarter * 400.0,
        );
    }

    #[test]
    fn a_bullet_loans_period_is_the_month() {
        let month = (1.0_f64 / 0.99).powf(1.0 / 12.0) - 1.0;
        close(
            rate(FeeBasis::UpfrontRate, 100, Repayment::Bullet, months(12, 3)),
            month * 1200.0,
        );
    }

    #[test]
    fn a_broken_period_compounds_its_whole_part_and_not_its_fraction() {
        let plan = Plan::Dated(DatedPlan {
            start: "2025-06-05".parse().expect("a date"),
            length: Length::Until("2025-07-20".parse().expect("a date")),
            first_due: None,
            due_day: None,
            every_months: 1,
            day_count: None,
        });
        // A month from the 5th to the 5th, then 15 days: 0.99·(1 + R)·(1 + R/2) = 1.
        let month = (1.5_f64 * 1.5 - 2.0 * (1.0 - 1.0 / 0.99)).sqrt() - 1.5;
        close(
            rate(FeeBasis::UpfrontRate, 100, Repayment::InterestOnly, plan),
            month * 1200.0,
        );
    }

    #[test]
    fn a_fee_that_takes_all_has_no_rate() {
        let all = rate(
            FeeBasis::UpfrontFixed,
            AMOUNT_FEN,
            Repayment::InterestOnly,
            months(12, 1),
        );
        assert_eq!(all, Err(IrrError::OutOfRange));
        close(
            rate(FeeBasis::UpfrontFixed, 0, Repayment::InterestOnly, months(12, 1)),
            0.0,
        );
    }
}
