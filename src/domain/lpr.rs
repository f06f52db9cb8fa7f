//! LPR, the loan prime rate: announced monthly, in two terms.

use super::codes::RateBase;
use super::dates::Day;
use super::invalid::{Problems, Rule};
use super::rate::bp_of_percent;
use serde::{Deserialize, Serialize};

/// One announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lpr {
    /// The day of the announcement, from which it holds.
    pub announced_on: Day,
    /// 1-year, in bp.
    pub one_year_bp: i64,
    /// 5-year-plus, in bp.
    pub five_year_bp: i64,
}

/// Above this many months a rate "by term" stands on the 5-year LPR.
pub const ONE_YEAR_UP_TO_MONTHS: u32 = 60;

/// A row of the table as it stands in files: percents are texts, so that none is a float.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LprForm {
    /// The day of the announcement.
    pub date: String,
    /// 1-year, in percent with at most two decimals.
    #[serde(rename = "1y")]
    pub one_year: String,
    /// 5-year-plus, likewise.
    #[serde(rename = "5y")]
    pub five_year: String,
}

impl Lpr {
    /// Reads a row of the table: a date and two percents with at most two decimals.
    ///
    /// # Errors
    /// Each field that is wrong, by its column's name.
    pub fn parse(date: &str, one_year: &str, five_year: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let percent = |text: &str| bp_of_percent(text.trim()).ok_or(Rule::WrongType("最多两位小数的百分数"));
        let announced_on = problems.take("date", date.trim().parse().map_err(|_ignored| Rule::Date));
        let one_year_bp = problems.take("1y", percent(one_year));
        let five_year_bp = problems.take("5y", percent(five_year));
        match (announced_on, one_year_bp, five_year_bp) {
            (Some(announced_on), Some(one_year_bp), Some(five_year_bp)) => Ok(Self {
                announced_on,
                one_year_bp,
                five_year_bp,
            }),
            _ => Err(problems),
        }
    }

    /// Holds the rows of a file against every rule, that each is later than the one before among them.
    pub fn parse_ascending() -> impl FnMut(LprForm) -> Result<Self, Problems> {
        let mut last: Option<Day> = None;
        move |form| {
            let row = Self::parse(&form.date, &form.one_year, &form.five_year)?;
            if last.is_some_and(|last| row.announced_on <= last) {
                let mut problems = Problems::default();
                problems.add("date", Rule::Inverted);
                return Err(problems);
            }
            last = Some(row.announced_on);
            Ok(row)
        }
    }

    /// The rate in bp that a product's spread stands on.
    #[must_use]
    pub const fn base_bp(&self, base: RateBase, term_months: u32) -> i64 {
        match base {
            RateBase::Lpr5y => self.five_year_bp,
            RateBase::LprByTerm if term_months > ONE_YEAR_UP_TO_MONTHS => self.five_year_bp,
            RateBase::Lpr1y | RateBase::LprByTerm => self.one_year_bp,
            RateBase::Fixed => 0,
        }
    }
}

/// The announcements in the order of their days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LprTable(Vec<Lpr>);

impl LprTable {
    /// The table of these announcements, or the place of the first one that is not later than the
    /// one before it.
    ///
    /// # Errors
    /// The index of the row that is out of order.
    pub fn new(rows: Vec<Lpr>) -> Result<Self, usize> {
        let out_of_order = rows.windows(2).position(|pair| match pair {
            [earlier, later] => earlier.announced_on >= later.announced_on,
            _ => false,
        });
        out_of_order.map_or(Ok(Self(rows)), |place| Err(place + 1))
    }

    /// The last announcement on or before `day`.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<Lpr> {
        let after = self.0.partition_point(|lpr| lpr.announced_on <= day);
        after.checked_sub(1).and_then(|place| self.0.get(place)).copied()
    }

    /// Every announcement, earliest first.
    #[must_use]
    pub fn rows(&self) -> &[Lpr] {
        &self.0
    }
}
