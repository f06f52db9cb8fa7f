//! Keys of departments' own systems, kept by administrators.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::Page;
use crate::actions::feed::{self, StoredFeedKey};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A key, without what lets in.
#[derive(Serialize, ToSchema)]
pub struct FeedKeyView {
    /// Its id.
    id: Uuid,
    /// What people call it.
    name: String,
    /// How it begins.
    prefix: String,
    /// The department's code.
    department: String,
    /// The last number that it sent.
    sequence: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last let in.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<StoredFeedKey> for FeedKeyView {
    fn from(key: StoredFeedKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            department: key.organisation_code,
            sequence: key.sequence,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedKeyBody {
    /// The department's code.
    department: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub struct MadeKeyView {
    /// Its id.
    id: Uuid,
    /// The key: told this once.
    key: String,
}

/// The keys of the district's departments: those that let in first, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/feed-keys",
    tag = "facts",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<FeedKeyView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn list(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let keys = state.run(move |service| feed::keys(service, &user)).await?;
    Ok(HttpResponse::Ok().json(Page {
        items: keys.into_iter().map(FeedKeyView::from).collect(),
        next: None,
    }))
}

/// Make a key for a department. It is in the answer and nowhere else.
#[utoipa::path(
    post,
    path = "/api/v1/feed-keys",
    tag = "facts",
    request_body = FeedKeyBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = MadeKeyView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn make(
    state: web::Data<WebState>,
    user: ApiUser,
    body: JsonBody<FeedKeyBody>,
) -> Result<HttpResponse, ApiFailure> {
    let FeedKeyBody { department, name } = body.value;
    let made = state
        .run(move |service| feed::make_key(service, &user, &department, &name))
        .await?;
    let view = MadeKeyView {
        id: made.id,
        key: made.key.expose().to_owned(),
    };
    Ok(HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(view))
}

/// Revoke a key: from now on it lets nobody in.
#[utoipa::path(
    post,
    path = "/api/v1/feed-keys/{id}/revoke",
    tag = "facts",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "revoked"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "revoked already"),
    )
)]
pub async fn revoke(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    state.run(move |service| feed::revoke_key(service, &user, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
