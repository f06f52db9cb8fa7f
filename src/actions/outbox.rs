//! The outbox as administrators see it: which mails went out, sending dead ones again, and letting go what is held.
//!
//! A restored database holds mail: what waits in it was mostly sent already, by the service that is gone.

use super::{ActionError, Service, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::message::{MailEvent, MailState};
use crate::domain::place::Place;
use crate::store::audit::By;
use crate::store::{AnyConnection, Store, StoreError, audit, mail_hold, post};
use chrono::{DateTime, Utc};
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

/// Mail that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many mails wait.
    pub waiting: i64,
}

/// Whether mail is held, of all districts.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see the outbox.
pub fn held(service: &Service, actor: &Actor) -> Result<Option<Held>, ActionError> {
    may_see(actor, Right::KeepOutbox)?;
    Ok(service.store.read(held_now)?)
}

/// Whether mail is held, for the command line.
///
/// # Errors
/// When the database fails.
pub fn held_now(conn: &mut AnyConnection) -> Result<Option<Held>, StoreError> {
    let Some(since) = mail_hold::since(conn)? else {
        return Ok(None);
    };
    let waiting = mail_hold::count_waiting(conn)?;
    Ok(Some(Held { since, waiting }))
}

/// Holds mail in a database that was restored from the backup of an instant; a step of the restore's transaction.
///
/// # Errors
/// When the database fails.
pub fn hold_restored(conn: &mut AnyConnection, made_at: DateTime<Utc>, clock: &dyn Clock) -> Result<(), StoreError> {
    mail_hold::hold(conn, clock.now())?;
    let entry = AuditEntry {
        action: AuditAction::DatabaseRestored,
        subject: "database".to_owned(),
        before: None,
        after: Some(format!("backup of {}", made_at.to_rfc3339())),
    };
    audit::append_unknown(conn, None, &entry, clock)
}

/// What became of the mails that waited while mail was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// How many wait still, and leave now.
    pub waiting: i64,
    /// How many were given up.
    pub given_up: i64,
}

/// Why a mail is given up that was written before the restore.
const SENT_BEFORE: &str = "放行时未发：恢复备份之前可能已发送";

/// Lets mail go that is held, of all districts; mails that were written before `drop_before` are given up instead, and
/// can be sent again one by one.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see the outbox, [`ActionError::Stale`] where mail is not held.
pub fn release(service: &Service, actor: &Actor, drop_before: Option<DateTime<Utc>>) -> Result<Released, ActionError> {
    may_see(actor, Right::KeepOutbox)?;
    Ok(let_go(
        &service.store,
        By::User(actor),
        drop_before,
        service.clock.as_ref(),
    )?)
}

/// Lets mail go as [`release`] does, for whoever runs commands where the service runs.
///
/// # Errors
/// [`StoreError::Stale`] where mail is not held.
pub fn release_by_command(
    store: &Store,
    drop_before: Option<DateTime<Utc>>,
    clock: &dyn Clock,
) -> Result<Released, StoreError> {
    // Of no district, so that the administrators of each see it.
    let_go(store, By::Service(""), drop_before, clock)
}

fn let_go(
    store: &Store,
    by: By<'_>,
    drop_before: Option<DateTime<Utc>>,
    clock: &dyn Clock,
) -> Result<Released, StoreError> {
    store.write(|conn| {
        mail_hold::release(conn)?;
        let given_up = match drop_before {
            Some(instant) => mail_hold::give_up(conn, instant, SENT_BEFORE)?,
            None => 0,
        };
        let waiting = mail_hold::count_waiting(conn)?;
        let entry = AuditEntry {
            action: AuditAction::MailReleased,
            subject: "outbox".to_owned(),
            before: Some("held".to_owned()),
            after: Some(format!("{{\"waiting\":{waiting},\"given_up\":{given_up}}}")),
        };
        audit::append_by(conn, by, &entry, clock)?;
        Ok(Released { waiting, given_up })
    })
}
