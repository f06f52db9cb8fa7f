//! How many requests are taken: a minute's worth at once from one address and of one user, fewer of the forms that
//! are open to anyone, and few passwords at a time.
//!
//! This keeps load away, on each node by itself. What slows guessing is counted in the database
//! (`actions::guesses`).

use super::client;
use super::error::{ApiFailure, Failure, PageFailure};
use super::routes::{Access, ROUTES};
use super::state::WebState;
use crate::actions::ActionError;
use crate::actions::guesses::network;
use crate::config;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// After how many requests those are forgotten who have not come for a while.
const FORGET_EVERY: u64 = 10_000;

/// Requests a minute of each key.
struct PerMinute<K: Clone + Eq + Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    counted: AtomicU64,
}

impl<K: Clone + Eq + Hash> PerMinute<K> {
    /// None for 0: as many as come.
    fn new(most: u32) -> Option<Self> {
        Some(Self {
            limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(NonZeroU32::new(most)?)),
            counted: AtomicU64::new(0),
        })
    }

    fn take(&self, key: &K) -> Result<(), Failure> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Failure::TooMany {
                seconds: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1),
            }
        })
    }
}

/// The limits in force.
pub struct Limits {
    address: Option<PerMinute<IpAddr>>,
    entry: Option<PerMinute<IpAddr>>,
    account: Option<PerMinute<Uuid>>,
}

impl Limits {
    /// From settings.
    #[must_use]
    pub fn new(limits: &config::Limits) -> Self {
        Self {
            address: PerMinute::new(limits.address_per_minute),
            entry: PerMinute::new(limits.entry_per_minute),
            account: PerMinute::new(limits.account_per_minute),
        }
    }

    /// One more request of a user.
    ///
    /// # Errors
    /// [`Failure::TooMany`] where that is one too many.
    pub fn account(&self, user_id: Uuid) -> Result<(), Failure> {
        self.account.as_ref().map_or(Ok(()), |limit| limit.take(&user_id))
    }

    /// One more request from an address, to a form that is open to anyone or to anything else.
    fn address(&self, address: IpAddr, is_entry: bool) -> Result<(), Failure> {
        let address = network(address);
        self.address.as_ref().map_or(Ok(()), |limit| limit.take(&address))?;
        match self.entry.as_ref().filter(|_| is_entry) {
            Some(limit) => limit.take(&address),
            None => Ok(()),
        }
    }
}

/// Whether it is asked how the service does: that is answered to whoever asks however often.
fn is_health(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Whether a request is a post that is open to anyone.
fn is_entry(request: &ServiceRequest) -> bool {
    let open = |pattern: &str| {
        let mut posts = ROUTES.iter().filter(|route| route.method == Method::POST);
        posts.any(|route| route.path == pattern && route.access == Access::Anyone)
    };
    request.method() == Method::POST && request.match_pattern().is_some_and(|pattern| open(&pattern))
}

/// Lets a request through, or answers that it is one too many from its address.
///
/// # Errors
/// What comes after it gives.
pub async fn hold<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let state = request.app_data::<web::Data<WebState>>();
    let address = client::address(request.request());
    let taken = match (state, address) {
        (Some(state), Some(address)) if !is_health(request.path()) => state.limits.address(address, is_entry(&request)),
        _ => Ok(()),
    };
    let Err(failure) = taken else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let answer = if request.path().starts_with("/api/") {
        HttpResponse::from_error(ApiFailure(failure))
    } else {
        HttpResponse::from_error(PageFailure(failure))
    };
    Ok(request.into_response(answer).map_into_right_body())
}

/// Lets few check a password at a time, and not many wait for it: signing in never takes every thread.
#[derive(Clone)]
pub struct PasswordGate {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// To be held until the password is checked.
pub struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl PasswordGate {
    /// From settings.
    #[must_use]
    pub fn new(limits: &config::Limits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.passwords_at_a_time + limits.passwords_waiting)),
            turns: Arc::new(Semaphore::new(limits.passwords_at_a_time)),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`ActionError::Busy`] where too many wait already.
    pub async fn turn(&self) -> Result<Turn, ActionError> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(ActionError::Busy);
        };
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        Ok(Turn {
            _place: place,
            _turn: turn.map_err(ActionError::internal)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn settings() -> config::Limits {
        Config::load(None).expect("the defaults are good").limits
    }

    #[test]
    fn one_address_or_user_too_often_is_told_when_to_come_back() {
        let limits = Limits::new(&config::Limits {
            address_per_minute: 3,
            entry_per_minute: 1,
            account_per_minute: 2,
            ..settings()
        });
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        assert!(limits.address(one, true).is_ok());
        let Err(Failure::TooMany { seconds }) = limits.address(one, true) else {
            panic!("one entry a minute")
        };
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert!(limits.address(one, false).is_ok());
        assert!(limits.address(one, false).is_err(), "three requests a minute");
        assert!(
            limits.address(other, true).is_ok(),
            "another address is not held for it"
        );
        let user = Uuid::from_u128(1);
        assert!(limits.account(user).is_ok() && limits.account(user).is_ok());
        assert!(limits.account(user).is_err());
        assert!(limits.account(Uuid::from_u128(2)).is_ok());
    }

    #[test]
    fn without_a_limit_all_come_in() {
        let limits = Limits::new(&config::Limits {
            address_per_minute: 0,
            entry_per_minute: 0,
            account_per_minute: 0,
            ..settings()
        });
        assert!((0..10_000).all(|_| limits.address([192, 0, 2, 1].into(), true).is_ok()));
    }

    #[actix_web::test]
    async fn who_finds_the_queue_full_is_sent_away_at_once() {
        let gate = PasswordGate::new(&config::Limits {
            passwords_at_a_time: 1,
            passwords_waiting: 1,
            ..settings()
        });
        let first = gate.turn().await.expect("it is free");
        let waiting = actix_web::rt::spawn({
            let gate = gate.clone();
            async move { gate.turn().await.is_ok() }
        });
        while gate.places.available_permits() > 0 {
            actix_web::rt::task::yield_now().await;
        }
        assert!(matches!(gate.turn().await, Err(ActionError::Busy)));
        drop(first);
        assert!(waiting.await.expect("it ends"), "its turn came");
        assert!(gate.turn().await.is_ok(), "and is over");
    }
}
