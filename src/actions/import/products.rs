//! Import of products.

use super::{ImportError, Importer, Report, RowError, Rows};
use crate::domain::invalid::Rule;
use crate::domain::product::Product;
use crate::store::{organisations, products};

impl Importer<'_> {
    /// Puts products by their codes; what changed is a new version.
    ///
    /// # Errors
    /// What is wrong with which row, or the database's failure; then nothing has changed.
    pub fn products(&self, rows: Rows<Product>) -> Result<Report, ImportError> {
        let rows = rows.unique("code", |row| row.code.clone(), |row| row.code.clone());
        self.store.write(|conn| {
            let lenders = organisations::lenders(conn)?;
            self.put_rows(conn, &rows, &mut |conn, new: &Product| {
                let Some(bank) = lenders.get(&new.bank) else {
                    return Err(RowError::rule("bank", Rule::NotFound(new.bank.clone())));
                };
                let taken = products::quota_taken(conn, &new.code)?;
                if new.quota_fen.is_some_and(|quota| quota < taken) {
                    return Err(RowError::rule("quota_fen", Rule::BelowTaken(taken)));
                }
                let (_, change) = products::put(conn, new, *bank, self.clock)?;
                Ok(change)
            })
        })
    }
}
