//! Import of facts from the organisation that vouches for them.

use super::enterprises::{open_batch, source_of, unchanged};
use super::{FileIdentity, ImportError, Importer, Report, RowError, Rows};
use crate::domain::codes::Owner;
use crate::domain::dates::Day;
use crate::domain::fact_row::FactRow;
use crate::domain::invalid::Rule;
use crate::domain::profile::Held;
use crate::domain::uscc::Uscc;
use crate::store::enterprises::{self, Place};
use crate::store::facts::{NewFact, Provenance};
use crate::store::ledger::record;
use crate::store::organisations::{self, StoredOrganisation};
use crate::store::{AnyConnection, Change, StoreError, batches};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

/// What rows are held against.
pub(in super::super) struct Known {
    source: StoredOrganisation,
    lenders: HashMap<String, Uuid>,
    enterprises: HashMap<Uscc, Option<Place>>,
    today: Day,
}

impl Importer<'_> {
    /// Records values that `source` vouches for. What a bank owns names its bank, unless the bank is
    /// the source.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn facts(&self, rows: Rows<FactRow>, source: &str, file: FileIdentity<'_>) -> Result<Report, ImportError> {
        let key = |row: &FactRow| {
            let Held { key, fact, observed_on } = row.held;
            (row.uscc, key, fact.verified, row.bank.clone(), observed_on)
        };
        let rows = rows.unique("fact", key, |row| row.held.key.to_string());
        self.store.write(|conn| {
            let source = source_of(conn, Some(source), "", &rows.bad)?;
            let Some(batch_id) = open_batch(conn, source.id, file, self.clock)? else {
                return unchanged(&rows);
            };
            let from = Provenance {
                source_id: source.id,
                batch_id: Some(batch_id),
                account_id: None,
            };
            let mut known = Known::new(conn, source, self.clock.today())?;
            let report = self.put_rows(conn, &rows, &mut |conn, new: &FactRow| {
                let enterprise_id = known.enterprise(conn, new.uscc)?.id;
                let value = known.value(new)?;
                let changes = record(conn, enterprise_id, &[value], &from, self.clock)?;
                Ok(changes.into_iter().next().unwrap_or(Change::Unchanged))
            })?;
            batches::note_counts(conn, batch_id, report.into())?;
            Ok(report)
        })
    }
}

impl Known {
    /// What is known before the first row.
    pub(in super::super) fn new(
        conn: &mut AnyConnection,
        source: StoredOrganisation,
        today: Day,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            lenders: organisations::lenders(conn)?,
            enterprises: HashMap::new(),
            source,
            today,
        })
    }

    /// The enterprise that a row names.
    pub(in super::super) fn enterprise(&mut self, conn: &mut AnyConnection, uscc: Uscc) -> Result<&Place, RowError> {
        let place = match self.enterprises.entry(uscc) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(match enterprises::place_of(conn, uscc) {
                Ok(place) => Some(place),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error.into()),
            }),
        };
        place
            .as_ref()
            .ok_or_else(|| RowError::rule("uscc", Rule::NotFound(uscc.to_string())))
    }

    /// The value that a row holds, with its bank.
    pub(in super::super) fn value(&self, row: &FactRow) -> Result<NewFact, RowError> {
        if row.held.observed_on > self.today {
            return Err(RowError::rule("observed_on", Rule::Future));
        }
        Ok(NewFact {
            held: row.held,
            bank_id: self.bank(row)?,
        })
    }

    fn bank(&self, row: &FactRow) -> Result<Option<Uuid>, RowError> {
        let is_banks = row.held.key.spec().owner == Owner::Bank;
        match &row.bank {
            Some(_) if !is_banks => Err(RowError::rule("bank", Rule::UnknownKey("bank".to_owned()))),
            Some(code) => {
                let id = self.lenders.get(code).copied();
                id.map(Some)
                    .ok_or_else(|| RowError::rule("bank", Rule::NotFound(code.clone())))
            }
            None if is_banks && self.source.organisation.kind.lends() => Ok(Some(self.source.id)),
            None if is_banks && row.held.fact.verified => Err(RowError::rule("bank", Rule::Required)),
            None => Ok(None),
        }
    }
}
