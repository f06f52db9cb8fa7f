//! Passwords: new ones held against the rule (`domain::password`), and their hashes (argon2id, 19 MiB, 2 passes).

use super::{ActionError, Service};
use crate::config::{Auth, Secret};
use crate::domain::invalid::{Problem, Rule};
use crate::domain::password::{LONGEST_BYTES, PasswordRule, Whose};
use crate::store::accounts;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// What a site asks of passwords.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// What a new one has to be.
    pub rule: PasswordRule,
    /// How many of a user's last ones a new one must differ from; 0: none.
    pub history: usize,
    /// For how long one is good; none: for ever.
    pub lifetime: Option<TimeDelta>,
}

impl Policy {
    /// From settings.
    #[must_use]
    pub fn of(auth: &Auth) -> Self {
        Self {
            rule: PasswordRule {
                min_length: auth.password_min_length,
                classes: auth.password_classes,
            },
            history: auth.password_history,
            lifetime: (auth.password_max_days > 0).then(|| TimeDelta::days(auth.password_max_days.into())),
        }
    }
}

/// The rule and the cost of passwords.
pub struct Passwords {
    argon2: Argon2<'static>,
    policy: Policy,
    /// The hash of a password that nobody has: verified where there is no account, so that both ways
    /// do the same work.
    nobody: String,
}

impl Passwords {
    /// With argon2's recommended cost.
    ///
    /// # Errors
    /// When the hash can't be computed.
    pub fn new(policy: Policy) -> Result<Self, ActionError> {
        Self::with_cost(policy, Params::default())
    }

    /// With another cost, for tests that sign in a hundred times.
    ///
    /// # Errors
    /// When the hash can't be computed.
    pub fn with_cost(policy: Policy, params: Params) -> Result<Self, ActionError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, b"nobody has this password")?;
        Ok(Self { argon2, policy, nobody })
    }

    /// What is asked of passwords.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether a password that was set at an instant has to be changed before anything else.
    #[must_use]
    pub fn is_too_old(&self, set_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.policy.lifetime.is_some_and(|lifetime| now - set_at >= lifetime)
    }

    /// Hashes a new password that holds the rule.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] where it does not.
    pub fn hash_new(&self, password: &Secret, whose: Whose<'_>) -> Result<String, ActionError> {
        let text = password.expose();
        self.policy.rule.check(text, whose).map_err(broken)?;
        hash(&self.argon2, text.as_bytes())
    }

    /// Whether a password is the one behind a hash. Without a hash the answer is no, after the same work.
    #[must_use]
    pub fn is_right(&self, password: &Secret, hash: Option<&str>) -> bool {
        let text = password.expose();
        let tried = if text.len() <= LONGEST_BYTES {
            text.as_bytes()
        } else {
            b""
        };
        let right = PasswordHash::new(hash.unwrap_or(&self.nobody))
            .is_ok_and(|parsed| self.argon2.verify_password(tried, &parsed).is_ok());
        right && hash.is_some() && !text.is_empty()
    }
}

fn broken(rule: Rule) -> ActionError {
    let field = "password".to_owned();
    Problem { field, rule }.into()
}

/// The hash of a password that a user may have instead of the one there is: it holds the rule and is none of
/// the last ones. To be kept with [`accounts::change_password`], in the transaction that ends the sessions.
///
/// # Errors
/// [`ActionError::Invalid`] where it breaks a rule, [`ActionError::NotFound`] where there is no such user.
pub fn hash_replacement(service: &Service, user_id: Uuid, password: &Secret) -> Result<String, ActionError> {
    let passwords = service.passwords.as_ref();
    let history = passwords.policy.history;
    let (owner, former) = service.store.read(|conn| {
        let owner = accounts::owner_of_password(conn, user_id)?;
        Ok::<_, ActionError>((owner, accounts::last_hashes(conn, user_id, history)?))
    })?;
    let whose = Whose {
        email: &owner.email,
        name: &owner.name,
    };
    let hash = passwords.hash_new(password, whose)?;
    if former.iter().any(|hash| passwords.is_right(password, Some(hash))) {
        return Err(broken(Rule::UsedBefore(history)));
    }
    Ok(hash)
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String, ActionError> {
    argon2
        .hash_password(password)
        .map(|hash| hash.to_string())
        .map_err(|error| ActionError::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a hash costs is written at its head.
    #[test]
    fn threat_19_without_an_account_the_same_work_is_done() {
        let policy = Policy {
            rule: PasswordRule {
                min_length: 12,
                classes: 0,
            },
            history: 0,
            lifetime: None,
        };
        let passwords = Passwords::new(policy).expect("set up");
        let whose = Whose {
            email: "a@example.com",
            name: "王芳",
        };
        let real = passwords.hash_new(&Secret::new("correct horse".to_owned()), whose);
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&passwords.nobody), cost(&real.expect("long enough")));
        assert_eq!(cost(&passwords.nobody), ["", "argon2id", "v=19", "m=19456,t=2,p=1"]);
    }

    #[test]
    fn a_password_is_right_only_with_its_own_hash() {
        let policy = Policy {
            rule: PasswordRule {
                min_length: 12,
                classes: 0,
            },
            history: 0,
            lifetime: Some(TimeDelta::days(90)),
        };
        let passwords = Passwords::with_cost(policy, Params::new(8, 1, 1, None).expect("a low cost")).expect("set up");
        let whose = Whose {
            email: "a@example.com",
            name: "王芳",
        };
        let secret = |text: &str| Secret::new(text.to_owned());
        let hash = passwords
            .hash_new(&secret("correct horse"), whose)
            .expect("long enough");
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.is_right(&secret("correct horse"), Some(&hash)));
        assert!(!passwords.is_right(&secret("correct horsE"), Some(&hash)));
        assert!(!passwords.is_right(&secret("nobody has this password"), None));
        assert!(!passwords.is_right(&secret(&"x".repeat(1 << 20)), Some(&hash)));
        assert!(passwords.hash_new(&secret("too short"), whose).is_err());
        let set_at = DateTime::UNIX_EPOCH;
        assert!(!passwords.is_too_old(set_at, set_at + TimeDelta::days(90) - TimeDelta::microseconds(1)));
        assert!(passwords.is_too_old(set_at, set_at + TimeDelta::days(90)));
    }
}
