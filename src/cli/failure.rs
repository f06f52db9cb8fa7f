//! Why a command failed: bad rows with their places, or something else with its cause.

use crate::actions::ActionError;
use crate::config::ConfigError;
use crate::domain::invalid::{Problem, Problems};
use crate::store::{SchemaError, StoreError};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Rows that break rules; nothing was done with any of them.
    #[error(transparent)]
    BadRows(#[from] BadRows),
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

impl Failure {
    /// Whether nobody reads the output any more, as when `head` has seen enough: nothing went wrong.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
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

/// How many bad rows are kept to be shown.
const SHOWN: usize = 1_000;

/// Bad rows: the first 1,000 problems, and how many rows were bad in all.
#[derive(Debug, Default)]
pub struct BadRows {
    shown: Vec<(String, u64, Problem)>,
    rows: u64,
}

impl BadRows {
    /// Notes the problems of one row.
    pub fn add(&mut self, file: &Path, line: u64, problems: Problems) {
        self.rows += 1;
        let room = SHOWN.saturating_sub(self.shown.len());
        let name = file.display().to_string();
        self.shown.extend(
            problems
                .into_iter()
                .take(room)
                .map(|problem| (name.clone(), line, problem)),
        );
    }

    /// Whether no row was bad.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// A failure where a row was bad.
    ///
    /// # Errors
    /// Itself, unless it is empty.
    pub fn or_ok(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, line, problem) in &self.shown {
            writeln!(f, "{file}:{line}: {problem}")?;
        }
        write!(f, "共 {} 行有错（{} rows in error）", self.rows, self.rows)
    }
}

impl std::error::Error for BadRows {}
