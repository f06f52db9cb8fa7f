//! Files of rows into the database, all or nothing.
//!
//! The rows have been parsed one by one where the file was read; here they are held against each
//! other and against what is stored. Everything that is wrong is told at once, by line and field, and
//! then nothing has changed. A second import of the same rows changes nothing.

mod announced;
mod enterprises;
pub(super) mod facts;
mod organisations;
mod products;
mod requests;

use crate::clock::Clock;
use crate::domain::batch::Counts;
use crate::domain::invalid::{Problem, Rule};
use crate::exchange::BadRows;
use crate::store::{Abort, AnyConnection, Change, Store, StoreError};
use std::collections::HashSet;
use std::hash::Hash;

/// A row, and the line of the file on which it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// The line, from 1.
    pub line: u64,
    /// What it says.
    pub value: T,
}

/// The rows of a file as it was read.
#[derive(Clone, Debug, Default)]
pub struct Rows<T> {
    /// The ones that hold every rule of their form, in the order of their lines.
    pub good: Vec<Row<T>>,
    /// The others.
    pub bad: BadRows,
}

impl<T> From<Vec<Row<T>>> for Rows<T> {
    fn from(good: Vec<Row<T>>) -> Self {
        Self {
            good,
            bad: BadRows::default(),
        }
    }
}

impl<T> Rows<T> {
    /// Refuses rows of which `key` says the same as that of a row before.
    fn unique<K: Eq + Hash>(mut self, field: &str, key: impl Fn(&T) -> K, name: impl Fn(&T) -> String) -> Self {
        let mut seen = HashSet::with_capacity(self.good.len());
        let bad = &mut self.bad;
        self.good.retain(|Row { line, value }| {
            let is_new = seen.insert(key(value));
            if !is_new {
                bad.add(*line, RowError::problem(field, Rule::Duplicate(name(value))).into());
            }
            is_new
        });
        self
    }
}

/// The file that facts came in.
#[derive(Clone, Copy, Debug)]
pub struct FileIdentity<'a> {
    /// Its name.
    pub name: &'a str,
    /// SHA-256 of its bytes in hexadecimal.
    pub sha256: &'a str,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows of which there was nothing before.
    pub created: u64,
    /// Rows that changed what was there.
    pub updated: u64,
    /// Rows that said what was there already.
    pub unchanged: u64,
}

impl Report {
    fn count(&mut self, change: Change) {
        match change {
            Change::Created => self.created += 1,
            Change::Updated => self.updated += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Rows that do not go together with each other or with what is stored, by line.
    #[error("some rows cannot be imported")]
    Rows(BadRows),
    /// No organisation has the code that was given as the source, or no centre stands for it.
    #[error("找不到数据来源机构 {code} (no such source organisation)")]
    Source {
        /// The code.
        code: String,
        /// What is wrong with the rows in themselves.
        bad: BadRows,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Abort for ImportError {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_busy())
    }
}

impl From<Report> for Counts {
    fn from(report: Report) -> Self {
        let rows = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            created: rows(report.created),
            updated: rows(report.updated),
            unchanged: rows(report.unchanged),
            refused: 0,
        }
    }
}

/// Why one row was not put.
pub(super) enum RowError {
    /// It breaks a rule; the others are looked at all the same.
    Rule(Problem),
    /// The transaction is over.
    Store(StoreError),
}

impl From<StoreError> for RowError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl RowError {
    fn rule(field: &str, rule: Rule) -> Self {
        Self::Rule(Self::problem(field, rule))
    }

    fn problem(field: &str, rule: Rule) -> Problem {
        Problem {
            field: field.to_owned(),
            rule,
        }
    }
}

/// Puts rows into a database.
pub struct Importer<'a> {
    /// Where they go.
    pub store: &'a Store,
    /// When it is.
    pub clock: &'a dyn Clock,
    /// Is told, now and then, how many rows are done; starts anew where a write is tried again.
    pub progress: &'a dyn Fn(u64),
}

impl Importer<'_> {
    /// Puts every row in one transaction, or tells what is wrong with which.
    fn put_all<T>(
        &self,
        rows: &Rows<T>,
        mut put: impl FnMut(&mut AnyConnection, &T) -> Result<Change, RowError>,
    ) -> Result<Report, ImportError> {
        self.store.write(|conn| self.put_rows(conn, rows, &mut put))
    }

    /// Good rows are held against what is stored even where others are bad, so that all is told at once;
    /// then the error undoes them.
    fn put_rows<T>(
        &self,
        conn: &mut AnyConnection,
        rows: &Rows<T>,
        put: &mut impl FnMut(&mut AnyConnection, &T) -> Result<Change, RowError>,
    ) -> Result<Report, ImportError> {
        let mut report = Report::default();
        let mut bad = rows.bad.clone();
        for (row, done) in rows.good.iter().zip(1..) {
            match put(conn, &row.value) {
                Ok(change) => report.count(change),
                Err(RowError::Rule(problem)) => bad.add(row.line, problem.into()),
                Err(RowError::Store(error)) => return Err(of_row(row.line, error, bad)),
            }
            (self.progress)(done);
        }
        bad.or_ok().map_err(ImportError::Rows)?;
        Ok(report)
    }
}

/// A value that must be unique and is taken is the row's fault; the transaction is over nevertheless.
fn of_row(line: u64, error: StoreError, mut bad: BadRows) -> ImportError {
    let StoreError::Duplicate(what) = error else {
        return error.into();
    };
    let field = what.rsplit_once('.').map_or(what.as_str(), |(_, field)| field);
    let taken = RowError::problem(field, Rule::Duplicate(field.to_owned()));
    bad.add(line, taken.into());
    ImportError::Rows(bad)
}
