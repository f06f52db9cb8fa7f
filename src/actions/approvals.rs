//! An officer decides who speaks for an enterprise.

use super::{ActionError, Service, may_do, may_see, settings};
use crate::clock::Clock;
use crate::domain::actor::{Actor, OrganisationKind, Right, Role, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, Fact};
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::maps::UniqueMap;
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::organisation::Organisation;
use crate::domain::place::Place;
use crate::domain::profile::Held;
use crate::domain::registration::{Decision, REASON_CHARS, RegistrationState};
use crate::domain::scalar::Scalar;
use crate::store::accounts::NewAccount;
use crate::store::facts::{NewFact, Provenance};
use crate::store::registrations::Decided;
use crate::store::{AnyConnection, StoreError, organisations, outbox, registrations};
use crate::store::{accounts, attachments, audit, authorisations, enterprises, facts, users};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use uuid::Uuid;

pub use crate::store::attachments::StoredAttachment;
pub use crate::store::registrations::StoredRegistration;

/// A registration with what stands beside it.
#[derive(Debug)]
pub struct Dossier {
    /// The registration.
    pub stored: StoredRegistration,
    /// Its files.
    pub files: Vec<StoredAttachment>,
    /// The names of those who speak for the enterprise already: with any, it is a second claim.
    pub speakers: Vec<String>,
    /// The enterprise's name as it was imported, where it was.
    pub known_as: Option<String>,
}

/// The registrations of the actor's district, newest first, each with whether it is a second claim: at most
/// `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] for who decides none.
pub fn list(
    service: &Service,
    actor: &Actor,
    state: Option<RegistrationState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<(StoredRegistration, bool)>, ActionError> {
    let scope = may_see(actor, Right::DecideRegistrations)?;
    service.store.read(|conn| {
        let found = registrations::list(conn, &scope, state, before, limit)?;
        let with_claim = found.into_iter().map(|one| {
            let waits = one.state == RegistrationState::Waiting;
            let second = waits && !registrations::speakers(conn, one.uscc)?.is_empty();
            Ok::<_, ActionError>((one, second))
        });
        with_claim.collect()
    })
}

/// One registration.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's district has none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<Dossier, ActionError> {
    let scope = may_see(actor, Right::DecideRegistrations)?;
    service.store.read(|conn| {
        let stored = registrations::by_id(conn, &scope, id)?;
        let known_as = match enterprises::place_of(conn, stored.uscc) {
            Ok(place) => Some(place.name),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Dossier {
            files: attachments::of_registration(conn, &scope, id)?,
            speakers: registrations::speakers(conn, stored.uscc)?,
            known_as,
            stored,
        })
    })
}

/// What an officer saw before approving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// That somebody speaks for the enterprise already.
    pub is_second: bool,
    /// When an enterprise that is not known yet was founded, by its licence.
    pub established_on: Option<Day>,
}

/// Approves a registration: the enterprise is added, or the imported one taken up, and the person becomes its
/// owner. Those who speak for the enterprise already are told.
///
/// # Errors
/// [`ActionError::NotFound`] for who decides none, [`ActionError::Refused`] where it is decided,
/// [`ActionError::Invalid`] for an unconfirmed second claim, an address that has an account by now, a day to come, or
/// an enterprise of another district.
pub fn approve(service: &Service, actor: &Actor, id: Uuid, seen: Approval) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let visible = may_see(actor, Right::DecideRegistrations)?;
        let stored = registrations::by_id(conn, &visible, id)?;
        may_do(actor, Right::DecideRegistrations)?;
        let state = stored.state.next(Decision::Approve)?;
        let hash = registrations::password_hash(conn, id)?.ok_or(ActionError::Stale)?;
        let second_claim = !registrations::speakers(conn, stored.uscc)?.is_empty();
        let mut problems = Problems::default();
        problems.check(second_claim && !seen.is_second, "second", || Rule::Required);
        problems.check(users::has_address(conn, &stored.email)?, "email", || {
            Rule::Duplicate(stored.email.to_string())
        });
        let is_to_come = seen.established_on.is_some_and(|day| clock.today() < day);
        problems.check(is_to_come, "established_on", || Rule::Future);
        problems.or(())?;
        let organisation_id = organisation(conn, &stored, seen.established_on, clock)?;
        let earlier = accounts::active_of(conn, organisation_id)?;
        let new = NewAccount {
            organisation_id,
            email: &stored.email,
            name: &stored.person,
            role: Role::Owner,
            password_hash: &hash,
        };
        let owner = accounts::insert(conn, &new, clock)?;
        if !second_claim {
            say_what_was_typed(conn, &stored, organisation_id, owner, clock)?;
        }
        attachments::hand_over(conn, id, organisation_id)?;
        let decided = Decided {
            state,
            reason: None,
            by: actor.user_id,
            keep_until: None,
        };
        registrations::decide(conn, id, decided, clock.now())?;
        tell(conn, &stored, owner, &earlier, clock)?;
        note(conn, actor, AuditAction::RegistrationApproved, &stored, state, clock)
    })
}

/// The organisation that speaks for the enterprise: the one that there is, or a new one. What was imported counts more
/// than what was typed.
fn organisation(
    conn: &mut AnyConnection,
    stored: &StoredRegistration,
    established_on: Option<Day>,
    clock: &dyn Clock,
) -> Result<Uuid, ActionError> {
    let name = match enterprises::place_of(conn, stored.uscc) {
        Ok(place) if place.district_code != stored.district_code => {
            let rule = Rule::Duplicate(stored.uscc.to_string());
            let field = "uscc".to_owned();
            return Err(Problem { field, rule }.into());
        }
        Ok(place) => place.name,
        Err(StoreError::NotFound) => {
            let new = Enterprise {
                uscc: stored.uscc,
                name: stored.enterprise_name.clone(),
                established_on,
                facts: UniqueMap::default(),
            };
            enterprises::put(conn, &new, &stored.district_code, clock)?;
            new.name
        }
        Err(error) => return Err(error.into()),
    };
    match organisations::of_enterprise(conn, stored.uscc) {
        Ok(found) => return Ok(found.id),
        Err(StoreError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let new = Organisation {
        code: stored.uscc.to_string(),
        kind: OrganisationKind::Enterprise,
        name,
        district_code: stored.district_code.clone(),
        uscc: Some(stored.uscc),
        contact: None,
    };
    Ok(organisations::put(conn, &new, clock)?.0)
}

/// Declares industry and town, and authorises the platform, as the form said.
fn say_what_was_typed(
    conn: &mut AnyConnection,
    stored: &StoredRegistration,
    organisation_id: Uuid,
    owner: Uuid,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let (scope, today) = (Scope::Organisation(organisation_id), clock.today());
    let from = Provenance {
        source_id: organisation_id,
        batch_id: None,
        account_id: Some(owner),
    };
    for (key, code) in [(FactKey::Industry, &stored.industry), (FactKey::Town, &stored.town)] {
        let value = key.value(&Scalar::Text(code.clone())).map_err(ActionError::internal)?;
        let fact = Fact {
            value,
            verified: false,
            valid_until: key.spec().shelf_life.ends(today),
        };
        let held = Held {
            key,
            fact,
            observed_on: today,
        };
        let new = NewFact { held, bank_id: None };
        facts::declare(conn, &scope, stored.uscc, &new, &from, clock)?;
    }
    let enterprise_id = enterprises::id_by_uscc(conn, &scope, stored.uscc)?;
    // What has run out while it waited is asked again.
    if today <= stored.terms.until && authorisations::standing(conn, &scope, enterprise_id)?.is_none() {
        authorisations::insert(conn, enterprise_id, &stored.owners, stored.terms, owner, clock)?;
    }
    Ok(())
}

/// Tells the new owner, and those who spoke for the enterprise before.
fn tell(
    conn: &mut AnyConnection,
    stored: &StoredRegistration,
    owner: Uuid,
    earlier: &[Uuid],
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let parameters = BTreeMap::from([
        ("enterprise".to_owned(), stored.enterprise_name.clone()),
        ("person".to_owned(), stored.person.clone()),
    ]);
    let about = |to: Uuid, topic: Topic, link: &str| Message {
        event: format!("registration:{}:{topic}", stored.id),
        to: Recipient::Account(to),
        topic,
        parameters: parameters.clone(),
        link: Some(link.to_owned()),
    };
    outbox::put(conn, &about(owner, Topic::RegistrationApproved, "/login"), clock)?;
    for id in earlier {
        outbox::put(conn, &about(*id, Topic::OwnerAdded, "/enterprise/members"), clock)?;
    }
    Ok(())
}

/// Rejects a registration, with a reason that goes to its address.
///
/// # Errors
/// [`ActionError::NotFound`] for who decides none, [`ActionError::Refused`] where it is decided,
/// [`ActionError::Invalid`] without a reason.
pub fn reject(service: &Service, actor: &Actor, id: Uuid, reason: &str) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let reason = reason.trim();
    service.store.write(|conn| {
        let rules = settings::accounts(conn, service, &actor.district_code)?;
        let kept = TimeDelta::days(rules.rejected_days.into());
        let visible = may_see(actor, Right::DecideRegistrations)?;
        let stored = registrations::by_id(conn, &visible, id)?;
        may_do(actor, Right::DecideRegistrations)?;
        let state = stored.state.next(Decision::Reject)?;
        let mut problems = Problems::default();
        problems.text("reason", reason, REASON_CHARS);
        problems.or(())?;
        let decided = Decided {
            state,
            reason: Some(reason),
            by: actor.user_id,
            keep_until: Some(clock.now() + kept),
        };
        registrations::decide(conn, id, decided, clock.now())?;
        let message = Message {
            event: format!("registration:{id}:rejected"),
            to: Recipient::Address(stored.email.to_string()),
            topic: Topic::RegistrationRejected,
            parameters: BTreeMap::from([
                ("enterprise".to_owned(), stored.enterprise_name.clone()),
                ("reason".to_owned(), reason.to_owned()),
            ]),
            link: Some("/register".to_owned()),
        };
        outbox::put(conn, &message, clock)?;
        note(conn, actor, AuditAction::RegistrationRejected, &stored, state, clock)
    })
}

fn note(
    conn: &mut AnyConnection,
    actor: &Actor,
    action: AuditAction,
    stored: &StoredRegistration,
    state: RegistrationState,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let entry = AuditEntry {
        action,
        subject: format!("registration:{}", stored.id),
        before: Some(stored.state.to_string()),
        after: Some(state.to_string()),
    };
    Ok(audit::append(conn, actor, &entry, clock)?)
}
