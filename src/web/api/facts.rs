//! Facts that departments and the centre hand in: a file at once, what was handed in, taking it back.

use super::super::body::FileBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::{ApiUser, FeedCaller};
use super::super::state::WebState;
use super::deadline::DeadlineView;
use super::page::{Page, limit, place};
use crate::actions::deadlines::Counting;
use crate::actions::digest::sha256_hex;
use crate::actions::feed::{self, Feeder, Handed, StoredBatch};
use crate::domain::batch::BatchState;
use crate::domain::place::Place;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A batch that was handed in.
#[derive(Serialize, ToSchema)]
pub struct BatchView {
    /// Its id.
    id: Uuid,
    /// The name of the file.
    name: String,
    /// SHA-256 of the file.
    sha256: String,
    /// Where it is in its life.
    state: BatchState,
    /// Rows of which nothing was known before.
    created: i32,
    /// Rows that changed what was known.
    updated: i32,
    /// Rows that said what was known already.
    unchanged: i32,
    /// Rows that were left out.
    refused: i32,
    /// The number that the department's system gave it.
    sequence: Option<i64>,
    /// Who handed it in: a user, or a key by its name.
    by: Option<String>,
    /// When it came.
    created_at: DateTime<Utc>,
    /// When it was taken up.
    applied_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    withdrawn_at: Option<DateTime<Utc>>,
    /// Until when all of its values hold that still count.
    deadline: Option<DeadlineView>,
    #[serde(skip)]
    place: String,
}

impl BatchView {
    fn new(batch: StoredBatch, counting: &Counting) -> Self {
        let place = Place {
            at: batch.created_at,
            id: batch.id,
        };
        Self {
            place: place.to_string(),
            deadline: counting.of_batch(&batch).map(DeadlineView::from),
            id: batch.id,
            name: batch.name,
            sha256: batch.sha256,
            state: batch.state,
            created: batch.counts.created,
            updated: batch.counts.updated,
            unchanged: batch.counts.unchanged,
            refused: batch.counts.refused,
            sequence: batch.sequence,
            by: batch.by,
            created_at: batch.created_at,
            applied_at: batch.applied_at,
            withdrawn_at: batch.withdrawn_at,
        }
    }
}

/// What goes with a file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FileQuery {
    /// A number above every one that this key has sent: each is taken once. Needed with a key, and only there.
    #[param(minimum = 1)]
    sequence: Option<i64>,
    /// What the file is called in the list of batches.
    name: Option<String>,
}

/// Hand in a file of facts: all of it, or nothing. The columns are those of the template; amounts in 分,
/// shares in bp. With the key of a department's system, or as a user.
#[utoipa::path(
    post,
    path = "/api/v1/facts",
    tag = "facts",
    params(
        FileQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "For a user: a second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body(
        description = "At most 20,000 rows; a file that is too large is answered with 413",
        content(
            (String = "text/csv"),
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
    ),
    security(("bearer" = [])),
    responses(
        (status = 201, body = BatchView, description = "taken up"),
        (status = 200, body = BatchView, description = "the same file was taken up before, and changes nothing"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to do, or a fact that somebody else vouches for"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "this number was sent before"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "rows that break rules, as rows[LINE].FIELD"),
    )
)]
pub async fn take(
    state: web::Data<WebState>,
    caller: FeedCaller,
    query: web::Query<FileQuery>,
    key: IdempotencyKey,
    body: FileBody,
) -> Result<HttpResponse, ApiFailure> {
    let feeder = caller.0;
    let query = query.into_inner();
    let once = match &feeder {
        Feeder::User(actor) => key.of(actor.user_id, "/api/v1/facts", sha256_hex(&body.bytes)),
        Feeder::Key(_) => None,
    };
    let file = Handed {
        name: query.name.unwrap_or_else(|| "接口报送".to_owned()),
        kind: body.kind,
        bytes: body.bytes.to_vec(),
    };
    let ((taken, batch), counting) = state
        .run_counting(move |service| {
            let taken = feed::take(service, &feeder, &file, query.sequence, once.as_ref())?;
            Ok((taken, feed::show(service, &feeder, taken.id)?))
        })
        .await?;
    let mut answer = if taken.is_new {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(answer.json(BatchView::new(batch, &counting)))
}

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// What was handed in, newest first: one's organisation's; with a key what came by it.
#[utoipa::path(
    get,
    path = "/api/v1/fact-batches",
    tag = "facts",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<BatchView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    caller: FeedCaller,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let limit = limit(query.limit)?;
    let before = place(query.cursor.as_deref())?;
    let (found, counting) = state
        .run_counting(move |service| feed::list(service, &caller.0, before, limit + 1))
        .await?;
    let views = found.into_iter().map(|one| BatchView::new(one, &counting)).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &BatchView| &view.place)))
}

/// Take a whole batch back: each of its values gives way to the one before it.
#[utoipa::path(
    post,
    path = "/api/v1/fact-batches/{id}/withdraw",
    tag = "facts",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = BatchView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn withdraw(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    let (batch, counting) = state
        .run_counting(move |service| feed::withdraw(service, &user, *id))
        .await?;
    Ok(HttpResponse::Ok().json(BatchView::new(batch, &counting)))
}
