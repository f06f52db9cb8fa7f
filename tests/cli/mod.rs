//! The command line.

mod bad_input;
mod calls;
mod log;
pub mod serve;
