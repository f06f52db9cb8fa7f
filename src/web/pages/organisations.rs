//! Organisations and settings, for administrators.

use super::users::Administrator;
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::organisations::{self, NewOrganisation};
use crate::actions::{ActionError, members, settings};
use crate::domain::actor::OrganisationKind;
use crate::domain::codes::Code;
use crate::domain::invalid::{Problem, Rule};
use crate::domain::link::path_segment;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::joining::OrganisationForm;
use crate::web::state::WebState;
use crate::web::view::organisations::{OrganisationPage, OrganisationRow, OrganisationsPage, SettingsPage};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

const SECTION: &str = "/admin/organisations";
/// How many users the page of an organisation shows.
const USERS: i64 = 200;

/// Which organisations, where the list goes on, and what was just done.
#[derive(Default, Deserialize)]
pub struct Parts {
    kind: Option<String>,
    after: Option<String>,
    done: Option<String>,
}

async fn page(
    state: &WebState,
    user: &Administrator,
    parts: Parts,
    typed: OrganisationForm,
) -> Result<OrganisationsPage, PageFailure> {
    let shown = parts.kind.as_deref().and_then(OrganisationKind::find);
    let (actor, after) = (user.actor.clone(), parts.after.unwrap_or_default());
    let found = state
        .run(move |service| organisations::list(service, &actor, shown, &after, PAGE_ROWS + 1))
        .await?;
    let (found, more) = one_page(found);
    let filter = shown.map_or_else(String::new, |kind| format!("kind={kind}&"));
    let next = found.last().filter(|_| more);
    let next = next.map(|last| format!("{SECTION}?{filter}after={}", path_segment(&last.organisation.code)));
    let all = (SECTION.to_owned(), "全部", shown.is_none());
    let each = OrganisationKind::ALL.iter();
    let each = each.map(|kind| (format!("{SECTION}?kind={kind}"), kind.label(), shown == Some(*kind)));
    Ok(OrganisationsPage {
        shell: user.shell(state, SECTION),
        tabs: std::iter::once(all).chain(each).collect(),
        rows: found.iter().map(OrganisationRow::from).collect(),
        kinds: OrganisationsPage::kinds(&typed.kind),
        typed,
        wrongs: Wrongs::default(),
        notice: (parts.done.as_deref() == Some("added")).then_some("机构已新增，现在可以邀请它的第一个账号。"),
        next: next.unwrap_or_default(),
    })
}

/// The district's organisations.
pub async fn list(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<Parts>,
) -> Result<HttpResponse, PageFailure> {
    render(&page(&state, &user, query.into_inner(), OrganisationForm::default()).await?)
}

/// Adds one.
pub async fn add(
    state: web::Data<WebState>,
    user: Administrator,
    form: PageForm<OrganisationForm>,
) -> Result<HttpResponse, PageFailure> {
    let (typed, actor) = (form.0, user.actor.clone());
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let asked = OrganisationKind::find(&typed.kind).map(|kind| NewOrganisation {
        code: typed.code.trim().to_owned(),
        kind,
        name: typed.name.clone(),
        uscc: given(&typed.uscc),
        contact: given(&typed.contact),
    });
    let outcome = match asked {
        Some(new) => {
            state
                .run(move |service| organisations::add(service, &actor, new, None))
                .await
        }
        None => Err(Problem {
            field: "kind".to_owned(),
            rule: Rule::Required,
        }
        .into()),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("{SECTION}?done=added"))),
        Err(ActionError::Invalid(problems)) => {
            let mut page = page(&state, &user, Parts::default(), typed).await?;
            page.wrongs = Wrongs::new(&problems, &OrganisationsPage::LABELS);
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// One with its users.
pub async fn show(
    state: web::Data<WebState>,
    user: Administrator,
    path: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let (code, actor) = (path.into_inner(), user.actor.clone());
    let (stored, users) = state
        .run(move |service| {
            let stored = organisations::show(service, &actor, &code)?;
            Ok((stored, members::list(service, &actor, Some(&code), None, USERS)?))
        })
        .await?;
    render(&OrganisationPage::new(
        user.shell(&state, SECTION),
        &user.actor,
        &stored,
        &users,
    ))
}

/// The settings in force.
pub async fn settings(state: web::Data<WebState>, user: Administrator) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let shown = state.run(move |service| settings::show(service, &actor)).await?;
    render(&SettingsPage::new(user.shell(&state, "/admin/settings"), shown))
}
