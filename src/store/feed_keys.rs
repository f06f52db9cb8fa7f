//! Keys with which departments' own systems hand in facts. Only a key's hash is kept.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{feed_key, organisation};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::{OrganisationKind, Scope};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A key, without what lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFeedKey {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// The department's code.
    pub organisation_code: String,
    /// The department's name.
    pub organisation_name: String,
    /// The last number that it sent.
    pub sequence: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last let in.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Whom a key lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key.
    pub key_id: Uuid,
    /// Its department.
    pub organisation_id: Uuid,
    /// What the organisation is.
    pub kind: OrganisationKind,
    /// Its code.
    pub code: String,
    /// The district it belongs to.
    pub district_code: String,
}

/// A key to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewFeedKey<'a> {
    /// The department.
    pub organisation_id: Uuid,
    /// What people call it.
    pub name: &'a str,
    /// How it begins.
    pub prefix: &'a str,
    /// SHA-256 of the whole key in hexadecimal.
    pub key_hash: &'a str,
    /// Who makes it.
    pub by: Uuid,
}

/// Keeps a key.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut AnyConnection, new: &NewFeedKey<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(feed_key::table)
        .values((
            feed_key::id.eq(id.to_string()),
            feed_key::organisation_id.eq(new.organisation_id.to_string()),
            feed_key::name.eq(new.name),
            feed_key::prefix.eq(new.prefix),
            feed_key::key_hash.eq(new.key_hash),
            feed_key::sequence.eq(0),
            feed_key::created_at.eq(clock.now().naive_utc()),
            feed_key::created_by.eq(new.by.to_string()),
        ))
        .execute(conn)?;
    Ok(id)
}

/// Whether there is a key with this hash that is not revoked.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn check(conn: &mut AnyConnection, key_hash: &str) -> Result<(), StoreError> {
    let found: i64 = feed_key::table
        .filter(feed_key::key_hash.eq(key_hash))
        .filter(feed_key::revoked_at.is_null())
        .count()
        .get_result(conn)?;
    if found == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Whom the key with this hash lets in, while it is not revoked; notes that it was used.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn use_key(conn: &mut AnyConnection, key_hash: &str, clock: &dyn Clock) -> Result<KeyHolder, StoreError> {
    type Row = (Parsed<Uuid>, Parsed<Uuid>, Coded<OrganisationKind>, String, String);
    let (key, organisation, kind, code, district_code): Row = feed_key::table
        .inner_join(organisation::table)
        .filter(feed_key::key_hash.eq(key_hash))
        .filter(feed_key::revoked_at.is_null())
        .select((
            feed_key::id,
            organisation::id,
            organisation::kind,
            organisation::code,
            organisation::district_code,
        ))
        .first(conn)?;
    diesel::update(feed_key::table.find(key.0.to_string()))
        .set(feed_key::last_used_at.eq(clock.now().naive_utc()))
        .execute(conn)?;
    Ok(KeyHolder {
        key_id: key.0,
        organisation_id: organisation.0,
        kind: kind.0,
        code,
        district_code,
    })
}

/// Takes the next number of a key.
///
/// # Errors
/// [`StoreError::Stale`] where the key has sent this number or a higher one, or is revoked.
pub fn advance(conn: &mut AnyConnection, id: Uuid, sequence: i64) -> Result<(), StoreError> {
    let advanced = diesel::update(feed_key::table.find(id.to_string()))
        .filter(feed_key::revoked_at.is_null())
        .filter(feed_key::sequence.lt(sequence))
        .set(feed_key::sequence.eq(sequence))
        .execute(conn)?;
    if advanced == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

type Row = (
    (Parsed<Uuid>, String, String),
    (String, String),
    (i64, NaiveDateTime, Option<NaiveDateTime>, Option<NaiveDateTime>),
);

/// The keys of a scope's organisations, those that let in first, newest first.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut AnyConnection, scope: &Scope) -> Result<Vec<StoredFeedKey>, StoreError> {
    let rows: Vec<Row> = feed_key::table
        .inner_join(organisation::table)
        .filter(
            organisation::id
                .nullable()
                .eq(scope.organisation())
                .or(organisation::district_code.nullable().eq(scope.district())),
        )
        .order((feed_key::created_at.desc(), feed_key::id.desc()))
        .select((
            (feed_key::id, feed_key::name, feed_key::prefix),
            (organisation::code, organisation::name),
            (
                feed_key::sequence,
                feed_key::created_at,
                feed_key::last_used_at,
                feed_key::revoked_at,
            ),
        ))
        .load(conn)?;
    let read = |(key, of, times): Row| StoredFeedKey {
        id: key.0.0,
        name: key.1,
        prefix: key.2,
        organisation_code: of.0,
        organisation_name: of.1,
        sequence: times.0,
        created_at: times.1.and_utc(),
        last_used_at: times.2.map(|at| at.and_utc()),
        revoked_at: times.3.map(|at| at.and_utc()),
    };
    let mut keys: Vec<StoredFeedKey> = rows.into_iter().map(read).collect();
    keys.sort_by_key(|key| key.revoked_at.is_some());
    Ok(keys)
}

/// Revokes a key of a scope's organisations.
///
/// # Errors
/// [`StoreError::NotFound`] where the scope has none with this id, [`StoreError::Stale`] where it was
/// revoked already.
pub fn revoke(
    conn: &mut AnyConnection,
    scope: &Scope,
    id: Uuid,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let own = organisation::table
        .filter(
            organisation::id
                .nullable()
                .eq(scope.organisation())
                .or(organisation::district_code.nullable().eq(scope.district())),
        )
        .select(organisation::id);
    let revoked = diesel::update(feed_key::table)
        .filter(feed_key::id.eq(id.to_string()))
        .filter(feed_key::organisation_id.eq_any(own))
        .filter(feed_key::revoked_at.is_null())
        .set((
            feed_key::revoked_at.eq(clock.now().naive_utc()),
            feed_key::revoked_by.eq(by.to_string()),
        ))
        .execute(conn)?;
    if revoked == 1 {
        return Ok(());
    }
    let is_there = list(conn, scope)?.iter().any(|key| key.id == id);
    Err(if is_there {
        StoreError::Stale
    } else {
        StoreError::NotFound
    })
}
