//! Who is asking: by the session cookie on pages, by a bearer token under /api, and never the other way.

use super::error::{ApiFailure, Failure};
use super::state::WebState;
use super::{client, csrf};
use crate::actions::feed::{self, Feeder, KEY_PREFIX};
use crate::actions::sessions::Present;
use crate::actions::{ActionError, password_change, second_factor, sessions, sign_in};
use crate::config::Secret;
use crate::domain::actor::Actor;
use crate::domain::message_text::one_line;
use crate::domain::session::Due;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use uuid::Uuid;

type Extracting<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

fn state(request: &HttpRequest) -> Result<WebState, Failure> {
    let state = request.app_data::<web::Data<WebState>>();
    state
        .map(|state| state.get_ref().clone())
        .ok_or_else(|| ActionError::internal("no state").into())
}

/// The address that a request comes from.
pub(super) fn origin(request: &HttpRequest) -> Option<String> {
    client::address(request).map(|address| address.to_string())
}

/// The most characters that are kept of what a browser calls itself.
const BROWSER_CHARS: usize = 300;

/// What the browser or program calls itself: whatever it likes, so it is shown and never believed.
pub(super) fn browser(request: &HttpRequest) -> Option<String> {
    let name = request.headers().get(header::USER_AGENT)?.to_str().ok()?;
    Some(one_line(name, BROWSER_CHARS))
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?;
    value.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned)
}

/// Who hands in facts: a user by a token, or a department's own system by its key. The key is good for
/// the routes that name this argument, and for no other.
#[derive(Debug)]
pub struct FeedCaller(pub Feeder);

impl FromRequest for FeedCaller {
    type Error = ApiFailure;
    type Future = Extracting<Self, ApiFailure>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = bearer(request).filter(|token| token.starts_with(KEY_PREFIX));
        let Some(key) = key.map(Secret::new) else {
            let user = ApiUser::from_request(request, payload);
            return Box::pin(async move { Ok(Self(Feeder::User(user.await?.0))) });
        };
        let (state, origin) = (state(request), origin(request));
        Box::pin(async move {
            match state?.run(move |service| feed::let_in(service, &key, origin)).await {
                Ok(by) => Ok(Self(Feeder::Key(by))),
                Err(ActionError::NotFound) => Err(Failure::NotSignedIn.into()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// The session behind a bearer token, and its user.
#[derive(Debug)]
pub struct ApiSession {
    /// The user.
    pub actor: Actor,
    /// The session.
    pub id: Uuid,
}

impl FromRequest for ApiSession {
    type Error = ApiFailure;
    type Future = Extracting<Self, ApiFailure>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (state, origin) = (state(request), origin(request));
        let token = bearer(request);
        Box::pin(async move {
            let state = state?;
            let bearer = token.and_then(|token| state.tokens.read(&token, state.service.clock.now()));
            let bearer = bearer.ok_or(Failure::NotSignedIn)?;
            state.limits.account(bearer.user_id)?;
            match state.run(move |service| sessions::by_bearer(service, &bearer)).await {
                Ok(actor) => Ok(Self {
                    actor: Actor { origin, ..actor },
                    id: bearer.session_id,
                }),
                Err(ActionError::NotFound) => Err(Failure::NotSignedIn.into()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// The user behind a bearer token.
#[derive(Debug)]
pub struct ApiUser(pub Actor);

impl Deref for ApiUser {
    type Target = Actor;
    fn deref(&self) -> &Actor {
        &self.0
    }
}

impl FromRequest for ApiUser {
    type Error = ApiFailure;
    type Future = Extracting<Self, ApiFailure>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = ApiSession::from_request(request, payload);
        Box::pin(async move { Ok(Self(session.await?.actor)) })
    }
}

/// Name of the session's cookie. With TLS the prefix makes browsers refuse it from anywhere else.
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-rongqiao" } else { "rongqiao" }
}

/// A cookie for the browser: the session's, or the one by which a visitor's forms are known.
#[must_use]
pub fn cookie(state: &WebState, token: String) -> Cookie<'static> {
    Cookie::build(cookie_name(state.is_secure()), token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.is_secure())
        .finish()
}

/// The visitor of a page: signed in or not, with the token for the forms that are shown.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The signed-in user, with the session.
    pub signed_in: Option<(Actor, Uuid)>,
    /// What the user has to do before anything else.
    pub due: Option<Due>,
    /// How many messages the user has not read.
    pub unread: i64,
    /// Goes into every form.
    pub csrf: String,
    /// What the browser's cookie holds.
    pub cookie: String,
    /// Whether the browser does not have that cookie yet.
    pub is_new: bool,
}

impl FromRequest for Visitor {
    type Error = super::error::PageFailure;
    type Future = Extracting<Self, super::error::PageFailure>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (state, origin) = (state(request), origin(request));
        let sent = request.cookies().ok().and_then(|cookies| {
            let state = state.as_ref().ok()?;
            let name = cookie_name(state.is_secure());
            cookies
                .iter()
                .find(|cookie| cookie.name() == name)
                .map(|cookie| cookie.value().to_owned())
        });
        Box::pin(async move {
            let state = state?;
            let is_new = sent.is_none();
            let cookie = sent.unwrap_or_else(|| sign_in::token(&state.service));
            let (signed_in, unread, due) = if is_new {
                (None, 0, None)
            } else {
                let token = cookie.clone();
                match state.run(move |service| sessions::by_cookie(service, &token)).await {
                    Ok(Present {
                        session_id,
                        actor,
                        unread,
                        due,
                    }) => (Some((Actor { origin, ..actor }, session_id)), unread, due),
                    Err(ActionError::NotFound) => (None, 0, None),
                    Err(error) => return Err(error.into()),
                }
            };
            Ok(Self {
                signed_in,
                due,
                unread,
                csrf: state.csrf.token(&cookie),
                cookie,
                is_new,
            })
        })
    }
}

impl Visitor {
    /// The signed-in user.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.signed_in.as_ref().map(|(actor, _)| actor)
    }
}

/// The signed-in user of a page; whoever is not is sent to the sign-in page.
#[derive(Clone, Debug)]
pub struct PageUser {
    /// The user.
    pub actor: Actor,
    /// The session.
    pub session_id: Uuid,
    /// How many messages the user has not read.
    pub unread: i64,
    /// Goes into every form.
    pub csrf: String,
}

impl FromRequest for PageUser {
    type Error = super::error::PageFailure;
    type Future = Extracting<Self, super::error::PageFailure>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visitor = Visitor::from_request(request, payload);
        let (state, path) = (state(request), request.path().to_owned());
        Box::pin(async move {
            let visitor = visitor.await?;
            let (actor, session_id) = visitor.signed_in.ok_or(Failure::NotSignedIn)?;
            state?.limits.account(actor.user_id)?;
            if let Some(due) = visitor.due.filter(|due| !is_for(*due, &path)) {
                return Err(ActionError::Due(due).into());
            }
            Ok(Self {
                actor,
                session_id,
                unread: visitor.unread,
                csrf: visitor.csrf,
            })
        })
    }
}

/// Where it is done what a user has to do before anything else.
#[must_use]
pub const fn page_of(due: Due) -> &'static str {
    match due {
        Due::Password => password_change::PAGE,
        Due::SecondFactor => second_factor::PAGE,
    }
}

/// Whether a path is open to a user who has something to do first: where it is done, and the way out.
fn is_for(due: Due, path: &str) -> bool {
    let rest = path.strip_prefix(page_of(due));
    path == "/logout" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a posted form was made for this browser, by this site.
///
/// # Errors
/// [`Failure::Forged`] where it was not.
pub fn check_form(state: &WebState, request: &HttpRequest, cookie: &str, token: &str) -> Result<(), Failure> {
    let now = state.service.clock.now();
    if csrf::is_foreign(request, &state.base_url) || !state.csrf.is_right(cookie, token, now) {
        return Err(Failure::Forged);
    }
    Ok(())
}
