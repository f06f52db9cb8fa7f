//! JSON bodies: read within the limit, errors by the field's path.

use super::error::{ApiFailure, Failure};
use super::state::WebState;
use crate::actions::digest::sha256_hex;
use crate::domain::invalid::{Problem, Rule};
use crate::exchange::FileKind;
use crate::exchange::json::{self, Unread};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, web};
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

/// A file of facts as the body of a request; its type says what it is.
pub struct FileBody {
    /// What it is.
    pub kind: FileKind,
    /// Its bytes.
    pub bytes: Bytes,
}

impl FromRequest for FileBody {
    type Error = ApiFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = file_kind(request);
        let limit = request
            .app_data::<web::Data<WebState>>()
            .map_or(0, |state| state.facts_limit);
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let kind = kind.ok_or(Failure::MediaType)?;
            let payload = payload.await.map_err(|error| ApiFailure(unread(&error)))?;
            match payload.to_bytes_limited(limit).await {
                Ok(Ok(bytes)) => Ok(Self { kind, bytes }),
                Ok(Err(error)) => Err(ApiFailure(unread(&error))),
                Err(_over) => Err(Failure::TooLarge.into()),
            }
        })
    }
}

fn file_kind(request: &HttpRequest) -> Option<FileKind> {
    let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    match kind.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "text/csv" => Some(FileKind::Csv),
        "application/x-ndjson" | "application/jsonl" => Some(FileKind::JsonLines),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(FileKind::Xlsx),
        _ => None,
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
    json::read(bytes).map_err(|unread| match unread {
        Unread::Malformed(problem) => Failure::Malformed(problem.into()),
        Unread::Misshapen(problem) => Failure::Action(problem.into()),
    })
}
