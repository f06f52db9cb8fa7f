//! Import of organisations.

use super::{ImportError, Importer, Report, RowError, Rows};
use crate::domain::actor::OrganisationKind;
use crate::domain::invalid::Rule;
use crate::domain::organisation::Organisation;
use crate::store::{AnyConnection, StoreError, organisations};

impl Importer<'_> {
    /// Puts organisations by their codes. The kind of one that is there stays, and a district has one centre.
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
            check_centre(conn, new)?;
            let (_, change) = organisations::put(conn, new, self.clock)?;
            Ok(change)
        })
    }
}

/// What comes before a district's centre must come before one, not before whichever is found first.
fn check_centre(conn: &mut AnyConnection, new: &Organisation) -> Result<(), RowError> {
    if new.kind != OrganisationKind::Centre {
        return Ok(());
    }
    match organisations::centre(conn, &new.district_code) {
        Ok(other) if other.organisation.code != new.code => Err(RowError::rule(
            "district_code",
            Rule::Duplicate(new.district_code.clone()),
        )),
        Ok(_) | Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
