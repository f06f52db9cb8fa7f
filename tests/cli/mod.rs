//! The command line.

mod backup;
mod bad_input;
mod calls;
mod check;
mod demo;
mod export;
mod log;
mod metrics;
pub mod serve;
mod stop;
