//! A file that somebody hands in, row by row: good ones as their form, bad ones with what is wrong.

use super::json;
use super::table::{self, Column, Plan, plan, problem};
use super::xlsx::{self, Workbook};
use crate::domain::invalid::{Problems, Rule};
use serde::de::DeserializeOwned;

/// The most rows that a file has.
pub const MOST_ROWS: usize = 20_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Comma-separated, with a head.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// A workbook.
    Xlsx,
}

impl FileKind {
    /// By how the file begins: a browser's word for it is worth nothing.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start();
        if bytes.starts_with(b"PK") {
            Self::Xlsx
        } else if text.starts_with(b"{") {
            Self::JsonLines
        } else {
            Self::Csv
        }
    }
}

/// A row, and the line of the file on which it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow<T> {
    /// The line, from 1; of a workbook the row of its sheet.
    pub line: u64,
    /// What it says, or what is wrong with it.
    pub form: Result<T, Problems>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads every row of a file.
///
/// # Errors
/// What is wrong with the file as a whole: its head, its size, what it is.
pub fn read<T: DeserializeOwned>(
    kind: FileKind,
    bytes: &[u8],
    columns: &[Column],
) -> Result<Vec<FileRow<T>>, Problems> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let rows = match kind {
        FileKind::Csv => csv_rows(bytes, columns),
        FileKind::JsonLines => json_rows(bytes),
        FileKind::Xlsx => xlsx_rows(bytes, columns),
    }?;
    if rows.is_empty() {
        return Err(problem(Rule::Empty));
    }
    Ok(rows)
}

fn too_many() -> Problems {
    problem(Rule::Count { min: 1, max: MOST_ROWS })
}

fn csv_rows<T: DeserializeOwned>(bytes: &[u8], columns: &[Column]) -> Result<Vec<FileRow<T>>, Problems> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
    let heads = reader.headers().map_err(|error| problem(told(&error)))?.clone();
    let plan = plan(&heads.iter().collect::<Vec<_>>(), columns)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        if rows.len() == MOST_ROWS {
            return Err(too_many());
        }
        let (line, form) = match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                (line, form(|place| record.get(place).map(unquoted), &plan))
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                (line, Err(problem(told(&error))))
            }
        };
        rows.push(FileRow { line, form });
    }
    Ok(rows)
}

/// What the writer puts before a cell that a spreadsheet would take for a formula is no part of it.
fn unquoted(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if super::write::is_trigger(rest) => rest,
        _ => cell,
    }
}

fn form<'a, T: DeserializeOwned>(cell: impl Fn(usize) -> Option<&'a str>, plan: &Plan<'_>) -> Result<T, Problems> {
    table::row(cell, plan).and_then(json::from_value)
}

/// What is wrong with a record, in words.
#[must_use]
pub fn told(error: &csv::Error) -> Rule {
    use csv::ErrorKind;
    Rule::Shape(match error.kind() {
        ErrorKind::Utf8 { err, .. } => format!("不是 UTF-8 (invalid UTF-8 in column {})", err.field() + 1),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("有 {len} 列，表头有 {expected_len} 列 ({len} columns, the head has {expected_len})")
        }
        ErrorKind::Io(error) => format!("文件读不下去 (cannot read on: {error})"),
        _ => error.to_string(),
    })
}

fn json_rows<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<FileRow<T>>, Problems> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(too_many());
        }
        rows.push(FileRow {
            line,
            form: json::read(text).map_err(Problems::from),
        });
    }
    Ok(rows)
}

fn xlsx_rows<T: DeserializeOwned>(bytes: &[u8], columns: &[Column]) -> Result<Vec<FileRow<T>>, Problems> {
    let Workbook { heads, rows, is_1904 } = xlsx::read(bytes, MOST_ROWS)?;
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let plan = plan(&heads, columns)?;
    let read = rows.into_iter().map(|row| {
        let mut problems = Problems::default();
        let texts: Vec<String> = (0..heads.len())
            .map(|place| {
                let column = plan
                    .iter()
                    .find(|(_, of)| *of == Some(place))
                    .map(|(column, _)| *column);
                let (Some(cell), Some(column)) = (row.cells.get(&place), column) else {
                    return String::new();
                };
                let text = cell.text(column.cell, is_1904);
                problems.take(column.name, text).unwrap_or_default()
            })
            .collect();
        let form = problems
            .or(())
            .and_then(|()| form(|place| texts.get(place).map(String::as_str), &plan));
        FileRow { line: row.line, form }
    });
    Ok(read.collect())
}
