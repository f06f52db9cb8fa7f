//! Files: handing in one's own, and reading what one may.

use super::super::conditions::IdempotencyKey;
use super::super::download::attachment;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::{Page, limit, place};
use crate::actions::attachments::{self, StoredAttachment};
use crate::domain::attachment::{AttachmentPurpose, MediaType};
use crate::domain::codes::Code;
use crate::domain::place::Place;
use crate::web::input::joining::MaterialForm;
use crate::web::input::upload::ApiUpload;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A file without its content.
#[derive(Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its id.
    id: Uuid,
    /// What it is for.
    purpose: AttachmentPurpose,
    /// The name under which it is given out.
    name: String,
    /// What its content is.
    media_type: MediaType,
    /// How long it is.
    size_bytes: i64,
    /// SHA-256 of its content, in hexadecimal.
    sha256: String,
    /// When it was handed in.
    created_at: DateTime<Utc>,
    #[serde(skip)]
    place: String,
}

impl From<StoredAttachment> for AttachmentView {
    fn from(stored: StoredAttachment) -> Self {
        let place = Place {
            at: stored.created_at,
            id: stored.id,
        };
        Self {
            id: stored.id,
            purpose: stored.purpose,
            name: stored.name,
            media_type: stored.media_type,
            size_bytes: stored.size_bytes,
            sha256: stored.sha256,
            created_at: stored.created_at,
            place: place.to_string(),
        }
    }
}

/// A file, as the part of a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says what the parts of the body are")]
pub struct AttachmentParts {
    /// PDF, PNG or JPEG, by its content.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// The id of something that was added.
#[derive(Serialize, ToSchema)]
pub struct AddedView {
    /// Its id.
    pub(super) id: Uuid,
}

/// Hand in a file of one's own enterprise.
#[utoipa::path(
    post,
    path = "/api/v1/attachments",
    tag = "attachments",
    params(("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing")),
    request_body(content = AttachmentParts, content_type = "multipart/form-data"),
    security(("bearer" = [])),
    responses(
        (status = 201, body = AddedView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn add(
    state: web::Data<WebState>,
    user: ApiUser,
    key: IdempotencyKey,
    upload: ApiUpload<MaterialForm>,
) -> Result<HttpResponse, ApiFailure> {
    let ApiUpload(mut upload) = upload;
    let key = key.of(user.user_id, "/api/v1/attachments", upload.hash.clone());
    let file = upload.take("file");
    let id = state
        .run(move |service| attachments::add(service, &user, file, key.as_ref()))
        .await?;
    Ok(HttpResponse::Created().json(AddedView { id }))
}

/// Which files.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The files of one's own enterprise, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/attachments",
    tag = "attachments",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<AttachmentView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let (limit, before) = (limit(query.limit)?, place(query.cursor.as_deref())?);
    let rows = state
        .run(move |service| attachments::list(service, &user, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(AttachmentView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &AttachmentView| &view.place)))
}

/// A file's content, to be saved. That it was read stands in the audit.
#[utoipa::path(
    get,
    path = "/api/v1/attachments/{id}",
    tag = "attachments",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "the content", content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn read(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    let (stored, content) = state.run(move |service| attachments::read(service, &user, *id)).await?;
    Ok(attachment(&stored.name, stored.media_type.code(), content))
}
