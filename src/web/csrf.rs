//! Tokens of forms: a form that was not made for this browser does nothing.
//!
//! A form carries the HMAC of the browser's cookie. Another site can make the browser send its cookie,
//! but knows neither cookie nor key, and so not the token. Beside it the request must not say that it
//! comes from another site (`Sec-Fetch-Site`, `Origin`).

use crate::actions::digest::hex;
use actix_web::HttpRequest;
use actix_web::http::header;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key of all forms' tokens.
pub struct CsrfKey([u8; 32]);

impl CsrfKey {
    /// A key of its own from the service's secret.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        Self(mac(secret, b"tokens of page forms"))
    }

    /// The token of every form that is shown to the browser with this cookie.
    #[must_use]
    pub fn token(&self, cookie: &str) -> String {
        hex(&mac(&self.0, cookie.as_bytes()))
    }

    /// Whether a form's token is this cookie's. Both sides are MACs of the same length, and what is
    /// compared is their MACs again, so that time tells nothing of where they differ.
    #[must_use]
    pub fn is_right(&self, cookie: &str, token: &str) -> bool {
        mac(&self.0, self.token(cookie).as_bytes()) == mac(&self.0, token.as_bytes())
    }
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().into()
        }
        // HMAC takes keys of every length.
        Err(_) => [0; 32],
    }
}

/// Whether the request says that it comes from another site.
#[must_use]
pub fn is_foreign(request: &HttpRequest, base_url: &str) -> bool {
    let head = |name| request.headers().get(name).map(header::HeaderValue::as_bytes);
    if let Some(site) = head(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, b"same-origin" | b"none");
    }
    head(header::ORIGIN).is_some_and(|origin| origin != base_url.as_bytes())
}
