//! The catalogues that stored matches saw, compiled again and remembered.
//!
//! Whoever opens a result is shown every reason anew, worked out from the versions that were matched. Versions are frozen
//! and most results of a day saw the same ones, so the few catalogues that were asked for last are kept, each under all
//! that it was made from; a bank's name is the only part of it that can change, and stands in that too.

use super::ActionError;
use crate::domain::dates::Day;
use crate::domain::lpr::{Lpr, LprTable};
use crate::domain::product::Product;
use crate::domain::sheet::ShownProduct;
use crate::matching::Catalogue;
use crate::store::{AnyConnection, organisations, products};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Products that are kept together, in all catalogues; the one that was asked for last is kept whatever its size.
const KEPT: usize = 20_000;

/// What a catalogue was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MadeFrom {
    /// The day that was matched for.
    pub as_of: Day,
    /// The LPR of that day.
    pub lpr: Lpr,
    /// Code and version of each product.
    pub versions: Vec<(String, i32)>,
}

/// A catalogue that a match saw.
pub(super) struct Seen {
    /// Compiled for the day of the match.
    pub catalogue: Catalogue,
    /// What pages show of its products, by code.
    pub products: Arc<HashMap<String, ShownProduct>>,
}

/// Code and name of each lender.
type Names = Vec<(String, String)>;

struct Kept {
    from: MadeFrom,
    names: Names,
    seen: Arc<Seen>,
}

/// The catalogues that were asked for last, the newest first.
#[derive(Default)]
pub(super) struct SeenCatalogues {
    kept: Mutex<VecDeque<Kept>>,
}

impl SeenCatalogues {
    /// The catalogue made from this. The caller has seen the match that says so, which is what its scope bounds.
    ///
    /// # Errors
    /// When the database fails.
    pub fn of(&self, conn: &mut AnyConnection, from: MadeFrom) -> Result<Arc<Seen>, ActionError> {
        let names = organisations::lender_names(conn)?;
        if let Some(seen) = self.find(&from, &names) {
            return Ok(seen);
        }
        // Compiled outside the lock: two that come at once do the same work, and the others go on.
        let seen = Arc::new(make(conn, &from)?);
        self.keep(Kept {
            from,
            names,
            seen: Arc::clone(&seen),
        });
        Ok(seen)
    }

    fn find(&self, from: &MadeFrom, names: &Names) -> Option<Arc<Seen>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|one| one.from == *from && one.names == *names)?;
        let found = kept.remove(place)?;
        let seen = Arc::clone(&found.seen);
        kept.push_front(found);
        Some(seen)
    }

    fn keep(&self, new: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.from != new.from);
        kept.push_front(new);
        let mut products = 0;
        let fitting = kept.iter().take_while(|one| {
            products += one.from.versions.len();
            products <= KEPT
        });
        let most = fitting.count().max(1);
        kept.truncate(most);
    }
}

fn make(conn: &mut AnyConnection, from: &MadeFrom) -> Result<Seen, ActionError> {
    let frozen = products::frozen(conn, &from.versions)?;
    let all = frozen.iter().map(|(product, ..)| product.clone()).collect();
    let shown = frozen.into_iter().map(|(product, version, bank_name)| {
        let shown = ShownProduct {
            form: (*product).clone(),
            version,
            bank_name,
        };
        (product.code.clone(), shown)
    });
    Ok(Seen {
        products: Arc::new(shown.collect()),
        catalogue: compile(all, from.lpr, from.as_of)?,
    })
}

/// The engine as it stood on a day for these products.
pub(super) fn compile(products: Vec<Product>, lpr: Lpr, as_of: Day) -> Result<Catalogue, ActionError> {
    let table = LprTable::new(vec![lpr]).map_err(|_row| ActionError::internal("one row is in order"))?;
    Ok(Catalogue::compile(products, &table, as_of)?)
}
