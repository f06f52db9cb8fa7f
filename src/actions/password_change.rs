//! Changing one's password, which ends everything that was begun with the old one.

use super::sign_in::{Opened, Recognised, begin, entry};
use super::{ActionError, Service, sessions, sign_in};
use crate::config::Secret;
use crate::domain::actor::Actor;
use crate::domain::audit::AuditAction;
use crate::domain::email::Email;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::session::SessionKind;
use crate::store::{accounts, audit, outbox, sessions as store_sessions};
use std::collections::BTreeMap;

/// The page on which users change their password.
pub const PAGE: &str = "/account/password";

/// What a user types to change the password.
pub struct PasswordChange {
    /// The password until now.
    pub current: Secret,
    /// The new one.
    pub password: Secret,
    /// The new one once more.
    pub again: Secret,
}

/// The address that the actor signs in with.
///
/// # Errors
/// When the database fails.
pub fn address(service: &Service, actor: &Actor) -> Result<Email, ActionError> {
    Ok(service.store.read(|conn| accounts::address(conn, actor.user_id))?)
}

/// Changes the actor's password, ends every session and token, tells the user, and begins a new page session for
/// the browser that asked.
///
/// # Errors
/// [`ActionError::Invalid`] for what is wrong in `current`, `password` or `again`, [`ActionError::Stale`] where the
/// account changed meanwhile.
pub fn change(
    service: &Service,
    actor: &Actor,
    typed: &PasswordChange,
    browser: Option<&str>,
) -> Result<Opened, ActionError> {
    let clock = service.clock.as_ref();
    let known = service.store.read(|conn| accounts::by_id(conn, actor.user_id))?;
    let hash = checked(service, actor, typed)?;
    service.store.write(|conn| {
        if accounts::by_id(conn, actor.user_id)?.stamp != known.stamp {
            return Err(ActionError::Stale);
        }
        let history = service.settings.auth.password_history;
        accounts::change_password(conn, actor.user_id, &hash, history, clock)?;
        let user = Recognised {
            actor: actor.clone(),
            stamp: store_sessions::end_everything(conn, actor.user_id)?,
        };
        let opened = begin(conn, service, &user, SessionKind::Page, browser)?;
        let message = Message {
            event: format!("account:{}:password:{}", actor.user_id, clock.new_id()),
            to: Recipient::Account(actor.user_id),
            topic: Topic::PasswordChanged,
            parameters: BTreeMap::new(),
            link: Some(sessions::PAGE.to_owned()),
        };
        outbox::put(conn, &message, clock)?;
        audit::append(conn, actor, &entry(AuditAction::PasswordChanged, actor, None), clock)?;
        Ok(opened)
    })
}

/// The hash of the new password, where everything that was typed is right. A wrong current one is noted and
/// counted: somebody may be at a browser that is not theirs.
fn checked(service: &Service, actor: &Actor, typed: &PasswordChange) -> Result<String, ActionError> {
    let mut problems = Problems::default();
    if !sign_in::is_own(service, actor, &typed.current)? {
        problems.add("current", Rule::WrongPassword);
    }
    let hash = service.hash_replacement(actor.user_id, &typed.password, &mut problems)?;
    if typed.password != typed.again {
        problems.add("again", Rule::NotTheSame);
    }
    match hash {
        Some(hash) if problems.list().is_empty() => Ok(hash),
        _ => Err(problems.into()),
    }
}
