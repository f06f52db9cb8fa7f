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
