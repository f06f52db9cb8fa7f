//! Import of organisations.

use super::{ImportError, Importer, Report, Row, RowError, refuse_repeats};
use crate::domain::invalid::Rule;
use crate::domain::organisation::Organisation;
use crate::store::{StoreError, organisations};

impl Importer<'_> {
    /// Puts organisations by their codes. The kind of one that is there stays.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn organisations(&self, rows: &[Row<Organisation>]) -> Result<Report, ImportError> {
        refuse_repeats(rows, "code", |row| row.code.as_str(), |row| row.code.clone())?;
        self.put_all(rows, |conn, new| {
            match organisations::by_code(conn, &new.code) {
                Ok(old) if old.organisation.kind != new.kind => return Err(RowError::rule("kind", Rule::Fixed)),
                Ok(_) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
            let (_, change) = organisations::put(conn, new, self.clock)?;
            Ok(change)
        })
    }
}
