//! A message as a letter: subject, plain text and HTML in the same words, one link.
//!
//! The link is made from the configured base URL and never from a request's Host header. The Message-ID
//! is the message's own id, so that a letter that is sent twice is seen to be one.

use crate::domain::message_text::{Words, words};
use crate::store::post::ClaimedMail;
use askama::Template;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A letter, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its name, without brackets: `ID@HOST`.
    pub message_id: String,
    /// To which address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// When the message was written.
    pub date: DateTime<Utc>,
    /// The words as plain text.
    pub text: String,
    /// The words as HTML.
    pub html: String,
}

/// Writes letters of one site.
#[derive(Clone, Debug)]
pub struct Writer {
    site: Arc<str>,
    base_url: Arc<str>,
}

#[derive(Template)]
#[template(path = "mail/message.txt")]
struct Plain<'a> {
    words: &'a Words,
    link: &'a str,
    site: &'a str,
    base_url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/message.html")]
struct Html<'a> {
    words: &'a Words,
    link: &'a str,
    site: &'a str,
    base_url: &'a str,
}

impl Writer {
    /// For a site with this name at this address.
    #[must_use]
    pub fn new(site: &str, base_url: &str) -> Self {
        Self {
            site: site.into(),
            base_url: base_url.into(),
        }
    }

    /// The host in the names of letters and of whom they are from.
    #[must_use]
    pub fn host(&self) -> &str {
        let (_, host) = self.base_url.split_once("://").unwrap_or(("", &self.base_url));
        host.split([':', '/']).next().unwrap_or(host)
    }

    /// A message as a letter.
    ///
    /// # Errors
    /// When a template fails.
    pub fn letter(&self, mail: &ClaimedMail) -> Result<Letter, askama::Error> {
        let words = words(mail.topic, &mail.parameters);
        // Only a path of this site: "//elsewhere" would be another one's.
        let path = mail
            .link
            .as_deref()
            .filter(|path| path.starts_with('/') && !path.starts_with("//"));
        let link = path.map(|path| format!("{}{path}", self.base_url)).unwrap_or_default();
        let (site, base_url) = (&*self.site, &*self.base_url);
        let words_of = &words;
        let text = Plain {
            words: words_of,
            link: &link,
            site,
            base_url,
        }
        .render()?;
        let html = Html {
            words: words_of,
            link: &link,
            site,
            base_url,
        }
        .render()?;
        Ok(Letter {
            message_id: format!("{}@{}", mail.id, self.host()),
            to: mail.email.clone(),
            subject: format!("【{site}】{}", words.subject),
            date: mail.created_at,
            text,
            html,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Topic;

    fn letter(link: &str, enterprise: &str) -> Letter {
        let parameters = [
            ("number", "2026-000317"),
            ("enterprise", enterprise),
            ("until", "2027-01-30"),
        ];
        let mail = ClaimedMail {
            id: uuid::Uuid::nil(),
            email: "owner@example.com".to_owned(),
            topic: Topic::RequestSubmitted,
            parameters: parameters
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            link: Some(link.to_owned()),
            tries: 1,
            created_at: DateTime::UNIX_EPOCH,
        };
        Writer::new("融桥", "https://rong.example:8443")
            .letter(&mail)
            .expect("a letter")
    }

    #[test]
    fn threat_20_the_link_is_the_configured_origin_whatever_the_row_says() {
        let good = letter("/enterprise/requests/1", "甲");
        for text in [&good.text, &good.html] {
            assert!(
                text.contains("https://rong.example:8443/enterprise/requests/1"),
                "{text}"
            );
        }
        assert_eq!(good.message_id, "00000000-0000-0000-0000-000000000000@rong.example");
        for bad in ["//evil.example/x", "https://evil.example/x", "evil.example"] {
            let letter = letter(bad, "甲");
            assert!(!letter.text.contains("evil") && !letter.html.contains("evil"), "{bad}");
        }
    }

    #[test]
    fn names_are_text_and_no_markup() {
        let letter = letter("/", "<a href=x>甲</a>");
        assert!(!letter.html.contains("<a href=x>"), "{}", letter.html);
        assert!(
            letter.text.contains("<a href=x>甲</a>的融资需求 2026-000317"),
            "{}",
            letter.text
        );
        assert!(letter.subject.starts_with("【融桥】需求 2026-000317"));
    }
}
