//! A user's own messages.

use super::super::error::ApiFailure;
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::{Page, limit, place};
use crate::actions::messages::{self, StoredMessage};
use crate::domain::message::Topic;
use crate::domain::message_text::words;
use crate::domain::place::Place;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A message, in the same words as its mail.
#[derive(Serialize, ToSchema)]
pub struct MessageView {
    /// Its id.
    id: Uuid,
    /// What it is about.
    topic: Topic,
    /// One line.
    subject: String,
    /// What happened.
    happened: String,
    /// What to do, by when; empty where nothing is to be done.
    act: String,
    /// The path of the page to go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When it was read on the page of messages; absent while it is unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    place: String,
}

impl From<StoredMessage> for MessageView {
    fn from(message: StoredMessage) -> Self {
        let words = words(message.topic, &message.parameters);
        let place = Place {
            at: message.created_at,
            id: message.id,
        };
        Self {
            id: message.id,
            topic: message.topic,
            subject: words.subject,
            happened: words.happened,
            act: words.act,
            link: message.link,
            created_at: message.created_at,
            read_at: message.read_at,
            place: place.to_string(),
        }
    }
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// One's own messages, newest first. Reading them here leaves them unread.
#[utoipa::path(
    get,
    path = "/api/v1/messages",
    tag = "messages",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<MessageView>),
        (status = 422, body = crate::web::error::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let (limit, before) = (limit(query.limit)?, place(query.cursor.as_deref())?);
    let rows = state
        .run(move |service| messages::list(service, &user, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(MessageView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &MessageView| &view.place)))
}
