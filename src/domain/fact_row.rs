//! A row of a file of facts: one value of one enterprise.

use super::dates::Day;
use super::enterprise::Fact;
use super::facts::FactKey;
use super::invalid::{Problems, Rule};
use super::product::CODE_CHARS;
use super::profile::Held;
use super::scalar::Scalar;
use super::uscc::Uscc;
use serde::{Deserialize, Serialize};

/// A row as it stands in files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactRowForm {
    /// The enterprise's credit code.
    pub uscc: String,
    /// Key of the fact.
    pub fact: String,
    /// The value.
    pub value: Scalar,
    /// Whether the fact's owner vouches for it.
    pub verified: bool,
    /// The day for which it was true.
    pub observed_on: Day,
    /// The last day on which it holds; none: as long as the table of facts says.
    #[serde(default)]
    pub valid_until: Option<Day>,
    /// Code of the bank that it is about.
    #[serde(default)]
    pub bank: Option<String>,
}

/// A row of a file that the facts' owner hands in itself, and so vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedForm {
    /// The enterprise's credit code.
    uscc: String,
    /// Key of the fact.
    fact: String,
    /// The value.
    value: Scalar,
    /// May be said, and is always true.
    #[serde(default)]
    verified: Option<bool>,
    /// The day for which it was true.
    observed_on: Day,
    /// The last day on which it holds; none: as long as the table of facts says.
    #[serde(default)]
    valid_until: Option<Day>,
    /// Code of the bank that it is about.
    #[serde(default)]
    bank: Option<String>,
}

impl TryFrom<HandedForm> for FactRowForm {
    type Error = Problems;

    fn try_from(form: HandedForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.check(form.verified == Some(false), "verified", || {
            Rule::WrongType("true：提供方导入的都是核验过的值")
        });
        problems.or(Self {
            uscc: form.uscc,
            fact: form.fact,
            value: form.value,
            verified: true,
            observed_on: form.observed_on,
            valid_until: form.valid_until,
            bank: form.bank,
        })
    }
}

/// A row that holds every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// The enterprise.
    pub uscc: Uscc,
    /// What is known; it has an end where the table of facts gives one.
    pub held: Held,
    /// Code of the bank that it is about.
    pub bank: Option<String>,
}

impl FactRow {
    /// Holds the form against every rule.
    ///
    /// # Errors
    /// Each rule that is broken, with the path of its field.
    pub fn parse(form: FactRowForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let uscc = problems.take(
            "uscc",
            form.uscc.parse::<Uscc>().map_err(|reason| Rule::Uscc(reason.code())),
        );
        let key = problems.take("fact", stored_key(&form.fact));
        let value = key.and_then(|key| problems.take("value", key.value(&form.value)));
        problems.check(
            form.valid_until.is_some_and(|until| until < form.observed_on),
            "valid_until",
            || Rule::Inverted,
        );
        if let Some(bank) = &form.bank {
            problems.text("bank", bank, CODE_CHARS);
        }
        let (Some(uscc), Some(key), Some(value)) = (uscc, key, value) else {
            return Err(problems);
        };
        let valid_until = form
            .valid_until
            .or_else(|| key.spec().shelf_life.ends(form.observed_on));
        let fact = Fact {
            value,
            verified: form.verified,
            valid_until,
        };
        problems.or(Self {
            uscc,
            held: Held {
                key,
                fact,
                observed_on: form.observed_on,
            },
            bank: form.bank,
        })
    }
}

fn stored_key(code: &str) -> Result<FactKey, Rule> {
    match FactKey::find(code) {
        Some(key) if key.is_derived() => Err(Rule::Derived),
        Some(key) => Ok(key),
        None => Err(Rule::UnknownCode(code.to_owned())),
    }
}
