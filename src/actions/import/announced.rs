//! Import of what is announced for everyone: LPR and holidays.

use super::{ImportError, Importer, Report, Rows};
use crate::domain::holiday::Holiday;
use crate::domain::lpr::Lpr;
use crate::store::{holidays, lpr};

impl Importer<'_> {
    /// Puts announcements by their days.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn lpr(&self, rows: &Rows<Lpr>) -> Result<Report, ImportError> {
        self.put_all(rows, |conn, new| Ok(lpr::put(conn, new)?))
    }

    /// Puts listed days.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn holidays(&self, rows: Rows<Holiday>) -> Result<Report, ImportError> {
        let rows = rows.unique("date", |row| row.date, |row| row.date.to_string());
        self.put_all(&rows, |conn, new| Ok(holidays::put(conn, new)?))
    }
}
