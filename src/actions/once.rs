//! Doing something once, however often it is asked for with the same Idempotency-Key.
//!
//! The result is kept in the transaction that does it, so a crash leaves both or neither. Keys are kept
//! for a day; what is older is forgotten with the next one that is kept.

use super::{ActionError, Service};
use crate::domain::invalid::{Problem, Rule};
use crate::store::{AnyConnection, once};
use chrono::TimeDelta;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::store::once::OnceKey;

/// How long a key is remembered.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// Runs a transaction, or gives what it came to when it ran with this key before.
///
/// # Errors
/// The transaction's; [`ActionError::Invalid`] where the key was used for something else.
pub fn write<T: Serialize + DeserializeOwned>(
    service: &Service,
    key: Option<&OnceKey>,
    mut body: impl FnMut(&mut AnyConnection) -> Result<T, ActionError>,
) -> Result<T, ActionError> {
    let Some(key) = key else {
        return service.store.write(body);
    };
    service.store.write(|conn| {
        if let Some((body_hash, result)) = once::find(conn, key)? {
            if body_hash != key.body_hash {
                let rule = Rule::Duplicate(key.key.clone());
                return Err(Problem {
                    field: "Idempotency-Key".to_owned(),
                    rule,
                }
                .into());
            }
            return serde_json::from_str(&result).map_err(ActionError::internal);
        }
        let value = body(conn)?;
        let now = service.clock.now();
        once::delete_before(conn, now - REMEMBERED)?;
        once::keep(
            conn,
            key,
            &serde_json::to_string(&value).map_err(ActionError::internal)?,
            now,
        )?;
        Ok(value)
    })
}
