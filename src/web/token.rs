//! The API's tokens: JWT, HS256 and nothing else, issued for this site's API only.

use crate::domain::actor::Actor;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whom tokens are for.
const AUDIENCE: &str = "rongqiao-api";

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    exp: i64,
}

/// Signs and reads tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    issuer: String,
    lifetime: TimeDelta,
}

impl Tokens {
    /// With one secret key; `issuer` is the site's address.
    #[must_use]
    pub fn new(key: &[u8], issuer: &str, lifetime: TimeDelta) -> Self {
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            issuer: issuer.to_owned(),
            lifetime,
        }
    }

    /// How long a token is good for.
    #[must_use]
    pub const fn lifetime(&self) -> TimeDelta {
        self.lifetime
    }

    /// A token for a user.
    ///
    /// # Errors
    /// When it can't be signed.
    pub fn issue(&self, actor: &Actor, now: DateTime<Utc>) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: actor.user_id,
            iat: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// The user whom a token names, if it is ours and still good.
    #[must_use]
    pub fn user(&self, token: &str, now: DateTime<Utc>) -> Option<Uuid> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library would ask the computer's clock; `exp` is a number by its type, and held against ours.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &self.decoding, &validation).ok()?.claims;
        (now.timestamp() < claims.exp).then_some(claims.sub)
    }
}
