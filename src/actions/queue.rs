//! A bank's queue: the referrals that came to it, each with what its consent lets it show.

use super::matches::{self, BankSheet, without_secret};
use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::place::Place;
use crate::domain::referral::ReferralState;
use crate::store::{StoreError, organisations, referrals};
use std::collections::HashMap;
use uuid::Uuid;

pub use crate::store::referrals::{Disclosure, StoredReferral, place_of};

/// A referral with what its bank may see: nothing of the enterprise without a live consent.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The referral.
    pub referral: StoredReferral,
    /// The enterprise and its request, without the most that it would pay.
    pub shown: Option<Disclosure>,
}

/// A referral with its products, check by check.
#[derive(Debug)]
pub struct ReferralSheet {
    /// The referral.
    pub queued: Queued,
    /// Each picked product; none without a live consent.
    pub products: Vec<BankSheet>,
    /// Name of the bank whose loan would be renewed; none of a bank that is not of the platform.
    pub old_bank: Option<String>,
}

/// The referrals of the actor's bank, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] for who has no queue.
pub fn list(
    service: &Service,
    actor: &Actor,
    state: Option<ReferralState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<Queued>, ActionError> {
    let scope = may_see(actor, Right::ViewReferrals)?;
    let today = service.clock.today();
    service.store.read(|conn| {
        let rows = referrals::list(conn, &scope, state, before, limit)?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut shown = referrals::disclosed(conn, &scope, &ids, today)?;
        let queued = rows.into_iter().map(|referral| Queued {
            shown: shown.remove(&referral.id).map(secretless),
            referral,
        });
        Ok(queued.collect())
    })
}

/// How many referrals the actor's bank has in each state.
///
/// # Errors
/// [`ActionError::NotFound`] for who has no queue.
pub fn counts(service: &Service, actor: &Actor) -> Result<HashMap<ReferralState, i64>, ActionError> {
    let scope = may_see(actor, Right::ViewReferrals)?;
    Ok(service.store.read(|conn| referrals::counts(conn, &scope))?)
}

/// One referral, with its products check by check.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's bank has none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<ReferralSheet, ActionError> {
    let scope = may_see(actor, Right::ViewReferrals)?;
    let today = service.clock.today();
    service.store.read(|conn| {
        let referral = referrals::by_id(conn, &scope, id)?;
        let shown = referrals::disclosed(conn, &scope, &[id], today)?
            .remove(&id)
            .map(secretless);
        let products = if shown.is_some() {
            let picked = referrals::picked_from(conn, &scope, id, today)?;
            let codes: Vec<String> = referral.products.iter().map(|product| product.code.clone()).collect();
            matches::for_bank(conn, &picked, &codes)?
        } else {
            Vec::new()
        };
        let old_loan = shown.as_ref().and_then(|shown| shown.need.existing_loan.as_ref());
        let old_bank = match old_loan.map(|loan| organisations::by_code(conn, &loan.bank)) {
            Some(Err(StoreError::NotFound)) => None,
            found => found.transpose()?,
        };
        Ok(ReferralSheet {
            queued: Queued { referral, shown },
            products,
            old_bank: old_bank.map(|bank| bank.organisation.name),
        })
    })
}

/// What is shown, without the most that the enterprise would pay.
pub(super) fn secretless(shown: Disclosure) -> Disclosure {
    Disclosure {
        need: without_secret(&shown.need),
        ..shown
    }
}
