//! Disputes that departments and the centre have to answer.

use super::feed::FeedUser;
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::ActionError;
use crate::actions::disputes::{self, DisputeFilter};
use crate::domain::codes::Code;
use crate::domain::dispute::DisputeState;
use crate::domain::place::Place;
use crate::web::error::PageFailure;
use crate::web::input::feed::AnswerForm;
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::disputes::{DisputePage, DisputeRow, DisputesPage};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

/// Which disputes, where the list goes on, and what was just done.
#[derive(Deserialize)]
pub struct ListQuery {
    state: Option<String>,
    before: Option<String>,
    done: Option<String>,
}

/// The disputes: those that wait for an answer, unless others are asked for.
pub async fn list<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, PageFailure> {
    let list = U::PATHS.disputes;
    let actor = user.actor.clone();
    let shown = match query.state.as_deref() {
        Some("all") => None,
        Some(code) => DisputeState::find(code).or(Some(DisputeState::Open)),
        None => Some(DisputeState::Open),
    };
    let before = query.before.as_deref().and_then(|place| place.parse().ok());
    let filter = DisputeFilter {
        state: shown,
        key: None,
    };
    let (found, open) = state
        .run(move |service| {
            let open = disputes::count_open(service, &actor)?;
            let found = disputes::list(service, &actor, filter, before, PAGE_ROWS + 1)?;
            Ok((found, open))
        })
        .await?;
    let (found, more) = one_page(found);
    let code = shown.map_or("all", Code::code);
    let next = found.last().filter(|_| more).map(|last| {
        let place = Place {
            at: last.raised_at,
            id: last.id,
        };
        format!("{list}?state={code}&before={place}")
    });
    let tab = |code: &str, label, current| (format!("{list}?state={code}"), label, current);
    render(&DisputesPage {
        shell: user.shell(&state, list),
        heading: if open > 0 {
            format!("{open} 件异议或核验申请待答复")
        } else {
            "没有待答复的异议".to_owned()
        },
        tabs: vec![
            tab("open", DisputeState::Open.label(), shown == Some(DisputeState::Open)),
            tab(
                "answered",
                DisputeState::Answered.label(),
                shown == Some(DisputeState::Answered),
            ),
            tab("all", "全部", shown.is_none()),
        ],
        rows: found.iter().map(|dispute| DisputeRow::new(dispute, list)).collect(),
        answered: query.done.is_some(),
        next: next.unwrap_or_default(),
    })
}

/// One dispute, with what has to be compared.
pub async fn show<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    render(&page(&state, &user, path.into_inner()).await?)
}

async fn page<U: FeedUser>(state: &WebState, user: &U, id: Uuid) -> Result<DisputePage, PageFailure> {
    let actor = user.actor.clone();
    let sheet = state.run(move |service| disputes::show(service, &actor, id)).await?;
    let shell = user.shell(state, U::PATHS.disputes);
    let today = state.service.clock.today();
    Ok(DisputePage::new(shell, U::PATHS.disputes, U::PATHS.home, &sheet, today))
}

/// Answers a dispute.
pub async fn answer<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
    form: PageForm<AnswerForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, form) = (path.into_inner(), form.0);
    let Some(outcome) = form.outcome() else {
        let page = page(&state, &user, id).await?;
        let page = page.again("", &form.text, ("outcome", "请选一种答复".to_owned()));
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let (actor, text) = (user.actor.clone(), form.text.clone());
    let done = state
        .run(move |service| disputes::answer(service, &actor, id, outcome, &text))
        .await;
    match done {
        Ok(_) => Ok(see_other(&format!("{}?done=answered", U::PATHS.disputes))),
        Err(ActionError::Invalid(problems)) => {
            let advice =
                problems
                    .list()
                    .first()
                    .map_or(("text", String::new()), |problem| match problem.field.as_str() {
                        "outcome" => ("outcome", problem.rule.to_string()),
                        _ => ("text", format!("答复{}", problem.rule)),
                    });
            let page = page(&state, &user, id).await?.again(&form.outcome, &form.text, advice);
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        // A second click, or a colleague, came first: the page shows the answer.
        Err(ActionError::Refused(_) | ActionError::Stale) => Ok(see_other(&format!("{}/{id}", U::PATHS.disputes))),
        Err(error) => Err(error.into()),
    }
}
