//! Repayment schedules in whole 分.
//!
//! Every figure is the exact one rounded half up, and each rounding is done once: the monthly rate is
//! never rounded itself, interest is rounded on the balance as it stands, and the last period repays
//! what is left, so that its payment takes up what the others' roundings leave.

use super::level;
use super::rate::round_half_up;
use super::terms::Terms;
use crate::domain::codes::Repayment;
use crate::domain::dates::Day;
use serde::Serialize;

/// What falls due at the end of one period, in 分. Payments may go beyond [`crate::domain::money::Fen`]'s limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// From 1.
    pub period: u32,
    /// The due date, where the loan has dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    /// Principal repaid.
    pub principal: i64,
    /// Interest paid.
    pub interest: i64,
    /// Both.
    pub payment: i64,
    /// Principal outstanding after it.
    pub balance: i64,
}

/// Sums over all rows, in 分.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// The amount of the loan.
    pub principal: i64,
    /// All interest.
    pub interest: i64,
    /// Both.
    pub payment: i64,
}

/// A loan's repayments. Principal adds up to the amount, the last balance is 0, nothing is negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// One row a period, at least one.
    pub rows: Vec<Row>,
    /// Their sums.
    pub totals: Totals,
}

/// Why terms have no schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The level instalment is less than the interest of a period, so that the debt would grow: it was
    /// rounded down to a coarse multiple, or a period is much longer than the others.
    #[error("repayment: the level instalment does not cover the interest of period {period}")]
    InstalmentBelowInterest {
        /// The first such period, from 1.
        period: u32,
    },
    /// An amount does not fit 64 bits.
    #[error("amount_fen: a payment is too large to count in fen")]
    TooLarge,
}

impl Schedule {
    /// The schedule of these terms. It exists for every plain loan; only a coarse multiple or unlike
    /// periods at a high rate can make it fail.
    ///
    /// # Errors
    /// [`ScheduleError::InstalmentBelowInterest`], as said there.
    pub fn of(terms: &Terms) -> Result<Self, ScheduleError> {
        let calendar = terms.calendar();
        let principals = Principals::of(terms)?;
        let mut rows = Vec::with_capacity(calendar.periods.len());
        let mut totals = Totals::default();
        let mut balance = terms.amount().get();
        let mut units_unpaid = 0;
        for (number, (index, period)) in (1..).zip(calendar.periods.iter().enumerate()) {
            let last = index + 1 == calendar.periods.len();
            units_unpaid += period.units;
            let interest = if last || terms.repayment() != Repayment::Bullet {
                interest_of(terms, balance, std::mem::take(&mut units_unpaid))?
            } else {
                0
            };
            let principal = match principals {
                _ if last => balance,
                _ if index < terms.grace_periods() => 0,
                Principals::Last => 0,
                Principals::Flat(part) => part.min(balance),
                Principals::Level(instalment) => {
                    let plain = interest_of(terms, balance, calendar.plain_units.unwrap_or(period.units))?;
                    if plain > instalment {
                        return Err(ScheduleError::InstalmentBelowInterest { period: number });
                    }
                    (instalment - plain).min(balance)
                }
            };
            balance -= principal;
            let payment = principal + interest;
            rows.push(Row {
                period: number,
                date: period.date,
                principal,
                interest,
                payment,
                balance,
            });
            totals.principal += principal;
            totals.interest += interest;
            totals.payment += payment;
        }
        Ok(Self { rows, totals })
    }
}

/// How a period's principal is found; the last period's is always the balance.
enum Principals {
    /// Nothing before the last period.
    Last,
    /// The same part of the amount each period.
    Flat(i64),
    /// What the interest leaves of a level instalment.
    Level(i64),
}

impl Principals {
    fn of(terms: &Terms) -> Result<Self, ScheduleError> {
        let amount = terms.amount().get();
        let calendar = terms.calendar();
        let repaying = calendar.periods.iter().skip(terms.grace_periods());
        let count = u32::try_from(repaying.len()).ok().ok_or(ScheduleError::TooLarge)?;
        match terms.repayment() {
            Repayment::InterestOnly | Repayment::Bullet | Repayment::OnDemand => Ok(Self::Last),
            Repayment::EqualPrincipal => {
                let part = round_half_up(i128::from(amount), i128::from(count));
                Ok(Self::Flat(to_fen(part)?))
            }
            Repayment::EqualInstalment => {
                let (rate, basis, multiple) = (terms.rate(), calendar.basis, terms.instalment_multiple_fen());
                let level = if let Some(units) = calendar.plain_units {
                    level::equal_periods(amount, rate, (units, basis), count, multiple)
                } else {
                    let units: Vec<i64> = repaying.map(|period| period.units).collect();
                    level::unlike_periods(amount, rate, (&units, basis), multiple)
                };
                level.map(Self::Level).ok_or(ScheduleError::TooLarge)
            }
        }
    }
}

fn interest_of(terms: &Terms, balance: i64, units: i64) -> Result<i64, ScheduleError> {
    to_fen(terms.rate().interest(balance, units, terms.calendar().basis))
}

fn to_fen(value: i128) -> Result<i64, ScheduleError> {
    i64::try_from(value).ok().ok_or(ScheduleError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::{Schedule, ScheduleError};
    use crate::domain::codes::Repayment;
    use crate::domain::money::Fen;
    use crate::finance::rate::Rate;
    use crate::finance::terms::{Plan, Terms, TermsError};

    fn terms(fen: i64, bp: i64, term_months: u32, every_months: u32, repayment: Repayment) -> Terms {
        let plan = Plan::Months {
            term_months,
            every_months,
            start: None,
        };
        Terms::new(
            Fen::new(fen).expect("money"),
            Rate::from_bp(bp).expect("a rate"),
            repayment,
            plan,
        )
        .expect("terms")
    }

    #[test]
    fn a_quarter_bears_three_months() {
        let schedule = Schedule::of(&terms(1_000_000_000, 340, 12, 3, Repayment::InterestOnly)).expect("a schedule");
        assert_eq!(schedule.rows.len(), 4);
        assert!(schedule.rows.iter().all(|row| row.interest == 8_500_000));
    }

    #[test]
    fn an_instalment_rounded_up_clears_the_loan_early() {
        let schedule = Schedule::of(&terms(180, 0, 360, 1, Repayment::EqualInstalment)).expect("a schedule");
        assert!(schedule.rows.iter().take(180).all(|row| row.payment == 1));
        assert!(
            schedule
                .rows
                .iter()
                .skip(180)
                .all(|row| row.payment == 0 && row.balance == 0)
        );
    }

    #[test]
    fn an_instalment_below_the_interest_is_refused() {
        let coarse = terms(10_000_000, 3_600, 360, 1, Repayment::EqualInstalment)
            .with_instalment_multiple(Fen::new(290_000).expect("money"))
            .expect("terms");
        assert_eq!(
            Schedule::of(&coarse).map(|schedule| schedule.totals),
            Err(ScheduleError::InstalmentBelowInterest { period: 1 })
        );
    }

    #[test]
    fn grace_leaves_a_period_for_the_principal() {
        let loan = terms(100, 300, 12, 3, Repayment::EqualPrincipal);
        assert_eq!(loan.clone().with_principal_grace(12), Err(TermsError::Grace));
        assert_eq!(loan.clone().with_principal_grace(4), Err(TermsError::Grace));
        assert_eq!(loan.with_principal_grace(9).expect("terms").principal_grace_months(), 9);
    }
}
