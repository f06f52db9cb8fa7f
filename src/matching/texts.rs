//! Many short texts in one piece of memory, made to be copied.

use super::compile::position;

/// Texts by their place, one after the other.
#[derive(Clone, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a text behind the last one.
    pub(super) fn add(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(position(self.bytes.len()));
    }

    /// Adds another's text.
    pub(super) fn copy(&mut self, other: &Self, place: usize) {
        other.push(place, &mut self.bytes);
        self.ends.push(position(self.bytes.len()));
    }

    /// Appends the text at `place` to `out`.
    #[inline]
    pub(super) fn push(&self, place: usize, out: &mut Vec<u8>) {
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        push_part(out, &self.bytes, start, self.ends[place] as usize);
    }
}

/// Appends `bytes[start..end]`.
///
/// A short one is copied in a number of bytes that the compiler knows, with what happens to stand behind it, and
/// then cut: a few instructions, where a copy of any length is a call that first has to find out how to go about it.
#[inline]
pub(super) fn push_part(out: &mut Vec<u8>, bytes: &[u8], start: usize, end: usize) {
    const SHORT: usize = 64;
    match bytes.get(start..).and_then(<[u8]>::first_chunk::<SHORT>) {
        Some(chunk) if end - start <= SHORT => {
            let cut = out.len() + (end - start);
            out.extend_from_slice(chunk);
            out.truncate(cut);
        }
        _ => out.extend_from_slice(&bytes[start..end]),
    }
}
