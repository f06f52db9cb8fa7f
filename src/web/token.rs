//! The API's access tokens: JWT (RFC 9068), HS256 and nothing else, issued for this site's API only.
//!
//! A token names its key, and only keys of this service have names: what else its header says (`jku`, `jwk`, another
//! algorithm) is not looked at or refuses it. It is good for minutes; the session that it names is asked for each time.

use super::keys::{Made, SigningKeys, name};
use crate::actions::sign_in::Bearer;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whom tokens are for.
const AUDIENCE: &str = "rongqiao-api";
/// What they are (RFC 9068, 2.1): nothing else that a key might sign passes for one.
const KIND: &str = "at+jwt";
/// How far the clocks of two nodes may differ, in seconds: how much later than now a token may have been issued.
const LEEWAY: i64 = 30;

/// A claim that is not here refuses the token, as it is not ours.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    stamp: i64,
    iat: i64,
    exp: i64,
}

struct Key {
    name: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// Signs and reads tokens.
pub struct Tokens {
    keys: Made<Key>,
    issuer: String,
    lifetime: TimeDelta,
}

impl Tokens {
    /// With the service's keys; `issuer` is the site's address.
    #[must_use]
    pub fn new(keys: &SigningKeys, issuer: &str, lifetime: TimeDelta) -> Self {
        Self {
            keys: keys.each(|key| Key {
                name: name(key),
                encoding: EncodingKey::from_secret(key),
                decoding: DecodingKey::from_secret(key),
            }),
            issuer: issuer.to_owned(),
            lifetime,
        }
    }

    /// How long a token is good for.
    #[must_use]
    pub const fn lifetime(&self) -> TimeDelta {
        self.lifetime
    }

    /// A token for a session.
    ///
    /// # Errors
    /// When it can't be signed.
    pub fn issue(&self, bearer: &Bearer, now: DateTime<Utc>) -> Result<String, jsonwebtoken::errors::Error> {
        let key = &self.keys.current;
        let header = Header {
            typ: Some(KIND.to_owned()),
            kid: Some(key.name.clone()),
            ..Header::new(Algorithm::HS256)
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.user_id,
            sid: bearer.session_id,
            stamp: bearer.stamp,
            iat: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
        };
        encode(&header, &claims, &key.encoding)
    }

    /// The session that a token names, if the token is ours and still good.
    #[must_use]
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Bearer> {
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() != Some(KIND) {
            return None;
        }
        let named = header.kid?;
        let key = self.keys.believed(now).find(|key| key.name == named)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library would ask the computer's clock; `exp` is a number by its type, and held against ours.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
        let is_good = now.timestamp() < claims.exp && claims.iat <= now.timestamp() + LEEWAY;
        is_good.then_some(Bearer {
            session_id: claims.sid,
            user_id: claims.sub,
            stamp: claims.stamp,
        })
    }
}
