//! The announced loan prime rates.

use super::change::Change;
use super::columns::Civil;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::lpr;
use crate::domain::dates::Day;
use crate::domain::lpr::{Lpr, LprTable};
use diesel::prelude::*;

/// Every announcement, earliest first.
///
/// # Errors
/// When the database fails.
pub fn table(conn: &mut AnyConnection) -> Result<LprTable, StoreError> {
    let rows: Vec<(Civil, i64, i64)> = lpr::table
        .select((lpr::announced_on, lpr::one_year_bp, lpr::five_year_bp))
        .order(lpr::announced_on)
        .load(conn)?;
    LprTable::new(rows.into_iter().map(read).collect())
        .map_err(|place| StoreError::database(format!("lpr: row {place} is out of order")))
}

/// The announcement that holds on a day: the newest on or before it.
///
/// # Errors
/// When the database fails.
pub fn on(conn: &mut AnyConnection, day: Day) -> Result<Option<Lpr>, StoreError> {
    let row: Option<(Civil, i64, i64)> = lpr::table
        .filter(lpr::announced_on.le(day.naive()))
        .select((lpr::announced_on, lpr::one_year_bp, lpr::five_year_bp))
        .order(lpr::announced_on.desc())
        .first(conn)
        .optional()?;
    Ok(row.map(read))
}

fn read((announced_on, one_year_bp, five_year_bp): (Civil, i64, i64)) -> Lpr {
    Lpr {
        announced_on: announced_on.0,
        one_year_bp,
        five_year_bp,
    }
}

/// Puts one announcement.
///
/// # Errors
/// When the database fails.
pub fn put(conn: &mut AnyConnection, new: &Lpr) -> Result<Change, StoreError> {
    let day = new.announced_on.naive();
    let figures = (
        lpr::one_year_bp.eq(new.one_year_bp),
        lpr::five_year_bp.eq(new.five_year_bp),
    );
    let old: Option<(i64, i64)> = lpr::table
        .find(day)
        .select((lpr::one_year_bp, lpr::five_year_bp))
        .first(conn)
        .optional()?;
    match old {
        Some(old) if old == (new.one_year_bp, new.five_year_bp) => Ok(Change::Unchanged),
        Some(_) => {
            diesel::update(lpr::table.find(day)).set(figures).execute(conn)?;
            Ok(Change::Updated)
        }
        None => {
            diesel::insert_into(lpr::table)
                .values((lpr::announced_on.eq(day), figures))
                .execute(conn)?;
            Ok(Change::Created)
        }
    }
}
