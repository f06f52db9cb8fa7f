//! The page on which an enterprise sees what each bank would see, and agrees.

use super::consents::{Paper, named};
use super::shell::Shell;
use crate::actions::referrals::Preview;
use crate::domain::consent::{LONGEST_DAYS, USUAL_DAYS, consent_text};
use crate::domain::dates::Day;
use askama::Template;

/// One bank and what it would see.
#[derive(Clone, Debug)]
pub struct BankCard {
    /// The bank's code.
    pub code: String,
    /// The bank.
    pub name: String,
    /// Whether it is kept in reserve.
    pub is_kept: bool,
    /// Whom to call there.
    pub contact: String,
    /// Codes and names of the products that were picked.
    pub products: Vec<(String, String)>,
    /// How many facts.
    pub count: usize,
    /// Their names.
    pub facts: String,
}

impl From<Preview> for BankCard {
    fn from(preview: Preview) -> Self {
        Self {
            code: preview.bank,
            name: preview.bank_name,
            is_kept: false,
            contact: preview.contact.unwrap_or_default(),
            products: preview.products,
            count: preview.facts.len(),
            facts: named(&preview.facts),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "enterprise/pick.html")]
pub struct PickPage {
    /// Around it.
    pub shell: Shell,
    /// The request's page.
    pub back: String,
    /// The request's number.
    pub number: String,
    /// Each bank.
    pub banks: Vec<BankCard>,
    /// The last day, as typed.
    pub until: String,
    /// The first day that it may be.
    pub earliest: String,
    /// The last day that it may be.
    pub latest: String,
    /// The text.
    pub paper: Paper,
    /// What to do about what was typed: the field and the sentence.
    pub error: Option<(&'static str, &'static str)>,
}

impl PickPage {
    /// The page for these banks.
    #[must_use]
    pub fn new(shell: Shell, back: String, number: String, previews: Vec<Preview>, today: Day) -> Self {
        Self {
            shell,
            back,
            number,
            banks: previews.into_iter().map(BankCard::from).collect(),
            until: today.plus_days(USUAL_DAYS).to_string(),
            earliest: today.to_string(),
            latest: today.plus_days(LONGEST_DAYS).to_string(),
            paper: consent_text().into(),
            error: None,
        }
    }

    /// The page again, with what was typed and what to do about it.
    #[must_use]
    pub fn again(mut self, until: &str, kept: &[String], error: (&'static str, &'static str)) -> Self {
        for bank in &mut self.banks {
            bank.is_kept = kept.contains(&bank.code);
        }
        Self {
            until: until.to_owned(),
            error: Some(error),
            ..self
        }
    }

    /// Whether a field is to be put right.
    #[must_use]
    pub fn is_wrong(&self, field: &str) -> bool {
        self.error.is_some_and(|(wrong, _)| wrong == field)
    }
}
