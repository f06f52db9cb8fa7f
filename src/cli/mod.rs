//! One file a subcommand, thin: read, call what does the work, write.

pub mod cost;

mod lines;
