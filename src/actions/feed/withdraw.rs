//! Taking a whole batch back.

use super::StoredBatch;
use crate::actions::consents::{Telling, tell};
use crate::actions::{ActionError, Service, may_do};
use crate::clock::civil_day;
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::batch::BatchEvent;
use crate::domain::message::Topic;
use crate::store::audit;
use crate::store::batches::{self, TakenBack};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Takes a batch back: each of its values gives way to the one before it. Its organisation is told, and
/// so is each enterprise whose values changed.
///
/// # Errors
/// [`ActionError::Refused`] where it is not taken up, [`ActionError::NotFound`] where the actor's
/// organisation has none with this id.
pub fn withdraw(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredBatch, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        may_do(actor, Right::UploadFacts)?;
        let batch = batches::by_id(conn, actor.organisation_id, id)?;
        let next = batch.state.next(BatchEvent::Withdraw)?;
        let back = batches::take_back(conn, actor.organisation_id, id, actor.user_id, clock)?;
        let entry = AuditEntry {
            action: AuditAction::FactsWithdrawn,
            subject: format!("batch:{id}"),
            before: Some(batch.state.to_string()),
            after: Some(next.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        tell(conn, actor.organisation_id, &own(actor, &batch, &back), clock)?;
        for organisation in &back.organisations {
            tell(conn, *organisation, &theirs(actor, &batch), clock)?;
        }
        Ok(batches::by_id(conn, actor.organisation_id, id)?)
    })
}

fn day(batch: &StoredBatch) -> String {
    civil_day(batch.applied_at.unwrap_or(batch.created_at)).to_string()
}

fn own(actor: &Actor, batch: &StoredBatch, back: &TakenBack) -> Telling {
    Telling {
        event: format!("batch:{}:withdrawn", batch.id),
        topic: Topic::BatchWithdrawn,
        parameters: BTreeMap::from([
            ("file".to_owned(), batch.name.clone()),
            ("source".to_owned(), actor.organisation_name.clone()),
            ("day".to_owned(), day(batch)),
            ("count".to_owned(), back.values.to_string()),
        ]),
        link: format!("/{}/batches/{}", section(actor), batch.id),
    }
}

/// Where the organisation's pages of batches begin.
const fn section(actor: &Actor) -> &'static str {
    use crate::domain::actor::Role;
    match actor.role {
        Role::Officer => "centre",
        _ => "department",
    }
}

fn theirs(actor: &Actor, batch: &StoredBatch) -> Telling {
    Telling {
        event: format!("batch:{}:withdrawn", batch.id),
        topic: Topic::FactsWithdrawn,
        parameters: BTreeMap::from([
            ("source".to_owned(), actor.organisation_name.clone()),
            ("day".to_owned(), day(batch)),
        ]),
        link: "/enterprise/profile".to_owned(),
    }
}
