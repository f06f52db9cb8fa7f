//! What an action can come to when it does not do what it was asked.

use super::feed::RefusedRow;
use crate::domain::invalid::{Problem, Problems};
use crate::domain::machine::Refused;
use crate::domain::session::Due;
use crate::matching::NoLpr;
use crate::store::{Abort, StoreError};

/// Why an action did not do what it was asked. Closed: the web maps each to one answer.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// Not there, or not for this actor to see.
    #[error("not found")]
    NotFound,
    /// For this actor to see but not to do.
    #[error("forbidden")]
    Forbidden,
    /// Address or password is wrong; which of them is not told.
    #[error("wrong address or password")]
    SignInFailed,
    /// The password is right, and a code of the second factor is needed too.
    #[error("a code of the second factor is needed")]
    SecondFactorNeeded,
    /// The code of the second factor is wrong, or was used before.
    #[error("wrong code of the second factor")]
    SecondFactorFailed,
    /// Something has to be done first, on a page.
    #[error("first: {0:?}")]
    Due(Due),
    /// Too many tries were wrong; this one was not looked at.
    #[error("too many tries, the next one in {seconds} s")]
    TooManyTries {
        /// How long to wait, in seconds.
        seconds: i64,
    },
    /// It may be done so often a day, and was.
    #[error("done as often as it may be today, the next one in {seconds} s")]
    TriesUsedUp {
        /// How long until the next day, in seconds.
        seconds: i64,
    },
    /// The input breaks rules.
    #[error("invalid input: {0}")]
    Invalid(Problems),
    /// The state of something does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Rows of a file that break rules.
    #[error("some rows cannot be taken up")]
    Rows(RefusedRows),
    /// A department's system sends a number that it has sent before, or a lower one.
    #[error("sequence {sent} was sent before")]
    Replayed {
        /// The number.
        sent: i64,
    },
    /// Someone else was faster.
    #[error("stale")]
    Stale,
    /// Worth another try in a moment.
    #[error("busy")]
    Busy,
    /// Nothing can be kept until the disk has room again.
    #[error("the disk is full")]
    Full,
    /// Matching needs an LPR, and there is none yet.
    #[error(transparent)]
    NoLpr(#[from] NoLpr),
    /// A fault of ours; the cause is for the log only.
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Rows of a file that break rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRows {
    /// Each with the rule.
    pub rows: Vec<RefusedRow>,
    /// Whether one of them holds what somebody else vouches for.
    pub is_foreign: bool,
}

impl ActionError {
    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            // Actions look before they insert; a duplicate that comes all the same was a race.
            StoreError::Stale | StoreError::Duplicate(_) => Self::Stale,
            StoreError::Busy => Self::Busy,
            StoreError::Full => Self::Full,
            StoreError::Database(cause) => Self::Internal(cause),
        }
    }
}

impl From<Problems> for ActionError {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl From<Problem> for ActionError {
    fn from(problem: Problem) -> Self {
        Self::Invalid(problem.into())
    }
}

impl Abort for ActionError {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}
