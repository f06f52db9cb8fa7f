//! Days on which working time differs from the week's: holidays, and weekends worked instead.

use super::dates::Day;
use super::invalid::Problems;
use super::product::NAME_CHARS;

super::codes::codes! {
    /// How a listed day differs from its day of the week.
    HolidayKind {
        Holiday = "holiday" "放假",
        Workday = "workday" "补班",
    }
}

/// A listed day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day.
    pub date: Day,
    /// Whether it is off or worked.
    pub kind: HolidayKind,
    /// The holiday it belongs to.
    pub name: String,
}

impl Holiday {
    /// Holds the row against every rule.
    ///
    /// # Errors
    /// Each rule that is broken, with the path of its field.
    pub fn check(self) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.text("name", &self.name, NAME_CHARS);
        problems.or(self)
    }
}
