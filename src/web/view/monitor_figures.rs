//! The monitor's figures in words, each with the address of the rows behind it.

use super::words;
use crate::domain::money::{Fen, thousands};
use crate::domain::monitor::series::{Figures, Tally};
use crate::domain::monitor::{Measure, Slice};
use crate::web::input::monitor::RowsQuery;
use serde::Serialize;

/// What stands where nothing can be said.
const UNKNOWN: &str = "—";

/// A figure that may lead to the rows behind it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What it is.
    pub label: &'static str,
    /// The figure.
    pub text: String,
    /// What it is of; empty where that needs no saying.
    pub of: String,
    /// The rows behind it; empty where there are none.
    pub href: String,
}

/// An address with what it asks for.
#[must_use]
pub fn address(path: &str, query: &impl Serialize) -> String {
    // What is asked is texts and numbers: they can always be written.
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    format!("{path}?{query}")
}

/// An amount in 万元 to the 分.
#[must_use]
pub fn amount(fen: i64) -> String {
    format!("{} 万元", wan(fen))
}

/// An amount in 万元 to the 分, without its unit.
#[must_use]
pub fn wan(fen: i64) -> String {
    Fen::new(fen).map_or_else(|| UNKNOWN.to_owned(), Fen::to_wan)
}

/// A number, with thousands apart.
#[must_use]
pub fn count(number: i64) -> String {
    thousands(number.unsigned_abs())
}

/// The address of the rows that a measure counts in a slice.
#[must_use]
pub fn rows(slice: &Slice, measure: Measure) -> String {
    address("/centre/monitor/rows", &RowsQuery::of(slice, measure))
}

/// A rate or a share to the bp.
#[must_use]
pub fn percent(bp: Option<i64>) -> String {
    bp.map_or_else(|| UNKNOWN.to_owned(), words::rate)
}

/// With its sign, which a distance has.
#[must_use]
pub fn signed(bp: Option<i64>) -> String {
    match bp {
        None => UNKNOWN.to_owned(),
        Some(bp) if bp > 0 => format!("+{bp}"),
        Some(bp) if bp < 0 => format!("−{}", bp.unsigned_abs()),
        Some(_) => "0".to_owned(),
    }
}

/// The figures of a slice as cells.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    /// The slice.
    pub slice: &'a Slice,
    /// Its figures.
    pub figures: &'a Figures,
}

impl Cells<'_> {
    fn cell(&self, label: &'static str, text: String, of: String, measure: Measure) -> Cell {
        let has_rows = self.figures.tally(measure).number > 0;
        Cell {
            label,
            text,
            of,
            href: if has_rows {
                rows(self.slice, measure)
            } else {
                String::new()
            },
        }
    }

    /// An amount.
    #[must_use]
    pub fn amount(&self, label: &'static str, measure: Measure) -> Cell {
        let amount_fen = self.figures.tally(measure).amount_fen;
        self.cell(label, wan(amount_fen), String::new(), measure)
    }

    /// A number, and its amount beside it.
    #[must_use]
    pub fn tally(&self, label: &'static str, measure: Measure) -> Cell {
        let Tally { number, amount_fen } = self.figures.tally(measure);
        let of = if number > 0 { wan(amount_fen) } else { String::new() };
        self.cell(label, count(number), of, measure)
    }

    /// An average over what was paid out.
    #[must_use]
    pub fn average(&self, label: &'static str, text: String) -> Cell {
        self.cell(label, text, String::new(), Measure::Disbursements)
    }

    /// A share by amount, and its numbers beside it.
    fn share(&self, label: &'static str, part: Measure) -> Cell {
        let text = percent(self.figures.share_of_amount(part, Measure::Loans));
        self.cell(label, text, self.parts(part, Measure::Loans), part)
    }

    /// A share by number, with the numbers.
    fn rate_of(&self, label: &'static str, part: Measure, whole: Measure) -> Cell {
        let text = percent(self.figures.share_of_number(part, whole));
        self.cell(label, text, self.parts(part, whole), part)
    }

    fn parts(&self, part: Measure, whole: Measure) -> String {
        let whole = self.figures.tally(whole).number;
        if whole == 0 {
            return String::new();
        }
        format!("{}/{}", count(self.figures.tally(part).number), count(whole))
    }

    /// What was paid out, and at what price.
    #[must_use]
    pub fn lending(&self) -> Vec<Cell> {
        let averages = &self.figures.averages;
        vec![
            self.amount("放款额（万元）", Measure::Disbursements),
            self.cell(
                "笔数",
                count(self.figures.tally(Measure::Disbursements).number),
                String::new(),
                Measure::Disbursements,
            ),
            self.average("加权平均利率", percent(averages.rate_bp)),
            self.average("较 LPR（基点）", signed(averages.spread_bp)),
            self.average("年化综合成本", percent(averages.cost_bp)),
            self.share("信用贷款占比", Measure::Credit),
            self.share("中长期占比", Measure::Long),
            self.share("首贷户占比", Measure::First),
        ]
    }

    /// How requests and banks were brought together.
    #[must_use]
    pub fn bringing_together(&self) -> Vec<Cell> {
        let days = |days: Option<usize>| days.map_or_else(|| UNKNOWN.to_owned(), |days| days.to_string());
        let taken = match (self.figures.median_days, self.figures.p90_days) {
            (None, None) => UNKNOWN.to_owned(),
            (median, most) => format!("{} / {}", days(median), days(most)),
        };
        vec![
            self.tally("需求（件）", Measure::Submitted),
            self.tally("推送（次）", Measure::Referrals),
            self.tally("报价（份）", Measure::Offers),
            self.tally("合同（份）", Measure::Contracts),
            self.rate_of("接受率", Measure::Taken, Measure::Forwarded),
            self.cell("答复用时 中位 / 90%", taken, String::new(), Measure::Answered),
            self.rate_of("按时答复率", Measure::OnTime, Measure::Due),
            self.tally("未承接（件）", Measure::Unserved),
        ]
    }
}
