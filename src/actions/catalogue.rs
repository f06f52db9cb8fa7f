//! The compiled catalogue of today, shared by all and swapped whole when a product, the LPR or the day
//! has changed.

use super::seen::SeenCatalogues;
use super::{ActionError, Service};
use crate::domain::dates::Day;
use crate::domain::lpr::{Lpr, LprTable};
use crate::matching::{Catalogue, NoLpr};
use crate::store::{StoreError, lpr, products};
use std::sync::{Arc, Mutex, PoisonError};

/// What the catalogue in use was made from.
#[derive(Clone, Copy, PartialEq, Eq)]
struct MadeFrom {
    /// The number that every write to a product raises.
    version: i64,
    lpr: Lpr,
    day: Day,
}

/// A catalogue with the versions of its products, in the same order.
pub struct Loaded {
    /// The compiled catalogue.
    pub catalogue: Catalogue,
    /// Code and version of each product.
    pub versions: Vec<(String, i32)>,
}

/// The catalogue in use, and those that stored matches saw. Empty until the first match.
#[derive(Default)]
pub struct LiveCatalogue {
    in_use: Mutex<Option<(MadeFrom, Arc<Loaded>)>>,
    pub(super) seen: SeenCatalogues,
}

impl LiveCatalogue {
    /// The catalogue as it stands in the database today.
    ///
    /// Who holds the `Arc` goes on with what it saw; the database is asked each time, so a change made
    /// by another process is seen at the next call.
    ///
    /// # Errors
    /// [`ActionError::NoLpr`] before the first LPR, or when the database fails.
    pub fn current(&self, service: &Service) -> Result<Arc<Loaded>, ActionError> {
        let day = service.clock.today();
        let (version, table) = service
            .store
            .read(|conn| Ok::<_, StoreError>((products::catalogue_version(conn)?, lpr::table(conn)?)))?;
        let made_from = MadeFrom {
            version,
            lpr: table.on(day).ok_or(NoLpr(day))?,
            day,
        };
        let in_use = || self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((from, loaded)) = &*in_use()
            && *from == made_from
        {
            return Ok(Arc::clone(loaded));
        }
        // Compiled outside the lock: the others go on with the old one meanwhile.
        let loaded = Arc::new(load(service, &table, day)?);
        *in_use() = Some((made_from, Arc::clone(&loaded)));
        Ok(loaded)
    }
}

fn load(service: &Service, table: &LprTable, day: Day) -> Result<Loaded, ActionError> {
    let (products, versions) = service
        .store
        .read(|conn| products::catalogue(conn, day))?
        .into_iter()
        .map(|(product, version)| {
            let code = product.code.clone();
            (product, (code, version))
        })
        .unzip();
    Ok(Loaded {
        catalogue: Catalogue::compile(products, table, day)?,
        versions,
    })
}
