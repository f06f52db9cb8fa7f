//! How products stand to a request, as it was matched.

use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::Page;
use crate::actions::matches;
use crate::domain::criteria::State;
use crate::domain::verdict::{Explanation, MatchResult, Verdict};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which verdicts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MatchQuery {
    /// `ineligible`: the products that miss two checks or more, with what they miss.
    verdict: Option<Verdict>,
}

/// The result of a match, in the form of the matching contract.
#[derive(Serialize, ToSchema)]
#[schema(as = Matches)]
pub struct MatchesView {
    /// The request's id.
    request: String,
    /// The day on which everything was looked at.
    as_of: String,
    /// What fits, cheapest first.
    #[schema(value_type = Vec<Object>)]
    eligible: Vec<crate::domain::verdict::EligibleRow>,
    /// What may fit once more is known.
    #[schema(value_type = Vec<Object>)]
    incomplete: Vec<crate::domain::verdict::IncompleteRow>,
    /// What misses one check: needed, actual, and from when time alone will meet it.
    #[schema(value_type = Vec<Object>)]
    near: Vec<crate::domain::verdict::NearRow>,
    /// How many miss more.
    ineligible: u64,
}

impl From<MatchResult> for MatchesView {
    fn from(result: MatchResult) -> Self {
        Self {
            request: result.request,
            as_of: result.as_of.to_string(),
            eligible: result.eligible,
            incomplete: result.incomplete,
            near: result.near,
            ineligible: result.ineligible,
        }
    }
}

/// The verdicts, or with `verdict=ineligible` the products that miss two checks or more.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum MatchAnswer {
    /// In the form of the matching contract.
    Verdicts(MatchesView),
    /// One entry a product.
    Ineligible(Page<IneligibleView>),
}

/// A product that misses two checks or more.
#[derive(Serialize, ToSchema)]
pub struct IneligibleView {
    /// Its code.
    product: String,
    /// What it misses: facts' keys and checks' codes.
    unmet: Vec<String>,
    /// What is not known.
    unknown: Vec<String>,
}

impl From<Explanation> for IneligibleView {
    fn from(explanation: Explanation) -> Self {
        let named = |state: State| {
            let checks = explanation.checks.iter().filter(move |check| check.state == state);
            checks.map(|check| check.check.clone()).collect()
        };
        Self {
            unmet: named(State::Unmet),
            unknown: named(State::Unknown),
            product: explanation.product,
        }
    }
}

/// How products stand to a submitted request, as it was matched.
#[utoipa::path(
    get,
    path = "/api/v1/requests/{id}/matches",
    tag = "requests",
    params(("id" = Uuid, Path), MatchQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = MatchAnswer),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    query: web::Query<MatchQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let sheet = state
        .run(move |service| matches::of_request(service, &user, *id))
        .await?;
    if query.verdict == Some(Verdict::Ineligible) {
        let items: Vec<_> = sheet.ineligible.into_iter().map(IneligibleView::from).collect();
        return Ok(HttpResponse::Ok().json(MatchAnswer::Ineligible(Page { items, next: None })));
    }
    let mut result = sheet.result;
    match query.verdict {
        None | Some(Verdict::Ineligible) => {}
        Some(wanted) => {
            if wanted != Verdict::Eligible {
                result.eligible.clear();
            }
            if wanted != Verdict::Incomplete {
                result.incomplete.clear();
            }
            if wanted != Verdict::Near {
                result.near.clear();
            }
        }
    }
    Ok(HttpResponse::Ok().json(MatchAnswer::Verdicts(result.into())))
}

/// One product for a submitted request, check by check.
#[utoipa::path(
    get,
    path = "/api/v1/requests/{id}/matches/{product}",
    tag = "requests",
    params(("id" = Uuid, Path), ("product" = String, Path, description = "The product's code")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Object, description = "Verdict, cost and every check: code, state, needed, actual"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: web::Data<WebState>,
    user: ApiUser,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, ApiFailure> {
    let (id, product) = path.into_inner();
    let sheet = state
        .run(move |service| matches::of_product(service, &user, id, &product))
        .await?;
    Ok(HttpResponse::Ok().json(sheet.explanation))
}
