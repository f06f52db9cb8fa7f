//! Files that commands read: plain or gzip, once and from front to back, so that a pipe serves as well.

use crate::actions::import::{Row, Rows};
use crate::domain::invalid::Problems;
use crate::exchange::lines::Lines;
use crate::exchange::read::json_row;
use crate::exchange::records::Records;
use crate::exchange::table::{Column, empty_file};
use crate::exchange::{self, BadRows, FileKind, FileRow};
use flate2::bufread::MultiGzDecoder;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Up to here a gzip file may unpack whatever its ratio.
const UNPACKED_FREELY: u64 = 64 << 20;
/// Beyond that it may be so many times as large as what was read of it; our own workloads reach 20.
const UNPACK_RATIO: u64 = 200;
const BUFFER: usize = 1 << 16;
/// The largest workbook.
const WORKBOOK_LIMIT: u64 = 16 << 20;

/// An open file, plain or gzip by its first two bytes; what it unpacks to has a limit.
pub enum Input {
    /// Read as it is.
    Plain(BufReader<Raw>),
    /// Unpacked on the way.
    Packed(Box<BufReader<Unpacked>>),
}

impl Input {
    /// Opens a file.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::of(path, None)
    }

    /// As [`Input::open`], for [`Input::sha256`].
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open_hashed(path: &Path) -> io::Result<Self> {
        Self::of(path, Some(Sha256::new()))
    }

    fn of(path: &Path, sha256: Option<Sha256>) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut raw = BufReader::with_capacity(BUFFER, Raw { file, read: 0, sha256 });
        if !raw.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            return Ok(Self::Plain(raw));
        }
        let decoder = MultiGzDecoder::new(raw);
        let unpacked = Unpacked {
            has_begun: decoder.header().is_some(),
            decoder,
            given: 0,
        };
        Ok(Self::Packed(Box::new(BufReader::with_capacity(BUFFER, unpacked))))
    }

    /// The SHA-256 of the file's own bytes in hexadecimal, of what is left of them too.
    ///
    /// # Errors
    /// When the rest can't be read.
    pub fn sha256(self) -> io::Result<String> {
        let mut raw = match self {
            Self::Plain(raw) => raw.into_inner(),
            Self::Packed(unpacked) => unpacked.into_inner().decoder.into_inner().into_inner(),
        };
        io::copy(&mut raw, &mut io::sink())?;
        let mut hexadecimal = String::with_capacity(64);
        for byte in raw.sha256.unwrap_or_default().finalize() {
            // Writing into a String cannot fail.
            let _ = write!(hexadecimal, "{byte:02x}");
        }
        Ok(hexadecimal)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(plain) => plain.read(buffer),
            Self::Packed(packed) => packed.read(buffer),
        }
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(plain) => plain.fill_buf(),
            Self::Packed(packed) => packed.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Self::Plain(plain) => plain.consume(amount),
            Self::Packed(packed) => packed.consume(amount),
        }
    }
}

/// The bytes of a file as they are, counted, and hashed on the way where that is wanted.
pub struct Raw {
    file: File,
    read: u64,
    sha256: Option<Sha256>,
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(buffer.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}

/// What a gzip file unpacks to, until that is far more than it holds.
pub struct Unpacked {
    decoder: MultiGzDecoder<BufReader<Raw>>,
    /// Whether the first header was one.
    has_begun: bool,
    given: u64,
}

impl Unpacked {
    /// The decoder takes whatever stands behind the last member for a header that is cut off.
    fn say(&self, error: io::Error) -> io::Error {
        let is_shape = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof);
        if is_shape && self.has_begun && self.decoder.header().is_none() {
            io::Error::other("something that is no gzip stands behind the end of the gzip data")
        } else {
            error
        }
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer).map_err(|error| self.say(error))?;
        self.given += read as u64;
        let packed = self.decoder.get_ref().get_ref().read;
        if self.given > UNPACKED_FREELY.max(packed.saturating_mul(UNPACK_RATIO)) {
            return Err(io::Error::other("the gzip file unpacks beyond its limit"));
        }
        Ok(read)
    }
}

/// Reads every line of JSON into `keep`; bad ones are collected, and reading goes on behind them.
pub fn read_json<T: DeserializeOwned>(
    input: &mut Input,
    mut keep: impl FnMut(u64, T) -> Result<(), Problems>,
) -> BadRows {
    let mut bad = BadRows::default();
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next_row() {
        let row = line.map_err(Problems::from).and_then(json_row);
        let number = lines.number();
        if let Err(problems) = row.and_then(|row| keep(number, row)) {
            bad.add(number, problems);
        }
    }
    bad
}

fn read_csv<T: DeserializeOwned>(
    input: &mut Input,
    columns: &[Column],
    mut keep: impl FnMut(u64, T) -> Result<(), Problems>,
) -> BadRows {
    let mut bad = BadRows::default();
    let mut records = match Records::open(Lines::new(input), columns) {
        Ok(records) => records,
        Err((line, problems)) => {
            bad.add(line, problems);
            return bad;
        }
    };
    while let Some((line, row)) = records.next_row() {
        if let Err(problems) = row.and_then(|row| keep(line, row)) {
            bad.add(line, problems);
        }
    }
    bad
}

/// Reads every row of a file, CSV, JSON lines or a workbook: good ones parsed, bad ones with what is wrong.
///
/// # Errors
/// When the file can't be read at all.
pub fn read_rows<F: DeserializeOwned, T>(
    path: &Path,
    input: &mut Input,
    columns: &[Column],
    mut parse: impl FnMut(F) -> Result<T, Problems>,
) -> io::Result<Rows<T>> {
    let mut good = Vec::new();
    let keep = |line, form: F| {
        let value = parse(form)?;
        good.push(Row { line, value });
        Ok(())
    };
    let kind = match FileKind::of_name(path) {
        Some(kind) => kind,
        None => FileKind::of(input.fill_buf()?),
    };
    let mut bad = match kind {
        FileKind::JsonLines => read_json(input, keep),
        FileKind::Csv => read_csv(input, columns, keep),
        FileKind::Xlsx => read_xlsx(input, columns, keep)?,
    };
    // A head without rows says that there are none; nothing at all is more likely a copy that failed.
    if kind == FileKind::JsonLines && good.is_empty() && bad.is_empty() {
        bad.add(1, empty_file());
    }
    Ok(Rows { good, bad })
}

/// Reads every row of a workbook, which is only understood whole; what is wrong with it as a whole is told of its first row.
fn read_xlsx<T: DeserializeOwned>(
    input: &mut Input,
    columns: &[Column],
    mut keep: impl FnMut(u64, T) -> Result<(), Problems>,
) -> io::Result<BadRows> {
    let mut bytes = Vec::new();
    input.take(WORKBOOK_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > WORKBOOK_LIMIT {
        return Err(io::Error::other("the workbook is too large"));
    }
    let mut bad = BadRows::default();
    match exchange::read(FileKind::Xlsx, &bytes, columns) {
        Ok(rows) => {
            for FileRow { line, form } in rows {
                if let Err(problems) = form.and_then(|form| keep(line, form)) {
                    bad.add(line, problems);
                }
            }
        }
        Err(problems) => bad.add(1, problems),
    }
    Ok(bad)
}
