//! An enterprise's requests: begun as drafts, kept as typed, submitted once whole.

use super::matches;
use super::once::{self, OnceKey};
use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::request::{Need, RequestEvent, RequestState};
use crate::domain::uscc::Uscc;
use crate::store::requests::{self, Expected, NewRequest};
use crate::store::{AnyConnection, accounts, audit, enterprises, matches as stored_matches, needs_centre, outbox};
use std::collections::BTreeMap;
use uuid::Uuid;

pub use crate::store::requests::StoredRequest;

/// What a draft holds: the need where it is whole, and the page's form as typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct DraftContent<'a> {
    /// What is asked for, once it holds every rule.
    pub need: Option<&'a Need>,
    /// The page's form as typed, as JSON.
    pub typed: Option<&'a str>,
}

/// Requests that the actor may see, newest first: at most `limit` of those numbered before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none at all.
pub fn list(
    service: &Service,
    actor: &Actor,
    state: Option<RequestState>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredRequest>, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    Ok(service
        .store
        .read(|conn| requests::list(conn, &scope, state, before, limit))?)
}

/// The open requests of the actor's district that stand on the centre's desk, newest first: at most `limit` of those
/// numbered before `before`. Whether one does is asked of the rows each time.
///
/// # Errors
/// [`ActionError::NotFound`] for who does not serve them.
pub fn needing_centre(
    service: &Service,
    actor: &Actor,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredRequest>, ActionError> {
    let scope = may_see(actor, Right::ServeRequests)?;
    service.store.read(|conn| {
        let today = service.clock.today();
        let ids = needs_centre::list(conn, &actor.district_code, before, limit, today)?;
        Ok(requests::these(conn, &scope, &ids)?)
    })
}

/// One request.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredRequest, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    Ok(service.store.read(|conn| requests::by_id(conn, &scope, id))?)
}

/// Begins a request of the actor's enterprise, once for each key.
///
/// # Errors
/// [`ActionError::Forbidden`] for who may not write requests, [`ActionError::Invalid`] where the credit
/// code is not that of the actor's enterprise or the need breaks a rule.
pub fn begin(
    service: &Service,
    actor: &Actor,
    uscc: Option<Uscc>,
    content: DraftContent<'_>,
    key: Option<&OnceKey>,
) -> Result<StoredRequest, ActionError> {
    let scope = may_do(actor, Right::WriteRequests)?;
    check(content.need)?;
    let today = service.clock.today();
    once::write(service, key, |conn| {
        let own = enterprises::of_organisation(conn, actor.organisation_id, today)?;
        if let Some(uscc) = uscc.filter(|uscc| *uscc != own.enterprise.uscc) {
            return Err(Problem {
                field: "uscc".to_owned(),
                rule: Rule::NotFound(uscc.to_string()),
            }
            .into());
        }
        let new = NewRequest {
            enterprise_id: own.id,
            district_code: &own.district_code,
            reference: None,
            need: content.need,
            draft: content.typed,
        };
        let (id, _) = requests::insert_draft(conn, &new, service.clock.as_ref())?;
        Ok(requests::by_id(conn, &scope, id)?)
    })
}

/// Keeps what a draft now says. `version` is the one that the change was made from; none: the newest.
///
/// # Errors
/// [`ActionError::Stale`] where another change came first, [`ActionError::Refused`] once it is submitted.
pub fn save_draft(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    content: DraftContent<'_>,
) -> Result<StoredRequest, ActionError> {
    check(content.need)?;
    service.store.write(|conn| {
        let visible = may_see(actor, Right::ViewRequests)?;
        let request = requests::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::WriteRequests)?;
        request.state.next(RequestEvent::Edit)?;
        let expected = Expected {
            version: version.unwrap_or(request.version),
            ..Expected::from(&request)
        };
        requests::update_draft(conn, &scope, expected, content.need, content.typed)?;
        Ok(requests::by_id(conn, &scope, id)?)
    })
}

/// Submits a draft: it is matched against the catalogue of today, and the result is stored with the
/// versions of everything that it saw, in the transaction that opens the request.
///
/// # Errors
/// [`ActionError::Invalid`] while something is missing or another request for the purpose has not ended, [`ActionError::Refused`] once it is submitted,
/// [`ActionError::Stale`] where someone else was faster.
pub fn submit(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredRequest, ActionError> {
    let today = service.clock.today();
    service.store.write(|conn| {
        let visible = may_see(actor, Right::ViewRequests)?;
        let request = requests::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::WriteRequests)?;
        let next = request.state.next(RequestEvent::Submit)?;
        let need = request.need.as_ref().ok_or_else(|| Problem {
            field: "amount_fen".to_owned(),
            rule: Rule::Required,
        })?;
        check(Some(need))?;
        check_alone(service, conn, &request, need)?;
        let loaded = service.catalogue.current(conn, today)?;
        let run = matches::run(conn, &scope, &request, need, &loaded)?;
        let now = service.clock.now();
        let expires_on = today.plus_days(i64::from(service.settings.desk.request_days));
        requests::submit(conn, &scope, (&request).into(), next, now, expires_on)?;
        stored_matches::insert(conn, id, &run, service.clock.as_ref())?;
        tell_submitted(service, conn, actor, &request, next, expires_on)?;
        Ok(StoredRequest {
            state: next,
            version: request.version + 1,
            submitted_at: Some(now),
            expires_on: Some(expires_on),
            ..request
        })
    })
}

/// The log's entry, and a message to each user of the enterprise.
fn tell_submitted(
    service: &Service,
    conn: &mut AnyConnection,
    actor: &Actor,
    request: &StoredRequest,
    next: RequestState,
    expires_on: Day,
) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let entry = AuditEntry {
        action: AuditAction::RequestSubmitted,
        subject: format!("request:{}", request.id),
        before: Some(request.state.code().to_owned()),
        after: Some(next.code().to_owned()),
    };
    audit::append(conn, actor, &entry, clock)?;
    for account in accounts::active_of(conn, actor.organisation_id)? {
        let message = Message {
            event: format!("request:{}:submitted", request.id),
            to: Recipient::Account(account),
            topic: Topic::RequestSubmitted,
            parameters: BTreeMap::from([
                ("number".to_owned(), request.number.clone()),
                ("enterprise".to_owned(), request.enterprise_name.clone()),
                ("until".to_owned(), expires_on.to_string()),
            ]),
            link: Some(format!("/enterprise/requests/{}", request.id)),
        };
        outbox::put(conn, &message, clock)?;
    }
    Ok(())
}

/// Whether the enterprise may have one more request for this purpose.
fn check_alone(
    service: &Service,
    conn: &mut AnyConnection,
    request: &StoredRequest,
    need: &Need,
) -> Result<(), ActionError> {
    let mut same = requests::not_ended(conn, request.enterprise_id)?;
    same.retain(|(_, other)| other.purpose == need.purpose);
    let most = usize::try_from(service.settings.desk.open_per_purpose).unwrap_or(usize::MAX);
    match same.first() {
        Some((newest, _)) if same.len() >= most => Err(Problem {
            field: "purpose".to_owned(),
            rule: Rule::Duplicate(newest.clone()),
        }
        .into()),
        _ => Ok(()),
    }
}

fn check(need: Option<&Need>) -> Result<(), ActionError> {
    let mut problems = Problems::default();
    if let Some(need) = need {
        need.check(&mut problems);
    }
    Ok(problems.or(())?)
}
