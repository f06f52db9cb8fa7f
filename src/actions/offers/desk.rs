//! The centre's desk: an officer lets the enterprise see an offer, or gives it back to its bank.

use super::super::{ActionError, Service, may_do, may_see};
use super::noting::{Side, note, tell_side};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::AuditAction;
use crate::domain::dispute::checked_text;
use crate::domain::message::Topic;
use crate::domain::offer::{OfferEvent, OfferState};
use crate::store::AnyConnection;
use crate::store::audit::By;
use crate::store::offer_moves::{self, Move};
use crate::store::offers::{self, OfferFilter, StoredOffer};
use uuid::Uuid;

/// How many offers are forwarded in one go at most.
pub const AT_A_TIME: usize = 100;

/// The offers that the desk has to decide on, the newest sent first: at most `limit`.
///
/// # Errors
/// [`ActionError::NotFound`] for who has no desk.
pub fn held(service: &Service, actor: &Actor, limit: i64) -> Result<Vec<StoredOffer>, ActionError> {
    let scope = may_see(actor, Right::DecideOffers)?;
    let filter = OfferFilter {
        state: Some(OfferState::Submitted),
        ..OfferFilter::default()
    };
    Ok(service
        .store
        .read(|conn| offers::list(conn, &scope, filter, None, limit))?)
}

/// Lets the enterprise see an offer, in the revision that the officer saw.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Forbidden`] for who has no desk,
/// [`ActionError::Refused`] where it does not wait there or its validity is over, [`ActionError::Stale`] where it is
/// in another revision by now.
pub fn forward(service: &Service, actor: &Actor, id: Uuid, revision: i32) -> Result<StoredOffer, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    service.store.write(|conn| {
        let offer = offers::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::DecideOffers)?;
        must_be(&offer, revision)?;
        forward_one(conn, By::User(actor), &offer, service.clock.as_ref())?;
        Ok(offers::by_id(conn, &scope, id)?)
    })
}

fn must_be(offer: &StoredOffer, revision: i32) -> Result<(), ActionError> {
    if offer.revision == revision {
        Ok(())
    } else {
        Err(ActionError::Stale)
    }
}

pub(super) fn forward_one(
    conn: &mut AnyConnection,
    by: By<'_>,
    offer: &StoredOffer,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let next = still_valid(offer, clock)?.next(OfferEvent::Forward)?;
    offer_moves::move_on(conn, offer, next, Move::Forward, clock)?;
    let also = format!("revision {}", offer.revision);
    note(conn, by, offer, (AuditAction::OfferForwarded, next), &also, clock)?;
    let until = [("until", offer.terms.valid_until.to_string())];
    tell_side(conn, offer, Side::Enterprise, Topic::OfferReceived, &until, clock)?;
    tell_side(conn, offer, Side::Bank, Topic::OfferForwarded, &until, clock)?;
    Ok(())
}

/// The state of an offer today: one whose last day is over has lapsed, whether or not the job has come by.
pub(super) fn still_valid(offer: &StoredOffer, clock: &dyn Clock) -> Result<OfferState, ActionError> {
    if offer.terms.valid_until < clock.today() {
        Ok(offer.state.next(OfferEvent::Lapse)?)
    } else {
        Ok(offer.state)
    }
}

/// What became of one of several that were to be forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The offer.
    pub id: Uuid,
    /// Whether the enterprise sees it now. If not, it failed a check, has moved on, or is not the actor's to decide.
    pub done: bool,
}

/// Forwards those of these offers that pass every check, each in a transaction of its own.
///
/// # Errors
/// [`ActionError::NotFound`] for who has no desk; when the database fails.
pub fn forward_all(service: &Service, actor: &Actor, ids: &[Uuid]) -> Result<Vec<Forwarded>, ActionError> {
    let scope = may_see(actor, Right::DecideOffers)?;
    let mut results = Vec::new();
    for id in ids.iter().take(AT_A_TIME) {
        let forwarded = service.store.write(|conn| {
            let offer = offers::by_id(conn, &scope, *id)?;
            if !offer.is_clean {
                return Err(ActionError::Stale);
            }
            forward_one(conn, By::User(actor), &offer, service.clock.as_ref())
        });
        let done = match forwarded {
            Ok(()) => true,
            Err(ActionError::NotFound | ActionError::Stale | ActionError::Refused(_)) => false,
            Err(error) => return Err(error),
        };
        results.push(Forwarded { id: *id, done });
    }
    Ok(results)
}

/// Gives an offer back to its bank, with the reason.
///
/// # Errors
/// As [`forward`]'s; [`ActionError::Invalid`] without a reason.
pub fn give_back(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    revision: i32,
    reason: &str,
) -> Result<StoredOffer, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let offer = offers::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::DecideOffers)?;
        let next = offer.state.next(OfferEvent::Return)?;
        must_be(&offer, revision)?;
        let reason = checked_text("reason", reason)?;
        offer_moves::move_on(conn, &offer, next, Move::Return(&reason), clock)?;
        let also = format!("revision {}", offer.revision);
        note(
            conn,
            By::User(actor),
            &offer,
            (AuditAction::OfferReturned, next),
            &also,
            clock,
        )?;
        let words = [("reason", reason)];
        tell_side(conn, &offer, Side::Bank, Topic::OfferReturned, &words, clock)?;
        Ok(offers::by_id(conn, &scope, id)?)
    })
}
