//! Import of organisations.

use super::{ImportError, Importer, Report, RowError, Rows};
use crate::domain::invalid::Rule;
use crate::domain::organisation::Organisation;
use crate::store::{StoreError, organisations};

impl Importer<'_> {
    /// Puts organisations by their codes. The kind of one that is there stays.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn organisations(&self, rows: Rows<Organisation>) -> Result<Report, ImportError> {
        let rows = rows.unique("code", |row| row.code.clone(), |row| row.code.clone());
        self.put_all(&rows, |conn, new| {
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
