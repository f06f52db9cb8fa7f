//! Enterprises, and which of them a scope may see.

use super::change::Change;
use super::columns::{Civil, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::facts::{self, FactLine};
use super::schema::{enterprise, organisation};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::{OrganisationKind, Scope};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::enterprise::Enterprise;
use crate::domain::maps::UniqueMap;
use crate::domain::name::Name;
use crate::domain::profile::{Held, engine_facts};
use crate::domain::uscc::Uscc;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// An enterprise with what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEnterprise {
    /// Its id.
    pub id: Uuid,
    /// The district it belongs to.
    pub district_code: String,
    /// The organisation whose users speak for it, where it has registered.
    pub organisation_id: Option<Uuid>,
    /// Counts the changes of what the registers say.
    pub version: i32,
    /// Counts the changes of all that a match sees of it.
    pub profile_version: i32,
    /// The enterprise; its facts are those that the engine sees on the day that was asked for.
    pub enterprise: Enterprise,
}

type Row = (
    Parsed<Uuid>,
    Parsed<Uscc>,
    String,
    Option<Civil>,
    String,
    Option<Parsed<Uuid>>,
    (i32, i32),
);
const COLUMNS: (
    enterprise::id,
    enterprise::uscc,
    enterprise::name,
    enterprise::established_on,
    enterprise::district_code,
    enterprise::organisation_id,
    (enterprise::version, enterprise::profile_version),
) = (
    enterprise::id,
    enterprise::uscc,
    enterprise::name,
    enterprise::established_on,
    enterprise::district_code,
    enterprise::organisation_id,
    (enterprise::version, enterprise::profile_version),
);

/// A row without its facts.
fn read((id, uscc, name, established_on, district_code, organisation_id, versions): Row) -> StoredEnterprise {
    StoredEnterprise {
        id: id.0,
        district_code,
        organisation_id: organisation_id.map(|id| id.0),
        version: versions.0,
        profile_version: versions.1,
        enterprise: Enterprise {
            uscc: uscc.0,
            name,
            established_on: established_on.map(|day| day.0),
            facts: UniqueMap::default(),
        },
    }
}

/// Whether a scope may see an enterprise. Of `organisation` and `district` one is given; what is not
/// given equals nothing.
#[auto_type]
#[expect(
    clippy::elidable_lifetime_names,
    reason = "`auto_type` makes a type of it, which needs the name"
)]
fn visible<'a>(organisation: Option<String>, district: Option<&'a str>) -> _ {
    enterprise::organisation_id
        .eq(organisation)
        .or(enterprise::district_code.nullable().eq(district))
}

/// The ids of the enterprises that a scope may see, for the WHERE clause of other tables.
#[auto_type(no_type_alias)]
pub(super) fn ids_in<'a>(organisation: Option<String>, district: Option<&'a str>) -> _ {
    let seen: visible<'a> = visible(organisation, district);
    enterprise::table.filter(seen).select(enterprise::id)
}

/// The id of the enterprise with this credit code, without reading the rest.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none in the scope.
pub fn id_by_uscc(conn: &mut AnyConnection, scope: &Scope, uscc: Uscc) -> Result<Uuid, StoreError> {
    let id: Parsed<Uuid> = enterprise::table
        .filter(enterprise::uscc.eq(uscc.as_str()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(enterprise::id)
        .first(conn)?;
    Ok(id.0)
}

/// The enterprise with this credit code, with the facts that the engine sees on `day`.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none in the scope.
pub fn by_uscc(conn: &mut AnyConnection, scope: &Scope, uscc: Uscc, day: Day) -> Result<StoredEnterprise, StoreError> {
    let row: Row = enterprise::table
        .filter(enterprise::uscc.eq(uscc.as_str()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    with_facts(conn, row, day)
}

/// The enterprise with this id, with the facts that the engine sees on `day`.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none in the scope.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid, day: Day) -> Result<StoredEnterprise, StoreError> {
    let row = row_of(conn, scope, id)?;
    with_facts(conn, row, day)
}

/// The enterprise that an organisation's users speak for.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn of_organisation(
    conn: &mut AnyConnection,
    organisation_id: Uuid,
    day: Day,
) -> Result<StoredEnterprise, StoreError> {
    let row: Row = enterprise::table
        .filter(enterprise::organisation_id.eq(organisation_id.to_string()))
        .select(COLUMNS)
        .first(conn)?;
    with_facts(conn, row, day)
}

/// As [`by_id`], with every value that is current, those that the engine sees among them, and where each comes from.
///
/// # Errors
/// As [`by_id`]'s.
pub fn with_sources(
    conn: &mut AnyConnection,
    scope: &Scope,
    id: Uuid,
    day: Day,
) -> Result<(StoredEnterprise, Vec<FactLine>), StoreError> {
    let mut stored = read(row_of(conn, scope, id)?);
    let lines = facts::list(conn, scope, id, day)?;
    let held: Vec<Held> = lines.iter().map(|line| line.held).collect();
    stored.enterprise.facts = engine_facts(&held, day);
    Ok((stored, lines))
}

fn row_of(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<Row, StoreError> {
    Ok(enterprise::table
        .filter(enterprise::id.eq(id.to_string()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?)
}

fn with_facts(conn: &mut AnyConnection, row: Row, day: Day) -> Result<StoredEnterprise, StoreError> {
    let mut stored = read(row);
    stored.enterprise.facts = engine_facts(&facts::held(conn, stored.id, day)?, day);
    Ok(stored)
}

/// Notes that what a match sees of an enterprise has changed: its open requests are matched again.
pub(super) fn profile_changed(conn: &mut AnyConnection, id: Uuid) -> Result<(), StoreError> {
    diesel::update(enterprise::table.find(id.to_string()))
        .set(enterprise::profile_version.eq(enterprise::profile_version + 1))
        .execute(conn)?;
    Ok(())
}

/// Where an enterprise stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The district it belongs to.
    pub district_code: String,
}

/// Where an enterprise stands, whatever its district: for imports and registrations, which no user's scope
/// bounds.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn place_of(conn: &mut AnyConnection, uscc: Uscc) -> Result<Place, StoreError> {
    let (id, name, district_code): (Parsed<Uuid>, String, String) = enterprise::table
        .filter(enterprise::uscc.eq(uscc.as_str()))
        .select((enterprise::id, enterprise::name, enterprise::district_code))
        .first(conn)?;
    Ok(Place {
        id: id.0,
        name,
        district_code,
    })
}

/// What is to change of what the registers say of an enterprise; what is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// Its name.
    pub name: Option<Name>,
    /// When it was founded.
    pub established_on: Option<Day>,
}

/// The id of an enterprise, and the version of what the registers say of it.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none in the scope.
pub fn version_of(conn: &mut AnyConnection, scope: &Scope, uscc: Uscc) -> Result<(Uuid, i32), StoreError> {
    let (id, version): (Parsed<Uuid>, i32) = enterprise::table
        .filter(enterprise::uscc.eq(uscc.as_str()))
        .filter(visible(scope.organisation(), scope.district()))
        .select((enterprise::id, enterprise::version))
        .first(conn)?;
    Ok((id.0, version))
}

/// Corrects what the registers say of an enterprise of the scope; its name also where it stands as an organisation.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none in the scope, [`StoreError::Stale`] where it has changed since `version`.
pub fn correct(
    conn: &mut AnyConnection,
    scope: &Scope,
    uscc: Uscc,
    version: i32,
    correction: &Correction,
) -> Result<(), StoreError> {
    let (id, _) = version_of(conn, scope, uscc)?;
    let name = correction.name.as_ref().map(Name::as_str);
    set(conn, (id, version), name, correction.established_on)?;
    if let Some(name) = name {
        diesel::update(organisation::table)
            .filter(organisation::uscc.eq(uscc.as_str()))
            .filter(organisation::kind.eq(OrganisationKind::Enterprise.code()))
            .set(organisation::name.eq(name))
            .execute(conn)?;
    }
    Ok(())
}

fn set(
    conn: &mut AnyConnection,
    (id, version): (Uuid, i32),
    name: Option<&str>,
    established_on: Option<Day>,
) -> Result<(), StoreError> {
    let changed = diesel::update(enterprise::table.find(id.to_string()))
        .filter(enterprise::version.eq(version))
        .set((
            name.map(|name| enterprise::name.eq(name)),
            established_on.map(|day| enterprise::established_on.eq(day.naive())),
            enterprise::version.eq(version + 1),
            enterprise::profile_version.eq(enterprise::profile_version + 1),
        ))
        .execute(conn)?;
    if changed == 0 { Err(StoreError::Stale) } else { Ok(()) }
}

/// Puts an enterprise without its facts: changes the one with its credit code, or adds it to the
/// district. One that is added belongs to the organisation with its credit code, where there is one. A date of
/// establishment that is known is not taken away.
///
/// # Errors
/// [`StoreError::Stale`] where it is corrected at the same time; when the database fails.
pub fn put(
    conn: &mut AnyConnection,
    new: &Enterprise,
    district_code: &str,
    clock: &dyn Clock,
) -> Result<(Uuid, Change), StoreError> {
    let established_on = new.established_on.map(Day::naive);
    let found = enterprise::table.filter(enterprise::uscc.eq(new.uscc.as_str()));
    if let Some(row) = found.select(COLUMNS).first::<Row>(conn).optional()? {
        let old = read(row);
        let same_day = new.established_on.is_none() || old.enterprise.established_on == new.established_on;
        if old.enterprise.name == new.name && same_day {
            return Ok((old.id, Change::Unchanged));
        }
        set(conn, (old.id, old.version), Some(&new.name), new.established_on)?;
        return Ok((old.id, Change::Updated));
    }
    let owner: Option<String> = organisation::table
        .filter(organisation::uscc.eq(new.uscc.as_str()))
        .filter(organisation::kind.eq(OrganisationKind::Enterprise.code()))
        .select(organisation::id)
        .first(conn)
        .optional()?;
    let id = clock.new_id();
    diesel::insert_into(enterprise::table)
        .values((
            enterprise::id.eq(id.to_string()),
            enterprise::uscc.eq(new.uscc.as_str()),
            enterprise::name.eq(&new.name),
            enterprise::established_on.eq(established_on),
            enterprise::district_code.eq(district_code),
            enterprise::organisation_id.eq(owner),
            enterprise::created_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok((id, Change::Created))
}
