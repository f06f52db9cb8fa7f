//! The form that corrects what the registers say of an enterprise.

use crate::actions::enterprises::Correction;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::typed;
use serde::Deserialize;
use validator::Validate;

/// What an officer typed from the business licence.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct CorrectionForm {
    /// The version that was shown.
    #[validate(length(max = 10))]
    pub version: String,
    /// The name.
    #[validate(length(max = 200))]
    pub name: String,
    /// When it was founded; empty: stays as it is.
    #[validate(length(max = 20))]
    pub established_on: String,
}

impl CorrectionForm {
    /// The version that was shown. No version is 0, so what can't be read is refused like an old one.
    #[must_use]
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or_default()
    }

    /// The correction.
    ///
    /// # Errors
    /// Each field that can't be read.
    pub fn correction(&self) -> Result<Correction, Problems> {
        let mut problems = Problems::default();
        let name = problems.take("name", self.name.parse());
        let day = match self.established_on.trim() {
            "" => None,
            text => problems.take("established_on", typed::day(text).ok_or(Rule::Date)),
        };
        problems.or(Correction {
            name,
            established_on: day,
        })
    }
}
