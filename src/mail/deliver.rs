//! The ways on which letters leave: an SMTP server, a folder, or memory (in tests).
//!
//! lettre's blocking transport with its pool of connections: the jobs have a thread of their own, so
//! nothing async waits on it. TLS is rustls with the cryptography that the API's tokens use already.

use super::letter::Letter;
use crate::domain::message_text::one_line;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Why a letter did not leave. The words are the other side's, on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It may leave later.
    #[error("{0}")]
    Later(String),
    /// The address does not take it, now or later.
    #[error("{0}")]
    Never(String),
}

/// A way on which letters leave.
pub trait Deliver: Send + Sync {
    /// Sends a letter; that it returns means that the other side has it.
    ///
    /// # Errors
    /// When it did not leave, or nobody knows whether it did.
    fn send(&self, letter: &Letter) -> Result<(), Undelivered>;
}

/// The most characters of the other side's words that are kept.
const WORDS: usize = 300;

fn later(error: &impl ToString) -> Undelivered {
    Undelivered::Later(one_line(&error.to_string(), WORDS))
}

fn never(error: &impl ToString) -> Undelivered {
    Undelivered::Never(one_line(&error.to_string(), WORDS))
}

/// A letter in the form of RFC 5322. Each value passes lettre's types, which encode what is not plain.
fn message(letter: &Letter, from: &Mailbox) -> Result<Message, Undelivered> {
    let to: Mailbox = letter.to.parse().map_err(|error| never(&error))?;
    let automatic = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    Message::builder()
        .from(from.clone())
        .to(to)
        .subject(one_line(&letter.subject, WORDS))
        .message_id(Some(format!("<{}>", letter.message_id)))
        .date(SystemTime::from(letter.date))
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(
            letter.text.clone(),
            letter.html.clone(),
        ))
        .map_err(|error| never(&error))
}

/// How to reach an SMTP server.
#[derive(Clone, Debug)]
pub struct SmtpSettings<'a> {
    /// The server.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// TLS: none, from the second word on, from the first word on.
    pub tls: crate::config::MailTls,
    /// User and password, where the server wants them.
    pub credentials: Option<(&'a str, &'a str)>,
    /// How long each answer is waited for.
    pub timeout: Duration,
}

/// An SMTP server.
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Smtp {
    /// Prepares the way; the first letter connects.
    ///
    /// # Errors
    /// When the host is no name that a certificate could have, or `from` is no address.
    pub fn new(settings: &SmtpSettings<'_>, from: &str) -> Result<Self, String> {
        use crate::config::MailTls;
        let parameters = || TlsParameters::new(settings.host.to_owned()).map_err(|error| error.to_string());
        let tls = match settings.tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Required(parameters()?),
            MailTls::Tls => Tls::Wrapper(parameters()?),
        };
        let mut builder = SmtpTransport::builder_dangerous(settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(settings.timeout))
            .pool_config(PoolConfig::new().max_size(2));
        if let Some((user, password)) = settings.credentials {
            builder = builder.credentials(Credentials::new(user.to_owned(), password.to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
            from: mailbox(from)?,
        })
    }

    /// Whether the server answers, and takes who we are.
    ///
    /// # Errors
    /// What the other side said.
    pub fn check(&self) -> Result<(), String> {
        match self.transport.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err("the server does not answer".to_owned()),
            Err(error) => Err(one_line(&words_of(&error), WORDS)),
        }
    }
}

/// An address with or without a name, `融桥 <rongqiao@example.cn>`.
fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|error| format!("{text:?}: {error}"))
}

/// Codes that say that the address itself is refused. Others that say "permanent" are said of us: a
/// wrong password must not kill every letter.
const REFUSED_ADDRESSES: [u16; 3] = [550, 551, 553];

impl Deliver for Smtp {
    fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        match self.transport.send(&message(letter, &self.from)?) {
            Ok(_) => Ok(()),
            Err(error) => {
                let refused = error
                    .status()
                    .is_some_and(|code| REFUSED_ADDRESSES.contains(&u16::from(code)));
                Err(if refused {
                    never(&words_of(&error))
                } else {
                    later(&words_of(&error))
                })
            }
        }
    }
}

/// The error with its causes: lettre's own words leave them out.
fn words_of(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        cause = error.source();
    }
    words
}

/// A folder: one file a letter, named by its Message-ID, so that a second sending is the same file.
pub struct Folder {
    path: PathBuf,
    from: Mailbox,
}

impl Folder {
    /// Letters into `path`, which is made with the first one.
    ///
    /// # Errors
    /// When `from` is no address.
    pub fn new(path: PathBuf, from: &str) -> Result<Self, String> {
        let from = mailbox(from)?;
        Ok(Self { path, from })
    }
}

impl Deliver for Folder {
    fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        let bytes = message(letter, &self.from)?.formatted();
        let name = letter.message_id.split('@').next().unwrap_or(&letter.message_id);
        let half = self.path.join(format!(".{name}.part"));
        let write = || {
            // Letters hold links that let somebody in.
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
            let mut file = fs::File::create(&half)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&half, self.path.join(format!("{name}.eml")))
        };
        write().map_err(|error: std::io::Error| later(&error))
    }
}

/// Memory: what was sent can be looked at.
#[derive(Debug, Default)]
pub struct Memory {
    sent: Mutex<Vec<Letter>>,
}

impl Memory {
    /// Every letter that was sent, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Letter> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Deliver for Memory {
    fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        self.sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(letter.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn letter(subject: &str, to: &str) -> Letter {
        Letter {
            message_id: "1@rong.example".to_owned(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            date: DateTime::UNIX_EPOCH,
            text: "您好：\r\n.\r\n".to_owned(),
            html: "<p>您好</p>".to_owned(),
        }
    }

    fn formatted(letter: &Letter) -> Result<String, Undelivered> {
        let from = mailbox("融桥 <rong@example.com>").expect("an address");
        message(letter, &from).map(|message| String::from_utf8(message.formatted()).expect("ASCII"))
    }

    #[test]
    fn no_value_can_split_the_head() {
        let split = "需求\r\nBcc: all@example.com\r\n\r\n正文\nX: 1";
        let text = formatted(&letter(split, "owner@example.com")).expect("a message");
        let head = text.split("\r\n\r\n").next().expect("a head");
        for line in head.lines() {
            assert!(!line.starts_with("Bcc") && !line.starts_with("X:"), "{head}");
        }
        assert!(head.contains("Message-ID: <1@rong.example>") && head.contains("Auto-Submitted: auto-generated"));
        for to in [
            "owner@example.com\r\nBcc: all@example.com",
            "a@b, c@d",
            "",
            "<script>@x y",
        ] {
            assert!(
                matches!(formatted(&letter("甲", to)), Err(Undelivered::Never(_))),
                "{to:?}"
            );
        }
    }

    #[test]
    fn a_letter_in_a_folder_is_one_file_however_often_it_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("mail");
        let way = Folder::new(to.clone(), "rong@example.com").expect("a way");
        for _ in 0..2 {
            way.send(&letter("甲", "owner@example.com")).expect("it is written");
        }
        let files: Vec<_> = fs::read_dir(to)
            .expect("a folder")
            .map(|file| file.expect("a file").file_name())
            .collect();
        assert_eq!(files, ["1.eml"]);
    }
}
