//! Organisations.

use super::change::Change;
use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{enterprise, organisation};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::{OrganisationKind, Scope};
use crate::domain::codes::Code;
use crate::domain::organisation::Organisation;
use crate::domain::uscc::Uscc;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

/// An organisation with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrganisation {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub organisation: Organisation,
}

type Row = (
    Parsed<Uuid>,
    String,
    Coded<OrganisationKind>,
    String,
    String,
    Option<Parsed<Uscc>>,
    Option<String>,
);
const COLUMNS: (
    organisation::id,
    organisation::code,
    organisation::kind,
    organisation::name,
    organisation::district_code,
    organisation::uscc,
    organisation::contact,
) = (
    organisation::id,
    organisation::code,
    organisation::kind,
    organisation::name,
    organisation::district_code,
    organisation::uscc,
    organisation::contact,
);

fn read((id, code, kind, name, district_code, uscc, contact): Row) -> StoredOrganisation {
    StoredOrganisation {
        id: id.0,
        organisation: Organisation {
            code,
            kind: kind.0,
            name,
            district_code,
            uscc: uscc.map(|uscc| uscc.0),
            contact,
        },
    }
}

/// The organisation with this code.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_code(conn: &mut AnyConnection, code: &str) -> Result<StoredOrganisation, StoreError> {
    let found = organisation::table.filter(organisation::code.eq(code));
    Ok(read(found.select(COLUMNS).first(conn)?))
}

/// The organisation with this id.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_id(conn: &mut AnyConnection, id: Uuid) -> Result<StoredOrganisation, StoreError> {
    let found = organisation::table.find(id.to_string());
    Ok(read(found.select(COLUMNS).first(conn)?))
}

/// Whether a scope may see an organisation, for the WHERE clause: it is the one, or of the district.
#[auto_type(no_type_alias)]
pub(super) fn seen_by<'a>(organisation: Option<String>, district: Option<&'a str>) -> _ {
    let own: diesel::dsl::Eq<diesel::dsl::Nullable<organisation::id>, Option<String>> =
        organisation::id.nullable().eq(organisation);
    own.or(organisation::district_code.nullable().eq(district))
}

/// The organisation of a scope with this code.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_code_in(conn: &mut AnyConnection, scope: &Scope, code: &str) -> Result<StoredOrganisation, StoreError> {
    let found = organisation::table
        .filter(organisation::code.eq(code))
        .filter(seen_by(scope.organisation(), scope.district()));
    Ok(read(found.select(COLUMNS).first(conn)?))
}

/// The organisations of a scope that are of one of these kinds, by code: at most `limit` after `after`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    kinds: &[OrganisationKind],
    after: &str,
    limit: i64,
) -> Result<Vec<StoredOrganisation>, StoreError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
    let rows: Vec<Row> = organisation::table
        .filter(seen_by(scope.organisation(), scope.district()))
        .filter(organisation::kind.eq_any(kinds))
        .filter(organisation::code.gt(after))
        .order(organisation::code)
        .limit(limit)
        .select(COLUMNS)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The enterprise's organisation with this credit code.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn of_enterprise(conn: &mut AnyConnection, uscc: Uscc) -> Result<StoredOrganisation, StoreError> {
    let found = organisation::table
        .filter(organisation::uscc.eq(uscc.as_str()))
        .filter(organisation::kind.eq(OrganisationKind::Enterprise.code()));
    Ok(read(found.select(COLUMNS).first(conn)?))
}

/// The finance service centre of a district.
///
/// # Errors
/// [`StoreError::NotFound`] where it has none.
pub fn centre(conn: &mut AnyConnection, district_code: &str) -> Result<StoredOrganisation, StoreError> {
    let found = organisation::table
        .filter(organisation::district_code.eq(district_code))
        .filter(organisation::kind.eq(OrganisationKind::Centre.code()))
        .order(organisation::code);
    Ok(read(found.select(COLUMNS).first(conn)?))
}

/// The departments of a district, in the order of their codes.
///
/// # Errors
/// When the database fails.
pub fn departments(conn: &mut AnyConnection, district_code: &str) -> Result<Vec<StoredOrganisation>, StoreError> {
    let found = organisation::table
        .filter(organisation::district_code.eq(district_code))
        .filter(organisation::kind.eq(OrganisationKind::Department.code()))
        .order(organisation::code);
    let rows: Vec<Row> = found.select(COLUMNS).load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// Every lender by its code.
///
/// # Errors
/// When the database fails.
pub fn lenders(conn: &mut AnyConnection) -> Result<HashMap<String, Uuid>, StoreError> {
    let rows: Vec<(String, Parsed<Uuid>)> = organisation::table
        .filter(organisation::kind.eq_any(lending_kinds()))
        .select((organisation::code, organisation::id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(code, id)| (code, id.0)).collect())
}

/// Code and name of every lender, by code.
///
/// # Errors
/// When the database fails.
pub fn lender_names(conn: &mut AnyConnection) -> Result<Vec<(String, String)>, StoreError> {
    Ok(organisation::table
        .filter(organisation::kind.eq_any(lending_kinds()))
        .select((organisation::code, organisation::name))
        .order(organisation::code)
        .load(conn)?)
}

fn lending_kinds() -> Vec<&'static str> {
    let kinds = OrganisationKind::ALL.iter().filter(|kind| kind.lends());
    kinds.map(|kind| kind.code()).collect()
}

/// Puts an organisation: changes the one with its code, or adds it. An enterprise's takes up the
/// enterprise with its credit code, where nobody has yet.
///
/// The kind of an organisation does not change, because its users' roles hang on it: that of `new`
/// is written only where it is added.
///
/// # Errors
/// [`StoreError::Duplicate`] where another has its credit code.
pub fn put(conn: &mut AnyConnection, new: &Organisation, clock: &dyn Clock) -> Result<(Uuid, Change), StoreError> {
    let uscc = new.uscc.map(|uscc| uscc.to_string());
    let (id, change) = match by_code(conn, &new.code) {
        Ok(old) if old.organisation == *new => (old.id, Change::Unchanged),
        Ok(old) => {
            diesel::update(organisation::table.find(old.id.to_string()))
                .set((
                    organisation::name.eq(&new.name),
                    organisation::district_code.eq(&new.district_code),
                    organisation::uscc.eq(&uscc),
                    organisation::contact.eq(&new.contact),
                ))
                .execute(conn)?;
            (old.id, Change::Updated)
        }
        Err(StoreError::NotFound) => {
            let id = clock.new_id();
            diesel::insert_into(organisation::table)
                .values((
                    organisation::id.eq(id.to_string()),
                    organisation::code.eq(&new.code),
                    organisation::kind.eq(new.kind.code()),
                    organisation::name.eq(&new.name),
                    organisation::district_code.eq(&new.district_code),
                    organisation::uscc.eq(&uscc),
                    organisation::contact.eq(&new.contact),
                    organisation::created_at.eq(clock.now().naive_utc()),
                ))
                .execute(conn)?;
            (id, Change::Created)
        }
        Err(error) => return Err(error),
    };
    if let (OrganisationKind::Enterprise, Some(uscc), false) = (new.kind, uscc, change == Change::Unchanged) {
        diesel::update(enterprise::table)
            .filter(enterprise::uscc.eq(uscc))
            .filter(enterprise::organisation_id.is_null())
            .set((
                enterprise::organisation_id.eq(id.to_string()),
                enterprise::profile_version.eq(enterprise::profile_version + 1),
            ))
            .execute(conn)?;
    }
    Ok((id, change))
}
