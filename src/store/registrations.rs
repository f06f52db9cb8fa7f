//! Registrations of enterprises' first users, until they are decided and after.

use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, attachment, desk_claim, desk_entry, organisation, registration};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::{OrganisationKind, Scope};
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::Terms;
use crate::domain::email::Email;
use crate::domain::place::Place;
use crate::domain::registration::{Applicant, Registration, RegistrationState};
use crate::domain::uscc::Uscc;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A registration as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRegistration {
    /// Its id.
    pub id: Uuid,
    /// The district whose centre decides.
    pub district_code: String,
    /// The enterprise's credit code.
    pub uscc: Uscc,
    /// The enterprise's name, as it was typed.
    pub enterprise_name: String,
    /// The code of its industry.
    pub industry: String,
    /// The code of its town.
    pub town: String,
    /// The proven address.
    pub email: Email,
    /// The person.
    pub person: String,
    /// Whose facts the platform may use.
    pub owners: Vec<Owner>,
    /// What was agreed to.
    pub terms: Terms,
    /// Where it is.
    pub state: RegistrationState,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
}

type Row = (
    (Parsed<Uuid>, String, Parsed<Uscc>, String, String, String),
    (Parsed<Email>, String, Json<Vec<Owner>>, i32, Civil),
    (
        Coded<RegistrationState>,
        Option<String>,
        NaiveDateTime,
        Option<NaiveDateTime>,
    ),
);
type Columns = (
    (
        registration::id,
        registration::district_code,
        registration::uscc,
        registration::enterprise_name,
        registration::industry,
        registration::town,
    ),
    (
        registration::email,
        registration::person,
        registration::owners,
        registration::text_version,
        registration::until,
    ),
    (
        registration::state,
        registration::reason,
        registration::created_at,
        registration::decided_at,
    ),
);
const COLUMNS: Columns = (
    (
        registration::id,
        registration::district_code,
        registration::uscc,
        registration::enterprise_name,
        registration::industry,
        registration::town,
    ),
    (
        registration::email,
        registration::person,
        registration::owners,
        registration::text_version,
        registration::until,
    ),
    (
        registration::state,
        registration::reason,
        registration::created_at,
        registration::decided_at,
    ),
);

fn read(row: Row) -> StoredRegistration {
    let (asked, who, standing) = row;
    let (id, district_code, uscc, enterprise_name, industry, town) = asked;
    let (email, person, owners, text_version, until) = who;
    let (state, reason, created_at, decided_at) = standing;
    StoredRegistration {
        id: id.0,
        district_code,
        uscc: uscc.0,
        enterprise_name,
        industry,
        town,
        email: email.0,
        person,
        owners: owners.0,
        terms: Terms {
            text_version,
            until: until.0,
        },
        state: state.0,
        reason,
        created_at: created_at.and_utc(),
        decided_at: decided_at.map(|at| at.and_utc()),
    }
}

/// Keeps a registration; it waits from now on.
///
/// # Errors
/// When the database fails.
pub fn insert(
    conn: &mut AnyConnection,
    new: &Registration,
    who: Applicant<'_>,
    district_code: &str,
    clock: &dyn Clock,
) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(registration::table)
        .values((
            (
                registration::id.eq(id.to_string()),
                registration::district_code.eq(district_code),
                registration::uscc.eq(new.uscc.as_str()),
                registration::enterprise_name.eq(new.enterprise_name.as_str()),
                registration::industry.eq(&new.industry),
                registration::town.eq(&new.town),
            ),
            (
                registration::email.eq(who.email.as_str()),
                registration::person.eq(new.person.as_str()),
                registration::password_hash.eq(Some(who.password_hash)),
                registration::owners.eq(serde_json::to_string(&new.owners).map_err(StoreError::database)?),
                registration::text_version.eq(new.terms.text_version),
                registration::until.eq(new.terms.until.naive()),
            ),
            registration::state.eq(RegistrationState::Waiting.code()),
            registration::created_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(id)
}

/// The registrations of a scope's district, in one state where it is named, newest first: at most `limit` of
/// those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    state: Option<RegistrationState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredRegistration>, StoreError> {
    let mut query = registration::table
        .filter(registration::district_code.nullable().eq(scope.district()))
        .order((registration::created_at.desc(), registration::id.desc()))
        .limit(limit)
        .select(COLUMNS)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(registration::state.eq(state.code()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = registration::created_at.eq(at).and(registration::id.lt(id.to_string()));
        query = query.filter(registration::created_at.lt(at).or(earlier));
    }
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The registration of a scope's district with this id.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredRegistration, StoreError> {
    let row: Row = registration::table
        .find(id.to_string())
        .filter(registration::district_code.nullable().eq(scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// The hash of the password that was chosen; none once it is decided.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such registration.
pub fn password_hash(conn: &mut AnyConnection, id: Uuid) -> Result<Option<String>, StoreError> {
    let row = registration::table.find(id.to_string());
    Ok(row.select(registration::password_hash).first(conn)?)
}

/// What a decision leaves.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// The state after it.
    pub state: RegistrationState,
    /// Why, where it was rejected.
    pub reason: Option<&'a str>,
    /// Who decided.
    pub by: Uuid,
    /// Until when a rejected one is kept.
    pub keep_until: Option<DateTime<Utc>>,
}

/// Decides a registration that waits; the hash of the password goes.
///
/// # Errors
/// [`StoreError::Stale`] where it does not wait any more.
pub fn decide(conn: &mut AnyConnection, id: Uuid, decided: Decided<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let changed = diesel::update(registration::table.find(id.to_string()))
        .filter(registration::state.eq(RegistrationState::Waiting.code()))
        .set((
            registration::state.eq(decided.state.code()),
            registration::reason.eq(decided.reason),
            registration::decided_at.eq(Some(now.naive_utc())),
            registration::decided_by.eq(Some(decided.by.to_string())),
            registration::keep_until.eq(decided.keep_until.map(|at| at.naive_utc())),
            registration::password_hash.eq(None::<String>),
        ))
        .execute(conn)?;
    if changed == 0 { Err(StoreError::Stale) } else { Ok(()) }
}

/// The names of the users who already speak for the enterprise with this credit code, active or not.
///
/// # Errors
/// When the database fails.
pub fn speakers(conn: &mut AnyConnection, uscc: Uscc) -> Result<Vec<String>, StoreError> {
    Ok(account::table
        .inner_join(organisation::table)
        .filter(organisation::uscc.eq(uscc.as_str()))
        .filter(organisation::kind.eq(OrganisationKind::Enterprise.code()))
        .order(account::created_at)
        .select(account::name)
        .load(conn)?)
}

/// Removes the registrations that have been kept long enough, with their files and what officers noted of them, and
/// tells how many.
///
/// # Errors
/// When the database fails.
pub fn delete_kept(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let kept = registration::table.filter(registration::keep_until.le(Some(now.naive_utc())));
    let ids: Vec<String> = kept.select(registration::id).load(conn)?;
    let files = attachment::table.filter(attachment::registration_id.eq_any(ids.iter().map(Some)));
    diesel::delete(files).execute(conn)?;
    diesel::delete(desk_claim::table.filter(desk_claim::item_id.eq_any(&ids))).execute(conn)?;
    diesel::delete(desk_entry::table.filter(desk_entry::item_id.eq_any(&ids))).execute(conn)?;
    Ok(diesel::delete(registration::table.filter(registration::id.eq_any(&ids))).execute(conn)?)
}

/// How many registrations have been kept long enough.
///
/// # Errors
/// When the database fails.
pub fn count_kept(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let kept = registration::table.filter(registration::keep_until.le(Some(now.naive_utc())));
    Ok(kept.count().get_result(conn)?)
}
