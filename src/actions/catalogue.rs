//! The compiled catalogue of today, shared by all and swapped whole when a product, the LPR or the day
//! has changed. Where only some products have, the next one is made of the last one and these.

use super::seen::{SeenCatalogues, compile};
use super::{ActionError, Service};
use crate::domain::dates::Day;
use crate::domain::lpr::Lpr;
use crate::domain::request::Need;
use crate::matching::{Applicant, Catalogue, NoLpr, Scratch};
use crate::store::{AnyConnection, lpr, products};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What the catalogue in use was made from.
#[derive(Clone, Copy, PartialEq, Eq)]
struct MadeFrom {
    /// The number that every write to a product raises.
    version: i64,
    lpr: Lpr,
    day: Day,
}

/// A catalogue with the versions of its products.
pub struct Loaded {
    /// The compiled catalogue.
    pub catalogue: Catalogue,
    /// Code and version of each product, in the order of their codes.
    pub versions: Vec<(String, i32)>,
    /// What matches left behind for the next ones.
    spare: Mutex<Vec<Scratch>>,
}

/// Spares that are kept: more matches at a time than this are rare, and each remembers some megabytes of costs.
const SPARES: usize = 2;

impl Loaded {
    /// The result of a request as a line of JSON, and how many products fit.
    pub(super) fn match_line(&self, id: &str, applicant: &Applicant, need: &Need) -> (Vec<u8>, usize) {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = spare().pop().unwrap_or_default();
        let list = self.catalogue.match_one(applicant, need, &mut scratch);
        let eligible = list.counts().eligible;
        let mut line = Vec::new();
        list.write_json(id, &mut line);
        let mut spare = spare();
        if spare.len() < SPARES {
            spare.push(scratch);
        }
        (line, eligible)
    }
}

/// The catalogue in use, and those that stored matches saw. Empty until the first match.
#[derive(Default)]
pub struct LiveCatalogue {
    in_use: Mutex<Option<(MadeFrom, Arc<Loaded>)>>,
    pub(super) seen: SeenCatalogues,
}

impl LiveCatalogue {
    /// The number of the catalogue in use; none before the first.
    #[must_use]
    pub fn version(&self) -> Option<i64> {
        let in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.as_ref().map(|(from, _)| from.version)
    }

    /// The catalogue as it stands in the database on a day.
    ///
    /// Who holds the `Arc` goes on with what it saw; the database is asked each time, so a change made
    /// by another process is seen at the next call. What stores a result asks in its own transaction: so no product
    /// is published between the match and its commit. Not for a transaction that has itself changed a product.
    ///
    /// # Errors
    /// [`ActionError::NoLpr`] before the first LPR, or when the database fails.
    pub fn current(&self, conn: &mut AnyConnection, day: Day) -> Result<Arc<Loaded>, ActionError> {
        let made_from = MadeFrom {
            version: products::catalogue_version(conn)?,
            lpr: lpr::on(conn, day)?.ok_or(NoLpr(day))?,
            day,
        };
        let in_use = || self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let last = in_use().clone();
        let loaded = match last {
            Some((from, loaded)) if from == made_from => return Ok(loaded),
            // Made outside the lock: the others go on with the old one meanwhile.
            Some((from, loaded)) if (from.lpr, from.day) == (made_from.lpr, day) => loaded.followed(conn, day)?,
            _ => load(conn, made_from.lpr, day)?,
        };
        let loaded = Arc::new(loaded);
        *in_use() = Some((made_from, Arc::clone(&loaded)));
        Ok(loaded)
    }
}

/// With more changes than this everything is read and compiled anew.
const FEW: usize = 32;

/// Has the catalogue of today ready.
///
/// # Errors
/// As [`LiveCatalogue::current`].
pub fn follow(service: &Service) -> Result<(), ActionError> {
    let today = service.clock.today();
    service
        .store
        .read(|conn| service.catalogue.current(conn, today).map(drop))
}

impl Loaded {
    /// What has become of it on the same day.
    fn followed(&self, conn: &mut AnyConnection, day: Day) -> Result<Self, ActionError> {
        let versions = products::on_offer(conn, day)?;
        let missing = |these: &[(String, i32)], those: &[(String, i32)]| -> Vec<String> {
            let those: HashSet<&(String, i32)> = those.iter().collect();
            let missing = these.iter().filter(|one| !those.contains(one));
            missing.map(|(code, _)| code.clone()).collect()
        };
        let changed = missing(&versions, &self.versions);
        if changed.len() > FEW {
            return load(conn, self.catalogue.lpr(), day);
        }
        let mut gone = missing(&self.versions, &versions);
        gone.retain(|code| !changed.contains(code));
        let put = products::newest(conn, &changed)?;
        Ok(Self {
            catalogue: self.catalogue.changed(put, &gone),
            versions,
            spare: Mutex::default(),
        })
    }
}

fn load(conn: &mut AnyConnection, lpr: Lpr, day: Day) -> Result<Loaded, ActionError> {
    Ok(Loaded {
        catalogue: compile(products::catalogue(conn, day)?, lpr, day)?,
        versions: products::on_offer(conn, day)?,
        spare: Mutex::default(),
    })
}
