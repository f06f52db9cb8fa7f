//! Mail that is held: after a restore nothing leaves before somebody lets it go.
//!
//! The one row is what holds it; `post` finds nothing due while it is there.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{mail_hold, outbox};
use crate::domain::codes::Code;
use crate::domain::message::MailState;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// Since when mail is held; none where it is not.
///
/// # Errors
/// When the database fails.
pub fn since(conn: &mut AnyConnection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let since: Option<NaiveDateTime> = mail_hold::table.select(mail_hold::since).first(conn).optional()?;
    Ok(since.map(|since| since.and_utc()))
}

/// Holds mail from now on.
///
/// # Errors
/// When the database fails.
pub fn hold(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    let since = mail_hold::since.eq(now.naive_utc());
    if diesel::update(mail_hold::table).set(since).execute(conn)? == 0 {
        diesel::insert_into(mail_hold::table)
            .values((mail_hold::id.eq(1), since))
            .execute(conn)?;
    }
    Ok(())
}

/// Lets mail go.
///
/// # Errors
/// [`StoreError::Stale`] where it is not held.
pub fn release(conn: &mut AnyConnection) -> Result<(), StoreError> {
    let released = diesel::delete(mail_hold::table).execute(conn)?;
    if released == 0 { Err(StoreError::Stale) } else { Ok(()) }
}

/// Gives up the mails that wait and were written before an instant, for this reason; tells how many.
///
/// # Errors
/// When the database fails.
pub fn give_up(conn: &mut AnyConnection, written_before: DateTime<Utc>, why: &str) -> Result<i64, StoreError> {
    let given_up = diesel::update(outbox::table)
        .filter(outbox::state.eq(MailState::Waiting.code()))
        .filter(outbox::created_at.lt(written_before.naive_utc()))
        .set((
            outbox::state.eq(MailState::Dead.code()),
            outbox::last_error.eq(Some(why)),
            outbox::leased_by.eq(None::<String>),
            outbox::leased_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    i64::try_from(given_up).map_err(StoreError::database)
}

/// How many mails wait.
///
/// # Errors
/// When the database fails.
pub fn count_waiting(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let waiting = outbox::table.filter(outbox::state.eq(MailState::Waiting.code()));
    Ok(waiting.count().get_result(conn)?)
}
