//! Which departments' facts an enterprise lets the platform use.
//!
//! What counts is one row that was not taken back and whose last day has not passed. An enterprise for
//! which no organisation speaks yet can't authorise anything: its facts are what the centre imported
//! itself, and only the centre sees them.

use super::columns::{Civil, Coded, Parsed};
use super::connection::AnyConnection;
use super::enterprises::{ids_in, profile_changed};
use super::error::StoreError;
use super::schema::{authorisation, authorisation_owner, enterprise};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::{AuthorisationPurpose, Terms};
use crate::domain::dates::Day;
use crate::domain::profile::Held;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// An authorisation that was not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAuthorisation {
    /// Its id.
    pub id: Uuid,
    /// Whose facts it is about, in the order of the list.
    pub owners: Vec<Owner>,
    /// What for.
    pub purpose: AuthorisationPurpose,
    /// The text that was agreed to.
    pub text_version: i32,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// The last day on which it holds.
    pub until: Day,
}

/// The verified values of an enterprise that may be used.
pub(super) enum Usable {
    /// All of them.
    All,
    /// Those of these owners.
    Of(Vec<Owner>),
}

impl Usable {
    /// Whether a value may be used; what the enterprise says of itself always may.
    pub(super) fn allows(&self, held: &Held) -> bool {
        match self {
            Self::All => true,
            Self::Of(owners) => !held.fact.verified || owners.contains(&held.key.spec().owner),
        }
    }
}

/// What may be used of an enterprise on `day`.
pub(super) fn usable_on(conn: &mut AnyConnection, enterprise_id: Uuid, day: Day) -> Result<Usable, StoreError> {
    let speaker: Option<Option<String>> = enterprise::table
        .find(enterprise_id.to_string())
        .select(enterprise::organisation_id)
        .first(conn)
        .optional()?;
    if speaker == Some(None) {
        return Ok(Usable::All);
    }
    let owners: Vec<Coded<Owner>> = authorisation_owner::table
        .inner_join(authorisation::table)
        .filter(authorisation::enterprise_id.eq(enterprise_id.to_string()))
        .filter(authorisation::revoked_at.is_null())
        .filter(authorisation::until.ge(day.naive()))
        .select(authorisation_owner::owner)
        .load(conn)?;
    Ok(Usable::Of(owners.into_iter().map(|owner| owner.0).collect()))
}

/// The authorisation of an enterprise that was not taken back, whether its last day has passed or not.
///
/// # Errors
/// When the database fails. An enterprise outside the scope has none.
pub fn standing(
    conn: &mut AnyConnection,
    scope: &Scope,
    enterprise_id: Uuid,
) -> Result<Option<StoredAuthorisation>, StoreError> {
    type Row = (Parsed<Uuid>, Coded<AuthorisationPurpose>, i32, NaiveDateTime, Civil);
    let row: Option<Row> = authorisation::table
        .filter(authorisation::enterprise_id.eq(enterprise_id.to_string()))
        .filter(authorisation::enterprise_id.eq_any(ids_in(scope.organisation(), scope.district())))
        .filter(authorisation::revoked_at.is_null())
        .select((
            authorisation::id,
            authorisation::purpose,
            authorisation::text_version,
            authorisation::given_at,
            authorisation::until,
        ))
        .first(conn)
        .optional()?;
    let Some((id, purpose, text_version, given_at, until)) = row else {
        return Ok(None);
    };
    let owners: Vec<Coded<Owner>> = authorisation_owner::table
        .filter(authorisation_owner::authorisation_id.eq(id.0.to_string()))
        .select(authorisation_owner::owner)
        .load(conn)?;
    let mut owners: Vec<Owner> = owners.into_iter().map(|owner| owner.0).collect();
    owners.sort_unstable();
    Ok(Some(StoredAuthorisation {
        id: id.0,
        owners,
        purpose: purpose.0,
        text_version,
        given_at: given_at.and_utc(),
        until: until.0,
    }))
}

/// Takes back what an enterprise of the scope has authorised; tells whether there was anything.
///
/// # Errors
/// When the database fails.
pub fn revoke(
    conn: &mut AnyConnection,
    scope: &Scope,
    enterprise_id: Uuid,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    let revoked = diesel::update(authorisation::table)
        .filter(authorisation::enterprise_id.eq(enterprise_id.to_string()))
        .filter(authorisation::enterprise_id.eq_any(ids_in(scope.organisation(), None)))
        .filter(authorisation::revoked_at.is_null())
        .set((
            authorisation::revoked_at.eq(clock.now().naive_utc()),
            authorisation::revoked_by.eq(by.to_string()),
        ))
        .execute(conn)?;
    if revoked > 0 {
        profile_changed(conn, enterprise_id)?;
    }
    Ok(revoked > 0)
}

/// Authorises; the caller has taken back what stood before.
///
/// # Errors
/// [`StoreError::Duplicate`] where another one was faster.
pub fn insert(
    conn: &mut AnyConnection,
    enterprise_id: Uuid,
    owners: &[Owner],
    terms: Terms,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(authorisation::table)
        .values((
            authorisation::id.eq(id.to_string()),
            authorisation::enterprise_id.eq(enterprise_id.to_string()),
            authorisation::purpose.eq(AuthorisationPurpose::Matching.code()),
            authorisation::text_version.eq(terms.text_version),
            authorisation::given_at.eq(clock.now().naive_utc()),
            authorisation::given_by.eq(by.to_string()),
            authorisation::until.eq(terms.until.naive()),
        ))
        .execute(conn)?;
    for owner in owners {
        diesel::insert_into(authorisation_owner::table)
            .values((
                authorisation_owner::authorisation_id.eq(id.to_string()),
                authorisation_owner::owner.eq(owner.code()),
            ))
            .execute(conn)?;
    }
    profile_changed(conn, enterprise_id)?;
    Ok(id)
}

/// What may be used of several enterprises on `day`, each of which has an organisation that speaks for it.
pub(super) fn owners_on(
    conn: &mut AnyConnection,
    enterprise_ids: &[String],
    day: Day,
) -> Result<Vec<(Uuid, Owner)>, StoreError> {
    let rows: Vec<(Parsed<Uuid>, Coded<Owner>)> = authorisation_owner::table
        .inner_join(authorisation::table)
        .filter(authorisation::enterprise_id.eq_any(enterprise_ids))
        .filter(authorisation::revoked_at.is_null())
        .filter(authorisation::until.ge(day.naive()))
        .select((authorisation::enterprise_id, authorisation_owner::owner))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, owner)| (id.0, owner.0)).collect())
}
