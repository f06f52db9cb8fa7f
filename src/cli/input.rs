//! JSON lines from plain or gzip files, within limits, each error with its file, line and field.

use super::failure::{BadRows, Failure};
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::lpr::{Lpr, LprTable};
use crate::exchange::json;
use crate::exchange::table::problem;
use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line in bytes, its end left out.
pub const LINE_LIMIT: usize = 1 << 20;
/// Up to here a gzip file may unpack whatever its ratio.
const UNPACKED_FREELY: u64 = 64 << 20;
/// Beyond that it may be so many times its packed size; our own workloads reach 20.
const UNPACK_RATIO: u64 = 200;

/// Opens a plain file, or a gzip file by its first two bytes; what it unpacks to has a limit.
///
/// # Errors
/// When the file can't be read.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    let file = File::open(path).map_err(Failure::file(path))?;
    let size = file.metadata().map_err(Failure::file(path))?.len();
    let mut plain = BufReader::with_capacity(1 << 16, file);
    let packed = plain
        .fill_buf()
        .map_err(Failure::file(path))?
        .starts_with(&[0x1f, 0x8b]);
    if !packed {
        return Ok(Box::new(plain));
    }
    let unpacked = Capped {
        inner: MultiGzDecoder::new(plain),
        left: UNPACKED_FREELY.max(size.saturating_mul(UNPACK_RATIO)),
    };
    Ok(Box::new(BufReader::with_capacity(1 << 16, unpacked)))
}

/// Lines of a file, numbered from 1.
pub struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    line: u64,
    buffer: Vec<u8>,
    /// The file could not be read on.
    broken: bool,
}

impl Lines {
    /// Opens a plain file, or a gzip file by its first two bytes.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        Ok(Self {
            path: path.to_owned(),
            reader: open(path)?,
            line: 0,
            buffer: Vec::new(),
            broken: false,
        })
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the line that [`Lines::next_line`] gave last.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.line
    }

    /// The next line that is not blank; none at the end.
    ///
    /// # Errors
    /// A line that is too long or no UTF-8, behind which reading goes on; or a file that breaks off or
    /// unpacks beyond its limit, which ends there.
    pub fn next_line(&mut self) -> Result<Option<&str>, Problems> {
        while !self.broken {
            self.buffer.clear();
            self.line += 1;
            match self.fill() {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) => {
                    self.broken = true;
                    return Err(shape(format!("文件读不下去 (cannot read on: {error})")));
                }
            }
            if self.buffer.len() > LINE_LIMIT {
                return Err(shape("一行超过 1 MB (line over 1 MB)".to_owned()));
            }
            if self.line == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.buffer.drain(..3);
            }
            if !self.buffer.iter().all(u8::is_ascii_whitespace) {
                return match str::from_utf8(&self.buffer) {
                    Ok(text) => Ok(Some(text)),
                    Err(error) => {
                        let byte = error.valid_up_to() + 1;
                        Err(shape(format!("不是 UTF-8 (invalid UTF-8 at byte {byte})")))
                    }
                };
            }
        }
        Ok(None)
    }

    /// Reads a line without its end into the buffer, of one that is too long only so much as shows it.
    fn fill(&mut self) -> io::Result<usize> {
        let most = LINE_LIMIT as u64 + 1;
        let read = self.reader.by_ref().take(most).read_until(b'\n', &mut self.buffer)?;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else if self.buffer.len() > LINE_LIMIT {
            self.reader.skip_until(b'\n')?;
        }
        Ok(read)
    }
}

fn shape(words: String) -> Problems {
    problem(Rule::Shape(words))
}

/// Stops a file that unpacks to far more than it holds.
struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other("the gzip file unpacks beyond its limit"))?;
        Ok(read)
    }
}

/// Reads one JSON value; an error names the field by its path.
///
/// # Errors
/// When the text is no JSON or not of the form's shape.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Problems> {
    json::read(text.as_bytes()).map_err(Problems::from)
}

/// Reads every line of a file into `keep`; bad lines are collected, and reading goes on behind them.
///
/// # Errors
/// When the file can't be opened.
pub fn read_rows<T: DeserializeOwned>(
    path: &Path,
    bad: &mut BadRows,
    mut keep: impl FnMut(u64, T) -> Result<(), Problems>,
) -> Result<(), Failure> {
    let mut lines = Lines::open(path)?;
    while let Some(line) = lines.next_line().transpose() {
        let row = line.and_then(from_json);
        if let Err(problems) = row.and_then(|row| keep(lines.number(), row)) {
            bad.add(path, lines.number(), problems);
        }
    }
    Ok(())
}

/// Reads the LPR table: CSV `date,1y,5y` in percent, ascending, comments begin with `#`.
///
/// # Errors
/// When the file can't be read, or any of its rows is bad.
pub fn read_lpr(path: &Path) -> Result<LprTable, Failure> {
    let file = File::open(path).map_err(Failure::file(path))?;
    lpr_table(file.take(LINE_LIMIT as u64 * 64), path)
}

/// As [`read_lpr`], from an open file; `path` is what errors call it.
pub(super) fn lpr_table(file: impl Read, path: &Path) -> Result<LprTable, Failure> {
    let mut bad = BadRows::default();
    let mut rows: Vec<(u64, Lpr)> = Vec::new();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(file);
    match reader.headers() {
        Ok(heads) if heads.iter().eq(["date", "1y", "5y"]) => {}
        Ok(_) => bad.add(path, 1, shape("表头应为 date,1y,5y (missing column)".to_owned())),
        Err(error) => bad.add(path, 1, shape(error.to_string())),
    }
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                bad.add(path, line, shape(error.to_string()));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place| record.get(place).unwrap_or_default();
        match Lpr::parse(cell(0), cell(1), cell(2)) {
            Ok(row) => rows.push((line, row)),
            Err(problems) => bad.add(path, line, problems),
        }
    }
    let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
    match LprTable::new(rows.into_iter().map(|(_, row)| row).collect()) {
        Ok(table) => bad.or_ok().map(|()| table).map_err(Failure::from),
        Err(place) => {
            let not_later = Problem {
                field: "date".to_owned(),
                rule: Rule::Inverted,
            };
            bad.add(path, lines.get(place).copied().unwrap_or(0), not_later.into());
            Err(bad.into())
        }
    }
}
