//! Signing in and out, and who is behind a session or a token.

use super::digest::{hex, sha256_hex};
use super::{ActionError, Service};
use crate::config::Secret;
use crate::domain::actor::Actor;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::email::Email;
use crate::store::{StoreError, accounts, audit, outbox, sessions};
use uuid::Uuid;

/// Finds the user with this address and password; a failure is noted in the log, with the address that
/// it came from. Takes as long where there is no such user.
///
/// # Errors
/// [`ActionError::SignInFailed`], whatever was wrong.
pub fn by_password(
    service: &Service,
    email: &str,
    password: &Secret,
    origin: Option<&str>,
) -> Result<Actor, ActionError> {
    let credentials = match email.parse::<Email>() {
        Ok(email) => match service.store.read(|conn| accounts::by_email(conn, &email)) {
            Ok(credentials) => Some(credentials),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        },
        Err(_) => None,
    };
    let hash = credentials.as_ref().map(|found| found.password_hash.as_str());
    let right = service.passwords.is_right(password, hash);
    let origin_of = |actor: Actor| Actor {
        origin: origin.map(str::to_owned),
        ..actor
    };
    match credentials {
        Some(found) if right && found.active => Ok(origin_of(found.actor)),
        known => {
            note_failure(service, known.map(|found| origin_of(found.actor)).as_ref(), origin)?;
            Err(ActionError::SignInFailed)
        }
    }
}

/// What was typed stays out of the log: some type their password where the address belongs.
fn note_failure(service: &Service, known: Option<&Actor>, origin: Option<&str>) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let unknown = AuditEntry {
        action: AuditAction::SignInFailed,
        subject: "account:unknown".to_owned(),
        before: None,
        after: None,
    };
    Ok(service.store.write(|conn| match known {
        Some(actor) => audit::append(conn, actor, &entry(AuditAction::SignInFailed, actor, None), clock),
        None => audit::append_unknown(conn, origin, &unknown, clock),
    })?)
}

fn entry(action: AuditAction, actor: &Actor, after: Option<&str>) -> AuditEntry {
    AuditEntry {
        action,
        subject: format!("account:{}", actor.user_id),
        before: None,
        after: after.map(str::to_owned),
    }
}

/// Notes that a user signed in to the API.
///
/// # Errors
/// When the database fails; the user is then not signed in.
pub fn note_api(service: &Service, actor: &Actor) -> Result<(), ActionError> {
    let entry = entry(AuditAction::SignedIn, actor, Some("api"));
    Ok(service
        .store
        .write(|conn| audit::append(conn, actor, &entry, service.clock.as_ref()))?)
}

/// Opens a page session; gives the token for the cookie, of which only the hash is kept.
///
/// # Errors
/// When the database fails.
pub fn open_session(service: &Service, actor: &Actor) -> Result<String, ActionError> {
    let token = token(service);
    let now = service.clock.now();
    service.store.write(|conn| {
        sessions::insert(conn, &token_hash(&token), actor.user_id, now, service.session_lifetime)?;
        let entry = entry(AuditAction::SignedIn, actor, Some("page"));
        audit::append(conn, actor, &entry, service.clock.as_ref())
    })?;
    Ok(token)
}

/// Who is behind a session, and what every page of it says.
#[derive(Clone, Debug)]
pub struct Present {
    /// The user.
    pub actor: Actor,
    /// How many messages the user has not read.
    pub unread: i64,
}

/// Who is behind a session's token; moves its end.
///
/// # Errors
/// [`ActionError::NotFound`] where the session has ended or never was.
pub fn by_session(service: &Service, token: &str) -> Result<Present, ActionError> {
    let now = service.clock.now();
    let hash = token_hash(token);
    let (live, unread) = service.store.read(|conn| {
        let live = sessions::find_live(conn, &hash, now)?;
        let unread = outbox::count_unread(conn, live.actor.user_id)?;
        Ok::<_, StoreError>((live, unread))
    })?;
    if live.is_due(now, service.session_lifetime) {
        service
            .store
            .write(|conn| sessions::slide(conn, &hash, now, service.session_lifetime))?;
    }
    Ok(Present {
        actor: live.actor,
        unread,
    })
}

/// Ends a session at once.
///
/// # Errors
/// When the database fails.
pub fn close_session(service: &Service, actor: &Actor, token: &str) -> Result<(), ActionError> {
    let entry = entry(AuditAction::SignedOut, actor, None);
    Ok(service.store.write(|conn| {
        sessions::delete(conn, &token_hash(token))?;
        audit::append(conn, actor, &entry, service.clock.as_ref())
    })?)
}

/// Removes the page sessions that have ended, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn forget_ended(service: &Service) -> Result<i64, ActionError> {
    let now = service.clock.now();
    let gone = service.store.write(|conn| sessions::delete_expired(conn, now))?;
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// The user whom a valid token names, while active.
///
/// # Errors
/// [`ActionError::NotFound`] where there is no such user any more.
pub fn by_id(service: &Service, user_id: Uuid) -> Result<Actor, ActionError> {
    Ok(service.store.read(|conn| accounts::active_by_id(conn, user_id))?)
}

/// A text of 64 hexadecimal digits that nobody can guess.
#[must_use]
pub fn token(service: &Service) -> String {
    hex(&service.clock.random_bytes())
}

/// A random token needs no slow hash: it can't be guessed from what a thief of the database sees.
pub(super) fn token_hash(token: &str) -> String {
    sha256_hex(token.as_bytes())
}
