//! What a bank does with its products: one verb each.

use super::super::conditions::IfMatch;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::products::{ProductView, one};
use crate::actions::product_cycle;
use crate::actions::product_drafts::{self, KeptProduct};
use crate::actions::simulations::{self, Simulated};
use crate::actions::{ActionError, Service};
use crate::domain::actor::Actor;
use crate::domain::verdict::KeepsOut;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Publish the draft as the next version. With `If-Match` only what was reviewed is published.
#[utoipa::path(
    post,
    path = "/api/v1/products/{code}/publish",
    tag = "products",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was reviewed")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "nothing differs, it could never fit anybody, or its quota is below what is taken"),
    )
)]
pub async fn publish(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
    if_match: IfMatch,
) -> Result<HttpResponse, ApiFailure> {
    let (actor, wanted) = (user.0.clone(), code.clone());
    let old = state
        .run(move |service| product_drafts::show(service, &actor, &wanted))
        .await?;
    let reviewed = if if_match.is_given() {
        if_match.check(old.stored.edition)?;
        Some(old.stored.edition)
    } else {
        None
    };
    let kept = state
        .run_counting(move |service| product_cycle::publish(service, &user, &code, reviewed))
        .await?;
    Ok(one(kept))
}

type Verb = fn(&Service, &Actor, &str) -> Result<KeptProduct, ActionError>;

async fn done(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
    verb: Verb,
) -> Result<HttpResponse, ApiFailure> {
    Ok(one(state
        .run_counting(move |service| verb(service, &user, &code))
        .await?))
}

/// Take an open product out of the matching for a while.
#[utoipa::path(
    post,
    path = "/api/v1/products/{code}/suspend",
    tag = "products",
    params(("code" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn suspend(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    done(state, user, code, product_cycle::suspend).await
}

/// Bring a suspended product back.
#[utoipa::path(
    post,
    path = "/api/v1/products/{code}/resume",
    tag = "products",
    params(("code" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn resume(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    done(state, user, code, product_cycle::resume).await
}

/// Say that the terms of a product hold today. What nobody confirms leaves the matching.
#[utoipa::path(
    post,
    path = "/api/v1/products/{code}/confirm",
    tag = "products",
    params(("code" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn confirm(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    done(state, user, code, product_cycle::confirm).await
}

/// Close a product for good.
#[utoipa::path(
    post,
    path = "/api/v1/products/{code}/close",
    tag = "products",
    params(("code" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn close(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    done(state, user, code, product_cycle::close).await
}

/// What a simulation came to. A bank's counts are rounded to 5 and `null` below 5; an officer's are exact, with the ids
/// of the requests that fit.
#[derive(Serialize, ToSchema)]
pub struct SimulationView {
    /// How many requests it fits.
    eligible: Option<u64>,
    /// How many it may fit once more is known.
    incomplete: Option<u64>,
    /// How many miss one check.
    near: Option<u64>,
    /// How many miss more.
    ineligible: Option<u64>,
    /// Which check alone keeps out how many near requests.
    keeps_out: Vec<KeepsOutView>,
    /// The requests that it fits; an officer's only.
    #[serde(skip_serializing_if = "Option::is_none")]
    eligible_ids: Option<Vec<uuid::Uuid>>,
    /// How many more simulations the bank may run today; a bank's only.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_today: Option<i64>,
}

/// A check that alone keeps requests out.
#[derive(Serialize, ToSchema)]
pub struct KeepsOutView {
    /// The fact's key or the check's code.
    check: String,
    /// How it compares, for a criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'static str>,
    /// How many.
    requests: u64,
}

impl From<KeepsOut> for KeepsOutView {
    fn from(one: KeepsOut) -> Self {
        Self {
            check: one.check,
            op: one.op,
            requests: one.requests,
        }
    }
}

impl From<Simulated> for SimulationView {
    fn from(simulated: Simulated) -> Self {
        match simulated {
            Simulated::Rough { told, left } => Self {
                eligible: told.eligible,
                incomplete: told.incomplete,
                near: told.near,
                ineligible: told.ineligible,
                keeps_out: told.keeps_out.into_iter().map(KeepsOutView::from).collect(),
                eligible_ids: None,
                left_today: Some(left),
            },
            Simulated::Exact(told) => Self {
                eligible: Some(told.eligible),
                incomplete: Some(told.incomplete),
                near: Some(told.near),
                ineligible: Some(told.ineligible),
                keeps_out: told.keeps_out.into_iter().map(KeepsOutView::from).collect(),
                eligible_ids: Some(told.eligible_ids),
                left_today: None,
            },
        }
    }
}

/// Try a product on the open requests: a bank its draft, an officer what is published.
#[utoipa::path(
    post,
    path = "/api/v1/products/{code}/simulate",
    tag = "products",
    params(("code" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = SimulationView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json", description = "as often as it may be today; see Retry-After"),
    )
)]
pub async fn simulate(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let simulated = state
        .run(move |service| simulations::run(service, &user, &code))
        .await?;
    Ok(HttpResponse::Ok().json(SimulationView::from(simulated)))
}
