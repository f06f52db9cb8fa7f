//! Lines that nobody has checked, each to be answered: bounded in length, UTF-8 or refused, and a bad one
//! leaves its neighbours readable. ([`super::input`] reads files of rows, which stop at such a line.)

use super::input::LINE_LIMIT;
use std::io::{self, BufRead, Read};

/// Why a line is not even text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineError {
    /// Longer than [`LINE_LIMIT`].
    #[error("line over 1 MB")]
    TooLong,
    /// Not UTF-8.
    #[error("not UTF-8 after byte {0}")]
    NotUtf8(usize),
}

/// Reads the next line into `buffer` and shows it without its end; `None` at the end of the input.
/// A line that is too long is skipped whole, and never held in memory.
pub(super) fn next_line<'a>(
    input: &mut impl BufRead,
    buffer: &'a mut Vec<u8>,
) -> io::Result<Option<Result<&'a str, LineError>>> {
    buffer.clear();
    if input.by_ref().take(LINE_LIMIT as u64 + 1).read_until(b'\n', buffer)? == 0 {
        return Ok(None);
    }
    if buffer.last() == Some(&b'\n') {
        buffer.pop();
    } else if buffer.len() > LINE_LIMIT {
        input.skip_until(b'\n')?;
        return Ok(Some(Err(LineError::TooLong)));
    }
    Ok(Some(
        std::str::from_utf8(buffer).map_err(|error| LineError::NotUtf8(error.valid_up_to())),
    ))
}

#[cfg(test)]
mod tests {
    use super::{LINE_LIMIT, LineError, next_line};

    #[test]
    fn long_and_broken_lines_do_not_swallow_their_neighbours() {
        let mut input = vec![b'a'; LINE_LIMIT];
        input.push(b'\n');
        input.extend(vec![b'b'; LINE_LIMIT + 1]);
        input.extend(b"\nok\xff\n\nlast");
        let (mut input, mut buffer) = (input.as_slice(), Vec::new());
        let mut next = || {
            next_line(&mut input, &mut buffer)
                .expect("a slice reads")
                .map(|line| line.map(str::len))
        };
        assert_eq!(next(), Some(Ok(LINE_LIMIT)));
        assert_eq!(next(), Some(Err(LineError::TooLong)));
        assert_eq!(next(), Some(Err(LineError::NotUtf8(2))));
        assert_eq!(next(), Some(Ok(0)));
        assert_eq!(next(), Some(Ok(4)));
        assert_eq!(next(), None);
    }
}
