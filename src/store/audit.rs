//! The audit log: rows are appended in the transaction of what they tell of, and never changed.
//!
//! Reading, sealing and searching are `audit_log`'s.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::audit;
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// Appends what an actor did.
///
/// # Errors
/// When the database fails; what the entry tells of is then undone with it.
pub fn append(
    conn: &mut AnyConnection,
    actor: &Actor,
    entry: &AuditEntry,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let who = (
        audit::account_id.eq(Some(actor.user_id.to_string())),
        audit::organisation_id.eq(Some(actor.organisation_id.to_string())),
        audit::district_code.eq(actor.district_code.as_str()),
        audit::origin.eq(actor.origin.as_deref()),
    );
    diesel::insert_into(audit::table)
        .values((who, what(entry, clock)))
        .execute(conn)?;
    Ok(())
}

/// Appends what somebody did of whom only the address is known. It belongs to no district: the
/// administrators of all of them see it.
///
/// # Errors
/// When the database fails.
pub fn append_unknown(
    conn: &mut AnyConnection,
    origin: Option<&str>,
    entry: &AuditEntry,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let who = (audit::district_code.eq(""), audit::origin.eq(origin));
    diesel::insert_into(audit::table)
        .values((who, what(entry, clock)))
        .execute(conn)?;
    Ok(())
}

/// How often the users of an organisation did something since an instant.
///
/// # Errors
/// When the database fails.
pub fn count_since(
    conn: &mut AnyConnection,
    organisation_id: Uuid,
    action: AuditAction,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let done = audit::table
        .filter(audit::at.ge(since.naive_utc()))
        .filter(audit::action.eq(action.code()))
        .filter(audit::organisation_id.eq(organisation_id.to_string()));
    Ok(done.count().get_result(conn)?)
}

/// Who did something: a user, or the service by itself because a day has come.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A user.
    User(&'a Actor),
    /// The service, in the district with this code.
    Service(&'a str),
}

/// Appends what a user or the service by itself did.
///
/// # Errors
/// When the database fails; what the entry tells of is then undone with it.
pub fn append_by(
    conn: &mut AnyConnection,
    by: By<'_>,
    entry: &AuditEntry,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let district_code = match by {
        By::User(actor) => return append(conn, actor, entry, clock),
        By::Service(district_code) => district_code,
    };
    diesel::insert_into(audit::table)
        .values((audit::district_code.eq(district_code), what(entry, clock)))
        .execute(conn)?;
    Ok(())
}

/// A department's own system that acts by its key.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// The department.
    pub organisation_id: Uuid,
    /// The district it belongs to.
    pub district_code: &'a str,
    /// From which address.
    pub origin: Option<&'a str>,
}

/// Appends what a department's own system did.
///
/// # Errors
/// When the database fails; what the entry tells of is then undone with it.
pub fn append_machine(
    conn: &mut AnyConnection,
    by: Machine<'_>,
    entry: &AuditEntry,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let who = (
        audit::organisation_id.eq(Some(by.organisation_id.to_string())),
        audit::district_code.eq(by.district_code),
        audit::origin.eq(by.origin),
    );
    diesel::insert_into(audit::table)
        .values((who, what(entry, clock)))
        .execute(conn)?;
    Ok(())
}

type What<'a> = (
    diesel::dsl::Eq<audit::id, String>,
    diesel::dsl::Eq<audit::at, chrono::NaiveDateTime>,
    diesel::dsl::Eq<audit::action, &'static str>,
    diesel::dsl::Eq<audit::subject, &'a str>,
    diesel::dsl::Eq<audit::before, Option<&'a str>>,
    diesel::dsl::Eq<audit::after, Option<&'a str>>,
);

fn what<'a>(entry: &'a AuditEntry, clock: &dyn Clock) -> What<'a> {
    (
        audit::id.eq(clock.new_id().to_string()),
        audit::at.eq(clock.now().naive_utc()),
        audit::action.eq(entry.action.code()),
        audit::subject.eq(entry.subject.as_str()),
        audit::before.eq(entry.before.as_deref()),
        audit::after.eq(entry.after.as_deref()),
    )
}
