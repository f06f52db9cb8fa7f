//! The commands over files, as a caller sees them.

mod bad_input;
