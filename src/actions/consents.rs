//! An enterprise's consents: which bank may read what, and taking that back at once.

use super::telling::lapsed;
use super::{ActionError, Service, may_do, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::offer::LapseReason;
use crate::domain::place::Place;
use crate::domain::referral::{ReferralEnd, ReferralEvent};
use crate::store::audit::By;
use crate::store::referrals::StoredReferral;
use crate::store::{
    AnyConnection, StoreError, accounts, audit, consents, offers_ending, outbox, referral_moves, referrals,
};
use std::collections::BTreeMap;
use uuid::Uuid;

pub use crate::store::consents::StoredConsent;

/// The consents of the actor's enterprise, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] for who gives none.
pub fn list(
    service: &Service,
    actor: &Actor,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredConsent>, ActionError> {
    let scope = may_see(actor, Right::ViewConsents)?;
    Ok(service.store.read(|conn| consents::list(conn, &scope, before, limit))?)
}

/// One consent.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's enterprise has none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredConsent, ActionError> {
    let scope = may_see(actor, Right::ViewConsents)?;
    Ok(service.store.read(|conn| consents::by_id(conn, &scope, id))?)
}

/// Takes a consent back: from the moment that this is answered the bank reads nothing more, and its
/// referral is cancelled, in the same transaction.
///
/// # Errors
/// [`ActionError::Stale`] where it was taken back already, [`ActionError::Forbidden`] for a user who only reads.
pub fn revoke(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredConsent, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let visible = may_see(actor, Right::ViewConsents)?;
        let consent = consents::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::GiveConsent)?;
        consents::revoke(conn, &scope, id, consent.version, actor.user_id, clock)?;
        let entry = AuditEntry {
            action: AuditAction::ConsentRevoked,
            subject: format!("consent:{id}"),
            before: None,
            after: None,
        };
        audit::append(conn, actor, &entry, clock)?;
        tell(conn, actor.organisation_id, &revoked(&consent), clock)?;
        cancel(conn, actor, &scope, &consent, clock)?;
        Ok(consents::by_id(conn, &scope, id)?)
    })
}

/// Cancels the referral that rested on a consent, and tells the bank.
fn cancel(
    conn: &mut AnyConnection,
    actor: &Actor,
    scope: &Scope,
    consent: &StoredConsent,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let Some(referral) = referrals::of_consent(conn, scope, consent.id)? else {
        return Ok(());
    };
    // A referral that has ended has nothing to cancel; the consent is taken back all the same.
    let Ok(next) = referral.state.next(ReferralEvent::Revoke) else {
        return Ok(());
    };
    referral_moves::end(conn, &referral, next, ReferralEnd::Revoked, clock)?;
    let offers = offers_ending::lapse_of_referral(conn, referral.id, LapseReason::Revoked, clock)?;
    lapsed(conn, By::User(actor), &offers, LapseReason::Revoked, clock)?;
    let entry = AuditEntry {
        action: AuditAction::ReferralCancelled,
        subject: format!("referral:{}", referral.id),
        before: Some(referral.state.to_string()),
        after: Some(next.to_string()),
    };
    audit::append(conn, actor, &entry, clock)?;
    // A bank for which it was kept in reserve never knew of it.
    if referral.sent_at.is_some() {
        let cancelled = about(&referral, Topic::ReferralCancelled, &consent.request_number);
        tell(conn, referral.bank_id, &cancelled, clock)?;
    }
    Ok(())
}

fn revoked(consent: &StoredConsent) -> Telling {
    Telling {
        event: format!("consent:{}:revoked", consent.id),
        topic: Topic::ConsentRevoked,
        parameters: BTreeMap::from([
            ("number".to_owned(), consent.request_number.clone()),
            ("bank".to_owned(), consent.bank_name.clone()),
        ]),
        link: "/enterprise/consents".to_owned(),
    }
}

/// What every user of an organisation is told.
pub(super) struct Telling {
    pub(super) event: String,
    pub(super) topic: Topic,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) link: String,
}

/// What a bank is told of a referral: that it came or went, by its number, without a word on the enterprise.
pub(super) fn about(referral: &StoredReferral, topic: Topic, number: &str) -> Telling {
    Telling {
        // A referral that is sent again has a higher version.
        event: format!("referral:{}:{}:{topic}", referral.id, referral.version),
        topic,
        parameters: BTreeMap::from([("number".to_owned(), number.to_owned())]),
        link: format!("/bank/referrals/{}", referral.id),
    }
}

/// Tells every active user of an organisation.
pub(super) fn tell(
    conn: &mut AnyConnection,
    organisation_id: Uuid,
    what: &Telling,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let all = accounts::active_of(conn, organisation_id)?;
    tell_each(conn, all, what, clock)
}

/// Tells these users.
pub(super) fn tell_each(
    conn: &mut AnyConnection,
    whom: Vec<Uuid>,
    what: &Telling,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    for account in whom {
        let message = Message {
            event: what.event.clone(),
            to: Recipient::Account(account),
            topic: what.topic,
            parameters: what.parameters.clone(),
            link: Some(what.link.clone()),
        };
        outbox::put(conn, &message, clock)?;
    }
    Ok(())
}
