//! Loans: from the registered contract over drawing and repayment to their end.
//!
//! [`contract`] registers what was signed, [`entering`] what a bank notes of it from then on, [`renewals`] says with what
//! it could be renewed, and [`watching`] warns before it matures. Nothing here moves money: it is the bank's word on
//! what has happened.

pub mod contract;
pub mod entering;
mod noting;
pub mod renewals;
pub mod watching;

pub use crate::store::loans::{Disbursement, LoanFilter, Repaid, StoredLoan, place_of};
pub use entering::{Entered, Entry};
pub use renewals::RenewalProduct;

use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::loan::WATCHED_DAYS;
use crate::domain::place::Place;
use crate::store::{StoreError, loans};
use uuid::Uuid;

/// Loans that the actor may see, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] where it sees none.
pub fn list(
    service: &Service,
    actor: &Actor,
    filter: LoanFilter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredLoan>, ActionError> {
    let scope = may_see(actor, Right::ViewLoans)?;
    Ok(service
        .store
        .read(|conn| loans::list(conn, &scope, filter, before, limit))?)
}

/// Loans that the actor may see, that are owed and mature soon, or should have been paid back; the next first.
///
/// # Errors
/// [`ActionError::NotFound`] where it sees none.
pub fn maturing(service: &Service, actor: &Actor, limit: i64) -> Result<Vec<StoredLoan>, ActionError> {
    let scope = may_see(actor, Right::ViewLoans)?;
    let until = service.clock.today().plus_days(WATCHED_DAYS);
    Ok(service.store.read(|conn| loans::maturing(conn, &scope, until, limit))?)
}

/// A loan with what was drawn and paid back, and the loans before and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoanSheet {
    /// The loan.
    pub loan: StoredLoan,
    /// What was drawn, the earliest first.
    pub disbursements: Vec<Disbursement>,
    /// What was paid back, the earliest first.
    pub repayments: Vec<Repaid>,
    /// The loan that it renews.
    pub follows: Option<StoredLoan>,
    /// The loan that renews it.
    pub followed_by: Option<StoredLoan>,
}

/// One loan.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<LoanSheet, ActionError> {
    let scope = may_see(actor, Right::ViewLoans)?;
    Ok(service.store.read(|conn| {
        let loan = loans::by_id(conn, &scope, id)?;
        let follows = loan.follows_id.map(|id| loans::by_id(conn, &scope, id)).transpose()?;
        Ok::<_, StoreError>(LoanSheet {
            disbursements: loans::disbursements(conn, id)?,
            repayments: loans::repayments(conn, id)?,
            follows,
            followed_by: loans::follower(conn, &scope, id)?,
            loan,
        })
    })?)
}
