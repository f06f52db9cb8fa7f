//! Workbooks, read without trusting them.
//!
//! A workbook is a zip of XML, and each of its numbers may be a lie: how far it unpacks, how many strings
//! it shares, how large its sheet is. So it is unpacked here first, while what really comes out is
//! counted; only the parts that hold data are kept (styles are not: one long format, referred to by many
//! cells, is copied for each by the reader), packed anew without compression, and given to the reader.
//! The reader goes cell by cell (`worksheet_cells_reader`): the dense grid that `worksheet_range` builds
//! takes 512 GiB for a file of 5 kB with one cell in the last corner. A formula is refused; the text of a
//! cell is data, never a formula again.

use super::table::{Cell, problem};
use crate::domain::dates::Day;
use crate::domain::invalid::{Problems, Rule};
use calamine::{DataRef, Reader, Xlsx};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The most parts in the archive.
const MOST_PARTS: usize = 200;
/// The most bytes that all parts unpack to.
pub const MOST_UNPACKED: u64 = 16 << 20;
/// Up to here a part may unpack whatever its ratio.
const UNPACKED_FREELY: u64 = 1 << 20;
/// Beyond that it may be so many times its packed size; honest sheets reach 30.
const UNPACK_RATIO: u64 = 100;
/// The most sheets.
const MOST_SHEETS: usize = 10;
/// The most columns.
const MOST_COLUMNS: u32 = 32;
/// The most texts that the sheets share.
const MOST_STRINGS: usize = 200_000;
/// The longest text of a cell, in characters.
const LONGEST_TEXT: usize = 1_000;

/// What a sheet holds: its first row, and those after it.
#[derive(Debug, Default)]
pub struct Workbook {
    /// The texts of the first row.
    pub heads: Vec<String>,
    /// The rows that hold anything.
    pub rows: Vec<SheetRow>,
    /// Whether days are counted from 1904.
    pub is_1904: bool,
}

/// A row that holds something.
#[derive(Debug, Default)]
pub struct SheetRow {
    /// Its number, from 1.
    pub line: u64,
    /// Its cells by their columns, from 0.
    pub cells: BTreeMap<usize, CellValue>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// A text.
    Text(String),
    /// A number; a date is one too.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A formula, whatever it came to.
    Formula,
    /// `#N/A` and the like.
    Fault,
}

impl CellValue {
    /// The text that a CSV file would have in a column of this kind.
    ///
    /// # Errors
    /// A formula, a fault, or a number where digits would be lost.
    pub fn text(&self, cell: Cell, is_1904: bool) -> Result<String, Rule> {
        match (self, cell) {
            (Self::Text(text), _) => Ok(text.clone()),
            (Self::Flag(flag), _) => Ok(flag.to_string()),
            (Self::Number(_), Cell::Code) => Err(Rule::NumberForCode),
            (Self::Number(number), Cell::Date) => day_of(*number, is_1904).ok_or(Rule::Date),
            // Every whole number of our forms is exact in a double (below 2^53), and prints without a point.
            (Self::Number(number), _) => Ok(number.to_string()),
            (Self::Formula, _) => Err(Rule::Formula),
            (Self::Fault, _) => Err(Rule::Shape("单元格里是错误值".to_owned())),
        }
    }
}

/// The day that a spreadsheet counts as this number.
fn day_of(number: f64, is_1904: bool) -> Option<String> {
    // 1900 had no 29 February, which the count has: from March 1900 on its day 0 is 1899-12-30.
    let (least, zero) = if is_1904 {
        (0.0, Day::from_ymd(1904, 1, 1)?)
    } else {
        (61.0, Day::from_ymd(1900, 1, 1)?)
    };
    if !(least..200_000.0).contains(&number) || number.fract() != 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 200,000")]
    let days = number as i64;
    let days = if is_1904 { days } else { days - 2 };
    Some(zero.plus_days(days).to_string())
}

/// Reads the sheet 数据, or the first one, of a workbook.
///
/// # Errors
/// What is wrong with the file as a whole.
pub fn read(bytes: &[u8], most_rows: usize) -> Result<Workbook, Problems> {
    let plain = unpack(bytes, &mut 0)?;
    // The reader does arithmetic on what the file says of positions; where that overflows it may panic.
    // Nothing is shared with it, so the file is refused and that is all.
    catch_unwind(AssertUnwindSafe(|| sheet(plain, most_rows))).unwrap_or_else(|_panic| Err(broken("位置写得不对")))
}

fn broken(why: impl std::fmt::Display) -> Problems {
    problem(Rule::Shape(format!("不是能读的 Excel 工作簿 (xlsx)：{why}")))
}

/// The parts that hold data, in an archive without compression; `unpacked` counts every byte that came
/// out of the given one, and stops soon after the limit.
fn unpack(bytes: &[u8], unpacked: &mut u64) -> Result<Vec<u8>, Problems> {
    let too_far = |what| problem(Rule::UnpacksTooFar(what));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MOST_PARTS {
        return Err(too_far("文件数"));
    }
    let mut plain = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(broken)?;
        let name = part.name().map_err(broken)?.into_owned();
        let by_ratio = UNPACKED_FREELY.max(part.compressed_size().saturating_mul(UNPACK_RATIO));
        let most = by_ratio.min(MOST_UNPACKED - *unpacked);
        let mut content = Vec::new();
        let read = part.take(most + 1).read_to_end(&mut content);
        *unpacked += content.len() as u64;
        if content.len() as u64 > most {
            return Err(too_far("解压后的大小"));
        }
        read.map_err(broken)?;
        if !holds_data(&name) {
            continue;
        }
        if is_strings(&name) && shares_too_much(&content) {
            return Err(too_far("文本数"));
        }
        plain.start_file(name, stored).map_err(broken)?;
        plain.write_all(&content).map_err(broken)?;
    }
    Ok(plain.finish().map_err(broken)?.into_inner())
}

fn holds_data(name: &str) -> bool {
    let end = name.rsplit('.').next().unwrap_or_default();
    let is_data = ["xml", "rels"].iter().any(|data| end.eq_ignore_ascii_case(data));
    is_data && !name.to_ascii_lowercase().ends_with("styles.xml")
}

fn is_strings(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("sharedstrings.xml")
}

/// The reader reserves as many texts as the part says that it has, and holds each that is there.
fn shares_too_much(content: &[u8]) -> bool {
    const SAID: &[u8] = b"uniqueCount";
    let says = |place: usize| {
        let digits: Vec<u8> = content
            .iter()
            .skip(place + SAID.len())
            .skip_while(|byte| !byte.is_ascii_digit())
            .take_while(|byte| byte.is_ascii_digit())
            .copied()
            .collect();
        let said = str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
        said.unwrap_or(usize::MAX)
    };
    let places = content
        .windows(SAID.len())
        .enumerate()
        .filter(|(_, word)| *word == SAID);
    let said = places.map(|(place, _)| says(place)).max().unwrap_or(0);
    // A text takes four marks at the least. In another encoding than UTF-8 the words above look otherwise.
    let marks = content.split(|byte| *byte == b'<').count();
    said > MOST_STRINGS || marks > MOST_STRINGS * 4 + 16 || content.contains(&0)
}

fn sheet(plain: Vec<u8>, most_rows: usize) -> Result<Workbook, Problems> {
    let mut book = Xlsx::new(Cursor::new(plain)).map_err(broken)?;
    let names = book.sheet_names();
    if names.len() > MOST_SHEETS {
        return Err(problem(Rule::Count {
            min: 1,
            max: MOST_SHEETS,
        }));
    }
    let name = names.iter().find(|name| *name == "数据").or(names.first());
    let name = name.ok_or_else(|| broken("没有工作表"))?.clone();
    let is_1904 = book.has_1904_epoch();
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    let last_row = u32::try_from(most_rows).unwrap_or(u32::MAX);
    let outside = |(row, column): (u32, u32)| row > last_row || column >= MOST_COLUMNS;
    if outside(cells.dimensions().end) {
        return Err(too_large(most_rows));
    }
    let mut rows: BTreeMap<u32, SheetRow> = BTreeMap::new();
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(broken)? {
        let value = match (cell.formula.is_some(), cell.value) {
            (true, _) => CellValue::Formula,
            (false, DataRef::Empty) => continue,
            (false, value) => held(value)?,
        };
        if outside(cell.pos) {
            return Err(too_large(most_rows));
        }
        let (row, column) = cell.pos;
        let kept = rows.entry(row).or_default();
        kept.line = u64::from(row) + 1;
        kept.cells.insert(usize::try_from(column).unwrap_or(usize::MAX), value);
    }
    let heads = rows.remove(&0).ok_or_else(|| broken("第一行没有表头"))?;
    Ok(Workbook {
        heads: head_texts(&heads)?,
        rows: rows.into_values().collect(),
        is_1904,
    })
}

fn too_large(most_rows: usize) -> Problems {
    problem(Rule::Shape(format!(
        "工作表太大：最多 {most_rows} 行、{MOST_COLUMNS} 列，请删掉多余的行列"
    )))
}

fn head_texts(row: &SheetRow) -> Result<Vec<String>, Problems> {
    let last = row.cells.keys().next_back().map_or(0, |last| last + 1);
    let text = |place| row.cells.get(&place).map(|cell| cell.text(Cell::Text, false));
    let texts = (0..last).map(|place| text(place).unwrap_or(Ok(String::new())));
    texts.collect::<Result<_, _>>().map_err(problem)
}

fn held(value: DataRef<'_>) -> Result<CellValue, Problems> {
    let text = |text: &str| {
        if text.chars().count() > LONGEST_TEXT {
            return Err(problem(Rule::TooLong(LONGEST_TEXT)));
        }
        Ok(CellValue::Text(text.to_owned()))
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "a cell's number is a double wherever it comes from"
    )]
    match value {
        DataRef::Int(number) => Ok(CellValue::Number(number as f64)),
        DataRef::Float(number) => Ok(CellValue::Number(number)),
        DataRef::DateTime(day) => Ok(CellValue::Number(day.as_f64())),
        DataRef::Bool(flag) => Ok(CellValue::Flag(flag)),
        DataRef::String(string) => text(&string),
        DataRef::SharedString(string) => text(string),
        DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => {
            text(string.split('T').next().unwrap_or_default())
        }
        DataRef::Error(_) => Ok(CellValue::Fault),
        DataRef::Empty => Ok(CellValue::Text(String::new())),
    }
}

#[cfg(test)]
mod tests;
