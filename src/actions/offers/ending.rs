//! How offers end, but for the contract: declined, withdrawn, lapsed by time, fallen through.

use super::super::consents::{about, tell};
use super::super::{ActionError, Service, may_do, may_see};
use super::noting::{Side, note, tell_side};
use crate::clock::{Clock, civil_day};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::dispute::checked_text;
use crate::domain::message::Topic;
use crate::domain::offer::{FallenBy, LapseReason, OfferEvent, OfferState};
use crate::domain::referral::{ReferralEnd, ReferralState};
use crate::domain::request::RequestEvent;
use crate::store::audit::By;
use crate::store::offer_moves::{self, Move};
use crate::store::offers::{self, OfferFilter, StoredOffer};
use crate::store::referrals::{self, StoredReferral};
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, StoreError, audit, consents, quota, reroutes};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Offers that the clock ends in one turn of the job, of each kind.
pub const ENDED_AT_A_TIME: i64 = 50;

/// A reason that need not be given, but holds the rules of one where it is.
fn reason(text: Option<&str>) -> Result<Option<String>, ActionError> {
    let given = text.filter(|text| !text.trim().is_empty());
    Ok(given.map(|text| checked_text("reason", text)).transpose()?)
}

/// The enterprise does not take it.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Forbidden`] for who only reads,
/// [`ActionError::Refused`] where it is not forwarded.
pub fn decline(service: &Service, actor: &Actor, id: Uuid, text: Option<&str>) -> Result<StoredOffer, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let offer = offers::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::AcceptOffers)?;
        let next = offer.state.next(OfferEvent::Decline)?;
        let text = reason(text)?;
        offer_moves::move_on(conn, &offer, next, Move::End(text.as_deref()), clock)?;
        note(
            conn,
            By::User(actor),
            &offer,
            (AuditAction::OfferDeclined, next),
            "",
            clock,
        )?;
        let words = [("reason", text.unwrap_or_else(|| "未说明".to_owned()))];
        tell_side(conn, &offer, Side::Bank, Topic::OfferDeclined, &words, clock)?;
        Ok(offers::by_id(conn, &scope, id)?)
    })
}

/// The bank takes it back.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Forbidden`] for another side,
/// [`ActionError::Refused`] once it is accepted or has ended.
pub fn withdraw(service: &Service, actor: &Actor, id: Uuid, text: Option<&str>) -> Result<StoredOffer, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let offer = offers::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::MakeOffers)?;
        let next = offer.state.next(OfferEvent::Withdraw)?;
        let text = reason(text)?;
        offer_moves::move_on(conn, &offer, next, Move::End(text.as_deref()), clock)?;
        note(
            conn,
            By::User(actor),
            &offer,
            (AuditAction::OfferWithdrawn, next),
            "",
            clock,
        )?;
        // What the enterprise has not seen is no news to it.
        if offer.forwarded_at.is_some() {
            tell_side(conn, &offer, Side::Enterprise, Topic::OfferWithdrawn, &[], clock)?;
        }
        Ok(offers::by_id(conn, &scope, id)?)
    })
}

/// An accepted offer comes to no contract, says the enterprise or the bank: the request is open again.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Forbidden`] for who is on neither
/// side, [`ActionError::Refused`] where it is not accepted, [`ActionError::Invalid`] without a reason.
pub fn fall_through(service: &Service, actor: &Actor, id: Uuid, text: &str) -> Result<StoredOffer, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    service.store.write(|conn| {
        let offer = offers::by_id(conn, &visible, id)?;
        let by = if actor.scope(Right::MakeOffers).is_some() {
            FallenBy::Bank
        } else {
            may_do(actor, Right::AcceptOffers)?;
            FallenBy::Enterprise
        };
        offer.state.next(OfferEvent::FallThrough)?;
        let text = checked_text("reason", text)?;
        let user = Some(actor.user_id);
        fell(service, conn, (By::User(actor), user), &offer, (by, Some(&text)))?;
        Ok(offers::by_id(conn, &visible, id)?)
    })
}

/// The offer has fallen through: its quota is given back, its consent ended, its request open again, and the banks whose
/// offers and referrals its acceptance had ended may go on.
fn fell(
    service: &Service,
    conn: &mut AnyConnection,
    (by, user): (By<'_>, Option<Uuid>),
    offer: &StoredOffer,
    (fallen_by, text): (FallenBy, Option<&str>),
) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let next = offer.state.next(OfferEvent::FallThrough)?;
    offer_moves::move_on(conn, offer, next, Move::FallThrough(fallen_by, text), clock)?;
    quota::give_back(conn, offer.product_id, offer.terms.amount_fen.get())?;
    if let Some(id) = offer.contract_consent_id {
        consents::end(conn, id, user, clock)?;
    }
    note(
        conn,
        by,
        offer,
        (AuditAction::OfferFellThrough, next),
        fallen_by.code(),
        clock,
    )?;
    let district = Scope::District(offer.district_code.clone());
    let request = requests::by_id(conn, &district, offer.request_id)?;
    reopen(service, conn, by, &request)?;
    let words = [
        ("by", fallen_by.label().to_owned()),
        ("reason", text.unwrap_or("未说明").to_owned()),
    ];
    for side in [Side::Bank, Side::Enterprise, Side::Desk] {
        tell_side(conn, offer, side, Topic::OfferFellThrough, &words, clock)?;
    }
    tell_others(conn, &district, &request, offer, clock)
}

fn reopen(service: &Service, conn: &mut AnyConnection, by: By<'_>, request: &StoredRequest) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let next = request.state.next(RequestEvent::FallThrough)?;
    let least = clock.today().plus_days(i64::from(service.settings.desk.reopen_days));
    let until = request.expires_on.map_or(least, |day| day.max(least));
    requests::bind(conn, request.into(), next, Some(until))?;
    let entry = AuditEntry {
        action: AuditAction::RequestReopened,
        subject: format!("request:{}", request.id),
        before: Some(request.state.to_string()),
        after: Some(format!("{next} until {until}")),
    };
    Ok(audit::append_by(conn, by, &entry, clock)?)
}

/// Tells the banks that can go on: an offer of theirs lapsed by the acceptance, or their referral was cancelled by it,
/// and the enterprise's consent still holds.
fn tell_others(
    conn: &mut AnyConnection,
    district: &Scope,
    request: &StoredRequest,
    offer: &StoredOffer,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let of_request = OfferFilter {
        request_id: Some(request.id),
        state: Some(OfferState::Lapsed),
        ..OfferFilter::default()
    };
    let lapsed = offers::list(conn, district, of_request, None, i64::from(u16::MAX))?;
    for referral in referrals::of_request(conn, district, request.id)? {
        let may_renew = lapsed
            .iter()
            .any(|one| one.referral_id == referral.id && one.lapse_reason == Some(LapseReason::OtherAccepted));
        let can_go_on = may_renew || is_cancelled_by_it(&referral);
        if can_go_on && referral.id != offer.referral_id && reroutes::has_consent(conn, referral.id, clock.today())? {
            let mut told = about(&referral, Topic::RequestReopened, &request.number);
            // One request can be open again several times, while the referral stays as it is.
            told.event = format!("{}:{}", told.event, offer.id);
            tell(conn, referral.bank_id, &told, clock)?;
        }
    }
    Ok(())
}

fn is_cancelled_by_it(referral: &StoredReferral) -> bool {
    referral.state == ReferralState::Cancelled && referral.end == Some(ReferralEnd::AcceptedElsewhere)
}

/// How many offers the clock has ended.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    offers::count_over(conn, civil_day(now))
}

/// Ends the offers that are over by time, each in a transaction of its own: live ones whose validity is over lapse,
/// accepted ones without a contract fall through. Tells how many.
///
/// # Errors
/// When the database fails.
pub fn expire(service: &Service) -> Result<i64, ActionError> {
    let today = service.clock.today();
    let (lapsing, falling) = service.store.read(|conn| {
        let lapsing = offers::out_of_date(conn, today, ENDED_AT_A_TIME)?;
        Ok::<_, StoreError>((lapsing, offers::unsigned(conn, today, ENDED_AT_A_TIME)?))
    })?;
    let mut handled = 0;
    for offer in lapsing {
        handled += settled(service.store.write(|conn| lapse(service, conn, &offer)))?;
    }
    for offer in falling {
        let by = (By::Service(&offer.district_code), None);
        handled += settled(
            service
                .store
                .write(|conn| fell(service, conn, by, &offer, (FallenBy::Deadline, None))),
        )?;
    }
    Ok(handled)
}

/// One that has moved on just now is done with too.
fn settled(result: Result<(), ActionError>) -> Result<i64, ActionError> {
    match result {
        Ok(()) | Err(ActionError::Stale | ActionError::Refused(_)) => Ok(1),
        Err(error) => Err(error),
    }
}

fn lapse(service: &Service, conn: &mut AnyConnection, offer: &StoredOffer) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let reason = LapseReason::Validity;
    let next = offer.state.next(OfferEvent::Lapse)?;
    offer_moves::move_on(conn, offer, next, Move::Lapse(reason), clock)?;
    let by = By::Service(&offer.district_code);
    note(conn, by, offer, (AuditAction::OfferLapsed, next), reason.code(), clock)?;
    let words = [("reason", reason.label().to_owned())];
    tell_side(conn, offer, Side::Bank, Topic::OfferLapsed, &words, clock)?;
    if offer.forwarded_at.is_some() {
        tell_side(conn, offer, Side::Enterprise, Topic::OfferLapsed, &words, clock)?;
    }
    Ok(())
}
