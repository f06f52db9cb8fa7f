//! `rongqiao match`: a batch of requests over files.

use super::failure::{BadRows, Failure};
use super::input::{Lines, from_json, read_lpr, read_rows};
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, EnterpriseForm};
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::product::{Product, ProductForm};
use crate::domain::request::{Request, RequestForm};
use crate::domain::uscc::Uscc;
use crate::matching::{Applicant, Catalogue, Scratch};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

/// Match requests against products, one line of JSON a request, in input order.
///
/// Files are JSON lines, plain or .gz; the forms are those of docs/exchange.md.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  rongqiao match --products products.jsonl --enterprises enterprises.jsonl \\\n    --requests requests.jsonl --lpr lpr.csv --as-of 2026-11-01 --out result.jsonl"
)]
pub struct Args {
    /// Products, one a line.
    #[arg(long, value_name = "F")]
    products: PathBuf,
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
    /// Where the result goes; standard output without it.
    #[arg(long, value_name = "F")]
    out: Option<PathBuf>,
    /// How many threads match; all cores without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Print one line of JSON with counts and times on standard error.
    #[arg(long)]
    timing: bool,
}

/// Requests that one thread takes at a time: few, so that their output stays in the cache.
const SHARE: usize = 4;

/// Runs the command.
///
/// # Errors
/// Bad rows, or a file that can't be read or written. A result file is only put in place when whole.
pub fn run(args: &Args) -> Result<(), Failure> {
    let threads = args
        .threads
        .map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
    let started = Instant::now();
    let lpr = read_lpr(&args.lpr)?;
    let mut bad = BadRows::default();
    let products = read_products(&args.products, &mut bad)?;
    let applicants = read_applicants(&args.enterprises, args.as_of, &mut bad)?;
    let catalogue = match Catalogue::compile(products, &lpr, args.as_of) {
        Ok(catalogue) => catalogue,
        Err(error) => return Err(Failure::Other(format!("{}: {error} (--as-of)", args.lpr.display()))),
    };
    let load_ms = milliseconds(started);

    let started = Instant::now();
    let batch = Batch {
        catalogue: &catalogue,
        applicants: &applicants,
        threads,
    };
    let requests = match &args.out {
        Some(path) => into_place(path, |out| batch.run(&args.requests, bad, out))?,
        None => batch.run(&args.requests, bad, &mut io::stdout().lock())?,
    };
    if args.timing {
        report(
            catalogue.products().len(),
            requests,
            threads,
            load_ms,
            milliseconds(started),
        );
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "what --timing asks for")]
#[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
fn report(products: usize, requests: usize, threads: usize, load_ms: f64, match_ms: f64) {
    let us_per_request = match_ms * 1000.0 / requests.max(1) as f64;
    eprintln!(
        r#"{{"products":{products},"requests":{requests},"threads":{threads},"load_ms":{load_ms:.3},"match_ms":{match_ms:.3},"us_per_request":{us_per_request:.3}}}"#
    );
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Writes a file beside its place, and moves it there when it is whole.
///
/// A place that is no plain file (`/dev/null`, a pipe) is written to as it is.
fn into_place<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T, Failure>) -> Result<T, Failure> {
    let special = path.metadata().is_ok_and(|there| !there.is_file());
    let written = if special {
        path.to_owned()
    } else {
        path.with_added_extension("part")
    };
    let mut out = File::create(&written).map_err(Failure::file(&written))?;
    let result = write(&mut out);
    if special {
        return result;
    }
    match result {
        Ok(value) => std::fs::rename(&written, path)
            .map_err(Failure::file(path))
            .map(|()| value),
        Err(failure) => {
            std::fs::remove_file(&written).map_err(Failure::file(&written))?;
            Err(failure)
        }
    }
}

pub(super) fn read_products(path: &Path, bad: &mut BadRows) -> Result<Vec<Product>, Failure> {
    let mut products = Vec::new();
    let mut codes = HashSet::new();
    read_rows(path, bad, |_, form: ProductForm| {
        let product = Product::parse(form)?;
        if !codes.insert(product.code.clone()) {
            return Err(duplicate("code", &product.code));
        }
        products.push(product);
        Ok(())
    })?;
    Ok(products)
}

pub(super) fn read_applicants(path: &Path, as_of: Day, bad: &mut BadRows) -> Result<HashMap<Uscc, Applicant>, Failure> {
    let mut applicants = HashMap::new();
    read_rows(path, bad, |_, form: EnterpriseForm| {
        let enterprise = Enterprise::parse(form)?;
        let applicant = Applicant::new(&enterprise, as_of);
        if applicants.insert(enterprise.uscc, applicant).is_some() {
            return Err(duplicate("uscc", enterprise.uscc.as_str()));
        }
        Ok(())
    })?;
    Ok(applicants)
}

/// Reads one request and finds its applicant.
pub(super) fn read_request<'a>(
    text: &str,
    ids: &mut HashSet<String>,
    applicants: &'a HashMap<Uscc, Applicant>,
) -> Result<(Request, &'a Applicant), Problems> {
    let request = Request::parse(from_json::<RequestForm>(text)?)?;
    if !ids.insert(request.id.clone()) {
        return Err(duplicate("id", &request.id));
    }
    let unknown = || Problem {
        field: "uscc".to_owned(),
        rule: Rule::NotFound(request.uscc.to_string()),
    };
    let applicant = applicants.get(&request.uscc).ok_or_else(unknown)?;
    Ok((request, applicant))
}

fn duplicate(field: &str, value: &str) -> Problems {
    Problem {
        field: field.to_owned(),
        rule: Rule::Duplicate(value.to_owned()),
    }
    .into()
}

/// What the requests of a batch are matched against.
struct Batch<'a> {
    catalogue: &'a Catalogue,
    applicants: &'a HashMap<Uscc, Applicant>,
    threads: usize,
}

impl Batch<'_> {
    /// Matches every request of the file, a bounded number at a time, and writes in input order. After
    /// the first bad row, of whichever file, nothing more is matched, but the rest is still checked.
    fn run(&self, path: &Path, mut bad: BadRows, out: &mut dyn Write) -> Result<usize, Failure> {
        let mut lines = Lines::open(path)?;
        let mut ids = HashSet::new();
        let mut workers: Vec<Worker> = (0..self.threads).map(|_| Worker::default()).collect();
        let mut waiting = Vec::with_capacity(SHARE * self.threads);
        while let Some(line) = lines.next_line().transpose() {
            match line.and_then(|text| read_request(text, &mut ids, self.applicants)) {
                Ok(row) => waiting.push(row),
                Err(problems) => bad.add(path, lines.number(), problems),
            }
            if waiting.len() == SHARE * self.threads {
                if bad.is_empty() {
                    self.match_all(&waiting, &mut workers, out)?;
                }
                waiting.clear();
            }
        }
        bad.or_ok()?;
        self.match_all(&waiting, &mut workers, out)?;
        out.flush()?;
        Ok(ids.len())
    }

    fn match_all(
        &self,
        requests: &[(Request, &Applicant)],
        workers: &mut [Worker],
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        let shares = requests.chunks(SHARE).zip(&mut *workers);
        if self.threads == 1 {
            shares.for_each(|(share, worker)| worker.run(self.catalogue, share));
        } else {
            thread::scope(|scope| {
                for (share, worker) in shares {
                    scope.spawn(|| worker.run(self.catalogue, share));
                }
            });
        }
        for worker in workers {
            out.write_all(&worker.lines)?;
            worker.lines.clear();
        }
        Ok(())
    }
}

/// What one thread keeps from share to share.
#[derive(Default)]
struct Worker {
    scratch: Scratch,
    lines: Vec<u8>,
}

impl Worker {
    fn run(&mut self, catalogue: &Catalogue, requests: &[(Request, &Applicant)]) {
        for (request, applicant) in requests {
            let list = catalogue.match_one(applicant, &request.need, &mut self.scratch);
            list.write_json(&request.id, &mut self.lines);
            self.lines.push(b'\n');
        }
    }
}
