//! A forgotten password is set anew by a link to the account's address.

use super::registrations::{BETWEEN_LINKS, entry};
use super::sign_in::{token, token_hash};
use super::{ActionError, Service, guesses};
use crate::config::Secret;
use crate::domain::actor::Actor;
use crate::domain::audit::AuditAction;
use crate::domain::email::Email;
use crate::domain::invalid::{Problem, Problems};
use crate::domain::link::LinkPurpose;
use crate::domain::message::{Message, Recipient, Topic};
use crate::store::links::{self, NewLink};
use crate::store::{StoreError, accounts, audit, outbox, sessions};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Mails a link to the account with this address. Where there is none the same is done but for the mail.
///
/// # Errors
/// [`ActionError::Invalid`] for what is no address.
pub fn ask(service: &Service, email: &str, origin: Option<&str>) -> Result<(), ActionError> {
    let email: Email = email.parse().map_err(|rule| Problem {
        field: "email".to_owned(),
        rule,
    })?;
    let (clock, minutes) = (service.clock.as_ref(), service.settings.joining.reset_minutes);
    let (token, now) = (token(service), clock.now());
    let hash = token_hash(&token);
    service.store.write(|conn| {
        if links::was_made_after(conn, LinkPurpose::PasswordReset, &email, now - BETWEEN_LINKS)? {
            return Ok(());
        }
        let link = NewLink {
            purpose: LinkPurpose::PasswordReset,
            email: &email,
            token_hash: &hash,
            expires_at: now + TimeDelta::minutes(minutes.into()),
        };
        links::put(conn, &link, now)?;
        let asked = entry(AuditAction::ResetAsked, "account:unknown".to_owned());
        audit::append_unknown(conn, origin, &asked, clock)?;
        let account = match accounts::by_email(conn, &email) {
            Ok(found) if found.active => found.actor.user_id,
            Ok(_) | Err(StoreError::NotFound) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let message = Message {
            event: format!("reset:{}", clock.new_id()),
            to: Recipient::Account(account),
            topic: Topic::ResetLink,
            parameters: BTreeMap::from([("minutes".to_owned(), minutes.to_string())]),
            link: Some(format!("/reset/new?token={token}")),
        };
        Ok(outbox::put(conn, &message, clock)?)
    })
}

/// Whether a link is still good.
///
/// # Errors
/// [`ActionError::NotFound`] where it was used, replaced, or has ended.
pub fn opened(service: &Service, token: &Secret) -> Result<(), ActionError> {
    let (hash, now) = (token_hash(token.expose()), service.clock.now());
    service.store.read(|conn| {
        links::find(conn, LinkPurpose::PasswordReset, &hash, now)?;
        Ok(())
    })
}

/// Sets the password of the account whose address the link proves, ends all of its sessions, and tells it.
/// Nobody is signed in by this.
///
/// # Errors
/// [`ActionError::NotFound`] where the link is no good any more, [`ActionError::Invalid`] for a password that
/// breaks the rule, the link then still being good.
pub fn complete(service: &Service, token: &Secret, password: &Secret, origin: Option<&str>) -> Result<(), ActionError> {
    let link_hash = token_hash(token.expose());
    let clock = service.clock.as_ref();
    let user_id = service.store.read(|conn| {
        let email = links::find(conn, LinkPurpose::PasswordReset, &link_hash, clock.now())?;
        Ok::<_, ActionError>(accounts::by_email(conn, &email)?.actor.user_id)
    })?;
    let mut problems = Problems::default();
    let Some(hash) = service.hash_replacement(user_id, password, &mut problems)? else {
        return Err(problems.into());
    };
    service.store.write(|conn| {
        let email = links::take(conn, LinkPurpose::PasswordReset, &link_hash, clock.now())?;
        let found = accounts::by_email(conn, &email)?;
        if !found.active {
            return Err(ActionError::NotFound);
        }
        let actor = Actor {
            origin: origin.map(str::to_owned),
            ..found.actor
        };
        let history = service.settings.auth.password_history;
        accounts::change_password(conn, actor.user_id, &hash, history, clock)?;
        sessions::end_everything(conn, actor.user_id)?;
        guesses::vouch(conn, actor.user_id, email.as_str(), origin, clock.now())?;
        let message = Message {
            event: format!("account:{}:reset:{}", actor.user_id, clock.new_id()),
            to: Recipient::Account(actor.user_id),
            topic: Topic::PasswordReset,
            parameters: BTreeMap::new(),
            link: Some("/login".to_owned()),
        };
        outbox::put(conn, &message, clock)?;
        let done = entry(AuditAction::PasswordReset, format!("account:{}", actor.user_id));
        Ok(audit::append(conn, &actor, &done, clock)?)
    })
}
