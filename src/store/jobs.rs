//! The jobs' turns: a job runs on the one node that holds its lease; a node that died lets go when the
//! lease ends.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::job;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJob {
    /// Its name.
    pub name: String,
    /// When its next turn comes.
    pub due_at: DateTime<Utc>,
    /// Which node runs it, until when.
    pub lease: Option<(String, DateTime<Utc>)>,
    /// When it began last.
    pub started_at: Option<DateTime<Utc>>,
    /// When it last ended well.
    pub finished_at: Option<DateTime<Utc>>,
    /// How much it did in all its turns.
    pub handled: i64,
    /// How often in a row it failed.
    pub failures: i32,
    /// What it failed with.
    pub last_error: Option<String>,
}

type Row = (
    (String, NaiveDateTime),
    (Option<String>, Option<NaiveDateTime>),
    (Option<NaiveDateTime>, Option<NaiveDateTime>),
    (i64, i32, Option<String>),
);

/// Every job that ran or may run, by name.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut AnyConnection) -> Result<Vec<StoredJob>, StoreError> {
    let rows: Vec<Row> = job::table
        .order(job::name)
        .select((
            (job::name, job::due_at),
            (job::leased_by, job::leased_until),
            (job::started_at, job::finished_at),
            (job::handled, job::failures, job::last_error),
        ))
        .load(conn)?;
    let read = |((name, due_at), (by, until), (started_at, finished_at), (handled, failures, last_error)): Row| {
        let utc = |at: NaiveDateTime| at.and_utc();
        StoredJob {
            name,
            due_at: due_at.and_utc(),
            lease: by.zip(until.map(utc)),
            started_at: started_at.map(utc),
            finished_at: finished_at.map(utc),
            handled,
            failures,
            last_error,
        }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Whether a job's turn has come and no node runs it.
///
/// # Errors
/// When the database fails.
pub fn is_due(conn: &mut AnyConnection, name: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let now = now.naive_utc();
    let turn: Option<(NaiveDateTime, Option<NaiveDateTime>)> = job::table
        .find(name)
        .select((job::due_at, job::leased_until))
        .first(conn)
        .optional()?;
    Ok(turn.is_none_or(|(due_at, leased_until)| due_at <= now && leased_until.is_none_or(|until| until <= now)))
}

/// Takes a job's turn until `until`: false where its turn has not come or another node runs it.
///
/// # Errors
/// When the database fails.
pub fn claim(
    conn: &mut AnyConnection,
    name: &str,
    node: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let at = now.naive_utc();
    let is_free = job::leased_until
        .is_null()
        .or(job::leased_until.le(at).assume_not_null());
    let lease = (
        job::leased_by.eq(Some(node)),
        job::leased_until.eq(Some(until.naive_utc())),
        job::started_at.eq(Some(at)),
    );
    let taken = diesel::update(job::table.find(name))
        .filter(job::due_at.le(at).and(is_free))
        .set(lease)
        .execute(conn)?;
    if taken == 1 {
        return Ok(true);
    }
    if job::table.find(name).count().get_result::<i64>(conn)? > 0 {
        return Ok(false);
    }
    let first = (
        job::name.eq(name),
        job::due_at.eq(at),
        job::handled.eq(0),
        job::failures.eq(0),
    );
    match diesel::insert_into(job::table)
        .values((first, lease))
        .execute(conn)
        .map_err(StoreError::from)
    {
        Ok(_) => Ok(true),
        // Another node began it just now.
        Err(StoreError::Duplicate(_)) => Err(StoreError::Busy),
        Err(error) => Err(error),
    }
}

/// What a turn came to.
#[derive(Clone, Debug)]
pub struct Turn<'a> {
    /// How much was done.
    pub handled: i64,
    /// What it failed with.
    pub error: Option<&'a str>,
    /// When the next turn comes.
    pub due_at: DateTime<Utc>,
}

/// Ends a job's turn.
///
/// # Errors
/// [`StoreError::Stale`] where the lease had ended and another node took it.
pub fn finish(
    conn: &mut AnyConnection,
    name: &str,
    node: &str,
    now: DateTime<Utc>,
    turn: &Turn<'_>,
) -> Result<(), StoreError> {
    let held = || diesel::update(job::table.find(name)).filter(job::leased_by.eq(node));
    let ended = (
        job::leased_by.eq(None::<String>),
        job::leased_until.eq(None::<NaiveDateTime>),
        job::due_at.eq(turn.due_at.naive_utc()),
        job::handled.eq(job::handled + turn.handled),
        job::last_error.eq(turn.error),
    );
    let finished = match turn.error {
        None => {
            let well = (job::failures.eq(0), job::finished_at.eq(Some(now.naive_utc())));
            held().set((ended, well)).execute(conn)?
        }
        Some(_) => held().set((ended, job::failures.eq(job::failures + 1))).execute(conn)?,
    };
    if finished == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
