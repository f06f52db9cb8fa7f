//! A bank's queue, one referral, and the credit profile behind it.

use super::consents::place;
use super::users::BankUser;
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::queue::{self, place_of};
use crate::actions::{ActionError, answers, credit_profile};
use crate::domain::codes::Code;
use crate::domain::invalid::{Problem, Rule};
use crate::domain::referral::{DeclineReason, ReferralState};
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::sign_in::Empty;
use crate::web::input::steps::ReasonForm;
use crate::web::state::WebState;
use crate::web::view::queue::{CreditProfilePage, DeclineBox, QueuePage, QueueRow, ReferralPage, Tab, uncertain};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
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
    let ((counts, queued), counting) = state
        .run_counting(move |service| {
            let counts = queue::counts(service, &actor)?;
            let queued = queue::list(service, &actor, wanted, before, PAGE_ROWS + 1)?;
            Ok((counts, queued))
        })
        .await?;
    let (queued, more) = one_page(queued);
    let last = queued.last().filter(|_| more);
    let filter = wanted.map_or_else(String::new, |state| format!("state={state}&"));
    let rows: Vec<QueueRow> = queued.iter().map(|one| QueueRow::new(one, &counting)).collect();
    render(&QueuePage {
        uncertain: uncertain(&rows),
        shell: user.shell(&state, SECTION),
        today: state.service.clock.today().to_string(),
        waiting: counts.get(&ReferralState::Pending).copied().unwrap_or(0),
        tabs: tabs(&counts, wanted),
        rows,
        next: last.map(|last| format!("{SECTION}?{filter}before={}", place_of(&last.referral))),
    })
}

fn tabs(counts: &HashMap<ReferralState, i64>, wanted: Option<ReferralState>) -> Vec<Tab> {
    // What is in reserve or only proposed has not come to the bank.
    let unknown = [ReferralState::Reserve, ReferralState::Proposed];
    let known = ReferralState::ALL.iter().filter(|state| !unknown.contains(state));
    let of_state = known.map(|state| Tab {
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
    render(&referral(&state, &user, path.into_inner()).await?)
}

async fn referral(state: &WebState, user: &BankUser, id: Uuid) -> Result<ReferralPage, PageFailure> {
    let actor = user.actor.clone();
    let (sheet, counting) = state
        .run_counting(move |service| queue::show(service, &actor, id))
        .await?;
    Ok(ReferralPage::new(user.shell(state, SECTION), &sheet, &counting))
}

/// Declines one.
pub async fn decline(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
    form: PageForm<ReasonForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor, form) = (path.into_inner(), user.actor.clone(), form.0);
    let outcome = match DeclineReason::find(&form.reason) {
        None => Err(ActionError::from(Problem {
            field: "reason".to_owned(),
            rule: Rule::Required,
        })),
        Some(reason) => {
            let text = form.text.clone();
            state
                .run(move |service| answers::decline(service, &actor, id, reason, Some(&text)))
                .await
        }
    };
    match outcome {
        // A colleague was faster: the page shows what came of it.
        Ok(_) | Err(ActionError::Refused(_) | ActionError::Stale) => {
            Ok(see_other(&format!("{SECTION}/referrals/{id}")))
        }
        Err(ActionError::Invalid(problems)) => {
            let mut page = referral(&state, &user, id).await?;
            let wrongs = Wrongs::new(&problems, &DeclineBox::LABELS);
            page.decline = Some(DeclineBox::new(&form.reason, &form.text, wrongs));
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// Goes on with one that an acceptance had cancelled.
pub async fn take_up(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    state.run(move |service| answers::take_up(service, &actor, id)).await?;
    Ok(see_other(&format!("{SECTION}/referrals/{id}")))
}

/// The credit profile; each time that it is opened is a line in the enterprise's log.
pub async fn profile(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let (profile, counting) = state
        .run_counting(move |service| credit_profile::read(service, &actor, id))
        .await?;
    render(&CreditProfilePage::new(
        user.shell(&state, SECTION),
        &profile,
        &counting,
    ))
}
