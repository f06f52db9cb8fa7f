//! Until when a bank has to answer: so many working days after what it was sent.

use super::{ActionError, Service, settings};
use crate::domain::calendar::Calendar;
use crate::domain::dates::Day;
use crate::store::{AnyConnection, StoreError, holidays};
use chrono::Datelike;

/// The last day to answer what is sent today for a request of a district.
pub(super) fn answer_by(conn: &mut AnyConnection, service: &Service, district_code: &str) -> Result<Day, StoreError> {
    let days = settings::desk(conn, service, district_code)?.answer_days;
    let calendar = Calendar::new(holidays::all(conn)?);
    Ok(calendar.add_working_days(service.clock.today(), days))
}

/// How long there is to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The day.
    pub due_on: Day,
    /// Working days from today up to and with it, today not counted; of one that is over, those since, today counted.
    pub working_days: usize,
    /// Days from today to it, whether anybody works on them or not.
    pub days: i64,
    /// Whether it is over.
    pub is_over: bool,
    /// Whether the holidays of its year, or of this one, are not known: then only weekends count.
    pub is_uncertain: bool,
}

/// Counts the working days to deadlines.
#[derive(Clone, Debug)]
pub struct Counting {
    calendar: Calendar,
    today: Day,
}

impl Counting {
    /// The working days that it counts by.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The day that it counts from.
    #[must_use]
    pub const fn today(&self) -> Day {
        self.today
    }

    /// How long there is to `due_on`.
    #[must_use]
    pub fn to(&self, due_on: Day) -> Left {
        let is_over = due_on < self.today;
        let (from, to) = if is_over {
            (due_on, self.today)
        } else {
            (self.today, due_on)
        };
        let known = |day: Day| self.calendar.is_known(day.naive().year());
        Left {
            due_on,
            working_days: self.calendar.working_days_between(from, to),
            days: due_on.days_since(self.today),
            is_over,
            is_uncertain: !known(due_on) || !known(self.today),
        }
    }
}

/// Counts from today, by the days that are listed now.
///
/// # Errors
/// When the database fails.
pub fn counting(service: &Service) -> Result<Counting, ActionError> {
    Ok(Counting {
        calendar: Calendar::new(service.store.read(holidays::all)?),
        today: service.clock.today(),
    })
}
