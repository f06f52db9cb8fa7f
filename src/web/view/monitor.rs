//! The monitor's page: six figures, two charts, the funnel, and tables along a dimension. Every figure that counts rows
//! leads to them.

use super::chart::{Line, LineChart, bar_width, line_chart};
use super::shell::Shell;
use super::words;
use crate::actions::monitor::Overview;
use crate::domain::codes::{Code, Guarantee, Kind};
use crate::domain::money::{Fen, thousands};
use crate::domain::monitor::series::{Figures, Group, Tally};
use crate::domain::monitor::{Dimension, Measure, MonitorTable, Slice};
use crate::web::input::monitor::{MonitorQuery, RowsQuery};
use askama::Template;
use serde::Serialize;

/// What stands where nothing can be said.
const UNKNOWN: &str = "—";

/// The monitor.
#[derive(Template)]
#[template(path = "centre/monitor.html")]
pub struct MonitorPage {
    /// Around it.
    pub shell: Shell,
    /// What is wrong with what was asked; then the usual is shown.
    pub wrong: &'static str,
    /// The period, and what narrows beside it.
    pub narrowing: String,
    /// The period's first day.
    pub from: String,
    /// Its last day.
    pub to: String,
    /// Banks to choose from: code, name, whether it is chosen.
    pub banks: Vec<(String, String, bool)>,
    /// Kinds to choose from.
    pub kinds: Vec<(&'static str, &'static str, bool)>,
    /// Guarantee classes to choose from.
    pub guarantees: Vec<(&'static str, &'static str, bool)>,
    /// What the tables go along, for the filter to keep.
    pub by: &'static str,
    /// The six figures.
    pub figures: Vec<Headline>,
    /// The rate and the LPR by month.
    pub chart: Option<LineChart>,
    /// The same as a table: month, rate, LPR.
    pub rates: Vec<(String, Cell, String)>,
    /// What was paid out by month.
    pub volume: Vec<Bar>,
    /// From a request submitted to money paid out.
    pub funnel: Vec<Bar>,
    /// Why nobody could serve requests.
    pub unserved: Vec<Bar>,
    /// What the tables may go along: address, label, whether they do.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// What the tables go along.
    pub dimension: &'static str,
    /// The tables.
    pub tables: [Detail; 2],
    /// The workbook.
    pub report: String,
    /// The tables as files: address, name.
    pub files: Vec<(String, &'static str)>,
}

/// One of the six figures.
#[derive(Clone, Debug)]
pub struct Headline {
    /// What it is.
    pub label: &'static str,
    /// The figure.
    pub value: String,
    /// Its unit.
    pub unit: &'static str,
    /// What it is of.
    pub note: String,
    /// The rows behind it.
    pub href: String,
}

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

/// A bar with its figures.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// How wide it is.
    pub width: String,
    /// The figure.
    pub value: Cell,
    /// What stands beside it.
    pub beside: String,
}

/// A table along a dimension.
#[derive(Clone, Debug)]
pub struct Detail {
    /// What it shows.
    pub caption: &'static str,
    /// Its rows.
    pub rows: Vec<DetailRow>,
    /// All together.
    pub total: Vec<Cell>,
}

/// A row of such a table.
#[derive(Clone, Debug)]
pub struct DetailRow {
    /// The group.
    pub label: String,
    /// The monitor of this group alone.
    pub href: String,
    /// Its figures.
    pub cells: Vec<Cell>,
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

fn wan(fen: i64) -> String {
    Fen::new(fen).map_or_else(|| UNKNOWN.to_owned(), Fen::to_wan)
}

fn count(number: i64) -> String {
    thousands(number.unsigned_abs())
}

/// The period, and what narrows beside it.
#[must_use]
pub fn narrowing(slice: &Slice) -> String {
    let bank = slice.bank.clone().map(|code| format!("银行 {code}"));
    let others = [
        bank,
        slice.kind.map(|kind| kind.label().to_owned()),
        slice.guarantee.map(|class| class.label().to_owned()),
        slice.reason.map(|reason| reason.label().to_owned()),
    ];
    let period = format!("{} 至 {}", slice.from, slice.to);
    let all: Vec<String> = [period].into_iter().chain(others.into_iter().flatten()).collect();
    all.join("，")
}

fn rows(slice: &Slice, measure: Measure) -> String {
    address("/centre/monitor/rows", &RowsQuery::of(slice, measure))
}

fn percent(bp: Option<i64>) -> String {
    bp.map_or_else(|| UNKNOWN.to_owned(), words::rate)
}

/// With its sign, which a distance has.
fn signed(bp: Option<i64>) -> String {
    match bp {
        None => UNKNOWN.to_owned(),
        Some(bp) if bp > 0 => format!("+{bp}"),
        Some(bp) if bp < 0 => format!("−{}", bp.unsigned_abs()),
        Some(_) => "0".to_owned(),
    }
}

/// The figures of a slice as cells.
struct Cells<'a> {
    slice: &'a Slice,
    figures: &'a Figures,
}

impl Cells<'_> {
    fn cell(&self, label: &'static str, text: String, of: String, measure: Measure) -> Cell {
        let has_rows = self.figures.tally(measure).number > 0;
        Cell {
            label,
            text,
            of,
            href: if has_rows { rows(self.slice, measure) } else { String::new() },
        }
    }

    fn amount(&self, label: &'static str, measure: Measure) -> Cell {
        let amount_fen = self.figures.tally(measure).amount_fen;
        self.cell(label, wan(amount_fen), String::new(), measure)
    }

    /// A number, and its amount beside it.
    fn tally(&self, label: &'static str, measure: Measure) -> Cell {
        let Tally { number, amount_fen } = self.figures.tally(measure);
        let of = if number > 0 { wan(amount_fen) } else { String::new() };
        self.cell(label, count(number), of, measure)
    }

    fn average(&self, label: &'static str, text: String) -> Cell {
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

    fn lending(&self) -> Vec<Cell> {
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

    fn bringing_together(&self) -> Vec<Cell> {
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

impl MonitorPage {
    /// The page, with its tables along a dimension.
    #[must_use]
    pub fn new(shell: Shell, found: &Overview, by: Dimension, wrong: &'static str) -> Self {
        let slice = &found.slice;
        let query = MonitorQuery::of(slice);
        let months = found.along(Dimension::Month);
        let chosen = |code: &str| slice.bank.as_deref() == Some(code);
        let with = |by: Dimension| MonitorQuery {
            by: by.code().to_owned(),
            ..query.clone()
        };
        let tab = |one: &Dimension| {
            let href = format!("{}#detail", address("/centre/monitor", &with(*one)));
            (href, one.label(), *one == by)
        };
        let file = |one: &MonitorTable| {
            let query = MonitorQuery {
                table: one.code().to_owned(),
                ..query.clone()
            };
            (address("/centre/monitor/table.csv", &query), one.label())
        };
        Self {
            shell,
            wrong,
            narrowing: narrowing(slice),
            from: slice.from.to_string(),
            to: slice.to.to_string(),
            banks: found
                .banks
                .iter()
                .map(|bank| (bank.code.clone(), bank.name.clone(), chosen(&bank.code)))
                .collect(),
            kinds: choices::<Kind>(slice.kind),
            guarantees: choices::<Guarantee>(slice.guarantee),
            by: by.code(),
            figures: headlines(slice, &found.total),
            chart: rates_chart(found, months),
            rates: rates(found, months),
            volume: volume(months),
            funnel: funnel(slice, &found.total),
            unserved: unserved(found),
            tabs: Dimension::ALL.iter().map(tab).collect(),
            dimension: by.label(),
            tables: details(found, by),
            report: address("/centre/monitor/report.xlsx", &query),
            files: MonitorTable::ALL.iter().map(file).collect(),
        }
    }
}

fn choices<T: Code>(chosen: Option<T>) -> Vec<(&'static str, &'static str, bool)> {
    let of = |code: &T| (code.code(), code.label(), chosen == Some(*code));
    T::ALL.iter().map(of).collect()
}

fn headlines(slice: &Slice, figures: &Figures) -> Vec<Headline> {
    let number = |measure| figures.tally(measure).number;
    let fen = |measure| figures.tally(measure).amount_fen;
    let of_loans = |part| format!("{} / {} 份放款的合同", count(number(part)), count(number(Measure::Loans)));
    let averages = &figures.averages;
    let share = |label, part| Headline {
        label,
        value: share_text(figures.share_of_amount(part, Measure::Loans)),
        unit: "%",
        note: of_loans(part),
        href: rows(slice, part),
    };
    vec![
        Headline {
            label: "提交需求",
            value: count(number(Measure::Submitted)),
            unit: "件",
            note: amount(fen(Measure::Submitted)),
            href: rows(slice, Measure::Submitted),
        },
        Headline {
            label: "放款",
            value: wan(fen(Measure::Disbursements)),
            unit: "万元",
            note: format!("{} 笔", count(number(Measure::Disbursements))),
            href: rows(slice, Measure::Disbursements),
        },
        Headline {
            label: "加权平均利率",
            value: share_text(averages.rate_bp),
            unit: "%",
            note: format!(
                "较 LPR {} 基点，年化综合成本 {}",
                signed(averages.spread_bp),
                percent(averages.cost_bp)
            ),
            href: rows(slice, Measure::Disbursements),
        },
        share("信用贷款占比", Measure::Credit),
        share("中长期贷款占比", Measure::Long),
        Headline {
            label: "首贷户贷款",
            value: count(number(Measure::First)),
            unit: "份",
            note: amount(fen(Measure::First)),
            href: rows(slice, Measure::First),
        },
    ]
}

/// Without its sign of percent, which stands smaller beside it.
fn share_text(bp: Option<i64>) -> String {
    percent(bp).trim_end_matches('%').to_owned()
}

fn rates_chart(found: &Overview, months: &[Group]) -> Option<LineChart> {
    let columns: Vec<String> = months.iter().map(|month| month.label.clone()).collect();
    let rate = |month: &Group| month.figures.averages.rate_bp;
    let lines = [
        Line {
            class: "s1",
            name: "平均利率",
            values: months.iter().map(rate).collect(),
        },
        Line {
            class: "ref",
            name: "1 年期 LPR",
            values: found.lpr_bp.clone(),
        },
    ];
    let known = || months.iter().filter_map(|month| Some((&month.label, rate(month)?)));
    let finding = match (known().next(), known().next_back()) {
        (Some((first, from)), Some((last, to))) if first != last => format!(
            "加权平均利率 {first} 为 {}，{last} 为 {}，{}。",
            words::rate(from),
            words::rate(to),
            match to - from {
                0 => "持平".to_owned(),
                up if up > 0 => format!("上升 {up} 个基点"),
                down => format!("下降 {} 个基点", down.unsigned_abs()),
            }
        ),
        (Some((only, rate)), _) => format!("加权平均利率 {only} 为 {}。", words::rate(rate)),
        _ => return None,
    };
    line_chart("月度加权平均利率与 1 年期 LPR", finding, &columns, &lines)
}

fn rates(found: &Overview, months: &[Group]) -> Vec<(String, Cell, String)> {
    let of = |(month, lpr): (&Group, &Option<i64>)| {
        let cells = Cells {
            slice: &month.slice,
            figures: &month.figures,
        };
        let rate = percent(month.figures.averages.rate_bp);
        (month.label.clone(), cells.average("加权平均利率", rate), percent(*lpr))
    };
    months.iter().zip(&found.lpr_bp).map(of).collect()
}

fn volume(months: &[Group]) -> Vec<Bar> {
    let of = |month: &Group| month.figures.tally(Measure::Disbursements);
    let longest = months.iter().map(|month| of(month).amount_fen).max().unwrap_or(0);
    let bar = |month: &Group| {
        let cells = Cells {
            slice: &month.slice,
            figures: &month.figures,
        };
        Bar {
            label: month.label.clone(),
            width: bar_width(of(month).amount_fen, longest),
            value: cells.amount("放款额", Measure::Disbursements),
            beside: format!("{} 笔", count(of(month).number)),
        }
    };
    months.iter().map(bar).collect()
}

fn funnel(slice: &Slice, figures: &Figures) -> Vec<Bar> {
    let cells = Cells { slice, figures };
    let longest = figures.tally(Measure::Submitted).number;
    let mut before = None;
    let bar = |measure: Measure| {
        let share = before.replace(measure);
        let share = share.map(|before| percent(figures.share_of_number(measure, before)));
        Bar {
            label: measure.label().to_owned(),
            width: bar_width(figures.tally(measure).number, longest),
            value: cells.tally("件数", measure),
            beside: share.unwrap_or_default(),
        }
    };
    Measure::FUNNEL.into_iter().map(bar).collect()
}

fn unserved(found: &Overview) -> Vec<Bar> {
    let longest = found.unserved.iter().map(|(_, tally)| tally.number).max().unwrap_or(0);
    let bars = found.unserved.iter().map(|(reason, tally)| {
        let slice = Slice {
            reason: Some(*reason),
            ..found.slice.clone()
        };
        Bar {
            label: reason.label().to_owned(),
            width: bar_width(tally.number, longest),
            value: Cell {
                label: "件数",
                text: count(tally.number),
                of: wan(tally.amount_fen),
                href: rows(&slice, Measure::Unserved),
            },
            beside: String::new(),
        }
    });
    bars.collect()
}

fn details(found: &Overview, by: Dimension) -> [Detail; 2] {
    let table = |caption: &'static str, cells: fn(&Cells<'_>) -> Vec<Cell>| {
        let of = |slice, figures| cells(&Cells { slice, figures });
        let row = |group: &Group| DetailRow {
            label: group.label.clone(),
            href: address("/centre/monitor", &MonitorQuery::of(&group.slice)),
            cells: of(&group.slice, &group.figures),
        };
        Detail {
            caption,
            rows: found.along(by).iter().map(row).collect(),
            total: of(&found.slice, &found.total),
        }
    };
    [
        table("投放与价格", Cells::lending),
        table("对接与答复", Cells::bringing_together),
    ]
}
