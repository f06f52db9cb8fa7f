//! PostgreSQL's own programs, `pg_dump` and `pg_restore`.
//!
//! What everybody on the machine can read, their command line, holds no password: it is in their environment.

use crate::cli::Failure;
use crate::config::Config;
use crate::store::DatabaseUrl;
use crate::store::copying::Seen;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Dumps what a transaction sees into a new file for its owner alone, while that transaction lasts.
///
/// # Errors
/// A program that is not there, or what it said.
pub fn dump(config: &Config, url: &DatabaseUrl, seen: &Seen, to: &Path) -> Result<(), Failure> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let out: File = made.map_err(Failure::file(to))?;
    // A pattern; in quotes it is a name. The whole is packed afterwards.
    let namespace = format!("--schema=\"{}\"", seen.namespace.replace('"', "\"\""));
    let snapshot = format!("--snapshot={}", seen.snapshot);
    let words = ["--format=custom", "--compress=0", &namespace, &snapshot].map(OsStr::new);
    run(config, url, "pg_dump", &words, out.into())
}

/// Restores a dump into the schema of its name, all or nothing. Owners and grants are the new database's own.
///
/// # Errors
/// A program that is not there, or what it said.
pub fn restore(config: &Config, url: &DatabaseUrl, namespace: &str, from: &Path) -> Result<(), Failure> {
    let namespace = format!("--schema={namespace}");
    let words = [
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        &namespace,
    ];
    let mut words: Vec<&OsStr> = words.map(OsStr::new).to_vec();
    words.push(from.as_os_str());
    run(config, url, "pg_restore", &words, Stdio::null())
}

fn run(config: &Config, url: &DatabaseUrl, name: &str, words: &[&OsStr], out: Stdio) -> Result<(), Failure> {
    let Some((address, password)) = url.for_programs() else {
        return Err(Failure::Other(format!(
            "{name} is for PostgreSQL, and database.url is not"
        )));
    };
    let folder = &config.database.programs;
    let mut command = Command::new(if folder.is_empty() {
        Path::new(name).to_owned()
    } else {
        Path::new(folder).join(name)
    });
    command
        .arg("--no-password")
        .arg(format!("--dbname={address}"))
        .args(words);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let done = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).output();
    let done = done.map_err(|error: io::Error| match error.kind() {
        ErrorKind::NotFound => Failure::Other(format!(
            "{name} is not there: install PostgreSQL's client programs, or say in database.programs where they are"
        )),
        _ => Failure::Other(format!("{name}: {error}")),
    })?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(Failure::Other(format!("{name} failed: {}", said.trim())))
}
