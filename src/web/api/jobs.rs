//! What the service does by itself, for administrators.

use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::Page;
use crate::actions::jobs::{self, JobStanding, NextTurn};
use crate::domain::codes::Code;
use crate::domain::job::JobKind;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A job as it stands.
#[derive(Serialize, ToSchema)]
pub struct JobView {
    /// Its name, as in the log and among the measures.
    name: JobKind,
    /// What it does, in Chinese.
    label: &'static str,
    /// How much waits to be done.
    waiting: i64,
    /// How much it did in all its turns.
    handled: i64,
    /// Whether a node is at it.
    is_running: bool,
    /// When its next turn comes; absent where it comes as soon as something waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_turn_at: Option<DateTime<Utc>>,
    /// When it last ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    succeeded_at: Option<DateTime<Utc>>,
    /// When it began last.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<DateTime<Utc>>,
    /// How often in a row it failed.
    failures: i32,
    /// What it failed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

impl From<JobStanding> for JobView {
    fn from(job: JobStanding) -> Self {
        Self {
            name: job.kind,
            label: job.kind.label(),
            waiting: job.waiting,
            handled: job.handled,
            is_running: matches!(job.turn, NextTurn::Running { .. }),
            next_turn_at: match job.turn {
                NextTurn::At(due_at) => Some(due_at),
                _ => None,
            },
            succeeded_at: job.succeeded_at,
            started_at: job.started_at,
            failures: job.failures,
            last_error: job.last_error,
        }
    }
}

/// Every job, in the order of their turns.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "jobs",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<JobView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn list(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let standing = state.run(move |service| jobs::list(service, &user)).await?;
    Ok(HttpResponse::Ok().json(Page {
        items: standing.into_iter().map(JobView::from).collect(),
        next: None,
    }))
}
