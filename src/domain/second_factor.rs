//! The second factor: codes of an app by time (TOTP, RFC 6238, with what every app speaks: HMAC-SHA-1, six digits,
//! half a minute), and recovery codes for when the app is lost.

use super::actor::Role;
use chrono::{DateTime, Utc};
use std::fmt;
use totp_rs::{Builder, Totp};

/// Bytes of a secret: those of the hash, as RFC 4226 has it.
pub const SECRET_BYTES: usize = 20;

/// How many recovery codes there are at first.
pub const RECOVERY_CODES: usize = 10;

/// Letters and digits of recovery codes that are hard to take for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Letters of a recovery code: 80 random bits, of which a plain hash tells nothing.
const RECOVERY_LETTERS: usize = 16;

/// A user's secret, for one site. Not to be logged: it prints without it.
pub struct Factor(Totp);

impl fmt::Debug for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Factor(***)")
    }
}

/// Fewer bytes than a secret has, or a name that an app could not tell from its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no secret of a second factor")]
pub struct NoFactor;

impl Factor {
    /// From the secret's bytes; an app shows the code under the names of site and user.
    ///
    /// # Errors
    /// [`NoFactor`] for too few bytes, or a user's name with a colon.
    pub fn new(secret: &[u8], site: &str, user: &str) -> Result<Self, NoFactor> {
        let issuer = site.replace(':', " ");
        let built = Builder::new()
            .with_secret(secret.to_vec())
            .with_issuer(Some(issuer))
            .with_account_name(user);
        match built.build() {
            Ok(totp) => Ok(Self(totp)),
            Err(_) => Err(NoFactor),
        }
    }

    /// The step that a code belongs to, if it is right now or was or will be half a minute from now. Whoever takes
    /// the code notes the step, so that none is taken twice (RFC 6238, 5.2).
    #[must_use]
    pub fn step(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let now = u64::try_from(now.timestamp()).ok()?;
        self.0.check(code, now).and_then(|step| i64::try_from(step).ok())
    }

    /// The code at an instant, as the app shows it.
    #[must_use]
    pub fn code(&self, at: DateTime<Utc>) -> String {
        self.0.generate(u64::try_from(at.timestamp()).unwrap_or(0)).to_string()
    }

    /// What the app reads from the picture: an address of the scheme `otpauth`.
    ///
    /// # Errors
    /// [`NoFactor`] for a user without a name.
    pub fn uri(&self) -> Result<String, NoFactor> {
        match self.0.to_url() {
            Ok(uri) => Ok(uri),
            Err(_) => Err(NoFactor),
        }
    }

    /// The secret for typing into an app, in groups of four.
    #[must_use]
    pub fn typed(&self) -> String {
        grouped(&self.0.secret().to_base32())
    }
}

fn grouped(text: &str) -> String {
    let mut grouped = String::with_capacity(text.len() * 5 / 4);
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(letter);
    }
    grouped
}

/// What somebody typed as the second factor.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six digits of the app.
    Code(String),
    /// Anything else: a recovery code, as it is compared.
    Recovery(String),
}

impl From<&str> for Typed {
    fn from(text: &str) -> Self {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .flat_map(char::to_lowercase)
            .take(64)
            .collect();
        if plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Code(plain)
        } else {
            Self::Recovery(plain)
        }
    }
}

/// A recovery code from random bytes, as it is compared: `3kq7m0vt9xh2c4wd`.
#[must_use]
pub fn recovery_code(random: &[u8; 32]) -> String {
    let letters = random.iter().take(RECOVERY_LETTERS);
    letters
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect()
}

/// A recovery code as it is shown: `3kq7-m0vt-9xh2-c4wd`.
#[must_use]
pub fn shown(code: &str) -> String {
    grouped(code).replace(' ', "-")
}

/// For which users a site asks for a second factor.
#[derive(Clone, Copy, Debug)]
pub struct Needed {
    /// Those of banks and leasing companies.
    pub banks: bool,
    /// The centre's officers.
    pub officers: bool,
    /// Administrators.
    pub administrators: bool,
}

impl Needed {
    /// Whether a user of this role needs one.
    #[must_use]
    pub const fn of(self, role: Role) -> bool {
        match role {
            Role::BankUser => self.banks,
            Role::Officer => self.officers,
            Role::Administrator => self.administrators,
            Role::Owner | Role::Member | Role::Reader | Role::DepartmentUser => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor() -> Factor {
        // The secret of RFC 6238's test vectors.
        Factor::new(b"12345678901234567890", "融桥", "wang@example.cn").expect("a factor")
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("an instant")
    }

    /// RFC 6238, appendix B: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(factor().code(at(seconds)), code);
            assert_eq!(factor().step(code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_half_a_minute_longer_and_no_more() {
        let step = |seconds| factor().step("287082", at(seconds));
        assert_eq!((step(30), step(59), step(89)), (Some(1), Some(1), Some(1)));
        assert_eq!((step(0), step(90), step(120)), (Some(1), None, None));
        assert_eq!(factor().step("28708", at(59)), None);
        assert_eq!(factor().step("２８７０８２", at(59)), None);
    }

    #[test]
    fn an_app_is_told_the_secret_the_site_and_the_user() {
        let uri = factor().uri().expect("an address");
        assert!(uri.starts_with("otpauth://totp/"), "{uri}");
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{uri}");
        assert!(
            uri.contains("wang%40example.cn") && uri.contains("issuer=%E8%9E%8D%E6%A1%A5"),
            "{uri}"
        );
        assert_eq!(factor().typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(Factor::new(b"short", "融桥", "wang@example.cn").is_err());
        assert!(!format!("{:?}", factor()).contains("GEZD"));
    }

    #[test]
    fn what_is_typed_is_a_code_or_a_recovery_code() {
        assert!(Typed::from(" 287 082 ") == Typed::Code("287082".to_owned()));
        let code = recovery_code(&[7; 32]);
        assert_eq!(code.len(), 16);
        assert!(Typed::from(shown(&code).to_uppercase().as_str()) == Typed::Recovery(code));
        assert!(Typed::from("2870821") == Typed::Recovery("2870821".to_owned()));
    }
}
