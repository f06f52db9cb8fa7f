//! The open requests as books that stay in memory, for products that are tried on all of them.
//!
//! Whoever tries a product asks the database which requests are open and in which state each of them and its enterprise
//! is; only what is in another state than the book has it in is read and written into it. A day has books of its own,
//! because facts end by themselves.

use super::{ActionError, Service};
use crate::domain::actor::Scope;
use crate::domain::dates::Day;
use crate::domain::verdict::Simulation;
use crate::matching::{Applicant, Book, Catalogue, Entry, Firm, Limits};
use crate::store::open_requests::{self, OpenRequest};
use crate::store::{AnyConnection, enterprises, requests};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// A book for each district whose requests were asked for, and one for all. Empty until then.
#[derive(Default)]
pub struct OpenRequests {
    books: Mutex<HashMap<Option<String>, Kept>>,
}

/// What a book has, each with the number of its state.
struct Kept {
    day: Day,
    book: Book<Uuid>,
    firms: HashMap<Uuid, (Firm, i32)>,
    requests: HashMap<Uuid, (Entry, i32)>,
}

impl Kept {
    fn new(day: Day) -> Self {
        Self {
            day,
            book: Book::default(),
            firms: HashMap::new(),
            requests: HashMap::new(),
        }
    }

    fn take_out_all_but(&mut self, open: &[OpenRequest]) {
        let open: HashSet<Uuid> = open.iter().map(|request| request.id).collect();
        let book = &mut self.book;
        self.requests.retain(|id, (entry, _)| {
            let stays = open.contains(id);
            if !stays {
                book.remove(*entry);
            }
            stays
        });
    }

    fn put(&mut self, conn: &mut AnyConnection, request: &OpenRequest) -> Result<(), ActionError> {
        let firm = self.firm(conn, request)?;
        let known = self.requests.get(&request.id).copied();
        if known.is_some_and(|(_, version)| version == request.version) {
            return Ok(());
        }
        let scope = Scope::District(request.district_code.clone());
        let stored = requests::by_id(conn, &scope, request.id)?;
        if let Some((entry, _)) = known {
            self.book.remove(entry);
            self.requests.remove(&request.id);
        }
        if let Some(need) = stored.need {
            let entry = self.book.add(request.id, firm, need);
            self.requests.insert(request.id, (entry, request.version));
        }
        Ok(())
    }

    /// The request's enterprise, as it is known now.
    fn firm(&mut self, conn: &mut AnyConnection, request: &OpenRequest) -> Result<Firm, ActionError> {
        let (id, version) = (request.enterprise_id, request.profile_version);
        let known = self.firms.get(&id).copied();
        if let Some((firm, seen)) = known
            && seen == version
        {
            return Ok(firm);
        }
        let scope = Scope::District(request.district_code.clone());
        let stored = enterprises::by_id(conn, &scope, id, self.day)?;
        let applicant = Applicant::new(&stored.enterprise, self.day);
        let firm = match known {
            Some((firm, _)) => {
                self.book.change_firm(firm, &applicant);
                firm
            }
            None => self.book.add_firm(&applicant),
        };
        self.firms.insert(id, (firm, version));
        Ok(firm)
    }
}

/// Tries a catalogue of one product on the open requests of a district, or on all.
///
/// # Errors
/// When the database fails.
pub(super) fn try_on(
    service: &Service,
    district: Option<&str>,
    catalogue: &Catalogue,
    limits: Limits,
) -> Result<Simulation<Uuid>, ActionError> {
    let day = service.clock.today();
    service.store.read(|conn| {
        let mut open = open_requests::all(conn)?;
        open.retain(|request| district.is_none_or(|district| *district == request.district_code));
        let mut books = service
            .open_requests
            .books
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let kept = books
            .entry(district.map(str::to_owned))
            .or_insert_with(|| Kept::new(day));
        if kept.day != day {
            *kept = Kept::new(day);
        }
        kept.take_out_all_but(&open);
        let is_new = kept.book.is_empty();
        for request in &open {
            kept.put(conn, request)?;
        }
        if is_new {
            kept.book.settle();
        }
        Ok(kept.book.simulate(catalogue, limits))
    })
}
