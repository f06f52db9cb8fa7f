//! Users, organisations and settings, for those who keep them.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::{Page, cursor, limit, place};
use crate::actions::members::{self, StoredUser};
use crate::actions::organisations::{self, NewOrganisation, StoredOrganisation};
use crate::actions::{second_factor, settings};
use crate::domain::actor::{OrganisationKind, Role};
use crate::domain::place::Place;
use crate::web::input::joining::RoleForm;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A user.
#[derive(Serialize, ToSchema)]
pub struct UserView {
    /// The user's id.
    id: Uuid,
    /// The address that the user signs in with.
    email: String,
    /// The user's name.
    name: String,
    /// The organisation's name.
    organisation: String,
    /// What the user is.
    role: Role,
    /// Whether the user may sign in.
    active: bool,
    /// Whether the user has a second factor.
    second_factor: bool,
    /// When the user was added.
    created_at: DateTime<Utc>,
    #[serde(skip)]
    place: String,
}

impl From<StoredUser> for UserView {
    fn from(stored: StoredUser) -> Self {
        let place = Place {
            at: stored.created_at,
            id: stored.id,
        };
        Self {
            id: stored.id,
            email: stored.email,
            name: stored.name,
            organisation: stored.organisation_name,
            role: stored.role,
            active: stored.active,
            second_factor: stored.has_factor,
            created_at: stored.created_at,
            place: place.to_string(),
        }
    }
}

/// Which users.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UserQuery {
    /// Only those of the organisation with this code.
    organisation: Option<String>,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The users that one keeps, newest first: an owner its enterprise's, an administrator the district's.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "users",
    params(UserQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<UserView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<UserQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let query = query.into_inner();
    let (limit, before) = (limit(query.limit)?, place(query.cursor.as_deref())?);
    let rows = state
        .run(move |service| members::list(service, &user, query.organisation.as_deref(), before, limit + 1))
        .await?;
    let views = rows.into_iter().map(UserView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &UserView| &view.place)))
}

/// Make a user into another role; it is signed out by that.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/role",
    tag = "users",
    params(("id" = Uuid, Path)),
    request_body = RoleForm,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "it is told, and signs in again"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it has that role"),
    )
)]
pub async fn set_role(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<RoleForm>,
) -> Result<HttpResponse, ApiFailure> {
    let role = body.value.role;
    state
        .run(move |service| members::set_role(service, &user, *id, role))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shut a user out, at once.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/disable",
    tag = "users",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "it is signed out"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it is shut out"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "it is the last one who keeps users"),
    )
)]
pub async fn disable(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    state
        .run(move |service| members::set_active(service, &user, *id, false))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Let a user in again.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/enable",
    tag = "users",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "it may sign in"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it is not shut out"),
    )
)]
pub async fn enable(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    state
        .run(move |service| members::set_active(service, &user, *id, true))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a user's lost second factor away: everything that it began ends, and where its role needs one it sets up
/// another at the next sign-in.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/second-factor/reset",
    tag = "users",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "it has none any more"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json", description = "one's own takes the password, on a page"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it has none"),
    )
)]
pub async fn reset_factor(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    state
        .run(move |service| second_factor::reset(service, &user, *id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An organisation.
#[derive(Serialize, ToSchema)]
pub struct OrganisationView {
    /// Its code.
    code: String,
    /// What it is.
    kind: OrganisationKind,
    /// Its name.
    name: String,
    /// Its credit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    uscc: Option<String>,
    /// Whom to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
}

impl From<StoredOrganisation> for OrganisationView {
    fn from(stored: StoredOrganisation) -> Self {
        let one = stored.organisation;
        Self {
            code: one.code,
            kind: one.kind,
            name: one.name,
            uscc: one.uscc.map(|uscc| uscc.to_string()),
            contact: one.contact,
        }
    }
}

/// Which organisations.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OrganisationQuery {
    /// Only those of this kind.
    kind: Option<OrganisationKind>,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The district's organisations, by code.
#[utoipa::path(
    get,
    path = "/api/v1/organisations",
    tag = "organisations",
    params(OrganisationQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<OrganisationView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn organisations(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<OrganisationQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let (limit, after) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    let kind = query.kind;
    let rows = state
        .run(move |service| organisations::list(service, &user, kind, &after.unwrap_or_default(), limit + 1))
        .await?;
    let views = rows.into_iter().map(OrganisationView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &OrganisationView| &view.code)))
}

/// An organisation of the district.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{code}",
    tag = "organisations",
    params(("code" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = OrganisationView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn organisation(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let stored = state
        .run(move |service| organisations::show(service, &user, &code))
        .await?;
    Ok(HttpResponse::Ok().json(OrganisationView::from(stored)))
}

/// A bank, a leasing company or a department to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationBody {
    /// Its code: small letters, digits and hyphens.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// What it is.
    kind: OrganisationKind,
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Its credit code.
    uscc: Option<String>,
    /// Whom to call.
    contact: Option<String>,
}

/// The code of an organisation that was added.
#[derive(Serialize, ToSchema)]
pub struct AddedOrganisation {
    /// Its code.
    code: String,
}

/// Add an organisation to the district.
#[utoipa::path(
    post,
    path = "/api/v1/organisations",
    tag = "organisations",
    params(("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing")),
    request_body = OrganisationBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = AddedOrganisation),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn add_organisation(
    state: web::Data<WebState>,
    user: ApiUser,
    key: IdempotencyKey,
    body: JsonBody<OrganisationBody>,
) -> Result<HttpResponse, ApiFailure> {
    let key = key.of(user.user_id, "/api/v1/organisations", body.hash);
    let OrganisationBody {
        code,
        kind,
        name,
        uscc,
        contact,
    } = body.value;
    let new = NewOrganisation {
        code,
        kind,
        name,
        uscc,
        contact,
    };
    let code = state
        .run(move |service| organisations::add(service, &user, new, key.as_ref()))
        .await?;
    Ok(HttpResponse::Created().json(AddedOrganisation { code }))
}

/// A setting in force.
#[derive(Serialize, ToSchema)]
pub struct SettingView {
    /// Section and key: `joining.invite_days`.
    key: String,
    /// Its value as text; `***` for a secret.
    value: String,
    /// Whether it is not the default.
    changed: bool,
}

/// The settings in force.
#[derive(Serialize, ToSchema)]
pub struct Settings {
    /// By section and key.
    items: Vec<SettingView>,
}

/// The settings in force, secrets hidden. They are changed where the service is run.
#[utoipa::path(
    get,
    path = "/api/v1/settings",
    tag = "settings",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Settings),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn settings(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let shown = state.run(move |service| settings::show(service, &user)).await?;
    let items = shown.into_iter().map(|one| SettingView {
        key: format!("{}.{}", one.section, one.key),
        value: one.value,
        changed: one.changed,
    });
    Ok(HttpResponse::Ok().json(Settings { items: items.collect() }))
}
