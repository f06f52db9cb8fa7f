//! The form with which an enterprise tries its request under other terms.

use super::draft::Draft;
use super::fact::FactForm;
use super::form::many;
use crate::actions::what_if::Otherwise;
use crate::domain::codes::Code;
use crate::domain::facts::FactKey;
use crate::domain::request::Need;
use serde::Deserialize;
use validator::Validate;

/// What is taken to be otherwise, as typed.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct WhatIfForm {
    /// The amount in 万元.
    #[validate(length(max = 64))]
    pub amount: String,
    /// The term in months.
    #[validate(length(max = 64))]
    pub term_months: String,
    /// Codes of the guarantees.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    pub guarantees: Vec<String>,
    /// The fact that is another; empty where none is.
    #[validate(length(max = 64))]
    pub fact: String,
    /// The fact whose field the page had.
    #[validate(length(max = 64))]
    pub shown: String,
    /// What was entered in that field.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    pub value: Vec<String>,
}

impl WhatIfForm {
    /// Everything as it is asked for.
    #[must_use]
    pub fn of(need: &Need) -> Self {
        Self {
            amount: need.amount_fen.to_wan(),
            term_months: need.term_months.to_string(),
            guarantees: need.guarantees.iter().map(|one| one.code().to_owned()).collect(),
            ..Self::default()
        }
    }

    /// The fact that is taken to be another.
    #[must_use]
    pub fn key(&self) -> Option<FactKey> {
        FactKey::find(&self.fact).filter(|key| !key.is_derived())
    }

    /// Whether a fact was chosen whose field the page did not have yet.
    #[must_use]
    pub fn wants_field(&self) -> bool {
        self.fact != self.shown && self.key().is_some()
    }

    /// The value as it was entered.
    #[must_use]
    pub fn value(&self) -> FactForm {
        FactForm {
            value: if self.fact == self.shown {
                self.value.clone()
            } else {
                Vec::new()
            },
        }
    }

    /// What is otherwise than in this need.
    ///
    /// # Errors
    /// The fields to be put right, each with what to do.
    pub fn read(&self, need: &Need) -> Result<Otherwise, Vec<(&'static str, String)>> {
        let draft = Draft {
            amount: self.amount.clone(),
            term_months: self.term_months.clone(),
            guarantees: self.guarantees.clone(),
            ..Draft::from(need)
        };
        let mut wrong = Vec::new();
        let tried = Need::try_from(&draft)
            .map_err(|errors| wrong.extend(errors.into_iter().map(|one| (one.field, one.message))))
            .ok();
        let mut facts = Vec::new();
        if let Some(key) = self.key() {
            match self.value().scalar(key) {
                Ok(scalar) => facts.push((key, scalar)),
                Err(advice) => wrong.push(("value", advice.to_owned())),
            }
        }
        match tried {
            Some(tried) if wrong.is_empty() => Ok(Otherwise {
                amount_fen: Some(tried.amount_fen),
                term_months: Some(tried.term_months),
                guarantees: Some(tried.guarantees),
                facts,
            }),
            _ => Err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scalar::Scalar;

    fn need() -> Need {
        serde_json::from_value(serde_json::json!({
            "amount_fen": 100_000_000, "term_months": 12, "purpose": "working_capital", "guarantees": ["credit"],
        }))
        .expect("it has the shape")
    }

    fn fields(form: &WhatIfForm) -> Vec<&'static str> {
        let wrong = form.read(&need()).expect_err("something is wrong");
        wrong.into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn what_was_not_touched_is_as_it_was() {
        let otherwise = WhatIfForm::of(&need()).read(&need()).expect("nothing is wrong");
        assert_eq!(otherwise.amount_fen, Some(need().amount_fen));
        assert!(otherwise.facts.is_empty());
    }

    #[test]
    fn a_value_belongs_to_the_fact_whose_field_was_there() {
        let chosen = WhatIfForm {
            fact: "tier".to_owned(),
            shown: "employees".to_owned(),
            value: vec!["12".to_owned()],
            ..WhatIfForm::of(&need())
        };
        assert!(chosen.wants_field());
        assert_eq!(fields(&chosen), ["value"], "twelve is no tier");
        let filled = WhatIfForm {
            shown: "tier".to_owned(),
            value: vec!["specialised".to_owned()],
            ..chosen
        };
        assert!(!filled.wants_field());
        let otherwise = filled.read(&need()).expect("nothing is wrong");
        assert_eq!(
            otherwise.facts,
            [(FactKey::Tier, Scalar::Text("specialised".to_owned()))]
        );
    }

    #[test]
    fn what_is_wrong_is_told_at_once() {
        let wrong = WhatIfForm {
            amount: "很多".to_owned(),
            term_months: "0".to_owned(),
            guarantees: Vec::new(),
            fact: "employees".to_owned(),
            shown: "employees".to_owned(),
            ..WhatIfForm::default()
        };
        assert_eq!(fields(&wrong), ["amount", "term_months", "guarantees", "value"]);
    }
}
