//! The command line.

mod bad_input;
mod calls;
mod demo;
mod log;
mod metrics;
pub mod serve;
mod stop;
