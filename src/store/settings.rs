//! The versions of the settings that are changed while the service runs.

use super::columns::Json;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, setting_version};
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::setting::SettingPart;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// The settings of a part, and which version of them it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<R> {
    /// From 1.
    pub version: i32,
    /// The settings.
    pub rules: R,
}

/// A change of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed<R> {
    /// The version that it made.
    pub version: i32,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was before.
    pub before: R,
    /// What is from then on.
    pub after: R,
}

/// The newest version of a part of a district's settings; none where nothing was changed.
///
/// # Errors
/// When the database fails.
pub fn newest<R: DeserializeOwned + 'static>(
    conn: &mut AnyConnection,
    district_code: &str,
    part: SettingPart,
) -> Result<Option<Kept<R>>, StoreError> {
    let row: Option<(i32, Json<R>)> = setting_version::table
        .filter(setting_version::district_code.eq(district_code))
        .filter(setting_version::part.eq(part.code()))
        .order(setting_version::version.desc())
        .select((setting_version::version, setting_version::document))
        .first(conn)
        .optional()?;
    Ok(row.map(|(version, rules)| Kept {
        version,
        rules: rules.0,
    }))
}

/// The changes of a part, the newest first: at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn changes<R: DeserializeOwned + 'static>(
    conn: &mut AnyConnection,
    district_code: &str,
    part: SettingPart,
    limit: i64,
) -> Result<Vec<Changed<R>>, StoreError> {
    type Row<R> = (i32, String, NaiveDateTime, (Json<R>, Json<R>));
    let rows: Vec<Row<R>> = setting_version::table
        .inner_join(account::table)
        .filter(setting_version::district_code.eq(district_code))
        .filter(setting_version::part.eq(part.code()))
        .order(setting_version::version.desc())
        .limit(limit)
        .select((
            setting_version::version,
            account::name,
            setting_version::changed_at,
            (setting_version::before, setting_version::document),
        ))
        .load(conn)?;
    let read = |(version, by, at, (before, after)): Row<R>| Changed {
        version,
        by,
        at: at.and_utc(),
        before: before.0,
        after: after.0,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A change, to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewChange<'a, R> {
    /// Of which district.
    pub district_code: &'a str,
    /// Of which part.
    pub part: SettingPart,
    /// The version that it makes.
    pub version: i32,
    /// What was before.
    pub before: &'a R,
    /// What is from now on.
    pub after: &'a R,
    /// Who makes it.
    pub by: Uuid,
}

/// Keeps a change.
///
/// # Errors
/// [`StoreError::Duplicate`] where another made this version first.
pub fn insert<R: Serialize>(
    conn: &mut AnyConnection,
    new: &NewChange<'_, R>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let json = |rules: &R| serde_json::to_string(rules).map_err(StoreError::database);
    diesel::insert_into(setting_version::table)
        .values((
            setting_version::district_code.eq(new.district_code),
            setting_version::part.eq(new.part.code()),
            setting_version::version.eq(new.version),
            setting_version::document.eq(json(new.after)?),
            setting_version::before.eq(json(new.before)?),
            setting_version::changed_by.eq(new.by.to_string()),
            setting_version::changed_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}
