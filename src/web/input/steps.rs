//! The short forms with which referrals and requests are moved on.

use serde::Deserialize;
use validator::Validate;

/// A reason of a list, and words.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReasonForm {
    /// Its code.
    #[validate(length(max = 32))]
    pub reason: String,
    /// The words, as typed.
    #[validate(length(max = 4000))]
    pub text: String,
}

/// One product.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ProductForm {
    /// Its code; empty where none was chosen.
    #[validate(length(max = 64))]
    pub product: String,
}

/// A product to propose.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReferForm {
    /// Its code; empty where none was chosen.
    #[validate(length(max = 64))]
    pub product: String,
    /// Why it is not the first, as typed.
    #[validate(length(max = 4000))]
    pub why: String,
}

/// What is agreed to.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct TermsForm {
    /// The version of the text that was shown.
    #[validate(length(max = 12))]
    pub text_version: String,
    /// The last day, as typed.
    #[validate(length(max = 64))]
    pub until: String,
    /// Whether the box was ticked.
    #[validate(length(max = 8))]
    pub agree: String,
}
