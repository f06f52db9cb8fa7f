//! Tables as CSV files and workbooks: the one writer, so that no cell of any file is a formula.
//!
//! A spreadsheet takes a cell of CSV that begins with `=` and the like for a formula, in full-width
//! letters too after its own folding. Such a text gets a `'` before it. The byte-order mark makes Excel
//! read UTF-8. In a workbook every text is typed as one, and stays one.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// What makes a spreadsheet think of a formula.
const TRIGGERS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A table as the bytes of a CSV file.
///
/// # Errors
/// When memory can't be written, which does not happen.
pub fn csv<R: AsRef<[String]>>(head: &[&str], rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row.as_ref().iter().map(|cell| harmless(cell)))?;
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

#[cfg(test)]
mod tests {
    use super::*;

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
