//! How requests end, and are kept from ending: withdrawn, expired, unserved; extended.
//!
//! What closes a request lapses its live offers, cancels its referrals and tells everyone, in one transaction.

use super::consents::{about, tell};
use super::telling::{lapsed, tell_enterprise};
use super::{ActionError, Service, may_do, may_see};
use crate::clock::{Clock, civil_day};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::message::Topic;
use crate::domain::offer::LapseReason;
use crate::domain::referral::{ReferralEnd, ReferralEvent};
use crate::domain::request::{RequestEnd, RequestEvent, UnservedReason};
use crate::domain::why::Why;
use crate::store::audit::By;
use crate::store::request_ends::{self, Ending};
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, audit, offers_ending, referral_moves, referrals};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Requests that expire in one turn of the job.
pub const EXPIRED_AT_A_TIME: i64 = 50;

/// Ends a request as the event says, with everything that hangs on it; but for the referral that has come to the
/// contract, which stays answered.
pub(super) fn close(
    conn: &mut AnyConnection,
    by: By<'_>,
    (request, signed): (&StoredRequest, Option<Uuid>),
    event: RequestEvent,
    ending: Ending<'_>,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let next = request.state.next(event)?;
    request_ends::close(conn, request.into(), next, ending, clock.now())?;
    let entry = AuditEntry {
        action: AuditAction::RequestClosed,
        subject: format!("request:{}", request.id),
        before: Some(request.state.to_string()),
        after: Some(match ending.unserved {
            Some(why) => format!("{next} {} {}", ending.reason, why.reason),
            None => format!("{next} {}", ending.reason),
        }),
    };
    audit::append_by(conn, by, &entry, clock)?;
    let offers = offers_ending::lapse_of_request(conn, request.id, LapseReason::RequestClosed, clock)?;
    lapsed(conn, by, &offers, LapseReason::RequestClosed, clock)?;
    cancel_referrals(conn, by, (request, signed), ending.reason, clock)?;
    let words = [("reason", ending.reason.label().to_owned())];
    let event = format!("request:{}:closed", request.id);
    tell_enterprise(conn, request, Topic::RequestClosed, event, &words, clock)?;
    Ok(())
}

fn cancel_referrals(
    conn: &mut AnyConnection,
    by: By<'_>,
    (request, signed): (&StoredRequest, Option<Uuid>),
    reason: RequestEnd,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let scope = Scope::District(request.district_code.clone());
    for referral in referrals::of_request(conn, &scope, request.id)? {
        if Some(referral.id) == signed {
            continue;
        }
        // What was declined or cancelled before has ended already.
        let Ok(next) = referral.state.next(ReferralEvent::Close) else {
            continue;
        };
        referral_moves::end(conn, &referral, next, ReferralEnd::RequestClosed, clock)?;
        let entry = AuditEntry {
            action: AuditAction::ReferralCancelled,
            subject: format!("referral:{}", referral.id),
            before: Some(referral.state.to_string()),
            after: Some(format!("{next} {}", ReferralEnd::RequestClosed)),
        };
        audit::append_by(conn, by, &entry, clock)?;
        // A bank for which it was kept, or to which it was only proposed, never knew of it.
        if referral.sent_at.is_some() {
            let mut told = about(&referral, Topic::ReferralEnded, &request.number);
            told.parameters.insert("reason".to_owned(), reason.label().to_owned());
            tell(conn, referral.bank_id, &told, clock)?;
        }
    }
    Ok(())
}

/// The enterprise no longer wants it.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Refused`] where it is not open.
pub fn withdraw(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredRequest, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    service.store.write(|conn| {
        let request = requests::by_id(conn, &visible, id)?;
        may_do(actor, Right::WriteRequests)?;
        let ending = Ending {
            reason: RequestEnd::Withdrawn,
            unserved: None,
        };
        let clock = service.clock.as_ref();
        close(
            conn,
            By::User(actor),
            (&request, None),
            RequestEvent::Withdraw,
            ending,
            clock,
        )?;
        Ok(requests::by_id(conn, &visible, id)?)
    })
}

/// An officer ends it: nobody can serve it, and why.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Refused`] where it is not open,
/// [`ActionError::Invalid`] where `other` has no words.
pub fn mark_unserved(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    reason: UnservedReason,
    text: Option<&str>,
) -> Result<StoredRequest, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    service.store.write(|conn| {
        let request = requests::by_id(conn, &visible, id)?;
        may_do(actor, Right::ServeRequests)?;
        request.state.next(RequestEvent::MarkUnserved)?;
        let why = Why::parse(reason, text)?;
        let ending = Ending {
            reason: RequestEnd::Unserved,
            unserved: Some(&why),
        };
        let (by, clock) = (By::User(actor), service.clock.as_ref());
        close(conn, by, (&request, None), RequestEvent::MarkUnserved, ending, clock)?;
        Ok(requests::by_id(conn, &visible, id)?)
    })
}

/// The enterprise keeps it open for as long from today as a new one would be.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Refused`] where it is not open.
pub fn extend(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredRequest, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let request = requests::by_id(conn, &visible, id)?;
        may_do(actor, Right::WriteRequests)?;
        request.state.next(RequestEvent::Extend)?;
        let until = clock.today().plus_days(i64::from(service.settings.desk.request_days));
        requests::extend(conn, (&request).into(), until)?;
        let entry = AuditEntry {
            action: AuditAction::RequestExtended,
            subject: format!("request:{id}"),
            before: request.expires_on.map(|day| day.to_string()),
            after: Some(until.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        let words = [("until", until.to_string())];
        let event = format!("request:{id}:{}:extended", request.version);
        tell_enterprise(conn, &request, Topic::RequestExtended, event, &words, clock)?;
        Ok(requests::by_id(conn, &visible, id)?)
    })
}

/// How many requests have expired.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, crate::store::StoreError> {
    request_ends::count_expired(conn, civil_day(now))
}

/// Ends the requests whose last day is over, each in a transaction of its own; tells how many.
///
/// # Errors
/// When the database fails.
pub fn expire(service: &Service) -> Result<i64, ActionError> {
    let clock = service.clock.as_ref();
    let over = service
        .store
        .read(|conn| request_ends::expired(conn, clock.today(), EXPIRED_AT_A_TIME))?;
    let ending = Ending {
        reason: RequestEnd::Expired,
        unserved: None,
    };
    let mut handled = 0;
    for request in over {
        let by = By::Service(&request.district_code);
        let closed = service
            .store
            .write(|conn| close(conn, by, (&request, None), RequestEvent::Expire, ending, clock));
        match closed {
            // It was extended, or ended otherwise, just now.
            Err(ActionError::Stale) => {}
            other => other?,
        }
        handled += 1;
    }
    Ok(handled)
}
