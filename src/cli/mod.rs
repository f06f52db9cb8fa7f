//! The command line: one file a subcommand, each thin. Here the parts of the house are put together.

pub mod cost;
pub mod database;
pub mod demo;
pub mod failure;
pub mod import;
pub mod input;
mod lines;
mod match_command;
mod simulate;
mod uscc;

use clap::{Parser, Subcommand};
pub use failure::Failure;

/// 融桥: brings a district's enterprises and its banks' loans together.
#[derive(Parser)]
#[command(name = "rongqiao", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(import::Args),
    Match(match_command::Args),
    Simulate(simulate::Args),
    Uscc(uscc::Args),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// What the command could not do.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Import(args) => import::run(&args),
            Command::Match(args) => match_command::run(&args),
            Command::Simulate(args) => simulate::run(&args),
            Command::Uscc(args) => uscc::run(&args),
        }
    }
}
