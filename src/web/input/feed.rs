//! The forms around facts that are handed in, disputes, keys and calendars.

use super::upload::WithFiles;
use crate::config::Limits;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::dispute::{DisputeKind, Outcome};
use crate::domain::holiday::{Holiday, HolidayKind};
use crate::domain::lpr::Lpr;
use crate::domain::typed;
use serde::Deserialize;
use validator::Validate;

/// A file of facts; it stands in a part of its own.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct FactsFile {}

impl WithFiles for FactsFile {
    const FILES: &'static [&'static str] = &["file"];

    fn most(limits: &Limits) -> usize {
        limits.facts_kib * 1024
    }
}

/// Confirms a plan that was shown.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    /// The plan's name.
    #[validate(length(max = 64))]
    pub plan: String,
}

/// What an enterprise says of a value.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct DisputeForm {
    /// `wrong` or `please_verify`.
    #[validate(length(max = 20))]
    pub kind: String,
    /// Why.
    #[validate(length(max = 2000))]
    pub note: String,
}

impl DisputeForm {
    /// What is said.
    #[must_use]
    pub fn kind(&self) -> Option<DisputeKind> {
        DisputeKind::find(&self.kind)
    }
}

/// What an owner answers.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerForm {
    /// What came of it.
    #[validate(length(max = 20))]
    pub outcome: String,
    /// In words.
    #[validate(length(max = 2000))]
    pub text: String,
}

impl AnswerForm {
    /// What came of it.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        Outcome::find(&self.outcome)
    }
}

/// A key to be made.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct KeyForm {
    /// The department's code.
    #[validate(length(max = 64))]
    pub department: String,
    /// What people call it.
    #[validate(length(max = 400))]
    pub name: String,
}

/// An announcement of the LPR, in percent as people type it.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct LprForm {
    /// The day.
    #[validate(length(max = 40))]
    pub date: String,
    /// 1-year.
    #[validate(length(max = 40))]
    pub one_year: String,
    /// 5-year-plus.
    #[validate(length(max = 40))]
    pub five_year: String,
}

impl LprForm {
    /// The announcement.
    ///
    /// # Errors
    /// The field, and what to do about it.
    pub fn lpr(&self) -> Result<Lpr, (&'static str, &'static str)> {
        let percent = "请填百分数，最多两位小数，例如 3.00";
        Ok(Lpr {
            announced_on: day(&self.date).ok_or(("date", "请填公布日期，例如 2026-11-20"))?,
            one_year_bp: typed::bp_of_percent(&self.one_year).ok_or(("one_year", percent))?,
            five_year_bp: typed::bp_of_percent(&self.five_year).ok_or(("five_year", percent))?,
        })
    }
}

fn day(text: &str) -> Option<Day> {
    typed::day(text.trim())
}

/// A day of the working-day calendar.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct HolidayForm {
    /// The day.
    #[validate(length(max = 40))]
    pub date: String,
    /// `holiday` or `workday`.
    #[validate(length(max = 20))]
    pub kind: String,
    /// The holiday it belongs to.
    #[validate(length(max = 400))]
    pub name: String,
}

impl HolidayForm {
    /// The day.
    ///
    /// # Errors
    /// The field, and what to do about it.
    pub fn holiday(&self) -> Result<Holiday, (&'static str, &'static str)> {
        Ok(Holiday {
            date: day(&self.date).ok_or(("date", "请填日期，例如 2027-02-06"))?,
            kind: HolidayKind::find(&self.kind).ok_or(("kind", "请选放假或补班"))?,
            name: self.name.trim().to_owned(),
        })
    }
}
