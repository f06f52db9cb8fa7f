//! The only reader of the clock and of randomness; everything else asks a [`Clock`].
//!
//! An instant is UTC, in whole microseconds, because that is what both databases keep: an instant
//! reads back as it was written. A civil date is Asia/Shanghai's and is made here only; the zone has
//! been UTC+8 without summer time since 1991, so a fixed offset is exact for every date we hold.

use crate::domain::dates::Day;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Where time and randomness come from.
pub trait Clock: Send + Sync {
    /// The instant, in whole microseconds.
    fn now(&self) -> DateTime<Utc>;

    /// Bytes that nobody can guess.
    fn random_bytes(&self) -> [u8; 32];

    /// A version 4 UUID.
    fn new_id(&self) -> Uuid {
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, ..] = self.random_bytes();
        let bytes = [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15];
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// The civil date in Asia/Shanghai.
    fn today(&self) -> Day {
        civil_day(self.now())
    }
}

/// Hours by which Asia/Shanghai is ahead of UTC.
const SHANGHAI_AHEAD_HOURS: i64 = 8;

/// Date and time in Asia/Shanghai at an instant.
fn civil(instant: DateTime<Utc>) -> NaiveDateTime {
    let utc = instant.naive_utc();
    utc.checked_add_signed(TimeDelta::hours(SHANGHAI_AHEAD_HOURS))
        .unwrap_or(utc)
}

/// Date and time in Asia/Shanghai at an instant, to the minute: `2026-11-23 09:42`.
#[must_use]
pub fn civil_minute(instant: DateTime<Utc>) -> String {
    civil(instant).format("%Y-%m-%d %H:%M").to_string()
}

/// The instant that [`civil_minute`] writes so.
#[must_use]
pub fn instant_of_minute(text: &str) -> Option<DateTime<Utc>> {
    let there = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok()?;
    let ahead = TimeDelta::hours(SHANGHAI_AHEAD_HOURS);
    there.and_utc().checked_sub_signed(ahead)
}

/// The instant at which a civil date begins in Asia/Shanghai.
#[must_use]
pub fn start_of(day: Day) -> DateTime<Utc> {
    let midnight = day.naive().and_time(chrono::NaiveTime::MIN).and_utc();
    midnight - TimeDelta::hours(SHANGHAI_AHEAD_HOURS)
}

/// The civil date in Asia/Shanghai at an instant.
#[must_use]
pub fn civil_day(instant: DateTime<Utc>) -> Day {
    let there = civil(instant);
    // Only an instant outside 1900 to 9999 has no day; the nearest one keeps a broken clock harmless.
    let nearest = if there.date() < Day::FIRST.naive() {
        Day::FIRST
    } else {
        Day::LAST
    };
    Day::new(there.date()).unwrap_or(nearest)
}

/// The computer's clock and the operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the seam")]
        let now = DateTime::<Utc>::from(std::time::SystemTime::now());
        whole_microseconds(now)
    }

    fn random_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "this is the seam")]
        #[expect(
            clippy::expect_used,
            reason = "without randomness no token is safe: there is no way on"
        )]
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }
}

fn whole_microseconds(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// A clock that stands still until it is set, with randomness that repeats: for tests and demo data.
#[derive(Debug)]
pub struct FixedClock {
    now: Mutex<DateTime<Utc>>,
    drawn: AtomicU64,
}

impl FixedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now: Mutex::new(whole_microseconds(now)),
            drawn: AtomicU64::new(0),
        }
    }

    /// Moves it to `now`.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = whole_microseconds(now);
    }

    /// Moves it on by `step`.
    pub fn advance(&self, step: TimeDelta) {
        self.set(self.now() + step);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `SplitMix64` over a counter: never the same twice from one clock, the same from run to run.
    fn random_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_exact_mut(8) {
            let drawn = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            let mut mixed = drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn half_past_midnight_in_beijing_is_already_the_new_day() {
        // 2026-11-02 00:30 in Beijing is still the evening of the 1st in UTC.
        let clock = FixedClock::at(instant("2026-11-01T16:30:00Z"));
        assert_eq!(clock.today(), "2026-11-02".parse().expect("a date"));
    }

    #[test]
    fn half_past_eleven_at_night_in_beijing_is_still_the_old_day() {
        let clock = FixedClock::at(instant("2026-11-01T15:30:00Z"));
        assert_eq!(clock.today(), "2026-11-01".parse().expect("a date"));
        clock.advance(TimeDelta::minutes(30));
        assert_eq!(clock.today(), "2026-11-02".parse().expect("a date"));
    }

    #[test]
    fn times_of_day_are_beijings() {
        assert_eq!(civil_minute(instant("2026-11-01T16:05:59Z")), "2026-11-02 00:05");
        assert_eq!(civil_minute(instant("2026-11-01T15:30:00Z")), "2026-11-01 23:30");
        assert_eq!(
            instant_of_minute("2026-11-02 00:05"),
            Some(instant("2026-11-01T16:05:00Z"))
        );
        assert_eq!(instant_of_minute("2026-11-02"), None);
    }

    #[test]
    fn a_day_begins_at_midnight_in_beijing() {
        let day = "2026-11-02".parse().expect("a date");
        assert_eq!(start_of(day), instant("2026-11-01T16:00:00Z"));
        assert_eq!(civil_day(start_of(day)), day);
    }

    #[test]
    fn an_instant_outside_the_calendar_has_the_nearest_day() {
        assert_eq!(civil_day(DateTime::<Utc>::MAX_UTC), Day::LAST);
        assert_eq!(civil_day(DateTime::<Utc>::MIN_UTC), Day::FIRST);
    }

    #[test]
    fn ids_are_version_4_and_differ() {
        let fixed = FixedClock::at(instant("2026-11-01T00:00:00Z"));
        for clock in [&SystemClock as &dyn Clock, &fixed] {
            let (one, two) = (clock.new_id(), clock.new_id());
            assert_ne!(one, two);
            assert_eq!(one.get_version_num(), 4);
        }
    }

    #[test]
    fn an_instant_has_whole_microseconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1000, 0);
    }
}
