//! The command line.

mod bad_input;
mod calls;
mod demo;
mod export;
mod log;
pub mod serve;
