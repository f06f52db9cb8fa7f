//! The outbox, for administrators.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::{Page, limit, place};
use crate::actions::outbox::{self, StoredMail};
use crate::domain::message::{MailState, Topic};
use crate::domain::place::Place;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A mail: to whom and how far, not what it says.
#[derive(Serialize, ToSchema)]
pub struct MailView {
    /// Its id; the Message-ID is made of it.
    id: Uuid,
    /// To which address.
    email: String,
    /// What it is about.
    topic: Topic,
    /// How far it has come.
    state: MailState,
    /// How often it was tried.
    tries: i32,
    /// When it is tried next, while it waits.
    due_at: DateTime<Utc>,
    /// Why it was not taken the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// When the message was written.
    created_at: DateTime<Utc>,
    /// When the server took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    place: String,
}

impl From<StoredMail> for MailView {
    fn from(mail: StoredMail) -> Self {
        let place = Place {
            at: mail.created_at,
            id: mail.id,
        };
        Self {
            id: mail.id,
            email: mail.email,
            topic: mail.topic,
            state: mail.state,
            tries: mail.tries,
            due_at: mail.due_at,
            last_error: mail.last_error,
            created_at: mail.created_at,
            sent_at: mail.sent_at,
            place: place.to_string(),
        }
    }
}

/// Which mails.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those in this state; unless given all but those that are for the page only.
    state: Option<MailState>,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Mails, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/outbox",
    tag = "outbox",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<MailView>),
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
    let shown = query.state;
    let rows = state
        .run(move |service| outbox::list(service, &user, shown, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(MailView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &MailView| &view.place)))
}

/// Send a mail again that was given up.
#[utoipa::path(
    post,
    path = "/api/v1/outbox/{id}/resend",
    tag = "outbox",
    params(("id" = Uuid, Path, description = "The mail")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "it is sent within seconds"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it was not given up"),
    )
)]
pub async fn resend(
    state: web::Data<WebState>,
    user: ApiUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    let id = path.into_inner();
    state.run(move |service| outbox::resend(service, &user, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether mail is held, as in a database that was restored from a backup.
#[derive(Serialize, ToSchema)]
pub struct HoldView {
    /// Since when it is held; absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    /// How many mails wait for that.
    waiting: i64,
}

/// Whether mail is held, of all districts.
#[utoipa::path(
    get,
    path = "/api/v1/outbox/hold",
    tag = "outbox",
    security(("bearer" = [])),
    responses(
        (status = 200, body = HoldView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn hold(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let held = state.run(move |service| outbox::held(service, &user)).await?;
    Ok(HttpResponse::Ok().json(HoldView {
        since: held.map(|held| held.since),
        waiting: held.map_or(0, |held| held.waiting),
    }))
}

/// How mail is let go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseForm {
    /// Mails that were written before are given up: they may have been sent before the restore. Unless given all are
    /// sent.
    drop_before: Option<DateTime<Utc>>,
}

/// What became of the mails that waited.
#[derive(Serialize, ToSchema)]
pub struct ReleasedView {
    /// How many are sent now.
    waiting: i64,
    /// How many were given up.
    given_up: i64,
}

/// Let mail go that is held, of all districts.
#[utoipa::path(
    post,
    path = "/api/v1/outbox/release",
    tag = "outbox",
    request_body = ReleaseForm,
    security(("bearer" = [])),
    responses(
        (status = 200, body = ReleasedView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "mail is not held"),
        (status = 415, body = ProblemDocument, content_type = "application/problem+json", description = "not JSON"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn release(
    state: web::Data<WebState>,
    user: ApiUser,
    body: JsonBody<ReleaseForm>,
) -> Result<HttpResponse, ApiFailure> {
    let drop_before = body.value.drop_before;
    let released = state
        .run(move |service| outbox::release(service, &user, drop_before))
        .await?;
    Ok(HttpResponse::Ok().json(ReleasedView {
        waiting: released.waiting,
        given_up: released.given_up,
    }))
}
