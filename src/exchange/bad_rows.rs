//! What is wrong with the rows of a file, kept within bounds however many there are.

use crate::domain::invalid::{Problem, Problems};
use std::collections::BTreeMap;

/// How many bad rows are told of; the others are counted.
pub const TOLD: usize = 1_000;

/// How many problems of one row are told of: a line of a megabyte has room for a hundred thousand.
const TOLD_OF_A_ROW: usize = 100;

/// The bad rows of a file: the first by their lines, and how many there are in all.
#[derive(Clone, Debug, Default)]
pub struct BadRows {
    told: BTreeMap<u64, BadRow>,
    rows: u64,
}

/// A bad row.
#[derive(Clone, Debug)]
pub struct BadRow {
    /// What is wrong with it, the first of it.
    pub problems: Vec<Problem>,
    /// How much more is.
    pub more: usize,
}

impl BadRows {
    /// Notes all that is wrong with the row on this line. A row is noted once.
    pub fn add(&mut self, line: u64, problems: Problems) {
        self.rows += 1;
        let is_beyond = |(last, _): (&u64, &BadRow)| self.told.len() == TOLD && *last < line;
        if self.told.last_key_value().is_some_and(is_beyond) {
            return;
        }
        let mut problems: Vec<Problem> = problems.into_iter().collect();
        let more = problems.len().saturating_sub(TOLD_OF_A_ROW);
        problems.truncate(TOLD_OF_A_ROW);
        self.told.insert(line, BadRow { problems, more });
        if self.told.len() > TOLD {
            self.told.pop_last();
        }
    }

    /// How many rows are bad.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether no row is bad.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The first bad rows, by their lines.
    pub fn told(&self) -> impl Iterator<Item = (u64, &BadRow)> {
        self.told.iter().map(|(line, row)| (*line, row))
    }

    /// Itself where a row is bad.
    ///
    /// # Errors
    /// Itself, unless it is empty.
    pub fn or_ok(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::invalid::Rule;

    #[test]
    fn the_first_rows_are_told_in_whatever_order_they_come() {
        let mut bad = BadRows::default();
        for line in (1..=1_500).rev() {
            let mut problems = Problems::default();
            (0..150).for_each(|number| problems.add(format!("f{number}"), Rule::Required));
            bad.add(line, problems);
        }
        assert_eq!(bad.rows(), 1_500);
        let told: Vec<u64> = bad.told().map(|(line, _)| line).collect();
        assert_eq!(told, (1..=1_000).collect::<Vec<u64>>());
        assert!(bad.told().all(|(_, row)| row.problems.len() == 100 && row.more == 50));
    }
}
