//! The centre's desk, with which an officer begins: the queue, and one item of it.

use super::users::Officer;
use super::{PAGE_ROWS, render, render_as, see_other};
use crate::actions::desk::{self, DeskFilter, DeskPlace};
use crate::actions::offers::desk as offers;
use crate::actions::{ActionError, calendars};
use crate::domain::codes::Code;
use crate::domain::desk::{DeskKind, ItemName};
use crate::web::error::PageFailure;
use crate::web::input::desk::DeskForm;
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::calendars::lpr_warning;
use crate::web::view::desk::{DeskPage, ItemPage, back_to, told};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

const SECTION: &str = "/centre";

/// Which items, and what was just done.
#[derive(Deserialize)]
pub struct Part {
    kind: Option<String>,
    #[serde(default)]
    mine: bool,
    after: Option<String>,
    done: Option<String>,
}

/// The queue.
pub async fn list(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<Part>,
) -> Result<HttpResponse, PageFailure> {
    let part = query.into_inner();
    let kind = part
        .kind
        .as_deref()
        .map(|code| DeskKind::find(code).ok_or(ActionError::NotFound));
    let filter = DeskFilter {
        kind: kind.transpose()?,
        is_mine: part.mine,
    };
    let after: Option<DeskPlace> = part.after.as_deref().and_then(|place| place.parse().ok());
    let (actor, rows) = (user.actor.clone(), usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX));
    let (found, warnings) = state
        .run(move |service| {
            let found = desk::list(service, &actor, filter, after.as_ref(), rows)?;
            Ok((found, calendars::warnings(service)?))
        })
        .await?;
    let today = state.service.clock.today().to_string();
    let page = DeskPage::new(user.shell(&state, SECTION), &found, filter, user.actor.user_id, today);
    render(&DeskPage {
        told: told(part.done.as_deref()),
        lpr_warning: lpr_warning(&warnings),
        ..page
    })
}

fn named(item: &str) -> Result<ItemName, PageFailure> {
    item.parse().map_err(|_none| ActionError::NotFound.into())
}

async fn item(state: &WebState, user: &Officer, name: ItemName) -> Result<ItemPage, PageFailure> {
    let actor = user.actor.clone();
    let sheet = state.run(move |service| desk::show(service, &actor, name)).await?;
    Ok(ItemPage::new(user.shell(state, SECTION), &sheet, user.actor.user_id))
}

/// What was just done.
#[derive(Deserialize)]
pub struct Done {
    done: Option<String>,
}

/// One item.
pub async fn show(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
    query: web::Query<Done>,
) -> Result<HttpResponse, PageFailure> {
    let page = item(&state, &user, named(&path)?).await?;
    render(&ItemPage {
        told: told(query.done.as_deref()),
        ..page
    })
}

/// After a post: back to where it came from, which says what came of it; or the item's page, with what to put right.
async fn after(
    state: &WebState,
    user: &Officer,
    name: ItemName,
    form: DeskForm,
    (outcome, done, otherwise): (Result<(), ActionError>, &str, &str),
) -> Result<HttpResponse, PageFailure> {
    let done = match outcome {
        Ok(()) => done,
        // A colleague was faster.
        Err(ActionError::Stale | ActionError::Refused(_)) => otherwise,
        Err(ActionError::Invalid(problems)) => {
            let page = item(state, user, name).await?;
            let page = ItemPage {
                wrongs: Wrongs::new(&problems, &ItemPage::LABELS),
                text: form.text,
                note: form.note,
                ..page
            };
            return render_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        Err(error) => return Err(error.into()),
    };
    Ok(see_other(&if form.from.is_empty() {
        format!("{SECTION}/desk/{name}?done={done}")
    } else {
        back_to(&form.from, done)
    }))
}

/// Sees to an item, or takes it over.
pub async fn claim(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
    form: PageForm<DeskForm>,
) -> Result<HttpResponse, PageFailure> {
    let (name, actor, form) = (named(&path)?, user.actor.clone(), form.0);
    let note = (!form.note.trim().is_empty()).then(|| form.note.clone());
    let outcome = state
        .run(move |service| desk::claim(service, &actor, name, note.as_deref()))
        .await;
    after(&state, &user, name, form, (outcome, "claimed", "held")).await
}

/// Sees to an item no more.
pub async fn release(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
    form: PageForm<DeskForm>,
) -> Result<HttpResponse, PageFailure> {
    let (name, actor) = (named(&path)?, user.actor.clone());
    let outcome = state.run(move |service| desk::release(service, &actor, name)).await;
    after(&state, &user, name, form.0, (outcome, "released", "moved")).await
}

/// Notes something on an item.
pub async fn note(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
    form: PageForm<DeskForm>,
) -> Result<HttpResponse, PageFailure> {
    let (name, actor, form) = (named(&path)?, user.actor.clone(), form.0);
    let text = form.text.clone();
    let outcome = state
        .run(move |service| desk::note(service, &actor, name, &text, None))
        .await;
    after(&state, &user, name, form, (outcome, "noted", "moved")).await
}

/// Lets the enterprise see the offer that waits.
pub async fn forward(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
    form: PageForm<DeskForm>,
) -> Result<HttpResponse, PageFailure> {
    let (name, actor, form) = (named(&path)?, user.actor.clone(), form.0);
    if name.kind != DeskKind::Offer {
        return Err(ActionError::NotFound.into());
    }
    // No revision is 0, so what can't be read is refused like an old one.
    let revision = form.revision.parse().unwrap_or(0);
    let outcome = state
        .run(move |service| offers::forward(service, &actor, name.id, revision).map(drop))
        .await;
    // The item has left the desk, so its own page is no place to go back to.
    let from = if form.from.is_empty() {
        "all".to_owned()
    } else {
        form.from.clone()
    };
    after(
        &state,
        &user,
        name,
        DeskForm { from, ..form },
        (outcome, "forwarded", "moved"),
    )
    .await
}
