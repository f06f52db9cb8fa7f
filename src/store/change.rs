//! What a write that puts a row came to.

/// What became of a row that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was none; now there is.
    Created,
    /// There was another; now it is this.
    Updated,
    /// It was there already.
    Unchanged,
}
