//! Tables as CSV files and workbooks: the one writer, so that no cell of any file is a formula.
//!
//! A spreadsheet takes a cell of CSV that begins with `=` and the like for a formula, in full-width
//! letters too after its own folding. Such a text gets a `'` before it. The byte-order mark makes Excel
//! read UTF-8. In a workbook every text is typed as one, and stays one.

use crate::domain::dates::Day;
use chrono::Datelike;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// What makes a spreadsheet think of a formula.
const TRIGGERS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A table as the bytes of a CSV file.
///
/// # Errors
/// When memory can't be written, which does not happen.
pub fn csv<R: AsRef<[String]>>(head: &[&str], rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, csv::Error> {
    let harmless = |row: R| row.as_ref().iter().map(|cell| harmless(cell)).collect();
    records(head, rows.into_iter().map(harmless))
}

/// A table of figures as the bytes of a CSV file: amounts in 万元 to the 分, rates and shares in percent to the bp.
///
/// # Errors
/// When memory can't be written, which does not happen.
pub fn table_csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let cells = |row: &Vec<Value>| row.iter().map(Value::csv).collect();
    records(&table.head, table.rows.iter().map(cells))
}

fn records(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// Whether a spreadsheet would take a text for a formula.
fn is_trigger(text: &str) -> bool {
    text.starts_with(TRIGGERS)
}

/// The cell without what was put before it here: that is no part of it.
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_trigger(rest) => rest,
        _ => cell,
    }
}

fn harmless(cell: &str) -> String {
    if is_trigger(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// A sheet of a workbook.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name.
    pub name: &'static str,
    /// The heads of its columns.
    pub head: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// How wide a column is, in characters.
const COLUMN_WIDTH: f64 = 24.0;

/// Sheets as the bytes of a workbook; every cell is a text, in a format that keeps what is typed a text.
///
/// # Errors
/// When it can't be written, which does not happen.
pub fn xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold().set_num_format("@");
    let text = Format::new().set_num_format("@");
    let mut book = Workbook::new();
    for sheet in sheets {
        let page = book.add_worksheet().set_name(sheet.name)?;
        page.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(&sheet.head) {
            page.set_column_width(column, COLUMN_WIDTH)?;
            page.set_column_format(column, &text)?;
            page.write_string_with_format(0, column, *name, &head)?;
        }
        for (row, cells) in (1..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells) {
                page.write_string(row, column, cell)?;
            }
        }
    }
    book.save_to_buffer()
}

/// A cell of a table of figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// An amount in 分, written in 万元.
    Fen(i64),
    /// A rate or a share in bp, written in percent.
    Percent(i64),
    /// A day.
    Day(Day),
    /// Nothing can be said: `—`.
    Unknown,
}

/// What stands where nothing can be said.
const UNKNOWN: &str = "—";
/// 分 in 万元.
const FEN_PER_WAN: u64 = 1_000_000;
/// bp in one.
const BP_PER_ONE: f64 = 10_000.0;

impl Value {
    /// Of a figure that may not be known.
    pub fn or_unknown<T>(known: Option<T>, of: impl FnOnce(T) -> Self) -> Self {
        known.map_or(Self::Unknown, of)
    }

    /// As it stands in a CSV file; only a text needs to be made harmless.
    fn csv(&self) -> String {
        let sign = |number: i64| if number < 0 { "-" } else { "" };
        match self {
            Self::Text(text) => harmless(text),
            Self::Number(number) => number.to_string(),
            Self::Fen(fen) => {
                let size = fen.unsigned_abs();
                let decimals = format!("{:06}", size % FEN_PER_WAN);
                let decimals = decimals.trim_end_matches('0');
                let point = if decimals.is_empty() { "" } else { "." };
                format!("{}{}{point}{decimals}", sign(*fen), size / FEN_PER_WAN)
            }
            Self::Percent(bp) => {
                let size = bp.unsigned_abs();
                format!("{}{}.{:02}%", sign(*bp), size / 100, size % 100)
            }
            Self::Day(day) => day.to_string(),
            Self::Unknown => UNKNOWN.to_owned(),
        }
    }
}

/// A table of figures: a sheet of a report, or a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The heads of its columns.
    pub head: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
}

/// How the cells of a report look.
struct Formats {
    head: Format,
    text: Format,
    number: Format,
    wan: Format,
    percent: Format,
    day: Format,
}

impl Formats {
    fn new() -> Self {
        let of = |format: &str| Format::new().set_num_format(format);
        Self {
            head: of("@").set_bold().set_text_wrap(),
            text: of("@"),
            number: of("#,##0"),
            wan: of("#,##0.00"),
            percent: of("0.00%"),
            day: of("yyyy-mm-dd"),
        }
    }
}

/// How wide a column of a report is, in characters.
const REPORT_COLUMN_WIDTH: f64 = 14.0;
/// A4, as workbooks number papers.
const A4: u8 = 9;

/// Tables as the bytes of a workbook to be read and printed: figures are numbers, dates are dates, texts are texts.
///
/// # Errors
/// When it can't be written, which does not happen.
pub fn report(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    for table in tables {
        let page = book.add_worksheet().set_name(table.name)?;
        page.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        page.set_freeze_panes(1, 1)?.set_repeat_rows(0, 0)?;
        let mut last = 0;
        for (column, name) in (0..).zip(&table.head) {
            page.set_column_width(column, REPORT_COLUMN_WIDTH)?;
            page.write_string_with_format(0, column, *name, &formats.head)?;
            last = column;
        }
        let mut end = 0;
        for (row, cells) in (1..).zip(&table.rows) {
            for (column, cell) in (0..).zip(cells) {
                write_value(page, (row, column), cell, &formats)?;
            }
            end = row;
        }
        if end > 0 {
            page.autofilter(0, 0, end, last)?;
        }
    }
    book.save_to_buffer()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a workbook's numbers are doubles: exact to the 分 below 9 × 10^15 分"
)]
fn write_value(page: &mut Worksheet, at: (u32, u16), value: &Value, formats: &Formats) -> Result<(), XlsxError> {
    let (row, column) = at;
    match value {
        Value::Text(text) => page.write_string_with_format(row, column, text, &formats.text)?,
        Value::Number(number) => page.write_number_with_format(row, column, *number as f64, &formats.number)?,
        Value::Fen(fen) => {
            page.write_number_with_format(row, column, *fen as f64 / FEN_PER_WAN as f64, &formats.wan)?
        }
        Value::Percent(bp) => page.write_number_with_format(row, column, *bp as f64 / BP_PER_ONE, &formats.percent)?,
        Value::Day(day) => match excel_day(*day) {
            Some(date) => page.write_datetime_with_format(row, column, date, &formats.day)?,
            None => page.write_string_with_format(row, column, day.to_string(), &formats.text)?,
        },
        Value::Unknown => page.write_string_with_format(row, column, UNKNOWN, &formats.text)?,
    };
    Ok(())
}

/// The day as workbooks count days.
fn excel_day(day: Day) -> Option<ExcelDateTime> {
    let day = day.naive();
    let year = u16::try_from(day.year()).ok()?;
    let (month, day) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    ExcelDateTime::from_ymd(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_exactly_and_texts_stay_texts() {
        let row = vec![
            Value::Text("=1+1".to_owned()),
            Value::Number(-5),
            Value::Fen(1_234_567_891),
            Value::Fen(-1),
            Value::Percent(-25),
            Value::Percent(347),
            Value::Day("2026-10-31".parse().expect("a date")),
            Value::Unknown,
        ];
        let table = Table {
            name: "表",
            head: vec!["a", "b", "c", "d", "e", "f", "g", "h"],
            rows: vec![row],
        };
        let text = String::from_utf8(table_csv(&table).expect("written")).expect("UTF-8");
        let line = text.lines().nth(1).expect("a row");
        assert_eq!(line, "'=1+1,-5,1234.567891,-0.000001,-0.25%,3.47%,2026-10-31,—");
    }

    #[test]
    fn threat_14_no_cell_is_a_formula() {
        let mut cells: Vec<String> = TRIGGERS
            .iter()
            .map(|trigger| format!("{trigger}cmd|'/c calc'!A1"))
            .collect();
        cells.extend([
            "=1+1,\"a\"\r\n=2".to_owned(),
            "正常".to_owned(),
            String::new(),
            "a=b".to_owned(),
        ]);
        let bytes = csv(&["列"], cells.iter().map(|cell| [cell.clone()])).expect("written");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let text = text.strip_prefix('\u{feff}').expect("a byte-order mark");
        let read: Vec<String> = csv::Reader::from_reader(text.as_bytes())
            .records()
            .map(|record| record.expect("a row").get(0).expect("a cell").to_owned())
            .collect();
        assert_eq!(read.len(), cells.len());
        for (read, cell) in read.iter().zip(&cells) {
            assert!(!read.starts_with(TRIGGERS), "{read:?}");
            assert_eq!(read.trim_start_matches('\''), cell, "nothing else changes");
        }
    }
}
