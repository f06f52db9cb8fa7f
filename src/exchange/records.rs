//! The rows of a CSV file, each with the line on which it begins.
//!
//! The csv crate counts a record from where the one before it ended, comments and blank lines included, and
//! where a quote is never closed it takes the rest of the file for one cell. So lines are put together to
//! records here, and the crate reads one record at a time.

use super::json;
use super::lines::{LINE_LIMIT, Lines};
use super::table::{self, Column, Plan, plan, problem};
use super::write;
use crate::domain::invalid::{Problems, Rule};
use csv::{ReaderBuilder, StringRecord, Terminator};
use serde::de::DeserializeOwned;
use std::io::BufRead;

/// The rows of a file whose head has been read.
pub struct Records<'a, R> {
    lines: Lines<R>,
    plan: Plan<'a>,
    heads: usize,
}

impl<'a, R: BufRead> Records<'a, R> {
    /// Reads the head.
    ///
    /// # Errors
    /// The head's line, and what is wrong with it.
    pub fn open(mut lines: Lines<R>, columns: &'a [Column]) -> Result<Self, (u64, Problems)> {
        let (line, heads) = next(&mut lines).unwrap_or_else(|| (1, Err(table::empty_file())));
        let of_line = |problems| (line, problems);
        let heads = heads.map_err(of_line)?;
        let plan = plan(&heads.iter().collect::<Vec<_>>(), columns).map_err(of_line)?;
        Ok(Self {
            lines,
            plan,
            heads: heads.len(),
        })
    }

    /// The next row, with its line; none at the end.
    pub fn next_row<T: DeserializeOwned>(&mut self) -> Option<(u64, Result<T, Problems>)> {
        let (line, record) = next(&mut self.lines)?;
        Some((line, record.and_then(|record| self.form(&record))))
    }

    /// What is read from.
    pub fn into_lines(self) -> Lines<R> {
        self.lines
    }

    fn form<T: DeserializeOwned>(&self, record: &StringRecord) -> Result<T, Problems> {
        let (len, heads) = (record.len(), self.heads);
        if len != heads {
            return Err(problem(Rule::Shape(format!(
                "有 {len} 列，表头有 {heads} 列 ({len} columns, the head has {heads})"
            ))));
        }
        table::row(|place| record.get(place).map(write::unguarded), &self.plan).and_then(json::from_value)
    }
}

/// The next record and the line on which it begins; blank lines and those that begin with `#` say nothing.
fn next(lines: &mut Lines<impl BufRead>) -> Option<(u64, Result<StringRecord, Problems>)> {
    let mut text = String::new();
    let mut begins = 0;
    let mut at = At::CellsBegin;
    loop {
        let Some(line) = lines.next_line() else {
            return (begins > 0).then(|| (begins, Err(not_closed())));
        };
        let line = match line {
            Ok(line) if begins == 0 && (line.starts_with('#') || line.trim_ascii().is_empty()) => continue,
            Ok(line) => line,
            Err(error) => return Some((lines.number(), Err(error.into()))),
        };
        if begins > 0 {
            text.push('\n');
        }
        text.push_str(line);
        at = line.bytes().fold(at, At::after);
        if begins == 0 {
            begins = lines.number();
        }
        if at != At::Quoted {
            return Some((begins, read(&text)));
        }
        if text.len() > LINE_LIMIT {
            return Some((begins, Err(not_closed())));
        }
    }
}

fn not_closed() -> Problems {
    problem(Rule::Shape("引号没有结束 (a quote is not closed)".to_owned()))
}

/// Where in a record a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    CellsBegin,
    Cell,
    Quoted,
    /// Behind a quote within quotes: it ended them, or is the first half of one that is meant.
    Quote,
}

impl At {
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) | (Self::CellsBegin | Self::Quote, b'"') => Self::Quoted,
            (_, b',') => Self::CellsBegin,
            _ => Self::Cell,
        }
    }
}

fn read(text: &str) -> Result<StringRecord, Problems> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(text.len().max(1))
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) => Ok(record),
        Err(_unreadable) => Err(problem(Rule::Shape("读不出这一行 (cannot read the row)".to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(text: &str) -> Vec<(u64, Result<Vec<String>, String>)> {
        let mut lines = Lines::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some((line, record)) = next(&mut lines) {
            let cells = record.map(|record| record.iter().map(str::to_owned).collect());
            all.push((line, cells.map_err(|problems| problems.to_string())));
        }
        all
    }

    #[test]
    fn a_record_stands_on_its_own_line() {
        let text = "# one\n\na,b\r\n#\n \n1,\"x\n#y\"\n\"say \"\"no\"\"\",2\"\n,\n";
        let cells = |cells: [&str; 2]| Ok(cells.map(str::to_owned).to_vec());
        assert_eq!(
            records(text),
            [
                (3, cells(["a", "b"])),
                (6, cells(["1", "x\n#y"])),
                (8, cells(["say \"no\"", "2\""])),
                (9, cells(["", ""])),
            ]
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told_where_it_opens() {
        let told = records("a,b\n1,\"x\n2,y\n");
        assert_eq!(told.len(), 2);
        assert_eq!(told[1].0, 2);
        assert!(told[1].1.as_ref().is_err_and(|words| words.contains("not closed")));
        // It takes no more memory than a line may, and what stands behind that is read.
        let long = format!("a\n\"{}\nz\n", "x\n".repeat(LINE_LIMIT / 2));
        let told = records(&long);
        assert!(told[1].1.is_err());
        assert_eq!(told.last().map(|(line, _)| *line), Some(3 + LINE_LIMIT as u64 / 2));
    }

    proptest! {
        /// Where there are neither comments, blank lines nor carriage returns, the crate's own reading of the
        /// whole file is the same.
        #[test]
        fn records_are_those_of_the_crate(text in "([a,\"]{1,6}\n){0,6}") {
            let ours: Vec<Vec<String>> = records(&text).into_iter().filter_map(|(_, record)| record.ok()).collect();
            let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let all: Vec<StringRecord> = reader.records().map(|record| record.expect("it reads")).collect();
            let theirs: Vec<Vec<String>> = all.iter().map(|record| record.iter().map(str::to_owned).collect()).collect();
            let is_closed = ours.len() == records(&text).len();
            let whole = theirs.len() - usize::from(!is_closed);
            prop_assert_eq!(ours, &theirs[..whole]);
        }
    }
}
