//! E-mail addresses, as accounts are named by them.

use super::invalid::Rule;
use std::fmt;
use std::str::FromStr;

/// An address in small letters: `name@host`, no spaces, at most 254 bytes.
///
/// Whether it receives mail only a mail can show; this keeps out what cannot be one, and makes two
/// spellings of one address equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The longest address that SMTP can carry.
const LONGEST: usize = 254;

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Rule::Required);
        }
        if text.len() > LONGEST {
            return Err(Rule::TooLong(LONGEST));
        }
        let letters = text.bytes().all(|byte| byte.is_ascii_graphic());
        let whole = text
            .rsplit_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !name.contains('@') && is_host(host));
        if letters && whole {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Rule::Email)
        }
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.split('.').all(is_label)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn spellings_of_one_address_are_equal() {
        let email = "  Wang.Fang@Example.COM ".parse::<Email>().expect("an address");
        assert_eq!(email.as_str(), "wang.fang@example.com");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        let bad = [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b..c",
            "a@-b",
            "王@b",
            "a@b\r\nbcc:c",
            long.as_str(),
        ];
        for text in bad {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
    }
}
