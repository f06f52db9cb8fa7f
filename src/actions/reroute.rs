//! When a bank stays silent or declines, the next one in reserve is called, in the enterprise's order; where there is
//! none the request goes to the centre's desk.

use super::consents::{about, tell};
use super::deadlines::answer_by;
use super::telling::{event_of, tell_enterprise, tell_officers};
use super::{ActionError, Service, may_do, may_see};
use crate::clock::civil_day;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::message::Topic;
use crate::domain::referral::{ReferralEvent, ReferralState};
use crate::domain::request::RequestEvent;
use crate::store::audit::By;
use crate::store::referrals::{self, StoredReferral};
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, StoreError, audit, needs_centre, referral_moves, reroutes};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Referrals that become overdue in one turn of the job.
pub const EXPIRED_AT_A_TIME: i64 = 50;

/// Calls the next in reserve instead of `gone`, which stays silent or declines; tells the officers where nobody is
/// left. A request that is not open has no need of it.
pub(super) fn call_next(
    service: &Service,
    conn: &mut AnyConnection,
    by: By<'_>,
    request: &StoredRequest,
    gone: &StoredReferral,
) -> Result<(), ActionError> {
    if request.state.next(RequestEvent::Refer).is_err() {
        return Ok(());
    }
    let clock = service.clock.as_ref();
    let Some(next) = reroutes::first_in_reserve(conn, request.id, clock.today())? else {
        return ask_centre(service, conn, request, gone);
    };
    call(service, conn, by, request, &next)?;
    let why = match gone.state {
        ReferralState::Declined => "已婉拒",
        _ => "未按期答复",
    };
    let words = [
        ("bank", next.bank_name.clone()),
        ("before", gone.bank_name.clone()),
        ("why", why.to_owned()),
    ];
    let event = event_of(&next, Topic::ReferralCalled);
    tell_enterprise(conn, request, Topic::ReferralCalled, event, &words, clock)?;
    Ok(())
}

fn ask_centre(
    service: &Service,
    conn: &mut AnyConnection,
    request: &StoredRequest,
    gone: &StoredReferral,
) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    if needs_centre::among(conn, &[request.id], clock.today())?.is_empty() {
        return Ok(());
    }
    let words = [("enterprise", request.enterprise_name.clone())];
    let event = event_of(gone, Topic::RequestNeedsCentre);
    tell_officers(conn, request, Topic::RequestNeedsCentre, event, &words, clock)?;
    Ok(())
}

/// Sends one from the reserve to its bank.
fn call(
    service: &Service,
    conn: &mut AnyConnection,
    by: By<'_>,
    request: &StoredRequest,
    kept: &StoredReferral,
) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let next = kept.state.next(ReferralEvent::Call)?;
    let consent_id = kept.consent_id.ok_or(StoreError::Stale)?;
    let due_on = answer_by(conn, service, &request.district_code)?;
    referral_moves::send(conn, kept, consent_id, due_on, clock)?;
    let entry = AuditEntry {
        action: AuditAction::ReferralSent,
        subject: format!("referral:{}", kept.id),
        before: Some(kept.state.to_string()),
        after: Some(next.to_string()),
    };
    audit::append_by(conn, by, &entry, clock)?;
    let received = about(kept, Topic::ReferralReceived, &request.number);
    tell(conn, kept.bank_id, &received, clock)?;
    Ok(())
}

/// The enterprise sends one that it had kept in reserve.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Refused`] for one that is not in
/// reserve or whose request is not open or whose consent has ended.
pub fn send_kept(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredReferral, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    service.store.write(|conn| {
        let kept = referrals::visible_by_id(conn, &visible, id)?;
        may_do(actor, Right::GiveConsent)?;
        let request = requests::by_id(conn, &visible, kept.request_id)?;
        request.state.next(RequestEvent::Refer)?;
        kept.state.next(ReferralEvent::Call)?;
        if !reroutes::has_consent(conn, id, service.clock.today())? {
            return Err(ActionError::Stale);
        }
        call(service, conn, By::User(actor), &request, &kept)?;
        Ok(referrals::visible_by_id(conn, &visible, id)?)
    })
}

/// How many referrals have become overdue.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    reroutes::count_overdue(conn, civil_day(now))
}

/// Marks what was not answered in time as overdue, and calls the next in reserve, each in a transaction of its own;
/// tells how many.
///
/// # Errors
/// When the database fails.
pub fn expire(service: &Service) -> Result<i64, ActionError> {
    let today = service.clock.today();
    let due = service
        .store
        .read(|conn| reroutes::overdue(conn, today, EXPIRED_AT_A_TIME))?;
    let mut handled = 0;
    for (referral, district) in due {
        match service
            .store
            .write(|conn| expire_one(service, conn, &referral, &district))
        {
            // The bank answered, or the enterprise ended it, just now.
            Err(ActionError::Stale) => {}
            other => other?,
        }
        handled += 1;
    }
    Ok(handled)
}

fn expire_one(
    service: &Service,
    conn: &mut AnyConnection,
    silent: &StoredReferral,
    district: &str,
) -> Result<(), ActionError> {
    let (clock, by) = (service.clock.as_ref(), By::Service(district));
    let next = silent.state.next(ReferralEvent::Expire)?;
    referral_moves::expire(conn, silent, next)?;
    let entry = AuditEntry {
        action: AuditAction::ReferralOverdue,
        subject: format!("referral:{}", silent.id),
        before: Some(silent.state.to_string()),
        after: Some(next.to_string()),
    };
    audit::append_by(conn, by, &entry, clock)?;
    let scope = Scope::District(district.to_owned());
    let request = requests::by_id(conn, &scope, silent.request_id)?;
    let until = silent.due_on.map_or_else(String::new, |day| day.to_string());
    let mut told = about(silent, Topic::ReferralOverdue, &request.number);
    told.parameters.insert("until".to_owned(), until.clone());
    tell(conn, silent.bank_id, &told, clock)?;
    let words = [("bank", silent.bank_name.clone()), ("until", until)];
    let (topic, event) = (Topic::ReferralUnanswered, event_of(silent, Topic::ReferralUnanswered));
    tell_enterprise(conn, &request, topic, event.clone(), &words, clock)?;
    tell_officers(conn, &request, topic, event, &words, clock)?;
    let gone = StoredReferral {
        state: next,
        ..silent.clone()
    };
    call_next(service, conn, by, &request, &gone)
}
