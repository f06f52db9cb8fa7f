//! Signing in to the API, going on, and signing out.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::{ApiSession, browser, origin};
use super::super::state::WebState;
use crate::actions::sign_in::Opened;
use crate::actions::{ActionError, second_factor, sessions, sign_in};
use crate::config::Secret;
use crate::domain::invalid::Problems;
use crate::domain::invalid::Rule;
use crate::domain::session::SessionKind;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Address, password, and a code.
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
    /// A code of the second factor, or a recovery code, where the account has one; each is good once.
    #[schema(value_type = Option<String>, format = Password)]
    code: Option<Secret>,
}

/// A refresh token.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The one that came with the last access token; it is good once.
    #[schema(value_type = String, format = Password)]
    refresh_token: Secret,
}

/// Tokens for the API; the names are OAuth 2's.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "OAuth 2 names them so")]
pub struct Token {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds for which the access token is good.
    expires_in: i64,
    /// Gives the next two tokens at `/sessions/refresh`, once. Keep it like a password.
    refresh_token: String,
}

/// Sign in: address, password and, where the account has a second factor, a code for an access token and a refresh token.
#[utoipa::path(
    post,
    path = "/api/v1/sessions",
    tag = "sessions",
    request_body = SignIn,
    responses(
        (status = 200, body = Token),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "wrong address or password (`sign_in_failed`); a code is needed too (`second_factor_needed`), or the one that was sent is wrong or was used before (`second_factor_failed`)"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json", description = "something is to be done on a page first: set up a second factor (`second_factor_missing`), change a password that is too old (`password_too_old`)"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "a field is missing or unknown"),
    )
)]
pub async fn sign_in(
    state: web::Data<WebState>,
    request: HttpRequest,
    body: JsonBody<SignIn>,
) -> Result<HttpResponse, ApiFailure> {
    let SignIn { email, password, code } = validated(body.value)?;
    let (origin, program) = (origin(&request), browser(&request));
    let opened = state
        .run_password(move |service| {
            let user = sign_in::by_password(service, &email, &password, origin.as_deref())?;
            second_factor::check(service, &user, code.as_ref())?;
            second_factor::nothing_due(service, &user)?;
            sign_in::open(service, &user, SessionKind::Api, program.as_deref(), None)
        })
        .await?;
    tokens(&state, &opened)
}

/// Go on: the refresh token for the next access token and the next refresh token. A refresh token that comes a second
/// time is in two hands: the whole session ends, and its user is told.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/refresh",
    tag = "sessions",
    request_body = Refresh,
    responses(
        (status = 200, body = Token),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "a token that was used, has ended, or never was"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json", description = "something is to be done on a page first, as when signing in"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "a field is missing or unknown"),
    )
)]
pub async fn refresh(
    state: web::Data<WebState>,
    request: HttpRequest,
    body: JsonBody<Refresh>,
) -> Result<HttpResponse, ApiFailure> {
    let Refresh { refresh_token } = validated(body.value)?;
    let origin = origin(&request);
    let next = state
        .run(move |service| sessions::refresh(service, &refresh_token, origin.as_deref()))
        .await;
    match next {
        Ok(opened) => tokens(&state, &opened),
        Err(ActionError::NotFound) => Err(Failure::NotSignedIn.into()),
        Err(error) => Err(error.into()),
    }
}

/// Sign out: the session of the access token ends at once, with every token of it.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/current",
    tag = "sessions",
    security(("bearer" = [])),
    responses((status = 204, description = "signed out"))
)]
pub async fn sign_out(state: web::Data<WebState>, session: ApiSession) -> Result<HttpResponse, ApiFailure> {
    let ended = state
        .run(move |service| sessions::close(service, &session.actor, SessionKind::Api, session.id))
        .await;
    match ended {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        // Another request was faster.
        Err(ActionError::NotFound) => Err(Failure::NotSignedIn.into()),
        Err(error) => Err(error.into()),
    }
}

fn tokens(state: &WebState, opened: &Opened) -> Result<HttpResponse, ApiFailure> {
    let access_token = state
        .tokens
        .issue(&opened.bearer, state.service.clock.now())
        .map_err(ActionError::internal)?;
    Ok(HttpResponse::Ok().json(Token {
        access_token,
        token_type: "Bearer",
        expires_in: state.tokens.lifetime().num_seconds(),
        refresh_token: opened.token.expose().to_owned(),
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
