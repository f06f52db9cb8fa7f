//! What the house's plan says of its files, held against the files: who may use whom, which crate has
//! its place where, how long a file may be, and what never goes into the repository.

mod repository;
mod source;

use source::{Line, Source, sources};
use std::collections::BTreeSet;

/// Who may use whom in `src`: a folder (or single file) and what of the house stands in its paths.
/// Everything may use itself. A new folder comes in here, or nothing may use it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("finance", &["domain"]),
    ("matching", &["domain", "finance"]),
    ("exchange", &["domain"]),
    ("store", &["domain", "clock"]),
    (
        "actions",
        &["domain", "finance", "matching", "exchange", "store", "clock", "config"],
    ),
    ("mail", &["domain", "store", "actions", "clock", "config"]),
    ("jobs", &["domain", "store", "actions", "mail", "clock", "config"]),
    ("web", &["domain", "exchange", "actions", "clock", "config"]),
    ("cli", EVERYTHING),
    ("config", &[]),
    // The civil date that it makes of an instant is a type of domain.
    ("clock", &["domain"]),
    ("main", &["cli"]),
    ("lib", &[]),
];

const EVERYTHING: &[&str] = &[
    "domain", "finance", "matching", "exchange", "store", "actions", "mail", "jobs", "web", "config", "clock",
];

/// Crates that have a place of their own: nobody else names them.
const PLACES: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("actix_web", &["web", "cli"]),
    ("askama", &["web", "mail"]),
    ("lettre", &["mail"]),
    ("tokio", &["web", "cli", "jobs"]),
    ("figment", &["config"]),
    ("clap", &["cli", "main"]),
    ("getrandom", &["clock"]),
    ("calamine", &["exchange"]),
    ("zip", &["exchange"]),
    ("rust_xlsxwriter", &["exchange"]),
    ("tar", &["cli"]),
];

/// The folders without I/O, clock and async.
const PURE: [&str; 3] = ["domain", "finance", "matching"];
/// What the engine may do with threads.
const IN_SCOPE: [&str; 2] = ["thread::scope(", "thread::available_parallelism()"];
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::process",
    "std::time",
    "async fn",
    "async move",
    ".await",
];

/// Fails with every finding, each a `file:line`.
#[track_caller]
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// What of the house a line's paths lead to.
fn used(source: &Source, line: &Line) -> Vec<String> {
    let mut used = Vec::new();
    for start in ["crate", "rongqiao"] {
        used.extend(line.behind(&format!("{start}::")).map(first_name));
    }
    // `super::` as often as the module is deep leads to the root of the house too.
    let to_the_root = "super::".repeat(source.depth());
    let at_the_root = line.behind(&to_the_root).map(first_name);
    used.extend(at_the_root.filter(|name| is_of_the_house(name) || name == "{"));
    used
}

fn first_name(path: &str) -> String {
    if path.starts_with(['{', '*']) {
        return path[..1].to_owned();
    }
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn is_of_the_house(name: &str) -> bool {
    MAY_USE.iter().any(|(folder, _)| *folder == name)
}

fn wrong_uses(source: &Source) -> Vec<String> {
    let folder = source.folder();
    let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == folder) else {
        return vec![format!(
            "{}: `{folder}` is not in the table of who may use whom",
            source.name
        )];
    };
    let mut wrong = Vec::new();
    for line in source.lines() {
        for name in used(source, &line) {
            if name == "{" || name == "*" {
                wrong.push(format!("{}: one path for each folder, please", line.place()));
            } else if name != folder && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: `{folder}` may not use `{name}`", line.place()));
            }
        }
    }
    wrong
}

#[test]
fn each_folder_uses_only_what_it_may() {
    let sources = sources();
    assert!(sources.len() > 100, "the sources are found");
    none(&sources.iter().flat_map(wrong_uses).collect::<Vec<_>>());
}

#[test]
fn the_table_names_what_there_is() {
    let folders: BTreeSet<String> = sources().iter().map(Source::folder).collect();
    for folder in EVERYTHING.iter().filter(|name| !["mail", "jobs"].contains(*name)) {
        assert!(folders.contains(*folder), "{folder} is there");
    }
}

#[test]
fn a_wrong_use_is_found_however_it_is_written() {
    let wrong = |name: &str, text: &str| !wrong_uses(&Source::new(name, text)).is_empty();
    assert!(wrong("src/domain/a.rs", "use crate::store::x;"));
    assert!(wrong("src/domain/a.rs", "fn f() -> crate::store::X {}"));
    assert!(wrong("src/domain/a.rs", "use crate::{store, domain};"));
    assert!(wrong("src/domain/a.rs", "use super::super::store::x;"));
    assert!(wrong("src/domain/a/mod.rs", "use super::super::store::x;"));
    assert!(wrong("src/clock.rs", "use super::store::x;"));
    assert!(wrong("src/main.rs", "use rongqiao::store::x;"));
    assert!(wrong("src/newcomer/a.rs", ""));
    assert!(!wrong("src/domain/a.rs", "use super::store::x; // crate::store"));
    assert!(!wrong("src/domain/a/b.rs", "use super::super::store::x;"));
    assert!(!wrong("src/matching/a.rs", "use crate::finance::x;"));
}

#[test]
fn crates_with_a_place_of_their_own_are_named_only_there() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, places) in PLACES.iter().filter(|(_, places)| !places.contains(&&*source.folder())) {
            for line in source.lines().filter(|line| line.names_crate(name)) {
                wrong.push(format!("{}: `{name}` belongs into {places:?}", line.place()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn what_is_pure_does_no_io_reads_no_clock_and_waits_for_nothing() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&&*source.folder())) {
        for line in source.lines() {
            let found = IMPURE.iter().filter(|word| line.code.contains(**word));
            wrong.extend(found.map(|word| format!("{}: `{word}` in `{}`", line.place(), source.folder())));
            // The engine spreads its work over the cores, which changes no result: its threads end with the call.
            if line.code.contains("thread::")
                && !(source.folder() == "matching" && IN_SCOPE.iter().any(|word| line.code.contains(word)))
            {
                wrong.push(format!("{}: a thread in `{}`", line.place(), source.folder()));
            }
        }
    }
    none(&wrong);
}

/// Templates escape what they show; the ways around that are not used.
#[test]
fn nothing_reaches_a_page_unescaped() {
    let mut wrong = Vec::new();
    for file in repository::files() {
        let words: &[&str] = match file.name.split('/').next() {
            Some("templates") => &["|safe", "autoescape"],
            Some("src") => &["escape=\"none\""],
            _ => continue,
        };
        for (number, line) in file.lines() {
            let close: String = line.split_whitespace().collect();
            if words.iter().any(|word| close.contains(word)) {
                wrong.push(format!("{}:{number}: {}", file.name, line.trim()));
            }
        }
    }
    none(&wrong);
}
