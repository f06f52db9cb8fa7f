//! Columns and cells: each row becomes the JSON that a line would have held.

use super::json::{Unread, read};
use crate::domain::facts::{FACTS, FactKey, FactType};
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::typed;
use serde_json::{Map, Value};

/// A column that a file may have.
#[derive(Debug)]
pub struct Column {
    /// The field, with points before what is nested.
    pub name: &'static str,
    /// What the head may say instead, in Chinese; empty where there is nothing else.
    pub label: &'static str,
    /// What stands in it. An empty cell is an absent field.
    pub cell: Cell,
    /// Whether a file without it is refused.
    pub required: bool,
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A text, or a code that is no number.
    Text,
    /// A date.
    Date,
    /// A code of letters and digits that a workbook must not hold as a number.
    Code,
    /// A whole number.
    Whole,
    /// `true` or `false`.
    Flag,
    /// Codes with `;` between them.
    List,
    /// A JSON document.
    Json,
    /// A JSON document; the form must have one, and an empty cell stands for this.
    JsonOr(&'static str),
    /// The key of a fact, or its Chinese label.
    Fact,
    /// A value of the fact that is named in another column.
    ValueOf(&'static str),
}

/// Which column of the file each field stands in.
pub type Plan<'a> = Vec<(&'a Column, Option<usize>)>;

/// Finds each field's column by the head of the file.
///
/// # Errors
/// A column that no field has, that comes twice, or that is needed and missing.
pub fn plan<'a>(heads: &[&str], columns: &'a [Column]) -> Result<Plan<'a>, Problems> {
    let names = |column: &Column, head: &str| {
        head == column.name || !column.label.is_empty() && head.trim_end_matches('*') == column.label
    };
    let mut problems = Problems::default();
    for (place, head) in heads.iter().enumerate() {
        let known = columns.iter().any(|column| names(column, head.trim()));
        problems.check(!known, head, || Rule::UnknownKey((*head).to_owned()));
        let again = heads.iter().take(place).any(|earlier| earlier.trim() == head.trim());
        problems.check(again, head, || Rule::Duplicate((*head).to_owned()));
    }
    let mut plan = Vec::with_capacity(columns.len());
    for column in columns {
        let place = heads.iter().position(|head| names(column, head.trim()));
        problems.check(place.is_none() && column.required, column.name, || {
            Rule::Shape("缺少这一列 (missing column)".to_owned())
        });
        plan.push((column, place));
    }
    problems.or(plan)
}

/// The JSON of one row; `cell` gives the text at a place.
///
/// # Errors
/// What is no value of its column, by field.
pub fn row<'a>(cell: impl Fn(usize) -> Option<&'a str>, plan: &Plan<'_>) -> Result<Value, Problems> {
    let mut problems = Problems::default();
    let mut form = Map::new();
    let text_of = |place: &Option<usize>| place.and_then(&cell).unwrap_or_default().trim();
    for (column, place) in plan {
        let parsed = match (column.cell, text_of(place)) {
            (Cell::JsonOr(default), "") => json(default),
            (_, "") => continue,
            (Cell::ValueOf(other), text) => {
                let fact = plan.iter().find(|(column, _)| column.name == other);
                value_of(fact.map_or("", |(_, place)| text_of(place)), text)
            }
            (kind, text) => value(kind, text),
        };
        if let Some(value) = problems.take(column.name, parsed) {
            put(&mut form, column.name, value);
        }
    }
    problems.or(Value::Object(form))
}

/// The cells of a form, one for each column: what [`row`] reads as the same form.
#[must_use]
pub fn cells(form: &Value, columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| cell(form, column)).collect()
}

fn cell(form: &Value, column: &Column) -> String {
    let found = column.name.split('.').try_fold(form, |value, name| value.get(name));
    match (found, column.cell) {
        (None | Some(Value::Null), _) => String::new(),
        (Some(value), Cell::Json | Cell::JsonOr(_)) => value.to_string(),
        (Some(Value::String(text)), _) => text.clone(),
        (Some(Value::Array(codes)), _) => {
            let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
            codes.join(";")
        }
        (Some(value), _) => value.to_string(),
    }
}

fn value(cell: Cell, text: &str) -> Result<Value, Rule> {
    match cell {
        Cell::Text | Cell::Code | Cell::ValueOf(_) => Ok(text.into()),
        Cell::Date => Ok(iso(text).into()),
        Cell::Fact => Ok(find_fact(text)
            .map_or_else(|| text.to_owned(), |key| key.code().to_owned())
            .into()),
        Cell::Whole => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_ignored| Rule::WrongType("整数")),
        Cell::Flag => flag(text),
        Cell::List => Ok(list(text)),
        Cell::Json | Cell::JsonOr(_) => json(text),
    }
}

fn flag(text: &str) -> Result<Value, Rule> {
    match text {
        "true" | "TRUE" | "是" => Ok(true.into()),
        "false" | "FALSE" | "否" => Ok(false.into()),
        _ => Err(Rule::WrongType("true 或 false")),
    }
}

fn list(text: &str) -> Value {
    text.split([';', '；'])
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .collect()
}

fn json(text: &str) -> Result<Value, Rule> {
    read(text.as_bytes()).map_err(|unread| match unread {
        Unread::Malformed(problem) | Unread::Misshapen(problem) => problem.rule,
    })
}

/// A date as people write it, as files have it; what is no date stays for the form to refuse.
fn iso(text: &str) -> String {
    typed::day(text).map_or_else(|| text.to_owned(), |day| day.to_string())
}

fn find_fact(text: &str) -> Option<FactKey> {
    let by_label = || FACTS.iter().find(|spec| spec.label == text).map(|spec| spec.key);
    FactKey::find(text).or_else(by_label)
}

/// The cell by the type of its fact; an unknown fact is told where the form is parsed.
fn value_of(key: &str, text: &str) -> Result<Value, Rule> {
    let Some(key) = find_fact(key) else {
        return Ok(text.into());
    };
    match key.spec().kind {
        FactType::Ordinal(table) => Ok(code_of(table, text).into()),
        FactType::Industry | FactType::Town => value(Cell::Text, text),
        // A set without members is written as a lone `;`, because an empty cell is an absent value.
        FactType::Set(table) => Ok(match list(text) {
            Value::Array(codes) => codes
                .iter()
                .filter_map(Value::as_str)
                .map(|code| code_of(table, code))
                .collect(),
            other => other,
        }),
        FactType::Money { .. } if text.contains('万') => typed::fen_of_wan(text)
            .map(|fen| fen.get().into())
            .map_err(|_no_amount| Rule::WrongType("以分为单位的整数，或如 2860 万元")),
        FactType::Bp { .. } if text.ends_with(['%', '％']) => typed::bp_of_percent(text)
            .map(Value::from)
            .ok_or(Rule::WrongType("以基点为单位的整数，或如 3.5%")),
        FactType::Integer { .. } | FactType::Money { .. } | FactType::Bp { .. } => value(Cell::Whole, text),
        FactType::Flag => value(Cell::Flag, text),
    }
}

/// A code by its Chinese label; what is none stays for the fact to refuse.
fn code_of<'a>(table: &'static [(&'static str, &'static str)], text: &'a str) -> &'a str {
    let by_label = table.iter().find(|(_, label)| *label == text);
    by_label.map_or(text, |(code, _)| code)
}

fn put(form: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((outer, inner)) = name.split_once('.') else {
        form.insert(name.to_owned(), value);
        return;
    };
    let nested = form.entry(outer).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(nested) = nested {
        put(nested, inner, value);
    }
}

/// Something that is wrong with a row or a file as a whole.
#[must_use]
pub fn problem(rule: Rule) -> Problems {
    Problem {
        field: String::new(),
        rule,
    }
    .into()
}

/// That a file holds neither a head nor a row.
#[must_use]
pub fn empty_file() -> Problems {
    problem(Rule::Shape("文件是空的 (the file is empty)".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_files_and_as_people_write_them() {
        for (fact, text, expected) in [
            ("tax_paid_fen", "118000000", "118000000"),
            ("近12个月纳税额", "118 万元", "118000000"),
            ("tax_paid_fen", "０．０００００１万", "1"),
            ("debt_ratio_bp", "4811", "4811"),
            ("debt_ratio_bp", "48.11%", "4811"),
            ("tax_grade", "A级", "\"A\""),
            ("titles", "高新技术企业；gazelle", "[\"high_tech\",\"gazelle\"]"),
            ("titles", ";", "[]"),
            ("tax_arrears", "否", "false"),
        ] {
            let value = value_of(fact, text).expect("a value");
            assert_eq!(value.to_string(), expected, "{fact} {text}");
        }
        for (fact, text) in [
            ("tax_paid_fen", "118.5"),
            ("tax_paid_fen", "很多万"),
            ("debt_ratio_bp", "1.234%"),
            ("tax_arrears", "没有"),
        ] {
            assert!(value_of(fact, text).is_err(), "{fact} {text}");
        }
        for (text, expected) in [
            ("2026/11/1", "2026-11-01"),
            ("2026年11月01日", "2026-11-01"),
            ("昨天", "昨天"),
        ] {
            assert_eq!(iso(text), expected);
        }
    }
}
