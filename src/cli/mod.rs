//! The command line: one file a subcommand, each thin. Here the parts of the house are put together.

mod audit;
mod backup;
mod batch;
mod check;
mod columns;
pub mod cost;
mod cost_command;
pub mod database;
pub mod demo;
mod export;
pub mod failure;
pub mod import;
pub mod input;
mod jobs;
mod logging;
mod mail;
mod match_command;
mod migrate;
mod output;
mod report;
mod restore;
mod running;
mod serve;
mod simulate;
mod uscc;
mod user;

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
    Demo(demo::Args),
    Serve(serve::Args),
    Match(match_command::Args),
    Simulate(simulate::Args),
    Cost(cost_command::Args),
    Uscc(uscc::Args),
    Import(import::Args),
    Export(export::Args),
    Report(report::Args),
    #[command(subcommand)]
    User(user::Command),
    Migrate(migrate::Args),
    Check(check::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    #[command(subcommand)]
    Audit(audit::Command),
    Jobs(jobs::Args),
    #[command(subcommand)]
    Mail(mail::Command),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// What the command could not do.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Demo(args) => demo::run(&args),
            Command::Serve(args) => serve::run(&args),
            Command::Match(args) => match_command::run(&args),
            Command::Simulate(args) => simulate::run(&args),
            Command::Cost(args) => cost_command::run(&args),
            Command::Uscc(args) => uscc::run(&args),
            Command::Import(args) => import::run(&args),
            Command::Export(args) => export::run(&args),
            Command::Report(args) => report::run(&args),
            Command::User(command) => user::run(&command),
            Command::Migrate(args) => migrate::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Backup(args) => backup::run(&args),
            Command::Restore(args) => restore::run(&args),
            Command::Audit(command) => audit::run(&command),
            Command::Jobs(args) => jobs::run(&args),
            Command::Mail(command) => mail::run(&command),
        }
    }
}
