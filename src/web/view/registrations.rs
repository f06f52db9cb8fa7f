//! Registrations as officers decide them.

use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::approvals::{Dossier, StoredRegistration};
use crate::domain::attachment::MediaType;
use crate::domain::codes::{Code, Owner};
use crate::domain::reference;
use crate::domain::registration::RegistrationState;
use askama::Template;
use uuid::Uuid;

/// A registration of the list.
#[derive(Clone, Debug)]
pub struct RegistrationRow {
    /// Its id.
    pub id: Uuid,
    /// The enterprise's name.
    pub enterprise: String,
    /// Its credit code.
    pub uscc: String,
    /// The person.
    pub person: String,
    /// When it came.
    pub at: String,
    /// Where it is.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// Whether somebody speaks for the enterprise already.
    pub is_second: bool,
}

const fn class(state: RegistrationState) -> &'static str {
    match state {
        RegistrationState::Waiting => "near",
        RegistrationState::Approved => "ok",
        RegistrationState::Rejected => "off",
    }
}

impl RegistrationRow {
    /// A row, of a second claim or not.
    #[must_use]
    pub fn new(stored: &StoredRegistration, is_second: bool) -> Self {
        Self {
            id: stored.id,
            enterprise: stored.enterprise_name.clone(),
            uscc: stored.uscc.to_string(),
            person: stored.person.clone(),
            at: words::minute(stored.created_at),
            state: stored.state.label(),
            class: class(stored.state),
            is_second,
        }
    }
}

/// The registrations of a district.
#[derive(Template)]
#[template(path = "centre/registrations.html")]
pub struct RegistrationsPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: String,
    /// Address, label, and whether it is shown, of each state.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// The registrations, newest first.
    pub rows: Vec<RegistrationRow>,
    /// What was just done.
    pub notice: Option<&'static str>,
    /// Where older ones are; empty where there are none.
    pub next: String,
}

/// A file of a registration.
#[derive(Clone, Debug)]
pub struct FileRow {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub purpose: &'static str,
    /// Its name.
    pub name: String,
    /// Its kind and size.
    pub size: String,
}

/// Kind and size of a file.
fn size(media_type: MediaType, bytes: i64) -> String {
    format!("{}，{} KB", media_type.label(), bytes.saturating_add(1023) / 1024)
}

/// One registration, with what is decided on it.
#[derive(Template)]
#[template(path = "centre/registration.html")]
pub struct RegistrationPage {
    /// Around it.
    pub shell: Shell,
    /// The registration.
    pub row: RegistrationRow,
    /// The proven address.
    pub email: String,
    /// The industry.
    pub industry: String,
    /// The town.
    pub town: String,
    /// Whose facts the platform may use.
    pub owners: String,
    /// Until when, and by which text.
    pub terms: String,
    /// Its files.
    pub files: Vec<FileRow>,
    /// Who speaks for the enterprise already; empty where nobody does.
    pub speakers: String,
    /// The enterprise's name as it was imported, where that is another one.
    pub known_as: String,
    /// Whether the enterprise was imported.
    pub is_known: bool,
    /// Whether it waits for a decision.
    pub waits: bool,
    /// When it was decided, and why; empty while it waits.
    pub decided: String,
    /// The reason that was typed.
    pub reason: String,
    /// What is to be put right.
    pub wrongs: Wrongs,
}

impl RegistrationPage {
    /// The names of the fields.
    pub const LABELS: [(&'static str, &'static str); 5] = [
        ("second", ""),
        ("established_on", "成立日期"),
        ("email", "邮箱"),
        ("uscc", "统一社会信用代码"),
        ("reason", "退回原因"),
    ];

    /// From what the officer is given.
    #[must_use]
    pub fn new(shell: Shell, dossier: &Dossier) -> Self {
        let Dossier {
            stored,
            files,
            speakers,
            known_as,
        } = dossier;
        let waits = stored.state == RegistrationState::Waiting;
        let or_code = |name: Option<&str>, code: &str| name.map_or_else(|| code.to_owned(), str::to_owned);
        let decided = stored.decided_at.map(|at| {
            let reason = stored.reason.as_ref().map(|reason| format!("，原因：{reason}"));
            format!(
                "{} {}{}",
                words::minute(at),
                stored.state.label(),
                reason.unwrap_or_default()
            )
        });
        Self {
            shell,
            email: stored.email.to_string(),
            industry: or_code(
                reference::industry(&stored.industry).map(|(_, one)| one.name),
                &stored.industry,
            ),
            town: or_code(reference::town(&stored.town).map(|(_, one)| one.name), &stored.town),
            owners: stored
                .owners
                .iter()
                .map(|owner: &Owner| owner.label())
                .collect::<Vec<_>>()
                .join("、"),
            terms: format!("至 {}，授权书第 {} 版", stored.terms.until, stored.terms.text_version),
            files: files
                .iter()
                .map(|file| FileRow {
                    id: file.id,
                    purpose: file.purpose.label(),
                    name: file.name.clone(),
                    size: size(file.media_type, file.size_bytes),
                })
                .collect(),
            speakers: speakers.join("、"),
            is_known: known_as.is_some(),
            known_as: known_as
                .as_ref()
                .filter(|name| **name != stored.enterprise_name)
                .cloned()
                .unwrap_or_default(),
            waits,
            decided: decided.unwrap_or_default(),
            reason: String::new(),
            wrongs: Wrongs::default(),
            row: RegistrationRow::new(stored, waits && !speakers.is_empty()),
        }
    }
}
