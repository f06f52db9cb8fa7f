//! The forms of signing in and of one's own account.

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

/// The second step of signing in.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CodeForm {
    /// Says that the first step was taken.
    pub ticket: Secret,
    /// The code of the app, or a recovery code.
    pub code: Secret,
}

/// A code of an app that is being set up.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewCodeForm {
    /// The code.
    pub code: Secret,
}

/// The password once more, for what a browser that was left open must not do.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CurrentForm {
    /// The password.
    pub current: Secret,
}

/// The password until now, and the new one twice.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordForm {
    /// The password until now.
    pub current: Secret,
    /// The new one.
    pub password: Secret,
    /// The new one once more.
    pub again: Secret,
}

/// A form without fields of its own.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Empty {}
