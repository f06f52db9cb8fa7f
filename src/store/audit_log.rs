//! The audit log as it is read: searched by administrators, sealed by a job, verified by a command.
//!
//! Rows come back as the texts that are stored, not as domain values: a row that was altered by hand
//! must still be readable, so that it can be named.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, audit, organisation};
use super::tenant::Tenant;
use crate::domain::actor::Scope;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// What was done, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct AuditRow {
    /// Its id.
    pub id: String,
    /// When.
    pub at: NaiveDateTime,
    /// Who; nobody where the account is unknown.
    pub account_id: Option<String>,
    /// Of which organisation.
    pub organisation_id: Option<String>,
    /// In which district; empty where that is unknown.
    pub district_code: String,
    /// From which address.
    pub origin: Option<String>,
    /// The code of what was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// The state before.
    pub before: Option<String>,
    /// The state after.
    pub after: Option<String>,
}

/// Where a row stands in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Seal {
    /// Its number, from 1 without gaps.
    pub place: Option<i64>,
    /// The id of the algorithm.
    pub algorithm: Option<String>,
    /// Its hash, in hexadecimal digits.
    pub hash: Option<String>,
}

/// A row with its seal.
pub type Sealed = (AuditRow, Seal);

type Columns = (
    (
        audit::id,
        audit::at,
        audit::account_id,
        audit::organisation_id,
        audit::district_code,
        audit::origin,
        audit::action,
        audit::subject,
        audit::before,
        audit::after,
    ),
    (audit::place, audit::algorithm, audit::hash),
);
const COLUMNS: Columns = (
    (
        audit::id,
        audit::at,
        audit::account_id,
        audit::organisation_id,
        audit::district_code,
        audit::origin,
        audit::action,
        audit::subject,
        audit::before,
        audit::after,
    ),
    (audit::place, audit::algorithm, audit::hash),
);

/// The newest sealed row, if there is one.
///
/// # Errors
/// When the database fails.
pub fn head(conn: &mut AnyConnection) -> Result<Option<Sealed>, StoreError> {
    let sealed = audit::table.filter(audit::place.is_not_null());
    Ok(sealed
        .order(audit::place.desc())
        .select(COLUMNS)
        .first(conn)
        .optional()?)
}

/// How many rows are not sealed yet.
///
/// # Errors
/// When the database fails.
pub fn count_unsealed(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(audit::table.filter(audit::place.is_null()).count().get_result(conn)?)
}

/// The oldest rows that are not sealed yet, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn unsealed(conn: &mut AnyConnection, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    let rows = audit::table
        .filter(audit::place.is_null())
        .order((audit::at, audit::id));
    let rows: Vec<Sealed> = rows.limit(limit).select(COLUMNS).load(conn)?;
    Ok(rows.into_iter().map(|(row, _)| row).collect())
}

/// Gives a row its place.
///
/// # Errors
/// [`StoreError::Stale`] where it has one already.
pub fn seal(conn: &mut AnyConnection, id: &str, place: i64, algorithm: &str, hash: &str) -> Result<(), StoreError> {
    let sealed = diesel::update(audit::table.find(id))
        .filter(audit::place.is_null())
        .set((
            audit::place.eq(Some(place)),
            audit::algorithm.eq(Some(algorithm)),
            audit::hash.eq(Some(hash)),
        ))
        .execute(conn)?;
    if sealed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Sealed rows in the order of their places: at most `limit` of those after `after`.
///
/// # Errors
/// When the database fails, or a row does not read.
pub fn sealed_after(conn: &mut AnyConnection, after: i64, limit: i64) -> Result<Vec<Sealed>, StoreError> {
    let rows = audit::table
        .filter(audit::place.gt(after))
        .order(audit::place)
        .limit(limit);
    Ok(rows.select(COLUMNS).load(conn)?)
}

/// The id of the row at a place.
///
/// # Errors
/// When the database fails.
pub fn id_at(conn: &mut AnyConnection, place: i64) -> Result<Option<String>, StoreError> {
    let found = audit::table.filter(audit::place.eq(place)).select(audit::id);
    Ok(found.first(conn).optional()?)
}

/// What is searched for; what is not given does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The code of what was done.
    pub action: Option<String>,
    /// The code of the organisation that did it.
    pub organisation: Option<String>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
}

/// A row with the names of who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAudit {
    /// The row.
    pub row: AuditRow,
    /// Where it stands in the chain.
    pub seal: Seal,
    /// The user's name.
    pub name: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
}

/// Rows of a district and those of no district, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn search(
    conn: &mut AnyConnection,
    scope: &Scope,
    search: &Search,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<FoundAudit>, StoreError> {
    let unknown = scope.district().map(|_| "");
    let mut query = audit::table
        .left_join(account::table)
        .left_join(organisation::table)
        .filter(
            (audit::organisation_id.eq(scope.organisation()))
                .or(audit::district_code.nullable().eq(scope.district()))
                .or(audit::district_code.nullable().eq(unknown)),
        )
        .select((COLUMNS, account::name.nullable(), organisation::name.nullable()))
        .order((audit::at.desc(), audit::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(action) = &search.action {
        query = query.filter(audit::action.eq(action));
    }
    if let Some(code) = &search.organisation {
        query = query.filter(organisation::code.eq(code));
    }
    if let Some(from) = search.from {
        query = query.filter(audit::at.ge(from.naive_utc()));
    }
    if let Some(until) = search.until {
        query = query.filter(audit::at.lt(until.naive_utc()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        query = query.filter(audit::at.lt(at).or(audit::at.eq(at).and(audit::id.lt(id.to_string()))));
    }
    let rows: Vec<(Sealed, Option<String>, Option<String>)> = query.load(conn)?;
    let found = |((row, seal), name, organisation)| FoundAudit {
        row,
        seal,
        name,
        organisation,
    };
    Ok(rows.into_iter().map(found).collect())
}
