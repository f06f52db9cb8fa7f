//! The access log: who has read what of an enterprise, noted where it is read.

use super::{ActionError, Service, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Reach, Right, reach};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::place::Place;
use crate::domain::uscc::Uscc;
use crate::store::accesses::{self, NewAccess};
use crate::store::{AnyConnection, StoreError, audit, enterprises};

pub use crate::store::accesses::StoredAccess;

/// Whether an actor who may read enterprises leaves a line in their logs: all but their own users do.
#[must_use]
pub fn is_logged(actor: &Actor) -> bool {
    reach(actor.role, Right::ViewEnterprise) != Reach::Own
}

/// Notes a read in the enterprise's log and in the audit.
///
/// # Errors
/// When the database fails; the transaction that reads then gives nothing out.
pub(super) fn note(
    conn: &mut AnyConnection,
    actor: &Actor,
    read: NewAccess,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    accesses::insert(conn, actor, read, clock)?;
    let entry = AuditEntry {
        action: AuditAction::ProfileRead,
        subject: format!("enterprise:{}", read.enterprise_id),
        before: None,
        after: Some(read.what.to_string()),
    };
    audit::append(conn, actor, &entry, clock)
}

/// Who has read what of the actor's enterprise, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] where the enterprise is not the actor's.
pub fn log(
    service: &Service,
    actor: &Actor,
    uscc: Uscc,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredAccess>, ActionError> {
    let scope = may_see(actor, Right::ViewConsents)?;
    service.store.read(|conn| {
        let enterprise_id = enterprises::id_by_uscc(conn, &scope, uscc)?;
        Ok(accesses::list(conn, &scope, enterprise_id, before, limit)?)
    })
}
