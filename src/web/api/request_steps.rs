//! What moves a submitted request on: extended, withdrawn, unserved, matched once more; what if, and reminders.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::matches::MatchesView;
use super::requests::{RequestView, one};
use crate::actions::what_if::{self, Otherwise};
use crate::actions::{closing, rematch, reminders};
use crate::domain::codes::{Guarantee, Set};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::money::Fen;
use crate::domain::request::UnservedReason;
use crate::domain::scalar::Scalar;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Withdraw an open request: its referrals are cancelled, its live offers lapse.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/withdraw",
    tag = "requests",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = RequestView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn withdraw(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    Ok(one(state
        .run_counting(move |service| closing::withdraw(service, &user, *id))
        .await?))
}

/// Keep a request open for as long from today as a new one would be.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/extend",
    tag = "requests",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = RequestView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn extend(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    Ok(one(state
        .run_counting(move |service| closing::extend(service, &user, *id))
        .await?))
}

/// Why nobody could serve a request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnservedBody {
    /// The reason.
    reason: UnservedReason,
    /// In the officer's own words; needed with `other`.
    #[schema(max_length = 300)]
    text: Option<String>,
}

/// End a request that nobody can serve.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/unserved",
    tag = "requests",
    params(("id" = Uuid, Path)),
    request_body = UnservedBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = RequestView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn unserved(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<UnservedBody>,
) -> Result<HttpResponse, ApiFailure> {
    let UnservedBody { reason, text } = body.value;
    Ok(one(state
        .run_counting(move |service| closing::mark_unserved(service, &user, *id, reason, text.as_deref()))
        .await?))
}

/// What another match came to.
#[derive(Serialize, ToSchema)]
pub struct RematchedView {
    /// How many products fit that did not before.
    added: usize,
    /// How many fit.
    eligible: usize,
}

/// Match an open request once more, against the products and facts of today.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/matches",
    tag = "requests",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 201, body = RematchedView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn match_again(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    let rematched = state
        .run(move |service| rematch::on_demand(service, &user, *id))
        .await?;
    Ok(HttpResponse::Created().json(RematchedView {
        added: rematched.added,
        eligible: rematched.eligible,
    }))
}

/// What is taken to be otherwise; what is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIfBody {
    /// The amount, 分.
    #[schema(value_type = Option<i64>, minimum = 1)]
    amount_fen: Option<Fen>,
    /// The term in months.
    #[schema(minimum = 1, maximum = 360)]
    term_months: Option<u32>,
    /// The guarantees.
    #[schema(value_type = Option<Vec<Guarantee>>)]
    guarantees: Option<Set<Guarantee>>,
    /// Facts by their keys, as if their owners vouched for the values.
    #[serde(default)]
    #[schema(value_type = Object)]
    facts: BTreeMap<String, Scalar>,
}

impl TryFrom<WhatIfBody> for Otherwise {
    type Error = Failure;

    fn try_from(body: WhatIfBody) -> Result<Self, Failure> {
        let mut problems = Problems::default();
        let mut facts = Vec::with_capacity(body.facts.len());
        for (key, value) in body.facts {
            match FactKey::find(&key) {
                Some(found) => facts.push((found, value)),
                None => problems.add("facts", Rule::UnknownKey(key)),
            }
        }
        let otherwise = Self {
            amount_fen: body.amount_fen,
            term_months: body.term_months,
            guarantees: body.guarantees,
            facts,
        };
        Ok(problems.or(otherwise).map_err(crate::actions::ActionError::from)?)
    }
}

/// How products would stand if something were otherwise. Nothing is saved.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/what-if",
    tag = "requests",
    params(("id" = Uuid, Path)),
    request_body = WhatIfBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = MatchesView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn what_if(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<WhatIfBody>,
) -> Result<HttpResponse, ApiFailure> {
    let otherwise = Otherwise::try_from(body.value)?;
    let result = state
        .run(move |service| what_if::look(service, &user, *id, &otherwise))
        .await?;
    Ok(HttpResponse::Ok().json(MatchesView::from(result)))
}

/// The product to be reminded of.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReminderBody {
    /// Code of a product that misses one check which time alone meets.
    product: String,
}

/// A reminder.
#[derive(Serialize, ToSchema)]
pub struct ReminderView {
    /// Code of the product.
    product: String,
    /// The day on which it is told.
    #[schema(value_type = String, format = Date)]
    due_on: Day,
}

/// Be reminded of a product on the day from which time alone meets its one unmet check.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/reminders",
    tag = "requests",
    params(("id" = Uuid, Path)),
    request_body = ReminderBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = ReminderView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn remind(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<ReminderBody>,
) -> Result<HttpResponse, ApiFailure> {
    let product = body.value.product;
    let (due_on, product) = state
        .run(move |service| Ok((reminders::ask(service, &user, *id, &product)?, product)))
        .await?;
    Ok(HttpResponse::Created().json(ReminderView { product, due_on }))
}
