//! Keys of departments' own systems: made and revoked by an administrator, shown once, kept as a hash.

use super::KeyUse;
use crate::actions::digest::{hex, sha256_hex};
use crate::actions::{ActionError, Service, may_do, may_see};
use crate::config::Secret;
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::batch::vouches_for;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::product::NAME_CHARS;
use crate::store::audit;
use crate::store::feed_keys::{self, NewFeedKey, StoredFeedKey};
use crate::store::organisations::{self, StoredOrganisation};
use uuid::Uuid;

/// How every key begins, so that it is told from a token and found where it leaked.
pub const KEY_PREFIX: &str = "rqf_";
/// How many characters of a key are kept to know it by.
const SHOWN_CHARS: usize = KEY_PREFIX.len() + 6;

/// A key that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeKey {
    /// Its id.
    pub id: Uuid,
    /// The key itself: shown once, and kept by nobody here.
    pub key: Secret,
}

/// The departments of the actor's district that can have a key.
///
/// # Errors
/// [`ActionError::NotFound`] for who keeps no keys.
pub fn departments(service: &Service, actor: &Actor) -> Result<Vec<StoredOrganisation>, ActionError> {
    may_see(actor, Right::KeepFeedKeys)?;
    let mut found = service
        .store
        .read(|conn| organisations::departments(conn, &actor.district_code))?;
    found.retain(|one| !vouches_for(one.organisation.kind, &one.organisation.code).is_empty());
    Ok(found)
}

/// The keys of the actor's district: those that let in first, newest first.
///
/// # Errors
/// [`ActionError::NotFound`] for who keeps no keys.
pub fn keys(service: &Service, actor: &Actor) -> Result<Vec<StoredFeedKey>, ActionError> {
    let scope = may_see(actor, Right::KeepFeedKeys)?;
    Ok(service.store.read(|conn| feed_keys::list(conn, &scope))?)
}

/// Makes a key for a department of the actor's district.
///
/// # Errors
/// [`ActionError::Invalid`] for a department that is none, or a name that is no name.
pub fn make_key(service: &Service, actor: &Actor, department: &str, name: &str) -> Result<MadeKey, ActionError> {
    may_do(actor, Right::KeepFeedKeys)?;
    let name = name.trim();
    let mut problems = Problems::default();
    problems.text("name", name, NAME_CHARS);
    problems.or(())?;
    let key = format!("{KEY_PREFIX}{}", hex(&service.clock.random_bytes()));
    let prefix: String = key.chars().take(SHOWN_CHARS).collect();
    let key_hash = sha256_hex(key.as_bytes());
    let clock = service.clock.as_ref();
    let id = service.store.write(|conn| {
        let found = organisations::departments(conn, &actor.district_code)?
            .into_iter()
            .find(|one| one.organisation.code == department);
        let found = found.filter(|one| !vouches_for(one.organisation.kind, &one.organisation.code).is_empty());
        let found = found.ok_or_else(|| Problem {
            field: "department".to_owned(),
            rule: Rule::NotFound(department.chars().take(NAME_CHARS).collect()),
        })?;
        let new = NewFeedKey {
            organisation_id: found.id,
            name,
            prefix: &prefix,
            key_hash: &key_hash,
            by: actor.user_id,
        };
        let id = feed_keys::insert(conn, &new, clock)?;
        audit::append(conn, actor, &entry(AuditAction::FeedKeyMade, id), clock)?;
        Ok::<_, ActionError>(id)
    })?;
    Ok(MadeKey {
        id,
        key: Secret::new(key),
    })
}

fn entry(action: AuditAction, id: Uuid) -> AuditEntry {
    AuditEntry {
        action,
        subject: format!("feed_key:{id}"),
        before: None,
        after: None,
    }
}

/// Revokes a key: from now on it lets nobody in.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's district has none with this id, [`ActionError::Stale`]
/// where it was revoked already.
pub fn revoke_key(service: &Service, actor: &Actor, id: Uuid) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::KeepFeedKeys)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        feed_keys::revoke(conn, &scope, id, actor.user_id, clock)?;
        audit::append(conn, actor, &entry(AuditAction::FeedKeyRevoked, id), clock)
    })?;
    Ok(())
}

/// Whom a key lets in.
///
/// # Errors
/// [`ActionError::NotFound`] for what is no key, or one that is revoked.
pub fn let_in(service: &Service, key: &Secret, origin: Option<String>) -> Result<KeyUse, ActionError> {
    let key_hash = sha256_hex(key.expose().as_bytes());
    // A key that was made up costs a read, not the one writer.
    service.store.read(|conn| feed_keys::check(conn, &key_hash))?;
    let clock = service.clock.as_ref();
    let holder = service.store.write(|conn| feed_keys::use_key(conn, &key_hash, clock))?;
    Ok(KeyUse {
        key_id: holder.key_id,
        organisation_id: holder.organisation_id,
        district_code: holder.district_code,
        origin,
    })
}
