//! The audit log, for administrators.

use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::input::admin::AuditQuery;
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::{Page, limit, place};
use crate::actions::audit::{self, FoundAudit};
use crate::web::view::admin::place_of;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of the log.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    /// Its id.
    id: String,
    /// When.
    at: DateTime<Utc>,
    /// Who; absent where that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    /// The user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The name of the user's organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// The code of what was done.
    action: String,
    /// To what: kind and id.
    subject: String,
    /// The state before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// The state after.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// Its place in the chain; absent until it is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<i64>,
    /// The algorithm of its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    /// Its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip)]
    cursor: String,
}

impl From<FoundAudit> for AuditView {
    fn from(found: FoundAudit) -> Self {
        let cursor = place_of(&found).map_or_else(String::new, |place| place.to_string());
        let (row, seal) = (found.row, found.seal);
        Self {
            id: row.id,
            at: row.at.and_utc(),
            account_id: row.account_id,
            name: found.name,
            organisation: found.organisation,
            origin: row.origin,
            action: row.action,
            subject: row.subject,
            before: row.before,
            after: row.after,
            place: seal.place,
            algorithm: seal.algorithm,
            hash: seal.hash,
            cursor,
        }
    }
}

/// Entries of the log, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "administration",
    params(AuditQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<AuditView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<AuditQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let (limit, before) = (limit(query.limit)?, place(cursor)?);
    let search = query.search().map_err(|problems| Failure::Action(problems.into()))?;
    let rows = state
        .run(move |service| audit::search(service, &user, &search, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(AuditView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &AuditView| &view.cursor)))
}
