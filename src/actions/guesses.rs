//! Who guesses at passwords and codes is slowed down, without shutting out whose they are.
//!
//! Wrong tries are counted three ways: at one account from one address; from one address at all accounts; and at
//! one account from all addresses from which it was never signed in to. So a stranger elsewhere slows nobody at an
//! address that is known, and whoever sets a forgotten password anew makes the address known. An account that
//! does not exist is counted like one that does.

use super::digest::sha256_hex;
use super::{ActionError, Service};
use crate::domain::guess::Tries;
use crate::store::guesses::{self, Counter};
use crate::store::{AnyConnection, StoreError};
use chrono::{DateTime, Utc};
use std::net::{IpAddr, Ipv6Addr};
use uuid::Uuid;

/// How many addresses of a user are known.
const KNOWN: usize = 20;

/// What is guessed at.
pub(super) enum Target<'a> {
    /// The password of an account, by the address that was typed.
    Password(&'a str),
    /// The second factor of a user.
    Code(Uuid),
}

impl Target<'_> {
    /// The subject of its counters: a hash, because some type their password where the address belongs.
    fn subject(&self) -> String {
        match self {
            Self::Password(email) => sha256_hex(format!("password:{email}").as_bytes()),
            Self::Code(user_id) => sha256_hex(format!("code:{user_id}").as_bytes()),
        }
    }
}

/// A try that counts as wrong until it is settled.
pub(super) struct Counted {
    counters: Vec<Counter>,
    /// Whether it is the one after which others have to wait.
    pub slows: bool,
}

/// Counts a try before it is looked at, so that many at once are no way around the wait.
///
/// # Errors
/// [`ActionError::TooManyTries`] where it comes too early; it is then not counted.
pub(super) fn count(
    service: &Service,
    target: &Target<'_>,
    account: Option<Uuid>,
    origin: Option<&str>,
) -> Result<Counted, ActionError> {
    let (free, together) = (
        service.settings.auth.free_tries,
        service.settings.auth.free_tries_together,
    );
    let (subject, address, now) = (target.subject(), place(origin), service.clock.now());
    service.store.write(|conn| {
        let mut counters = vec![
            (counter(&subject, &address), free),
            (counter("address", &address), together),
        ];
        // Nobody has the id of no account: it is looked for all the same, so that the work is the same.
        if !guesses::is_known(conn, account.unwrap_or_default(), &address)? {
            counters.push((counter(&subject, ""), together));
        }
        let tries = looked_at(conn, &counters, now)?;
        for ((counter, _), tries) in counters.iter().zip(&tries) {
            guesses::put(conn, counter, *tries, now)?;
        }
        let slows = counters
            .iter()
            .zip(&tries)
            .any(|((_, free), tries)| tries.failures == *free);
        Ok(Counted {
            counters: counters.into_iter().map(|(counter, _)| counter).collect(),
            slows,
        })
    })
}

/// What each counter comes to with one try more.
fn looked_at(
    conn: &mut AnyConnection,
    counters: &[(Counter, u32)],
    now: DateTime<Utc>,
) -> Result<Vec<Tries>, ActionError> {
    let mut tries = Vec::new();
    let mut latest: Option<DateTime<Utc>> = None;
    for (counter, free) in counters {
        match guesses::find(conn, counter, now)?.and_one(*free, now) {
            Ok(one_more) => tries.push(one_more),
            Err(until) => latest = latest.max(Some(until)),
        }
    }
    match latest {
        Some(until) => Err(ActionError::TooManyTries {
            // A part of a second is one to wait for too.
            seconds: (until - now).num_seconds().saturating_add(1),
        }),
        None => Ok(tries),
    }
}

fn counter(subject: &str, address: &str) -> Counter {
    Counter {
        subject: subject.to_owned(),
        address: address.to_owned(),
    }
}

/// Takes back what a try counted that was right: at its own address all, elsewhere one.
///
/// # Errors
/// When the database fails.
pub(super) fn was_right(conn: &mut AnyConnection, counted: &Counted, now: DateTime<Utc>) -> Result<(), StoreError> {
    for (place, counter) in counted.counters.iter().enumerate() {
        let tries = match place {
            0 => Tries::default(),
            _ => guesses::find(conn, counter, now)?.less_one(),
        };
        guesses::put(conn, counter, tries, now)?;
    }
    Ok(())
}

/// Keeps that a user has signed in from here.
///
/// # Errors
/// When the database fails.
pub(super) fn know(
    conn: &mut AnyConnection,
    user_id: Uuid,
    origin: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    guesses::know(conn, user_id, &place(origin), KNOWN, now)
}

/// Keeps that whoever asks from here reads the user's mail: it may try again at once.
///
/// # Errors
/// When the database fails.
pub(super) fn vouch(
    conn: &mut AnyConnection,
    user_id: Uuid,
    email: &str,
    origin: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    know(conn, user_id, origin, now)?;
    let own = counter(&Target::Password(email).subject(), &place(origin));
    guesses::put(conn, &own, Tries::default(), now)
}

/// Removes the counters of which all is forgotten, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn forget(service: &Service) -> Result<i64, ActionError> {
    let now = service.clock.now();
    let gone = service.store.write(|conn| guesses::delete_forgotten(conn, now))?;
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// Where a try comes from, as it is counted.
fn place(origin: Option<&str>) -> String {
    let address = origin.and_then(|text| text.parse().ok());
    address.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string())
}

/// Who counts as one: an address of IPv4; of IPv6 the network of 64 bits, whose other half its owner chooses.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_network_of_ipv6_is_one() {
        assert_eq!(place(Some("192.0.2.7")), "192.0.2.7");
        assert_eq!(place(Some("2001:db8:1:2:3::4")), "2001:db8:1:2::");
        assert_eq!(place(Some("2001:db8:1:2:ffff::9")), place(Some("2001:db8:1:2:3::4")));
        assert_eq!(place(None), "unknown");
    }

    #[test]
    fn what_was_typed_is_not_kept() {
        assert!(!Target::Password("secret").subject().contains("secret"));
    }
}
