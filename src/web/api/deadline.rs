//! How long there is to a deadline, in one shape wherever something that has one is shown.

use crate::actions::deadlines::Left;
use crate::domain::dates::Day;
use serde::Serialize;
use utoipa::ToSchema;

/// A deadline of something that waits.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct DeadlineView {
    /// The last day.
    #[schema(value_type = String, format = Date)]
    due_on: Day,
    /// Working days up to and with that day, today not counted; of one that is over, those since.
    working_days: usize,
    /// Whether that day is over.
    is_late: bool,
}

impl From<Left> for DeadlineView {
    fn from(left: Left) -> Self {
        Self {
            due_on: left.due_on,
            working_days: left.working_days,
            is_late: left.is_over,
        }
    }
}
