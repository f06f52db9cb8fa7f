//! Open invitations: who may become a user of which organisation by the link that was mailed.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::organisations::seen_by;
use super::schema::{invitation, organisation};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::{OrganisationKind, Role, Scope};
use crate::domain::codes::Code;
use crate::domain::email::Email;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// An invitation that nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInvitation {
    /// Its id.
    pub id: Uuid,
    /// The organisation that the user will belong to.
    pub organisation_id: Uuid,
    /// What that is.
    pub kind: OrganisationKind,
    /// Its name.
    pub organisation_name: String,
    /// Its district.
    pub district_code: String,
    /// Who is invited.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// An invitation that is made.
#[derive(Clone, Copy, Debug)]
pub struct NewInvitation<'a> {
    /// Into which organisation.
    pub organisation_id: Uuid,
    /// Who is invited.
    pub email: &'a Email,
    /// As what.
    pub role: Role,
    /// The hash of its token.
    pub token_hash: &'a str,
    /// By whom.
    pub invited_by: Uuid,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

type Row = (
    Parsed<Uuid>,
    (Parsed<Uuid>, Coded<OrganisationKind>, String, String),
    Parsed<Email>,
    Coded<Role>,
    NaiveDateTime,
    NaiveDateTime,
);
type Columns = (
    invitation::id,
    (
        organisation::id,
        organisation::kind,
        organisation::name,
        organisation::district_code,
    ),
    invitation::email,
    invitation::role,
    invitation::created_at,
    invitation::expires_at,
);
const COLUMNS: Columns = (
    invitation::id,
    (
        organisation::id,
        organisation::kind,
        organisation::name,
        organisation::district_code,
    ),
    invitation::email,
    invitation::role,
    invitation::created_at,
    invitation::expires_at,
);

fn read(
    (id, (organisation_id, kind, name, district_code), email, role, created_at, expires_at): Row,
) -> StoredInvitation {
    StoredInvitation {
        id: id.0,
        organisation_id: organisation_id.0,
        kind: kind.0,
        organisation_name: name,
        district_code,
        email: email.0,
        role: role.0,
        created_at: created_at.and_utc(),
        expires_at: expires_at.and_utc(),
    }
}

/// Keeps an invitation in the place of the one that the same organisation had sent to the address.
///
/// # Errors
/// [`StoreError::Busy`] where another one is being made for it at this moment.
pub fn put(conn: &mut AnyConnection, new: &NewInvitation<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let older = invitation::table
        .filter(invitation::organisation_id.eq(new.organisation_id.to_string()))
        .filter(invitation::email.eq(new.email.as_str()));
    diesel::delete(older).execute(conn)?;
    let id = clock.new_id();
    let row = (
        invitation::id.eq(id.to_string()),
        invitation::organisation_id.eq(new.organisation_id.to_string()),
        invitation::email.eq(new.email.as_str()),
        invitation::role.eq(new.role.code()),
        invitation::token_hash.eq(new.token_hash),
        invitation::invited_by.eq(new.invited_by.to_string()),
        invitation::created_at.eq(clock.now().naive_utc()),
        invitation::expires_at.eq(new.expires_at.naive_utc()),
    );
    match diesel::insert_into(invitation::table)
        .values(row)
        .execute(conn)
        .map_err(StoreError::from)
    {
        Err(StoreError::Duplicate(_)) => Err(StoreError::Busy),
        other => other.map(|_| id),
    }
}

/// The open invitations of a scope, newest first: at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<StoredInvitation>, StoreError> {
    let rows: Vec<Row> = invitation::table
        .inner_join(organisation::table)
        .filter(seen_by(scope.organisation(), scope.district()))
        .filter(invitation::expires_at.gt(now.naive_utc()))
        .order((invitation::created_at.desc(), invitation::id.desc()))
        .limit(limit)
        .select(COLUMNS)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The invitation with this token, while it is good.
///
/// # Errors
/// [`StoreError::NotFound`] where it was accepted, withdrawn, replaced, has ended or never was.
pub fn by_token(
    conn: &mut AnyConnection,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<StoredInvitation, StoreError> {
    let row: Row = invitation::table
        .inner_join(organisation::table)
        .filter(invitation::token_hash.eq(token_hash))
        .filter(invitation::expires_at.gt(now.naive_utc()))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// Uses an invitation up.
///
/// # Errors
/// [`StoreError::NotFound`] where it is gone.
pub fn delete(conn: &mut AnyConnection, id: Uuid) -> Result<(), StoreError> {
    let gone = diesel::delete(invitation::table.find(id.to_string())).execute(conn)?;
    if gone == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// The open invitation of a scope with this id.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredInvitation, StoreError> {
    let row: Row = invitation::table
        .inner_join(organisation::table)
        .filter(invitation::id.eq(id.to_string()))
        .filter(seen_by(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// Removes the invitations that have ended, and tells how many.
///
/// # Errors
/// When the database fails.
pub fn delete_expired(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(invitation::table.filter(invitation::expires_at.le(now.naive_utc()))).execute(conn)?)
}

/// How many invitations have ended and are still there.
///
/// # Errors
/// When the database fails.
pub fn count_expired(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let ended = invitation::table.filter(invitation::expires_at.le(now.naive_utc()));
    Ok(ended.count().get_result(conn)?)
}
