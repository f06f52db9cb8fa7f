//! What is announced for everyone and kept by administrators: LPR and the working-day calendar.

use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::calendar::Calendar;
use crate::domain::dates::Day;
use crate::domain::holiday::Holiday;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::lpr::{Lpr, LprTable};
use crate::store::{Change, StoreError, audit, holidays, lpr};
use chrono::Datelike;

/// After so many days an announcement must have been missed: it comes on the 20th of each month.
pub const LPR_DAYS: i64 = 35;

/// What is missing in what is announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    /// How old the newest LPR is, where that is more than [`LPR_DAYS`]; `Some(None)` where there is none.
    pub lpr_days: Option<Option<i64>>,
    /// The first year from this one on of which no holiday is known.
    pub unknown_year: i32,
    /// Whether that is this year, so that days are counted wrongly already.
    pub is_this_year: bool,
}

impl Warnings {
    fn of(table: &LprTable, calendar: &Calendar, today: Day) -> Self {
        let newest = table.rows().last().map(|lpr| today.days_since(lpr.announced_on));
        let this_year = today.naive().year();
        let unknown_year = (this_year..this_year + 100)
            .find(|year| !calendar.is_known(*year))
            .unwrap_or(this_year + 100);
        Self {
            lpr_days: match newest {
                None => Some(None),
                Some(days) => (days > LPR_DAYS).then_some(Some(days)),
            },
            unknown_year,
            is_this_year: unknown_year == this_year,
        }
    }
}

/// What is missing today. Everyone may know it.
///
/// # Errors
/// When the database fails.
pub fn warnings(service: &Service) -> Result<Warnings, ActionError> {
    let (table, days) = service
        .store
        .read(|conn| Ok::<_, StoreError>((lpr::table(conn)?, holidays::all(conn)?)))?;
    Ok(Warnings::of(&table, &Calendar::new(days), service.clock.today()))
}

/// Every announcement of the LPR, earliest first.
///
/// # Errors
/// [`ActionError::NotFound`] for who does not keep them.
pub fn rates(service: &Service, actor: &Actor) -> Result<LprTable, ActionError> {
    may_see(actor, Right::KeepCalendars)?;
    Ok(service.store.read(lpr::table)?)
}

/// The highest rate that is no slip of the keyboard, bp.
const HIGHEST_BP: i64 = 2_000;

/// Adds an announcement, or corrects the one of its day; tells whether it is a new one.
///
/// # Errors
/// [`ActionError::Invalid`] for a day to come or a rate that is none, [`ActionError::Forbidden`] for who
/// does not keep them.
pub fn put_lpr(service: &Service, actor: &Actor, new: &Lpr) -> Result<bool, ActionError> {
    may_do(actor, Right::KeepCalendars)?;
    let mut problems = Problems::default();
    problems.check(new.announced_on > service.clock.today(), "date", || Rule::Future);
    problems.range("one_year_bp", new.one_year_bp, 1, HIGHEST_BP);
    problems.range("five_year_bp", new.five_year_bp, 1, HIGHEST_BP);
    problems.or(())?;
    let clock = service.clock.as_ref();
    Ok(service.store.write(|conn| {
        let table = lpr::table(conn)?;
        let old = table
            .rows()
            .iter()
            .find(|old| old.announced_on == new.announced_on)
            .copied();
        let change = lpr::put(conn, new)?;
        if change != Change::Unchanged {
            let words = |lpr: Lpr| format!("{{\"1y_bp\":{},\"5y_bp\":{}}}", lpr.one_year_bp, lpr.five_year_bp);
            let entry = AuditEntry {
                action: AuditAction::LprPut,
                subject: format!("lpr:{}", new.announced_on),
                before: old.map(words),
                after: Some(words(*new)),
            };
            audit::append(conn, actor, &entry, clock)?;
        }
        Ok::<_, StoreError>(change == Change::Created)
    })?)
}

/// Every listed day, earliest first.
///
/// # Errors
/// [`ActionError::NotFound`] for who does not keep them.
pub fn days(service: &Service, actor: &Actor) -> Result<Vec<Holiday>, ActionError> {
    may_see(actor, Right::KeepCalendars)?;
    Ok(service.store.read(holidays::all)?)
}

/// Adds a day, or corrects it; tells whether it is a new one. A day that was listed by mistake becomes one that is worked.
///
/// # Errors
/// [`ActionError::Invalid`] for a name that is none, [`ActionError::Forbidden`] for who does not keep them.
pub fn put_day(service: &Service, actor: &Actor, new: Holiday) -> Result<bool, ActionError> {
    may_do(actor, Right::KeepCalendars)?;
    let new = new.check()?;
    let clock = service.clock.as_ref();
    Ok(service.store.write(|conn| {
        let old = holidays::all(conn)?.into_iter().find(|old| old.date == new.date);
        let change = holidays::put(conn, &new)?;
        if change != Change::Unchanged {
            let entry = AuditEntry {
                action: AuditAction::HolidayPut,
                subject: format!("holiday:{}", new.date),
                before: old.map(|old| old.kind.to_string()),
                after: Some(new.kind.to_string()),
            };
            audit::append(conn, actor, &entry, clock)?;
        }
        Ok::<_, StoreError>(change == Change::Created)
    })?)
}
