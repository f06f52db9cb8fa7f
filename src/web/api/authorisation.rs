//! What an enterprise lets the platform use, and who has read what of it.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::enterprises::parse;
use super::page::{Page, limit, place};
use crate::actions::access::{self, StoredAccess};
use crate::actions::authorisation::{self, StoredAuthorisation};
use crate::domain::actor::OrganisationKind;
use crate::domain::codes::Owner;
use crate::domain::consent::{AuthorisationPurpose, Reading, Terms};
use crate::domain::dates::Day;
use crate::domain::invalid::Rule;
use crate::domain::place::Place;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which departments' facts the platform may use. Without any it uses only what the enterprise declares.
#[derive(Serialize, ToSchema)]
pub struct AuthorisationView {
    /// Whose facts; empty where nothing is authorised.
    departments: Vec<Owner>,
    /// What for.
    purpose: Option<AuthorisationPurpose>,
    /// The text that was agreed to.
    text_version: Option<i32>,
    /// When it was given.
    given_at: Option<chrono::DateTime<chrono::Utc>>,
    /// The last day on which it holds.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
    /// Whether it holds today.
    in_force: bool,
}

impl AuthorisationView {
    fn new(stored: Option<StoredAuthorisation>, today: Day) -> Self {
        let Some(stored) = stored else {
            return Self {
                departments: Vec::new(),
                purpose: None,
                text_version: None,
                given_at: None,
                until: None,
                in_force: false,
            };
        };
        Self {
            departments: stored.owners,
            purpose: Some(stored.purpose),
            text_version: Some(stored.text_version),
            given_at: Some(stored.given_at),
            until: Some(stored.until),
            in_force: today <= stored.until,
        }
    }
}

/// An authorisation that takes the place of the one that stands.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorisationBody {
    /// Whose facts; none: what stands is taken back, at once.
    departments: Vec<Owner>,
    /// The text that was shown; absent only where nothing is authorised.
    text_version: Option<i32>,
    /// The last day on which it holds, at most a year from now; absent only where nothing is authorised.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

impl AuthorisationBody {
    fn split(self) -> Result<(Vec<Owner>, Option<Terms>), Failure> {
        let mut owners = self.departments;
        owners.sort_unstable();
        owners.dedup();
        if owners.is_empty() {
            return Ok((owners, None));
        }
        let missing = |field| Failure::field(field, Rule::Required);
        let terms = Terms {
            text_version: self.text_version.ok_or_else(|| missing("text_version"))?,
            until: self.until.ok_or_else(|| missing("until"))?,
        };
        Ok((owners, Some(terms)))
    }
}

/// Which departments' facts the platform may use.
#[utoipa::path(
    get,
    path = "/api/v1/enterprises/{uscc}/authorisation",
    tag = "enterprises",
    params(("uscc" = String, Path, description = "统一社会信用代码")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = AuthorisationView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: web::Data<WebState>,
    user: ApiUser,
    uscc: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let uscc = parse(&uscc)?;
    let today = state.service.clock.today();
    let stored = state
        .run(move |service| authorisation::show(service, &user, uscc))
        .await?;
    Ok(HttpResponse::Ok().json(AuthorisationView::new(stored, today)))
}

/// Authorise the platform anew, or, without departments, take back what stands.
#[utoipa::path(
    put,
    path = "/api/v1/enterprises/{uscc}/authorisation",
    tag = "enterprises",
    params(("uscc" = String, Path, description = "统一社会信用代码")),
    request_body = AuthorisationBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = AuthorisationView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn put(
    state: web::Data<WebState>,
    user: ApiUser,
    uscc: web::Path<String>,
    body: JsonBody<AuthorisationBody>,
) -> Result<HttpResponse, ApiFailure> {
    let uscc = parse(&uscc)?;
    let (owners, terms) = body.value.split()?;
    let today = state.service.clock.today();
    let stored = state
        .run(move |service| authorisation::put(service, &user, uscc, &owners, terms))
        .await?;
    Ok(HttpResponse::Ok().json(AuthorisationView::new(stored, today)))
}

/// A read of an enterprise by somebody else.
#[derive(Serialize, ToSchema)]
pub struct AccessView {
    /// When.
    at: chrono::DateTime<chrono::Utc>,
    /// The reader's organisation.
    organisation: String,
    /// What kind it is.
    organisation_kind: OrganisationKind,
    /// The reader.
    reader: String,
    /// What was read.
    what: Reading,
    /// The number of the request that it was about.
    request_number: Option<String>,
    #[serde(skip)]
    place: String,
}

impl From<StoredAccess> for AccessView {
    fn from(stored: StoredAccess) -> Self {
        Self {
            place: Place {
                at: stored.at,
                id: stored.id,
            }
            .to_string(),
            at: stored.at,
            organisation: stored.organisation,
            organisation_kind: stored.kind,
            reader: stored.reader,
            what: stored.what,
            request_number: stored.request_number,
        }
    }
}

/// Which part of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PartQuery {
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Who has read what of an enterprise, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/enterprises/{uscc}/access-log",
    tag = "enterprises",
    params(("uscc" = String, Path, description = "统一社会信用代码"), PartQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<AccessView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn access_log(
    state: web::Data<WebState>,
    user: ApiUser,
    uscc: web::Path<String>,
    query: web::Query<PartQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let uscc = parse(&uscc)?;
    let (limit, before) = (limit(query.limit)?, place(query.cursor.as_deref())?);
    let rows = state
        .run(move |service| access::log(service, &user, uscc, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(AccessView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &AccessView| &view.place)))
}
