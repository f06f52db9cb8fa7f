//! What the rows of a file would do to what is known.

use crate::actions::digest::sha256_hex;
use crate::actions::import::facts::Known;
use crate::actions::import::{Row, RowError};
use crate::domain::batch::{Counts, Outlook};
use crate::domain::codes::{Code, Owner};
use crate::domain::dates::Day;
use crate::domain::fact_row::{FactRow, FactRowForm, HandedForm};
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::profile::Held;
use crate::domain::uscc::Uscc;
use crate::exchange::{FileKind, FileRow, facts, read};
use crate::store::batches::StoredBatch;
use crate::store::facts::NewFact;
use crate::store::ledger::Ledger;
use crate::store::organisations::StoredOrganisation;
use crate::store::{AnyConnection, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use uuid::Uuid;

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// The line of the file.
    pub line: u64,
    /// The field; empty for the row as a whole.
    pub field: String,
    /// The rule's code.
    pub code: String,
    /// The rule in words.
    pub words: String,
}

impl RefusedRow {
    fn all(line: u64, problems: Problems) -> impl Iterator<Item = Self> {
        problems.into_iter().map(move |problem| Self {
            line,
            field: problem.field,
            code: problem.rule.code().to_owned(),
            words: problem.rule.to_string(),
        })
    }
}

/// A row, and what it would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// The line of the file.
    pub line: u64,
    /// The enterprise's credit code.
    pub uscc: Uscc,
    /// The enterprise's name.
    pub name: String,
    /// Code of the bank that it is about.
    pub bank: Option<String>,
    /// The value.
    pub held: Held,
    /// What it would do.
    pub outlook: Outlook,
    enterprise_id: Uuid,
    new: NewFact,
}

impl PlannedRow {
    pub(super) const fn enterprise_id(&self) -> Uuid {
        self.enterprise_id
    }

    pub(super) const fn new_fact(&self) -> &NewFact {
        &self.new
    }
}

/// A batch that waits to be confirmed, with what it would do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The batch.
    pub batch: StoredBatch,
    /// Every row that can be taken up.
    pub rows: Vec<PlannedRow>,
    /// Every row that can't.
    pub refused: Vec<RefusedRow>,
    /// How many rows would do what.
    pub counts: Counts,
    /// Names this plan: confirming it does this and nothing else.
    pub plan: String,
}

/// The rows of a file: those with the form of a fact, and those without.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Content {
    rows: Vec<(u64, FactRowForm)>,
    refused: Vec<RefusedRow>,
}

impl Content {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with the file as a whole.
    pub(super) fn read(kind: FileKind, bytes: &[u8]) -> Result<Self, Problems> {
        let mut content = Self::default();
        for FileRow { line, form } in read::<HandedForm>(kind, bytes, facts::COLUMNS)? {
            match form.and_then(FactRowForm::try_from) {
                Ok(form) => content.rows.push((line, form)),
                Err(problems) => content.refused.extend(RefusedRow::all(line, problems)),
            }
        }
        Ok(content)
    }
}

/// Who hands in, and what it may.
pub(super) struct House<'a> {
    /// The organisation.
    pub source: StoredOrganisation,
    /// The owners that it is.
    pub owners: &'a [Owner],
    /// The district of its enterprises.
    pub district: &'a str,
}

/// What the rows would do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub rows: Vec<PlannedRow>,
    pub refused: Vec<RefusedRow>,
    pub counts: Counts,
}

impl Plan {
    /// Holds every row against the rules, against the rows before it and against what is known.
    pub(super) fn make(
        conn: &mut AnyConnection,
        house: &House<'_>,
        content: Content,
        today: Day,
    ) -> Result<Self, StoreError> {
        let mut plan = Self {
            refused: content.refused,
            ..Self::default()
        };
        let mut known = Known::new(conn, house.source.clone(), today)?;
        let mut ledgers: HashMap<Uuid, Ledger> = HashMap::new();
        let mut seen = HashSet::with_capacity(content.rows.len());
        for (line, form) in content.rows {
            let row = FactRow::parse(form).and_then(|row| {
                let repeats = !seen.insert((row.uscc, row.held.key, row.bank.clone(), row.held.observed_on));
                house.check(&row, repeats).map(|()| Row { line, value: row })
            });
            let row = match row {
                Ok(row) => row,
                Err(problems) => {
                    plan.refused.extend(RefusedRow::all(line, problems));
                    continue;
                }
            };
            match plan_row(conn, house, &mut known, &mut ledgers, row) {
                Ok(row) => {
                    plan.counts.add(row.outlook);
                    plan.rows.push(row);
                }
                Err(RowError::Rule(problem)) => plan.refused.extend(RefusedRow::all(line, problem.into())),
                Err(RowError::Store(error)) => return Err(error),
            }
        }
        plan.refused.sort_by_key(|row| row.line);
        let lines: HashSet<u64> = plan.refused.iter().map(|row| row.line).collect();
        plan.counts.refused = i32::try_from(lines.len()).unwrap_or(i32::MAX);
        Ok(plan)
    }

    /// A name of what this plan does: another plan has another one.
    pub(super) fn name(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            // Writing into a String does not fail.
            let _ = writeln!(text, "{} {:?} {:?}", row.line, row.new, row.outlook);
        }
        let _ = write!(text, "{}", self.counts.refused);
        sha256_hex(text.as_bytes())
    }
}

impl House<'_> {
    fn check(&self, row: &FactRow, repeats: bool) -> Result<(), Problems> {
        let owner = row.held.key.spec().owner;
        let mut problems = Problems::default();
        problems.check(!self.owners.contains(&owner), "fact", || Rule::NotYours(owner.label()));
        problems.check(repeats, "fact", || Rule::Duplicate(row.held.key.to_string()));
        problems.or(())
    }
}

fn plan_row(
    conn: &mut AnyConnection,
    house: &House<'_>,
    known: &mut Known,
    ledgers: &mut HashMap<Uuid, Ledger>,
    row: Row<FactRow>,
) -> Result<PlannedRow, RowError> {
    let Row { line, value } = row;
    let place = known.enterprise(conn, value.uscc)?.clone();
    if place.district_code != house.district {
        // One of another district is not there for who hands in.
        return Err(RowError::Rule(Problem {
            field: "uscc".to_owned(),
            rule: Rule::NotFound(value.uscc.to_string()),
        }));
    }
    let new = known.value(&value)?;
    let ledger = match ledgers.entry(place.id) {
        Entry::Occupied(open) => open.into_mut(),
        Entry::Vacant(closed) => closed.insert(Ledger::open(conn, place.id)?),
    };
    Ok(PlannedRow {
        line,
        uscc: value.uscc,
        name: place.name,
        bank: value.bank,
        held: value.held,
        outlook: ledger.foresee(&new, house.source.id),
        enterprise_id: place.id,
        new,
    })
}

/// Whether a row names a fact that somebody else vouches for.
pub(super) fn is_foreign(refused: &[RefusedRow]) -> bool {
    refused.iter().any(|row| row.code == Rule::NotYours("").code())
}
