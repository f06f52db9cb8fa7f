//! The audit's lines of offers, and who is told what of them.

use super::super::consents::{Telling, tell, tell_each};
use crate::clock::Clock;
use crate::domain::actor::Role;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::message::Topic;
use crate::domain::offer::OfferState;
use crate::store::audit::By;
use crate::store::offers::StoredOffer;
use crate::store::{AnyConnection, StoreError, accounts, audit, organisations};
use std::collections::BTreeMap;

/// Notes a change of an offer: from its state to `next`, and what else is to be said of it.
pub(in crate::actions) fn note(
    conn: &mut AnyConnection,
    by: By<'_>,
    offer: &StoredOffer,
    (action, next): (AuditAction, OfferState),
    also: &str,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let after = format!("{next} {also}");
    let entry = AuditEntry {
        action,
        subject: format!("offer:{}", offer.id),
        before: Some(offer.state.to_string()),
        after: Some(after.trim_end().to_owned()),
    };
    audit::append_by(conn, by, &entry, clock)
}

/// To whom a message about an offer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Every active user of its bank.
    Bank,
    /// Every active user of its enterprise.
    Enterprise,
    /// The officers of its district.
    Desk,
}

/// Tells one side of a change that left the offer in its version of now. Every text may name the offer's number, the
/// request's number, the bank, and what `words` fill in; the desk's also the enterprise.
pub(super) fn tell_side(
    conn: &mut AnyConnection,
    offer: &StoredOffer,
    side: Side,
    topic: Topic,
    words: &[(&str, String)],
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let mut parameters: BTreeMap<String, String> = words
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    parameters.insert("number".to_owned(), offer.number.clone());
    parameters.insert("request".to_owned(), offer.request_number.clone());
    parameters.insert("bank".to_owned(), offer.bank_name.clone());
    if side == Side::Desk {
        parameters.insert("enterprise".to_owned(), offer.enterprise_name.clone());
    }
    let section = match side {
        Side::Bank => "bank",
        Side::Enterprise => "enterprise",
        Side::Desk => "centre",
    };
    let what = Telling {
        event: format!("offer:{}:{}:{topic}:{section}", offer.id, offer.version),
        topic,
        parameters,
        link: format!("/{section}/offers/{}", offer.id),
    };
    match side {
        Side::Bank => tell(conn, offer.bank_id, &what, clock),
        Side::Enterprise => {
            let whom = accounts::active_of_enterprise(conn, offer.enterprise_id)?;
            tell_each(conn, whom, &what, clock)
        }
        Side::Desk => match organisations::centre(conn, &offer.district_code) {
            Ok(centre) => {
                let whom = accounts::active_with_role(conn, centre.id, Role::Officer)?;
                tell_each(conn, whom, &what, clock)
            }
            // A district can be without a centre while it is being set up.
            Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        },
    }
}
