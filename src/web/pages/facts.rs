//! One fact: what is known of it, and the form with which the enterprise declares it.

use super::enterprise::fact_of;
use super::users::EnterpriseUser;
use super::{render, render_as, see_other};
use crate::actions::disputes::{self, DisputeFilter, Saying};
use crate::actions::{ActionError, enterprises};
use crate::domain::actor::Right;
use crate::domain::facts::FactKey;
use crate::domain::invalid::Rule;
use crate::web::error::PageFailure;
use crate::web::input::fact::FactForm;
use crate::web::input::feed::DisputeForm;
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::profile::FactPage;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

async fn page(state: &WebState, user: &EnterpriseUser, key: FactKey) -> Result<FactPage, PageFailure> {
    let actor = user.actor.clone();
    let (profile, said) = state
        .run(move |service| {
            let of_key = DisputeFilter {
                state: None,
                key: Some(key),
            };
            let said = disputes::list(service, &actor, of_key, None, SHOWN_DISPUTES)?;
            Ok((enterprises::own(service, &actor)?, said))
        })
        .await?;
    let shell = user.shell(state, "/enterprise/profile");
    let today = state.service.clock.today();
    let page = FactPage::new(shell, &profile, key, today, user.has(Right::DeclareFacts));
    Ok(page.with_disputes(&said, user.has(Right::RaiseDisputes)))
}

/// How many of the things that were said of a fact its page shows; the API has them all.
const SHOWN_DISPUTES: i64 = 20;

/// Tells the fact's owner that a value is wrong, or asks for one to be verified.
pub async fn dispute(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<String>,
    form: PageForm<DisputeForm>,
) -> Result<HttpResponse, PageFailure> {
    let key = fact_of(&path)?;
    let form = form.0;
    let Some(kind) = form.kind() else {
        let error = ("sayings", "请选一种".to_owned());
        return said_again(&state, &user, key, &form, error).await;
    };
    let (actor, note) = (user.actor.clone(), form.note.clone());
    let done = state
        .run(move |service| {
            let uscc = enterprises::own(service, &actor)?.stored.enterprise.uscc;
            let saying = Saying { key, kind, note: &note };
            disputes::raise(service, &actor, uscc, &saying, None)
        })
        .await;
    match done {
        // A second click came first.
        Ok(_) | Err(ActionError::Stale) => Ok(see_other(&format!("/enterprise/facts/{key}#disputes"))),
        Err(ActionError::Invalid(problems)) => {
            let error =
                problems
                    .list()
                    .first()
                    .map_or(("note", String::new()), |problem| match problem.field.as_str() {
                        "kind" => ("sayings", problem.rule.to_string()),
                        _ => ("note", format!("说明{}", problem.rule)),
                    });
            said_again(&state, &user, key, &form, error).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn said_again(
    state: &WebState,
    user: &EnterpriseUser,
    key: FactKey,
    form: &DisputeForm,
    error: (&'static str, String),
) -> Result<HttpResponse, PageFailure> {
    if !user.has(Right::RaiseDisputes) {
        return Err(ActionError::Forbidden.into());
    }
    let page = page(state, user, key).await?;
    render_as(
        StatusCode::UNPROCESSABLE_ENTITY,
        &page.with_dispute_error(&form.kind, &form.note, error),
    )
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
pub(super) fn advice(rule: &Rule) -> String {
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
