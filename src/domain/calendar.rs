//! Working days: Monday to Friday, less the holidays, plus the weekend days worked instead.
//!
//! The days come from the yearly notice of 国务院办公厅 as rows of [`Holiday`]. A year of which no row
//! is held counts its weekends only, and [`Calendar::is_known`] lets the caller say so.

use super::dates::Day;
use super::holiday::{Holiday, HolidayKind};
use chrono::{Datelike, Weekday};
use std::collections::BTreeMap;

/// The listed days, by date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<Day, HolidayKind>);

impl Calendar {
    /// The calendar of these days; of two rows for one date the later one counts.
    #[must_use]
    pub fn new(days: impl IntoIterator<Item = Holiday>) -> Self {
        Self(days.into_iter().map(|day| (day.date, day.kind)).collect())
    }

    /// Whether people work on that day.
    #[must_use]
    pub fn is_working_day(&self, day: Day) -> bool {
        match self.0.get(&day) {
            Some(HolidayKind::Holiday) => false,
            Some(HolidayKind::Workday) => true,
            None => !matches!(day.naive().weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The `count`-th working day after `day`, which itself does not count; `day` for a count of 0.
    /// Kept within the range of [`Day`].
    #[must_use]
    pub fn add_working_days(&self, day: Day, count: u32) -> Day {
        let mut left = count;
        let mut reached = day;
        while left > 0 && reached < Day::LAST {
            reached = reached.plus_days(1);
            left -= u32::from(self.is_working_day(reached));
        }
        reached
    }

    /// How many working days come after `from`, up to and with `to`; 0 where `to` is not later.
    /// `working_days_between(day, add_working_days(day, n))` is `n`.
    #[must_use]
    pub fn working_days_between(&self, from: Day, to: Day) -> usize {
        (1..=to.days_since(from))
            .filter(|days| self.is_working_day(from.plus_days(*days)))
            .count()
    }

    /// Whether that year's holidays are listed; else only its weekends count as days off.
    #[must_use]
    pub fn is_known(&self, year: i32) -> bool {
        let (first, last) = (Day::from_ymd(year, 1, 1), Day::from_ymd(year, 12, 31));
        first
            .zip(last)
            .is_some_and(|(first, last)| self.0.range(first..=last).next().is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    /// The calendar that the program comes with.
    fn calendar() -> Calendar {
        let text = include_str!("../../config/holidays.csv");
        let rows = text.lines().skip(2).map(|line| {
            let [date, kind, name] = line.split(',').collect::<Vec<_>>()[..] else {
                panic!("{line} has three cells");
            };
            let kind = super::super::codes::Code::find(kind).expect("a kind");
            let (date, name) = (day(date), name.to_owned());
            Holiday { date, kind, name }
        });
        Calendar::new(rows)
    }

    #[test]
    fn weekends_are_off_holidays_too_and_make_up_days_are_worked() {
        let calendar = calendar();
        for (date, works) in [
            ("2026-09-18", true),  // a plain Friday
            ("2026-09-19", false), // a plain Saturday
            ("2026-09-20", true),  // a Sunday worked for 国庆
            ("2026-09-25", false), // 中秋, a Friday
            ("2026-09-30", true),
            ("2026-10-01", false), // 国庆, Thursday to Wednesday
            ("2026-10-07", false),
            ("2026-10-08", true),
            ("2026-10-10", true), // a Saturday worked for 国庆
            ("2026-10-11", false),
        ] {
            assert_eq!(calendar.is_working_day(day(date)), works, "{date}");
        }
    }

    #[test]
    fn five_working_days_across_the_national_holiday() {
        let calendar = calendar();
        // 2026: 9-30, then 10-08, -09, the worked Saturday -10, and Monday -12.
        assert_eq!(calendar.add_working_days(day("2026-09-29"), 5), day("2026-10-12"));
        assert_eq!(calendar.working_days_between(day("2026-09-29"), day("2026-10-12")), 5);
        // 2025: the worked Sunday 9-28, 9-29, 9-30, then 10-09 and -10; after it the worked Saturday.
        assert_eq!(calendar.add_working_days(day("2025-09-26"), 5), day("2025-10-10"));
        assert_eq!(calendar.add_working_days(day("2025-10-10"), 1), day("2025-10-11"));
        // From inside the holiday the first working day after it is the first that counts.
        assert_eq!(calendar.add_working_days(day("2026-10-03"), 1), day("2026-10-08"));
        assert_eq!(calendar.add_working_days(day("2026-10-03"), 0), day("2026-10-03"));
    }

    #[test]
    fn counting_undoes_adding() {
        let calendar = calendar();
        for start in ["2024-02-03", "2025-01-25", "2026-09-19", "2026-12-30"] {
            for count in 0..40 {
                let end = calendar.add_working_days(day(start), count);
                assert_eq!(calendar.working_days_between(day(start), end), count as usize);
            }
        }
        assert_eq!(calendar.working_days_between(day("2026-10-12"), day("2026-09-29")), 0);
    }

    #[test]
    fn an_unlisted_year_has_weekends_only_and_says_so() {
        let calendar = calendar();
        assert!((2024..=2026).all(|year| calendar.is_known(year)));
        assert!(!calendar.is_known(2023) && !calendar.is_known(2027) && !calendar.is_known(40_000));
        assert!(calendar.is_working_day(day("2027-10-01")));
        assert!(!calendar.is_working_day(day("2027-10-02")));
    }

    #[test]
    fn adding_ends_at_the_last_day() {
        assert_eq!(Calendar::default().add_working_days(Day::LAST, 3), Day::LAST);
        assert_eq!(
            Calendar::default().add_working_days(day("9999-12-01"), u32::MAX),
            Day::LAST
        );
    }
}
