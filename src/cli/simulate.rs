//! `rongqiao simulate`: one product against all requests.

use super::failure::{BadRows, Failure};
use super::input::{Lines, read_lpr};
use super::match_command::{read_applicants, read_products, read_request};
use crate::domain::dates::Day;
use crate::matching::{Catalogue, simulate};
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

/// Try one product on all requests: how many it fits, and which check alone keeps out how many.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  rongqiao simulate --product draft.json --enterprises enterprises.jsonl \\\n    --requests requests.jsonl --lpr lpr.csv --as-of 2026-11-01"
)]
pub struct Args {
    /// The product: a file with one JSON line.
    #[arg(long, value_name = "F")]
    product: PathBuf,
    /// Enterprises with their facts, one a line.
    #[arg(long, value_name = "F")]
    enterprises: PathBuf,
    /// Requests, one a line.
    #[arg(long, value_name = "F")]
    requests: PathBuf,
    /// LPR table: CSV with the columns date,1y,5y.
    #[arg(long, value_name = "F")]
    lpr: PathBuf,
    /// The day on which everything is looked at.
    #[arg(long, value_name = "DATE")]
    as_of: Day,
    /// Print one line of JSON with counts and times on standard error.
    #[arg(long)]
    timing: bool,
}

/// Runs the command.
///
/// # Errors
/// Bad rows, a product file that does not hold one product, or a file that can't be read.
pub fn run(args: &Args) -> Result<(), Failure> {
    let started = Instant::now();
    let lpr = read_lpr(&args.lpr)?;
    let mut bad = BadRows::default();
    let products = read_products(&args.product, &mut bad)?;
    let applicants = read_applicants(&args.enterprises, args.as_of, &mut bad)?;
    let mut requests = Vec::new();
    let mut ids = HashSet::new();
    let mut lines = Lines::open(&args.requests)?;
    while let Some(line) = lines.next_line().transpose() {
        match line.and_then(|text| read_request(text, &mut ids, &applicants)) {
            Ok(row) => requests.push(row),
            Err(problems) => bad.add(&args.requests, lines.number(), problems),
        }
    }
    bad.or_ok()?;
    if products.len() != 1 {
        let found = products.len();
        return Err(Failure::Other(format!(
            "{}: one product wanted, {found} found",
            args.product.display()
        )));
    }
    let catalogue = Catalogue::compile(products, &lpr, args.as_of)
        .map_err(|error| Failure::Other(format!("{}: {error} (--as-of)", args.lpr.display())))?;
    let load = started.elapsed();

    let started = Instant::now();
    let rows = requests
        .iter()
        .map(|(request, applicant)| (request.id.as_str(), *applicant, &request.need));
    let simulation = simulate(&catalogue, rows);
    let run = started.elapsed();
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &simulation).map_err(io::Error::from)?;
    writeln!(out)?;
    if args.timing {
        report(requests.len(), load.as_secs_f64() * 1000.0, run.as_secs_f64() * 1000.0);
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "what --timing asks for")]
fn report(requests: usize, load_ms: f64, simulate_ms: f64) {
    eprintln!(r#"{{"requests":{requests},"load_ms":{load_ms:.3},"simulate_ms":{simulate_ms:.3}}}"#);
}
