//! Where an enterprise's user begins, and what is known of the enterprise.

use super::users::EnterpriseUser;
use super::{PAGE_ROWS, one_page, render};
use crate::actions::disputes::{self, DisputeFilter};
use crate::actions::{ActionError, authorisation, enterprises, loans, requests};
use crate::domain::actor::Right;
use crate::domain::dispute::DisputeState;
use crate::domain::facts::{FACTS, FactKey};
use crate::domain::request::RequestState;
use crate::web::error::PageFailure;
use crate::web::state::WebState;
use crate::web::view::consents::left_out;
use crate::web::view::lists::{EnterpriseHome, RequestRow, RequestsPage};
use crate::web::view::profile::{ProfilePage, ProfileReader};
use crate::web::view::source::{Known, Standing};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// How many requests the first page shows.
const NEWEST: usize = 5;

/// More disputes than facts can't be open.
const MOST_OPEN: i64 = 64;

/// The next thing to do.
pub async fn home(state: web::Data<WebState>, user: EnterpriseUser) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let ((profile, authorised, stored, maturing), counting) = state
        .run_counting(move |service| {
            let stored = requests::list(service, &actor, None, None, PAGE_ROWS)?;
            let profile = enterprises::own(service, &actor)?;
            let authorised = authorisation::show(service, &actor, profile.stored.enterprise.uscc)?;
            let maturing = loans::maturing(service, &actor, PAGE_ROWS)?;
            Ok((profile, authorised, stored, maturing))
        })
        .await?;
    let may_write = user.has(Right::WriteRequests);
    let newest = |of| stored.iter().find(|request| request.state == of);
    let row = |request| RequestRow::own(request, may_write, &counting);
    let known = Known {
        facts: &profile.known,
        as_of: state.service.clock.today(),
    };
    let count = |of| FACTS.iter().filter(|spec| known.standing(spec.key) == of).count();
    render(&EnterpriseHome {
        shell: user.shell(&state, "/enterprise"),
        name: user.actor.name.clone(),
        draft: newest(RequestState::Draft).filter(|_| may_write).map(row),
        newest: newest(RequestState::Open).map(row),
        requests: stored.iter().take(NEWEST).map(row).collect(),
        expired: count(Standing::Expired),
        missing: count(Standing::Missing),
        maturing: maturing
            .first()
            .map(|next| (maturing.len(), next.matures_on.to_string())),
        left_out: left_out(authorised.as_ref(), state.service.clock.today()),
        may_write,
    })
}

/// Where a list goes on.
#[derive(Deserialize)]
pub struct Before {
    before: Option<String>,
}

/// The enterprise's requests.
pub async fn list(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    query: web::Query<Before>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let before = query.into_inner().before;
    let (stored, counting) = state
        .run_counting(move |service| requests::list(service, &actor, None, before.as_deref(), PAGE_ROWS + 1))
        .await?;
    let (stored, more) = one_page(stored);
    let may_write = user.has(Right::WriteRequests);
    let last = stored.last().filter(|_| more);
    render(&RequestsPage {
        shell: user.shell(&state, "/enterprise/requests"),
        next: last.map(|last| format!("/enterprise/requests?before={}", last.number)),
        requests: stored
            .iter()
            .map(|request| RequestRow::own(request, may_write, &counting))
            .collect(),
        may_write,
    })
}

/// The fact that was just declared.
#[derive(Deserialize)]
pub struct Saved {
    saved: Option<String>,
}

/// What is known of the enterprise.
pub async fn profile(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    query: web::Query<Saved>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let (profile, authorised, open) = state
        .run(move |service| {
            let profile = enterprises::own(service, &actor)?;
            let authorised = authorisation::show(service, &actor, profile.stored.enterprise.uscc)?;
            let open = DisputeFilter {
                state: Some(DisputeState::Open),
                key: None,
            };
            let open = disputes::list(service, &actor, open, None, MOST_OPEN)?;
            Ok((profile, authorised, open))
        })
        .await?;
    let reader = ProfileReader::Enterprise {
        may_declare: user.has(Right::DeclareFacts),
        saved: query.saved.as_deref().and_then(FactKey::find),
    };
    let shell = user.shell(&state, "/enterprise/profile");
    let today = state.service.clock.today();
    render(&ProfilePage::new(shell, &profile, authorised.as_ref(), today, reader).with_disputes(&open))
}

/// The key of a fact in an address.
pub(super) fn fact_of(code: &str) -> Result<FactKey, PageFailure> {
    FactKey::find(code).ok_or_else(|| ActionError::NotFound.into())
}
