//! `rongqiao simulate`: one product against all requests.

use super::batch::{Applicants, Requests, read_lpr, read_products};
use super::failure::{BadFiles, Failure};
use crate::domain::dates::Day;
use crate::domain::uscc::Uscc;
use crate::matching::{Book, Catalogue, Firm, Limits};
use std::collections::HashMap;
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
    let mut bad = BadFiles::default();
    let lpr = read_lpr(&args.lpr, args.as_of, &mut bad);
    let products = read_products(&args.product, &mut bad);
    if products.len() != 1 && bad.is_empty() {
        let found = products.len();
        bad.fault(&args.product, format!("one product wanted, {found} found"));
    }
    let applicants = Applicants::read(&args.enterprises, args.as_of, &mut bad);
    let mut book = Book::default();
    let mut firms: HashMap<Uscc, Firm> = HashMap::new();
    let read = Requests::open(&args.requests, &applicants).map(|mut all| {
        for (request, applicant) in &mut all {
            let firm = firms.entry(request.uscc).or_insert_with(|| book.add_firm(applicant));
            book.add(request.id, *firm, request.need);
        }
        all.bad
    });
    bad.note(&args.requests, read);
    book.settle();
    let Some(lpr) = lpr.filter(|_| bad.is_empty()) else {
        return Err(bad.into());
    };
    let catalogue =
        Catalogue::compile(products, &lpr, args.as_of).map_err(|error| Failure::Other(error.to_string()))?;
    let load = started.elapsed();

    let started = Instant::now();
    let simulation = book.simulate(&catalogue, Limits::Kept);
    let run = started.elapsed();
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &simulation).map_err(io::Error::from)?;
    writeln!(out)?;
    if args.timing {
        report(book.len(), load.as_secs_f64() * 1000.0, run.as_secs_f64() * 1000.0);
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "what --timing asks for")]
fn report(requests: usize, load_ms: f64, simulate_ms: f64) {
    eprintln!(r#"{{"requests":{requests},"load_ms":{load_ms:.3},"simulate_ms":{simulate_ms:.3}}}"#);
}
