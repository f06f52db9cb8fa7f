//! Enterprises and what is known of them.

use super::dates::Day;
use super::facts::{FactKey, FactValue};
use super::invalid::{Problems, Rule};
use super::maps::UniqueMap;
use super::product::NAME_CHARS;
use super::scalar::Scalar;
use super::uscc::Uscc;
use serde::{Deserialize, Serialize};

/// One known value as it stands in files and the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactForm {
    /// The value.
    pub value: Scalar,
    /// Whether the fact's owner vouches for it.
    pub verified: bool,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Day>,
}

/// An enterprise as it stands in files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnterpriseForm {
    /// Its credit code.
    pub uscc: String,
    /// Its name.
    pub name: String,
    /// Verified date of establishment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub established_on: Option<Day>,
    /// What is known of it.
    pub facts: UniqueMap<FactKey, FactForm>,
}

/// A value that is known of an enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The value.
    pub value: FactValue,
    /// Whether the fact's owner vouches for it.
    pub verified: bool,
    /// The last day on which it holds.
    pub valid_until: Option<Day>,
}

impl Fact {
    /// Whether the value still holds on `day`.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_until.is_none_or(|until| day <= until)
    }
}

/// An enterprise whose form holds every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enterprise {
    /// Its credit code.
    pub uscc: Uscc,
    /// Its name.
    pub name: String,
    /// Verified date of establishment.
    pub established_on: Option<Day>,
    /// What is known of it, expired values too.
    pub facts: UniqueMap<FactKey, Fact>,
}

impl Enterprise {
    /// Holds the form against every rule.
    ///
    /// # Errors
    /// Each rule that is broken, with the path of its field.
    pub fn parse(form: EnterpriseForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let uscc = problems.take(
            "uscc",
            form.uscc.parse::<Uscc>().map_err(|reason| Rule::Uscc(reason.code())),
        );
        problems.text("name", &form.name, NAME_CHARS);
        let mut facts = UniqueMap::default();
        for (key, fact) in form.facts.iter() {
            if key.is_derived() {
                problems.add(format!("facts.{key}"), Rule::Derived);
            } else if let Some(value) = problems.take(format!("facts.{key}.value"), key.value(&fact.value)) {
                facts.set(
                    key,
                    Fact {
                        value,
                        verified: fact.verified,
                        valid_until: fact.valid_until,
                    },
                );
            }
        }
        match uscc {
            Some(uscc) => problems.or(Self {
                uscc,
                name: form.name,
                established_on: form.established_on,
                facts,
            }),
            None => Err(problems),
        }
    }

    /// The enterprise as it stands in files.
    #[must_use]
    pub fn form(&self) -> EnterpriseForm {
        let mut facts = UniqueMap::default();
        for (key, fact) in self.facts.iter() {
            let value = key.spec().kind.scalar(fact.value);
            facts.set(
                key,
                FactForm {
                    value,
                    verified: fact.verified,
                    valid_until: fact.valid_until,
                },
            );
        }
        EnterpriseForm {
            uscc: self.uscc.to_string(),
            name: self.name.clone(),
            established_on: self.established_on,
            facts,
        }
    }

    /// The fact as it holds on `day`: not the expired ones, and `age_months` counted to that day.
    #[must_use]
    pub fn fact_on(&self, key: FactKey, day: Day) -> Option<Fact> {
        if key == FactKey::AgeMonths {
            let months = day.whole_months_since(self.established_on?);
            return Some(Fact {
                value: FactValue(months),
                verified: true,
                valid_until: None,
            });
        }
        self.facts.get(key).copied().filter(|fact| fact.holds_on(day))
    }
}
