//! Signing in and out, and who is behind a session or a token.

use super::digest::{hex, sha256_hex};
use super::{ActionError, Service};
use crate::config::Secret;
use crate::domain::actor::Actor;
use crate::domain::email::Email;
use crate::store::{StoreError, accounts, sessions};
use uuid::Uuid;

/// Finds the user with this address and password. Takes as long where there is none.
///
/// # Errors
/// [`ActionError::SignInFailed`], whatever was wrong.
pub fn by_password(service: &Service, email: &str, password: &Secret) -> Result<Actor, ActionError> {
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
    let user = credentials.filter(|found| right && found.active);
    user.map(|found| found.actor).ok_or(ActionError::SignInFailed)
}

/// Opens a page session; gives the token for the cookie, of which only the hash is kept.
///
/// # Errors
/// When the database fails.
pub fn open_session(service: &Service, actor: &Actor) -> Result<String, ActionError> {
    let token = token(service);
    let now = service.clock.now();
    service.store.write(|conn| {
        sessions::delete_expired(conn, now)?;
        sessions::insert(conn, &token_hash(&token), actor.user_id, now, service.session_lifetime)
    })?;
    Ok(token)
}

/// Who is behind a session's token; moves its end.
///
/// # Errors
/// [`ActionError::NotFound`] where the session has ended or never was.
pub fn by_session(service: &Service, token: &str) -> Result<Actor, ActionError> {
    let now = service.clock.now();
    let hash = token_hash(token);
    let live = service.store.read(|conn| sessions::find_live(conn, &hash, now))?;
    if live.is_due(now, service.session_lifetime) {
        service
            .store
            .write(|conn| sessions::slide(conn, &hash, now, service.session_lifetime))?;
    }
    Ok(live.actor)
}

/// Ends a session at once.
///
/// # Errors
/// When the database fails.
pub fn close_session(service: &Service, token: &str) -> Result<(), ActionError> {
    Ok(service.store.write(|conn| sessions::delete(conn, &token_hash(token)))?)
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
fn token_hash(token: &str) -> String {
    sha256_hex(token.as_bytes())
}
