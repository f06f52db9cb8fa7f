//! What administrators look at: the audit log and the outbox.

use super::shell::Shell;
use crate::actions::audit::FoundAudit;
use crate::actions::outbox::{Held, StoredMail};
use crate::clock::civil_minute;
use crate::domain::audit::AuditAction;
use crate::domain::codes::Code;
use crate::domain::message::{MailEvent, MailState};
use crate::domain::place::Place;
use crate::domain::request::RequestState;
use askama::Template;
use uuid::Uuid;

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// When.
    pub at: String,
    /// Who; an address where that is all that is known.
    pub who: String,
    /// Of which organisation.
    pub organisation: String,
    /// From which address.
    pub origin: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// From which state to which.
    pub change: String,
    /// Its place in the chain; empty until it is sealed.
    pub place: String,
}

impl From<&FoundAudit> for AuditLine {
    fn from(found: &FoundAudit) -> Self {
        let row = &found.row;
        let action = AuditAction::find(&row.action).map(Code::label);
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
        Self {
            at: civil_minute(row.at.and_utc()),
            who: found.name.clone().unwrap_or_else(|| "未知".to_owned()),
            organisation: or_none(&found.organisation),
            origin: or_none(&row.origin),
            action: action.map_or_else(|| row.action.clone(), str::to_owned),
            subject: row.subject.clone(),
            change: match (row.before.as_deref().map(state), row.after.as_deref().map(state)) {
                (None, None) => String::new(),
                (None, Some(after)) => after.to_owned(),
                (Some(before), None) => format!("{before} →"),
                (Some(before), Some(after)) => format!("{before} → {after}"),
            },
            place: found.seal.place.map_or_else(String::new, |place| place.to_string()),
        }
    }
}

/// A state in words, where it is one that has words; else as it is stored.
fn state(stored: &str) -> &str {
    match stored {
        "page" => "网页",
        "api" => "接口",
        code => RequestState::find(code)
            .map(Code::label)
            .or_else(|| MailState::find(code).map(Code::label))
            .unwrap_or(code),
    }
}

impl AuditLine {
    /// The heads of an exported table.
    pub const HEAD: [&str; 8] = ["时间", "操作人", "机构", "来源地址", "操作", "对象", "变化", "链中位置"];

    /// The cells of an exported row.
    #[must_use]
    pub fn cells(self) -> [String; 8] {
        [
            self.at,
            self.who,
            self.organisation,
            self.origin,
            self.action,
            self.subject,
            self.change,
            self.place,
        ]
    }
}

/// The place of an entry in the list, where its id is whole.
#[must_use]
pub fn place_of(found: &FoundAudit) -> Option<Place> {
    let id: Uuid = found.row.id.parse().ok()?;
    Some(Place {
        at: found.row.at.and_utc(),
        id,
    })
}

/// The search for audit entries.
#[derive(Template)]
#[template(path = "admin/audit.html")]
pub struct AuditPage {
    /// Around it.
    pub shell: Shell,
    /// Code, label, and whether it is searched for.
    pub actions: Vec<(&'static str, &'static str, bool)>,
    /// The code of the organisation that is searched for.
    pub organisation: String,
    /// From this day on.
    pub from: String,
    /// Up to this day.
    pub to: String,
    /// What is wrong with the search; empty where nothing is.
    pub wrong: &'static str,
    /// What was found, newest first.
    pub rows: Vec<AuditLine>,
    /// Where older ones are; empty where there are none.
    pub next: String,
    /// The file with all of them.
    pub export: String,
}

/// A mail in the outbox.
#[derive(Clone, Debug)]
pub struct MailLine {
    /// Its id.
    pub id: Uuid,
    /// When the message was written.
    pub at: String,
    /// What it is about.
    pub topic: &'static str,
    /// To which address.
    pub email: String,
    /// How far it has come.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// How often it was tried.
    pub tries: i32,
    /// When it is tried next, or was sent.
    pub when: String,
    /// Why it was not taken the last time.
    pub error: String,
    /// Whether it can be sent again.
    pub may_resend: bool,
}

impl From<&StoredMail> for MailLine {
    fn from(mail: &StoredMail) -> Self {
        Self {
            id: mail.id,
            at: civil_minute(mail.created_at),
            topic: mail.topic.label(),
            email: mail.email.clone(),
            state: mail.state.label(),
            class: match mail.state {
                MailState::Page => "off",
                MailState::Waiting => "near",
                MailState::Sent => "ok",
                MailState::Dead => "bad",
            },
            tries: mail.tries,
            when: match (mail.state, mail.sent_at) {
                (MailState::Waiting, _) if mail.tries == 0 => "几秒内".to_owned(),
                (MailState::Waiting, _) => format!("{} 再试", civil_minute(mail.due_at)),
                (_, Some(at)) => civil_minute(at),
                _ => "—".to_owned(),
            },
            error: mail.last_error.clone().unwrap_or_default(),
            may_resend: mail.state.next(MailEvent::Resend).is_ok(),
        }
    }
}

/// Mail that is held after a restore.
#[derive(Clone, Debug)]
pub struct HeldMail {
    /// Since when.
    pub since: String,
    /// How many mails wait, of all districts.
    pub waiting: i64,
}

impl From<&Held> for HeldMail {
    fn from(held: &Held) -> Self {
        Self {
            since: civil_minute(held.since),
            waiting: held.waiting,
        }
    }
}

/// The outbox.
#[derive(Template)]
#[template(path = "admin/outbox.html")]
pub struct OutboxPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: String,
    /// Address, label, and whether it is shown, of each state.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// The mails, newest first.
    pub rows: Vec<MailLine>,
    /// Mail that is held, where it is.
    pub held: Option<HeldMail>,
    /// What was just done; empty where nothing was.
    pub done: &'static str,
    /// Where older ones are; empty where there are none.
    pub next: String,
}
