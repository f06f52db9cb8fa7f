//! Registrations before the officers of the centre, with their files.

use super::users::Officer;
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::approvals;
use crate::actions::{ActionError, attachments};
use crate::domain::codes::Code;
use crate::domain::place::Place;
use crate::domain::registration::RegistrationState;
use crate::web::download::attachment;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::joining::{ApproveForm, RejectForm};
use crate::web::state::WebState;
use crate::web::view::registrations::{RegistrationPage, RegistrationRow, RegistrationsPage};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

const SECTION: &str = "/centre/registrations";

/// Which registrations, where the list goes on, and what was just done.
#[derive(Deserialize)]
pub struct Parts {
    state: Option<String>,
    before: Option<String>,
    done: Option<String>,
}

/// The district's registrations: those that wait, unless asked for others.
pub async fn list(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<Parts>,
) -> Result<HttpResponse, PageFailure> {
    let shown = query.state.as_deref().and_then(RegistrationState::find);
    let shown = shown.unwrap_or(RegistrationState::Waiting);
    let before = super::consents::place(query.before.as_deref())?;
    let actor = user.actor.clone();
    let found = state
        .run(move |service| approvals::list(service, &actor, Some(shown), before, PAGE_ROWS + 1))
        .await?;
    let (found, more) = one_page(found);
    let next = found.last().filter(|_| more).map(|(last, _)| {
        let place = Place {
            at: last.created_at,
            id: last.id,
        };
        format!("{SECTION}?state={shown}&before={place}")
    });
    let tabs = RegistrationState::ALL.iter();
    let tabs = tabs.map(|one| (format!("{SECTION}?state={one}"), one.label(), *one == shown));
    render(&RegistrationsPage {
        shell: user.shell(&state, SECTION),
        heading: match (shown, found.len()) {
            (RegistrationState::Waiting, 0) => "没有待审核的注册申请".to_owned(),
            (RegistrationState::Waiting, many) => {
                format!("{many}{} 份注册申请待审核", if more { " 份以上，先看这" } else { "" })
            }
            (shown, _) => format!("注册申请：{}", shown.label()),
        },
        tabs: tabs.collect(),
        rows: found
            .iter()
            .map(|(one, second)| RegistrationRow::new(one, *second))
            .collect(),
        notice: match query.done.as_deref() {
            Some("approved") => Some("已通过，申请人收到邮件后就可以登录。"),
            Some("rejected") => Some("已退回，原因已发给申请人。"),
            _ => None,
        },
        next: next.unwrap_or_default(),
    })
}

async fn page(state: &WebState, user: &Officer, id: Uuid) -> Result<RegistrationPage, PageFailure> {
    let actor = user.actor.clone();
    let dossier = state.run(move |service| approvals::show(service, &actor, id)).await?;
    Ok(RegistrationPage::new(user.shell(state, SECTION), &dossier))
}

/// One registration.
pub async fn show(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    render(&page(&state, &user, path.into_inner()).await?)
}

/// Approves one.
pub async fn approve(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
    form: PageForm<ApproveForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = match form.0.approval() {
        Ok(seen) => {
            state
                .run(move |service| approvals::approve(service, &actor, id, seen))
                .await
        }
        Err(problems) => Err(problems.into()),
    };
    decided(&state, &user, id, "approved", String::new(), outcome).await
}

/// Rejects one.
pub async fn reject(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
    form: PageForm<RejectForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let reason = form.0.reason.clone();
    let outcome = state
        .run(move |service| approvals::reject(service, &actor, id, &reason))
        .await;
    decided(&state, &user, id, "rejected", form.0.reason, outcome).await
}

async fn decided(
    state: &WebState,
    user: &Officer,
    id: Uuid,
    done: &str,
    reason: String,
    outcome: Result<(), ActionError>,
) -> Result<HttpResponse, PageFailure> {
    match outcome {
        Ok(()) => Ok(see_other(&format!("{SECTION}?done={done}"))),
        Err(ActionError::Invalid(problems)) => {
            let mut page = page(state, user, id).await?;
            page.wrongs = Wrongs::new(&problems, &RegistrationPage::LABELS);
            page.reason = reason;
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// A file of a registration, to be saved.
pub async fn file(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    let (stored, content) = state
        .run(move |service| attachments::read(service, &user.actor, id))
        .await?;
    Ok(attachment(&stored.name, stored.media_type.code(), content))
}
