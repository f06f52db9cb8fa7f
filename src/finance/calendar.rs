//! The interest periods of a loan: when each ends, and what share of a year it bears.

use super::terms::{DatedPlan, DayCount, Length, MAX_TERM_MONTHS, Plan, TermsError};
use crate::domain::dates::Day;
use chrono::{Datelike, Months, NaiveDate};

/// A month's share of a year of 360.
const MONTH_UNITS: i64 = 30;

/// One interest period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    /// The due date at its end, where the loan has dates.
    pub date: Option<Day>,
    /// The share of a year for which it bears interest, in parts of [`Calendar::basis`].
    pub units: i64,
    /// Whether it is shorter or longer than the loan's regular period.
    pub broken: bool,
}

/// All interest periods of a loan, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Calendar {
    /// Parts of a year: 360, or 365 with that day count.
    pub basis: i64,
    /// In order of time.
    pub periods: Vec<Period>,
    /// The units of every period of the plain loan, where the principal is repaid as in that one.
    pub plain_units: Option<i64>,
    /// Months the loan runs, the last one perhaps only begun.
    pub months: u32,
}

impl Calendar {
    pub(super) fn of(plan: &Plan) -> Result<Self, TermsError> {
        match *plan {
            Plan::Months {
                term_months,
                every_months,
                start,
            } => Self::of_months(term_months, every_months, start),
            Plan::Dated(ref plan) => Self::of_dates(plan),
        }
    }

    fn of_months(term: u32, every: u32, start: Option<Day>) -> Result<Self, TermsError> {
        let count = periods_in(term, every)?;
        let units = MONTH_UNITS * i64::from(every);
        let period = |index: u32| {
            let date = start.map(|start| months_after(start, index * every)).transpose()?;
            Ok(Period {
                date,
                units,
                broken: false,
            })
        };
        let periods = (1..=count).map(period).collect::<Result<_, _>>()?;
        Ok(Self {
            basis: 360,
            periods,
            plain_units: Some(units),
            months: term,
        })
    }

    fn of_dates(plan: &DatedPlan) -> Result<Self, TermsError> {
        let dates = due_dates(plan)?;
        let basis = if plan.day_count == Some(DayCount::Act365) {
            365
        } else {
            360
        };
        let mut periods = Vec::with_capacity(dates.len());
        let mut from = plan.start;
        for due in dates {
            let months = if due.regular && !periods.is_empty() {
                Some(plan.every_months)
            } else {
                whole_months(from, due.date)
            };
            let units = match (plan.day_count, months) {
                (None, Some(months)) => MONTH_UNITS * i64::from(months),
                _ => due.date.days_since(from),
            };
            periods.push(Period {
                date: Some(due.date),
                units,
                broken: months != Some(plan.every_months),
            });
            from = due.date;
        }
        let plain_units = plan
            .day_count
            .is_none()
            .then_some(MONTH_UNITS * i64::from(plan.every_months));
        let months = match plan.length {
            Length::Months(months) => months,
            Length::Until(end) => months_begun(plan.start, end),
        };
        Ok(Self {
            basis,
            periods,
            plain_units,
            months,
        })
    }
}

/// A due date, and whether it stands in the row of due days (only an end may stand outside it).
struct Due {
    date: Day,
    regular: bool,
}

fn due_dates(plan: &DatedPlan) -> Result<Vec<Due>, TermsError> {
    if plan.due_day.is_some_and(|day| !(1..=31).contains(&day)) {
        return Err(TermsError::DueDay);
    }
    let first = first_due(plan)?;
    let day = plan
        .due_day
        .unwrap_or_else(|| plan.first_due.unwrap_or(plan.start).naive().day());
    let due = |index: u32| {
        if index == 0 {
            Ok(first)
        } else {
            due_in(first, index * plan.every_months, day)
        }
    };
    let regular = |date| Due { date, regular: true };
    let end = match plan.length {
        Length::Months(term) => {
            let count = periods_in(term, plan.every_months)?;
            return (0..count).map(|index| due(index).map(regular)).collect();
        }
        Length::Until(end) => end,
    };
    if end <= plan.start || end > plan.start.plus_months(MAX_TERM_MONTHS) {
        return Err(TermsError::End);
    }
    if plan.first_due.is_some_and(|first| first > end) {
        return Err(TermsError::FirstDue);
    }
    let mut dates = Vec::new();
    for index in 0.. {
        let date = due(index)?;
        if date >= end {
            dates.push(Due {
                date: end,
                regular: date == end,
            });
            break;
        }
        dates.push(regular(date));
    }
    Ok(dates)
}

fn first_due(plan: &DatedPlan) -> Result<Day, TermsError> {
    if plan.every_months == 0 || plan.every_months > MAX_TERM_MONTHS {
        return Err(TermsError::Every);
    }
    match (plan.first_due, plan.due_day) {
        (Some(first), _) => {
            let in_time = first > plan.start && first <= plan.start.plus_months(MAX_TERM_MONTHS);
            in_time.then_some(first).ok_or(TermsError::FirstDue)
        }
        (None, Some(day)) => {
            let this_month = due_in(plan.start, 0, day)?;
            if this_month > plan.start {
                Ok(this_month)
            } else {
                due_in(plan.start, 1, day)
            }
        }
        (None, None) => months_after(plan.start, plan.every_months),
    }
}

/// The due day in the month that is `months` after that of `date`, clamped to its end.
fn due_in(date: Day, months: u32, due_day: u32) -> Result<Day, TermsError> {
    let month = NaiveDate::from_ymd_opt(date.naive().year(), date.naive().month(), 1)
        .and_then(|first| first.checked_add_months(Months::new(months)))
        .ok_or(TermsError::BeyondCalendar)?;
    (1..=due_day)
        .rev()
        .find_map(|day| month.with_day(day))
        .and_then(Day::new)
        .ok_or(TermsError::BeyondCalendar)
}

/// As [`Day::plus_months`], but a date beyond the calendar is an error and not the last one.
fn months_after(date: Day, months: u32) -> Result<Day, TermsError> {
    date.naive()
        .checked_add_months(Months::new(months))
        .and_then(Day::new)
        .ok_or(TermsError::BeyondCalendar)
}

fn periods_in(term: u32, every: u32) -> Result<u32, TermsError> {
    if !(1..=MAX_TERM_MONTHS).contains(&term) {
        return Err(TermsError::Term);
    }
    if every == 0 || !term.is_multiple_of(every) {
        return Err(TermsError::Every);
    }
    Ok(term / every)
}

/// The whole months from one date to the other, if it is a whole number of them.
fn whole_months(from: Day, to: Day) -> Option<u32> {
    let months = months_begun(from, to);
    (from.plus_months(months) == to).then_some(months)
}

/// The months from one date to a later one, a month begun counted as one.
fn months_begun(from: Day, to: Day) -> u32 {
    let mut months = u32::try_from(to.whole_months_since(from)).unwrap_or(0);
    // At most one step: the months counted are whole.
    while from.plus_months(months) < to {
        months += 1;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Day, TermsError};
    use crate::finance::terms::{DatedPlan, DayCount, Length, Plan};

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    fn plan(start: &str, end: &str) -> DatedPlan {
        DatedPlan {
            start: day(start),
            length: Length::Until(day(end)),
            first_due: None,
            due_day: Some(21),
            every_months: 1,
            day_count: None,
        }
    }

    fn shape(plan: DatedPlan) -> Result<Vec<(String, i64, bool)>, TermsError> {
        let calendar = Calendar::of(&Plan::Dated(plan))?;
        let show = |period: &super::Period| {
            (
                period.date.map(|date| date.to_string()).unwrap_or_default(),
                period.units,
                period.broken,
            )
        };
        Ok(calendar.periods.iter().map(show).collect())
    }

    #[test]
    fn odd_days_at_both_ends_bear_their_days_and_whole_months_thirty() {
        let rows = shape(plan("2025-06-10", "2025-09-09")).expect("a plan");
        let want = [
            ("2025-06-21", 11, true),
            ("2025-07-21", 30, false),
            ("2025-08-21", 30, false),
            ("2025-09-09", 19, true),
        ];
        assert_eq!(rows, want.map(|(date, units, broken)| (date.to_owned(), units, broken)));
    }

    #[test]
    fn the_thirty_first_falls_on_the_months_end_and_comes_back() {
        let rows = shape(DatedPlan {
            due_day: Some(31),
            day_count: Some(DayCount::Act360),
            length: Length::Months(3),
            ..plan("2025-01-31", "2025-12-31")
        })
        .expect("a plan");
        let dates: Vec<_> = rows
            .iter()
            .map(|(date, units, broken)| (date.as_str(), *units, *broken))
            .collect();
        assert_eq!(
            dates,
            [
                ("2025-02-28", 28, false),
                ("2025-03-31", 31, false),
                ("2025-04-30", 30, false)
            ]
        );
    }

    #[test]
    fn what_makes_no_calendar_is_named() {
        let good = plan("2025-06-10", "2026-06-09");
        assert_eq!(
            shape(DatedPlan {
                due_day: Some(32),
                ..good
            }),
            Err(TermsError::DueDay)
        );
        assert_eq!(
            shape(DatedPlan {
                every_months: 0,
                ..good
            }),
            Err(TermsError::Every)
        );
        assert_eq!(
            shape(DatedPlan {
                first_due: Some(day("2025-06-10")),
                ..good
            }),
            Err(TermsError::FirstDue)
        );
        assert_eq!(
            shape(DatedPlan {
                first_due: Some(day("2026-06-10")),
                ..good
            }),
            Err(TermsError::FirstDue)
        );
        assert_eq!(shape(plan("2025-06-10", "2025-06-10")), Err(TermsError::End));
        assert_eq!(shape(plan("2025-06-10", "2055-06-11")), Err(TermsError::End));
        assert_eq!(shape(plan("9999-06-10", "9999-12-30")), Err(TermsError::BeyondCalendar));
        assert_eq!(
            shape(DatedPlan {
                length: Length::Months(361),
                ..good
            }),
            Err(TermsError::Term)
        );
    }
}
