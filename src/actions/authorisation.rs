//! Letting the platform use departments' facts, and taking that back.

use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::{Terms, authorisation_text};
use crate::domain::invalid::Problems;
use crate::domain::uscc::Uscc;
use crate::store::{audit, authorisations, enterprises};

pub use crate::store::authorisations::StoredAuthorisation;

/// What an enterprise lets the platform use; none where it has authorised nothing or taken it back. One
/// whose last day has passed is still shown: it is what to renew.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor does not see the enterprise.
pub fn show(service: &Service, actor: &Actor, uscc: Uscc) -> Result<Option<StoredAuthorisation>, ActionError> {
    let scope = may_see(actor, Right::ViewEnterprise)?;
    service.store.read(|conn| {
        let enterprise_id = enterprises::id_by_uscc(conn, &scope, uscc)?;
        Ok(authorisations::standing(conn, &scope, enterprise_id)?)
    })
}

/// Puts another authorisation in the place of the one that stands; `terms` without owners, or none, take
/// it back. It works at once: the next match and the next page see it.
///
/// # Errors
/// [`ActionError::NotFound`] and [`ActionError::Forbidden`] for an enterprise that is not the actor's or a
/// user who only reads, [`ActionError::Invalid`] for another text than the newest or an end out of bounds.
pub fn put(
    service: &Service,
    actor: &Actor,
    uscc: Uscc,
    owners: &[Owner],
    terms: Option<Terms>,
) -> Result<Option<StoredAuthorisation>, ActionError> {
    let visible = may_see(actor, Right::ViewEnterprise)?;
    let clock = service.clock.as_ref();
    let terms = terms.filter(|_| !owners.is_empty());
    service.store.write(|conn| {
        let enterprise_id = enterprises::id_by_uscc(conn, &visible, uscc)?;
        let scope = may_do(actor, Right::GiveConsent)?;
        let mut problems = Problems::default();
        if let Some(terms) = terms {
            terms.check(authorisation_text(), service.clock.today(), "", &mut problems);
        }
        problems.or(())?;
        let old = authorisations::standing(conn, &scope, enterprise_id)?;
        authorisations::revoke(conn, &scope, enterprise_id, actor.user_id, clock)?;
        if let Some(terms) = terms {
            authorisations::insert(conn, enterprise_id, owners, terms, actor.user_id, clock)?;
        }
        let new = authorisations::standing(conn, &scope, enterprise_id)?;
        if old.is_some() || new.is_some() {
            let entry = AuditEntry {
                action: if new.is_some() {
                    AuditAction::Authorised
                } else {
                    AuditAction::AuthorisationRevoked
                },
                subject: format!("enterprise:{enterprise_id}"),
                before: old.as_ref().map(in_words),
                after: new.as_ref().map(in_words),
            };
            audit::append(conn, actor, &entry, clock)?;
        }
        Ok(new)
    })
}

/// Owners, text and end, for the audit.
fn in_words(authorisation: &StoredAuthorisation) -> String {
    let owners: Vec<&str> = authorisation.owners.iter().map(|owner| owner.code()).collect();
    format!(
        "{} text {} until {}",
        owners.join(","),
        authorisation.text_version,
        authorisation.until
    )
}
