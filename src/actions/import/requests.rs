//! Import of requests, as drafts: submitting one, and so matching it, is its enterprise's.

use super::{ImportError, Importer, Report, RowError, Rows};
use crate::domain::invalid::Rule;
use crate::domain::request::Request;
use crate::store::enterprises::{self, Place};
use crate::store::requests::{self, NewRequest, StoredRequest};
use crate::store::{AnyConnection, Change, StoreError};

impl Importer<'_> {
    /// Begins requests by their ids. One that is there already stays as it is: since it was begun it is
    /// its enterprise's, and a file that says something else of it is refused unless the enterprise has
    /// changed it meanwhile.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn requests(&self, rows: Rows<Request>) -> Result<Report, ImportError> {
        let rows = rows.unique("id", |row| row.id.clone(), |row| row.id.clone());
        self.store.write(|conn| {
            self.put_rows(conn, &rows, &mut |conn, new: &Request| {
                match requests::by_reference(conn, &new.id) {
                    Ok(old) if says_the_same(&old, new) || old.version > 1 => return Ok(Change::Unchanged),
                    Ok(_) => return Err(RowError::rule("id", Rule::Fixed)),
                    Err(StoreError::NotFound) => {}
                    Err(error) => return Err(error.into()),
                }
                let place = place_of(conn, new)?;
                let draft = NewRequest {
                    enterprise_id: place.id,
                    district_code: &place.district_code,
                    reference: Some(&new.id),
                    need: Some(&new.need),
                    draft: None,
                };
                requests::insert_draft(conn, &draft, self.clock)?;
                Ok(Change::Created)
            })
        })
    }
}

fn says_the_same(old: &StoredRequest, new: &Request) -> bool {
    old.uscc == new.uscc && old.need.as_ref() == Some(&new.need)
}

fn place_of(conn: &mut AnyConnection, new: &Request) -> Result<Place, RowError> {
    enterprises::place_of(conn, new.uscc).map_err(|error| match error {
        StoreError::NotFound => RowError::rule("uscc", Rule::NotFound(new.uscc.to_string())),
        error => error.into(),
    })
}
