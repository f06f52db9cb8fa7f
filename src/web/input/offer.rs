//! The short forms with which offers are decided on.

use super::form::many;
use crate::domain::consent::Terms;
use crate::domain::typed;
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

/// A revision, and why.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct OfferReasonForm {
    /// The revision that was seen.
    #[validate(length(max = 12))]
    pub revision: String,
    /// The words, as typed.
    #[validate(length(max = 4000))]
    pub reason: String,
}

impl OfferReasonForm {
    /// The revision that was seen; no revision is 0, so what can't be read is refused like an old one.
    #[must_use]
    pub fn revision(&self) -> i32 {
        self.revision.parse().unwrap_or(0)
    }
}

/// Several offers.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct OffersForm {
    /// Their ids.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 100))]
    pub offer: Vec<String>,
}

impl OffersForm {
    /// Those that are ids.
    #[must_use]
    pub fn ids(&self) -> Vec<Uuid> {
        self.offer.iter().filter_map(|text| text.parse().ok()).collect()
    }
}

/// An acceptance.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct AcceptForm {
    /// The revision that was seen.
    #[validate(length(max = 12))]
    pub revision: String,
    /// The version of the text that was shown.
    #[validate(length(max = 12))]
    pub text_version: String,
    /// The last day, as typed.
    #[validate(length(max = 64))]
    pub until: String,
    /// Ticked: agreed.
    #[validate(length(max = 8))]
    pub agree: String,
}

impl AcceptForm {
    /// The revision, and what is agreed to.
    ///
    /// # Errors
    /// The field to put right, and what to do.
    pub fn read(&self) -> Result<(i32, Terms), (&'static str, &'static str)> {
        let until = typed::day(&self.until).ok_or(("until", "日期请写作 2026-11-23"))?;
        if self.agree != "yes" {
            return Err(("agree", "请先看清上面写明的后果，再勾选同意"));
        }
        let terms = Terms {
            text_version: self.text_version.parse().unwrap_or(0),
            until,
        };
        Ok((self.revision.parse().unwrap_or(0), terms))
    }
}
