//! A scope as the two values that a WHERE clause compares with: one is given, the other NULL, which
//! equals nothing. So one query serves both kinds of scope, and neither can be forgotten.

use crate::domain::actor::Scope;

/// The two values.
pub(super) trait Tenant {
    /// The organisation's id, where the scope is one organisation.
    fn organisation(&self) -> Option<String>;
    /// The district's code, where the scope is a district.
    fn district(&self) -> Option<&str>;
}

impl Tenant for Scope {
    fn organisation(&self) -> Option<String> {
        match self {
            Self::Organisation(id) => Some(id.to_string()),
            Self::District(_) => None,
        }
    }

    fn district(&self) -> Option<&str> {
        match self {
            Self::Organisation(_) => None,
            Self::District(code) => Some(code),
        }
    }
}
