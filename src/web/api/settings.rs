//! The settings that are changed while the service runs, part by part, each with the tag of its version.

use super::super::body::JsonBody;
use super::super::conditions::{IfMatch, etag};
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use crate::actions::settings::{self, Kept, Part, Rules};
use crate::config::{AccountRules, DeskRules};
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `{answer_days, signing_days, validity_days, decide_days, dispute_days, auto_forward, ceilings: [{kind, lpr_plus_bp? |
/// lpr_factor_pct?}]}`; days of deadlines are working days, `validity_days` days.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct DeskRulesBody(DeskRules);

/// `{second_factor_banks, second_factor_officers, second_factor_administrators, rejected_days}`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct AccountRulesBody(AccountRules);

fn tagged<R: Rules>(kept: Kept<R>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(kept.version)))
        .json(kept.rules)
}

async fn show<R: Rules + Send + 'static>(state: &WebState, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let part: Part<R> = state.run(move |service| settings::part(service, &user)).await?;
    Ok(tagged(part.kept))
}

async fn change<R: Rules + Send + 'static>(
    state: &WebState,
    user: ApiUser,
    if_match: IfMatch,
    new: R,
) -> Result<HttpResponse, ApiFailure> {
    let actor = user.0.clone();
    let old: Part<R> = state.run(move |service| settings::part(service, &actor)).await?;
    let seen = old.kept.version;
    if_match.check(seen)?;
    let kept = state
        .run(move |service| settings::change(service, &user, Some(seen), &new))
        .await?;
    Ok(tagged(kept))
}

/// The rules of the district's desk that are in force.
#[utoipa::path(
    get,
    path = "/api/v1/settings/desk",
    tag = "settings",
    security(("bearer" = [])),
    responses(
        (status = 200, body = DeskRulesBody, headers(("ETag" = String, description = "For If-Match"))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn desk(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    show::<DeskRules>(&state, user).await
}

/// Change the rules of the district's desk, at once and for what is done from then on.
#[utoipa::path(
    put,
    path = "/api/v1/settings/desk",
    tag = "settings",
    params(("If-Match" = String, Header, description = "The ETag that the change was made from")),
    request_body = DeskRulesBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = DeskRulesBody, headers(("ETag" = String, description = "For If-Match"))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn change_desk(
    state: web::Data<WebState>,
    user: ApiUser,
    if_match: IfMatch,
    body: JsonBody<DeskRulesBody>,
) -> Result<HttpResponse, ApiFailure> {
    change(&state, user, if_match, body.value.0).await
}

/// What is asked of the district's accounts, as it is in force.
#[utoipa::path(
    get,
    path = "/api/v1/settings/accounts",
    tag = "settings",
    security(("bearer" = [])),
    responses(
        (status = 200, body = AccountRulesBody, headers(("ETag" = String, description = "For If-Match"))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn accounts(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    show::<AccountRules>(&state, user).await
}

/// Change what is asked of the district's accounts, at once.
#[utoipa::path(
    put,
    path = "/api/v1/settings/accounts",
    tag = "settings",
    params(("If-Match" = String, Header, description = "The ETag that the change was made from")),
    request_body = AccountRulesBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = AccountRulesBody, headers(("ETag" = String, description = "For If-Match"))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn change_accounts(
    state: web::Data<WebState>,
    user: ApiUser,
    if_match: IfMatch,
    body: JsonBody<AccountRulesBody>,
) -> Result<HttpResponse, ApiFailure> {
    change(&state, user, if_match, body.value.0).await
}
