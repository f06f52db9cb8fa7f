//! Telling people of a change to a request: its enterprise, the officers of its district, and its banks.

use super::consents::{Telling, tell, tell_each};
use crate::clock::Clock;
use crate::domain::actor::Role;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::message::Topic;
use crate::domain::offer::{LapseReason, OfferState};
use crate::store::audit::By;
use crate::store::offers_ending::Lapsed;
use crate::store::referrals::StoredReferral;
use crate::store::requests::StoredRequest;
use crate::store::{AnyConnection, StoreError, accounts, audit, organisations};
use std::collections::BTreeMap;

/// What the texts fill in, by name, beside the request's number.
pub(super) type Words<'a> = [(&'a str, String)];

fn parameters(number: &str, words: &Words<'_>) -> BTreeMap<String, String> {
    let given = words.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    given
        .chain(std::iter::once(("number".to_owned(), number.to_owned())))
        .collect()
}

/// Tells every active user of the request's enterprise; `event` names the change.
pub(super) fn tell_enterprise(
    conn: &mut AnyConnection,
    request: &StoredRequest,
    topic: Topic,
    event: String,
    words: &Words<'_>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let what = Telling {
        event,
        topic,
        parameters: parameters(&request.number, words),
        link: format!("/enterprise/requests/{}", request.id),
    };
    let whom = accounts::active_of_enterprise(conn, request.enterprise_id)?;
    tell_each(conn, whom, &what, clock)
}

/// Tells the officers of the request's district; `event` names the change.
pub(super) fn tell_officers(
    conn: &mut AnyConnection,
    request: &StoredRequest,
    topic: Topic,
    event: String,
    words: &Words<'_>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let centre = match organisations::centre(conn, &request.district_code) {
        Ok(centre) => centre,
        // A district can be without a centre while it is being set up.
        Err(StoreError::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    let what = Telling {
        event,
        topic,
        parameters: parameters(&request.number, words),
        link: format!("/centre/requests/{}", request.id),
    };
    let whom = accounts::active_with_role(conn, centre.id, Role::Officer)?;
    tell_each(conn, whom, &what, clock)
}

/// Names a change of a referral. One that is begun or sent again has a higher version.
pub(super) fn event_of(referral: &StoredReferral, topic: Topic) -> String {
    format!("referral:{}:{}:{topic}", referral.id, referral.version)
}

/// Notes in the log that offers lapsed, and tells their banks.
pub(super) fn lapsed(
    conn: &mut AnyConnection,
    by: By<'_>,
    offers: &[Lapsed],
    reason: LapseReason,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    for offer in offers {
        let entry = AuditEntry {
            action: AuditAction::OfferLapsed,
            subject: format!("offer:{}", offer.id),
            before: Some(offer.before.to_string()),
            after: Some(format!("{} {reason}", OfferState::Lapsed)),
        };
        audit::append_by(conn, by, &entry, clock)?;
        let what = Telling {
            event: format!("offer:{}:{}:lapsed", offer.id, offer.version),
            topic: Topic::OfferLapsed,
            parameters: parameters(&offer.number, &[("reason", reason.label().to_owned())]),
            link: format!("/bank/referrals/{}", offer.referral_id),
        };
        tell(conn, offer.bank_id, &what, clock)?;
    }
    Ok(())
}
