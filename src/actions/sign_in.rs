//! Signing in: who somebody is, and the session that begins with it.

use super::digest::{hex, sha256_hex};
use super::guesses::{self, Target};
use super::{ActionError, Service};
use crate::config::Secret;
use crate::domain::actor::Actor;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::email::Email;
use crate::domain::session::SessionKind;
use crate::store::sessions::{self, NewSession};
use crate::store::{AnyConnection, StoreError, accounts, audit};
use chrono::TimeDelta;
use uuid::Uuid;

/// Somebody who has shown who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The user.
    pub actor: Actor,
    /// The user's stamp at that moment: has it moved on before a session is begun, the session is never alive.
    pub stamp: i64,
}

/// What an access token says: whose session it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The session.
    pub session_id: Uuid,
    /// Its user.
    pub user_id: Uuid,
    /// The user's stamp.
    pub stamp: i64,
}

/// A session that was just begun or gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Which it is.
    pub bearer: Bearer,
    /// What opens it: the browser's cookie, or the next refresh token. Shown once; only its hash is kept.
    pub token: Secret,
}

/// Finds the user with this address and password; a failure is noted in the log, with the address that
/// it came from. Takes as long where there is no such user.
///
/// # Errors
/// [`ActionError::SignInFailed`], whatever was wrong; [`ActionError::TooManyTries`] after others that were, whether
/// there is such a user or not.
pub fn by_password(
    service: &Service,
    email: &str,
    password: &Secret,
    origin: Option<&str>,
) -> Result<Recognised, ActionError> {
    let parsed = email.parse::<Email>().ok();
    let credentials = match &parsed {
        Some(email) => match service.store.read(|conn| accounts::by_email(conn, email)) {
            Ok(credentials) => Some(credentials),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let target = Target::Password(parsed.as_ref().map_or(email, Email::as_str));
    let account = credentials.as_ref().map(|found| found.actor.user_id);
    let counted = guesses::count(service, &target, account, origin)?;
    let hash = credentials.as_ref().map(|found| found.password_hash.as_str());
    let right = service.passwords.is_right(password, hash);
    let origin_of = |actor: Actor| Actor {
        origin: origin.map(str::to_owned),
        ..actor
    };
    match credentials {
        Some(found) if right && found.active => {
            let now = service.clock.now();
            service.store.write(|conn| guesses::was_right(conn, &counted, now))?;
            Ok(Recognised {
                stamp: found.stamp,
                actor: origin_of(found.actor),
            })
        }
        known => {
            let actor = known.map(|found| origin_of(found.actor));
            note_failure(service, actor.as_ref(), origin, counted.slows.then_some("slowed"))?;
            Err(ActionError::SignInFailed)
        }
    }
}

/// Whether this is the password of a user who is signed in; a wrong one is noted and counted as when signing in.
///
/// # Errors
/// [`ActionError::TooManyTries`] after others that were wrong.
pub fn is_own(service: &Service, actor: &Actor, password: &Secret) -> Result<bool, ActionError> {
    let email = service.store.read(|conn| accounts::address(conn, actor.user_id))?;
    match by_password(service, email.as_str(), password, actor.origin.as_deref()) {
        Ok(_) => Ok(true),
        Err(ActionError::SignInFailed) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What was typed stays out of the log: some type their password where the address belongs.
fn note_failure(
    service: &Service,
    known: Option<&Actor>,
    origin: Option<&str>,
    what: Option<&str>,
) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let unknown = AuditEntry {
        action: AuditAction::SignInFailed,
        subject: "account:unknown".to_owned(),
        before: None,
        after: what.map(str::to_owned),
    };
    Ok(service.store.write(|conn| match known {
        Some(actor) => audit::append(conn, actor, &entry(AuditAction::SignInFailed, actor, what), clock),
        None => audit::append_unknown(conn, origin, &unknown, clock),
    })?)
}

pub(super) fn entry(action: AuditAction, actor: &Actor, after: Option<&str>) -> AuditEntry {
    AuditEntry {
        action,
        subject: format!("account:{}", actor.user_id),
        before: None,
        after: after.map(str::to_owned),
    }
}

/// Begins a session. `browser` is what the browser or program calls itself; the page session that the browser
/// held before, if any, ends.
///
/// # Errors
/// When the database fails.
pub fn open(
    service: &Service,
    user: &Recognised,
    kind: SessionKind,
    browser: Option<&str>,
    held: Option<&str>,
) -> Result<Opened, ActionError> {
    let entry = entry(AuditAction::SignedIn, &user.actor, Some(kind.code()));
    service.store.write(|conn| {
        if let Some(held) = held {
            sessions::end_by_token(conn, &token_hash(held))?;
        }
        let opened = begin(conn, service, user, kind, browser)?;
        guesses::know(
            conn,
            user.actor.user_id,
            user.actor.origin.as_deref(),
            service.clock.now(),
        )?;
        audit::append(conn, &user.actor, &entry, service.clock.as_ref())?;
        Ok(opened)
    })
}

/// Begins a session in a transaction.
pub(super) fn begin(
    conn: &mut AnyConnection,
    service: &Service,
    user: &Recognised,
    kind: SessionKind,
    browser: Option<&str>,
) -> Result<Opened, StoreError> {
    let token = token(service);
    let new = NewSession {
        kind,
        account_id: user.actor.user_id,
        stamp: user.stamp,
        token_hash: &token_hash(&token),
        address: user.actor.origin.as_deref(),
        browser,
        lifetime: match kind {
            SessionKind::Page => service.settings.auth.session_idle(),
            SessionKind::Api => TimeDelta::days(service.settings.auth.refresh_days.into()),
        },
    };
    let session_id = sessions::insert(conn, &new, service.clock.as_ref())?;
    let bearer = Bearer {
        session_id,
        user_id: user.actor.user_id,
        stamp: user.stamp,
    };
    Ok(Opened {
        bearer,
        token: Secret::new(token),
    })
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
