//! Passwords: the rule for new ones, and their hashes (argon2id, 19 MiB, 2 passes).

use super::ActionError;
use crate::config::Secret;
use crate::domain::invalid::{Problem, Rule};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// The longest password that is hashed; more is no password but a load.
const LONGEST: usize = 1024;

/// The rule and the cost of passwords.
pub struct Passwords {
    argon2: Argon2<'static>,
    min_length: usize,
    /// The hash of a password that nobody has: verified where there is no account, so that both ways
    /// do the same work.
    nobody: String,
}

impl Passwords {
    /// With argon2's recommended cost.
    ///
    /// # Errors
    /// When the hash can't be computed.
    pub fn new(min_length: usize) -> Result<Self, ActionError> {
        Self::with_cost(min_length, Params::default())
    }

    /// With another cost, for tests that sign in a hundred times.
    ///
    /// # Errors
    /// When the hash can't be computed.
    pub fn with_cost(min_length: usize, params: Params) -> Result<Self, ActionError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, b"nobody has this password")?;
        Ok(Self {
            argon2,
            min_length,
            nobody,
        })
    }

    /// Hashes a new password that holds the rule.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] where it does not.
    pub fn hash_new(&self, password: &Secret) -> Result<String, ActionError> {
        let length = password.expose().chars().count();
        if length < self.min_length || length > LONGEST {
            let bound = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
            let rule = Rule::OutOfRange {
                min: bound(self.min_length),
                max: bound(LONGEST),
            };
            return Err(Problem {
                field: "password".to_owned(),
                rule,
            }
            .into());
        }
        hash(&self.argon2, password.expose().as_bytes())
    }

    /// Whether a password is the one behind a hash. Without a hash the answer is no, after the same work.
    #[must_use]
    pub fn is_right(&self, password: &Secret, hash: Option<&str>) -> bool {
        let text = password.expose();
        let tried = if text.len() <= LONGEST { text.as_bytes() } else { b"" };
        let right = PasswordHash::new(hash.unwrap_or(&self.nobody))
            .is_ok_and(|parsed| self.argon2.verify_password(tried, &parsed).is_ok());
        right && hash.is_some() && !text.is_empty()
    }
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

    #[test]
    fn a_password_is_right_only_with_its_own_hash() {
        let passwords = Passwords::with_cost(12, Params::new(8, 1, 1, None).expect("a low cost")).expect("set up");
        let secret = |text: &str| Secret::new(text.to_owned());
        let hash = passwords.hash_new(&secret("correct horse")).expect("long enough");
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.is_right(&secret("correct horse"), Some(&hash)));
        assert!(!passwords.is_right(&secret("correct horsE"), Some(&hash)));
        assert!(!passwords.is_right(&secret("nobody has this password"), None));
        assert!(!passwords.is_right(&secret(&"x".repeat(1 << 20)), Some(&hash)));
        assert!(passwords.hash_new(&secret("too short")).is_err());
    }
}
