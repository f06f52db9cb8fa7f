//! `rongqiao match`: a batch of requests over files.

use super::batch::{Applicants, Requests, read_lpr, read_products};
use super::failure::{BadFiles, Failure};
use super::output::into_place;
use crate::domain::dates::Day;
use crate::domain::request::Request;
use crate::matching::{Applicant, Catalogue, Scratch};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
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
    /// LPR table: the columns date,1y,5y.
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

/// Requests that a thread takes at a time: few, so that their output stays in the cache, but more than one, so that handing
/// them over is worth it.
const SHARE: usize = 4;
/// Shares that may be on their way, for each thread beside the first: what is held in memory is bounded by it.
const AHEAD: usize = 4;

/// Runs the command.
///
/// # Errors
/// Bad rows, or a file that can't be read or written. A result file is only put in place when whole.
pub fn run(args: &Args) -> Result<(), Failure> {
    let threads = args
        .threads
        .map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
    let started = Instant::now();
    let mut bad = BadFiles::default();
    let lpr = read_lpr(&args.lpr, args.as_of, &mut bad);
    let mut of_enterprises = BadFiles::default();
    let (products, applicants) = both(
        threads > 1,
        || read_products(&args.products, &mut bad),
        || Applicants::read(&args.enterprises, args.as_of, &mut of_enterprises),
    );
    bad.append(of_enterprises);
    let Some(lpr) = lpr.filter(|_| bad.is_empty()) else {
        bad.note(&args.requests, Requests::check(&args.requests, &applicants));
        return Err(bad.into());
    };
    let catalogue =
        Catalogue::compile(products, &lpr, args.as_of).map_err(|error| Failure::Other(error.to_string()))?;
    let load_ms = milliseconds(started);

    let started = Instant::now();
    let batch = Batch {
        catalogue: &catalogue,
        applicants: &applicants,
        threads,
    };
    let requests = match &args.out {
        Some(path) => into_place(path, |out| batch.run(&args.requests, out))?,
        None => batch.run(&args.requests, &mut io::stdout().lock())?,
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

/// Does one thing and another, both at a time where there are threads for it.
fn both<A: Send, B>(at_once: bool, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    if !at_once {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
    })
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

/// What the requests of a batch are matched against.
struct Batch<'a> {
    catalogue: &'a Catalogue,
    applicants: &'a Applicants,
    threads: usize,
}

/// Requests that one thread matches, and where it sends their lines.
struct Share<'a> {
    requests: Vec<(Request, &'a Applicant)>,
    done: SyncSender<Vec<u8>>,
}

impl Batch<'_> {
    /// Matches every request of the file and writes in input order. After the first bad row nothing more is matched,
    /// but the rest is still checked.
    ///
    /// This thread reads and writes; the others match, and so does this one whenever they have enough to do.
    fn run(&self, path: &Path, out: &mut dyn Write) -> Result<usize, Failure> {
        let mut requests = Requests::open(path, self.applicants).map_err(Failure::file(path))?;
        let others = self.threads - 1;
        let (queue, to_do) = sync_channel(others);
        let to_do = Mutex::new(to_do);
        thread::scope(|scope| {
            for _ in 0..others {
                scope.spawn(|| self.match_all(&to_do));
            }
            self.hand_out(&mut requests, queue, out)
        })?;
        let count = requests.read_so_far();
        let mut bad = BadFiles::default();
        bad.note(path, Ok(requests.bad));
        bad.or_ok()?;
        out.flush()?;
        Ok(count)
    }

    /// Matches what comes until no more does.
    fn match_all(&self, to_do: &Mutex<Receiver<Share>>) {
        let mut worker = Worker::default();
        let next = || to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok(share) = next() {
            worker.run(self.catalogue, &share);
        }
    }

    /// Hands shares to the others and writes what comes of them.
    fn hand_out<'a>(
        &self,
        requests: &mut Requests<'a>,
        queue: SyncSender<Share<'a>>,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        let mut worker = Worker::default();
        let mut on_the_way = VecDeque::new();
        let most = (self.threads - 1) * AHEAD;
        loop {
            let share: Vec<_> = requests.take(SHARE).collect();
            if share.is_empty() {
                break;
            }
            if !requests.bad.is_empty() {
                continue;
            }
            let (done, lines) = sync_channel(1);
            on_the_way.push_back(lines);
            let share = Share { requests: share, done };
            if let Err(TrySendError::Full(share) | TrySendError::Disconnected(share)) = queue.try_send(share) {
                worker.run(self.catalogue, &share);
            }
            while on_the_way.len() > most
                && let Some(lines) = on_the_way.pop_front()
            {
                write_lines(&lines, out)?;
            }
        }
        // The others end when there is no queue any more.
        drop(queue);
        on_the_way.iter().try_for_each(|lines| write_lines(lines, out))
    }
}

fn write_lines(lines: &Receiver<Vec<u8>>, out: &mut dyn Write) -> Result<(), Failure> {
    // None come only where a thread has panicked, and then the whole command does.
    Ok(out.write_all(&lines.recv().unwrap_or_default())?)
}

/// What one thread keeps from share to share.
#[derive(Default)]
struct Worker {
    scratch: Scratch,
    /// How long the lines of the last share were: those of the next need about as much.
    length: usize,
}

impl Worker {
    fn run(&mut self, catalogue: &Catalogue, share: &Share) {
        let mut lines = Vec::with_capacity(self.length);
        for (request, applicant) in &share.requests {
            let list = catalogue.match_one(applicant, &request.need, &mut self.scratch);
            list.write_json(&request.id, &mut lines);
            lines.push(b'\n');
        }
        self.length = lines.len();
        // Nobody waits for them where writing failed.
        let _ = share.done.send(lines);
    }
}
