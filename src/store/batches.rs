//! Batches of facts: files that organisations hand in, from the preview to a withdrawal.

use super::columns::{Civil, Coded, Parsed};
use super::connection::AnyConnection;
use super::enterprises::profile_changed;
use super::error::StoreError;
use super::schema::{account, enterprise, fact, fact_batch, feed_key};
use crate::clock::Clock;
use crate::domain::batch::{BatchState, Counts};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::min;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBatch {
    /// Its id.
    pub id: Uuid,
    /// The name of the file.
    pub name: String,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// Where it is in its life.
    pub state: BatchState,
    /// How many rows did what; of a pending one how many would.
    pub counts: Counts,
    /// The number that a department's system gave it.
    pub sequence: Option<i64>,
    /// Who handed it in: a user's name, or that of a key.
    pub by: Option<String>,
    /// Whether a department's system handed it in.
    pub by_key: bool,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it was taken up.
    pub applied_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// The last day on which all of its values hold that still count; none where none of them ends.
    pub fresh_until: Option<Day>,
}

/// Whose batches: an organisation's, or of those only what one of its keys handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchScope {
    /// The organisation.
    pub organisation_id: Uuid,
    /// The key.
    pub feed_key_id: Option<Uuid>,
}

/// A batch that comes in.
#[derive(Clone, Copy, Debug)]
pub struct NewBatch<'a> {
    /// Whose it is, and by which key it came.
    pub scope: BatchScope,
    /// The user who hands it in.
    pub account_id: Option<Uuid>,
    /// The name of the file.
    pub name: &'a str,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: &'a str,
    /// The number that the department's system gave it.
    pub sequence: Option<i64>,
    /// Pending with its rows, or taken up in this transaction.
    pub content: Option<&'a str>,
    /// How many rows do what.
    pub counts: Counts,
}

/// Puts a batch: pending where it has content, else taken up.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut AnyConnection, new: &NewBatch<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    let now = clock.now().naive_utc();
    let (state, applied_at) = match new.content {
        Some(_) => (BatchState::Pending, None),
        None => (BatchState::Applied, Some(now)),
    };
    diesel::insert_into(fact_batch::table)
        .values((
            fact_batch::id.eq(id.to_string()),
            fact_batch::organisation_id.eq(new.scope.organisation_id.to_string()),
            fact_batch::feed_key_id.eq(new.scope.feed_key_id.map(|id| id.to_string())),
            fact_batch::account_id.eq(new.account_id.map(|id| id.to_string())),
            fact_batch::name.eq(new.name),
            fact_batch::sha256.eq(new.sha256),
            fact_batch::sequence.eq(new.sequence),
            fact_batch::state.eq(state.code()),
            fact_batch::content.eq(new.content),
            (
                fact_batch::created_rows.eq(new.counts.created),
                fact_batch::updated_rows.eq(new.counts.updated),
                fact_batch::unchanged_rows.eq(new.counts.unchanged),
                fact_batch::refused_rows.eq(new.counts.refused),
            ),
            fact_batch::created_at.eq(now),
            fact_batch::applied_at.eq(applied_at),
        ))
        .execute(conn)?;
    Ok(id)
}

type Row = (
    (Parsed<Uuid>, String, String, Coded<BatchState>),
    (i32, i32, i32, i32),
    (Option<i64>, Option<String>, Option<String>),
    (NaiveDateTime, Option<NaiveDateTime>, Option<NaiveDateTime>),
);
type Columns = (
    (fact_batch::id, fact_batch::name, fact_batch::sha256, fact_batch::state),
    (
        fact_batch::created_rows,
        fact_batch::updated_rows,
        fact_batch::unchanged_rows,
        fact_batch::refused_rows,
    ),
    (
        fact_batch::sequence,
        diesel::dsl::Nullable<account::name>,
        diesel::dsl::Nullable<feed_key::name>,
    ),
    (fact_batch::created_at, fact_batch::applied_at, fact_batch::withdrawn_at),
);

fn columns() -> Columns {
    (
        (fact_batch::id, fact_batch::name, fact_batch::sha256, fact_batch::state),
        (
            fact_batch::created_rows,
            fact_batch::updated_rows,
            fact_batch::unchanged_rows,
            fact_batch::refused_rows,
        ),
        (
            fact_batch::sequence,
            account::name.nullable(),
            feed_key::name.nullable(),
        ),
        (fact_batch::created_at, fact_batch::applied_at, fact_batch::withdrawn_at),
    )
}

fn read(((id, name, sha256, state), counts, (sequence, user, key), times): Row) -> StoredBatch {
    let (created, updated, unchanged, refused) = counts;
    StoredBatch {
        id: id.0,
        name,
        sha256,
        state: state.0,
        counts: Counts {
            created,
            updated,
            unchanged,
            refused,
        },
        sequence,
        by_key: key.is_some(),
        by: user.or(key),
        created_at: times.0.and_utc(),
        applied_at: times.1.map(|at| at.and_utc()),
        withdrawn_at: times.2.map(|at| at.and_utc()),
        fresh_until: None,
    }
}

/// The batches of these rows, with the day until which their values hold.
fn dated(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<StoredBatch>, StoreError> {
    let mut batches: Vec<StoredBatch> = rows.into_iter().map(read).collect();
    let ids = batches.iter().map(|batch| batch.id.to_string());
    let ends: Vec<(Option<Parsed<Uuid>>, Option<Civil>)> = fact::table
        .filter(fact::batch_id.eq_any(ids))
        .filter(fact::current)
        .group_by(fact::batch_id)
        .select((fact::batch_id, min(fact::valid_until)))
        .load(conn)?;
    let ends: HashMap<Uuid, Day> = ends.into_iter().filter_map(|(id, day)| Some((id?.0, day?.0))).collect();
    for batch in &mut batches {
        batch.fresh_until = ends.get(&batch.id).copied();
    }
    Ok(batches)
}

/// Batches of a scope, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: BatchScope,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredBatch>, StoreError> {
    let mut query = fact_batch::table
        .left_join(account::table)
        .left_join(feed_key::table)
        .filter(fact_batch::organisation_id.eq(scope.organisation_id.to_string()))
        .select(columns())
        .order((fact_batch::created_at.desc(), fact_batch::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(id) = scope.feed_key_id {
        query = query.filter(fact_batch::feed_key_id.eq(id.to_string()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = fact_batch::created_at.eq(at).and(fact_batch::id.lt(id.to_string()));
        query = query.filter(fact_batch::created_at.lt(at).or(earlier));
    }
    let rows: Vec<Row> = query.load(conn)?;
    dated(conn, rows)
}

/// One batch of an organisation.
///
/// # Errors
/// [`StoreError::NotFound`] where it has none with this id.
pub fn by_id(conn: &mut AnyConnection, organisation_id: Uuid, id: Uuid) -> Result<StoredBatch, StoreError> {
    let row: Row = fact_batch::table
        .left_join(account::table)
        .left_join(feed_key::table)
        .filter(fact_batch::id.eq(id.to_string()))
        .filter(fact_batch::organisation_id.eq(organisation_id.to_string()))
        .select(columns())
        .first(conn)?;
    dated(conn, vec![row])?.pop().ok_or(StoreError::NotFound)
}

/// The rows of a pending batch of an organisation, as they were kept.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none that is pending.
pub fn content(conn: &mut AnyConnection, organisation_id: Uuid, id: Uuid) -> Result<String, StoreError> {
    let content: Option<String> = fact_batch::table
        .filter(fact_batch::id.eq(id.to_string()))
        .filter(fact_batch::organisation_id.eq(organisation_id.to_string()))
        .select(fact_batch::content)
        .first(conn)?;
    content.ok_or(StoreError::NotFound)
}

/// The batch with this content that an organisation has handed in and not taken back.
///
/// # Errors
/// When the database fails.
pub fn applied_before(
    conn: &mut AnyConnection,
    organisation_id: Uuid,
    sha256: &str,
) -> Result<Option<Uuid>, StoreError> {
    let id: Option<Parsed<Uuid>> = fact_batch::table
        .filter(fact_batch::organisation_id.eq(organisation_id.to_string()))
        .filter(fact_batch::sha256.eq(sha256))
        .filter(fact_batch::state.eq(BatchState::Applied.code()))
        .order(fact_batch::created_at.desc())
        .select(fact_batch::id)
        .first(conn)
        .optional()?;
    Ok(id.map(|id| id.0))
}

/// Takes a pending batch up, or drops it: its rows are not kept any longer.
///
/// # Errors
/// [`StoreError::Stale`] where it is not pending any more.
pub fn settle(
    conn: &mut AnyConnection,
    organisation_id: Uuid,
    id: Uuid,
    next: BatchState,
    counts: Counts,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let applied_at = (next == BatchState::Applied).then(|| clock.now().naive_utc());
    let settled = diesel::update(fact_batch::table)
        .filter(fact_batch::id.eq(id.to_string()))
        .filter(fact_batch::organisation_id.eq(organisation_id.to_string()))
        .filter(fact_batch::state.eq(BatchState::Pending.code()))
        .set((
            fact_batch::state.eq(next.code()),
            fact_batch::content.eq(None::<String>),
            fact_batch::created_rows.eq(counts.created),
            fact_batch::updated_rows.eq(counts.updated),
            fact_batch::unchanged_rows.eq(counts.unchanged),
            fact_batch::refused_rows.eq(counts.refused),
            fact_batch::applied_at.eq(applied_at),
        ))
        .execute(conn)?;
    one(settled)
}

fn one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Notes what the rows of a batch came to that the command line took up.
///
/// # Errors
/// When the database fails.
pub fn note_counts(conn: &mut AnyConnection, id: Uuid, counts: Counts) -> Result<(), StoreError> {
    diesel::update(fact_batch::table.find(id.to_string()))
        .set((
            fact_batch::created_rows.eq(counts.created),
            fact_batch::updated_rows.eq(counts.updated),
            fact_batch::unchanged_rows.eq(counts.unchanged),
        ))
        .execute(conn)?;
    Ok(())
}

/// Drops what an organisation only looked at before `then`.
///
/// # Errors
/// When the database fails.
pub fn discard_before(conn: &mut AnyConnection, organisation_id: Uuid, then: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::update(fact_batch::table)
        .filter(fact_batch::organisation_id.eq(organisation_id.to_string()))
        .filter(fact_batch::state.eq(BatchState::Pending.code()))
        .filter(fact_batch::created_at.lt(then.naive_utc()))
        .set((
            fact_batch::state.eq(BatchState::Discarded.code()),
            fact_batch::content.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// What taking a batch back came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// How many current values it had.
    pub values: usize,
    /// The organisations that speak for the enterprises whose values changed.
    pub organisations: BTreeSet<Uuid>,
}

/// Enterprise, fact, whether verified, bank, and the organisation that speaks for the enterprise.
type Touched = (Parsed<Uuid>, String, bool, Option<String>, Option<Parsed<Uuid>>);

/// Takes a batch back: none of its values is current any more, and in the place of each stands the
/// newest of those that were not taken back.
///
/// # Errors
/// [`StoreError::Stale`] where it is not taken up.
pub fn take_back(
    conn: &mut AnyConnection,
    organisation_id: Uuid,
    id: Uuid,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<TakenBack, StoreError> {
    let withdrawn = diesel::update(fact_batch::table)
        .filter(fact_batch::id.eq(id.to_string()))
        .filter(fact_batch::organisation_id.eq(organisation_id.to_string()))
        .filter(fact_batch::state.eq(BatchState::Applied.code()))
        .set((
            fact_batch::state.eq(BatchState::Withdrawn.code()),
            fact_batch::withdrawn_at.eq(clock.now().naive_utc()),
            fact_batch::withdrawn_by.eq(by.to_string()),
        ))
        .execute(conn)?;
    one(withdrawn)?;
    let touched: Vec<Touched> = fact::table
        .inner_join(enterprise::table)
        .filter(fact::batch_id.eq(id.to_string()))
        .filter(fact::current)
        .select((
            fact::enterprise_id,
            fact::key,
            fact::verified,
            fact::bank_id,
            enterprise::organisation_id,
        ))
        .load(conn)?;
    diesel::update(fact::table.filter(fact::batch_id.eq(id.to_string())))
        .set(fact::current.eq(false))
        .execute(conn)?;
    for (enterprise_id, key, verified, bank_id, _) in &touched {
        restore(conn, &enterprise_id.0.to_string(), key, *verified, bank_id.as_deref())?;
    }
    let enterprises: BTreeSet<Uuid> = touched.iter().map(|(id, ..)| id.0).collect();
    for id in enterprises {
        profile_changed(conn, id)?;
    }
    Ok(TakenBack {
        values: touched.len(),
        organisations: touched
            .into_iter()
            .filter_map(|(.., organisation)| organisation.map(|id| id.0))
            .collect(),
    })
}

/// Makes the newest value current that was not taken back, where there is one.
fn restore(
    conn: &mut AnyConnection,
    enterprise_id: &str,
    key: &str,
    verified: bool,
    bank_id: Option<&str>,
) -> Result<(), StoreError> {
    let mut left = fact::table
        .left_join(fact_batch::table)
        .filter(fact::enterprise_id.eq(enterprise_id))
        .filter(fact::key.eq(key))
        .filter(fact::verified.eq(verified))
        .filter(
            fact::batch_id
                .is_null()
                .or(fact_batch::state.eq(BatchState::Applied.code())),
        )
        .order((fact::observed_on.desc(), fact::recorded_at.desc(), fact::id.desc()))
        .select(fact::id)
        .into_boxed();
    left = match bank_id {
        Some(bank) => left.filter(fact::bank_id.eq(bank)),
        None => left.filter(fact::bank_id.is_null()),
    };
    let newest: Option<String> = left.first(conn).optional()?;
    if let Some(id) = newest {
        diesel::update(fact::table.find(id))
            .set(fact::current.eq(true))
            .execute(conn)?;
    }
    Ok(())
}
