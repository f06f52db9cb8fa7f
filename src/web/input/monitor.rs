//! What is asked of the monitor.

use crate::actions::monitor::Asked;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::monitor::{Dimension, Measure, MonitorTable, Slice};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// What is asked for, as it stands in the address; what is empty does not narrow.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MonitorQuery {
    /// From this day; unless given, the first of the month eleven months before the last day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Up to this day, which is in it; today unless given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// Only this bank's, by its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bank: String,
    /// Only products of this kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Only this guarantee class.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guarantee: String,
    /// What a series goes along: `month`, `bank`, `kind` or `guarantee`; `month` unless given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// Which table a file holds: `funnel`, `month`, `bank`, `kind`, `guarantee` or `unserved`; `month` unless given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub table: String,
}

impl MonitorQuery {
    /// What narrows.
    ///
    /// # Errors
    /// Each day and each code that is none.
    pub fn asked(&self) -> Result<Asked, Problems> {
        let mut problems = Problems::default();
        let asked = Asked {
            from: day(&mut problems, "from", &self.from),
            to: day(&mut problems, "to", &self.to),
            bank: Some(self.bank.clone()).filter(|code| !code.is_empty()),
            kind: code(&mut problems, "kind", &self.kind),
            guarantee: code(&mut problems, "guarantee", &self.guarantee),
            reason: None,
        };
        problems.or(asked)
    }

    /// What a series goes along.
    ///
    /// # Errors
    /// A code that is none.
    pub fn dimension(&self) -> Result<Dimension, Problems> {
        let mut problems = Problems::default();
        let by = code(&mut problems, "by", &self.by);
        problems.or(by.unwrap_or(Dimension::Month))
    }

    /// Which table a file holds.
    ///
    /// # Errors
    /// A code that is none.
    pub fn which_table(&self) -> Result<MonitorTable, Problems> {
        let mut problems = Problems::default();
        let table = code(&mut problems, "table", &self.table);
        problems.or(table.unwrap_or(MonitorTable::Month))
    }

    /// What asks for a slice.
    #[must_use]
    pub fn of(slice: &Slice) -> Self {
        let or_empty = |code: Option<&'static str>| code.unwrap_or_default().to_owned();
        Self {
            from: slice.from.to_string(),
            to: slice.to.to_string(),
            bank: slice.bank.clone().unwrap_or_default(),
            kind: or_empty(slice.kind.map(Code::code)),
            guarantee: or_empty(slice.guarantee.map(Code::code)),
            ..Self::default()
        }
    }
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RowsQuery {
    /// What they are counted as.
    pub measure: String,
    /// Of what nobody could serve, only what has this reason.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// From this day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Up to this day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// Only this bank's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bank: String,
    /// Only products of this kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Only this guarantee class.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guarantee: String,
    /// Which page of the list, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<usize>,
}

impl RowsQuery {
    /// What narrows, and what the rows are counted as.
    ///
    /// # Errors
    /// Each day and each code that is none.
    pub fn asked(&self) -> Result<(Asked, Measure), Problems> {
        let mut problems = Problems::default();
        let asked = Asked {
            from: day(&mut problems, "from", &self.from),
            to: day(&mut problems, "to", &self.to),
            bank: Some(self.bank.clone()).filter(|code| !code.is_empty()),
            kind: code(&mut problems, "kind", &self.kind),
            guarantee: code(&mut problems, "guarantee", &self.guarantee),
            reason: code(&mut problems, "reason", &self.reason),
        };
        let measure = code(&mut problems, "measure", &self.measure);
        problems.or((asked, measure.unwrap_or(Measure::Submitted)))
    }

    /// The address of the rows that a measure counts in a slice.
    #[must_use]
    pub fn of(slice: &Slice, measure: Measure) -> Self {
        let MonitorQuery {
            from,
            to,
            bank,
            kind,
            guarantee,
            ..
        } = MonitorQuery::of(slice);
        Self {
            measure: measure.code().to_owned(),
            reason: slice.reason.map_or_else(String::new, |reason| reason.code().to_owned()),
            from,
            to,
            bank,
            kind,
            guarantee,
            page: None,
        }
    }
}

fn day(problems: &mut Problems, field: &str, text: &str) -> Option<Day> {
    let text = text.trim();
    let parsed = (!text.is_empty()).then(|| text.parse().map_err(|_error| Rule::Date));
    parsed.and_then(|parsed| problems.take(field, parsed))
}

fn code<T: Code>(problems: &mut Problems, field: &str, text: &str) -> Option<T> {
    let found = || T::find(text).ok_or_else(|| Rule::UnknownCode(text.to_owned()));
    (!text.is_empty())
        .then(found)
        .and_then(|found| problems.take(field, found))
}
