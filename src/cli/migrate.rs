//! `rongqiao migrate`: brings the database's schema up to date.

use super::database;
use super::failure::Failure;
use crate::config::Config;
use std::io::{self, Write};
use std::path::PathBuf;

/// Bring the database's schema up to date; each step is one transaction.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao migrate --config /etc/rongqiao.toml")]
pub struct Args {
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A database that can't be reached or is newer than this program.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let done = database::connect(&config)?.migrate()?;
    let mut out = io::stdout().lock();
    for name in &done {
        writeln!(out, "{name}")?;
    }
    writeln!(out, "{} migrations run", done.len())?;
    Ok(())
}
