//! The outbox as administrators see it: which mails went out, and sending dead ones again.

use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::message::{MailEvent, MailState};
use crate::domain::place::Place;
use crate::store::{audit, post};
use uuid::Uuid;

pub use crate::store::post::StoredMail;

/// Mails to users of the actor's district, and to addresses without an account, newest first.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see the outbox.
pub fn list(
    service: &Service,
    actor: &Actor,
    state: Option<MailState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredMail>, ActionError> {
    let scope = may_see(actor, Right::KeepOutbox)?;
    Ok(service
        .store
        .read(|conn| post::list(conn, &scope, state, before, limit))?)
}

/// Sends a dead mail again.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see the mail, [`ActionError::Refused`] where it is not
/// dead, [`ActionError::Stale`] where someone else was faster.
pub fn resend(service: &Service, actor: &Actor, id: Uuid) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::KeepOutbox)?;
    service.store.write(|conn| {
        let state = post::state_of(conn, &scope, id)?;
        let next = state.next(MailEvent::Resend)?;
        post::resend(conn, id, state, service.clock.now())?;
        let entry = AuditEntry {
            action: AuditAction::MailResent,
            subject: format!("outbox:{id}"),
            before: Some(state.code().to_owned()),
            after: Some(next.code().to_owned()),
        };
        Ok(audit::append(conn, actor, &entry, service.clock.as_ref())?)
    })
}
