//! Lines of a file that nobody has checked: bounded in length, UTF-8 or refused, and a bad one leaves its
//! neighbours readable. The one reader of lines: whether a line is a row, a record's part or a question is
//! its reader's business.

use super::table::problem;
use crate::domain::invalid::{Problems, Rule};
use std::borrow::Cow;
use std::io::{self, BufRead};

/// The longest line in bytes, its end left out.
pub const LINE_LIMIT: usize = 1 << 20;

/// What some programs put before UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why there is no text of a line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Longer than [`LINE_LIMIT`]; reading goes on behind it.
    #[error("一行超过 1 MB (line over 1 MB)")]
    TooLong,
    /// Not UTF-8, from this byte on, counted from 1; reading goes on behind it.
    #[error("不是 UTF-8 (invalid UTF-8 at byte {0})")]
    NotUtf8(usize),
    /// The file breaks off; there are no more lines.
    #[error("文件读不下去 (cannot read on: {0})")]
    Broken(io::Error),
}

impl From<LineError> for Problems {
    fn from(error: LineError) -> Self {
        problem(Rule::Shape(error.to_string()))
    }
}

/// Lines, numbered from 1, without their ends (LF or CRLF) and without a byte order mark.
pub struct Lines<R> {
    reader: R,
    line: u64,
    buffer: Vec<u8>,
    is_broken: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of what this reads.
    pub const fn new(reader: R) -> Self {
        Self {
            reader,
            line: 0,
            buffer: Vec::new(),
            is_broken: false,
        }
    }

    /// The number of the line that was given last.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.line
    }

    /// The next line; none at the end.
    pub fn next_line(&mut self) -> Option<Result<&str, LineError>> {
        let read = self.advance()?;
        Some(read.and_then(|()| self.text()))
    }

    /// The next line that is not blank; none at the end.
    pub fn next_row(&mut self) -> Option<Result<&str, LineError>> {
        loop {
            match self.advance()? {
                Ok(()) if self.buffer.iter().all(u8::is_ascii_whitespace) => {}
                read => return Some(read.and_then(|()| self.text())),
            }
        }
    }

    /// What can be shown of the line that was given last, however broken; nothing of one that was too long.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.buffer)
    }

    /// What is read from.
    pub fn into_reader(self) -> R {
        self.reader
    }

    fn text(&self) -> Result<&str, LineError> {
        str::from_utf8(&self.buffer).map_err(|error| LineError::NotUtf8(error.valid_up_to() + 1))
    }

    fn advance(&mut self) -> Option<Result<(), LineError>> {
        if self.is_broken {
            return None;
        }
        self.buffer.clear();
        self.line += 1;
        match self.fill() {
            Ok(0) => None,
            Ok(_) if self.buffer.len() > LINE_LIMIT => {
                self.buffer.clear();
                Some(Err(LineError::TooLong))
            }
            Ok(_) => Some(Ok(())),
            Err(error) => {
                self.is_broken = true;
                self.buffer.clear();
                Some(Err(LineError::Broken(error)))
            }
        }
    }

    /// Reads a line into the buffer, of one that is too long only so much as shows it; gives what it took.
    fn fill(&mut self) -> io::Result<usize> {
        // A line of the limit's length may still end with CRLF.
        let most = LINE_LIMIT as u64 + 2;
        let mut read = io::Read::take(&mut self.reader, most).read_until(b'\n', &mut self.buffer)?;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else if read as u64 == most {
            read += self.reader.skip_until(b'\n')?;
        }
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        if self.line == 1 && self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.buffer.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(input: &[u8]) -> Vec<Result<usize, String>> {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line() {
            all.push(line.map(str::len).map_err(|error| error.to_string()));
        }
        all
    }

    #[test]
    fn long_and_broken_lines_do_not_swallow_their_neighbours() {
        let mut input = vec![b'a'; LINE_LIMIT];
        input.push(b'\n');
        input.extend(vec![b'b'; LINE_LIMIT + 1]);
        input.extend(b"\nok\xff\n\nlast");
        let long = Err(LineError::TooLong.to_string());
        let not_text = Err(LineError::NotUtf8(3).to_string());
        assert_eq!(lengths(&input), [Ok(LINE_LIMIT), long, not_text, Ok(0), Ok(4)]);
    }

    #[test]
    fn the_limit_is_the_lines_however_it_ends() {
        let long = || Err(LineError::TooLong.to_string());
        for end in [&b""[..], b"\n", b"\r\n", b"\r"] {
            for (bytes, expected) in [
                (LINE_LIMIT, Ok(LINE_LIMIT)),
                (LINE_LIMIT + 1, long()),
                (LINE_LIMIT + 2, long()),
            ] {
                let input = [&vec![b'a'; bytes], end].concat();
                assert_eq!(lengths(&input), [expected], "{bytes} {end:?}");
            }
        }
    }

    #[test]
    fn a_byte_order_mark_and_carriage_returns_are_no_part_of_a_line() {
        assert_eq!(lengths(b"\xef\xbb\xbfab\r\n\r\n\xef\xbb\xbf\n"), [Ok(2), Ok(0), Ok(3)]);
        assert_eq!(lengths(b""), []);
        let mut rows = Lines::new(&b"\n \t\r\nrow\n\n"[..]);
        assert_eq!(rows.next_row().map(Result::ok), Some(Some("row")));
        assert_eq!(rows.number(), 3);
        assert!(rows.next_row().is_none());
    }
}
