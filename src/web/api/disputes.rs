//! Disputes: an enterprise says of a value that it is wrong or should be verified; its owner answers.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::enterprises::parse;
use super::page::{Page, limit, place};
use crate::actions::ActionError;
use crate::actions::disputes::{self, DisputeFilter, Saying, StoredDispute};
use crate::domain::dispute::{DisputeKind, DisputeState, Outcome};
use crate::domain::facts::FactKey;
use crate::domain::place::Place;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What an enterprise says of a value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeBody {
    /// That it is wrong, or that the declared one should be verified.
    kind: DisputeKind,
    /// Why, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    note: String,
}

/// What the owner answers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// What came of it. To `wrong`: `corrected`, `confirmed` or `refused`; to `please_verify`: `verified`,
    /// `corrected` or `refused`. `corrected` needs a value that was handed in since.
    outcome: Outcome,
    /// In words, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    text: String,
}

/// A dispute.
#[derive(Serialize, ToSchema)]
pub struct DisputeView {
    /// Its id.
    id: Uuid,
    /// The enterprise's credit code.
    uscc: String,
    /// The enterprise's name.
    enterprise: String,
    /// The fact.
    #[schema(value_type = String)]
    fact: FactKey,
    /// What is said.
    kind: DisputeKind,
    /// Why.
    note: String,
    /// Where it is in its life.
    state: DisputeState,
    /// What came of it.
    outcome: Option<Outcome>,
    /// The answer in words.
    answer: Option<String>,
    /// When it was said.
    raised_at: DateTime<Utc>,
    /// When it was answered.
    answered_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    place: String,
}

impl From<StoredDispute> for DisputeView {
    fn from(dispute: StoredDispute) -> Self {
        let place = Place {
            at: dispute.raised_at,
            id: dispute.id,
        };
        Self {
            place: place.to_string(),
            id: dispute.id,
            uscc: dispute.uscc.to_string(),
            enterprise: dispute.enterprise_name,
            fact: dispute.key,
            kind: dispute.kind,
            note: dispute.note,
            state: dispute.state,
            outcome: dispute.outcome,
            answer: dispute.answer,
            raised_at: dispute.raised_at,
            answered_at: dispute.answered_at,
        }
    }
}

/// A dispute that was raised.
#[derive(Serialize, ToSchema)]
pub struct RaisedView {
    /// Its id.
    id: Uuid,
}

/// Say of a value that it is wrong, or ask for the declared one to be verified. It goes to the fact's owner.
#[utoipa::path(
    post,
    path = "/api/v1/enterprises/{uscc}/facts/{key}/dispute",
    tag = "disputes",
    params(
        ("uscc" = String, Path, description = "统一社会信用代码"),
        ("key" = String, Path, description = "The fact's key"),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = DisputeBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = RaisedView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "one of this fact waits for an answer already"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn raise(
    state: web::Data<WebState>,
    user: ApiUser,
    path: web::Path<(String, String)>,
    key: IdempotencyKey,
    body: JsonBody<DisputeBody>,
) -> Result<HttpResponse, ApiFailure> {
    let (uscc, fact) = path.into_inner();
    let uscc = parse(&uscc)?;
    let fact = FactKey::find(&fact).ok_or(ActionError::NotFound)?;
    let hash = format!("{} {uscc} {fact}", body.hash);
    let once = key.of(user.user_id, "/api/v1/enterprises/{uscc}/facts/{key}/dispute", hash);
    let DisputeBody { kind, note } = body.value;
    let id = state
        .run(move |service| {
            let saying = Saying {
                key: fact,
                kind,
                note: &note,
            };
            disputes::raise(service, &user, uscc, &saying, once.as_ref())
        })
        .await?;
    Ok(HttpResponse::Created().json(RaisedView { id }))
}

/// Which disputes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those in this state.
    state: Option<DisputeState>,
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The disputes that one's enterprise raised, or that one's organisation has to answer; newest first.
#[utoipa::path(
    get,
    path = "/api/v1/disputes",
    tag = "disputes",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<DisputeView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let limit = limit(query.limit)?;
    let before = place(query.cursor.as_deref())?;
    let filter = DisputeFilter {
        state: query.state,
        key: None,
    };
    let found = state
        .run(move |service| disputes::list(service, &user, filter, before, limit + 1))
        .await?;
    let views = found.into_iter().map(DisputeView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &DisputeView| &view.place)))
}

/// Answer a dispute. What is verified is the declared value, which the owner vouches for from now on.
#[utoipa::path(
    post,
    path = "/api/v1/disputes/{id}/answer",
    tag = "disputes",
    params(("id" = Uuid, Path)),
    request_body = AnswerBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = DisputeView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn answer(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<AnswerBody>,
) -> Result<HttpResponse, ApiFailure> {
    let AnswerBody { outcome, text } = body.value;
    let dispute = state
        .run(move |service| disputes::answer(service, &user, *id, outcome, &text))
        .await?;
    Ok(HttpResponse::Ok().json(DisputeView::from(dispute)))
}
