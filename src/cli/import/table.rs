//! CSV files as forms: each row becomes the JSON that a line would have held, and is read as that.
//!
//! Limits are those of lines: no line over 1 MB, no packed file beyond its ratio.

use super::super::failure::{BadRows, Failure};
use super::super::input::{LINE_LIMIT, open};
use crate::domain::invalid::{Problems, Rule};
use crate::exchange::json;
use crate::exchange::read::told;
use crate::exchange::table::{Column, plan, problem, row};
use serde::de::DeserializeOwned;
use std::io::{self, BufRead, Read};
use std::path::Path;

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
    let plan = match plan(&heads.iter().collect::<Vec<_>>(), columns) {
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
                bad.add(path, line_of(&error), problem(told(&error)));
                if error.is_io_error() {
                    return Ok(());
                }
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let kept = row(|place| record.get(place), &plan)
            .and_then(json::from_value)
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
