//! What changes a referral. Each names the state and the version that it was meant for; where they have moved on it
//! is [`StoreError::Stale`]. The caller has seen the referral in its scope and asked the state machine.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::referrals::StoredReferral;
use super::schema::referral;
use crate::clock::Clock;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::referral::{DeclineReason, PickedProduct, ReferralEnd, ReferralState};
use crate::domain::why::Why;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

/// How a referral begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// It comes to the bank, which answers until a day.
    Sent {
        /// That day.
        due_on: Day,
    },
    /// It waits in reserve.
    Kept {
        /// Its place in the enterprise's order.
        position: i32,
    },
    /// The centre proposes it.
    Proposed {
        /// The officer.
        by: Uuid,
    },
}

impl Beginning {
    const fn state(self) -> ReferralState {
        match self {
            Self::Sent { .. } => ReferralState::Pending,
            Self::Kept { .. } => ReferralState::Reserve,
            Self::Proposed { .. } => ReferralState::Proposed,
        }
    }

    fn position(self) -> Option<i32> {
        match self {
            Self::Kept { position } => Some(position),
            Self::Sent { .. } | Self::Proposed { .. } => None,
        }
    }

    fn due_on(self) -> Option<NaiveDate> {
        match self {
            Self::Sent { due_on } => Some(due_on.naive()),
            Self::Kept { .. } | Self::Proposed { .. } => None,
        }
    }

    fn proposed_by(self) -> Option<String> {
        match self {
            Self::Proposed { by } => Some(by.to_string()),
            Self::Sent { .. } | Self::Kept { .. } => None,
        }
    }

    fn sent_at(self, clock: &dyn Clock) -> Option<NaiveDateTime> {
        matches!(self, Self::Sent { .. }).then(|| clock.now().naive_utc())
    }
}

/// A referral to be begun.
#[derive(Clone, Copy, Debug)]
pub struct NewReferral<'a> {
    /// The request.
    pub request_id: Uuid,
    /// The bank.
    pub bank_id: Uuid,
    /// The consent that it rests on; none of a proposal.
    pub consent_id: Option<Uuid>,
    /// The run of the match that the products were picked from.
    pub match_id: Uuid,
    /// What was picked.
    pub products: &'a [PickedProduct],
    /// How it begins.
    pub beginning: Beginning,
}

/// Begins a referral.
///
/// # Errors
/// [`StoreError::Duplicate`] where the request has one of this bank already.
pub fn insert(conn: &mut AnyConnection, new: &NewReferral<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(referral::table)
        .values((
            referral::id.eq(id.to_string()),
            referral::request_id.eq(new.request_id.to_string()),
            referral::bank_id.eq(new.bank_id.to_string()),
            referral::consent_id.eq(new.consent_id.map(|id| id.to_string())),
            referral::match_id.eq(new.match_id.to_string()),
            referral::products.eq(document(new.products)?),
            referral::state.eq(new.beginning.state().code()),
            referral::version.eq(1),
            referral::sent_at.eq(new.beginning.sent_at(clock)),
            referral::position.eq(new.beginning.position()),
            referral::due_on.eq(new.beginning.due_on()),
            referral::proposed_by.eq(new.beginning.proposed_by()),
        ))
        .execute(conn)?;
    Ok(id)
}

/// Begins a cancelled referral once more: nothing of the time before counts for it.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn begin_again(
    conn: &mut AnyConnection,
    old: &StoredReferral,
    new: &NewReferral<'_>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let changed = diesel::update(referral::table)
        .filter(referral::id.eq(old.id.to_string()))
        .filter(referral::request_id.eq(new.request_id.to_string()))
        .filter(referral::state.eq(old.state.code()))
        .filter(referral::version.eq(old.version))
        .set((
            (
                referral::consent_id.eq(new.consent_id.map(|id| id.to_string())),
                referral::match_id.eq(new.match_id.to_string()),
                referral::products.eq(document(new.products)?),
                referral::state.eq(new.beginning.state().code()),
                referral::version.eq(old.version + 1),
                referral::sent_at.eq(new.beginning.sent_at(clock)),
                referral::position.eq(new.beginning.position()),
                referral::due_on.eq(new.beginning.due_on()),
                referral::proposed_by.eq(new.beginning.proposed_by()),
            ),
            (
                referral::viewed_at.eq(None::<NaiveDateTime>),
                referral::ended_at.eq(None::<NaiveDateTime>),
                referral::end_reason.eq(None::<&str>),
                referral::answered_at.eq(None::<NaiveDateTime>),
                referral::is_late.eq(None::<bool>),
            ),
        ))
        .execute(conn)?;
    one(changed)
}

/// Brings one before its bank: from the reserve, by a consent to a proposal, or after a fall-through. Its clock
/// starts now.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn send(
    conn: &mut AnyConnection,
    old: &StoredReferral,
    consent_id: Uuid,
    due_on: Day,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let changed = diesel::update(referral::table)
        .filter(referral::id.eq(old.id.to_string()))
        .filter(referral::state.eq(old.state.code()))
        .filter(referral::version.eq(old.version))
        .set((
            referral::consent_id.eq(consent_id.to_string()),
            referral::state.eq(ReferralState::Pending.code()),
            referral::version.eq(old.version + 1),
            referral::sent_at.eq(clock.now().naive_utc()),
            referral::due_on.eq(due_on.naive()),
            referral::position.eq(None::<i32>),
            referral::viewed_at.eq(None::<NaiveDateTime>),
            referral::ended_at.eq(None::<NaiveDateTime>),
            referral::end_reason.eq(None::<&str>),
        ))
        .execute(conn)?;
    one(changed)
}

/// Moves a referral to `next` as viewed now.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn view(
    conn: &mut AnyConnection,
    old: &StoredReferral,
    next: ReferralState,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let changed = diesel::update(referral::table)
        .filter(referral::id.eq(old.id.to_string()))
        .filter(referral::state.eq(old.state.code()))
        .filter(referral::version.eq(old.version))
        .set((
            referral::state.eq(next.code()),
            referral::version.eq(old.version + 1),
            referral::viewed_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    one(changed)
}

/// Moves a referral to `next` as answered: with an offer, or with why there is none. The first answer is the one that
/// counts for the bank's record.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn answer(
    conn: &mut AnyConnection,
    old: &StoredReferral,
    next: ReferralState,
    declined: Option<&Why<DeclineReason>>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let late = old.due_on.is_some_and(|due_on| due_on < clock.today());
    let changed = diesel::update(referral::table)
        .filter(referral::id.eq(old.id.to_string()))
        .filter(referral::state.eq(old.state.code()))
        .filter(referral::version.eq(old.version))
        .set((
            referral::state.eq(next.code()),
            referral::version.eq(old.version + 1),
            referral::answered_at.eq(old.answered_at.unwrap_or_else(|| clock.now()).naive_utc()),
            referral::is_late.eq(old.is_late.unwrap_or(late)),
            referral::decline_reason.eq(declined.map(|why| why.reason.code())),
            referral::decline_text.eq(declined.and_then(|why| why.text.as_deref())),
        ))
        .execute(conn)?;
    one(changed)
}

/// Moves a referral to `next` as not answered in time.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn expire(conn: &mut AnyConnection, old: &StoredReferral, next: ReferralState) -> Result<(), StoreError> {
    let changed = diesel::update(referral::table)
        .filter(referral::id.eq(old.id.to_string()))
        .filter(referral::state.eq(old.state.code()))
        .filter(referral::version.eq(old.version))
        .set((referral::state.eq(next.code()), referral::version.eq(old.version + 1)))
        .execute(conn)?;
    one(changed)
}

/// Moves a referral to `next` as ended now.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn end(
    conn: &mut AnyConnection,
    old: &StoredReferral,
    next: ReferralState,
    reason: ReferralEnd,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let changed = diesel::update(referral::table)
        .filter(referral::id.eq(old.id.to_string()))
        .filter(referral::state.eq(old.state.code()))
        .filter(referral::version.eq(old.version))
        .set((
            referral::state.eq(next.code()),
            referral::version.eq(old.version + 1),
            referral::ended_at.eq(clock.now().naive_utc()),
            referral::end_reason.eq(reason.code()),
        ))
        .execute(conn)?;
    one(changed)
}

fn one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn document(products: &[PickedProduct]) -> Result<String, StoreError> {
    serde_json::to_string(products).map_err(StoreError::database)
}
