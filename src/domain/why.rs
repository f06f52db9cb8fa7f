//! Why something was refused or ended: a code of a list, and the reader's own words beside it.

use super::codes::Code;
use super::invalid::{Problems, Rule};
use serde::{Deserialize, Serialize};

/// The most characters of the words.
pub const WORDS_CHARS: usize = 300;
/// The code of each list that says nothing without words.
const OTHER: &str = "other";

/// A reason of a list, with words where the list's do not say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why<R> {
    /// The reason.
    pub reason: R,
    /// What else is said of it.
    pub text: Option<String>,
}

impl<R: Code> Why<R> {
    /// Holds it against every rule: words are needed where the reason is none of the list.
    ///
    /// # Errors
    /// Each rule that is broken, with its field.
    pub fn parse(reason: R, text: Option<&str>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        match text {
            Some(text) => problems.text("text", text, WORDS_CHARS),
            None => problems.check(reason.code() == OTHER, "text", || Rule::Required),
        }
        problems.or(Self {
            reason,
            text: text.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::referral::DeclineReason;
    use crate::domain::request::UnservedReason;

    #[test]
    fn words_are_needed_only_for_what_no_code_says() {
        assert!(Why::parse(DeclineReason::Term, Some("  ")).is_ok_and(|why| why.text.is_none()));
        assert!(Why::parse(DeclineReason::Term, Some(" 太长 ")).is_ok_and(|why| why.text.as_deref() == Some("太长")));
        assert!(Why::parse(DeclineReason::Other, None).is_err());
        assert!(Why::parse(UnservedReason::Other, Some("\u{202e}")).is_err());
        let long = "长".repeat(WORDS_CHARS + 1);
        assert!(Why::parse(UnservedReason::Amount, Some(&long)).is_err());
    }
}
