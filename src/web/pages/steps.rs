//! What an enterprise does with a submitted request beside picking banks: each a post that leads back to the result.

use super::see_other;
use super::users::EnterpriseUser;
use crate::actions::{ActionError, closing, rematch, reminders, reroute};
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::sign_in::Empty;
use crate::web::input::steps::ProductForm;
use crate::web::state::WebState;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

/// Back to the result, which says what was done. Where the request or the referral had moved on meanwhile, the result
/// shows how.
pub(super) fn back<T>(id: Uuid, done: &str, outcome: Result<T, ActionError>) -> Result<HttpResponse, PageFailure> {
    let result = format!("/enterprise/requests/{id}");
    match outcome {
        Ok(_) => Ok(see_other(&format!("{result}?pick={done}"))),
        Err(ActionError::Refused(_) | ActionError::Stale) => Ok(see_other(&result)),
        Err(error) => Err(error.into()),
    }
}

/// Ends the request.
pub async fn withdraw(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state.run(move |service| closing::withdraw(service, &actor, id)).await;
    back(id, "withdrawn", outcome)
}

/// Keeps the request open for longer.
pub async fn extend(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state.run(move |service| closing::extend(service, &actor, id)).await;
    back(id, "extended", outcome)
}

/// Has the request matched once more.
pub async fn match_again(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state.run(move |service| rematch::on_demand(service, &actor, id)).await;
    back(id, "matched", outcome)
}

/// Asks to be reminded of a product.
pub async fn remind(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    form: PageForm<ProductForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state
        .run(move |service| reminders::ask(service, &actor, id, &form.0.product))
        .await;
    back(id, "reminded", outcome)
}

/// Sends one from the reserve.
pub async fn send_kept(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let sent = state
        .run(move |service| reroute::send_kept(service, &actor, id))
        .await?;
    back(sent.request_id, "kept", Ok(sent))
}
