//! What a bank does with what it was sent, short of an offer: it declines, or goes on after a fall-through.

use super::deadlines::answer_by;
use super::reroute::call_next;
use super::telling::{event_of, tell_enterprise};
use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::message::Topic;
use crate::domain::referral::{DeclineReason, ReferralEnd, ReferralEvent, ReferralState};
use crate::domain::request::RequestEvent;
use crate::domain::why::Why;
use crate::store::audit::By;
use crate::store::referrals::{self, StoredReferral};
use crate::store::{audit, referral_moves, requests, reroutes};
use uuid::Uuid;

/// The bank makes no offer, and says why. Declined in time, the next in reserve is called; after its time that was done
/// when the time was over.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's bank has none with this id, [`ActionError::Refused`] where it has
/// answered already or the referral has ended, [`ActionError::Invalid`] where `other` has no words.
pub fn decline(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    reason: DeclineReason,
    text: Option<&str>,
) -> Result<StoredReferral, ActionError> {
    let visible = may_see(actor, Right::ViewReferrals)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let old = referrals::by_id(conn, &visible, id)?;
        may_do(actor, Right::AnswerReferrals)?;
        let next = old.state.next(ReferralEvent::Decline)?;
        let why = Why::parse(reason, text)?;
        referral_moves::answer(conn, &old, next, Some(&why), clock)?;
        let entry = AuditEntry {
            action: AuditAction::ReferralDeclined,
            subject: format!("referral:{id}"),
            before: Some(old.state.to_string()),
            after: Some(format!("{next} {}", why.reason)),
        };
        audit::append(conn, actor, &entry, clock)?;
        let declined = referrals::by_id(conn, &visible, id)?;
        let district_code = reroutes::district_of(conn, id)?;
        let scope = Scope::District(district_code.clone());
        let request = requests::by_id(conn, &scope, old.request_id)?;
        let words = [
            ("bank", old.bank_name.clone()),
            ("reason", why.reason.label().to_owned()),
        ];
        let event = event_of(&declined, Topic::ReferralDeclined);
        tell_enterprise(conn, &request, Topic::ReferralDeclined, event, &words, clock)?;
        if ReferralState::WAITING.contains(&old.state) {
            call_next(service, conn, By::User(actor), &request, &declined)?;
        }
        Ok(declined)
    })
}

/// The bank goes on with what an acceptance had cancelled that has fallen through since; it must still have the
/// enterprise's consent, and its clock starts anew.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's bank has none with this id, or the consent has ended;
/// [`ActionError::Refused`] where something else ended it, or the request is not open again.
pub fn take_up(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredReferral, ActionError> {
    let visible = may_see(actor, Right::ViewReferrals)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let old = referrals::by_id(conn, &visible, id)?;
        may_do(actor, Right::AnswerReferrals)?;
        let next = old.state.next(ReferralEvent::TakeUp)?;
        let district_code = reroutes::district_of(conn, id)?;
        let scope = Scope::District(district_code.clone());
        let request = requests::by_id(conn, &scope, old.request_id)?;
        request.state.next(RequestEvent::Refer)?;
        let consent_id = old.consent_id.ok_or(ActionError::NotFound)?;
        if old.end != Some(ReferralEnd::AcceptedElsewhere) || !reroutes::has_consent(conn, id, clock.today())? {
            return Err(ActionError::NotFound);
        }
        let due_on = answer_by(conn, service, &district_code)?;
        referral_moves::send(conn, &old, consent_id, due_on, clock)?;
        let entry = AuditEntry {
            action: AuditAction::ReferralTakenUp,
            subject: format!("referral:{id}"),
            before: Some(old.state.to_string()),
            after: Some(next.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        let taken = referrals::by_id(conn, &visible, id)?;
        let words = [("bank", taken.bank_name.clone())];
        let event = event_of(&taken, Topic::ReferralTakenUp);
        tell_enterprise(conn, &request, Topic::ReferralTakenUp, event, &words, clock)?;
        Ok(taken)
    })
}
