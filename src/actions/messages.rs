//! A user's messages, and which of them go by mail too.

use super::{ActionError, Service};
use crate::domain::actor::Actor;
use crate::domain::message::MailChoice;
use crate::domain::place::Place;
use crate::store::{StoreError, accounts, outbox};

pub use crate::store::outbox::StoredMessage;

/// The actor's messages, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    service: &Service,
    actor: &Actor,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredMessage>, ActionError> {
    Ok(service
        .store
        .read(|conn| outbox::of_account(conn, actor.user_id, before, limit))?)
}

/// What the page of messages shows.
#[derive(Debug)]
pub struct Opened {
    /// The messages as they were before they were opened.
    pub messages: Vec<StoredMessage>,
    /// How many are still unread on other pages.
    pub unread: i64,
    /// Which messages go by mail too.
    pub choice: MailChoice,
}

/// Opens a page of messages: as [`list`], and notes that the first `shown` of them were read.
///
/// # Errors
/// When the database fails.
pub fn open(
    service: &Service,
    actor: &Actor,
    before: Option<Place>,
    shown: usize,
    limit: i64,
) -> Result<Opened, ActionError> {
    let (messages, choice) = service.store.read(|conn| {
        let messages = outbox::of_account(conn, actor.user_id, before, limit)?;
        Ok::<_, StoreError>((messages, accounts::mail_choice(conn, actor.user_id)?))
    })?;
    let opened = messages.iter().take(shown).filter(|message| message.read_at.is_none());
    let opened: Vec<_> = opened.map(|message| message.id).collect();
    if !opened.is_empty() {
        let now = service.clock.now();
        service
            .store
            .write(|conn| outbox::mark_read(conn, actor.user_id, &opened, now))?;
    }
    let unread = service.store.read(|conn| outbox::count_unread(conn, actor.user_id))?;
    Ok(Opened {
        messages,
        unread,
        choice,
    })
}

/// Keeps which messages go to the actor by mail too.
///
/// # Errors
/// When the database fails.
pub fn choose(service: &Service, actor: &Actor, choice: MailChoice) -> Result<(), ActionError> {
    Ok(service
        .store
        .write(|conn| accounts::choose_mails(conn, actor.user_id, choice))?)
}
