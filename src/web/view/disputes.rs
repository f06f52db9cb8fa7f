//! Disputes, as their owner and their enterprise see them.

use super::shell::Shell;
use super::source::Standing;
use super::words;
use crate::actions::disputes::{DisputeSheet, StoredDispute};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::dispute::{DisputeState, Outcome};
use crate::domain::sheet::KnownFact;
use askama::Template;

/// A dispute in a list or on its own.
#[derive(Clone, Debug)]
pub struct DisputeRow {
    /// Its page, for who answers.
    pub href: String,
    /// The enterprise.
    pub enterprise: String,
    /// Its credit code.
    pub uscc: String,
    /// The fact.
    pub fact: &'static str,
    /// The fact's key.
    pub key: &'static str,
    /// What is said.
    pub kind: &'static str,
    /// Why.
    pub note: String,
    /// The word for its state, or for what came of it.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// Whether it waits for an answer.
    pub is_open: bool,
    /// The answer in words.
    pub answer: String,
    /// Who answers.
    pub owner: &'static str,
    /// When it was said.
    pub raised_at: String,
    /// When it was answered; empty where it was not.
    pub answered_at: String,
}

impl DisputeRow {
    /// A dispute; `list` is where its owner's pages are.
    #[must_use]
    pub fn new(dispute: &StoredDispute, list: &str) -> Self {
        Self {
            href: format!("{list}/{}", dispute.id),
            enterprise: dispute.enterprise_name.clone(),
            uscc: dispute.uscc.to_string(),
            fact: dispute.key.label(),
            key: dispute.key.code(),
            kind: dispute.kind.label(),
            note: dispute.note.clone(),
            state: dispute.outcome.map_or(dispute.state.label(), Code::label),
            class: match dispute.outcome {
                None => "near",
                Some(Outcome::Refused) => "off",
                Some(_) => "ok",
            },
            is_open: dispute.state == DisputeState::Open,
            answer: dispute.answer.clone().unwrap_or_default(),
            owner: dispute.key.spec().owner.label(),
            raised_at: words::minute(dispute.raised_at),
            answered_at: dispute.answered_at.map_or_else(String::new, words::minute),
        }
    }
}

/// The disputes that somebody has to answer.
#[derive(Template)]
#[template(path = "feed/disputes.html")]
pub struct DisputesPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: String,
    /// Address, label, and whether it is shown, of each state.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// The disputes, newest first.
    pub rows: Vec<DisputeRow>,
    /// Whether one was just answered.
    pub answered: bool,
    /// Where older ones are; empty where there are none.
    pub next: String,
}

/// A value that is known.
#[derive(Clone, Debug)]
pub struct KnownRow {
    /// The value in words.
    pub value: String,
    /// How far it can be relied on.
    pub standing: Standing,
    /// Who says so.
    pub source: String,
    /// Since when.
    pub observed_on: String,
    /// Until when; empty where it has no end.
    pub until: String,
}

impl KnownRow {
    fn new(fact: &KnownFact, today: Day) -> Self {
        let kind = fact.key.spec().kind;
        let value = kind.value(&fact.value);
        Self {
            value: value.map_or_else(|_| "—".to_owned(), |value| kind.show(value)),
            standing: Standing::of(fact, today),
            source: match &fact.bank {
                Some(bank) if *bank != fact.source => format!("{}（{bank}）", fact.source),
                _ => fact.source.clone(),
            },
            observed_on: fact.observed_on.to_string(),
            until: fact.valid_until.map_or_else(String::new, |day| day.to_string()),
        }
    }
}

/// A dispute, for who has to answer it.
#[derive(Template)]
#[template(path = "feed/dispute.html")]
pub struct DisputePage {
    /// Around it.
    pub shell: Shell,
    /// The list of disputes.
    pub list: &'static str,
    /// Where new values are handed in.
    pub home: &'static str,
    /// The dispute.
    pub row: DisputeRow,
    /// What is known.
    pub known: Vec<KnownRow>,
    /// Code, label, explanation, and whether it is chosen, of each answer.
    pub outcomes: Vec<(&'static str, &'static str, &'static str, bool)>,
    /// What was typed.
    pub text: String,
    /// What to do about what was typed: the field's id, and the words.
    pub error: Option<(&'static str, String)>,
}

impl DisputePage {
    /// The page of a dispute.
    #[must_use]
    pub fn new(shell: Shell, list: &'static str, home: &'static str, sheet: &DisputeSheet, today: Day) -> Self {
        let dispute = &sheet.dispute;
        let fits = |outcome: &&Outcome| dispute.state.answer(dispute.kind, **outcome).is_ok();
        Self {
            shell,
            list,
            home,
            row: DisputeRow::new(dispute, list),
            known: sheet.known.iter().map(|fact| KnownRow::new(fact, today)).collect(),
            outcomes: Outcome::ALL
                .iter()
                .filter(fits)
                .map(|outcome| (outcome.code(), outcome.label(), explained(*outcome), false))
                .collect(),
            text: String::new(),
            error: None,
        }
    }

    /// The page again, with what was typed and what to do about it.
    #[must_use]
    pub fn again(mut self, outcome: &str, text: &str, error: (&'static str, String)) -> Self {
        for one in &mut self.outcomes {
            one.3 = one.0 == outcome;
        }
        text.clone_into(&mut self.text);
        self.error = Some(error);
        self
    }
}

const fn explained(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Corrected => "已重新导入正确的值",
        Outcome::Confirmed => "现有的值没有错",
        Outcome::Verified => "企业填报的值属实，保存为已核验",
        Outcome::Refused => "写明原因",
    }
}
