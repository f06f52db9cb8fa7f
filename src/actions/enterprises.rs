//! Reading an enterprise's profile, and declaring what only the enterprise can say.

use super::{ActionError, Service, access, may_do, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Size;
use crate::domain::consent::Reading;
use crate::domain::enterprise::Fact;
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::profile::Held;
use crate::domain::scalar::Scalar;
use crate::domain::sheet::KnownFact;
use crate::domain::size::computed_size;
use crate::domain::uscc::Uscc;
use crate::store::accesses::NewAccess;
use crate::store::audit;
use crate::store::facts::{self, FactLine, NewFact, Provenance};
use crate::store::{AnyConnection, StoreError, enterprises};

pub use crate::store::enterprises::{Correction, StoredEnterprise};

/// An enterprise with everything that is known of it.
#[derive(Debug)]
pub struct Profile {
    /// The enterprise; its facts are those that the engine sees today.
    pub stored: StoredEnterprise,
    /// Every current value with its source.
    pub known: Vec<KnownFact>,
    /// The size that its figures come to today, beside the one that is stored.
    pub computed_size: Option<Size>,
}

/// The profile of the enterprise with this credit code. Who reads another's leaves a line in its access
/// log, in the transaction that reads.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none.
pub fn show(service: &Service, actor: &Actor, uscc: Uscc) -> Result<Profile, ActionError> {
    let scope = may_see(actor, Right::ViewEnterprise)?;
    let today = service.clock.today();
    let profile = |conn: &mut AnyConnection| {
        let stored = enterprises::by_uscc(conn, &scope, uscc, today)?;
        let known = facts::list(conn, &scope, stored.id, today)?;
        let known = known.iter().map(known_fact).collect();
        let computed_size = computed_size(&stored.enterprise, today);
        Ok::<_, ActionError>(Profile {
            stored,
            known,
            computed_size,
        })
    };
    if !access::is_logged(actor) {
        return service.store.read(profile);
    }
    service.store.write(|conn| {
        let found = profile(conn)?;
        let read = NewAccess {
            enterprise_id: found.stored.id,
            what: Reading::Profile,
            consent_id: None,
            request_id: None,
        };
        access::note(conn, actor, read, service.clock.as_ref())?;
        Ok(found)
    })
}

/// The enterprise that the actor's organisation is.
///
/// # Errors
/// [`ActionError::NotFound`] where the organisation is none.
pub fn own(service: &Service, actor: &Actor) -> Result<Profile, ActionError> {
    let today = service.clock.today();
    let own = service
        .store
        .read(|conn| enterprises::of_organisation(conn, actor.organisation_id, today))?;
    show(service, actor, own.enterprise.uscc)
}

/// A stored value as pages and stored results show it.
pub(super) fn known_fact(line: &FactLine) -> KnownFact {
    let Held { key, fact, observed_on } = line.held;
    KnownFact {
        key,
        value: key.spec().kind.scalar(fact.value),
        verified: fact.verified,
        observed_on,
        valid_until: fact.valid_until,
        source: line.source.clone(),
        bank: line.bank.clone(),
    }
}

/// Declares a value as of today; it stands beside a verified one and never replaces it. Its shelf life
/// is the fact's.
///
/// # Errors
/// [`ActionError::Invalid`] for a value that the fact cannot have, [`ActionError::NotFound`] and
/// [`ActionError::Forbidden`] for an enterprise that is not the actor's or a user who only reads.
pub fn declare(service: &Service, actor: &Actor, uscc: Uscc, key: FactKey, value: &Scalar) -> Result<(), ActionError> {
    let today = service.clock.today();
    let visible = may_see(actor, Right::ViewEnterprise)?;
    service
        .store
        .read(|conn| enterprises::by_uscc(conn, &visible, uscc, today))?;
    let scope = may_do(actor, Right::DeclareFacts)?;
    if key.is_derived() {
        return Err(Problem {
            field: "value".to_owned(),
            rule: Rule::Derived,
        }
        .into());
    }
    let value = key.value(value).map_err(|rule| Problem {
        field: "value".to_owned(),
        rule,
    })?;
    let fact = Fact {
        value,
        verified: false,
        valid_until: key.spec().shelf_life.ends(today),
    };
    let new = NewFact {
        held: Held {
            key,
            fact,
            observed_on: today,
        },
        bank_id: None,
    };
    let from = Provenance {
        source_id: actor.organisation_id,
        batch_id: None,
        account_id: Some(actor.user_id),
    };
    // Which fact, and not its value.
    let entry = AuditEntry {
        action: AuditAction::FactDeclared,
        subject: format!("fact:{uscc}:{key}"),
        before: None,
        after: None,
    };
    service.store.write(|conn| {
        facts::declare(conn, &scope, uscc, &new, &from, service.clock.as_ref())?;
        audit::append(conn, actor, &entry, service.clock.as_ref())?;
        Ok::<(), StoreError>(())
    })?;
    Ok(())
}

/// Which version of what the registers say of an enterprise is the newest.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none.
pub fn version(service: &Service, actor: &Actor, uscc: Uscc) -> Result<i32, ActionError> {
    let scope = may_see(actor, Right::ViewEnterprise)?;
    let (_, version) = service.store.read(|conn| enterprises::version_of(conn, &scope, uscc))?;
    Ok(version)
}

/// Corrects what the registers say of an enterprise, as an officer reads it from the business licence. Its open requests
/// are matched again by the job that looks for changes.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none, [`ActionError::Forbidden`] where it is not the actor's to correct,
/// [`ActionError::Invalid`] of a day to come, [`ActionError::Stale`] where it has changed since `version`.
pub fn correct(
    service: &Service,
    actor: &Actor,
    uscc: Uscc,
    version: i32,
    correction: &Correction,
) -> Result<(), ActionError> {
    self::version(service, actor, uscc)?;
    let scope = may_do(actor, Right::CorrectEnterprises)?;
    let mut problems = Problems::default();
    let is_to_come = correction.established_on.is_some_and(|day| service.clock.today() < day);
    problems.check(is_to_come, "established_on", || Rule::Future);
    problems.or(())?;
    let entry = AuditEntry {
        action: AuditAction::EnterpriseCorrected,
        subject: format!("enterprise:{uscc}"),
        before: Some(format!("{{\"version\":{version}}}")),
        after: Some(format!("{{\"version\":{}}}", version + 1)),
    };
    service.store.write(|conn| {
        enterprises::correct(conn, &scope, uscc, version, correction)?;
        audit::append(conn, actor, &entry, service.clock.as_ref())?;
        Ok::<(), StoreError>(())
    })?;
    Ok(())
}
