//! Requests: begin, change, submit, and how products stand to them.

use super::super::body::{JsonBody, from_json};
use super::super::conditions::{IdempotencyKey, IfMatch, etag};
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::deadline::DeadlineView;
use super::page::{Page, cursor, limit};
use crate::actions::ActionError;
use crate::actions::deadlines::Counting;
use crate::actions::requests::{self, DraftContent, StoredRequest};
use crate::domain::codes::{Guarantee, Kind, Purpose, Repayment, Set};
use crate::domain::dates::Day;
use crate::domain::invalid::Rule;
use crate::domain::money::Fen;
use crate::domain::request::{ExistingLoan, Need, RequestEnd, RequestState, UnservedReason};
use crate::domain::uscc::Uscc;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The loan that a request would renew.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExistingLoanBody {
    /// Code of the bank.
    bank: String,
    /// When it must be paid back.
    #[schema(value_type = String, format = Date)]
    matures_on: Day,
    /// What is still owed, 分.
    #[schema(value_type = i64, minimum = 0)]
    balance_fen: Fen,
}

/// What an enterprise asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestBody {
    /// The enterprise's credit code; absent: the signed-in user's own.
    uscc: Option<String>,
    /// How much, 分.
    #[schema(value_type = i64, minimum = 1)]
    amount_fen: Fen,
    /// For how many months.
    #[schema(minimum = 1, maximum = 360)]
    term_months: u32,
    /// What for.
    purpose: Purpose,
    /// How it could be secured; at least one.
    #[schema(value_type = Vec<Guarantee>, min_items = 1)]
    guarantees: Set<Guarantee>,
    /// Only these kinds of product.
    #[serde(default)]
    #[schema(value_type = Vec<Kind>)]
    kinds: Set<Kind>,
    /// Only these ways of repaying.
    #[serde(default)]
    #[schema(value_type = Vec<Repayment>)]
    repayment: Set<Repayment>,
    /// The most it may cost a year, bp.
    #[schema(minimum = 0)]
    max_cost_bp: Option<i64>,
    /// Price of the equipment or investment of the project, 分.
    #[schema(value_type = Option<i64>, minimum = 0)]
    project_cost_fen: Option<Fen>,
    /// The loan that it would renew.
    existing_loan: Option<ExistingLoanBody>,
}

/// Fields of a draft that are to change; `null` takes one away. Only described here: what a draft then
/// says is held against the rules as a whole.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description for the OpenAPI document")]
pub struct RequestPatch {
    #[schema(minimum = 1)]
    amount_fen: Option<i64>,
    #[schema(minimum = 1, maximum = 360)]
    term_months: Option<u32>,
    purpose: Option<Purpose>,
    #[schema(min_items = 1)]
    guarantees: Option<Vec<Guarantee>>,
    kinds: Option<Vec<Kind>>,
    repayment: Option<Vec<Repayment>>,
    #[schema(minimum = 0)]
    max_cost_bp: Option<i64>,
    #[schema(minimum = 0)]
    project_cost_fen: Option<i64>,
    existing_loan: Option<ExistingLoanBody>,
}

impl RequestBody {
    fn split(self) -> Result<(Option<Uscc>, Need), Failure> {
        let uscc = self.uscc.map(|text| text.parse::<Uscc>()).transpose();
        let uscc = uscc.map_err(|reason| Failure::field("uscc", Rule::Uscc(reason.code())))?;
        let existing_loan = self.existing_loan.map(|loan| ExistingLoan {
            bank: loan.bank,
            matures_on: loan.matures_on,
            balance_fen: loan.balance_fen,
        });
        let need = Need {
            amount_fen: self.amount_fen,
            term_months: self.term_months,
            purpose: self.purpose,
            guarantees: self.guarantees,
            kinds: self.kinds,
            repayment: self.repayment,
            max_cost_bp: self.max_cost_bp,
            project_cost_fen: self.project_cost_fen,
            existing_loan,
        };
        Ok((uscc, need))
    }
}

/// A request.
#[derive(Serialize, ToSchema)]
pub struct RequestView {
    /// Its id.
    id: Uuid,
    /// Its number for people.
    number: String,
    /// The enterprise's credit code.
    uscc: String,
    /// The enterprise's name.
    enterprise_name: String,
    /// Where it is in its life.
    state: RequestState,
    /// Raised by each change, from 1.
    version: i32,
    /// What is asked for; absent while a draft does not say it all.
    #[schema(value_type = Option<Object>)]
    need: Option<Need>,
    /// When it was begun.
    created_at: chrono::DateTime<chrono::Utc>,
    /// When it was submitted.
    submitted_at: Option<chrono::DateTime<chrono::Utc>>,
    /// The last day on which it is open.
    #[schema(value_type = Option<String>, format = Date)]
    expires_on: Option<Day>,
    /// How long that is, while it is open.
    deadline: Option<DeadlineView>,
    /// Why it ended.
    end_reason: Option<RequestEnd>,
    /// Why nobody could serve it.
    unserved_reason: Option<UnservedReason>,
    /// When it ended.
    ended_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl RequestView {
    fn new(stored: StoredRequest, counting: &Counting) -> Self {
        Self {
            deadline: counting.of_request(&stored).map(DeadlineView::from),
            id: stored.id,
            number: stored.number,
            uscc: stored.uscc.to_string(),
            enterprise_name: stored.enterprise_name,
            state: stored.state,
            version: stored.version,
            need: stored.need,
            created_at: stored.created_at,
            submitted_at: stored.submitted_at,
            expires_on: stored.expires_on,
            end_reason: stored.end,
            unserved_reason: stored.unserved.map(|why| why.reason),
            ended_at: stored.ended_at,
        }
    }
}

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those in this state.
    state: Option<RequestState>,
    /// `true`: only those that stand on the centre's desk.
    #[serde(default)]
    needs_centre: bool,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Requests, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/requests",
    tag = "requests",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<RequestView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let query = query.into_inner();
    let (limit, before) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    let (rows, counting) = state
        .run_counting(move |service| {
            let before = before.as_deref();
            if query.needs_centre {
                return requests::needing_centre(service, &user, before, limit + 1);
            }
            requests::list(service, &user, query.state, before, limit + 1)
        })
        .await?;
    let views = rows.into_iter().map(|one| RequestView::new(one, &counting)).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &RequestView| &view.number)))
}

/// Begin a request, as a draft.
#[utoipa::path(
    post,
    path = "/api/v1/requests",
    tag = "requests",
    params(("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing")),
    request_body = RequestBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = RequestView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn begin(
    state: web::Data<WebState>,
    user: ApiUser,
    key: IdempotencyKey,
    body: JsonBody<RequestBody>,
) -> Result<HttpResponse, ApiFailure> {
    let (uscc, need) = body.value.split()?;
    let key = key.of(user.user_id, "/api/v1/requests", body.hash);
    let begun = move |service: &_| {
        requests::begin(
            service,
            &user,
            uscc,
            DraftContent {
                need: Some(&need),
                typed: None,
            },
            key.as_ref(),
        )
    };
    let (request, counting) = state.run_counting(begun).await?;
    let location = format!("/api/v1/requests/{}", request.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(RequestView::new(request, &counting)))
}

/// One request.
#[utoipa::path(
    get,
    path = "/api/v1/requests/{id}",
    tag = "requests",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = RequestView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    Ok(one(state
        .run_counting(move |service| requests::show(service, &user, *id))
        .await?))
}

/// A request with the tag of its version.
pub(super) fn one((request, counting): (StoredRequest, Counting)) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(request.version)))
        .json(RequestView::new(request, &counting))
}

/// Change a draft: the fields that are given replace what it says, `null` takes one away (RFC 7396).
#[utoipa::path(
    patch,
    path = "/api/v1/requests/{id}",
    tag = "requests",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The ETag that the change was made from")),
    request_body = RequestPatch,
    security(("bearer" = [])),
    responses(
        (status = 200, body = RequestView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn change(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    if_match: IfMatch,
    body: JsonBody<serde_json::Map<String, serde_json::Value>>,
) -> Result<HttpResponse, ApiFailure> {
    let (actor, request_id) = (user.0.clone(), *id);
    let old = state
        .run(move |service| requests::show(service, &actor, request_id))
        .await?;
    if_match.check(old.version)?;
    let need: Need = merged(old.need.as_ref(), body.value)?;
    let change = move |service: &_| {
        let content = DraftContent {
            need: Some(&need),
            typed: None,
        };
        requests::save_draft(service, &user, request_id, Some(old.version), content)
    };
    Ok(one(state.run_counting(change).await?))
}

/// What a draft says with some fields replaced.
fn merged(old: Option<&Need>, patch: serde_json::Map<String, serde_json::Value>) -> Result<Need, Failure> {
    let mut fields = match serde_json::to_value(old).map_err(ActionError::internal)? {
        serde_json::Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    };
    for (key, value) in patch {
        if value.is_null() {
            fields.remove(&key);
        } else {
            fields.insert(key, value);
        }
    }
    from_json(serde_json::Value::Object(fields).to_string().as_bytes())
}

/// Submit a draft: it is matched at once, and the result is kept with the versions of all that it saw.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/submit",
    tag = "requests",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = RequestView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn submit(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    Ok(one(state
        .run_counting(move |service| requests::submit(service, &user, *id))
        .await?))
}
