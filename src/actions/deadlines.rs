//! Until when something waits: the last day to answer what is sent, and how long there is to the last day of whatever has
//! one. What waits, and for which day, is said here once for pages and API.

use super::{ActionError, Service, settings};
use crate::domain::calendar::Calendar;
use crate::domain::codes::ProductStatus;
use crate::domain::dates::Day;
use crate::domain::loan::LoanState;
use crate::domain::offer::OfferState;
use crate::domain::referral::ReferralState;
use crate::domain::request::RequestState;
use crate::store::batches::StoredBatch;
use crate::store::consents::StoredConsent;
use crate::store::loans::StoredLoan;
use crate::store::offers::StoredOffer;
use crate::store::products::StoredProduct;
use crate::store::referrals::StoredReferral;
use crate::store::requests::StoredRequest;
use crate::store::{AnyConnection, StoreError, holidays};
use chrono::Datelike;

/// The last day to answer what is sent today for a request of a district.
pub(super) fn answer_by(conn: &mut AnyConnection, service: &Service, district_code: &str) -> Result<Day, StoreError> {
    let days = settings::desk(conn, service, district_code)?.answer_days;
    let calendar = Calendar::new(holidays::all(conn)?);
    Ok(calendar.add_working_days(service.clock.today(), days))
}

/// How long there is to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The day.
    pub due_on: Day,
    /// Working days from today up to and with it, today not counted; of one that is over, those since, today counted.
    pub working_days: usize,
    /// Days from today to it, whether anybody works on them or not.
    pub days: i64,
    /// Whether it is over.
    pub is_over: bool,
    /// Whether the holidays of its year, or of this one, are not known: then only weekends count.
    pub is_uncertain: bool,
}

/// Counts the working days to deadlines.
#[derive(Clone, Debug)]
pub struct Counting {
    calendar: Calendar,
    today: Day,
}

impl Counting {
    /// The working days that it counts by.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The day that it counts from.
    #[must_use]
    pub const fn today(&self) -> Day {
        self.today
    }

    /// How long there is to `due_on`.
    #[must_use]
    pub fn to(&self, due_on: Day) -> Left {
        let is_over = due_on < self.today;
        let (from, to) = if is_over {
            (due_on, self.today)
        } else {
            (self.today, due_on)
        };
        let known = |day: Day| self.calendar.is_known(day.naive().year());
        Left {
            due_on,
            working_days: self.calendar.working_days_between(from, to),
            days: due_on.days_since(self.today),
            is_over,
            is_uncertain: !known(due_on) || !known(self.today),
        }
    }

    fn while_it_waits(&self, due_on: Option<Day>, waits: bool) -> Option<Left> {
        due_on.filter(|_| waits).map(|day| self.to(day))
    }

    /// For the bank's answer; none where it answered, was not asked, or is asked no longer.
    #[must_use]
    pub fn of_referral(&self, referral: &StoredReferral) -> Option<Left> {
        let state = referral.state;
        let waits = ReferralState::WAITING.contains(&state) || state == ReferralState::Overdue;
        self.while_it_waits(referral.due_on, waits)
    }

    /// Until an open request expires.
    #[must_use]
    pub fn of_request(&self, request: &StoredRequest) -> Option<Left> {
        self.while_it_waits(request.expires_on, request.state == RequestState::Open)
    }

    /// Until an offer that may still be accepted lapses.
    #[must_use]
    pub fn of_validity(&self, offer: &StoredOffer) -> Option<Left> {
        self.while_it_waits(Some(offer.terms.valid_until), OfferState::LIVE.contains(&offer.state))
    }

    /// For the contract of an accepted offer.
    #[must_use]
    pub fn of_signing(&self, offer: &StoredOffer) -> Option<Left> {
        self.while_it_waits(offer.sign_by, offer.state == OfferState::Accepted)
    }

    /// Until a consent that holds ends.
    #[must_use]
    pub fn of_consent(&self, consent: &StoredConsent) -> Option<Left> {
        self.while_it_waits(Some(consent.until), consent.is_live(self.today))
    }

    /// Until the bank's word is over that the terms of a product hold which is not closed.
    #[must_use]
    pub fn of_confirmation(&self, product: &StoredProduct) -> Option<Left> {
        self.while_it_waits(product.confirmed_until, product.product.status != ProductStatus::Closed)
    }

    /// Until the first value of a batch ends that still counts.
    #[must_use]
    pub fn of_batch(&self, batch: &StoredBatch) -> Option<Left> {
        batch.fresh_until.map(|day| self.to(day))
    }

    /// Until a loan that is owed must be paid back.
    #[must_use]
    pub fn of_loan(&self, loan: &StoredLoan) -> Option<Left> {
        self.while_it_waits(Some(loan.matures_on), LoanState::OWED.contains(&loan.state))
    }
}

/// Counts from today, by the days that are listed now.
///
/// # Errors
/// When the database fails.
pub fn counting(service: &Service) -> Result<Counting, ActionError> {
    Ok(Counting {
        calendar: Calendar::new(service.store.read(holidays::all)?),
        today: service.clock.today(),
    })
}
