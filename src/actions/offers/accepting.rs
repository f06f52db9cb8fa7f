//! An enterprise takes an offer. One transaction binds it, and ends what else there is of the request: whatever races,
//! at most one offer of a request is accepted at a time.

use super::super::consents::{about, tell};
use super::super::telling::lapsed;
use super::super::{ActionError, Service, may_do, may_see, settings};
use super::desk::still_valid;
use super::noting::{Side, note, tell_side};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::calendar::Calendar;
use crate::domain::consent::{ConsentPurpose, Terms, contract_text};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::message::Topic;
use crate::domain::offer::{LapseReason, OfferEvent, OfferState};
use crate::domain::referral::{ReferralEnd, ReferralEvent, ReferralState};
use crate::domain::request::RequestEvent;
use crate::store::audit::By;
use crate::store::consents::{self, NewConsent};
use crate::store::offer_moves::{self, Move};
use crate::store::offers::{self, OfferFilter, StoredOffer};
use crate::store::referrals::{self, StoredReferral};
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, StoreError, audit, holidays, offers_ending, quota, referral_moves};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What accepting an offer would do, for the page that asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// The offer.
    pub offer: StoredOffer,
    /// The others that the enterprise sees and that would lapse.
    pub lapsing: Vec<StoredOffer>,
    /// The banks whose referrals would be cancelled.
    pub cancelled: Vec<StoredReferral>,
    /// The last day for the contract, were it accepted today.
    pub sign_by: Day,
    /// The facts that the bank goes on to read.
    pub facts: BTreeSet<FactKey>,
}

/// What accepting an offer would do. Nothing changes.
///
/// # Errors
/// As [`accept`]'s, but for the terms.
pub fn ask(service: &Service, actor: &Actor, id: Uuid) -> Result<Asking, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let clock = service.clock.as_ref();
    service.store.read(|conn| {
        let offer = offers::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::AcceptOffers)?;
        still_valid(&offer, clock)?.next(OfferEvent::Accept)?;
        let of_request = OfferFilter {
            request_id: Some(offer.request_id),
            ..OfferFilter::default()
        };
        let mut lapsing = offers::list(conn, &scope, of_request, None, i64::from(u16::MAX))?;
        lapsing.retain(|other| other.id != id && OfferState::LIVE.contains(&other.state));
        let all = referrals::of_request(conn, &scope, offer.request_id)?;
        let facts = facts_of(conn, &scope, &all, &offer)?;
        let mut cancelled = all;
        cancelled.retain(|referral| referral.state.next(ReferralEvent::AcceptElsewhere).is_ok());
        Ok(Asking {
            sign_by: sign_by(service, conn, &offer.district_code)?,
            offer,
            lapsing,
            cancelled,
            facts,
        })
    })
}

fn sign_by(service: &Service, conn: &mut AnyConnection, district_code: &str) -> Result<Day, StoreError> {
    let days = settings::desk(conn, service, district_code)?.signing_days;
    let calendar = Calendar::new(holidays::all(conn)?);
    Ok(calendar.add_working_days(service.clock.today(), days))
}

/// The facts that the bank may read already: the contract's consent is about the same ones.
fn facts_of(
    conn: &mut AnyConnection,
    scope: &Scope,
    referrals: &[StoredReferral],
    offer: &StoredOffer,
) -> Result<BTreeSet<FactKey>, ActionError> {
    let own = referrals.iter().find(|referral| referral.id == offer.referral_id);
    let consent_id = own.and_then(|referral| referral.consent_id).ok_or(StoreError::Stale)?;
    Ok(consents::by_id(conn, scope, consent_id)?.facts)
}

/// Takes an offer in the revision that the enterprise saw, and gives the consent that goes with it.
///
/// In one transaction the offer binds, the request's other live offers lapse, its referrals that wait for an answer are
/// cancelled, the product's quota is taken, and the request is accepted.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Forbidden`] for who only reads;
/// [`ActionError::Refused`] where it is not forwarded, its validity is over, or the request is not open;
/// [`ActionError::Stale`] where it is in another revision by now; [`ActionError::Invalid`] for terms that break a rule
/// or a product whose quota is used up.
pub fn accept(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    revision: i32,
    terms: Terms,
) -> Result<StoredOffer, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let offer = offers::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::AcceptOffers)?;
        let next = still_valid(&offer, clock)?.next(OfferEvent::Accept)?;
        let request = requests::by_id(conn, &scope, offer.request_id)?;
        let accepted = request.state.next(RequestEvent::Accept)?;
        if offer.revision != revision {
            return Err(ActionError::Stale);
        }
        let mut problems = Problems::default();
        terms.check(contract_text(), clock.today(), "consent.", &mut problems);
        problems.or(())?;
        let referrals = referrals::of_request(conn, &scope, request.id)?;
        let facts = facts_of(conn, &scope, &referrals, &offer)?;
        let consent_id = consent(conn, actor, &offer, &facts, terms, clock)?;
        let until = sign_by(service, conn, &offer.district_code)?;
        let taking = Move::Accept {
            consent_id,
            sign_by: until,
        };
        offer_moves::move_on(conn, &offer, next, taking, clock)?;
        if !quota::take(conn, offer.product_id, offer.terms.amount_fen.get())? {
            return Err(Problem {
                field: "amount_fen".to_owned(),
                rule: Rule::QuotaUsedUp,
            }
            .into());
        }
        requests::bind(conn, (&request).into(), accepted, request.expires_on)?;
        let also = format!("revision {revision} sign by {until}");
        note(
            conn,
            By::User(actor),
            &offer,
            (AuditAction::OfferAccepted, next),
            &also,
            clock,
        )?;
        note_request(conn, actor, &request, clock)?;
        end_others(conn, actor, &request, &referrals, clock)?;
        tell_all(conn, &offer, until, clock)?;
        Ok(offers::by_id(conn, &scope, id)?)
    })
}

fn consent(
    conn: &mut AnyConnection,
    actor: &Actor,
    offer: &StoredOffer,
    facts: &BTreeSet<FactKey>,
    terms: Terms,
    clock: &dyn Clock,
) -> Result<Uuid, StoreError> {
    let new = NewConsent {
        enterprise_id: offer.enterprise_id,
        bank_id: offer.bank_id,
        request_id: offer.request_id,
        purpose: ConsentPurpose::Contract,
        facts,
        terms,
        by: actor.user_id,
    };
    let id = consents::insert(conn, &new, clock)?;
    let given = AuditEntry {
        action: AuditAction::ConsentGiven,
        subject: format!("consent:{id}"),
        before: None,
        after: Some(format!(
            "{} {} text {} until {}",
            offer.bank_code,
            ConsentPurpose::Contract,
            terms.text_version,
            terms.until
        )),
    };
    audit::append(conn, actor, &given, clock)?;
    Ok(id)
}

fn note_request(
    conn: &mut AnyConnection,
    actor: &Actor,
    request: &StoredRequest,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let entry = AuditEntry {
        action: AuditAction::RequestAccepted,
        subject: format!("request:{}", request.id),
        before: Some(request.state.to_string()),
        after: Some(request.state.next(RequestEvent::Accept)?.to_string()),
    };
    Ok(audit::append(conn, actor, &entry, clock)?)
}

/// The request's other live offers lapse, and the referrals that wait for an answer are cancelled.
fn end_others(
    conn: &mut AnyConnection,
    actor: &Actor,
    request: &StoredRequest,
    referrals: &[StoredReferral],
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let reason = LapseReason::OtherAccepted;
    let others = offers_ending::lapse_of_request(conn, request.id, reason, clock)?;
    lapsed(conn, By::User(actor), &others, reason, clock)?;
    for referral in referrals {
        let Ok(next) = referral.state.next(ReferralEvent::AcceptElsewhere) else {
            continue;
        };
        cancel(conn, actor, request, (referral, next), clock)?;
    }
    Ok(())
}

fn cancel(
    conn: &mut AnyConnection,
    actor: &Actor,
    request: &StoredRequest,
    (referral, next): (&StoredReferral, ReferralState),
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let reason = ReferralEnd::AcceptedElsewhere;
    referral_moves::end(conn, referral, next, reason, clock)?;
    let entry = AuditEntry {
        action: AuditAction::ReferralCancelled,
        subject: format!("referral:{}", referral.id),
        before: Some(referral.state.to_string()),
        after: Some(format!("{next} {reason}")),
    };
    audit::append(conn, actor, &entry, clock)?;
    let mut told = about(referral, Topic::ReferralEnded, &request.number);
    let why = crate::domain::codes::Code::label(reason);
    told.parameters.insert("reason".to_owned(), why.to_owned());
    tell(conn, referral.bank_id, &told, clock)?;
    Ok(())
}

fn tell_all(conn: &mut AnyConnection, offer: &StoredOffer, until: Day, clock: &dyn Clock) -> Result<(), StoreError> {
    let words = [("until", until.to_string())];
    tell_side(conn, offer, Side::Bank, Topic::OfferAccepted, &words, clock)?;
    tell_side(conn, offer, Side::Enterprise, Topic::OfferTaken, &words, clock)?;
    tell_side(conn, offer, Side::Desk, Topic::OfferTaken, &words, clock)
}
