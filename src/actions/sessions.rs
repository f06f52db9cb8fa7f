//! Sessions that are alive: who is behind them, how they go on, and how their user ends them.

use super::sign_in::{Bearer, Opened, entry, token, token_hash};
use super::{ActionError, Service, second_factor};
use crate::config::Secret;
use crate::domain::actor::Actor;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::session::{Due, Session, SessionKind};
use crate::store::sessions::{self, LiveSession};
use crate::store::{AnyConnection, StoreError, audit, outbox};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The page on which users see where they are signed in.
pub const PAGE: &str = "/account/sessions";

/// Sessions that are removed in one turn of the job.
pub const FORGOTTEN_AT_A_TIME: i64 = 500;

/// Who is behind a page session, and what every page of it says.
#[derive(Clone, Debug)]
pub struct Present {
    /// The session.
    pub session_id: Uuid,
    /// The user.
    pub actor: Actor,
    /// How many messages the user has not read.
    pub unread: i64,
    /// What the user has to do before anything else.
    pub due: Option<Due>,
}

/// Who is behind a cookie; moves the session's end.
///
/// # Errors
/// [`ActionError::NotFound`] where the session has ended or never was.
pub fn by_cookie(service: &Service, cookie: &str) -> Result<Present, ActionError> {
    let now = service.clock.now();
    let hash = token_hash(cookie);
    let (live, unread, due) = service.store.read(|conn| {
        let (live, _) = sessions::by_token(conn, SessionKind::Page, &hash, now)?;
        let unread = outbox::count_unread(conn, live.actor.user_id)?;
        let due = second_factor::due(conn, service, &live.actor)?;
        Ok::<_, StoreError>((live, unread, due))
    })?;
    let auth = &service.settings.auth;
    if let Some(end) = live.moves_to(now, auth.session_idle(), auth.session_most()) {
        match service.store.write(|conn| sessions::slide(conn, live.id, now, end)) {
            // Pages are read on a full disk too, up to the end that the session has.
            Err(StoreError::Full) => {}
            moved => moved?,
        }
    }
    Ok(Present {
        session_id: live.id,
        actor: live.actor,
        unread,
        due,
    })
}

/// The user of an access token, if its session is alive and nothing has ended everything since.
///
/// # Errors
/// [`ActionError::NotFound`] where that is not so.
pub fn by_bearer(service: &Service, bearer: &Bearer) -> Result<Actor, ActionError> {
    let (now, of) = (service.clock.now(), bearer);
    Ok(service
        .store
        .read(|conn| sessions::user_of(conn, of.session_id, of.user_id, of.stamp, now))?)
}

/// Uses a refresh token up for the next one. One that was used up before is in two hands: its session ends, and its
/// user is told.
///
/// # Errors
/// [`ActionError::NotFound`] for a token that was used up, has ended, or never was; [`ActionError::Due`] where the user
/// has something to do first, as when signing in.
pub fn refresh(service: &Service, used: &Secret, origin: Option<&str>) -> Result<Opened, ActionError> {
    let now = service.clock.now();
    let used_hash = token_hash(used.expose());
    // Both ends are commits: a refusal that ended a session must not be undone.
    let next = service.store.write(|conn| {
        let (live, is_used) = sessions::by_token(conn, SessionKind::Api, &used_hash, now)?;
        if is_used {
            end_reused(conn, service, &live, origin)?;
            return Ok(None);
        }
        if let Some(due) = second_factor::due(conn, service, &live.actor)? {
            return Err(ActionError::Due(due));
        }
        let next = token(service);
        sessions::replace_token(conn, live.id, &used_hash, &token_hash(&next), now)?;
        let bearer = Bearer {
            session_id: live.id,
            user_id: live.actor.user_id,
            stamp: live.stamp,
        };
        let token = Secret::new(next);
        Ok(Some(Opened { bearer, token }))
    })?;
    next.ok_or(ActionError::NotFound)
}

fn end_reused(
    conn: &mut AnyConnection,
    service: &Service,
    live: &LiveSession,
    origin: Option<&str>,
) -> Result<(), StoreError> {
    let clock = service.clock.as_ref();
    let actor = Actor {
        origin: origin.map(str::to_owned),
        ..live.actor.clone()
    };
    sessions::end(conn, actor.user_id, live.id)?;
    let message = Message {
        event: format!("session:{}:reused", live.id),
        to: Recipient::Account(actor.user_id),
        topic: Topic::TokenReused,
        parameters: BTreeMap::new(),
        link: Some(PAGE.to_owned()),
    };
    outbox::put(conn, &message, clock)?;
    let entry = AuditEntry {
        action: AuditAction::TokenReused,
        subject: subject(live.id),
        before: None,
        after: Some("ended".to_owned()),
    };
    audit::append(conn, &actor, &entry, clock)
}

/// A session as the subject of an entry of the audit log.
fn subject(id: Uuid) -> String {
    format!("session:{id}")
}

/// Where the actor is signed in, the session used last first.
///
/// # Errors
/// When the database fails.
pub fn list(service: &Service, actor: &Actor) -> Result<Vec<Session>, ActionError> {
    let now = service.clock.now();
    Ok(service.store.read(|conn| sessions::of_user(conn, actor.user_id, now))?)
}

/// Signs the actor out of the session that it uses.
///
/// # Errors
/// [`ActionError::NotFound`] where it has ended meanwhile.
pub fn close(service: &Service, actor: &Actor, kind: SessionKind, id: Uuid) -> Result<(), ActionError> {
    let entry = entry(AuditAction::SignedOut, actor, Some(kind.code()));
    Ok(service.store.write(|conn| {
        sessions::end(conn, actor.user_id, id)?;
        audit::append(conn, actor, &entry, service.clock.as_ref())
    })?)
}

/// Ends a session of the actor's.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor has none with this id.
pub fn end(service: &Service, actor: &Actor, id: Uuid) -> Result<(), ActionError> {
    let entry = AuditEntry {
        action: AuditAction::SessionEnded,
        subject: subject(id),
        before: None,
        after: None,
    };
    Ok(service.store.write(|conn| {
        sessions::end(conn, actor.user_id, id)?;
        audit::append(conn, actor, &entry, service.clock.as_ref())
    })?)
}

/// Ends every session of the actor's but the one that it uses.
///
/// # Errors
/// When the database fails.
pub fn end_others(service: &Service, actor: &Actor, kept: Uuid) -> Result<(), ActionError> {
    service.store.write(|conn| {
        let ended = sessions::end_others(conn, actor.user_id, kept)?;
        let after = format!("{{\"ended\":{ended}}}");
        let entry = entry(AuditAction::SessionEnded, actor, Some(&after));
        Ok(audit::append(conn, actor, &entry, service.clock.as_ref())?)
    })
}

/// Removes a batch of sessions that have ended, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn forget_ended(service: &Service) -> Result<i64, ActionError> {
    let now = service.clock.now();
    let gone = service
        .store
        .write(|conn| sessions::delete_ended(conn, now, FORGOTTEN_AT_A_TIME))?;
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}
