//! Offers: from the bank through the centre's desk to the enterprise, and what becomes of them.
//!
//! [`making`] works one out and sends it, [`desk`] lets the enterprise see it or gives it back, [`accepting`] takes it,
//! [`ending`] is every other end. A bank never learns of other banks' offers: what it is shown and told comes from its
//! own rows alone.

pub mod accepting;
pub mod desk;
pub mod ending;
pub mod making;
pub(super) mod noting;

pub use crate::store::offers::{OfferFilter, StoredOffer, StoredRevision, place_of};
pub use crate::store::parties::Party;
pub use making::Worked;

use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::place::Place;
use crate::store::{loans, offers, parties};
use uuid::Uuid;

/// Offers that the actor may see, the newest sent first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no offers.
pub fn list(
    service: &Service,
    actor: &Actor,
    filter: OfferFilter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredOffer>, ActionError> {
    let scope = may_see(actor, Right::ViewOffers)?;
    Ok(service
        .store
        .read(|conn| offers::list(conn, &scope, filter, before, limit))?)
}

/// An offer with what was sent before, and with the enterprise where its bank may know whom to call.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferSheet {
    /// The offer.
    pub offer: StoredOffer,
    /// Every revision, newest first; for an enterprise only the one that it was forwarded.
    pub revisions: Vec<StoredRevision>,
    /// Whom the bank signs with: under the consent of the acceptance, while it is live.
    pub party: Option<Party>,
    /// The loan that it came to.
    pub loan_id: Option<Uuid>,
}

/// One offer.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<OfferSheet, ActionError> {
    let scope = may_see(actor, Right::ViewOffers)?;
    let today = service.clock.today();
    service.store.read(|conn| {
        let offer = offers::by_id(conn, &scope, id)?;
        let mut revisions = offers::revisions(conn, id)?;
        if viewer(actor) == Viewer::Enterprise {
            revisions.retain(|one| one.revision == offer.revision);
        }
        let party = parties::of_offer(conn, &scope, id, today)?;
        let loan = loans::of_offer(conn, &scope, id)?;
        Ok(OfferSheet {
            offer,
            revisions,
            party,
            loan_id: loan.map(|loan| loan.id),
        })
    })
}

/// From which side somebody looks at offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The bank: what the enterprise is called stands elsewhere, under its consent.
    Bank,
    /// The enterprise: what passed between bank and desk is theirs.
    Enterprise,
    /// The centre.
    Desk,
}

/// From which side the actor looks, who may see offers.
#[must_use]
pub fn viewer(actor: &Actor) -> Viewer {
    if actor.scope(Right::DecideOffers).is_some() {
        Viewer::Desk
    } else if actor.scope(Right::MakeOffers).is_some() {
        Viewer::Bank
    } else {
        Viewer::Enterprise
    }
}
