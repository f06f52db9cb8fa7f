//! A file that somebody hands in, row by row: good ones as their form, bad ones with what is wrong.

use super::json;
use super::lines::{BYTE_ORDER_MARK, Lines};
use super::records::Records;
use super::table::{self, Column, plan, problem};
use super::xlsx::{self, Workbook};
use crate::domain::invalid::{Problems, Rule};
use serde::de::DeserializeOwned;
use std::path::Path;

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
    /// By a file's name, an ending .gz aside; a name without an ending, such as that of a pipe, says nothing.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        let is = |ending: &str, of: &Path| of.extension().is_some_and(|end| end.eq_ignore_ascii_case(ending));
        let bare = path.with_extension("");
        let name = if is("gz", path) { &bare } else { path };
        name.extension().map(|_| {
            if is("csv", name) {
                Self::Csv
            } else if is("xlsx", name) {
                Self::Xlsx
            } else {
                Self::JsonLines
            }
        })
    }

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

/// Reads every row of a file.
///
/// # Errors
/// What is wrong with the file as a whole: its head, its size, what it is.
pub fn read<T: DeserializeOwned>(
    kind: FileKind,
    bytes: &[u8],
    columns: &[Column],
) -> Result<Vec<FileRow<T>>, Problems> {
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

fn csv_rows<T: DeserializeOwned>(bytes: &[u8], columns: &[Column]) -> Result<Vec<FileRow<T>>, Problems> {
    let mut records = Records::open(Lines::new(bytes), columns).map_err(|(_, problems)| problems)?;
    let mut rows = Vec::new();
    while let Some((line, form)) = records.next_row() {
        push(&mut rows, line, form)?;
    }
    Ok(rows)
}

fn json_rows<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<FileRow<T>>, Problems> {
    let mut lines = Lines::new(bytes);
    let mut rows = Vec::new();
    while let Some(text) = lines.next_row() {
        let form = text.map_err(Problems::from).and_then(json_row);
        push(&mut rows, lines.number(), form)?;
    }
    Ok(rows)
}

/// Reads one row of JSON lines.
///
/// # Errors
/// When the text is no JSON or not of the form's shape, by the path of the field.
pub fn json_row<T: DeserializeOwned>(text: &str) -> Result<T, Problems> {
    json::read(text.as_bytes()).map_err(Problems::from)
}

fn push<T>(rows: &mut Vec<FileRow<T>>, line: u64, form: Result<T, Problems>) -> Result<(), Problems> {
    if rows.len() == MOST_ROWS {
        return Err(problem(Rule::Count { min: 1, max: MOST_ROWS }));
    }
    rows.push(FileRow { line, form });
    Ok(())
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
            .and_then(|()| table::row(|place| texts.get(place).map(String::as_str), &plan))
            .and_then(json::from_value);
        FileRow { line: row.line, form }
    });
    Ok(read.collect())
}
