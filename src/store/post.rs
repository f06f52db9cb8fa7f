//! The outbox as the post office sees it: which mails are due, who carries them, what became of them.
//!
//! A node claims mails for a while. Who claims is told to the database, so that nodes share the work,
//! and a mail whose node died is due again when its lease ends. While mail is held none is due.

use super::columns::{Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, mail_hold, organisation, outbox};
use super::tenant::Tenant;
use crate::domain::actor::Scope;
use crate::domain::codes::Code;
use crate::domain::message::{MailState, Topic, is_secret};
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A mail that a node has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedMail {
    /// The message's id, of which the Message-ID is made.
    pub id: Uuid,
    /// To which address.
    pub email: String,
    /// What it is about.
    pub topic: Topic,
    /// What the texts fill in.
    pub parameters: BTreeMap<String, String>,
    /// The path of the page to go to.
    pub link: Option<String>,
    /// How often it was tried, this time included.
    pub tries: i32,
    /// When the message was written.
    pub created_at: DateTime<Utc>,
}

/// Who claims, until when.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a> {
    /// The node.
    pub node: &'a str,
    /// When the claim ends by itself.
    pub until: DateTime<Utc>,
}

#[auto_type(no_type_alias)]
fn due(now: NaiveDateTime) -> _ {
    let waits: diesel::dsl::Eq<outbox::state, &'static str> = outbox::state.eq(MailState::Waiting.code());
    let is_free = outbox::leased_until
        .is_null()
        .or(outbox::leased_until.le(now).assume_not_null());
    let is_let_go = not(exists(mail_hold::table.select(mail_hold::id)));
    waits.and(outbox::due_at.le(now)).and(is_free).and(is_let_go)
}

/// How many mails are due and claimed by no one.
///
/// # Errors
/// When the database fails.
pub fn count_due(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    Ok(outbox::table.filter(due(now.naive_utc())).count().get_result(conn)?)
}

/// Since when the mail is due that waits longest and is claimed by no one.
///
/// # Errors
/// When the database fails.
pub fn oldest_due(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let oldest = outbox::table.filter(due(now.naive_utc())).order(outbox::due_at);
    let at: Option<NaiveDateTime> = oldest.select(outbox::due_at).first(conn).optional()?;
    Ok(at.map(|at| at.and_utc()))
}

/// Claims at most `limit` of the mails that are due, oldest first; each claim counts as a try, so that
/// a mail that kills its node is given up too.
///
/// # Errors
/// When the database fails.
pub fn claim(
    conn: &mut AnyConnection,
    lease: Lease<'_>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ClaimedMail>, StoreError> {
    let mut claimed = Vec::new();
    for id in due_ids(conn, now, limit)? {
        let taken = diesel::update(outbox::table.find(&id))
            .filter(due(now.naive_utc()))
            .set((
                outbox::leased_by.eq(Some(lease.node)),
                outbox::leased_until.eq(Some(lease.until.naive_utc())),
                outbox::tries.eq(outbox::tries + 1),
            ))
            .execute(conn)?;
        if taken == 1 {
            claimed.push(claimed_mail(conn, &id)?);
        }
    }
    Ok(claimed)
}

/// On PostgreSQL nodes pass over what another is claiming just now; SQLite has one writer.
fn due_ids(conn: &mut AnyConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<String>, StoreError> {
    let ids = outbox::table
        .filter(due(now.naive_utc()))
        .order((outbox::due_at, outbox::id))
        .select(outbox::id)
        .limit(limit);
    Ok(match conn {
        AnyConnection::Sqlite(conn) => ids.load(conn)?,
        AnyConnection::Postgres(conn) => ids.for_update().skip_locked().load(conn)?,
    })
}

type ClaimedRow = (
    (Parsed<Uuid>, String, Coded<Topic>),
    (Json<BTreeMap<String, String>>, Option<String>),
    (i32, NaiveDateTime),
);

fn claimed_mail(conn: &mut AnyConnection, id: &str) -> Result<ClaimedMail, StoreError> {
    let row: ClaimedRow = outbox::table
        .find(id)
        .select((
            (outbox::id, outbox::email, outbox::topic),
            (outbox::parameters, outbox::link),
            (outbox::tries, outbox::created_at),
        ))
        .first(conn)?;
    let ((id, email, topic), (parameters, link), (tries, created_at)) = row;
    Ok(ClaimedMail {
        id: id.0,
        email,
        topic: topic.0,
        parameters: parameters.0,
        link,
        tries,
        created_at: created_at.and_utc(),
    })
}

#[auto_type(no_type_alias)]
fn claimed_by(node: &str) -> _ {
    let waits: diesel::dsl::Eq<outbox::state, &'static str> = outbox::state.eq(MailState::Waiting.code());
    waits.and(outbox::leased_by.eq(node).assume_not_null())
}

/// What became of a claimed mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Sent,
    /// It is tried again then.
    Later(DateTime<Utc>, String),
    /// It was given up.
    Dead(String),
    /// It was not tried after all, and any node may claim it.
    NotTried,
}

/// Notes what became of a mail and ends its claim.
///
/// # Errors
/// [`StoreError::Stale`] where the node's claim had ended and another took it.
pub fn settle(
    conn: &mut AnyConnection,
    node: &str,
    id: Uuid,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let claimed = || diesel::update(outbox::table.find(id.to_string())).filter(claimed_by(node));
    let free = (
        outbox::leased_by.eq(None::<String>),
        outbox::leased_until.eq(None::<NaiveDateTime>),
    );
    let settled = match outcome {
        Outcome::Sent => {
            let sent = (
                outbox::state.eq(MailState::Sent.code()),
                outbox::sent_at.eq(Some(now.naive_utc())),
                outbox::last_error.eq(None::<String>),
            );
            forget_secret(conn, id)?;
            claimed().set((sent, free)).execute(conn)?
        }
        Outcome::Later(due_at, why) => {
            let later = (outbox::due_at.eq(due_at.naive_utc()), outbox::last_error.eq(Some(why)));
            claimed().set((later, free)).execute(conn)?
        }
        Outcome::Dead(why) => {
            let dead = (
                outbox::state.eq(MailState::Dead.code()),
                outbox::last_error.eq(Some(why)),
            );
            claimed().set((dead, free)).execute(conn)?
        }
        Outcome::NotTried => claimed()
            .set((outbox::tries.eq(outbox::tries - 1), free))
            .execute(conn)?,
    };
    if settled == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// What lets in whoever holds it is not kept once it has left.
fn forget_secret(conn: &mut AnyConnection, id: Uuid) -> Result<(), StoreError> {
    let row = || outbox::table.find(id.to_string());
    let link: Option<Option<String>> = row().select(outbox::link).first(conn).optional()?;
    if link.flatten().is_some_and(|link| is_secret(&link)) {
        diesel::update(row())
            .set(outbox::link.eq(None::<String>))
            .execute(conn)?;
    }
    Ok(())
}

/// Keeps a claim for longer.
///
/// # Errors
/// [`StoreError::Stale`] where it had ended and another node took it.
pub fn renew(conn: &mut AnyConnection, lease: Lease<'_>, id: Uuid) -> Result<(), StoreError> {
    let renewed = diesel::update(outbox::table.find(id.to_string()))
        .filter(claimed_by(lease.node))
        .set(outbox::leased_until.eq(Some(lease.until.naive_utc())))
        .execute(conn)?;
    if renewed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// A mail as an administrator sees it: to whom and how far, not what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMail {
    /// The message's id.
    pub id: Uuid,
    /// To which address.
    pub email: String,
    /// What it is about.
    pub topic: Topic,
    /// How far it has come.
    pub state: MailState,
    /// How often it was tried.
    pub tries: i32,
    /// When it is tried next, while it waits.
    pub due_at: DateTime<Utc>,
    /// Why it was not taken the last time.
    pub last_error: Option<String>,
    /// When the message was written.
    pub created_at: DateTime<Utc>,
    /// When the server took it.
    pub sent_at: Option<DateTime<Utc>>,
}

type MailRow = (
    (Parsed<Uuid>, String, Coded<Topic>),
    (Coded<MailState>, i32, NaiveDateTime),
    (Option<String>, NaiveDateTime, Option<NaiveDateTime>),
);

/// Whether a scope may see a mail, in a query that joins its account: those of its users, and those to
/// addresses that have no account yet.
#[auto_type(no_type_alias)]
fn visible<'a>(organisation_id: Option<String>, district: Option<&'a str>) -> _ {
    organisation::id
        .nullable()
        .eq(organisation_id)
        .or(organisation::district_code.nullable().eq(district))
        .or(outbox::account_id.is_null())
}

/// Mails, newest first: at most `limit` of those before `before`, and of those that go by mail at all.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    state: Option<MailState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredMail>, StoreError> {
    let mut query = outbox::table
        .left_join(account::table.inner_join(organisation::table))
        .filter(visible(scope.organisation(), scope.district()))
        .select((
            (outbox::id, outbox::email, outbox::topic),
            (outbox::state, outbox::tries, outbox::due_at),
            (outbox::last_error, outbox::created_at, outbox::sent_at),
        ))
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(limit)
        .into_boxed();
    query = match state {
        Some(state) => query.filter(outbox::state.eq(state.code())),
        None => query.filter(outbox::state.ne(MailState::Page.code())),
    };
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = outbox::created_at.eq(at).and(outbox::id.lt(id.to_string()));
        query = query.filter(outbox::created_at.lt(at).or(earlier));
    }
    let rows: Vec<MailRow> = query.load(conn)?;
    Ok(rows.into_iter().map(stored_mail).collect())
}

fn stored_mail(row: MailRow) -> StoredMail {
    let ((id, email, topic), (state, tries, due_at), (last_error, created_at, sent_at)) = row;
    StoredMail {
        id: id.0,
        email,
        topic: topic.0,
        state: state.0,
        tries,
        due_at: due_at.and_utc(),
        last_error,
        created_at: created_at.and_utc(),
        sent_at: sent_at.map(|at| at.and_utc()),
    }
}

/// How far a mail that the scope may see has come.
///
/// # Errors
/// [`StoreError::NotFound`] where it sees none with this id.
pub fn state_of(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<MailState, StoreError> {
    let state: Coded<MailState> = outbox::table
        .left_join(account::table.inner_join(organisation::table))
        .filter(outbox::id.eq(id.to_string()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(outbox::state)
        .first(conn)?;
    Ok(state.0)
}

/// Sends a mail again: it is due now, with all its tries before it.
///
/// # Errors
/// [`StoreError::Stale`] where it is no longer in the state `from`.
pub fn resend(conn: &mut AnyConnection, id: Uuid, from: MailState, now: DateTime<Utc>) -> Result<(), StoreError> {
    let resent = diesel::update(outbox::table.find(id.to_string()))
        .filter(outbox::state.eq(from.code()))
        .set((
            outbox::state.eq(MailState::Waiting.code()),
            outbox::tries.eq(0),
            outbox::due_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if resent == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// How many mails are in each state.
///
/// # Errors
/// When the database fails.
pub fn counts(conn: &mut AnyConnection) -> Result<Vec<(MailState, i64)>, StoreError> {
    MailState::ALL
        .iter()
        .map(|state| {
            let count = outbox::table
                .filter(outbox::state.eq(state.code()))
                .count()
                .get_result(conn)?;
            Ok((*state, count))
        })
        .collect()
}
