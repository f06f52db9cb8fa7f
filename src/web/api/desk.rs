//! The centre's desk: what waits for an officer.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::offer_views::OfferView;
use crate::actions::offers::{Viewer, desk};
use crate::domain::invalid::Rule;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many offers the desk is shown at a time.
const SHOWN: i64 = 200;

/// What waits.
#[derive(Serialize, ToSchema)]
pub struct DeskView {
    /// Offers to forward or to return, the newest sent first.
    offers: Vec<OfferView>,
}

/// What waits for an officer of the district.
#[utoipa::path(
    get,
    path = "/api/v1/desk",
    tag = "desk",
    security(("bearer" = [])),
    responses(
        (status = 200, body = DeskView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn list(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let held = state.run(move |service| desk::held(service, &user, SHOWN)).await?;
    let offers = held.into_iter().map(|offer| OfferView::of(offer, Viewer::Desk).0);
    Ok(HttpResponse::Ok().json(DeskView {
        offers: offers.collect(),
    }))
}

/// Which offers are forwarded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardAllBody {
    /// Their ids, at most 100.
    #[schema(min_items = 1, max_items = 100)]
    offers: Vec<Uuid>,
}

/// What became of one of them.
#[derive(Serialize, ToSchema)]
pub struct ForwardedView {
    /// The offer.
    id: Uuid,
    /// Whether the enterprise sees it now; if not, it failed a check or does not wait any more.
    forwarded: bool,
}

/// Forward those of several offers that pass every check.
#[utoipa::path(
    post,
    path = "/api/v1/desk/forward",
    tag = "desk",
    request_body = ForwardAllBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = Vec<ForwardedView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn forward_all(
    state: web::Data<WebState>,
    user: ApiUser,
    body: JsonBody<ForwardAllBody>,
) -> Result<HttpResponse, ApiFailure> {
    let ids = body.value.offers;
    if !(1..=desk::AT_A_TIME).contains(&ids.len()) {
        let rule = Rule::Count {
            min: 1,
            max: desk::AT_A_TIME,
        };
        return Err(Failure::field("offers", rule).into());
    }
    let results = state
        .run(move |service| desk::forward_all(service, &user, &ids))
        .await?;
    let views: Vec<ForwardedView> = results
        .into_iter()
        .map(|one| ForwardedView {
            id: one.id,
            forwarded: one.done,
        })
        .collect();
    Ok(HttpResponse::Ok().json(views))
}
