//! Offers: a bank makes them, the centre forwards or returns them, an enterprise takes one of them.

use super::super::body::JsonBody;
use super::super::conditions::{IdempotencyKey, IfMatch, etag};
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::offer_views::{OfferBody, OfferSheetView, OfferView, WorkedView};
use super::page::{Page, limit, place};
use crate::actions::deadlines::Counting;
use crate::actions::offers::{self, OfferFilter, StoredOffer, accepting, desk, ending, making, viewer};
use crate::domain::actor::Actor;
use crate::domain::consent::Terms;
use crate::domain::dates::Day;
use crate::domain::offer::OfferState;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An offer that was sent.
#[derive(Serialize, ToSchema)]
pub struct MadeView {
    /// Its id.
    id: Uuid,
}

/// Work an offer out without sending it: its schedule, its costs, and what the desk will find.
#[utoipa::path(
    post,
    path = "/api/v1/referrals/{id}/offers/preview",
    tag = "offers",
    params(("id" = Uuid, Path)),
    request_body = OfferBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = WorkedView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "no such referral, or no live consent"),
    )
)]
pub async fn preview(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<OfferBody>,
) -> Result<HttpResponse, ApiFailure> {
    let worked = state
        .run(move |service| making::preview(service, &user, *id, body.value.0))
        .await?;
    Ok(HttpResponse::Ok().json(WorkedView::from(worked)))
}

/// Make an offer for a referral. It goes to the centre first.
#[utoipa::path(
    post,
    path = "/api/v1/referrals/{id}/offers",
    tag = "offers",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = OfferBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = MadeView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "no such referral, or no live consent"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "the referral or the request does not allow one, or one of this product is under way"),
    )
)]
pub async fn make(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    key: IdempotencyKey,
    body: JsonBody<OfferBody>,
) -> Result<HttpResponse, ApiFailure> {
    // The referral is part of what the key stands for, as the body is.
    let hash = format!("{} {id}", body.hash);
    let key = key.of(user.user_id, "/api/v1/referrals/{id}/offers", hash);
    let id = state
        .run(move |service| making::submit(service, &user, *id, &body.value.0, key.as_ref()))
        .await?;
    Ok(HttpResponse::Created().json(MadeView { id }))
}

/// Which offers.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those in this state.
    state: Option<OfferState>,
    /// Only those for this request.
    request: Option<Uuid>,
    /// Only those that answer this referral.
    referral: Option<Uuid>,
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Offers: a bank its own, an enterprise what was forwarded to it, the centre its district's; the newest sent first.
#[utoipa::path(
    get,
    path = "/api/v1/offers",
    tag = "offers",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<OfferView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let (limit, before) = (limit(query.limit)?, place(query.cursor.as_deref())?);
    let filter = OfferFilter {
        state: query.state,
        request_id: query.request,
        referral_id: query.referral,
    };
    let side = viewer(&user);
    let (found, counting) = state
        .run_counting(move |service| offers::list(service, &user, filter, before, limit + 1))
        .await?;
    let views = found
        .into_iter()
        .map(|offer| OfferView::of(offer, side, &counting).0)
        .collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &OfferView| &view.place)))
}

/// One offer, with its schedule and its revisions.
#[utoipa::path(
    get,
    path = "/api/v1/offers/{id}",
    tag = "offers",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferSheetView, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    let side = viewer(&user);
    let (sheet, counting) = state
        .run_counting(move |service| offers::show(service, &user, *id))
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(sheet.offer.version)))
        .json(OfferSheetView::of(sheet, side, &counting)))
}

/// An offer with the tag of its version.
fn one((offer, counting): (StoredOffer, Counting), user: &Actor) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(offer.version)))
        .json(OfferView::of(offer, viewer(user), &counting).0)
}

/// Send a new revision: of one that was returned, or of one that lapsed by an acceptance which has fallen through.
#[utoipa::path(
    put,
    path = "/api/v1/offers/{id}",
    tag = "offers",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The ETag that the change was made from")),
    request_body = OfferBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn revise(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    if_match: IfMatch,
    body: JsonBody<OfferBody>,
) -> Result<HttpResponse, ApiFailure> {
    let (actor, id) = (user.0.clone(), *id);
    let old = state.run(move |service| offers::show(service, &actor, id)).await?;
    let version = old.offer.version;
    if_match.check(version)?;
    let actor = user.0.clone();
    let offer = state
        .run_counting(move |service| making::revise(service, &actor, id, Some(version), &body.value.0))
        .await?;
    Ok(one(offer, &user))
}

/// The revision that is decided on: the one that was seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardBody {
    /// From 1.
    revision: i32,
}

/// Let the enterprise see an offer.
#[utoipa::path(
    post,
    path = "/api/v1/offers/{id}/forward",
    tag = "offers",
    params(("id" = Uuid, Path)),
    request_body = ForwardBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn forward(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<ForwardBody>,
) -> Result<HttpResponse, ApiFailure> {
    let actor = user.0.clone();
    let offer = state
        .run_counting(move |service| desk::forward(service, &actor, *id, body.value.revision))
        .await?;
    Ok(one(offer, &user))
}

/// Why an offer is given back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnBody {
    /// The revision that was seen.
    revision: i32,
    /// In words, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Give an offer back to its bank, which may send a new revision.
#[utoipa::path(
    post,
    path = "/api/v1/offers/{id}/return",
    tag = "offers",
    params(("id" = Uuid, Path)),
    request_body = ReturnBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn give_back(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<ReturnBody>,
) -> Result<HttpResponse, ApiFailure> {
    let actor = user.0.clone();
    let ReturnBody { revision, reason } = body.value;
    let offer = state
        .run_counting(move |service| desk::give_back(service, &actor, *id, revision, &reason))
        .await?;
    Ok(one(offer, &user))
}

/// The consent that goes with an acceptance.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractConsentBody {
    /// The text that was shown.
    text_version: i32,
    /// The last day on which it holds, at most a year from now.
    #[schema(value_type = String, format = Date)]
    until: Day,
}

/// What is accepted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    /// The revision that was seen.
    revision: i32,
    /// What is agreed to with it: the bank may read on, for the contract.
    consent: ContractConsentBody,
}

/// Take an offer. The request's other offers lapse, and its referrals that wait for an answer are cancelled.
#[utoipa::path(
    post,
    path = "/api/v1/offers/{id}/accept",
    tag = "offers",
    params(("id" = Uuid, Path)),
    request_body = AcceptBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it can't be accepted any more, or another one was"),
    )
)]
pub async fn accept(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<AcceptBody>,
) -> Result<HttpResponse, ApiFailure> {
    let actor = user.0.clone();
    let AcceptBody { revision, consent } = body.value;
    let terms = Terms {
        text_version: consent.text_version,
        until: consent.until,
    };
    let offer = state
        .run_counting(move |service| accepting::accept(service, &actor, *id, revision, terms))
        .await?;
    Ok(one(offer, &user))
}

/// Why it ends, where that is said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndBody {
    /// In words, at most 500 characters.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Do not take an offer.
#[utoipa::path(
    post,
    path = "/api/v1/offers/{id}/decline",
    tag = "offers",
    params(("id" = Uuid, Path)),
    request_body = EndBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn decline(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<EndBody>,
) -> Result<HttpResponse, ApiFailure> {
    let actor = user.0.clone();
    let offer = state
        .run_counting(move |service| ending::decline(service, &actor, *id, body.value.reason.as_deref()))
        .await?;
    Ok(one(offer, &user))
}

/// Take an offer back, before it is accepted.
#[utoipa::path(
    post,
    path = "/api/v1/offers/{id}/withdraw",
    tag = "offers",
    params(("id" = Uuid, Path)),
    request_body = EndBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn withdraw(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<EndBody>,
) -> Result<HttpResponse, ApiFailure> {
    let actor = user.0.clone();
    let offer = state
        .run_counting(move |service| ending::withdraw(service, &actor, *id, body.value.reason.as_deref()))
        .await?;
    Ok(one(offer, &user))
}

/// Why an accepted offer comes to no contract.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FallThroughBody {
    /// In words, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Say that an accepted offer comes to no contract. The request is open again.
#[utoipa::path(
    post,
    path = "/api/v1/offers/{id}/fall-through",
    tag = "offers",
    params(("id" = Uuid, Path)),
    request_body = FallThroughBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = OfferView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn fall_through(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<FallThroughBody>,
) -> Result<HttpResponse, ApiFailure> {
    let actor = user.0.clone();
    let offer = state
        .run_counting(move |service| ending::fall_through(service, &actor, *id, &body.value.reason))
        .await?;
    Ok(one(offer, &user))
}
