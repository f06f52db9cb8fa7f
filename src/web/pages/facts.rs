//! One fact: what is known of it, and the form with which the enterprise declares it.

use super::enterprise::fact_of;
use super::users::EnterpriseUser;
use super::{render, render_as, see_other};
use crate::actions::{ActionError, enterprises};
use crate::domain::actor::Right;
use crate::domain::facts::FactKey;
use crate::domain::invalid::Rule;
use crate::web::error::PageFailure;
use crate::web::input::fact::FactForm;
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::profile::FactPage;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

async fn page(state: &WebState, user: &EnterpriseUser, key: FactKey) -> Result<FactPage, PageFailure> {
    let actor = user.actor.clone();
    let profile = state.run(move |service| enterprises::own(service, &actor)).await?;
    let shell = user.shell(state, "/enterprise/profile");
    let today = state.service.clock.today();
    Ok(FactPage::new(
        shell,
        &profile,
        key,
        today,
        user.has(Right::DeclareFacts),
    ))
}

/// What is known, and the form.
pub async fn show(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let key = fact_of(&path)?;
    render(&page(&state, &user, key).await?)
}

/// Declares a value.
pub async fn declare(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<String>,
    form: PageForm<FactForm>,
) -> Result<HttpResponse, PageFailure> {
    let key = fact_of(&path)?;
    let scalar = match form.0.scalar(key) {
        Ok(scalar) => scalar,
        Err(advice) => return again(&state, &user, key, form.0.typed(), advice.to_owned()).await,
    };
    let actor = user.actor.clone();
    let declared = state
        .run(move |service| {
            let own = enterprises::own(service, &actor)?;
            enterprises::declare(service, &actor, own.stored.enterprise.uscc, key, &scalar)
        })
        .await;
    match declared {
        Ok(()) => Ok(see_other(&format!("/enterprise/profile?saved={key}#{key}"))),
        Err(ActionError::Invalid(problems)) => {
            let advice = problems
                .list()
                .first()
                .map_or_else(String::new, |problem| advice(&problem.rule));
            again(&state, &user, key, form.0.typed(), advice).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What to do about a broken rule.
fn advice(rule: &Rule) -> String {
    match rule {
        Rule::UnknownCode(_) | Rule::WrongType(_) => "请从列出的各项里选".to_owned(),
        other => other.to_string(),
    }
}

async fn again(
    state: &WebState,
    user: &EnterpriseUser,
    key: FactKey,
    typed: String,
    advice: String,
) -> Result<HttpResponse, PageFailure> {
    let page = page(state, user, key).await?.with_error(typed, advice);
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
