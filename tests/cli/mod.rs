//! The command line.

mod backup;
mod bad_input;
mod calls;
mod demo;
mod log;
pub mod serve;
