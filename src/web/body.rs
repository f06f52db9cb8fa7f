//! JSON bodies: read within the limit, errors by the field's path.

use super::error::{ApiFailure, Failure};
use crate::actions::digest::sha256_hex;
use crate::domain::invalid::{Problem, Rule};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;

/// A JSON body of a known shape; unknown keys are the type's to refuse.
pub struct JsonBody<T> {
    /// What it says.
    pub value: T,
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: String,
}

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = ApiFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            if !is_json {
                return Err(Failure::MediaType.into());
            }
            let bytes = bytes.await.map_err(|error| ApiFailure(unread(&error)))?;
            let value = from_json(&bytes).map_err(ApiFailure)?;
            Ok(Self {
                value,
                hash: sha256_hex(&bytes),
            })
        })
    }
}

/// Why a body could not be read.
pub(super) fn unread(error: &actix_web::Error) -> Failure {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => Failure::TooLarge,
        _ => Failure::Malformed(
            Problem {
                field: String::new(),
                rule: Rule::Shape("内容没有收全".to_owned()),
            }
            .into(),
        ),
    }
}

/// Reads JSON; what is JSON but not of the shape names its field and is 422, what is none is 400.
pub(super) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        // A "?" stands where the text broke off before a key was whole.
        let field = if path == "." {
            String::new()
        } else {
            path.trim_end_matches(['?', '.']).to_owned()
        };
        let problem = Problem {
            field,
            rule: Rule::Shape(error.inner().to_string()),
        };
        if error.inner().is_data() {
            Failure::Action(problem.into())
        } else {
            Failure::Malformed(problem.into())
        }
    })?;
    reader.end().map_err(|error| {
        Failure::Malformed(
            Problem {
                field: String::new(),
                rule: Rule::Shape(error.to_string()),
            }
            .into(),
        )
    })?;
    Ok(value)
}
