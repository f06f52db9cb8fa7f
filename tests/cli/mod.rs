//! The command line.

mod bad_input;
mod log;
pub mod serve;
