//! What administrators search for.

use crate::actions::audit::Search;
use crate::clock::start_of;
use crate::domain::dates::Day;
use crate::domain::invalid::{Problems, Rule};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use validator::Validate;

/// A search in the audit log, as it stands in the address; what is empty does not narrow.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct AuditQuery {
    /// The code of what was done.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// The code of the organisation that did it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub organisation: String,
    /// From this day on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Up to this day, which is in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// `next` of the page before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
    /// How many, 1 to 200; 50 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// How mail is let go that is held.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReleaseForm {
    /// Only what was written since the restore.
    pub only_new: Option<Ticked>,
}

/// A box that was ticked; one that was not is not sent.
#[derive(Clone, Copy, Debug, Deserialize)]
pub enum Ticked {
    /// It was.
    #[serde(rename = "yes")]
    Yes,
}

impl AuditQuery {
    /// What is searched for.
    ///
    /// # Errors
    /// A day that is none.
    pub fn search(&self) -> Result<Search, Problems> {
        let mut problems = Problems::default();
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut day = |field: &str, text: &str| {
            let text = text.trim();
            let parsed = (!text.is_empty()).then(|| text.parse::<Day>().map_err(|_error| Rule::Date));
            parsed.and_then(|parsed| problems.take(field, parsed))
        };
        let (from, to) = (day("from", &self.from), day("to", &self.to));
        problems.or(Search {
            action: given(&self.action),
            organisation: given(&self.organisation),
            from: from.map(start_of),
            until: to.map(|day| start_of(day.plus_days(1))),
        })
    }
}
