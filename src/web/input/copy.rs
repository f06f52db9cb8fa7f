//! The form behind each "change this and match again": a copy of a request with one field changed.

use super::draft::Draft;
use crate::domain::invalid::Rule;
use crate::web::error::Failure;
use serde::Deserialize;
use validator::Validate;

/// Which field changes to what, and where the copy opens.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CopyForm {
    /// The field; empty where nothing changes yet.
    #[validate(length(max = 40))]
    pub field: String,
    /// Its new value, or one more of its values.
    #[validate(length(max = 64))]
    pub value: String,
    /// The step of the form that opens.
    #[validate(length(max = 1))]
    pub step: String,
}

impl CopyForm {
    /// The draft with the change made.
    ///
    /// # Errors
    /// When the field is none that can be changed so.
    pub fn applied(self, mut draft: Draft) -> Result<Draft, Failure> {
        let add = |list: &mut Vec<String>, value: String| {
            // An empty list means "all": naming one more would narrow it.
            if !list.is_empty() && !list.contains(&value) {
                list.push(value);
            }
        };
        match self.field.as_str() {
            "" => {}
            "amount" => draft.amount = self.value,
            "term_months" => draft.term_months = self.value,
            "max_cost" => draft.max_cost = self.value,
            "kinds" => add(&mut draft.kinds, self.value),
            "guarantees" => add(&mut draft.guarantees, self.value),
            "repayment" => add(&mut draft.repayment, self.value),
            _ => return Err(Failure::field("field", Rule::UnknownKey(self.field))),
        }
        Ok(draft)
    }

    /// The step, 1 where it is none.
    #[must_use]
    pub fn step(&self) -> u8 {
        self.step
            .parse()
            .ok()
            .filter(|step| (1..=4).contains(step))
            .unwrap_or(1)
    }
}
