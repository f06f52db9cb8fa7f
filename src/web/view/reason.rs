//! One check in words: what is asked, what there is, how far apart they are, and who says so.

mod built_in;
mod fact;

use super::source::{Known, Source};
use crate::domain::codes::Code;
use crate::domain::criteria::{CriterionForm, State};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::request::Need;
use crate::domain::sheet::ShownProduct;
use crate::domain::verdict::{BuiltIn, CheckOutcome};
use built_in::built_in_reason;
use fact::fact_reason;

/// What a check is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What was asked for.
    pub need: &'a Need,
    /// The product.
    pub product: &'a ShownProduct,
    /// What was known.
    pub known: Known<'a>,
}

impl Context<'_> {
    /// Whether the product takes only a verified value of this fact.
    #[must_use]
    pub fn must_be_verified(&self, key: FactKey) -> bool {
        let asks = |one: &CriterionForm| one.verified == Some(true) && one.fact.as_deref() == Some(key.code());
        let criteria = &self.product.form.criteria;
        criteria
            .iter()
            .any(|one| asks(one) || one.any.iter().flatten().any(asks))
    }

    /// Why a fact counts as unknown, and who could change that.
    #[must_use]
    pub fn why_unknown(&self, key: FactKey) -> String {
        self.known.why_unknown(key, self.must_be_verified(key))
    }
}

/// A check in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The fact's key or the check's code.
    pub check: String,
    /// What is looked at.
    pub label: String,
    /// What joins the two in a sentence.
    pub verb: &'static str,
    /// What is asked for.
    pub needed: String,
    /// What there is.
    pub actual: String,
    /// How far apart they are; empty where the check is met.
    pub gap: String,
    /// Who says what there is.
    pub source: Source,
    /// What it came to.
    pub state: State,
    /// When time alone will meet it.
    pub met_on: Option<Day>,
    /// The members of an `any`.
    pub members: Vec<Reason>,
}

impl Reason {
    /// The word for what it came to.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.state {
            State::Met => "满足",
            State::Unmet => "未满足",
            State::Unknown => "待补",
        }
    }

    /// The colour of that word's tag.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self.state {
            State::Met => "ok",
            State::Unmet => "near",
            State::Unknown => "need",
        }
    }

    /// The check in one line, for one that is met.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}{}，现为{}", self.label, self.asked(), self.found())
    }

    /// What is asked for, as it follows the label in a sentence.
    #[must_use]
    pub fn asked(&self) -> String {
        format!("{}{}", self.verb, spaced(&self.needed))
    }

    /// What there is, as it follows a word in a sentence.
    #[must_use]
    pub fn found(&self) -> String {
        spaced(&self.actual)
    }

    /// Puts a check into words.
    #[must_use]
    pub fn of(check: &CheckOutcome, context: &Context<'_>) -> Self {
        let mut reason = if let Some(built_in) = BuiltIn::find(&check.check) {
            built_in_reason(built_in, check, context)
        } else if let Some(key) = FactKey::find(&check.check) {
            fact_reason(key, check, context)
        } else {
            any_reason(check, context)
        };
        if reason.state == State::Met {
            reason.gap.clear();
        }
        reason
    }
}

/// With a space before a figure or a Latin letter, as Chinese text has it.
fn spaced(text: &str) -> String {
    let space = if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        " "
    } else {
        ""
    };
    format!("{space}{text}")
}

fn reason(check: &CheckOutcome, label: String, source: Source) -> Reason {
    Reason {
        check: check.check.clone(),
        label,
        verb: "",
        needed: String::new(),
        actual: String::new(),
        gap: String::new(),
        source,
        state: check.state,
        met_on: check.met_on,
        members: Vec::new(),
    }
}

fn from_request(context: &Context<'_>) -> Source {
    Source {
        name: "本次需求".to_owned(),
        date: context.known.as_of.to_string(),
        standing: None,
    }
}

fn any_reason(check: &CheckOutcome, context: &Context<'_>) -> Reason {
    let members: Vec<Reason> = check.members.iter().map(|member| Reason::of(member, context)).collect();
    let joined = |part: fn(&Reason) -> String, by: &str| members.iter().map(part).collect::<Vec<_>>().join(by);
    let source = members
        .first()
        .map_or_else(|| from_request(context), |first| first.source.clone());
    Reason {
        verb: "须满足：",
        needed: joined(|member| format!("{}{}", member.label, member.asked()), "，或"),
        actual: joined(|member| format!("{}{}", member.label, member.found()), "；"),
        gap: if check.state == State::Unmet {
            "一项都未满足".to_owned()
        } else {
            String::new()
        },
        members,
        ..reason(check, "其中一项".to_owned(), source)
    }
}
