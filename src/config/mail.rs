//! Settings of mail.

use super::{ConfigError, Secret};
use serde::{Deserialize, Serialize};

/// Mail to people.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The SMTP server; empty: mails go into files.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is kept from others.
    pub tls: MailTls,
    /// Who we are to it; empty: nobody.
    pub username: String,
    /// With which password.
    pub password: Secret,
    /// Whom mails are from.
    pub from: String,
    /// How long each answer is waited for.
    pub timeout_seconds: u32,
    /// How often a mail is tried before it is given up.
    pub tries: i32,
    /// Where mails go without a server; empty: beside the SQLite database.
    pub folder: String,
}

/// How the way to the mail server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Not at all.
    None,
    /// From the second word on, and never without.
    Starttls,
    /// From the first word on.
    Tls,
}

impl Mail {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let bad = |key, why| Err(ConfigError::Value { key, why });
        if !(1..=60).contains(&self.timeout_seconds) {
            return bad("mail.timeout_seconds", "is 1 to 60");
        }
        if !(1..=100).contains(&self.tries) {
            return bad("mail.tries", "is 1 to 100");
        }
        if self.host.is_empty() {
            return Ok(());
        }
        if self.from.is_empty() {
            return bad("mail.from", "is needed with mail.host");
        }
        let is_here = matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if self.tls == MailTls::None && !self.username.is_empty() && !is_here {
            return bad("mail.tls", "is none, and the password would cross a network in clear");
        }
        Ok(())
    }
}
