//! Signing in to the API.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::origin;
use super::super::state::WebState;
use crate::actions::{ActionError, sign_in};
use crate::config::Secret;
use crate::domain::invalid::Problems;
use crate::domain::invalid::Rule;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Address and password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The address of the account.
    #[validate(length(min = 1, max = 254))]
    #[schema(min_length = 1, max_length = 254)]
    email: String,
    /// Its password; held against no rule here, so that nobody learns which one it breaks.
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

/// A token for the API; the names are OAuth 2's.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "OAuth 2 names them so")]
pub struct Token {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds for which it is good.
    expires_in: i64,
}

/// Sign in: address and password for a token.
#[utoipa::path(
    post,
    path = "/api/v1/sessions",
    tag = "sessions",
    request_body = SignIn,
    responses(
        (status = 200, body = Token),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "wrong address or password"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "a field is missing or unknown"),
    )
)]
pub async fn sign_in(
    state: web::Data<WebState>,
    request: HttpRequest,
    body: JsonBody<SignIn>,
) -> Result<HttpResponse, ApiFailure> {
    let SignIn { email, password } = validated(body.value)?;
    let origin = origin(&request);
    let actor = state
        .run_password(move |service| {
            let actor = sign_in::by_password(service, &email, &password, origin.as_deref())?;
            sign_in::note_api(service, &actor)?;
            Ok(actor)
        })
        .await?;
    let token = state
        .tokens
        .issue(&actor, state.service.clock.now())
        .map_err(ActionError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(Token {
            access_token: token,
            token_type: "Bearer",
            expires_in: state.tokens.lifetime().num_seconds(),
        }))
}

/// Holds a body against the shape rules of its type, every field at once.
pub(super) fn validated<T: Validate>(body: T) -> Result<T, Failure> {
    let Err(errors) = body.validate() else { return Ok(body) };
    let mut problems = Problems::default();
    // The fields' names only: the errors themselves hold the rejected values.
    for field in errors.field_errors().keys() {
        problems.add(field.to_string(), Rule::Required);
    }
    Err(ActionError::Invalid(problems).into())
}
