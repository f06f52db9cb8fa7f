//! The command line.

mod serve;
