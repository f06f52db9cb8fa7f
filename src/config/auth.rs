//! Settings of signing in.

use super::{ConfigError, Secret};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The least length of a key that signs tokens, in bytes: that of its HMAC's output (RFC 7518, 3.2).
const LEAST_KEY: usize = 32;

/// Signing in.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Signs the API's tokens; empty: made beside the SQLite database.
    pub jwt_key: Secret,
    /// Keys of before, whose tokens are still good for a while.
    pub jwt_old_keys: Vec<OldKey>,
    /// How long an access token is good for.
    pub access_minutes: u32,
    /// How long refresh tokens go on from one signing-in.
    pub refresh_days: u32,
    /// How long a page's session outlives its last request.
    pub session_minutes: u32,
    /// How long it goes on at most from one signing-in.
    pub session_max_hours: u32,
    /// Characters that a new password has at least.
    pub password_min_length: usize,
    /// Kinds of characters that a new password has at least.
    pub password_classes: usize,
    /// How many days a password is good for; 0: for ever.
    pub password_max_days: u32,
    /// How many of a user's last passwords a new one must differ from; 0: none.
    pub password_history: usize,
    /// Seals what is kept of second factors; empty: made beside the SQLite database.
    pub factor_key: Secret,
    /// Whether the users of banks and leasing companies need a second factor.
    pub second_factor_banks: bool,
    /// Whether the centre's officers need one.
    pub second_factor_officers: bool,
    /// Whether administrators need one.
    pub second_factor_administrators: bool,
    /// How many wrong tries at an account cost nothing, from one address.
    pub free_tries: u32,
    /// How many do from one address at all accounts, and at one account from all addresses that it does not know.
    pub free_tries_together: u32,
}

/// A key that signs nothing any more.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OldKey {
    /// The key.
    pub key: Secret,
    /// Until when what it signed is good.
    pub until: DateTime<Utc>,
}

impl Auth {
    /// How long a page's session outlives its last request.
    #[must_use]
    pub fn session_idle(&self) -> TimeDelta {
        TimeDelta::minutes(self.session_minutes.into())
    }

    /// How long it goes on at most.
    #[must_use]
    pub fn session_most(&self) -> TimeDelta {
        TimeDelta::hours(self.session_max_hours.into())
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let bad = |key, why| Err(ConfigError::Value { key, why });
        if !(1..=1_440).contains(&self.access_minutes) || !(1..=366).contains(&self.refresh_days) {
            return bad("auth", "access_minutes is 1 to 1440, refresh_days 1 to 366");
        }
        if self.session_minutes == 0 {
            return bad("auth.session_minutes", "is at least 1");
        }
        if !(1..=8_784).contains(&self.session_max_hours) {
            return bad("auth.session_max_hours", "is 1 to 8784");
        }
        let is_short = |key: &Secret| !key.expose().is_empty() && key.expose().len() < LEAST_KEY;
        if is_short(&self.jwt_key) {
            return bad("auth.jwt_key", "has at least 32 characters");
        }
        if is_short(&self.factor_key) {
            return bad("auth.factor_key", "has at least 32 characters");
        }
        if self.jwt_old_keys.iter().any(|old| old.key.expose().len() < LEAST_KEY) {
            return bad("auth.jwt_old_keys", "have at least 32 characters each");
        }
        self.check_passwords()
    }

    fn check_passwords(&self) -> Result<(), ConfigError> {
        let bad = |key, why| Err(ConfigError::Value { key, why });
        if !(8..=128).contains(&self.password_min_length) {
            return bad("auth.password_min_length", "is 8 to 128");
        }
        if self.password_classes > 4 {
            return bad("auth.password_classes", "is 0 to 4: there are four kinds");
        }
        if self.password_history > 24 {
            return bad("auth.password_history", "is 0 to 24: each takes a hash to compare with");
        }
        if self.free_tries == 0 || self.free_tries_together < self.free_tries {
            return bad("auth.free_tries", "is at least 1, and free_tries_together no less");
        }
        Ok(())
    }
}
