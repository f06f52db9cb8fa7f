//! The audit log: sealed by a job, verified by a command, searched and exported by administrators.

use super::chain::{self, ChainHash};
use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::invalid::{Problem, Rule};
use crate::domain::place::Place;
use crate::store::{AnyConnection, Store, StoreError, audit as log, audit_log};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use crate::store::audit_log::{AuditRow, FoundAudit, Seal, Sealed, Search};

/// Rows that are read at a time.
const BATCH: i64 = 1_000;
/// Rows that one export holds at most.
pub const EXPORT_ROWS: i64 = 50_000;

/// Gives the oldest unsealed rows their places, at most `limit`; tells how many.
///
/// # Errors
/// When the database fails, or another node was faster.
pub fn seal(service: &Service, algorithm: &dyn ChainHash, limit: i64) -> Result<i64, ActionError> {
    service.store.write(|conn| {
        let (mut place, mut previous) = match audit_log::head(conn)? {
            None => (0, None),
            Some((_, seal)) => (seal.place.unwrap_or_default(), seal.hash),
        };
        let mut sealed = 0;
        for row in audit_log::unsealed(conn, limit)? {
            place += 1;
            let hash = chain::link(algorithm, previous.as_deref(), place, &row).map_err(ActionError::internal)?;
            audit_log::seal(conn, &row.id, place, algorithm.id(), &hash)?;
            previous = Some(hash);
            sealed += 1;
        }
        Ok(sealed)
    })
}

/// The newest sealed row, to be kept elsewhere: whoever takes rows off the end can't make it fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its place.
    pub place: i64,
    /// Its id.
    pub id: String,
    /// The id of the algorithm.
    pub algorithm: String,
    /// Its hash.
    pub hash: String,
}

/// The head of the chain; none while nothing is sealed.
///
/// # Errors
/// When the database fails, or the newest row is not whole.
pub fn head(conn: &mut AnyConnection) -> Result<Option<Head>, StoreError> {
    let Some((row, seal)) = audit_log::head(conn)? else {
        return Ok(None);
    };
    match (seal.place, seal.algorithm, seal.hash) {
        (Some(place), Some(algorithm), Some(hash)) => Ok(Some(Head {
            place,
            id: row.id,
            algorithm,
            hash,
        })),
        _ => Err(StoreError::database(format!(
            "audit row {} is not sealed whole",
            row.id
        ))),
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is none at this place.
    Missing,
    /// What is stored is not what was sealed, or the row before it is not.
    Altered,
    /// It does not read.
    Unreadable,
    /// The algorithm is none of ours.
    Algorithm,
    /// It is not the row that the head was exported from.
    NotTheHead,
}

/// The first row that breaks the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its place.
    pub place: i64,
    /// Its id, where one is there.
    pub id: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            Fault::Missing => "is missing",
            Fault::Altered => "was altered, or the row before it was taken out",
            Fault::Unreadable => "does not read",
            Fault::Algorithm => "names an unknown algorithm",
            Fault::NotTheHead => "is not the row that the head was exported from",
        };
        let id = self.id.as_deref().unwrap_or("no id");
        write!(f, "audit row at place {} ({id}) {what}", self.place)
    }
}

/// What verifying the chain came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many rows were found good.
    pub good: i64,
    /// How many rows wait to be sealed: nothing is known of them yet.
    pub unsealed: i64,
    /// The first row that breaks the chain.
    pub broken: Option<Broken>,
}

/// Goes through the whole chain; `exported` is a head that was kept elsewhere.
///
/// # Errors
/// When the database fails.
pub fn verify(store: &Store, exported: Option<&Head>) -> Result<Verified, StoreError> {
    store.read(|conn| {
        let mut walk = Walk {
            good: 0,
            previous: None,
            exported,
        };
        let broken = walk.go(conn)?;
        Ok(Verified {
            good: walk.good,
            unsealed: audit_log::count_unsealed(conn)?,
            broken,
        })
    })
}

/// How far the chain has been found good.
struct Walk<'a> {
    good: i64,
    previous: Option<String>,
    exported: Option<&'a Head>,
}

impl Walk<'_> {
    fn go(&mut self, conn: &mut AnyConnection) -> Result<Option<Broken>, StoreError> {
        let mut batch = BATCH;
        loop {
            let rows = match audit_log::sealed_after(conn, self.good, batch) {
                Ok(rows) => rows,
                // One of them does not read: one by one shows which.
                Err(StoreError::Database(_)) if batch > 1 => {
                    batch = 1;
                    continue;
                }
                Err(StoreError::Database(_)) => {
                    let place = self.good + 1;
                    let id = audit_log::id_at(conn, place)?;
                    return Ok(Some(Broken {
                        place,
                        id,
                        fault: Fault::Unreadable,
                    }));
                }
                Err(error) => return Err(error),
            };
            if rows.is_empty() {
                return Ok(self.lacks_head());
            }
            for (row, seal) in rows {
                if let Some(broken) = self.step(row, &seal)? {
                    return Ok(Some(broken));
                }
            }
        }
    }

    fn step(&mut self, row: AuditRow, seal: &Seal) -> Result<Option<Broken>, StoreError> {
        let place = self.good + 1;
        let broken = |id, fault| Ok(Some(Broken { place, id, fault }));
        if seal.place != Some(place) {
            return broken(None, Fault::Missing);
        }
        let Some(algorithm) = seal.algorithm.as_deref().and_then(chain::by_id) else {
            return broken(Some(row.id), Fault::Algorithm);
        };
        let hash = chain::link(algorithm, self.previous.as_deref(), place, &row).map_err(StoreError::database)?;
        if seal.hash.as_ref() != Some(&hash) {
            return broken(Some(row.id), Fault::Altered);
        }
        if self
            .exported
            .is_some_and(|head| head.place == place && (head.hash != hash || head.id != row.id))
        {
            return broken(Some(row.id), Fault::NotTheHead);
        }
        self.good = place;
        self.previous = Some(hash);
        Ok(None)
    }

    /// The rows at the end that the exported head knows and that are gone.
    fn lacks_head(&self) -> Option<Broken> {
        self.exported.filter(|head| head.place > self.good).map(|head| Broken {
            place: self.good + 1,
            id: (head.place == self.good + 1).then(|| head.id.clone()),
            fault: Fault::Missing,
        })
    }
}

/// Rows of the actor's district, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see the log.
pub fn search(
    service: &Service,
    actor: &Actor,
    search: &Search,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<FoundAudit>, ActionError> {
    let scope = may_see(actor, Right::ViewAudit)?;
    Ok(service
        .store
        .read(|conn| audit_log::search(conn, &scope, search, before, limit))?)
}

/// Every row that a search finds; the export is itself an entry of the log.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see the log, [`ActionError::Invalid`] where there are more
/// than [`EXPORT_ROWS`].
pub fn export(service: &Service, actor: &Actor, search: &Search) -> Result<Vec<FoundAudit>, ActionError> {
    let scope = may_see(actor, Right::ViewAudit)?;
    let rows = service
        .store
        .read(|conn| audit_log::search(conn, &scope, search, None, EXPORT_ROWS + 1))?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if count > EXPORT_ROWS {
        let rule = Rule::OutOfRange {
            min: 0,
            max: EXPORT_ROWS,
        };
        return Err(Problem {
            field: "rows".to_owned(),
            rule,
        }
        .into());
    }
    let entry = AuditEntry {
        action: AuditAction::AuditExported,
        subject: "audit".to_owned(),
        before: None,
        after: Some(format!("{{\"rows\":{count}}}")),
    };
    service
        .store
        .write(|conn| log::append(conn, actor, &entry, service.clock.as_ref()))?;
    Ok(rows)
}
