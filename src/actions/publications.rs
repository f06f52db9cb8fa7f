//! After a product came into the matching anew: the open requests that it touches are matched again, and the
//! enterprises are told what fits now, once a day at most.

use super::matches::{self, district_of};
use super::{ActionError, Service};
use crate::clock::civil_day;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::request::RequestState;
use crate::domain::verdict::{EligibleRow, IncompleteRow, MatchResult, NearRow};
use crate::store::publications::{self as store, NewlyEligible, Rematch};
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, StoreError, accounts, matches as stored_matches, outbox};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many requests one turn looks at.
pub const MATCHED_AT_A_TIME: i64 = 50;
/// How many enterprises one turn tells.
pub const TOLD_AT_A_TIME: i64 = 50;

/// How many products there are to match the open requests with again.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut AnyConnection, _now: DateTime<Utc>) -> Result<i64, StoreError> {
    store::count(conn)
}

/// Matches some open requests with one product again; a result that it does not touch stays as it is. A turn that was
/// cut short is done again, and finds nothing to do where it was.
///
/// # Errors
/// When the database fails, or before the first LPR.
pub fn run(service: &Service) -> Result<i64, ActionError> {
    let Some(product) = service.store.read(store::next)? else {
        return Ok(0);
    };
    // As a write, which PostgreSQL sets against the others: a submission that saw the catalogue as it was before is either
    // on the page or tried again.
    let page = service
        .store
        .write(|conn| requests::open_after(conn, &product.after, MATCHED_AT_A_TIME))?;
    if let Some(last) = page.last() {
        for request in &page {
            service.store.write(|conn| one(service, conn, request, &product))?;
        }
        service
            .store
            .write(|conn| store::advance(conn, &product, Some(&last.number)))?;
    } else {
        service.store.write(|conn| store::advance(conn, &product, None))?;
    }
    i64::try_from(page.len()).map_err(ActionError::internal)
}

fn one(
    service: &Service,
    conn: &mut AnyConnection,
    request: &StoredRequest,
    product: &Rematch,
) -> Result<(), ActionError> {
    let scope = district_of(request);
    let request = requests::by_id(conn, &scope, request.id)?;
    let (RequestState::Open, Some(need)) = (request.state, &request.need) else {
        return Ok(());
    };
    let clock = service.clock.as_ref();
    let loaded = service.catalogue.current(conn, clock.today())?;
    let run = matches::run(conn, &scope, &request, need, &loaded)?;
    let new: MatchResult = serde_json::from_str(&run.result).map_err(ActionError::internal)?;
    let old = match stored_matches::newest(conn, &scope, request.id) {
        Err(StoreError::NotFound) => return Ok(()),
        other => other?,
    };
    let old: MatchResult = serde_json::from_str(&old.result).map_err(ActionError::internal)?;
    let (was, is) = (Standing::of(&old, &product.code), Standing::of(&new, &product.code));
    if was == is {
        return Ok(());
    }
    stored_matches::insert(conn, request.id, &run, clock)?;
    let today = clock.today();
    let was_told = outbox::was_told(conn, &event(request.enterprise_id, today))?;
    let due_on = if was_told { today.plus_days(1) } else { today };
    // Of every product that began to fit: one that is further back in the queue finds it stored.
    for row in missing_from(&old, &new) {
        store::note_eligible(conn, request.id, &row.product, due_on)?;
    }
    for row in missing_from(&new, &old) {
        store::forget_eligible(conn, request.id, &row.product)?;
    }
    Ok(())
}

/// What fits in the second result and did not in the first.
fn missing_from<'a>(first: &'a MatchResult, second: &'a MatchResult) -> impl Iterator<Item = &'a EligibleRow> {
    let fitted = |row: &EligibleRow| first.eligible.iter().any(|other| other.product == row.product);
    second.eligible.iter().filter(move |row| !fitted(row))
}

/// How a product stands in a result: in one of its lists, or in none.
#[derive(PartialEq)]
struct Standing<'a> {
    fits: Option<&'a EligibleRow>,
    may_fit: Option<&'a IncompleteRow>,
    near: Option<&'a NearRow>,
}

impl<'a> Standing<'a> {
    fn of(result: &'a MatchResult, code: &str) -> Self {
        Self {
            fits: result.eligible.iter().find(|row| row.product == code),
            may_fit: result.incomplete.iter().find(|row| row.terms.product == code),
            near: result.near.iter().find(|row| row.terms.product == code),
        }
    }
}

/// What an enterprise is told on a day, once.
fn event(enterprise_id: Uuid, day: Day) -> String {
    format!("enterprise:{enterprise_id}:{}:{day}", Topic::NewlyEligible.code())
}

/// How many products there are to tell of. While requests are being matched again nobody is told yet, so that one mail
/// tells of all.
///
/// # Errors
/// When the database fails.
pub fn to_tell(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    if store::count(conn)? > 0 {
        return Ok(0);
    }
    store::count_untold(conn, civil_day(now))
}

/// Tells some enterprises which of their requests something fits that did not before.
///
/// # Errors
/// When the database fails.
pub fn tell(service: &Service) -> Result<i64, ActionError> {
    let today = service.clock.today();
    let enterprises = service.store.read(|conn| store::untold(conn, today, TOLD_AT_A_TIME))?;
    for enterprise_id in &enterprises {
        service.store.write(|conn| {
            let found = store::take_untold(conn, *enterprise_id, today)?;
            tell_one(service, conn, *enterprise_id, &found)
        })?;
    }
    i64::try_from(enterprises.len()).map_err(ActionError::internal)
}

fn tell_one(
    service: &Service,
    conn: &mut AnyConnection,
    enterprise_id: Uuid,
    found: &[NewlyEligible],
) -> Result<(), StoreError> {
    let numbers: Vec<&str> = found.iter().map(|one| one.number.as_str()).collect();
    let link = match found {
        [] => return Ok(()),
        [one] => format!("/enterprise/requests/{}", one.request_id),
        _ => "/enterprise/requests".to_owned(),
    };
    let count: usize = found.iter().map(|one| one.products).sum();
    for account in accounts::active_of_enterprise(conn, enterprise_id)? {
        let message = Message {
            event: event(enterprise_id, service.clock.today()),
            to: Recipient::Account(account),
            topic: Topic::NewlyEligible,
            parameters: BTreeMap::from([
                ("number".to_owned(), numbers.join("、")),
                ("count".to_owned(), count.to_string()),
            ]),
            link: Some(link.clone()),
        };
        outbox::put(conn, &message, service.clock.as_ref())?;
    }
    Ok(())
}
