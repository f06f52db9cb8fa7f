//! The command line.

mod bad_input;
mod log;
mod serve;
