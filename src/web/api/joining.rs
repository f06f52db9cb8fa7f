//! Invitations and forgotten passwords.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::{ApiUser, origin};
use super::super::state::WebState;
use super::attachments::AddedView;
use super::registrations::AddressBody;
use crate::actions::invitations::{self, Invite, StoredInvitation};
use crate::actions::resets;
use crate::domain::actor::Role;
use crate::web::input::joining::{AcceptForm, NewPasswordForm};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteBody {
    /// Code of the organisation; an enterprise's owner names none.
    organisation: Option<String>,
    /// The address.
    #[schema(min_length = 3, max_length = 254)]
    email: String,
    /// As what.
    role: Role,
}

/// Invite somebody by mail; what was sent to the address before is no good from then on.
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    tag = "joining",
    params(("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing")),
    request_body = InviteBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = AddedView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn invite(
    state: web::Data<WebState>,
    user: ApiUser,
    key: IdempotencyKey,
    body: JsonBody<InviteBody>,
) -> Result<HttpResponse, ApiFailure> {
    let key = key.of(user.user_id, "/api/v1/invitations", body.hash);
    let InviteBody {
        organisation,
        email,
        role,
    } = body.value;
    let id = state
        .run(move |service| {
            let new = Invite {
                organisation: organisation.as_deref(),
                email: &email,
                role,
            };
            invitations::invite(service, &user, new, key.as_ref())
        })
        .await?;
    Ok(HttpResponse::Created().json(AddedView { id }))
}

/// An invitation that nobody has accepted yet.
#[derive(Serialize, ToSchema)]
pub struct InvitationView {
    /// Its id.
    id: Uuid,
    /// The organisation's name.
    organisation: String,
    /// The invited address.
    email: String,
    /// As what.
    role: Role,
    /// When.
    created_at: DateTime<Utc>,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
}

impl From<StoredInvitation> for InvitationView {
    fn from(stored: StoredInvitation) -> Self {
        Self {
            id: stored.id,
            organisation: stored.organisation_name,
            email: stored.email.to_string(),
            role: stored.role,
            created_at: stored.created_at,
            expires_at: stored.expires_at,
        }
    }
}

/// All open invitations that one could have made.
#[derive(Serialize, ToSchema)]
pub struct Invitations {
    /// Newest first, at most 200.
    items: Vec<InvitationView>,
}

/// The open invitations that one could have made.
#[utoipa::path(
    get,
    path = "/api/v1/invitations",
    tag = "joining",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Invitations),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let open = state.run(move |service| invitations::list(service, &user)).await?;
    let items = open.into_iter().map(InvitationView::from).collect();
    Ok(HttpResponse::Ok().json(Invitations { items }))
}

/// Withdraw an open invitation.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/{id}/withdraw",
    tag = "joining",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "its link is no good any more"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn withdraw(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    state
        .run(move |service| invitations::withdraw(service, &user, *id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Accept an invitation, with the token of its link.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/accept",
    tag = "joining",
    request_body = AcceptForm,
    responses(
        (status = 204, description = "the user is there, and signs in"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "the link is no good any more"),
    )
)]
pub async fn accept(
    state: web::Data<WebState>,
    request: HttpRequest,
    body: JsonBody<AcceptForm>,
) -> Result<HttpResponse, ApiFailure> {
    let (AcceptForm { token, name, password }, origin) = (body.value, origin(&request));
    state
        .run_password(move |service| invitations::accept(service, &token, &name, &password, origin.as_deref()))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask for a link that sets a new password. The answer says nothing of the address.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets",
    tag = "joining",
    request_body = AddressBody,
    responses((status = 202, description = "what there is to say goes to the address"))
)]
pub async fn ask_reset(
    state: web::Data<WebState>,
    request: HttpRequest,
    body: JsonBody<AddressBody>,
) -> Result<HttpResponse, ApiFailure> {
    let (email, origin) = (body.value.email, origin(&request));
    state
        .run(move |service| resets::ask(service, &email, origin.as_deref()))
        .await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Set a new password, with the token of the link. Nobody is signed in by this, and whoever was no longer is.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets/complete",
    tag = "joining",
    request_body = NewPasswordForm,
    responses(
        (status = 204, description = "it is set"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "the link is no good any more"),
    )
)]
pub async fn complete_reset(
    state: web::Data<WebState>,
    request: HttpRequest,
    body: JsonBody<NewPasswordForm>,
) -> Result<HttpResponse, ApiFailure> {
    let (NewPasswordForm { token, password }, origin) = (body.value, origin(&request));
    state
        .run_password(move |service| resets::complete(service, &token, &password, origin.as_deref()))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
