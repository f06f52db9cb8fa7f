//! Consents: which bank may read what, and taking that back.

use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::deadline::DeadlineView;
use super::page::{Page, limit, place};
use crate::actions::consents::{self, StoredConsent};
use crate::actions::deadlines::Counting;
use crate::domain::consent::ConsentPurpose;
use crate::domain::dates::Day;
use crate::domain::place::Place;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A consent.
#[derive(Serialize, ToSchema)]
pub struct ConsentView {
    /// Its id.
    id: Uuid,
    /// Code of the bank.
    bank: String,
    /// The bank's name.
    bank_name: String,
    /// The request.
    request: Uuid,
    /// The request's number.
    request_number: String,
    /// Keys of the facts that the bank may read.
    facts: Vec<&'static str>,
    /// What for.
    purpose: ConsentPurpose,
    /// The text that was agreed to.
    text_version: i32,
    /// When it was given.
    given_at: chrono::DateTime<chrono::Utc>,
    /// The last day on which it holds.
    #[schema(value_type = String, format = Date)]
    until: Day,
    /// How long that is, while it holds.
    deadline: Option<DeadlineView>,
    /// When it was taken back.
    revoked_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Whether the bank may read today.
    in_force: bool,
    #[serde(skip)]
    place: String,
}

impl ConsentView {
    fn new(stored: StoredConsent, counting: &Counting) -> Self {
        Self {
            place: Place {
                at: stored.given_at,
                id: stored.id,
            }
            .to_string(),
            in_force: stored.is_live(counting.today()),
            deadline: counting.of_consent(&stored).map(DeadlineView::from),
            id: stored.id,
            bank: stored.bank_code,
            bank_name: stored.bank_name,
            request: stored.request_id,
            request_number: stored.request_number,
            facts: stored.facts.iter().map(|key| key.code()).collect(),
            purpose: stored.purpose,
            text_version: stored.text_version,
            given_at: stored.given_at,
            until: stored.until,
            revoked_at: stored.revoked_at,
        }
    }
}

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The consents of the signed-in user's enterprise, newest first, ended ones too.
#[utoipa::path(
    get,
    path = "/api/v1/consents",
    tag = "consents",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<ConsentView>),
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
    let (rows, counting) = state
        .run_counting(move |service| consents::list(service, &user, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(|one| ConsentView::new(one, &counting)).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &ConsentView| &view.place)))
}

/// Take a consent back: once this is answered the bank reads nothing more; its referral is cancelled.
#[utoipa::path(
    post,
    path = "/api/v1/consents/{id}/revoke",
    tag = "consents",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ConsentView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it was taken back already"),
    )
)]
pub async fn revoke(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    let (revoked, counting) = state
        .run_counting(move |service| consents::revoke(service, &user, *id))
        .await?;
    Ok(HttpResponse::Ok().json(ConsentView::new(revoked, &counting)))
}
