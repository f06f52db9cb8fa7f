//! Tokens of forms: a form that was not made for this browser does nothing.
//!
//! A form carries the HMAC of the browser's cookie. Another site can make the browser send its cookie,
//! but knows neither cookie nor key, and so not the token. Beside it the request must say that it comes
//! from this site (`Sec-Fetch-Site`, or `Origin` where a browser does not send that): one that says nothing is
//! no browser's.

use super::keys::{Made, SigningKeys, mac};
use crate::actions::digest::hex;
use actix_web::HttpRequest;
use actix_web::http::header;
use chrono::{DateTime, Utc};

/// The keys of all forms' tokens.
pub struct CsrfKeys(Made<[u8; 32]>);

impl CsrfKeys {
    /// Keys of their own from the service's.
    #[must_use]
    pub fn derive(keys: &SigningKeys) -> Self {
        Self(keys.each(|key| mac(key, b"tokens of page forms")))
    }

    /// The token of every form that is shown to the browser with this cookie.
    #[must_use]
    pub fn token(&self, cookie: &str) -> String {
        hex(&mac(&self.0.current, cookie.as_bytes()))
    }

    /// Whether a form's token is this cookie's. Both sides are MACs of the same length, and what is
    /// compared is their MACs again, so that time tells nothing of where they differ.
    #[must_use]
    pub fn is_right(&self, cookie: &str, token: &str, now: DateTime<Utc>) -> bool {
        self.0.believed(now).any(|key| {
            let right = hex(&mac(key, cookie.as_bytes()));
            mac(key, right.as_bytes()) == mac(key, token.as_bytes())
        })
    }
}

/// Whether the request does not say that it comes from this site.
#[must_use]
pub fn is_foreign(request: &HttpRequest, base_url: &str) -> bool {
    let head = |name| request.headers().get(name).map(header::HeaderValue::as_bytes);
    if let Some(site) = head(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, b"same-origin" | b"none");
    }
    head(header::ORIGIN) != Some(base_url.as_bytes())
}
