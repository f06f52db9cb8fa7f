//! The monitor's page: six figures, two charts, the funnel, and tables along a dimension. Every figure that counts rows
//! leads to them.

use super::chart::{Line, LineChart, bar_width, line_chart};
use super::monitor_figures::{Cell, Cells, address, amount, count, percent, rows, signed, wan};
use super::shell::Shell;
use super::words;
use crate::actions::monitor::Overview;
use crate::domain::codes::{Code, Guarantee, Kind};
use crate::domain::monitor::series::{Figures, Group};
use crate::domain::monitor::{Dimension, Measure, MonitorTable, Slice};
use crate::web::input::monitor::MonitorQuery;
use askama::Template;

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
    let of_loans = |part| {
        format!(
            "{} / {} 份放款的合同",
            count(number(part)),
            count(number(Measure::Loans))
        )
    };
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
    let table = |caption: &'static str, cells: &dyn Fn(Cells<'_>) -> Vec<Cell>| {
        let of = |slice: &Slice, figures: &Figures| cells(Cells { slice, figures });
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
        table("投放与价格", &|cells| cells.lending()),
        table("对接与答复", &|cells| cells.bringing_together()),
    ]
}
