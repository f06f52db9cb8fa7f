//! Import of enterprises with what is known of them.

use super::{FileIdentity, ImportError, Importer, Report, RowError, Rows};
use crate::clock::Clock;
use crate::domain::batch::Counts;
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, Fact};
use crate::domain::facts::FactKey;
use crate::domain::profile::Held;
use crate::exchange::BadRows;
use crate::store::batches::{self, BatchScope, NewBatch};
use crate::store::facts::{NewFact, Provenance};
use crate::store::ledger::record;
use crate::store::organisations::{self, StoredOrganisation};
use crate::store::{AnyConnection, Change, StoreError, enterprises};
use uuid::Uuid;

impl Importer<'_> {
    /// Puts enterprises by their credit codes, new ones into the district, and records their facts as
    /// observed today by `source`, or by the district's centre where there is none.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn enterprises(
        &self,
        rows: Rows<Enterprise>,
        district_code: &str,
        source: Option<&str>,
        file: FileIdentity<'_>,
    ) -> Result<Report, ImportError> {
        let rows = rows.unique("uscc", |row| row.uscc, |row| row.uscc.to_string());
        let today = self.clock.today();
        self.store.write(|conn| {
            let source = source_of(conn, source, district_code, &rows.bad)?;
            let Some(batch_id) = open_batch(conn, source.id, file, self.clock)? else {
                return unchanged(&rows);
            };
            let from = Provenance {
                source_id: source.id,
                batch_id: Some(batch_id),
                account_id: None,
            };
            let report = self.put_rows(conn, &rows, &mut |conn, new: &Enterprise| {
                let (id, change) = enterprises::put(conn, new, district_code, self.clock)?;
                let values: Vec<NewFact> = new
                    .facts
                    .iter()
                    .map(|(key, fact)| observed(key, *fact, today))
                    .collect();
                let changes = record(conn, id, &values, &from, self.clock)?;
                Ok::<_, RowError>(match change {
                    Change::Unchanged if changes.iter().any(|change| *change != Change::Unchanged) => Change::Updated,
                    change => change,
                })
            })?;
            batches::note_counts(conn, batch_id, report.into())?;
            Ok(report)
        })
    }
}

/// Notes a file of facts; none where the organisation has handed in the same content before and has not
/// taken it back.
pub(super) fn open_batch(
    conn: &mut AnyConnection,
    source_id: Uuid,
    file: FileIdentity<'_>,
    clock: &dyn Clock,
) -> Result<Option<Uuid>, StoreError> {
    if batches::applied_before(conn, source_id, file.sha256)?.is_some() {
        return Ok(None);
    }
    let new = NewBatch {
        scope: BatchScope {
            organisation_id: source_id,
            feed_key_id: None,
        },
        account_id: None,
        name: file.name,
        sha256: file.sha256,
        sequence: None,
        content: None,
        counts: Counts::default(),
    };
    batches::insert(conn, &new, clock).map(Some)
}

/// What a file that was handed in before comes to.
pub(super) fn unchanged<T>(rows: &Rows<T>) -> Result<Report, ImportError> {
    rows.bad.clone().or_ok().map_err(ImportError::Rows)?;
    Ok(Report {
        unchanged: rows.good.len() as u64,
        ..Report::default()
    })
}

/// The organisation that vouches for a file.
pub(super) fn source_of(
    conn: &mut AnyConnection,
    code: Option<&str>,
    district_code: &str,
    bad: &BadRows,
) -> Result<StoredOrganisation, ImportError> {
    let found = match code {
        Some(code) => organisations::by_code(conn, code),
        None => organisations::centre(conn, district_code),
    };
    found.map_err(|error| match error {
        StoreError::NotFound => ImportError::Source {
            code: code.unwrap_or("centre").to_owned(),
            bad: bad.clone(),
        },
        error => error.into(),
    })
}

/// The form says nothing of when a value was observed, nor of which bank it is about.
fn observed(key: FactKey, fact: Fact, today: Day) -> NewFact {
    let valid_until = fact.valid_until.or_else(|| key.spec().shelf_life.ends(today));
    NewFact {
        held: Held {
            key,
            fact: Fact { valid_until, ..fact },
            observed_on: today,
        },
        bank_id: None,
    }
}
