//! 异议: what an enterprise says of a value to its owner, and what the owner answers.

use super::codes::{Code, codes};
use super::invalid::Problems;
use super::machine::Refused;

codes! {
    /// What is said.
    DisputeKind {
        Wrong = "wrong" "数据异议",
        PleaseVerify = "please_verify" "核验申请",
    }
}

codes! {
    /// Where a dispute is in its life.
    DisputeState {
        Open = "open" "待答复",
        Answered = "answered" "已答复",
    }
}

codes! {
    /// What came of it.
    Outcome {
        Corrected = "corrected" "已更正",
        Confirmed = "confirmed" "核对无误",
        Verified = "verified" "已核验",
        Refused = "refused" "不予受理",
    }
}

impl DisputeState {
    /// The state after an answer, which must be one for what was said.
    ///
    /// # Errors
    /// Whatever this table does not name.
    pub fn answer(self, kind: DisputeKind, outcome: Outcome) -> Result<Self, Refused> {
        match (self, kind, outcome) {
            (Self::Open, DisputeKind::Wrong, Outcome::Corrected | Outcome::Confirmed | Outcome::Refused)
            | (Self::Open, DisputeKind::PleaseVerify, Outcome::Verified | Outcome::Corrected | Outcome::Refused) => {
                Ok(Self::Answered)
            }
            (state, _, outcome) => Err(Refused {
                machine: Self::LIST,
                state: state.code(),
                label: state.label(),
                event: outcome.code(),
            }),
        }
    }
}

/// The longest reason and the longest answer.
pub const TEXT_CHARS: usize = 500;

/// A reason or an answer: one to 500 characters, line breaks allowed, nothing invisible.
///
/// # Errors
/// What is wrong with `field`.
pub fn checked_text(field: &str, text: &str) -> Result<String, Problems> {
    let text = text.trim().replace("\r\n", "\n");
    let mut problems = Problems::default();
    // A line break is the one control character that a person types.
    problems.text(field, &text.replace('\n', " "), TEXT_CHARS);
    problems.or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_there_short_and_visible() {
        assert_eq!(checked_text("note", " 一\r\n二 ").as_deref(), Ok("一\n二"));
        for bad in ["", " \n ", "a\u{202e}b", "a\0b", &"长".repeat(501)] {
            assert!(checked_text("note", bad).is_err(), "{bad:?}");
        }
    }
}
