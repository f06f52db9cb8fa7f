//! An enterprise asks to be reminded of a product on the day on which time alone closes its one gap.

use super::telling::tell_enterprise;
use super::{ActionError, Service, may_do, may_see};
use crate::clock::civil_day;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::dates::Day;
use crate::domain::invalid::{Problem, Rule};
use crate::domain::message::Topic;
use crate::domain::request::RequestEvent;
use crate::domain::verdict::MatchResult;
use crate::store::reminders::{self, StoredReminder};
use crate::store::{AnyConnection, StoreError, audit, matches, products, requests};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Reminders that are told in one turn of the job.
pub const TOLD_AT_A_TIME: i64 = 50;

/// Asks to be reminded of a product that misses one check, on the day from which time alone meets it; tells the day.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request, [`ActionError::Refused`] where it is not open,
/// [`ActionError::Invalid`] for a product that time alone does not bring.
pub fn ask(service: &Service, actor: &Actor, id: Uuid, product: &str) -> Result<Day, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let request = requests::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::WriteRequests)?;
        request.state.next(RequestEvent::Refer)?;
        let stored = matches::newest(conn, &scope, id)?;
        let result: MatchResult = serde_json::from_str(&stored.result).map_err(ActionError::internal)?;
        let near = result.near.iter().find(|row| row.terms.product == product);
        let due_on = near.and_then(|row| row.met_on).ok_or_else(|| Problem {
            field: "product".to_owned(),
            rule: Rule::NotFound(product.to_owned()),
        })?;
        reminders::put(conn, id, (product, due_on), actor.user_id, clock)?;
        let entry = AuditEntry {
            action: AuditAction::ReminderAsked,
            subject: format!("request:{id}"),
            before: None,
            after: Some(format!("{product} {due_on}")),
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok(due_on)
    })
}

/// The products of which a request waits to be reminded, with the days.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request.
pub fn of_request(service: &Service, actor: &Actor, id: Uuid) -> Result<Vec<(String, Day)>, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    service.store.read(|conn| {
        requests::by_id(conn, &visible, id)?;
        Ok(reminders::of_request(conn, id)?)
    })
}

/// How many reminders are due.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    reminders::count_due(conn, civil_day(now))
}

/// Tells each reminder that is due, once; tells how many.
///
/// # Errors
/// When the database fails.
pub fn tell(service: &Service) -> Result<i64, ActionError> {
    let today = service.clock.today();
    let due = service.store.read(|conn| reminders::due(conn, today, TOLD_AT_A_TIME))?;
    let mut handled = 0;
    for reminder in due {
        match service.store.write(|conn| tell_one(service, conn, &reminder)) {
            // Another node told it, or it was asked anew.
            Err(ActionError::Stale) => {}
            other => other?,
        }
        handled += 1;
    }
    Ok(handled)
}

fn tell_one(service: &Service, conn: &mut AnyConnection, reminder: &StoredReminder) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    reminders::told(conn, reminder, clock.now())?;
    let scope = Scope::District(reminder.district_code.clone());
    let request = requests::by_id(conn, &scope, reminder.request_id)?;
    let name = match products::by_code(conn, &scope, &reminder.product_code) {
        Ok(product) => product.product.name.clone(),
        Err(StoreError::NotFound) => reminder.product_code.clone(),
        Err(error) => return Err(error.into()),
    };
    let words = [("product", name), ("day", reminder.due_on.to_string())];
    let event = format!("reminder:{}:{}", reminder.id, reminder.due_on);
    tell_enterprise(conn, &request, Topic::ReminderDue, event, &words, clock)?;
    Ok(())
}
