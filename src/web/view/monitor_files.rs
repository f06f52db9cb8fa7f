//! The monitor to be taken away: its tables as CSV, one by one, and all together as a workbook.

use super::monitor_rows::Whose;
use crate::actions::ActionError;
use crate::actions::monitor::{Overview, Rows};
use crate::clock::civil_minute;
use crate::domain::codes::Code;
use crate::domain::monitor::series::{Figures, Tally};
use crate::domain::monitor::{Entry, Measure, MonitorTable, What};
use crate::exchange::write::{self, Table, Value};
use chrono::{DateTime, Utc};

/// The name of the workbook.
pub const REPORT: &str = "monitor.xlsx";
/// The name of the rows behind a figure.
pub const ROWS: &str = "monitor-rows.csv";

/// The name of a table's file.
#[must_use]
pub fn name_of(table: MonitorTable) -> String {
    format!("monitor-{}.csv", table.code())
}

/// What of a measure stands in the columns of a series: its number, its amount.
const COUNTED: [(Measure, &str, &str); 12] = [
    (Measure::Submitted, "提交需求（件）", "提交需求（万元）"),
    (Measure::Matched, "其中有匹配（件）", "其中有匹配（万元）"),
    (Measure::Offered, "其中获报价（件）", "其中获报价（万元）"),
    (Measure::Accepted, "其中已接受（件）", "其中已接受（万元）"),
    (Measure::Disbursed, "其中已放款（件）", "其中已放款（万元）"),
    (Measure::Referrals, "需求推送（次）", "需求推送（万元）"),
    (Measure::Offers, "报价（份）", "报价（万元）"),
    (Measure::Contracts, "签订合同（份）", "签订合同（万元）"),
    (Measure::Disbursements, "放款（笔）", "放款（万元）"),
    (Measure::Credit, "信用贷款（份）", "信用贷款（万元）"),
    (Measure::Long, "中长期贷款（份）", "中长期贷款（万元）"),
    (Measure::First, "首贷户贷款（份）", "首贷户贷款（万元）"),
];

/// The other columns of a series.
const FIGURED: [&str; 18] = [
    "放款的合同（份）",
    "加权平均利率",
    "较 LPR（基点）",
    "年化综合成本",
    "信用贷款占比（金额）",
    "信用贷款占比（份数）",
    "中长期贷款占比（金额）",
    "中长期贷款占比（份数）",
    "首贷户贷款占比（金额）",
    "首贷户贷款占比（份数）",
    "转给企业的报价（份）",
    "被接受的报价（份）",
    "接受率",
    "应答复（次）",
    "按时答复（次）",
    "按时答复率",
    "答复用时中位数（工作日）",
    "答复用时 90%（工作日）",
];

/// One table.
#[must_use]
pub fn table(found: &Overview, table: MonitorTable) -> Table {
    match table {
        MonitorTable::Funnel => funnel(&found.total),
        MonitorTable::Unserved => unserved(found),
        MonitorTable::Month | MonitorTable::Bank | MonitorTable::Kind | MonitorTable::Guarantee => series(found, table),
    }
}

fn funnel(figures: &Figures) -> Table {
    let mut before = None;
    let row = |measure: Measure| {
        let tally = figures.tally(measure);
        let share = before
            .replace(measure)
            .map(|before| figures.share_of_number(measure, before));
        let mut row = vec![Value::Text(measure.label().to_owned())];
        row.extend(counted(tally));
        row.push(Value::or_unknown(share.flatten(), Value::Percent));
        row
    };
    Table {
        name: MonitorTable::Funnel.label(),
        head: vec!["阶段", "件数", "金额（万元）", "占上一阶段（件数）"],
        rows: Measure::FUNNEL.into_iter().map(row).collect(),
    }
}

fn unserved(found: &Overview) -> Table {
    let row = |label: &str, tally: Tally| {
        let mut row = vec![Value::Text(label.to_owned())];
        row.extend(counted(tally));
        row
    };
    let reasons = found.unserved.iter().map(|(reason, tally)| row(reason.label(), *tally));
    let all = row("合计", found.total.tally(Measure::Unserved));
    Table {
        name: MonitorTable::Unserved.label(),
        head: vec!["原因", "件数", "金额（万元）"],
        rows: reasons.chain([all]).collect(),
    }
}

fn series(found: &Overview, table: MonitorTable) -> Table {
    let groups = table.dimension().map_or(&[][..], |dimension| found.along(dimension));
    let rows = groups.iter().map(|group| row(&group.label, &group.figures));
    let counted = COUNTED.into_iter().flat_map(|(_, number, amount)| [number, amount]);
    let first = table.dimension().map_or("", Code::label);
    Table {
        name: table.label(),
        head: [first].into_iter().chain(counted).chain(FIGURED).collect(),
        rows: rows.chain([row("合计", &found.total)]).collect(),
    }
}

fn counted(tally: Tally) -> [Value; 2] {
    [Value::Number(tally.number), Value::Fen(tally.amount_fen)]
}

fn row(label: &str, figures: &Figures) -> Vec<Value> {
    let percent = |bp| Value::or_unknown(bp, Value::Percent);
    let number = |measure| Value::Number(figures.tally(measure).number);
    let days = |days: Option<usize>| Value::or_unknown(days.and_then(|days| i64::try_from(days).ok()), Value::Number);
    let mut row = vec![Value::Text(label.to_owned())];
    row.extend(
        COUNTED
            .into_iter()
            .flat_map(|(measure, ..)| counted(figures.tally(measure))),
    );
    row.extend([
        number(Measure::Loans),
        percent(figures.averages.rate_bp),
        Value::or_unknown(figures.averages.spread_bp, Value::Number),
        percent(figures.averages.cost_bp),
    ]);
    for part in [Measure::Credit, Measure::Long, Measure::First] {
        row.push(percent(figures.share_of_amount(part, Measure::Loans)));
        row.push(percent(figures.share_of_number(part, Measure::Loans)));
    }
    row.extend([
        number(Measure::Forwarded),
        number(Measure::Taken),
        percent(figures.share_of_number(Measure::Taken, Measure::Forwarded)),
        number(Measure::Due),
        number(Measure::OnTime),
        percent(figures.share_of_number(Measure::OnTime, Measure::Due)),
        days(figures.median_days),
        days(figures.p90_days),
    ]);
    row
}

/// What the figures mean, in a sheet of its own.
const DEFINITIONS: [(&str, &str); 9] = [
    (
        "撮合漏斗",
        "按需求提交的日期归入期间，其后各阶段不论何时发生；金额：提交至获报价为需求金额，已接受为所接受报价的金额，已放款为至今放款合计",
    ),
    (
        "需求推送、报价、合同、放款",
        "分别按送达银行、首次提交、签订、放款的日期归入期间（北京时间）",
    ),
    ("加权平均利率、年化综合成本", "以期间内各笔放款的金额为权重"),
    (
        "较 LPR",
        "每笔放款的利率减放款日的 LPR（5 年以内用 1 年期，5 年以上用 5 年期以上），以放款金额为权重",
    ),
    (
        "信用、中长期、首贷户占比",
        "期间内有放款的合同中所占的金额（期间内放款）与份数；中长期为 12 个月以上；首贷户按银行登记",
    ),
    ("接受率", "期间内首次提交且已转给企业的报价中，被接受的份数所占的比例"),
    (
        "按时答复率",
        "期间内送达银行的需求中，已答复或已过答复期限的为应答复；按时答复的占应答复的比例",
    ),
    ("答复用时", "从送达到首次答复的工作日数；中位数与 90% 取最近秩"),
    (
        "按银行、产品类别、担保方式",
        "一份需求可以属于多家银行、多个类别，各行之和可以大于合计",
    ),
];

fn notes(found: &Overview, by: &str, now: DateTime<Utc>) -> Table {
    let slice = &found.slice;
    let or_all = |text: Option<&str>| text.unwrap_or("全部").to_owned();
    let bank = slice.bank.as_deref();
    let name = found.banks.iter().find(|one| bank == Some(one.code.as_str()));
    let facts = [
        ("期间", format!("{} 至 {}（含）", slice.from, slice.to)),
        ("银行", or_all(name.map(|one| one.name.as_str()).or(bank))),
        ("产品类别", or_all(slice.kind.map(Code::label))),
        ("担保方式", or_all(slice.guarantee.map(Code::label))),
        ("生成", format!("{} {by}", civil_minute(now))),
        (
            "取整",
            "金额精确到分，利率与占比精确到基点（0.01%），只在最后四舍五入一次；分母为零写作 —".to_owned(),
        ),
    ];
    let definitions = DEFINITIONS.map(|(what, says)| (what, says.to_owned()));
    let rows = facts.into_iter().chain(definitions);
    Table {
        name: "说明",
        head: vec!["项目", "内容"],
        rows: rows
            .map(|(what, says)| vec![Value::Text(what.to_owned()), Value::Text(says)])
            .collect(),
    }
}

/// Every table as a workbook, with a sheet that says what they are, made now by somebody.
///
/// # Errors
/// When it can't be written, which does not happen.
pub fn report(found: &Overview, by: &str, now: DateTime<Utc>) -> Result<Vec<u8>, ActionError> {
    let tables = MonitorTable::ALL.iter().map(|one| table(found, *one));
    let tables: Vec<Table> = [notes(found, by, now)].into_iter().chain(tables).collect();
    write::report(&tables).map_err(ActionError::internal)
}

/// One table as CSV.
///
/// # Errors
/// When memory can't be written, which does not happen.
pub fn csv(found: &Overview, one: MonitorTable) -> Result<Vec<u8>, ActionError> {
    write::table_csv(&table(found, one)).map_err(ActionError::internal)
}

/// The rows behind a figure as CSV.
///
/// # Errors
/// When memory can't be written, which does not happen.
pub fn rows_csv(rows: &Rows) -> Result<Vec<u8>, ActionError> {
    let table = Table {
        name: rows.measure.label(),
        head: vec![
            "日期",
            "编号",
            "需求",
            "企业",
            "银行",
            "产品类别",
            "担保方式",
            "金额（万元）",
            "利率",
            "期限（月）",
            "答复用时（工作日）",
        ],
        rows: rows.entries().iter().map(|entry| line(rows, entry)).collect(),
    };
    write::table_csv(&table).map_err(ActionError::internal)
}

fn line(rows: &Rows, entry: &Entry<'_>) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let (number, rate_bp, term, days) = match entry.what {
        What::Request => (&entry.case.number, None, None, None),
        What::Referral(referral) => {
            let days = referral.answered_within(&rows.book.calendar);
            (
                &entry.case.number,
                None,
                None,
                days.and_then(|days| i64::try_from(days).ok()),
            )
        }
        What::Offer(offer) => (&offer.number, None, None, None),
        What::Loan(loan) => (
            &loan.number,
            Some(loan.rate_bp),
            Some(i64::from(loan.term_months)),
            None,
        ),
    };
    let whose = Whose::of(entry);
    vec![
        Value::Day(entry.on),
        text(number),
        text(&entry.case.number),
        text(&entry.case.enterprise),
        text(&whose.bank),
        text(&whose.kinds),
        text(&whose.guarantees),
        Value::Fen(entry.amount_fen),
        Value::or_unknown(rate_bp, Value::Percent),
        Value::or_unknown(term, Value::Number),
        Value::or_unknown(days, Value::Number),
    ]
}
