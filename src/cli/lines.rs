//! Lines of a file that nobody has checked: bounded in length, and UTF-8 or refused.

use std::io::{self, BufRead, Read};

/// The longest line taken, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 1_000_000;

/// Why a line is not even text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineError {
    /// Longer than [`MAX_LINE_BYTES`].
    #[error("the line is longer than 1 MB")]
    TooLong,
    /// Not UTF-8.
    #[error("the line is not UTF-8 after byte {0}")]
    NotUtf8(usize),
}

/// Reads the next line into `buffer` and shows it without its end; `None` at the end of the input.
/// A line that is too long is skipped whole, and never held in memory.
pub(super) fn next_line<'a>(
    input: &mut impl BufRead,
    buffer: &'a mut Vec<u8>,
) -> io::Result<Option<Result<&'a str, LineError>>> {
    buffer.clear();
    let most = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    if input.by_ref().take(most).read_until(b'\n', buffer)? == 0 {
        return Ok(None);
    }
    if buffer.last() == Some(&b'\n') {
        buffer.pop();
    } else if buffer.len() > MAX_LINE_BYTES {
        input.skip_until(b'\n')?;
        return Ok(Some(Err(LineError::TooLong)));
    }
    Ok(Some(
        std::str::from_utf8(buffer).map_err(|error| LineError::NotUtf8(error.valid_up_to())),
    ))
}

#[cfg(test)]
mod tests {
    use super::{LineError, MAX_LINE_BYTES, next_line};

    #[test]
    fn long_and_broken_lines_do_not_swallow_their_neighbours() {
        let mut input = vec![b'a'; MAX_LINE_BYTES];
        input.push(b'\n');
        input.extend(vec![b'b'; MAX_LINE_BYTES + 1]);
        input.extend(b"\nok\xff\n\nlast");
        let (mut input, mut buffer) = (input.as_slice(), Vec::new());
        let mut next = || {
            next_line(&mut input, &mut buffer)
                .expect("a slice reads")
                .map(|line| line.map(str::len))
        };
        assert_eq!(next(), Some(Ok(MAX_LINE_BYTES)));
        assert_eq!(next(), Some(Err(LineError::TooLong)));
        assert_eq!(next(), Some(Err(LineError::NotUtf8(2))));
        assert_eq!(next(), Some(Ok(0)));
        assert_eq!(next(), Some(Ok(4)));
        assert_eq!(next(), None);
    }
}
