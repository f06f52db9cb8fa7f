//! The sign-in form.

use crate::config::Secret;
use serde::Deserialize;
use validator::Validate;

/// Address and password; neither is held against a rule here, so that nobody learns which one it breaks.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SignInForm {
    /// The account's address.
    #[validate(length(max = 1000))]
    pub email: String,
    /// Its password.
    pub password: Secret,
}

/// A form without fields of its own.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Empty {}
