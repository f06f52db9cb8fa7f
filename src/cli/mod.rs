//! The command line: one file a subcommand, each thin. Here the parts of the house are put together.

pub mod cost;
pub mod failure;
pub mod import;
pub mod input;
mod lines;
mod match_command;
mod simulate;
mod uscc;

use crate::clock::SystemClock;
use crate::store::{BadUrl, DatabaseUrl, PoolSettings, Store};
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
            Command::Import(args) => import_into(&args),
            Command::Match(args) => match_command::run(&args),
            Command::Simulate(args) => simulate::run(&args),
            Command::Uscc(args) => uscc::run(&args),
        }
    }
}

/// Opens the database that the environment names and imports into it.
fn import_into(args: &import::Args) -> Result<(), Failure> {
    let url = std::env::var("RONGQIAO__DATABASE__URL").unwrap_or_else(|_| "sqlite://data/rongqiao.db".to_owned());
    let url: DatabaseUrl = url.parse().map_err(|error: BadUrl| Failure::Other(error.to_string()))?;
    let store = Store::open(&url, &PoolSettings::default())?;
    store.migrate()?;
    let target = import::Target {
        store: &store,
        clock: &SystemClock,
        district_code: "410106",
    };
    import::run(args, &target)
}
