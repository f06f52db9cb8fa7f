//! Delivering mail: at least once, tried again with growing pauses, given up after so many tries.
//!
//! A mail is claimed, sent, and settled. A node that dies between sending and settling leaves a mail
//! that another sends again under the same Message-ID: never lost, at worst seen twice.

use super::World;
use crate::actions::ActionError;
use crate::clock::Clock;
use crate::domain::message_text::one_line;
use crate::mail::Undelivered;
use crate::store::StoreError;
use crate::store::post::{self, ClaimedMail, Lease, Outcome};
use chrono::{DateTime, TimeDelta, Utc};

/// How letters are tried.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How often before a letter is given up.
    pub tries: i32,
    /// How long one letter may take at most: the sum of all waiting for answers.
    pub longest: TimeDelta,
}

impl Rules {
    /// With so many tries, and so long a wait for each of the server's answers.
    #[must_use]
    pub fn new(tries: i32, timeout_seconds: u32) -> Self {
        // To connect, greeting, EHLO, STARTTLS and EHLO again, MAIL, RCPT, DATA and its end.
        const ANSWERS: i64 = 10;
        Self {
            tries,
            longest: TimeDelta::seconds(ANSWERS * i64::from(timeout_seconds)),
        }
    }

    /// How long a claim lasts: as long as one letter may take, and half as long again.
    fn lease(&self) -> TimeDelta {
        self.longest + self.longest / 2
    }
}

/// Mails that a node claims at a time.
pub(super) const AT_A_TIME: i64 = 20;
/// The pause after the first try; it doubles with each.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(4);

/// How long to wait after so many tries: doubling from half a minute to four hours, a quarter more or
/// less by chance, so that what failed together is not tried together.
#[must_use]
pub fn pause(tries: i32, clock: &dyn Clock) -> TimeDelta {
    let doubled = u32::try_from(tries.saturating_sub(1)).unwrap_or_default().min(16);
    let whole = (FIRST_PAUSE * 2_i32.pow(doubled)).min(LONGEST_PAUSE);
    let [low, high, ..] = clock.random_bytes();
    let chance = i32::from(u16::from_le_bytes([low, high]));
    // 65,536ths of the pause: from three quarters to five quarters.
    whole / 65_536 * (49_152 + chance / 2)
}

/// Delivers one batch; tells how many mails were tried.
///
/// # Errors
/// When the database fails. What was claimed and not settled is due again when the claim ends.
pub fn deliver(world: &World) -> Result<i64, ActionError> {
    let clock = world.service.clock.as_ref();
    let now = clock.now();
    let lease = |now: DateTime<Utc>| Lease {
        node: &world.node,
        until: now + world.rules.lease(),
    };
    let store = &world.service.store;
    let claimed = store.write(|conn| post::claim(conn, lease(now), now, AT_A_TIME))?;
    let mut until = lease(now).until;
    let mut tried = 0;
    for mail in &claimed {
        let now = clock.now();
        if world.is_ending() {
            settle(world, mail.id, &Outcome::NotTried)?;
            continue;
        }
        if now + world.rules.longest > until {
            // The letters before took long: the rest is claimed anew, as far as it is still ours.
            until = lease(now).until;
            match store.write(|conn| post::renew(conn, lease(now), mail.id)) {
                Err(StoreError::Stale) => continue,
                other => other?,
            }
        }
        let outcome = attempt(world, mail);
        settle(world, mail.id, &outcome)?;
        tried += 1;
    }
    Ok(tried)
}

fn attempt(world: &World, mail: &ClaimedMail) -> Outcome {
    let sent = match world.writer.letter(mail) {
        Ok(letter) => world.way.send(&letter),
        Err(error) => Err(Undelivered::Never(one_line(&error.to_string(), 300))),
    };
    match sent {
        Ok(()) => Outcome::Sent,
        Err(Undelivered::Never(why)) => given_up(mail, why),
        Err(Undelivered::Later(why)) if mail.tries >= world.rules.tries => given_up(mail, why),
        Err(Undelivered::Later(why)) => {
            tracing::info!(id = %mail.id, tries = mail.tries, why, "a mail is put off");
            let clock = world.service.clock.as_ref();
            Outcome::Later(clock.now() + pause(mail.tries, clock), why)
        }
    }
}

fn given_up(mail: &ClaimedMail, why: String) -> Outcome {
    tracing::warn!(id = %mail.id, tries = mail.tries, why, "a mail is given up");
    Outcome::Dead(why)
}

/// A claim that was lost is no failure: whoever took it settles it.
fn settle(world: &World, id: uuid::Uuid, outcome: &Outcome) -> Result<(), ActionError> {
    let now = world.service.clock.now();
    match world
        .service
        .store
        .write(|conn| post::settle(conn, &world.node, id, outcome, now))
    {
        Err(StoreError::Stale) => {
            tracing::warn!(%id, "a mail took longer than its claim");
            Ok(())
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    #[test]
    fn pauses_double_up_to_four_hours_with_a_quarter_of_chance() {
        let clock = FixedClock::at(DateTime::UNIX_EPOCH);
        let whole = [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 14_400, 14_400];
        for (tries, seconds) in (1..).zip(whole) {
            let pauses: Vec<i64> = (0..200).map(|_| pause(tries, &clock).num_milliseconds()).collect();
            let (least, most) = (pauses.iter().min().expect("some"), pauses.iter().max().expect("some"));
            let whole = seconds * 1_000;
            assert!(
                *least >= whole * 3 / 4 - 1 && *most <= whole * 5 / 4,
                "{tries}: {least} to {most}"
            );
            assert!(most - least > whole / 3, "{tries}: chance spreads them");
        }
        for tries in [i32::MIN, 0, 1_000, i32::MAX] {
            assert!(pause(tries, &clock) <= LONGEST_PAUSE * 5 / 4, "{tries}");
        }
    }
}
