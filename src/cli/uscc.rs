//! `rongqiao uscc`: checks credit codes, one a line.

use super::failure::Failure;
use super::input::Input;
use crate::domain::uscc::Uscc;
use crate::exchange::lines::{LineError, Lines};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;

/// Check unified social credit codes (GB 32100-2015), one a line: JSON lines out.
///
/// The file may be packed (.gz). Of a line over 1 MB nothing is given back.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  rongqiao uscc codes.txt\n\nReasons: ok, length, not_ascii, not_alphanumeric, lower_case, letter_I, letter_O, letter_S, letter_V,\nletter_Z, region_not_digits, authority_code, entity_type_code, check_digit, organisation_check"
)]
pub struct Args {
    /// The codes, one a line.
    #[arg(value_name = "F")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Answer<'a> {
    code: &'a str,
    valid: bool,
    reason: &'static str,
}

/// Runs the command.
///
/// # Errors
/// A file that can't be read. A bad code is an answer, not a failure.
pub fn run(args: &Args) -> Result<(), Failure> {
    let failure = || Failure::file(&args.file);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut lines = Lines::new(Input::open(&args.file).map_err(failure())?);
    while let Some(line) = lines.next_line() {
        if let Err(LineError::Broken(error)) = line {
            out.flush()?;
            return Err(failure()(error));
        }
        let code = lines.shown();
        let reason = code
            .parse::<Uscc>()
            .map_or_else(crate::domain::uscc::UsccError::code, |_| "ok");
        serde_json::to_writer(
            &mut out,
            &Answer {
                code: &code,
                valid: reason == "ok",
                reason,
            },
        )
        .map_err(io::Error::from)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}
