//! The public record of each bank: how it answered what it was sent in the last twelve months, for everyone to see.

use super::monitor::usual_begin;
use super::{ActionError, Service};
use crate::domain::actor::Scope;
use crate::domain::calendar::Calendar;
use crate::domain::monitor::Bank;
use crate::domain::monitor::responses::{PublicRecord, Responses};
use crate::store::monitor::Period;
use crate::store::{StoreError, holidays, records};

/// A bank's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankRecord {
    /// The bank.
    pub bank: Bank,
    /// What is published of it.
    pub record: PublicRecord,
}

/// The record of each bank that was sent something for a request of this site's district in the monitor's usual period,
/// by the bank's code.
///
/// # Errors
/// When the database fails.
pub fn all(service: &Service) -> Result<Vec<BankRecord>, ActionError> {
    read(service, None)
}

/// As [`all`], of one bank by its code; nothing is published of one that was sent nothing.
///
/// # Errors
/// When the database fails.
pub fn of_bank(service: &Service, code: &str) -> Result<PublicRecord, ActionError> {
    let found = read(service, Some(code))?.into_iter().next();
    Ok(found.map(|one| one.record).unwrap_or_default())
}

fn read(service: &Service, bank: Option<&str>) -> Result<Vec<BankRecord>, ActionError> {
    let today = service.clock.today();
    let period = Period {
        from: usual_begin(today),
        to: today,
    };
    let here = Scope::District(service.settings.site.district_code.clone());
    let (answered, calendar) = service.store.read(|conn| {
        let answered = records::answered(conn, &here, period, bank)?;
        Ok::<_, StoreError>((answered, Calendar::new(holidays::all(conn)?)))
    })?;
    let record = |one: records::Answered| BankRecord {
        record: PublicRecord::of(&Responses::of(one.referrals.iter(), today, &calendar), one.offers),
        bank: one.bank,
    };
    Ok(answered.into_iter().map(record).collect())
}
