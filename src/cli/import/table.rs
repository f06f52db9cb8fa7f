//! CSV files as forms: each row becomes the JSON that a line would have held, and is read as that.
//!
//! Limits are those of lines: no line over 1 MB, no packed file beyond its ratio.

use super::super::failure::{BadRows, Failure};
use super::super::input::{LINE_LIMIT, open, problem, with_path};
use crate::domain::facts::{FactKey, FactType};
use crate::domain::invalid::{Problems, Rule};
use csv::{ErrorKind, StringRecord};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::io::{self, BufRead, Read};
use std::path::Path;

/// A column that a file may have.
pub(super) struct Column {
    /// The field, with points before what is nested.
    pub name: &'static str,
    /// What stands in it. An empty cell is an absent field.
    pub cell: Cell,
    /// Whether a file without it is refused.
    pub required: bool,
}

/// What stands in a cell.
#[derive(Clone, Copy)]
pub(super) enum Cell {
    /// A text, a code or a date.
    Text,
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
    /// A value of the fact that is named in another column.
    ValueOf(&'static str),
}

/// Reads every row of a file into `keep`; bad rows are collected, and reading goes on behind them.
///
/// # Errors
/// When the file can't be opened.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    columns: &[Column],
    bad: &mut BadRows,
    mut keep: impl FnMut(u64, T) -> Result<(), Problems>,
) -> Result<(), Failure> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(ShortLines::new(open(path)?));
    let heads = match reader.headers() {
        Ok(heads) => heads.clone(),
        Err(error) => {
            bad.add(path, line_of(&error), problem(Rule::Shape(error.to_string())));
            return Ok(());
        }
    };
    let line = heads.position().map_or(1, csv::Position::line);
    let plan = match plan(&heads, columns) {
        Ok(plan) => plan,
        Err(problems) => {
            bad.add(path, line, problems);
            return Ok(());
        }
    };
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                bad.add(path, line_of(&error), told(&error));
                if error.is_io_error() {
                    return Ok(());
                }
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let kept = row(&record, &plan)
            .and_then(with_path)
            .and_then(|form| keep(line, form));
        if let Err(problems) = kept {
            bad.add(path, line, problems);
        }
    }
    Ok(())
}

fn line_of(error: &csv::Error) -> u64 {
    error.position().map_or(1, csv::Position::line)
}

fn told(error: &csv::Error) -> Problems {
    let words = match error.kind() {
        ErrorKind::Utf8 { err, .. } => format!("不是 UTF-8 (invalid UTF-8 in column {})", err.field() + 1),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("有 {len} 列，表头有 {expected_len} 列 ({len} columns, the head has {expected_len})")
        }
        ErrorKind::Io(error) => format!("文件读不下去 (cannot read on: {error})"),
        _ => error.to_string(),
    };
    problem(Rule::Shape(words))
}

/// Which column of the file each field stands in.
type Plan<'a> = Vec<(&'a Column, Option<usize>)>;

fn plan<'a>(heads: &StringRecord, columns: &'a [Column]) -> Result<Plan<'a>, Problems> {
    let mut problems = Problems::default();
    for (place, head) in heads.iter().enumerate() {
        let known = columns.iter().any(|column| column.name == head.trim());
        problems.check(!known, head, || Rule::UnknownKey(head.to_owned()));
        let again = heads.iter().take(place).any(|earlier| earlier.trim() == head.trim());
        problems.check(again, head, || Rule::Duplicate(head.to_owned()));
    }
    let mut plan = Vec::with_capacity(columns.len());
    for column in columns {
        let place = heads.iter().position(|head| head.trim() == column.name);
        problems.check(place.is_none() && column.required, column.name, || {
            Rule::Shape("缺少这一列 (missing column)".to_owned())
        });
        plan.push((column, place));
    }
    problems.or(plan)
}

fn row(record: &StringRecord, plan: &Plan<'_>) -> Result<Value, Problems> {
    let mut problems = Problems::default();
    let mut form = Map::new();
    for (column, place) in plan {
        let text = place.and_then(|place| record.get(place)).unwrap_or_default().trim();
        let parsed = match (column.cell, text) {
            (Cell::JsonOr(default), "") => json(default),
            (_, "") => continue,
            (Cell::ValueOf(other), text) => {
                let fact = plan.iter().find(|(column, _)| column.name == other);
                let key = fact.and_then(|(_, place)| record.get((*place)?)).unwrap_or_default();
                value_of(key.trim(), text)
            }
            (cell, text) => value(cell, text),
        };
        if let Some(value) = problems.take(column.name, parsed) {
            put(&mut form, column.name, value);
        }
    }
    problems.or(Value::Object(form))
}

fn value(cell: Cell, text: &str) -> Result<Value, Rule> {
    match cell {
        Cell::Text | Cell::ValueOf(_) => Ok(text.into()),
        Cell::Whole => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_ignored| Rule::WrongType("整数")),
        Cell::Flag => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_ignored| Rule::WrongType("true 或 false")),
        Cell::List => Ok(text.split(';').map(str::trim).filter(|code| !code.is_empty()).collect()),
        Cell::Json | Cell::JsonOr(_) => json(text),
    }
}

fn json(text: &str) -> Result<Value, Rule> {
    serde_json::from_str(text).map_err(|error| Rule::Shape(error.to_string()))
}

/// The cell by the type of its fact; an unknown fact is told where the form is parsed.
fn value_of(key: &str, text: &str) -> Result<Value, Rule> {
    let Some(key) = FactKey::find(key) else {
        return Ok(text.into());
    };
    match key.spec().kind {
        FactType::Ordinal(_) | FactType::Industry | FactType::Town => value(Cell::Text, text),
        // A set without members is written as a lone `;`, because an empty cell is an absent value.
        FactType::Set(_) => value(Cell::List, text),
        FactType::Integer { .. } | FactType::Money { .. } | FactType::Bp { .. } => value(Cell::Whole, text),
        FactType::Flag => value(Cell::Flag, text),
    }
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

/// Refuses a line that is too long before the CSV reader has to hold it.
struct ShortLines {
    inner: Box<dyn BufRead>,
    run: usize,
}

impl ShortLines {
    fn new(inner: Box<dyn BufRead>) -> Self {
        Self { inner, run: 0 }
    }
}

impl Read for ShortLines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in buffer.iter().take(read) {
            self.run = if *byte == b'\n' { 0 } else { self.run + 1 };
            if self.run > LINE_LIMIT {
                return Err(io::Error::other("a line over 1 MB 一行超过 1 MB"));
            }
        }
        Ok(read)
    }
}
