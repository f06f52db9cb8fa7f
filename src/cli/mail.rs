//! `rongqiao mail`: mail that a restored database holds, let go.

use super::database;
use super::failure::Failure;
use crate::actions::outbox::{self, Held};
use crate::clock::{SystemClock, civil_minute, instant_of_minute};
use crate::config::Config;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use std::io::{self, Write};
use std::path::PathBuf;

const EXAMPLE: &str = "Example:\n  rongqiao mail release --drop-before '2026-12-01 08:30'";

/// Mail that is held after a restore.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    Release(ReleaseArgs),
}

/// Let mail go that a restored database holds.
///
/// What waited when the backup was made was mostly sent after it, and would be sent again. --drop-before gives up
/// what was written before a time; an administrator can still send each of those again.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct ReleaseArgs {
    /// Give up the mails that were written before this time of Beijing; the time of the restore means all that came
    /// with the backup.
    #[arg(long, value_name = "YYYY-MM-DD HH:MM", value_parser = minute)]
    drop_before: Option<DateTime<Utc>>,
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

fn minute(text: &str) -> Result<DateTime<Utc>, String> {
    instant_of_minute(text).ok_or_else(|| "a time is written as 2026-12-01 08:30".to_owned())
}

/// Runs the command.
///
/// # Errors
/// Mail that is not held, or a database that can't be used.
pub fn run(command: &Command) -> Result<(), Failure> {
    let Command::Release(args) = command;
    let store = database::as_it_is(&Config::load(args.config.as_deref())?)?;
    let released = outbox::release_by_command(&store, args.drop_before, &SystemClock).map_err(|error| match error {
        StoreError::Stale => Failure::Other("mail is not held".to_owned()),
        other => other.into(),
    })?;
    writeln!(
        io::stdout().lock(),
        "{} mails given up, {} wait and leave while `rongqiao serve` runs",
        released.given_up,
        released.waiting
    )?;
    Ok(())
}

/// That mail is held, on one line.
pub fn said(held: &Held) -> String {
    format!(
        "mail is HELD since the restore at {}: {} wait until `rongqiao mail release`",
        civil_minute(held.since),
        held.waiting
    )
}
