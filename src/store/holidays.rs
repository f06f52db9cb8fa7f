//! The working-day calendar: the days on which it differs from the week.

use super::change::Change;
use super::columns::{Civil, Coded};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::holiday;
use crate::domain::codes::Code;
use crate::domain::holiday::{Holiday, HolidayKind};
use diesel::prelude::*;

/// Every listed day, earliest first.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut AnyConnection) -> Result<Vec<Holiday>, StoreError> {
    let rows: Vec<(Civil, Coded<HolidayKind>, String)> = holiday::table
        .select((holiday::day, holiday::kind, holiday::name))
        .order(holiday::day)
        .load(conn)?;
    let rows = rows.into_iter().map(|(day, kind, name)| Holiday {
        date: day.0,
        kind: kind.0,
        name,
    });
    Ok(rows.collect())
}

/// Puts one day.
///
/// # Errors
/// When the database fails.
pub fn put(conn: &mut AnyConnection, new: &Holiday) -> Result<Change, StoreError> {
    let day = new.date.naive();
    let what = (holiday::kind.eq(new.kind.code()), holiday::name.eq(&new.name));
    let old: Option<(String, String)> = holiday::table
        .find(day)
        .select((holiday::kind, holiday::name))
        .first(conn)
        .optional()?;
    match old {
        Some((kind, name)) if kind == new.kind.code() && name == new.name => Ok(Change::Unchanged),
        Some(_) => {
            diesel::update(holiday::table.find(day)).set(what).execute(conn)?;
            Ok(Change::Updated)
        }
        None => {
            diesel::insert_into(holiday::table)
                .values((holiday::day.eq(day), what))
                .execute(conn)?;
            Ok(Change::Created)
        }
    }
}
