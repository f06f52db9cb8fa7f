//! The columns of a file of facts, and the template that a department fills in.

use super::table::{Cell, Column};
use super::write::{self, Sheet};
use crate::domain::codes::{Code, Owner};
use crate::domain::facts::{FACTS, FactSpec, FactType};
use rust_xlsxwriter::XlsxError;

/// The columns of a file of facts that its owner hands in: who hands in vouches for it.
pub const COLUMNS: &[Column] = &[
    column("uscc", "统一社会信用代码", Cell::Code, true),
    column("fact", "数据项", Cell::Fact, true),
    column("value", "内容", Cell::ValueOf("fact"), true),
    column("verified", "", Cell::Flag, false),
    column("observed_on", "数据日期", Cell::Date, true),
    column("valid_until", "有效期至", Cell::Date, false),
    column("bank", "银行代码", Cell::Text, false),
];

const fn column(name: &'static str, label: &'static str, cell: Cell, required: bool) -> Column {
    Column {
        name,
        label,
        cell,
        required,
    }
}

/// The facts of these owners.
fn specs(owners: &[Owner]) -> impl Iterator<Item = &'static FactSpec> {
    FACTS
        .iter()
        .filter(|spec| owners.contains(&spec.owner) && !spec.key.is_derived())
}

/// The heads of the template, in the order of the columns.
fn heads(owners: &[Owner]) -> Vec<&'static str> {
    let has_banks = owners.contains(&Owner::Bank);
    COLUMNS
        .iter()
        .filter(|column| !column.label.is_empty() && (column.name != "bank" || has_banks))
        .map(|column| column.label)
        .collect()
}

/// The template as CSV: the heads only.
///
/// # Errors
/// When memory can't be written, which does not happen.
pub fn template_csv(owners: &[Owner]) -> Result<Vec<u8>, csv::Error> {
    write::csv(&heads(owners), std::iter::empty::<[String; 0]>())
}

/// The template as a workbook: a sheet to fill in, and one that says what each fact takes.
///
/// # Errors
/// When it can't be written, which does not happen.
pub fn template_xlsx(owners: &[Owner]) -> Result<Vec<u8>, XlsxError> {
    let facts = specs(owners).map(|spec| {
        let (takes, codes) = takes(spec.kind);
        [
            spec.label.to_owned(),
            spec.code.to_owned(),
            takes.to_owned(),
            codes,
            spec.owner.label().to_owned(),
        ]
    });
    let sheets = [
        Sheet {
            name: "数据",
            head: heads(owners),
            rows: Vec::new(),
        },
        Sheet {
            name: "说明",
            head: vec!["数据项", "代码", "内容怎么填", "可填的代码或名称", "由谁提供"],
            rows: facts.map(Vec::from).collect(),
        },
    ];
    write::xlsx(&sheets)
}

/// What a fact takes, and which codes.
fn takes(kind: FactType) -> (&'static str, String) {
    let codes = |table: &[(&str, &str)]| {
        let each: Vec<String> = table.iter().map(|(code, label)| format!("{code} {label}")).collect();
        each.join("；")
    };
    match kind {
        FactType::Ordinal(table) => ("填一个", codes(table)),
        FactType::Set(table) => ("可填多个，用分号隔开；都没有的填一个分号", codes(table)),
        FactType::Industry => ("GB/T 4754 大类代码，两位数字", String::new()),
        FactType::Town => ("镇办区划代码，九位数字", String::new()),
        FactType::Integer { unit, .. } => ("整数", unit.to_owned()),
        FactType::Money { .. } => ("万元，如 2860 万元、12.5万；或以分为单位的整数", String::new()),
        FactType::Bp { .. } => ("百分数，如 3.5%；或以基点为单位的整数", String::new()),
        FactType::Flag => ("是 或 否", "true 是；false 否".to_owned()),
    }
}
