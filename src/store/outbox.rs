//! Messages that wait to be sent, written in the transaction of the change that they are about.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, outbox};
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::message::{Message, Recipient};
use diesel::prelude::*;

/// Puts a message; one that was put for the same event and address before is left as it is.
///
/// # Errors
/// When the database fails.
pub fn put(conn: &mut AnyConnection, message: &Message, clock: &dyn Clock) -> Result<(), StoreError> {
    let (account_id, email) = match &message.to {
        Recipient::Address(email) => (None, email.clone()),
        Recipient::Account(id) => {
            let email = account::table.find(id.to_string()).select(account::email).first(conn)?;
            (Some(id.to_string()), email)
        }
    };
    let told = outbox::table
        .filter(outbox::event.eq(&message.event))
        .filter(outbox::email.eq(&email));
    if told.count().get_result::<i64>(conn)? > 0 {
        return Ok(());
    }
    let now = clock.now().naive_utc();
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(clock.new_id().to_string()),
            outbox::event.eq(&message.event),
            outbox::account_id.eq(account_id),
            outbox::email.eq(email),
            outbox::topic.eq(message.topic.code()),
            outbox::parameters.eq(serde_json::to_string(&message.parameters).map_err(StoreError::database)?),
            outbox::link.eq(message.link.as_deref()),
            outbox::state.eq("waiting"),
            outbox::tries.eq(0),
            outbox::due_at.eq(now),
            outbox::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}
