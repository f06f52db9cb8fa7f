//! Matching a request once more: when its enterprise asks for it, and when what is known of the enterprise has changed.

use super::telling::tell_enterprise;
use super::{ActionError, Service, matches, may_do, may_see};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::message::Topic;
use crate::domain::request::RequestEvent;
use crate::store::audit::By;
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, audit, matches as stored_matches};
use std::collections::HashSet;
use uuid::Uuid;

/// Requests that are matched once more in one turn of the job.
pub const MATCHED_AT_A_TIME: i64 = 50;

/// What another match came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rematched {
    /// How many products fit that did not before.
    pub added: usize,
    /// How many fit.
    pub eligible: usize,
}

/// Matches an open request against the catalogue of today, and keeps the result beside those before it.
pub(super) fn again(
    service: &Service,
    conn: &mut AnyConnection,
    by: By<'_>,
    request: &StoredRequest,
) -> Result<Rematched, ActionError> {
    request.state.next(RequestEvent::Refer)?;
    let clock = service.clock.as_ref();
    let scope = Scope::District(request.district_code.clone());
    let need = request.need.as_ref().ok_or(ActionError::NotFound)?;
    let codes = |rows: Vec<crate::domain::verdict::EligibleRow>| -> HashSet<String> {
        rows.into_iter().map(|row| row.product).collect()
    };
    let before = codes(matches::eligible(&stored_matches::newest(conn, &scope, request.id)?)?.0);
    let loaded = service.catalogue.current(conn, clock.today())?;
    let run = matches::run(conn, &scope, request, need, &loaded)?;
    stored_matches::insert(conn, request.id, &run, clock)?;
    let now = codes(matches::eligible(&stored_matches::newest(conn, &scope, request.id)?)?.0);
    let rematched = Rematched {
        added: now.difference(&before).count(),
        eligible: run.eligible,
    };
    let entry = AuditEntry {
        action: AuditAction::RequestMatchedAgain,
        subject: format!("request:{}", request.id),
        before: Some(format!("{{\"eligible\":{}}}", before.len())),
        after: Some(format!("{{\"eligible\":{}}}", rematched.eligible)),
    };
    audit::append_by(conn, by, &entry, clock)?;
    Ok(rematched)
}

/// The enterprise has its request matched once more.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id, [`ActionError::Refused`] where it is not open.
pub fn on_demand(service: &Service, actor: &Actor, id: Uuid) -> Result<Rematched, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    service.store.write(|conn| {
        let request = requests::by_id(conn, &visible, id)?;
        may_do(actor, Right::WriteRequests)?;
        again(service, conn, By::User(actor), &request)
    })
}

/// Matches the open requests once more whose enterprise's facts have changed since they were matched, each in a
/// transaction of its own, and tells the enterprise where more fits; tells how many.
///
/// # Errors
/// When the database fails, or there is no LPR.
pub fn after_changes(service: &Service) -> Result<i64, ActionError> {
    let changed = service
        .store
        .read(|conn| stored_matches::outdated(conn, MATCHED_AT_A_TIME))?;
    let mut handled = 0;
    for (id, district) in changed {
        let scope = Scope::District(district.clone());
        let matched = service.store.write(|conn| {
            let request = requests::by_id(conn, &scope, id)?;
            let rematched = again(service, conn, By::Service(&district), &request)?;
            if rematched.added > 0 {
                let run = stored_matches::newest(conn, &scope, id)?.run;
                let words = [("count", rematched.added.to_string())];
                let event = format!("request:{id}:matched:{run}");
                let clock = service.clock.as_ref();
                tell_enterprise(conn, &request, Topic::RequestMatchedAgain, event, &words, clock)?;
            }
            Ok(())
        });
        match matched {
            // It ended just now.
            Err(ActionError::Refused(_) | ActionError::Stale) => {}
            other => other?,
        }
        handled += 1;
    }
    Ok(handled)
}
