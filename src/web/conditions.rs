//! Headers by which a client makes a request safe: `Idempotency-Key`, `If-Match`, and the `ETag` behind it.

use super::error::{ApiFailure, Failure};
use crate::actions::once::OnceKey;
use crate::domain::invalid::Rule;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use uuid::Uuid;

/// The longest key.
const KEY_CHARS: usize = 200;

/// The `Idempotency-Key` of a POST; what it is not given for is done each time it is asked for.
pub struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The key, for this user, this route and this body.
    #[must_use]
    pub fn of(self, account_id: Uuid, route: &'static str, body_hash: String) -> Option<OnceKey> {
        self.0.map(|key| OnceKey {
            account_id,
            route,
            key,
            body_hash,
        })
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiFailure;
    type Future = Ready<Result<Self, ApiFailure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get("Idempotency-Key") else {
            return ready(Ok(Self(None)));
        };
        let text = value.to_str().unwrap_or_default();
        let good = !text.is_empty() && text.len() <= KEY_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic());
        ready(if good {
            Ok(Self(Some(text.to_owned())))
        } else {
            Err(Failure::field("Idempotency-Key", Rule::TooLong(KEY_CHARS)).into())
        })
    }
}

/// The `If-Match` of a change: the version that it was made from.
pub struct IfMatch(Option<String>);

impl FromRequest for IfMatch {
    type Error = ApiFailure;
    type Future = Ready<Result<Self, ApiFailure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request
            .headers()
            .get(header::IF_MATCH)
            .and_then(|value| value.to_str().ok());
        ready(Ok(Self(value.map(str::to_owned))))
    }
}

impl IfMatch {
    /// Whether the header is there.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the change was made from this version.
    ///
    /// # Errors
    /// 428 without the header, 412 where it names another version.
    pub fn check(&self, version: i32) -> Result<(), Failure> {
        let Some(named) = &self.0 else {
            return Err(Failure::ConditionMissing);
        };
        let matches = |tag: &str| tag == "*" || tag == etag(version);
        if named.split(',').map(str::trim).any(matches) {
            Ok(())
        } else {
            Err(Failure::ConditionFailed)
        }
    }
}

/// The entity tag of a version.
#[must_use]
pub fn etag(version: i32) -> String {
    format!("\"{version}\"")
}
