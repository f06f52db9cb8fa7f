//! LPR, the working-day calendar and the keys of departments' systems, for administrators.

use super::shell::Shell;
use super::words;
use crate::actions::calendars::{LPR_DAYS, Warnings};
use crate::actions::feed::StoredFeedKey;
use crate::domain::codes::Code;
use crate::domain::holiday::Holiday;
use crate::domain::lpr::Lpr;
use askama::Template;
use chrono::Datelike;
use uuid::Uuid;

/// What the LPR's age is worth saying; empty where it is fresh.
#[must_use]
pub fn lpr_warning(warnings: &Warnings) -> String {
    match warnings.lpr_days {
        None => String::new(),
        Some(None) => "还没有录入 LPR，不能匹配。".to_owned(),
        Some(Some(days)) => {
            format!("最新的 LPR 公布于 {days} 天前（超过 {LPR_DAYS} 天），利率可能已经过时；LPR 每月 20 日公布。")
        }
    }
}

/// What the calendar's end is worth saying.
#[must_use]
pub fn calendar_warning(warnings: &Warnings) -> String {
    let year = warnings.unknown_year;
    if warnings.is_this_year {
        format!("{year} 年的放假安排还没有录入：今年的工作日只扣除了周末，期限可能算错。")
    } else {
        format!("{year} 年起的放假安排还没有录入：那以后的工作日只扣除周末。")
    }
}

/// Where an administrator begins.
#[derive(Template)]
#[template(path = "admin/home.html")]
pub struct AdminHome {
    /// Around it.
    pub shell: Shell,
    /// What the LPR's age is worth saying; empty where it is fresh.
    pub lpr: String,
    /// What the calendar's end is worth saying.
    pub calendar: String,
    /// Whether days are counted wrongly already.
    pub is_late: bool,
}

/// A rule that a form's field breaks: the field's id, and what to do.
pub type Advice = Option<(&'static str, String)>;

/// An announcement in the list.
#[derive(Clone, Debug)]
pub struct LprRow {
    /// The day.
    pub date: String,
    /// 1-year.
    pub one_year: String,
    /// 5-year-plus.
    pub five_year: String,
}

impl From<&Lpr> for LprRow {
    fn from(lpr: &Lpr) -> Self {
        Self {
            date: lpr.announced_on.to_string(),
            one_year: words::rate(lpr.one_year_bp),
            five_year: words::rate(lpr.five_year_bp),
        }
    }
}

/// The LPR.
#[derive(Template)]
#[template(path = "admin/lpr.html")]
pub struct LprPage {
    /// Around it.
    pub shell: Shell,
    /// The answer.
    pub heading: String,
    /// What the LPR's age is worth saying; empty where it is fresh.
    pub warning: String,
    /// The announcements, newest first.
    pub rows: Vec<LprRow>,
    /// What was typed: day, 1-year, 5-year.
    pub typed: [String; 3],
    /// What to do about what was typed.
    pub error: Advice,
    /// Whether one was just kept.
    pub saved: bool,
}

/// A listed day.
#[derive(Clone, Debug)]
pub struct HolidayRow {
    /// The day.
    pub date: String,
    /// Its day of the week.
    pub weekday: &'static str,
    /// The word for what it is.
    pub kind: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// The holiday it belongs to.
    pub name: String,
}

impl From<&Holiday> for HolidayRow {
    fn from(holiday: &Holiday) -> Self {
        use crate::domain::holiday::HolidayKind;
        use chrono::Weekday;
        Self {
            date: holiday.date.to_string(),
            weekday: match holiday.date.naive().weekday() {
                Weekday::Mon => "周一",
                Weekday::Tue => "周二",
                Weekday::Wed => "周三",
                Weekday::Thu => "周四",
                Weekday::Fri => "周五",
                Weekday::Sat => "周六",
                Weekday::Sun => "周日",
            },
            kind: holiday.kind.label(),
            class: match holiday.kind {
                HolidayKind::Holiday => "ok",
                HolidayKind::Workday => "near",
            },
            name: holiday.name.clone(),
        }
    }
}

/// The working-day calendar of a year.
#[derive(Template)]
#[template(path = "admin/holidays.html")]
pub struct HolidaysPage {
    /// Around it.
    pub shell: Shell,
    /// The answer.
    pub heading: String,
    /// What the calendar's end is worth saying.
    pub warning: String,
    /// Whether days are counted wrongly already.
    pub is_late: bool,
    /// Address, label, and whether it is shown, of each year.
    pub years: Vec<(String, String, bool)>,
    /// The year's days.
    pub rows: Vec<HolidayRow>,
    /// What was typed: day, name.
    pub typed: [String; 2],
    /// Code, label, and whether it is chosen.
    pub kinds: Vec<(&'static str, &'static str, bool)>,
    /// What to do about what was typed.
    pub error: Advice,
    /// Whether one was just kept.
    pub saved: bool,
}

/// A key in the list.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// The department.
    pub department: String,
    /// When it was made.
    pub created_at: String,
    /// When it last let in.
    pub last_used_at: String,
    /// The last number that it sent.
    pub sequence: String,
    /// When it was revoked; empty where it lets in.
    pub revoked_at: String,
}

impl From<&StoredFeedKey> for KeyRow {
    fn from(key: &StoredFeedKey) -> Self {
        Self {
            id: key.id,
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            department: key.organisation_name.clone(),
            created_at: words::minute(key.created_at),
            last_used_at: key.last_used_at.map_or_else(|| "还没有用过".to_owned(), words::minute),
            sequence: if key.sequence == 0 {
                "—".to_owned()
            } else {
                key.sequence.to_string()
            },
            revoked_at: key.revoked_at.map_or_else(String::new, words::minute),
        }
    }
}

/// The keys of departments' systems.
#[derive(Template)]
#[template(path = "admin/feed_keys.html")]
pub struct KeysPage {
    /// Around it.
    pub shell: Shell,
    /// The answer.
    pub heading: String,
    /// The key that was just made: shown once.
    pub made: Option<String>,
    /// The keys: those that let in first.
    pub rows: Vec<KeyRow>,
    /// Code, name, and whether it is chosen, of each department.
    pub departments: Vec<(String, String, bool)>,
    /// What was typed as the name.
    pub typed: String,
    /// What to do about what was typed.
    pub error: Advice,
    /// Whether one was just revoked.
    pub revoked: bool,
}
