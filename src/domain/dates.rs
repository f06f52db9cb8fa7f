//! Civil dates. Instants and the zone live in `clock`; here a date is only a date.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// A calendar date between 1900-01-01 and 9999-12-31 (as licences without an end are dated), written `2026-11-01` and no other way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

/// The text is no date in the form `2026-11-01` between 1900 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a date is written 2026-11-01, from 1900 to 9999")]
pub struct NotADay;

impl Day {
    /// A date, if between 1900 and 9999.
    #[must_use]
    pub fn new(date: NaiveDate) -> Option<Self> {
        (1900..10_000).contains(&date.year()).then_some(Self(date))
    }

    /// A date from year, month (1 to 12) and day.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).and_then(Self::new)
    }

    /// The date for chrono and diesel.
    #[must_use]
    pub const fn naive(self) -> NaiveDate {
        self.0
    }

    /// The date `days` later (earlier where negative), kept within the type's range.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let count = Days::new(days.unsigned_abs());
        let moved = if days < 0 {
            self.0.checked_sub_days(count)
        } else {
            self.0.checked_add_days(count)
        };
        moved
            .and_then(Self::new)
            .unwrap_or(if days < 0 { Self::FIRST } else { Self::LAST })
    }

    /// The same day `months` later, or that month's last day where it has no such day.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        self.0
            .checked_add_months(Months::new(months))
            .and_then(Self::new)
            .unwrap_or(Self::LAST)
    }

    /// Days from `earlier` to this date, negative where it is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.signed_duration_since(earlier.0).num_days()
    }

    /// Whole calendar months from `earlier` to this date: a month counts once its day is reached;
    /// never below 0. This is `age_months` of the matching contract.
    #[must_use]
    pub fn whole_months_since(self, earlier: Self) -> i64 {
        let months =
            i64::from(self.0.year() - earlier.0.year()) * 12 + i64::from(self.0.month()) - i64::from(earlier.0.month());
        let months = if self.0.day() < earlier.0.day() {
            months - 1
        } else {
            months
        };
        months.max(0)
    }

    /// The first date on which [`Day::whole_months_since`] `self` reaches `months` (≥ 1); none where it
    /// is beyond the type's range.
    #[must_use]
    pub fn reaches_months(self, months: u32) -> Option<Self> {
        let clamped = self.0.checked_add_months(Months::new(months))?;
        // A month without the day (the 31st) is whole only on the first of the next one.
        let reached = if clamped.day() < self.0.day() {
            clamped.succ_opt()?
        } else {
            clamped
        };
        Self::new(reached)
    }

    /// The earliest date of the type.
    pub const FIRST: Self = Self(match NaiveDate::from_ymd_opt(1900, 1, 1) {
        Some(date) => date,
        None => NaiveDate::MIN,
    });
    /// The latest date of the type.
    pub const LAST: Self = Self(match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(date) => date,
        None => NaiveDate::MAX,
    });
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| {
                if at == 4 || at == 7 {
                    byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            });
        let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
        match (shape, part(0..4), part(5..7), part(8..10)) {
            (true, Some(year), Some(month), Some(day)) => i32::try_from(year)
                .ok()
                .and_then(|year| Self::from_ymd(year, month, day))
                .ok_or(NotADay),
            _ => Err(NotADay),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Day;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date such as 2026-11-01")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Day, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    fn day(text: &str) -> Day {
        text.parse().unwrap_or_else(|_| panic!("{text} is a date"))
    }

    #[test]
    fn reads_one_form_only() {
        assert!("2026-02-29".parse::<Day>().is_err());
        assert!("2026-2-9".parse::<Day>().is_err());
        assert!("2026-02-09 ".parse::<Day>().is_err());
        assert!("1899-12-31".parse::<Day>().is_err());
        assert!("+026-02-09".parse::<Day>().is_err());
    }

    #[test]
    fn months_count_once_their_day_is_reached() {
        assert_eq!(day("2026-11-01").whole_months_since(day("2026-10-02")), 0);
        assert_eq!(day("2026-11-01").whole_months_since(day("2025-11-01")), 12);
        assert_eq!(day("2026-11-01").whole_months_since(day("2027-01-01")), 0);
    }

    #[test]
    fn what_is_beyond_the_last_day_is_reached_on_no_day() {
        assert_eq!(day("9999-11-30").reaches_months(1), Some(day("9999-12-30")));
        assert_eq!(day("9999-11-30").reaches_months(2), None);
        assert_eq!(day("2024-01-31").reaches_months(u32::MAX), None);
    }

    #[test]
    fn reaches_months_is_the_first_day_that_counts() {
        for start in ["2024-01-31", "2023-11-30", "2024-02-29", "2024-03-15"] {
            for months in 1..40 {
                let reached = day(start).reaches_months(months).expect("a date");
                assert!(reached.whole_months_since(day(start)) >= i64::from(months));
                assert!(reached.plus_days(-1).whole_months_since(day(start)) < i64::from(months));
            }
        }
    }
}
