//! 异议: an enterprise tells the owner of a value that it is wrong, or asks for one to be verified; the
//! owner answers. Of an enterprise and a fact one waits for an answer at a time.

use super::consents::{Telling, tell, tell_each};
use super::once::{self, OnceKey};
use super::{ActionError, Service, may_do, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, OrganisationKind, Right, Role};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::batch::vouches_for;
use crate::domain::codes::{Code, Owner};
use crate::domain::dispute::{DisputeKind, DisputeState, Outcome, checked_text};
use crate::domain::enterprise::Fact;
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Rule};
use crate::domain::message::Topic;
use crate::domain::place::Place;
use crate::domain::profile::Held;
use crate::domain::sheet::KnownFact;
use crate::domain::uscc::Uscc;
use crate::store::disputes::{self, NewAnswer, NewDispute, Side};
use crate::store::facts::{NewFact, Provenance};
use crate::store::ledger::record;
use crate::store::{AnyConnection, StoreError, accounts, audit, enterprises, facts, organisations};
use std::collections::BTreeMap;
use uuid::Uuid;

pub use crate::store::disputes::{DisputeFilter, StoredDispute};

/// The side of a dispute that an actor is on; none for who is on neither.
fn side(conn: &mut AnyConnection, actor: &Actor) -> Result<Option<Side>, StoreError> {
    if actor.scope(Right::AnswerDisputes).is_some() {
        let house = organisations::by_id(conn, actor.organisation_id)?.organisation;
        let owners = vouches_for(house.kind, &house.code);
        return Ok(Some(Side::Owners(owners, actor.district_code.clone())));
    }
    let is_enterprises = matches!(actor.role, Role::Owner | Role::Member | Role::Reader);
    Ok(is_enterprises.then_some(Side::Enterprise(actor.organisation_id)))
}

fn visible(conn: &mut AnyConnection, actor: &Actor) -> Result<Side, ActionError> {
    side(conn, actor)?.ok_or(ActionError::NotFound)
}

/// The disputes of the actor's side, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] for who is on neither side.
pub fn list(
    service: &Service,
    actor: &Actor,
    filter: DisputeFilter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredDispute>, ActionError> {
    service.store.read(|conn| {
        let side = visible(conn, actor)?;
        Ok(disputes::list(conn, &side, filter, before, limit)?)
    })
}

/// How many disputes of the actor's side wait for an answer.
///
/// # Errors
/// [`ActionError::NotFound`] for who is on neither side.
pub fn count_open(service: &Service, actor: &Actor) -> Result<i64, ActionError> {
    service.store.read(|conn| {
        let side = visible(conn, actor)?;
        Ok(disputes::count_open(conn, &side)?)
    })
}

/// A dispute with what its owner has to compare.
#[derive(Clone, Debug, PartialEq)]
pub struct DisputeSheet {
    /// The dispute.
    pub dispute: StoredDispute,
    /// Every current value of the fact, verified and declared.
    pub known: Vec<KnownFact>,
}

/// One dispute, for who has to answer it.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's side has none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<DisputeSheet, ActionError> {
    may_see(actor, Right::AnswerDisputes)?;
    service.store.read(|conn| {
        let side = visible(conn, actor)?;
        let dispute = disputes::by_id(conn, &side, id)?;
        let known = facts::of_key(conn, dispute.enterprise_id, dispute.key)?;
        Ok(DisputeSheet {
            known: known.iter().map(super::enterprises::known_fact).collect(),
            dispute,
        })
    })
}

/// What an enterprise says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saying<'a> {
    /// Of which fact.
    pub key: FactKey,
    /// That it is wrong, or should be verified.
    pub kind: DisputeKind,
    /// In its own words.
    pub note: &'a str,
}

/// Tells the owner of a value that it is wrong, or asks for one to be verified.
///
/// # Errors
/// [`ActionError::Stale`] where one of this fact waits for an answer already; [`ActionError::Invalid`]
/// where there is no such value or no reason is given; [`ActionError::NotFound`] and
/// [`ActionError::Forbidden`] for an enterprise that is not the actor's or a user who only reads.
pub fn raise(
    service: &Service,
    actor: &Actor,
    uscc: Uscc,
    saying: &Saying<'_>,
    key: Option<&OnceKey>,
) -> Result<Uuid, ActionError> {
    let visible = may_see(actor, Right::ViewEnterprise)?;
    let clock = service.clock.as_ref();
    once::write(service, key, |conn| {
        let enterprise_id = enterprises::id_by_uscc(conn, &visible, uscc)?;
        let scope = may_do(actor, Right::RaiseDisputes)?;
        enterprises::id_by_uscc(conn, &scope, uscc)?;
        let note = checked_text("note", saying.note)?;
        check_value(conn, enterprise_id, saying)?;
        let side = Side::Enterprise(actor.organisation_id);
        let open = DisputeFilter {
            state: Some(DisputeState::Open),
            key: Some(saying.key),
        };
        if !disputes::list(conn, &side, open, None, 1)?.is_empty() {
            return Err(ActionError::Stale);
        }
        let new = NewDispute {
            enterprise_id,
            key: saying.key,
            kind: saying.kind,
            note: &note,
            by: actor.user_id,
        };
        let id = disputes::insert(conn, &new, clock)?;
        let entry = AuditEntry {
            action: AuditAction::DisputeRaised,
            subject: format!("dispute:{id}"),
            before: None,
            after: Some(format!("{} {}", saying.kind, saying.key)),
        };
        audit::append(conn, actor, &entry, clock)?;
        let raised = disputes::by_id(conn, &side, id)?;
        tell_owner(conn, actor, &raised, clock)?;
        Ok(id)
    })
}

/// Only a verified value can be wrong in its owner's books, and only a declared one can be verified.
fn check_value(conn: &mut AnyConnection, enterprise_id: Uuid, saying: &Saying<'_>) -> Result<(), ActionError> {
    let wants_verified = saying.kind == DisputeKind::Wrong;
    let values = facts::of_key(conn, enterprise_id, saying.key)?;
    if values.iter().any(|line| line.held.fact.verified == wants_verified) {
        return Ok(());
    }
    let missing = if wants_verified {
        "已核验的值"
    } else {
        "自行填报的值"
    };
    Err(Problem {
        field: "kind".to_owned(),
        rule: Rule::NotFound(missing.to_owned()),
    }
    .into())
}

/// Tells who has to answer: the users of the department, or the officers of the centre.
fn tell_owner(
    conn: &mut AnyConnection,
    actor: &Actor,
    dispute: &StoredDispute,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let owner = dispute.key.spec().owner;
    let (whom, section) = match owner {
        Owner::Centre | Owner::Bank => {
            let officers = match organisations::centre(conn, &actor.district_code) {
                Ok(centre) => accounts::active_with_role(conn, centre.id, Role::Officer)?,
                Err(StoreError::NotFound) => Vec::new(),
                Err(error) => return Err(error),
            };
            (officers, "/centre")
        }
        owner => {
            let mut users = Vec::new();
            for found in organisations::departments(conn, &actor.district_code)? {
                if vouches_for(OrganisationKind::Department, &found.organisation.code).contains(&owner) {
                    users.extend(accounts::active_of(conn, found.id)?);
                }
            }
            (users, "/department")
        }
    };
    let telling = Telling {
        event: format!("dispute:{}:raised", dispute.id),
        topic: Topic::DisputeRaised,
        parameters: BTreeMap::from([
            ("enterprise".to_owned(), dispute.enterprise_name.clone()),
            ("fact".to_owned(), dispute.key.label().to_owned()),
            ("kind".to_owned(), dispute.kind.label().to_owned()),
        ]),
        link: format!("{section}/disputes/{}", dispute.id),
    };
    tell_each(conn, whom, &telling, clock)
}

/// Answers a dispute. What an owner verifies is the declared value, which it vouches for from now on;
/// what it calls corrected it has handed in before.
///
/// # Errors
/// [`ActionError::Refused`] where the outcome is none for this, or it was answered already;
/// [`ActionError::Invalid`] where nothing was corrected; [`ActionError::NotFound`] where the actor's side
/// has none with this id, [`ActionError::Forbidden`] for who raised it.
pub fn answer(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    outcome: Outcome,
    text: &str,
) -> Result<StoredDispute, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let side = visible(conn, actor)?;
        let dispute = disputes::by_id(conn, &side, id)?;
        may_do(actor, Right::AnswerDisputes)?;
        let next = dispute.state.answer(dispute.kind, outcome)?;
        let text = checked_text("text", text)?;
        match outcome {
            Outcome::Verified => verify(conn, actor, &dispute, clock)?,
            Outcome::Corrected => must_be_newer(conn, &dispute)?,
            Outcome::Confirmed | Outcome::Refused => {}
        }
        let answer = NewAnswer {
            outcome,
            text: &text,
            by: actor.user_id,
        };
        disputes::answer(conn, &side, id, next, &answer, clock)?;
        let entry = AuditEntry {
            action: AuditAction::DisputeAnswered,
            subject: format!("dispute:{id}"),
            before: Some(dispute.state.to_string()),
            after: Some(outcome.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        if let Some(organisation) = dispute.organisation_id {
            tell(conn, organisation, &answered(actor, &dispute, outcome), clock)?;
        }
        Ok(disputes::by_id(conn, &side, id)?)
    })
}

/// The owner vouches for what the enterprise declares. What comes per bank names its bank, which a
/// declared value does not.
fn verify(
    conn: &mut AnyConnection,
    actor: &Actor,
    dispute: &StoredDispute,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    if dispute.key.spec().owner == Owner::Bank {
        return must_be_newer(conn, dispute);
    }
    let values = facts::of_key(conn, dispute.enterprise_id, dispute.key)?;
    let declared = values.iter().find(|line| !line.held.fact.verified);
    let declared = declared.ok_or_else(|| Problem {
        field: "outcome".to_owned(),
        rule: Rule::NotFound("自行填报的值".to_owned()),
    })?;
    let today = clock.today();
    let new = NewFact {
        held: Held {
            key: dispute.key,
            fact: Fact {
                verified: true,
                valid_until: dispute.key.spec().shelf_life.ends(today),
                ..declared.held.fact
            },
            observed_on: today,
        },
        bank_id: None,
    };
    let from = Provenance {
        source_id: actor.organisation_id,
        batch_id: None,
        account_id: Some(actor.user_id),
    };
    record(conn, dispute.enterprise_id, &[new], &from, clock)?;
    Ok(())
}

fn must_be_newer(conn: &mut AnyConnection, dispute: &StoredDispute) -> Result<(), ActionError> {
    if disputes::was_verified_since(conn, dispute.enterprise_id, dispute.key, dispute.raised_at)? {
        return Ok(());
    }
    Err(Problem {
        field: "outcome".to_owned(),
        rule: Rule::NotFound("异议提出以后导入的新值，请先导入".to_owned()),
    }
    .into())
}

fn answered(actor: &Actor, dispute: &StoredDispute, outcome: Outcome) -> Telling {
    Telling {
        event: format!("dispute:{}:answered", dispute.id),
        topic: Topic::DisputeAnswered,
        parameters: BTreeMap::from([
            ("source".to_owned(), actor.organisation_name.clone()),
            ("fact".to_owned(), dispute.key.label().to_owned()),
            ("kind".to_owned(), dispute.kind.label().to_owned()),
            ("outcome".to_owned(), outcome.label().to_owned()),
        ]),
        link: format!("/enterprise/facts/{}#disputes", dispute.key),
    }
}
