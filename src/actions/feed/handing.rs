//! Handing a file in, looking at what it would do, and taking it up.

use super::plan::{Content, House, Plan, is_foreign};
use super::{Feeder, Preview, house};
use crate::actions::digest::sha256_hex;
use crate::actions::error::RefusedRows;
use crate::actions::once::{self, OnceKey};
use crate::actions::{ActionError, Service, may_do, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::batch::{BatchEvent, BatchState, Counts};
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::product::NAME_CHARS;
use crate::exchange::FileKind;
use crate::store::batches::{self, NewBatch, StoredBatch};
use crate::store::facts::Provenance;
use crate::store::feed_keys;
use crate::store::ledger::Ledger;
use crate::store::{AnyConnection, StoreError, audit};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

/// How long a file that was only looked at is kept.
const LOOKED_AT: TimeDelta = TimeDelta::days(7);

/// A file that is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Handed {
    /// What is wrong with the name is put right: it is shown, and nothing is opened by it.
    fn name(&self) -> String {
        let visible = |letter: &char| {
            let mut problems = Problems::default();
            problems.text("name", &format!("a{letter}"), 2);
            problems.list().is_empty()
        };
        let name: String = self.name.chars().filter(visible).take(NAME_CHARS).collect();
        if name.trim().is_empty() {
            "未命名".to_owned()
        } else {
            name
        }
    }
}

/// Reads a file and keeps its rows to be looked at. A file that was taken up before and would change
/// nothing is that batch.
///
/// # Errors
/// [`ActionError::Invalid`] where the file as a whole can't be read, [`ActionError::Forbidden`] for who
/// hands in nothing.
pub fn hand_in(service: &Service, actor: &Actor, file: &Handed) -> Result<Uuid, ActionError> {
    may_do(actor, Right::UploadFacts)?;
    let content = Content::read(file.kind, &file.bytes)?;
    let sha256 = sha256_hex(&file.bytes);
    let kept = serde_json::to_string(&content).map_err(ActionError::internal)?;
    let feeder = Feeder::User(actor.clone());
    let clock = service.clock.as_ref();
    // Looking takes its time with a large file, and the one writer is not kept waiting for it.
    let (counts, before) = service.store.read(|conn| {
        let plan = planned(conn, &feeder, content, clock)?;
        let before = batches::applied_before(conn, actor.organisation_id, &sha256)?;
        Ok::<_, StoreError>((plan.counts, before))
    })?;
    if let Some(id) = before.filter(|_| counts.changes() == 0) {
        return Ok(id);
    }
    service.store.write(|conn| {
        batches::discard_before(conn, actor.organisation_id, clock.now() - LOOKED_AT)?;
        let new = NewBatch {
            scope: feeder.scope(),
            account_id: Some(actor.user_id),
            name: &file.name(),
            sha256: &sha256,
            sequence: None,
            content: Some(&kept),
            counts,
        };
        Ok(batches::insert(conn, &new, clock)?)
    })
}

fn planned(conn: &mut AnyConnection, feeder: &Feeder, content: Content, clock: &dyn Clock) -> Result<Plan, StoreError> {
    let (source, owners) = house(conn, feeder.scope().organisation_id)?;
    let house = House {
        source,
        owners: &owners,
        district: feeder.district(),
    };
    Plan::make(conn, &house, content, clock.today())
}

/// A batch, with what it would do now while it is pending.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's organisation has none with this id.
pub fn preview(service: &Service, actor: &Actor, id: Uuid) -> Result<Preview, ActionError> {
    may_see(actor, Right::UploadFacts)?;
    service.store.read(|conn| {
        let batch = batches::by_id(conn, actor.organisation_id, id)?;
        if batch.state != BatchState::Pending {
            return Ok(Preview {
                counts: batch.counts,
                batch,
                rows: Vec::new(),
                refused: Vec::new(),
                plan: String::new(),
            });
        }
        let plan = kept_plan(conn, actor, id, service.clock.as_ref())?;
        Ok(Preview {
            plan: plan.name(),
            batch,
            counts: plan.counts,
            rows: plan.rows,
            refused: plan.refused,
        })
    })
}

fn kept_plan(conn: &mut AnyConnection, actor: &Actor, id: Uuid, clock: &dyn Clock) -> Result<Plan, ActionError> {
    let kept = batches::content(conn, actor.organisation_id, id)?;
    let content = serde_json::from_str(&kept).map_err(ActionError::internal)?;
    Ok(planned(conn, &Feeder::User(actor.clone()), content, clock)?)
}

/// Takes up what was looked at: exactly the plan with this name.
///
/// # Errors
/// [`ActionError::Stale`] where the plan is another one by now, [`ActionError::Refused`] where the
/// batch is not pending, [`ActionError::NotFound`] where the actor's organisation has none with this id.
pub fn confirm(service: &Service, actor: &Actor, id: Uuid, plan_name: &str) -> Result<Counts, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        may_do(actor, Right::UploadFacts)?;
        let batch = batches::by_id(conn, actor.organisation_id, id)?;
        let next = batch.state.next(BatchEvent::Confirm)?;
        let plan = kept_plan(conn, actor, id, clock)?;
        if plan.name() != plan_name || plan.counts.changes() == 0 {
            return Err(ActionError::Stale);
        }
        batches::settle(conn, actor.organisation_id, id, next, plan.counts, clock)?;
        let from = Provenance {
            source_id: actor.organisation_id,
            batch_id: Some(id),
            account_id: Some(actor.user_id),
        };
        record(conn, &plan, &from, clock)?;
        audit::append(conn, actor, &applied(id, plan.counts), clock)?;
        Ok(plan.counts)
    })
}

/// Drops what was looked at.
///
/// # Errors
/// As [`confirm`]'s.
pub fn discard(service: &Service, actor: &Actor, id: Uuid) -> Result<(), ActionError> {
    service.store.write(|conn| {
        may_do(actor, Right::UploadFacts)?;
        let batch = batches::by_id(conn, actor.organisation_id, id)?;
        let next = batch.state.next(BatchEvent::Discard)?;
        let clock = service.clock.as_ref();
        Ok(batches::settle(
            conn,
            actor.organisation_id,
            id,
            next,
            batch.counts,
            clock,
        )?)
    })
}

fn record(conn: &mut AnyConnection, plan: &Plan, from: &Provenance, clock: &dyn Clock) -> Result<(), StoreError> {
    let mut ledgers: HashMap<Uuid, Ledger> = HashMap::new();
    for row in &plan.rows {
        let id = row.enterprise_id();
        let ledger = match ledgers.entry(id) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(closed) => closed.insert(Ledger::open(conn, id)?),
        };
        ledger.record(conn, row.new_fact(), from, clock)?;
    }
    Ok(())
}

/// How many rows did what, and not what they said.
fn applied(id: Uuid, counts: Counts) -> AuditEntry {
    let Counts {
        created,
        updated,
        unchanged,
        refused,
    } = counts;
    let after =
        format!("{{\"created\":{created},\"updated\":{updated},\"unchanged\":{unchanged},\"refused\":{refused}}}");
    AuditEntry {
        action: AuditAction::FactsApplied,
        subject: format!("batch:{id}"),
        before: None,
        after: Some(after),
    }
}

/// What handing in a file over the API came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The batch.
    pub id: Uuid,
    /// Whether it is a new one; else the same file was taken up before.
    pub is_new: bool,
}

/// Takes a whole file up at once, or nothing of it.
///
/// # Errors
/// [`ActionError::Rows`] with every bad row, [`ActionError::Replayed`] where a key sends a number again,
/// [`ActionError::Invalid`] where the file can't be read or a key sends no number.
pub fn take(
    service: &Service,
    feeder: &Feeder,
    file: &Handed,
    sequence: Option<i64>,
    key: Option<&OnceKey>,
) -> Result<Taken, ActionError> {
    if let Feeder::User(actor) = feeder {
        may_do(actor, Right::UploadFacts)?;
    }
    check_sequence(feeder, sequence)?;
    let content = Content::read(file.kind, &file.bytes)?;
    let sha256 = sha256_hex(&file.bytes);
    once::write(service, key, |conn| {
        let clock = service.clock.as_ref();
        if let (Feeder::Key(by), Some(sent)) = (feeder, sequence) {
            feed_keys::advance(conn, by.key_id, sent).map_err(|error| match error {
                StoreError::Stale => ActionError::Replayed { sent },
                error => error.into(),
            })?;
        }
        let plan = planned(conn, feeder, content.clone(), clock)?;
        if !plan.refused.is_empty() {
            return Err(ActionError::Rows(RefusedRows {
                is_foreign: is_foreign(&plan.refused),
                rows: plan.refused,
            }));
        }
        let scope = feeder.scope();
        let before = batches::applied_before(conn, scope.organisation_id, &sha256)?;
        if let Some(id) = before.filter(|_| plan.counts.changes() == 0) {
            return Ok(Taken { id, is_new: false });
        }
        let new = NewBatch {
            scope,
            account_id: feeder.account_id(),
            name: &file.name(),
            sha256: &sha256,
            sequence,
            content: None,
            counts: plan.counts,
        };
        let id = batches::insert(conn, &new, clock)?;
        let from = Provenance {
            source_id: scope.organisation_id,
            batch_id: Some(id),
            account_id: feeder.account_id(),
        };
        record(conn, &plan, &from, clock)?;
        note(conn, feeder, &applied(id, plan.counts), clock)?;
        Ok(Taken { id, is_new: true })
    })
}

/// A key counts what it sends; a user has the Idempotency-Key for that.
fn check_sequence(feeder: &Feeder, sequence: Option<i64>) -> Result<(), Problem> {
    let rule = match (feeder, sequence) {
        (Feeder::Key(_), None) => Rule::Required,
        (Feeder::User(_), Some(_)) => Rule::UnknownKey("sequence".to_owned()),
        (Feeder::Key(_), Some(sent)) if sent < 1 => Rule::OutOfRange { min: 1, max: i64::MAX },
        _ => return Ok(()),
    };
    Err(Problem {
        field: "sequence".to_owned(),
        rule,
    })
}

fn note(conn: &mut AnyConnection, feeder: &Feeder, entry: &AuditEntry, clock: &dyn Clock) -> Result<(), StoreError> {
    match feeder {
        Feeder::User(actor) => audit::append(conn, actor, entry, clock),
        Feeder::Key(key) => {
            let by = audit::Machine {
                organisation_id: key.organisation_id,
                district_code: &key.district_code,
                origin: key.origin.as_deref(),
            };
            audit::append_machine(conn, by, entry, clock)
        }
    }
}

/// One batch of the feeder's organisation.
///
/// # Errors
/// [`ActionError::NotFound`] where it has none with this id.
pub fn show(service: &Service, feeder: &Feeder, id: Uuid) -> Result<StoredBatch, ActionError> {
    if let Feeder::User(actor) = feeder {
        may_see(actor, Right::UploadFacts)?;
    }
    let organisation_id = feeder.scope().organisation_id;
    Ok(service.store.read(|conn| batches::by_id(conn, organisation_id, id))?)
}
