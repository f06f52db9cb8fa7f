//! Guessing at passwords and codes: how long a try has to wait after others that were wrong.
//!
//! A try counts as wrong from its beginning until it is known to be right, so that many at once are no way around
//! the wait. Nothing is ever locked for good: the wait has a longest length.

use chrono::{DateTime, TimeDelta, Utc};

/// The first wait; each wrong try more doubles it.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);

/// The longest wait.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);

/// After this long without a wrong try all is forgotten.
pub const MEMORY: TimeDelta = TimeDelta::hours(24);

/// The wrong tries of one kind until now, or one more that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub failures: u32,
    /// Until when there is to be no other.
    pub blocked_until: Option<DateTime<Utc>>,
}

impl Tries {
    /// With one more, of which `free` cost nothing.
    ///
    /// # Errors
    /// The instant to wait for, where one more would come too early.
    pub fn and_one(self, free: u32, now: DateTime<Utc>) -> Result<Self, DateTime<Utc>> {
        if let Some(until) = self.blocked_until.filter(|until| *until > now) {
            return Err(until);
        }
        let failures = self.failures.saturating_add(1);
        let blocked_until = failures.checked_sub(free).map(|beyond| now + wait(beyond));
        Ok(Self {
            failures,
            blocked_until,
        })
    }

    /// Without one, which turned out to be right.
    #[must_use]
    pub const fn less_one(self) -> Self {
        Self {
            failures: self.failures.saturating_sub(1),
            blocked_until: None,
        }
    }
}

fn wait(beyond: u32) -> TimeDelta {
    let doubled = (0..beyond).try_fold(FIRST_WAIT, |wait, _| Some(wait * 2).filter(|wait| *wait < LONGEST_WAIT));
    doubled.unwrap_or(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_to_a_quarter_of_an_hour() {
        let mut now = DateTime::UNIX_EPOCH;
        let mut tries = Tries::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            tries = tries.and_one(5, now).expect("waited for");
            let until = tries.blocked_until.unwrap_or(now);
            waits.push((until - now).num_seconds());
            if until > now {
                let early = until - TimeDelta::microseconds(1);
                assert_eq!(tries.and_one(5, early), Err(until));
            }
            now = until;
        }
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn a_right_try_takes_back_what_it_counted() {
        let now = DateTime::UNIX_EPOCH;
        let before = Tries {
            failures: 4,
            blocked_until: None,
        };
        assert_eq!(before.and_one(5, now).expect("free").less_one(), before);
    }
}
