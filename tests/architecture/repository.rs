//! Every file that the repository holds.

use super::none;
use std::path::Path;
use std::process::Command;

/// The longest file that people write.
const MOST_LINES: usize = 500;

/// A text file of the repository.
pub struct File {
    pub name: String,
    text: String,
}

impl File {
    /// Numbered lines.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

/// What git holds; packed files are left out.
pub fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z"])
        .output()
        .expect("git starts");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("UTF-8");
    let read = |name: &str| {
        // A file that was deleted and not yet committed is still listed.
        let text = std::fs::read(root.join(name)).ok().map(String::from_utf8)?.ok()?;
        Some(File {
            name: name.to_owned(),
            text,
        })
    };
    names.split_terminator('\0').filter_map(read).collect()
}

#[test]
fn no_file_that_people_write_is_too_long() {
    const WRITTEN: [&str; 9] = ["rs", "html", "css", "js", "sql", "py", "toml", "md", "sh"];
    let mut long = Vec::new();
    for file in files() {
        let extension = file.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let lines = file.lines().count();
        if lines > MOST_LINES && (WRITTEN.contains(&extension) || file.name.starts_with("scripts/")) {
            long.push(format!("{}: {lines} lines", file.name));
        }
    }
    none(&long);
}

/// Paths of the machine that it was written on, and where that machine finds its packages, say
/// nothing to anybody else. The words are put together here, because this file is one of those read.
#[test]
fn nothing_refers_to_the_machine_that_it_was_written_on() {
    let beside = "shared";
    let mut words = vec![
        concat!("/wo", "rk/").to_owned(),
        concat!("sparse", "+").to_owned(),
        concat!("replace", "-with").to_owned(),
        concat!("index", "-url").to_owned(),
        format!("../{beside}"),
    ];
    words.extend(["data", "design", "matching", "spec"].map(|folder| format!("{beside}/{folder}")));
    let mut found = Vec::new();
    for file in files() {
        for (number, line) in file.lines() {
            let word = words.iter().find(|word| line.contains(*word));
            found.extend(word.map(|word| format!("{}:{number}: {word}", file.name)));
            let host = hosts(line).find(|host| is_registry(host));
            found.extend(host.map(|host| format!("{}:{number}: {host}", file.name)));
        }
    }
    none(&found);
}

/// The hosts of the addresses in a line.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    let behind = |part| -> Option<&str> { str::split(part, |c: char| !is_of_a_host(c)).next() };
    line.split("://").skip(1).filter_map(behind)
}

fn is_of_a_host(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
}

/// Whether packages come from there; people are pointed to a project's pages, never to these.
fn is_registry(host: &str) -> bool {
    let parts = [
        "registry",
        "mirror",
        "mirrors",
        "proxy",
        "artifactory",
        "nexus",
        "index",
        "pypi",
        "static",
    ];
    host.split(['.', '-']).any(|part| parts.contains(&part))
}

#[test]
fn every_crate_comes_from_the_public_index() {
    let public = r#"source = "registry+https://github.com/rust-lang/crates.io-index""#;
    let mut other = Vec::new();
    for file in files().iter().filter(|file| file.name.ends_with("Cargo.lock")) {
        let sources = file.lines().filter(|(_, line)| line.starts_with("source = "));
        let sources = sources.filter(|(_, line)| *line != public);
        other.extend(sources.map(|(number, line)| format!("{}:{number}: {line}", file.name)));
    }
    none(&other);
}

#[test]
fn hosts_are_read_out_of_lines() {
    let line = "see https://docs.rs/x and http://example.org:80/y";
    assert_eq!(hosts(line).collect::<Vec<_>>(), ["docs.rs", "example.org"]);
    assert!(is_registry("crates-mirror.example.org") && !is_registry("docs.rs"));
}
