//! `rongqiao cost`: schedules and annual cost of loans, JSON lines in and out.

use super::cost::{self, Stopped};
use super::failure::Failure;
use super::input::Input;
use std::io::{self, BufWriter};
use std::path::PathBuf;

/// Repayment schedules and what loans cost a year: JSON lines in, JSON lines out, one for one.
///
/// A line holds either the terms of a loan or its flows; docs/exchange.md has the keys. A bad line is
/// answered with {"id", "error"}. The file may be packed (.gz).
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":\"a\",\"amount_fen\":100000000,\"rate_bp\":350,\"term_months\":12,\"repayment\":\"interest_only\",\"fees\":[]}' \\\n    | rongqiao cost /dev/stdin"
)]
pub struct Args {
    /// Loans, one a line.
    #[arg(value_name = "F")]
    file: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// A file that can't be read, or, at the end, that some lines were bad.
pub fn run(args: &Args) -> Result<(), Failure> {
    let input = Input::open(&args.file).map_err(Failure::file(&args.file))?;
    let run = cost::run(input, BufWriter::new(io::stdout().lock()));
    let tally = run.map_err(|stopped| match stopped {
        Stopped::Reading(error) => Failure::file(&args.file)(error),
        Stopped::Writing(error) => error.into(),
    })?;
    if tally.failed > 0 {
        Err(Failure::Answered)
    } else {
        Ok(())
    }
}
