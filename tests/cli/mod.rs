//! The command line.

mod bad_input;
mod serve;
