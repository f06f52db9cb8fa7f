//! Messages: written in the transaction of the change that they are about, read on a page.
//!
//! Their mails' delivery is `post`'s.

use super::columns::{Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, outbox};
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::message::{MailChoice, MailState, Message, Recipient, Topic, is_secret};
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Puts a message; one that was put for the same event and address before is left as it is.
///
/// # Errors
/// When the database fails.
pub fn put(conn: &mut AnyConnection, message: &Message, clock: &dyn Clock) -> Result<(), StoreError> {
    let (account_id, email, choice) = match &message.to {
        Recipient::Address(email) => (None, email.clone(), MailChoice::All),
        Recipient::Account(id) => {
            let (email, choice): (String, Coded<MailChoice>) = account::table
                .find(id.to_string())
                .select((account::email, account::mails))
                .first(conn)?;
            (Some(id.to_string()), email, choice.0)
        }
    };
    let told = outbox::table
        .filter(outbox::event.eq(&message.event))
        .filter(outbox::email.eq(&email));
    if told.count().get_result::<i64>(conn)? > 0 {
        return Ok(());
    }
    let state = if choice.takes(message.topic) {
        MailState::Waiting
    } else {
        MailState::Page
    };
    let now = clock.now().naive_utc();
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(clock.new_id().to_string()),
            outbox::event.eq(&message.event),
            outbox::account_id.eq(account_id),
            outbox::email.eq(email),
            outbox::topic.eq(message.topic.code()),
            outbox::parameters.eq(serde_json::to_string(&message.parameters).map_err(StoreError::database)?),
            outbox::link.eq(message.link.as_deref()),
            outbox::state.eq(state.code()),
            outbox::tries.eq(0),
            outbox::due_at.eq(now),
            outbox::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether anybody was told of an event.
///
/// # Errors
/// When the database fails.
pub fn was_told(conn: &mut AnyConnection, event: &str) -> Result<bool, StoreError> {
    let told = outbox::table.filter(outbox::event.eq(event));
    Ok(told.count().get_result::<i64>(conn)? > 0)
}

/// A message as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub topic: Topic,
    /// What the texts fill in.
    pub parameters: BTreeMap<String, String>,
    /// The path of the page to go to; a secret one is not shown.
    pub link: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

type Row = (
    Parsed<Uuid>,
    Coded<Topic>,
    Json<BTreeMap<String, String>>,
    Option<String>,
    NaiveDateTime,
    Option<NaiveDateTime>,
);

/// A user's messages, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn of_account(
    conn: &mut AnyConnection,
    account_id: Uuid,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredMessage>, StoreError> {
    let mut query = outbox::table
        .filter(outbox::account_id.eq(account_id.to_string()))
        .select((
            outbox::id,
            outbox::topic,
            outbox::parameters,
            outbox::link,
            outbox::created_at,
            outbox::read_at,
        ))
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = outbox::created_at.eq(at).and(outbox::id.lt(id.to_string()));
        query = query.filter(outbox::created_at.lt(at).or(earlier));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let read = |(id, topic, parameters, link, created_at, read_at): Row| StoredMessage {
        id: id.0,
        topic: topic.0,
        parameters: parameters.0,
        link: link.filter(|link| !is_secret(link)),
        created_at: created_at.and_utc(),
        read_at: read_at.map(|at| at.and_utc()),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// How many messages a user has not read.
///
/// # Errors
/// When the database fails.
pub fn count_unread(conn: &mut AnyConnection, account_id: Uuid) -> Result<i64, StoreError> {
    let unread = outbox::table
        .filter(outbox::account_id.eq(account_id.to_string()))
        .filter(outbox::read_at.is_null());
    Ok(unread.count().get_result(conn)?)
}

/// Notes that a user read these messages; those of others stay as they are.
///
/// # Errors
/// When the database fails.
pub fn mark_read(
    conn: &mut AnyConnection,
    account_id: Uuid,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let read = diesel::update(outbox::table)
        .filter(outbox::account_id.eq(account_id.to_string()))
        .filter(outbox::id.eq_any(ids))
        .filter(outbox::read_at.is_null())
        .set(outbox::read_at.eq(Some(now.naive_utc())));
    Ok(read.execute(conn)?)
}
