//! What moves a referral on: the bank declines or goes on, the enterprise sends one from the reserve or answers a
//! proposal, an officer proposes.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::deadline::DeadlineView;
use super::desk::named;
use super::referrals::{ConsentBody, PickedView};
use crate::actions::deadlines::Counting;
use crate::actions::proposals::Choice;
use crate::actions::referrals::{self, StoredReferral};
use crate::actions::{answers, desk, proposals, reroute};
use crate::domain::dates::Day;
use crate::domain::referral::{DeclineReason, ReferralEnd, ReferralState};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a referral stands.
#[derive(Serialize, ToSchema)]
pub struct StandingView {
    /// Its id.
    id: Uuid,
    /// Code of the bank.
    bank: String,
    /// Name of the bank.
    bank_name: String,
    /// What was picked.
    products: Vec<PickedView>,
    /// Where it is in its life.
    state: ReferralState,
    /// Its place among those in reserve.
    position: Option<i32>,
    /// When it came to the bank.
    sent_at: Option<chrono::DateTime<chrono::Utc>>,
    /// When the credit profile was first read.
    viewed_at: Option<chrono::DateTime<chrono::Utc>>,
    /// The last day on which the bank answers in time.
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Day>,
    /// How long that is, or how long ago, while the bank has not answered.
    deadline: Option<DeadlineView>,
    /// When the bank first answered.
    answered_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Whether that was too late.
    is_late: Option<bool>,
    /// Why the bank makes no offer.
    decline_reason: Option<DeclineReason>,
    /// The same in its own words.
    decline_text: Option<String>,
    /// Why it was cancelled.
    end_reason: Option<ReferralEnd>,
}

impl StandingView {
    fn new(referral: StoredReferral, counting: &Counting) -> Self {
        let left = counting.of_referral(&referral);
        let (decline_reason, decline_text) = referral
            .declined
            .map_or((None, None), |why| (Some(why.reason), why.text));
        Self {
            id: referral.id,
            bank: referral.bank_code,
            bank_name: referral.bank_name,
            products: referral.products.into_iter().map(PickedView::from).collect(),
            state: referral.state,
            position: referral.position,
            sent_at: referral.sent_at,
            viewed_at: referral.viewed_at,
            due_on: referral.due_on,
            deadline: left.map(DeadlineView::from),
            answered_at: referral.answered_at,
            is_late: referral.is_late,
            decline_reason,
            decline_text,
            end_reason: referral.end,
        }
    }
}

fn standing((referral, counting): (StoredReferral, Counting)) -> HttpResponse {
    HttpResponse::Ok().json(StandingView::new(referral, &counting))
}

/// Every referral of a request.
#[derive(Serialize, ToSchema)]
pub struct StandingList {
    /// Those that were sent, then those in reserve in their order, then the others.
    items: Vec<StandingView>,
}

/// The banks that were picked for a request, or proposed.
#[utoipa::path(
    get,
    path = "/api/v1/requests/{id}/referrals",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = StandingList),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    let (found, counting) = state
        .run_counting(move |service| referrals::standing(service, &user, *id))
        .await?;
    let items = found.into_iter().map(|one| StandingView::new(one, &counting)).collect();
    Ok(HttpResponse::Ok().json(StandingList { items }))
}

/// Why a bank makes no offer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineBody {
    /// The reason.
    reason: DeclineReason,
    /// In the bank's own words; needed with `other`.
    #[schema(max_length = 300)]
    text: Option<String>,
}

/// Decline: make no offer, and say why.
#[utoipa::path(
    post,
    path = "/api/v1/referrals/{id}/decline",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    request_body = DeclineBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = StandingView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it was answered already, or has ended"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn decline(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<DeclineBody>,
) -> Result<HttpResponse, ApiFailure> {
    let DeclineBody { reason, text } = body.value;
    let declined = state
        .run_counting(move |service| answers::decline(service, &user, *id, reason, text.as_deref()))
        .await?;
    Ok(standing(declined))
}

/// Go on with what an acceptance had cancelled that has fallen through since.
#[utoipa::path(
    post,
    path = "/api/v1/referrals/{id}/take-up",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = StandingView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "no such referral, or no live consent"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "the request is not open again, or something else ended it"),
    )
)]
pub async fn take_up(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    Ok(standing(
        state
            .run_counting(move |service| answers::take_up(service, &user, *id))
            .await?,
    ))
}

/// Send a bank what was kept in reserve for it.
#[utoipa::path(
    post,
    path = "/api/v1/referrals/{id}/send",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = StandingView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn send(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    Ok(standing(
        state
            .run_counting(move |service| reroute::send_kept(service, &user, *id))
            .await?,
    ))
}

/// Consent to the centre's proposal: the bank gets the request.
#[utoipa::path(
    post,
    path = "/api/v1/referrals/{id}/consent",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    request_body = ConsentBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = StandingView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn consent(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<ConsentBody>,
) -> Result<HttpResponse, ApiFailure> {
    let terms = body.value.into();
    Ok(standing(
        state
            .run_counting(move |service| proposals::agree(service, &user, *id, terms))
            .await?,
    ))
}

/// Refuse the centre's proposal.
#[utoipa::path(
    post,
    path = "/api/v1/referrals/{id}/refuse",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = StandingView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn refuse(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    Ok(standing(
        state
            .run_counting(move |service| proposals::refuse(service, &user, *id))
            .await?,
    ))
}

/// A bank that an officer proposes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferBody {
    /// Code of the bank.
    bank: String,
    /// Codes of its products, each of which was matched, whatever its verdict.
    #[schema(min_items = 1)]
    products: Vec<String>,
    /// Why another than the first in the matcher's order of what could be proposed; at most 500 characters. Needed
    /// unless it is the first.
    reason: Option<String>,
}

/// A referral that waits for the enterprise's consent.
#[derive(Serialize, ToSchema)]
pub struct ProposedView {
    /// Its id.
    id: Uuid,
}

/// Refer a request by hand: the enterprise is asked for its consent.
#[utoipa::path(
    post,
    path = "/api/v1/desk/{item}/refer",
    tag = "referrals",
    params(
        ("item" = String, Path, description = "The item's name: the request that needs the centre, or a referral on which a bank stays silent"),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = ReferBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = ProposedView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "the request is not open, or the bank has it"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn refer(
    state: web::Data<WebState>,
    user: ApiUser,
    item: web::Path<String>,
    key: IdempotencyKey,
    body: JsonBody<ReferBody>,
) -> Result<HttpResponse, ApiFailure> {
    let name = named(&item)?;
    // The item is part of what the key stands for, as the body is.
    let hash = format!("{} {name}", body.hash);
    let key = key.of(user.user_id, "/api/v1/desk/{item}/refer", hash);
    let ReferBody { bank, products, reason } = body.value;
    let id = state
        .run(move |service| {
            let request = desk::request_of(service, &user, name)?;
            let choice = Choice {
                bank: &bank,
                products: &products,
                reason: reason.as_deref(),
            };
            proposals::propose(service, &user, request, choice, key.as_ref())
        })
        .await?;
    Ok(HttpResponse::Created().json(ProposedView { id }))
}
