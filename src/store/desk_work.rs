//! Who sees to an item of the centre's desk, and what officers did with it short of deciding.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, desk_claim, desk_entry};
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::desk::DeskDeed;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

/// That somebody sees to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub by: Uuid,
    /// The officer's name.
    pub name: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// What an officer did with an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What.
    pub deed: DeskDeed,
    /// The officer's name.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The note.
    pub text: Option<String>,
}

/// The claims of these items, the old ones too: whether one still counts is said by when its item came.
///
/// # Errors
/// When the database fails.
pub fn claims(conn: &mut AnyConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Claim>, StoreError> {
    type Row = (Parsed<Uuid>, Parsed<Uuid>, String, NaiveDateTime);
    let rows: Vec<Row> = desk_claim::table
        .inner_join(account::table)
        .filter(desk_claim::item_id.eq_any(ids.iter().map(Uuid::to_string)))
        .select((desk_claim::item_id, account::id, account::name, desk_claim::claimed_at))
        .load(conn)?;
    let read = |(item, by, name, at): Row| {
        let claim = Claim {
            by: by.0,
            name,
            at: at.and_utc(),
        };
        (item.0, claim)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// How many notes there are of each of these items.
///
/// # Errors
/// When the database fails.
pub fn count_notes(conn: &mut AnyConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, StoreError> {
    let rows: Vec<(Parsed<Uuid>, i64)> = desk_entry::table
        .filter(desk_entry::item_id.eq_any(ids.iter().map(Uuid::to_string)))
        .filter(desk_entry::text.is_not_null())
        .group_by(desk_entry::item_id)
        .select((desk_entry::item_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, count)| (id.0, count)).collect())
}

/// What was done with an item, the newest first: at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn entries(conn: &mut AnyConnection, id: Uuid, limit: i64) -> Result<Vec<Entry>, StoreError> {
    type Row = (Coded<DeskDeed>, String, NaiveDateTime, Option<String>);
    let rows: Vec<Row> = desk_entry::table
        .inner_join(account::table)
        .filter(desk_entry::item_id.eq(id.to_string()))
        .order((desk_entry::at.desc(), desk_entry::id.desc()))
        .limit(limit)
        .select((desk_entry::deed, account::name, desk_entry::at, desk_entry::text))
        .load(conn)?;
    let read = |(deed, name, at, text): Row| Entry {
        deed: deed.0,
        name,
        at: at.and_utc(),
        text,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Has an officer see to an item, in the place of the claim that was seen.
///
/// # Errors
/// [`StoreError::Stale`] where that claim is not there any more, [`StoreError::Duplicate`] where another came first.
pub fn claim(
    conn: &mut AnyConnection,
    id: Uuid,
    by: Uuid,
    seen: Option<&Claim>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    if let Some(seen) = seen {
        release(conn, id, seen)?;
    }
    diesel::insert_into(desk_claim::table)
        .values((
            desk_claim::item_id.eq(id.to_string()),
            desk_claim::account_id.eq(by.to_string()),
            desk_claim::claimed_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends the claim that was seen.
///
/// # Errors
/// [`StoreError::Stale`] where it is not there any more.
pub fn release(conn: &mut AnyConnection, id: Uuid, seen: &Claim) -> Result<(), StoreError> {
    let ended = diesel::delete(desk_claim::table.find(id.to_string()))
        .filter(desk_claim::account_id.eq(seen.by.to_string()))
        .filter(desk_claim::claimed_at.eq(seen.at.naive_utc()))
        .execute(conn)?;
    if ended == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Notes what an officer did with an item.
///
/// # Errors
/// When the database fails.
pub fn append(
    conn: &mut AnyConnection,
    id: Uuid,
    by: Uuid,
    (deed, text): (DeskDeed, Option<&str>),
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    diesel::insert_into(desk_entry::table)
        .values((
            desk_entry::id.eq(clock.new_id().to_string()),
            desk_entry::item_id.eq(id.to_string()),
            desk_entry::account_id.eq(by.to_string()),
            desk_entry::at.eq(clock.now().naive_utc()),
            desk_entry::deed.eq(deed.code()),
            desk_entry::text.eq(text),
        ))
        .execute(conn)?;
    Ok(())
}
