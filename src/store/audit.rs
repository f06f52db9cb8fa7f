//! The audit log: rows are appended in the transaction of what they tell of, and never changed.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::audit;
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::audit::AuditEntry;
use crate::domain::codes::Code;
use diesel::prelude::*;

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
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(clock.new_id().to_string()),
            audit::at.eq(clock.now().naive_utc()),
            audit::account_id.eq(Some(actor.user_id.to_string())),
            audit::organisation_id.eq(Some(actor.organisation_id.to_string())),
            audit::district_code.eq(&actor.district_code),
            audit::origin.eq(actor.origin.as_deref()),
            audit::action.eq(entry.action.code()),
            audit::subject.eq(&entry.subject),
            audit::before.eq(entry.before.as_deref()),
            audit::after.eq(entry.after.as_deref()),
        ))
        .execute(conn)?;
    Ok(())
}
