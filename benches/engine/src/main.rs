//! Times the engine's own work over files of the matching contract, and prints one line of JSON a piece of work:
//!
//! ```text
//! cargo run --release -- forward ../workload     verdicts, counts, a page, the complete output; compile and publish
//! cargo run --release -- forward ../workload W   of these only W, so that a profile shows one thing
//! cargo run --release -- plain ../workload       the same output by plain means, after a look whether it is the same
//! cargo run --release -- reverse FOLDER          one product after another against a book of all requests
//! cargo run --release -- cost                    annual costs with fees, beside bisection over the flows
//! ```
//!
//! The engine is compiled from its sources alone, without the rest of the program: it takes seconds, not minutes. FOLDER
//! holds what `benches/generate.py` makes.

#[allow(dead_code, unused_imports, reason = "parts of it serve the rest of the program")]
#[path = "../../../src/domain/mod.rs"]
mod domain;
#[allow(dead_code, unused_imports, reason = "parts of it serve the rest of the program")]
#[path = "../../../src/finance/mod.rs"]
mod finance;
#[allow(dead_code, unused_imports, reason = "parts of it serve the rest of the program")]
#[path = "../../../src/matching/mod.rs"]
mod matching;

mod cost;
mod files;
mod plain;

use domain::request::Request;
use files::Files;
use matching::{Applicant, Book, Catalogue, Limits, Page, Scratch};
use plain::{Facts, Plain};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

/// Each piece of work is done so often; the median counts.
const ROUNDS: usize = 7;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["forward", folder] => forward(&Files::read(Path::new(folder))?, ""),
        ["forward", folder, only] => forward(&Files::read(Path::new(folder))?, only),
        ["plain", folder] => plain(&Files::read(Path::new(folder))?),
        ["reverse", folder] => reverse(Files::read(Path::new(folder))?),
        ["cost"] => {
            cost::run();
            Ok(())
        }
        _ => Err("forward FOLDER, plain FOLDER, reverse FOLDER or cost".into()),
    }
}

/// Does a piece of work in rounds and prints what one of `parts` takes, in microseconds.
fn time<T>(work: &str, parts: usize, mut round: impl FnMut() -> T) {
    let mut took: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(round());
            start.elapsed().as_secs_f64() * 1e6 / parts as f64
        })
        .collect();
    tell(work, &mut took);
}

/// Prints the median of the rounds, in microseconds.
fn tell(work: &str, took: &mut [f64]) {
    took.sort_by(f64::total_cmp);
    println!(
        "{}",
        json!({"work": work, "us": took[ROUNDS / 2], "least_us": took[0], "most_us": took[ROUNDS - 1]})
    );
}

/// What this process holds in memory, in MB of 1,000,000 bytes.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) * 1024.0 / 1e6
}

/// All that goes from requests to products, or only one piece of the work.
fn forward(files: &Files, only: &str) -> Result<(), Failure> {
    let before = resident_mb();
    let catalogue = Catalogue::compile(files.products.clone(), &files.lpr, files.as_of)?;
    println!(
        "{}",
        json!({"work": "catalogue", "products": files.products.len(), "mb": resident_mb() - before})
    );
    let mut scratch = Scratch::default();
    let mut each = |work: &str, one: &mut dyn FnMut(&Applicant, &Request, &mut Scratch)| {
        if !(only.is_empty() || work == only) {
            return;
        }
        time(work, files.requests.len(), || {
            for request in &files.requests {
                one(&files.applicants[&request.uscc], request, &mut scratch);
            }
        });
    };
    each("verdicts without max_cost", &mut |applicant, request, scratch| {
        black_box(catalogue.count_whatever_it_costs(applicant, &request.need, scratch));
    });
    each("verdicts", &mut |applicant, request, scratch| {
        black_box(catalogue.count_one(applicant, &request.need, scratch));
    });
    let mut line = Vec::new();
    for (work, page) in [
        ("first 20 rows of each list", Page { after: 0, limit: 20 }),
        ("complete output", Page::ALL),
    ] {
        each(work, &mut |applicant, request, scratch| {
            line.clear();
            catalogue
                .match_page(applicant, &request.need, page, scratch)
                .write_json(&request.id, &mut line);
        });
    }
    if !only.is_empty() {
        return Ok(());
    }
    pass_over_planes(&catalogue, files, &mut scratch);
    time("compile", 1, || {
        Catalogue::compile(files.products.clone(), &files.lpr, files.as_of)
    });
    let few: Vec<_> = files
        .products
        .iter()
        .step_by(files.products.len().div_ceil(20))
        .cloned()
        .collect();
    time("publish one", few.len(), || {
        few.iter().fold(catalogue.clone(), |catalogue, product| {
            catalogue.changed(vec![product.clone()], &[])
        })
    });
    Ok(())
}

/// One pass over the words that a count reads, while they are warm.
fn pass_over_planes(catalogue: &Catalogue, files: &Files, scratch: &mut Scratch) {
    /// So many in a row, that the clock costs nothing beside them.
    const PASSES: u32 = 32;
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let each = files.requests.iter().map(|request| {
                catalogue.count_whatever_it_costs(&files.applicants[&request.uscc], &request.need, scratch);
                let start = Instant::now();
                for _ in 0..PASSES {
                    black_box(catalogue.read_planes_again(black_box(scratch)));
                }
                start.elapsed().as_secs_f64() * 1e6 / f64::from(PASSES)
            });
            each.sum::<f64>() / files.requests.len() as f64
        })
        .collect();
    tell("one pass over the planes", &mut rounds);
}

/// The plain means give the same as the engine, and take this long; complete output for a part of the requests, because they
/// take seconds for it.
fn plain(files: &Files) -> Result<(), Failure> {
    let catalogue = Catalogue::compile(files.products.clone(), &files.lpr, files.as_of)?;
    let plain = Plain::new(&files.products, catalogue.lpr(), files.as_of);
    let facts = files.enterprises.values();
    let facts: HashMap<_, _> = facts
        .map(|enterprise| (enterprise.uscc, Facts::new(enterprise, files.as_of)))
        .collect();
    let mut scratch = Scratch::default();
    let some: Vec<&Request> = files.requests.iter().step_by(5).collect();
    for request in &some {
        let mut line = Vec::new();
        let found = catalogue.match_one(&files.applicants[&request.uscc], &request.need, &mut scratch);
        found.write_json(&request.id, &mut line);
        let ours: Value = serde_json::from_slice(&line)?;
        let theirs = serde_json::to_value(plain.result(&facts[&request.uscc], request))?;
        if !are_same(&ours, &theirs) {
            return Err(format!("{}: the engine's line is not that of plain means", request.id).into());
        }
    }
    time("plain counts", files.requests.len(), || {
        for request in &files.requests {
            black_box(plain.counts(&facts[&request.uscc], &request.need));
        }
    });
    time("plain complete output", some.len(), || {
        for request in &some {
            black_box(plain.line(&facts[&request.uscc], request).ok());
        }
    });
    let mut line = Vec::new();
    time("complete output", some.len(), || {
        for request in &some {
            line.clear();
            catalogue
                .match_one(&files.applicants[&request.uscc], &request.need, &mut scratch)
                .write_json(&request.id, &mut line);
        }
    });
    Ok(())
}

/// The same but for the last digits of costs, which the contract leaves open.
fn are_same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| are_same(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            one.len() == two.len()
                && one
                    .iter()
                    .all(|(key, one)| two.get(key).is_some_and(|two| are_same(one, two)))
        }
        (Value::Number(one), Value::Number(two)) => {
            one == two
                || one
                    .as_f64()
                    .zip(two.as_f64())
                    .is_some_and(|(one, two)| (one - two).abs() <= 1e-7)
        }
        _ => one == two,
    }
}

fn reverse(files: Files) -> Result<(), Failure> {
    let before = resident_mb();
    let mut book = Book::default();
    let mut firms = HashMap::new();
    for request in &files.requests {
        let firm = firms.entry(request.uscc);
        let firm = *firm.or_insert_with(|| book.add_firm(&files.applicants[&request.uscc]));
        book.add(uuid::Uuid::nil(), firm, request.need.clone());
    }
    book.settle();
    let mb = resident_mb() - before;
    println!(
        "{}",
        json!({"work": "book", "requests": book.len(), "enterprises": firms.len(), "mb": mb})
    );
    let few = files.products.iter().step_by(files.products.len().div_ceil(20));
    let few: Result<Vec<_>, _> = few
        .map(|product| Catalogue::compile(vec![product.clone()], &files.lpr, files.as_of))
        .collect();
    let few = few?;
    for (work, limits) in [
        ("one product", Limits::Kept),
        ("one product, limits taken as met", Limits::TakenAsMet),
    ] {
        time(work, few.len(), || {
            for catalogue in &few {
                black_box(book.simulate(catalogue, limits));
            }
        });
    }
    Ok(())
}
