//! The settings that are changed while the service runs: the desk's by officers, the accounts' by administrators.

use super::users::{Administrator, Officer};
use super::{render, render_as, see_other};
use crate::actions::ActionError;
use crate::actions::settings::{self, Part, Rules};
use crate::config::{AccountRules, DeskRules};
use crate::domain::invalid::{Problem, Problems};
use crate::web::error::PageFailure;
use crate::web::input::form::PageFields;
use crate::web::input::joining::DoneQuery;
use crate::web::input::settings::{SettingsForm, factor_of, kinds};
use crate::web::session::PageUser;
use crate::web::state::WebState;
use crate::web::view::settings::{PartPage, Shown, names};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

/// Heading and address of the desk's page.
const DESK: (&str, &str) = ("中心工作台的设置", "/centre/settings");
/// Heading and address of the accounts' page.
const ACCOUNTS: (&str, &str) = ("账号与留存的设置", "/admin/settings/accounts");

async fn part<R: Rules + Send + 'static>(state: &WebState, user: &PageUser) -> Result<Part<R>, PageFailure> {
    let actor = user.actor.clone();
    Ok(state.run(move |service| settings::part(service, &actor)).await?)
}

fn said(done: &str) -> &'static str {
    match done {
        "saved" => "已保存，马上生效。已经定下的期限和已经核对过的报价不变。",
        "stale" => "没有保存：同事先改过了，现在的值见这里。",
        _ => "",
    }
}

async fn show<R: Rules + Shown + Send + 'static>(
    state: &WebState,
    user: &PageUser,
    (place, entry): ((&'static str, &'static str), &str),
    done: &str,
) -> Result<HttpResponse, PageFailure> {
    let part: Part<R> = part(state, user).await?;
    render(&PartPage {
        told: said(done),
        ..PartPage::new(user.shell(state, entry), place, &part)
    })
}

/// Saves what was typed, and goes back to the page; or shows it again, with what to put right.
async fn save<R: Rules + Shown + Send + 'static>(
    state: &WebState,
    user: &PageUser,
    (place, entry): ((&'static str, &'static str), &str),
    fields: Vec<(String, String)>,
    read: impl Fn(&SettingsForm) -> Result<R, Problems>,
) -> Result<HttpResponse, PageFailure> {
    let before: Part<R> = part(state, user).await?;
    let form = SettingsForm::new(fields, &names(&before.kept.rules))?;
    let (actor, version) = (user.actor.clone(), form.version());
    let outcome = match read(&form) {
        Ok(new) => {
            state
                .run(move |service| settings::change(service, &actor, Some(version), &new).map(drop))
                .await
        }
        Err(problems) => Err(problems.into()),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("{}?done=saved", place.1))),
        Err(ActionError::Stale) => Ok(see_other(&format!("{}?done=stale", place.1))),
        Err(ActionError::Invalid(problems)) => {
            let page = PartPage::new(user.shell(state, entry), place, &before);
            let page = page.with(&form, &by_field(&form, &problems));
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// A ceiling's problem beside the first field of its kind: a form has no places in a list.
fn by_field(form: &SettingsForm, problems: &Problems) -> Problems {
    let typed: Vec<&str> = match form.desk() {
        Ok(rules) => {
            let named = |kind| kinds().find(|(_, of)| *of == kind).map(|(code, _)| code);
            rules
                .ceilings
                .iter()
                .filter_map(|ceiling| named(ceiling.kind))
                .collect()
        }
        Err(_) => Vec::new(),
    };
    let mut named = Problems::default();
    for Problem { field, rule } in problems.list() {
        let place = field.strip_prefix("ceilings[").and_then(|rest| rest.strip_suffix(']'));
        let code = place.and_then(|place| typed.get(place.parse::<usize>().ok()?));
        named.add(code.map_or_else(|| field.clone(), |code| factor_of(code)), rule.clone());
    }
    named
}

/// The desk's.
pub async fn desk(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, PageFailure> {
    show::<DeskRules>(&state, &user, (DESK, DESK.1), &query.done).await
}

/// Changes the desk's.
pub async fn change_desk(
    state: web::Data<WebState>,
    user: Officer,
    fields: PageFields,
) -> Result<HttpResponse, PageFailure> {
    save(&state, &user, (DESK, DESK.1), fields.0, SettingsForm::desk).await
}

/// The accounts'.
pub async fn accounts(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, PageFailure> {
    show::<AccountRules>(&state, &user, (ACCOUNTS, "/admin/settings"), &query.done).await
}

/// Changes the accounts'.
pub async fn change_accounts(
    state: web::Data<WebState>,
    user: Administrator,
    fields: PageFields,
) -> Result<HttpResponse, PageFailure> {
    let place = (ACCOUNTS, "/admin/settings");
    save(&state, &user, place, fields.0, SettingsForm::accounts).await
}
