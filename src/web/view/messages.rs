//! The page of a user's messages, with which of them go by mail too.

use super::shell::Shell;
use crate::actions::messages::{Opened, StoredMessage};
use crate::clock::civil_minute;
use crate::domain::codes::Code;
use crate::domain::message::MailChoice;
use crate::domain::message_text::{Words, words};
use crate::domain::place::Place;
use askama::Template;

/// A message in the list.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// What it says.
    pub words: Words,
    /// The page to go to; empty where there is none.
    pub href: String,
    /// When it was written.
    pub at: String,
    /// Whether it was unread until now.
    pub is_new: bool,
    /// Whether something is to be done.
    pub asks: bool,
}

impl From<&StoredMessage> for MessageRow {
    fn from(message: &StoredMessage) -> Self {
        Self {
            words: words(message.topic, &message.parameters),
            href: message.link.clone().unwrap_or_default(),
            at: civil_minute(message.created_at),
            is_new: message.read_at.is_none(),
            asks: message.topic.asks_for_action(),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "account/messages.html")]
pub struct MessagesPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: String,
    /// The messages, newest first.
    pub rows: Vec<MessageRow>,
    /// Code, label, and whether it is chosen.
    pub choices: Vec<(&'static str, &'static str, bool)>,
    /// Whether the choice was just saved.
    pub saved: bool,
    /// Where older ones are; empty where there are none.
    pub next: String,
}

impl MessagesPage {
    /// The first `shown` of what was opened.
    #[must_use]
    pub fn new(mut shell: Shell, opened: &Opened, shown: usize, saved: bool) -> Self {
        let rows: Vec<MessageRow> = opened.messages.iter().take(shown).map(MessageRow::from).collect();
        let fresh = rows.iter().filter(|row| row.is_new).count();
        // The header says what is left after this page.
        if let Some(who) = &mut shell.who {
            who.unread = opened.unread;
        }
        let last = opened.messages.iter().take(shown).next_back();
        let last = last.filter(|_| opened.messages.len() > shown);
        Self {
            shell,
            heading: match fresh {
                0 => "消息".to_owned(),
                fresh => format!("{fresh} 条新消息"),
            },
            rows,
            choices: MailChoice::ALL
                .iter()
                .map(|choice| (choice.code(), choice.label(), *choice == opened.choice))
                .collect(),
            saved,
            next: last.map_or_else(String::new, |last| {
                let place = Place {
                    at: last.created_at,
                    id: last.id,
                };
                format!("/messages?before={place}")
            }),
        }
    }
}
