//! Registering an enterprise, and deciding on that.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::{ApiUser, origin};
use super::super::state::WebState;
use super::attachments::AttachmentView;
use super::page::{Page, limit, place};
use crate::actions::approvals::{self, Approval, Dossier, StoredRegistration};
use crate::actions::registrations::{self, Submission};
use crate::domain::codes::Owner;
use crate::domain::dates::Day;
use crate::domain::place::Place;
use crate::domain::registration::RegistrationState;
use crate::web::input::joining::{RegisterForm, RejectForm};
use crate::web::input::upload::ApiUpload;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An address, for a link to it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressBody {
    /// The address.
    #[schema(min_length = 3, max_length = 254)]
    pub(super) email: String,
}

/// Begin to register an enterprise: a link goes to the address. The answer says nothing of the address.
#[utoipa::path(
    post,
    path = "/api/v1/registrations",
    tag = "joining",
    request_body = AddressBody,
    responses((status = 202, description = "what there is to say goes to the address"))
)]
pub async fn begin(
    state: web::Data<WebState>,
    request: HttpRequest,
    body: JsonBody<AddressBody>,
) -> Result<HttpResponse, ApiFailure> {
    let (email, origin) = (body.value.email, origin(&request));
    state
        .run(move |service| registrations::begin(service, &email, origin.as_deref()))
        .await?;
    Ok(HttpResponse::Accepted().finish())
}

/// A registration with its files, as parts of a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says what the parts of the body are")]
pub struct RegistrationParts {
    #[schema(inline)]
    form: RegisterForm,
    /// The business licence: PDF, PNG or JPEG.
    #[schema(value_type = String, format = Binary)]
    licence: String,
    /// The letter with the seal: PDF, PNG or JPEG.
    #[schema(value_type = String, format = Binary)]
    letter: String,
}

/// Register an enterprise, with the token of the link. An officer decides; the answer says nothing of whether
/// the credit code is taken.
#[utoipa::path(
    post,
    path = "/api/v1/registrations/submit",
    tag = "joining",
    request_body(content = RegistrationParts, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "it waits for an officer"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "the link is no good any more"),
    )
)]
pub async fn submit(
    state: web::Data<WebState>,
    request: HttpRequest,
    upload: ApiUpload<RegisterForm>,
) -> Result<HttpResponse, ApiFailure> {
    let ApiUpload(mut upload) = upload;
    let submission = Submission {
        token: upload.form.token.clone(),
        form: upload.form.asked(),
        password: upload.form.password.clone(),
        licence: upload.take("licence"),
        letter: upload.take("letter"),
    };
    let origin = origin(&request);
    state
        .run_password(move |service| registrations::submit(service, submission, origin.as_deref()))
        .await?;
    Ok(HttpResponse::Accepted().finish())
}

/// A registration.
#[derive(Serialize, ToSchema)]
pub struct RegistrationView {
    /// Its id.
    id: Uuid,
    /// The enterprise's credit code.
    uscc: String,
    /// The enterprise's name, as it was typed.
    enterprise_name: String,
    /// The code of its industry.
    industry: String,
    /// The code of its town.
    town: String,
    /// The person.
    person: String,
    /// The proven address.
    email: String,
    /// Whose facts the platform may use.
    owners: Vec<Owner>,
    /// The text that was agreed to.
    text_version: i32,
    /// The last day on which that holds.
    #[schema(value_type = String, format = Date)]
    until: Day,
    /// Where it is.
    state: RegistrationState,
    /// Whether somebody speaks for the enterprise already; false once it is decided.
    second_claim: bool,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it came.
    created_at: DateTime<Utc>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    place: String,
}

impl RegistrationView {
    fn new(stored: StoredRegistration, second_claim: bool) -> Self {
        let place = Place {
            at: stored.created_at,
            id: stored.id,
        };
        Self {
            id: stored.id,
            uscc: stored.uscc.to_string(),
            enterprise_name: stored.enterprise_name,
            industry: stored.industry,
            town: stored.town,
            person: stored.person,
            email: stored.email.to_string(),
            owners: stored.owners,
            text_version: stored.terms.text_version,
            until: stored.terms.until,
            state: stored.state,
            second_claim,
            reason: stored.reason,
            created_at: stored.created_at,
            decided_at: stored.decided_at,
            place: place.to_string(),
        }
    }
}

/// Which registrations.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those in this state.
    state: Option<RegistrationState>,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Registrations, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/registrations",
    tag = "joining",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<RegistrationView>),
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
    let shown = query.state;
    let rows = state
        .run(move |service| approvals::list(service, &user, shown, before, limit + 1))
        .await?;
    let views = rows
        .into_iter()
        .map(|(one, second)| RegistrationView::new(one, second))
        .collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &RegistrationView| &view.place)))
}

/// A registration with its files.
#[derive(Serialize, ToSchema)]
pub struct DossierView {
    #[serde(flatten)]
    registration: RegistrationView,
    /// Its files.
    files: Vec<AttachmentView>,
    /// The enterprise's name as it was imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_as: Option<String>,
}

/// One registration with its files.
#[utoipa::path(
    get,
    path = "/api/v1/registrations/{id}",
    tag = "joining",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = DossierView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    let Dossier {
        stored,
        files,
        speakers,
        known_as,
    } = state.run(move |service| approvals::show(service, &user, *id)).await?;
    let second = stored.state == RegistrationState::Waiting && !speakers.is_empty();
    Ok(HttpResponse::Ok().json(DossierView {
        registration: RegistrationView::new(stored, second),
        files: files.into_iter().map(AttachmentView::from).collect(),
        known_as,
    }))
}

/// An approval.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveBody {
    /// For a second claim: that it is one was seen, and checked with the enterprise.
    #[serde(default)]
    second_claim: bool,
    /// When an enterprise that is not known yet was founded, by its licence.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    established_on: Option<Day>,
}

/// Approve a registration: its person becomes the enterprise's owner.
#[utoipa::path(
    post,
    path = "/api/v1/registrations/{id}/approve",
    tag = "joining",
    params(("id" = Uuid, Path)),
    request_body = ApproveBody,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "the person is told, and signs in"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it is decided"),
    )
)]
pub async fn approve(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<ApproveBody>,
) -> Result<HttpResponse, ApiFailure> {
    let seen = Approval {
        is_second: body.value.second_claim,
        established_on: body.value.established_on,
    };
    state
        .run(move |service| approvals::approve(service, &user, *id, seen))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reject a registration, with a reason that goes to its address.
#[utoipa::path(
    post,
    path = "/api/v1/registrations/{id}/reject",
    tag = "joining",
    params(("id" = Uuid, Path)),
    request_body = RejectForm,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "the address is told"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it is decided"),
    )
)]
pub async fn reject(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<RejectForm>,
) -> Result<HttpResponse, ApiFailure> {
    let reason = body.value.reason;
    state
        .run(move |service| approvals::reject(service, &user, *id, &reason))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
