//! `rongqiao uscc`: checks credit codes, one a line.

use super::failure::Failure;
use crate::domain::uscc::Uscc;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;

/// Check unified social credit codes (GB 32100-2015), one a line: JSON lines out.
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
    let mut out = io::BufWriter::new(io::stdout().lock());
    let reader = BufReader::new(File::open(&args.file).map_err(Failure::file(&args.file))?);
    for line in reader.split(b'\n') {
        let line = line.map_err(Failure::file(&args.file))?;
        let text = String::from_utf8_lossy(&line);
        let code = text.strip_suffix('\r').unwrap_or(&text);
        let reason = code
            .parse::<Uscc>()
            .map_or_else(crate::domain::uscc::UsccError::code, |_| "ok");
        serde_json::to_writer(
            &mut out,
            &Answer {
                code,
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
