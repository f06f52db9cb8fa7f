//! Trying a product on the open requests before it is published.
//!
//! A bank is told rounded counts, so many times a day, each of them in the log, and what an enterprise would pay at
//! most counts as met ([`crate::domain::simulation`] says why). An officer, who sees the requests anyway, is told all.

use super::product_drafts::own;
use super::products::checked_code;
use super::{ActionError, Service, may_do, may_see};
use crate::clock::start_of;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::ProductStatus;
use crate::domain::product::{Product, ProductForm};
use crate::domain::simulation::RoughSimulation;
use crate::domain::verdict::Simulation;
use crate::matching::{Applicant, Book, Catalogue, Firm, Limits};
use crate::store::requests::StoredRequest;
use crate::store::{AnyConnection, audit, enterprises, lpr, products, requests};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

use super::matches::district_of;

/// What a simulation came to, as far as the actor may know.
#[derive(Debug)]
pub enum Simulated {
    /// For a bank: counts, rounded.
    Rough {
        /// What came of it.
        told: RoughSimulation,
        /// How many more its users may run today.
        left: i64,
    },
    /// For an officer: everything.
    Exact(Simulation<Uuid>),
}

/// Tries a product on the open requests: a bank its draft, or what is published where it has none; an officer what is
/// published.
///
/// # Errors
/// [`ActionError::TriesUsedUp`] where the bank has run as many today as it may, [`ActionError::NotFound`] where the
/// actor sees no such product, [`ActionError::Forbidden`] for who may not try it.
pub fn run(service: &Service, actor: &Actor, code: &str) -> Result<Simulated, ActionError> {
    let code = checked_code(code)?;
    let (product, left) = claim(service, actor, code)?;
    let simulation = tried(service, &product, &may_do(actor, Right::SimulateProducts)?)?;
    Ok(match left {
        Some(left) => Simulated::Rough {
            told: (&simulation).into(),
            left,
        },
        None => Simulated::Exact(simulation),
    })
}

/// The product to be tried, with how many more tries there are today; the log tells of this one.
fn claim(service: &Service, actor: &Actor, code: &str) -> Result<(Product, Option<i64>), ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let seen = products::by_code(conn, &may_see(actor, Right::ViewProducts)?, code)?;
        let (product, left) = match may_do(actor, Right::SimulateProducts)? {
            Scope::Organisation(_) => {
                let kept = own(conn, actor, code)?.1;
                let left = left_today(service, conn, actor)?;
                (kept.draft.unwrap_or(kept.stored.product), Some(left))
            }
            Scope::District(_) => (seen.product, None),
        };
        let entry = AuditEntry {
            action: AuditAction::ProductSimulated,
            subject: format!("product:{code}"),
            before: None,
            after: None,
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok((product, left))
    })
}

/// How many tries are left today after this one.
fn left_today(service: &Service, conn: &mut AnyConnection, actor: &Actor) -> Result<i64, ActionError> {
    let now = service.clock.now();
    let today = service.clock.today();
    let done = audit::count_since(
        conn,
        actor.organisation_id,
        AuditAction::ProductSimulated,
        start_of(today),
    )?;
    let left = service.settings.products.simulations_a_day - done - 1;
    if left < 0 {
        let seconds = (start_of(today.plus_days(1)) - now).num_seconds().max(1);
        return Err(ActionError::TriesUsedUp { seconds });
    }
    Ok(left)
}

/// How many open requests are read at a time.
const READ_AT_A_TIME: i64 = 500;

fn is_tried(request: &StoredRequest, scope: &Scope) -> bool {
    match scope {
        Scope::District(code) => *code == request.district_code,
        Scope::Organisation(_) => true,
    }
}

/// Tries it on the open requests: an officer's on those of the district, a bank's on all, and without what an enterprise
/// would pay at most.
fn tried(service: &Service, product: &Product, scope: &Scope) -> Result<Simulation<Uuid>, ActionError> {
    let today = service.clock.today();
    let limits = match scope {
        Scope::District(_) => Limits::Kept,
        Scope::Organisation(_) => Limits::TakenAsMet,
    };
    let product = Product::parse(ProductForm {
        status: ProductStatus::Open,
        confirmed_on: None,
        ..(**product).clone()
    })?;
    let (table, book) = service.store.read(|conn| {
        let mut book = Book::default();
        let mut firms: HashMap<Uuid, Firm> = HashMap::new();
        let mut after = String::new();
        loop {
            let page = requests::open_after(conn, &after, READ_AT_A_TIME)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.number);
            for request in page {
                let Some(need) = request.need.as_ref().filter(|_| is_tried(&request, scope)) else {
                    continue;
                };
                let firm = match firms.entry(request.enterprise_id) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(place) => {
                        let stored = enterprises::by_id(conn, &district_of(&request), request.enterprise_id, today)?;
                        *place.insert(book.add_firm(&Applicant::new(&stored.enterprise, today)))
                    }
                };
                book.add(request.id, firm, need.clone());
            }
        }
        book.settle();
        Ok::<_, ActionError>((lpr::table(conn)?, book))
    })?;
    let catalogue = Catalogue::compile(vec![product], &table, today)?;
    Ok(book.simulate(&catalogue, limits))
}
