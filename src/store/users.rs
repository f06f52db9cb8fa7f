//! Users as those see them who keep them: their organisation's owners, and the district's administrators.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::organisations::seen_by;
use super::schema::{account, organisation};
use super::second_factors;
use super::tenant::Tenant;
use crate::domain::actor::{OrganisationKind, Role, Scope};
use crate::domain::codes::Code;
use crate::domain::email::Email;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A user, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUser {
    /// The user's id.
    pub id: Uuid,
    /// The address that the user signs in with.
    pub email: String,
    /// The user's name.
    pub name: String,
    /// What the user is.
    pub role: Role,
    /// Whether the user may sign in.
    pub active: bool,
    /// Whether the user has a second factor.
    pub has_factor: bool,
    /// When the user was added.
    pub created_at: DateTime<Utc>,
    /// The user's organisation.
    pub organisation_id: Uuid,
    /// Its name.
    pub organisation_name: String,
    /// What it is.
    pub kind: OrganisationKind,
}

type Row = (
    Parsed<Uuid>,
    String,
    String,
    Coded<Role>,
    bool,
    NaiveDateTime,
    (Parsed<Uuid>, String, Coded<OrganisationKind>),
);
type Columns = (
    account::id,
    account::email,
    account::name,
    account::role,
    account::active,
    account::created_at,
    (organisation::id, organisation::name, organisation::kind),
);
const COLUMNS: Columns = (
    account::id,
    account::email,
    account::name,
    account::role,
    account::active,
    account::created_at,
    (organisation::id, organisation::name, organisation::kind),
);

fn read(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<StoredUser>, StoreError> {
    let ids: Vec<String> = rows.iter().map(|(id, ..)| id.0.to_string()).collect();
    let guarded = second_factors::confirmed_among(conn, &ids)?;
    let user = |(id, email, name, role, active, created_at, organisation): Row| {
        let (organisation_id, organisation_name, kind) = organisation;
        StoredUser {
            id: id.0,
            email,
            name,
            role: role.0,
            active,
            has_factor: guarded.contains(&id.0),
            created_at: created_at.and_utc(),
            organisation_id: organisation_id.0,
            organisation_name,
            kind: kind.0,
        }
    };
    Ok(rows.into_iter().map(user).collect())
}

/// The users of a scope, of one organisation where it is named, newest first: at most `limit` of those before
/// `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    organisation_id: Option<Uuid>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredUser>, StoreError> {
    let mut query = account::table
        .inner_join(organisation::table)
        .filter(seen_by(scope.organisation(), scope.district()))
        .order((account::created_at.desc(), account::id.desc()))
        .limit(limit)
        .select(COLUMNS)
        .into_boxed();
    if let Some(id) = organisation_id {
        query = query.filter(account::organisation_id.eq(id.to_string()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = account::created_at.eq(at).and(account::id.lt(id.to_string()));
        query = query.filter(account::created_at.lt(at).or(earlier));
    }
    let rows: Vec<Row> = query.load(conn)?;
    read(conn, rows)
}

/// The user of a scope with this id.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredUser, StoreError> {
    let row: Row = account::table
        .inner_join(organisation::table)
        .filter(account::id.eq(id.to_string()))
        .filter(seen_by(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    read(conn, vec![row])?.pop().ok_or(StoreError::NotFound)
}

/// The active users with a role in an organisation.
///
/// # Errors
/// When the database fails.
pub fn active_with_role(conn: &mut AnyConnection, organisation_id: Uuid, role: Role) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<Parsed<Uuid>> = account::table
        .filter(account::organisation_id.eq(organisation_id.to_string()))
        .filter(account::role.eq(role.code()))
        .filter(account::active.eq(true))
        .order(account::created_at)
        .select(account::id)
        .load(conn)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Whether an address has a user, active or not.
///
/// # Errors
/// When the database fails.
pub fn has_address(conn: &mut AnyConnection, email: &Email) -> Result<bool, StoreError> {
    let known = account::table.filter(account::email.eq(email.as_str()));
    Ok(known.count().get_result::<i64>(conn)? > 0)
}

/// Makes a user into another role. The caller has found the user in its scope, in this transaction.
///
/// # Errors
/// [`StoreError::Stale`] where the user is no longer what it was.
pub fn set_role(conn: &mut AnyConnection, user: &StoredUser, role: Role) -> Result<(), StoreError> {
    let changed = diesel::update(account::table.find(user.id.to_string()))
        .filter(account::role.eq(user.role.code()))
        .set(account::role.eq(role.code()))
        .execute(conn)?;
    if changed == 0 { Err(StoreError::Stale) } else { Ok(()) }
}

/// Shuts a user out, or lets it in again. The caller has found the user in its scope, in this transaction.
///
/// # Errors
/// [`StoreError::Stale`] where that was done already.
pub fn set_active(conn: &mut AnyConnection, user: &StoredUser, active: bool) -> Result<(), StoreError> {
    let changed = diesel::update(account::table.find(user.id.to_string()))
        .filter(account::active.eq(!active))
        .set(account::active.eq(active))
        .execute(conn)?;
    if changed == 0 { Err(StoreError::Stale) } else { Ok(()) }
}
