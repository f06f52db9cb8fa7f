//! `rongqiao audit`: the chain over the audit log, verified, and its head to be kept elsewhere.

use super::database;
use super::failure::Failure;
use crate::actions::audit::{self, Head};
use crate::config::Config;
use crate::store::Store;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The chain of hashes over the audit log.
#[derive(clap::Subcommand)]
#[command(after_help = "Example:\n  rongqiao audit verify --head head-2026-11.json")]
pub enum Command {
    Verify(VerifyArgs),
    Head(HeadArgs),
}

/// Go through the whole chain; the first row that breaks it is named, and the exit code is 1.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao audit verify --head head-2026-11.json")]
pub struct VerifyArgs {
    /// A head that was exported before: rows that were taken off the end since are noticed too.
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Print the head of the chain as JSON, to be kept where nobody who can change the database can reach.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao audit head > head-2026-11.json")]
pub struct HeadArgs {
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A chain that is broken, or a database or a file that can't be used.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Verify(args) => verify(&open(args.config.as_deref())?, args.head.as_deref()),
        Command::Head(args) => head(&open(args.config.as_deref())?),
    }
}

fn open(config: Option<&Path>) -> Result<Store, Failure> {
    database::as_it_is(&Config::load(config)?)
}

fn verify(store: &Store, file: Option<&Path>) -> Result<(), Failure> {
    let exported = file.map(read_head).transpose()?;
    let verified = audit::verify(store, exported.as_ref())?;
    let mut out = io::stdout().lock();
    writeln!(out, "{} rows sealed and good", verified.good)?;
    writeln!(out, "{} rows not sealed yet", verified.unsealed)?;
    match verified.broken {
        Some(broken) => Err(Failure::Other(broken.to_string())),
        None => Ok(()),
    }
}

fn read_head(path: &Path) -> Result<Head, Failure> {
    let bytes = fs::read(path).map_err(Failure::file(path))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::Other(format!("{}: {error}", path.display())))
}

fn head(store: &Store) -> Result<(), Failure> {
    let head = store
        .read(audit::head)?
        .ok_or_else(|| Failure::Other("nothing is sealed yet".to_owned()))?;
    let json = serde_json::to_string(&head).map_err(io::Error::from)?;
    writeln!(io::stdout().lock(), "{json}")?;
    Ok(())
}
