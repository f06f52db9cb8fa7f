//! Why a command failed: bad rows with their places, or something else with its cause.

use crate::actions::ActionError;
use crate::config::ConfigError;
use crate::exchange::bad_rows::{BadRows, TOLD};
use crate::store::{Abort, SchemaError, StoreError};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Files whose rows break rules or that can't be read; nothing was done with any of them.
    #[error(transparent)]
    BadFiles(#[from] BadFiles),
    /// A file that could not be read or written.
    #[error("{path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An output that could not be written.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    /// The database's failure.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A database of another version.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Settings that cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An action's failure.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A wrong call, in words.
    #[error("{0}")]
    Call(String),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
    /// The command has said on its output what is wrong.
    #[error("some lines were bad; each is answered in the output")]
    Answered,
}

impl Abort for Failure {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_busy())
    }
}

impl Failure {
    /// Whether nobody reads the output any more, as when `head` has seen enough: nothing went wrong.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What it says, with its causes, on one line.
    #[must_use]
    pub fn in_full(&self) -> String {
        let mut words = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            words.push_str(": ");
            words.push_str(&error.to_string());
            cause = error.source();
        }
        words
    }

    /// The exit code: 2 for a wrong call, as clap has it, 1 for a failure.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Call(_) => 2,
            _ => 1,
        }
    }

    /// A file's failure.
    pub fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::File { path, source }
    }
}

/// What is wrong with the files of a call: the first 1,000 bad rows, and how many were bad in all.
#[derive(Debug, Default)]
pub struct BadFiles(Vec<BadFile>);

#[derive(Debug)]
struct BadFile {
    name: String,
    /// What is wrong with the file as a whole.
    fault: Option<String>,
    rows: BadRows,
}

impl BadFiles {
    /// Notes what reading a file came to; files are told in the order in which they are noted.
    pub fn note(&mut self, path: &Path, read: io::Result<BadRows>) {
        match read {
            Ok(rows) if rows.is_empty() => {}
            Ok(rows) => self.add(path, None, rows),
            Err(error) => self.fault(path, error.to_string()),
        }
    }

    /// Notes what is wrong with a file as a whole, in words.
    pub fn fault(&mut self, path: &Path, words: String) {
        self.add(path, Some(words), BadRows::default());
    }

    /// Notes what was noted of other files, behind these.
    pub fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    fn add(&mut self, path: &Path, fault: Option<String>, rows: BadRows) {
        self.0.push(BadFile {
            name: path.display().to_string(),
            fault,
            rows,
        });
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A failure where something is wrong.
    ///
    /// # Errors
    /// Itself, unless it is empty.
    pub fn or_ok(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for BadFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = TOLD;
        let mut said = Vec::new();
        for BadFile { name, fault, rows } in &self.0 {
            said.extend(fault.iter().map(|words| format!("{name}: {words}")));
            for (line, row) in rows.told().take(room) {
                said.extend(row.problems.iter().map(|problem| format!("{name}:{line}: {problem}")));
                if row.more > 0 {
                    said.push(format!("{name}:{line}: 另有 {0} 处（and {0} more）", row.more));
                }
            }
            room = room.saturating_sub(rows.told().count());
        }
        let rows: u64 = self.0.iter().map(|file| file.rows.rows()).sum();
        if rows > 0 {
            said.push(format!("共 {rows} 行有错（{rows} rows in error）"));
        }
        f.write_str(&said.join("\n"))
    }
}

impl std::error::Error for BadFiles {}
