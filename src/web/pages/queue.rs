//! A bank's queue, one referral, and the credit profile behind it.

use super::consents::place;
use super::users::BankUser;
use super::{PAGE_ROWS, one_page, render};
use crate::actions::queue::{self, place_of};
use crate::actions::{ActionError, credit_profile};
use crate::domain::codes::Code;
use crate::domain::referral::ReferralState;
use crate::web::error::PageFailure;
use crate::web::state::WebState;
use crate::web::view::queue::{CreditProfilePage, QueuePage, QueueRow, ReferralPage, Tab};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

const SECTION: &str = "/bank";

/// Which referrals, and where the list goes on.
#[derive(Deserialize)]
pub struct Part {
    state: Option<String>,
    before: Option<String>,
}

/// The queue.
pub async fn list(
    state: web::Data<WebState>,
    user: BankUser,
    query: web::Query<Part>,
) -> Result<HttpResponse, PageFailure> {
    let wanted = match query.state.as_deref() {
        None => None,
        Some(code) => Some(ReferralState::find(code).ok_or(ActionError::NotFound)?),
    };
    let (before, actor) = (place(query.before.as_deref())?, user.actor.clone());
    let (counts, queued) = state
        .run(move |service| {
            let counts = queue::counts(service, &actor)?;
            Ok((counts, queue::list(service, &actor, wanted, before, PAGE_ROWS + 1)?))
        })
        .await?;
    let (queued, more) = one_page(queued);
    let last = queued.last().filter(|_| more);
    let filter = wanted.map_or_else(String::new, |state| format!("state={state}&"));
    render(&QueuePage {
        shell: user.shell(&state, SECTION),
        today: state.service.clock.today().to_string(),
        waiting: counts.get(&ReferralState::Pending).copied().unwrap_or(0),
        tabs: tabs(&counts, wanted),
        rows: queued.iter().map(QueueRow::from).collect(),
        next: last.map(|last| format!("{SECTION}?{filter}before={}", place_of(&last.referral))),
    })
}

fn tabs(counts: &HashMap<ReferralState, i64>, wanted: Option<ReferralState>) -> Vec<Tab> {
    let of_state = ReferralState::ALL.iter().map(|state| Tab {
        href: format!("{SECTION}?state={state}"),
        label: state.label(),
        count: counts.get(state).copied().unwrap_or(0),
        current: wanted == Some(*state),
    });
    let all = Tab {
        href: SECTION.to_owned(),
        label: "全部",
        count: counts.values().sum(),
        current: wanted.is_none(),
    };
    std::iter::once(all).chain(of_state).collect()
}

/// One referral: the need, and each product check by check.
pub async fn show(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let sheet = state.run(move |service| queue::show(service, &actor, id)).await?;
    render(&ReferralPage::new(user.shell(&state, SECTION), &sheet))
}

/// The credit profile; each time that it is opened is a line in the enterprise's log.
pub async fn profile(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let profile = state
        .run(move |service| credit_profile::read(service, &actor, id))
        .await?;
    render(&CreditProfilePage::new(user.shell(&state, SECTION), &profile))
}
