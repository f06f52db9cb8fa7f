//! `rongqiao check`: whether configuration, database and what it holds are sound.

use super::database;
use super::failure::Failure;
use crate::config::Config;
use crate::store::invariants;
use std::io::{self, Write};
use std::path::PathBuf;

/// Check the configuration, the connection, the schema's version and the invariants of the data.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao check --config /etc/rongqiao.toml")]
pub struct Args {
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// The first thing that keeps the service from starting, or an invariant that does not hold.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let mut out = io::stdout().lock();
    writeln!(out, "configuration: good")?;
    let store = database::existing(&config)?;
    writeln!(out, "database {}: answers", store.url())?;
    store.check_schema()?;
    writeln!(out, "schema: the one of this program")?;
    let mut broken = 0;
    for invariant in store.read(invariants::check)? {
        writeln!(
            out,
            "{}: {}",
            invariant.name,
            if invariant.broken == 0 {
                "holds".to_owned()
            } else {
                format!("BROKEN {} times", invariant.broken)
            }
        )?;
        broken += invariant.broken;
    }
    if broken > 0 {
        Err(Failure::Other(format!("{broken} rows break an invariant")))
    } else {
        Ok(())
    }
}
