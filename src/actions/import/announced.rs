//! Import of what is announced for everyone: LPR and holidays.

use super::{ImportError, Importer, Report, Row, refuse_repeats};
use crate::domain::holiday::Holiday;
use crate::domain::lpr::{Lpr, LprTable};
use crate::store::{holidays, lpr};

impl Importer<'_> {
    /// Puts announcements by their days.
    ///
    /// # Errors
    /// The database's failure; then nothing has changed.
    pub fn lpr(&self, table: &LprTable) -> Result<Report, ImportError> {
        let rows: Vec<Row<Lpr>> = table.rows().iter().map(|&value| Row { line: 0, value }).collect();
        self.put_all(&rows, |conn, new| Ok(lpr::put(conn, new)?))
    }

    /// Puts listed days.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn holidays(&self, rows: &[Row<Holiday>]) -> Result<Report, ImportError> {
        refuse_repeats(rows, "date", |row| row.date, |row| row.date.to_string())?;
        self.put_all(rows, |conn, new| Ok(holidays::put(conn, new)?))
    }
}
