//! Posted forms with files (`multipart/form-data`), read part by part within limits.
//!
//! Nothing is kept that a handler did not name. What goes beyond a limit is not read on: a file is cut off one
//! byte past it, so that the action says so among its other problems, and a body that has no end is refused.

use super::form::{check_token, malformed, shaped};
use crate::actions::digest::sha256_hex;
use crate::config::Limits;
use crate::domain::attachment::Upload;
use crate::domain::invalid::Rule;
use crate::web::error::{ApiFailure, Failure, PageFailure};
use crate::web::state::WebState;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use validator::Validate;

/// How many parts a form has at most.
const PARTS: usize = 48;
/// How long one text is at most, in bytes.
const TEXT_BYTES: usize = 8 * 1024;
/// The field of every page's form that holds the token against forged requests.
const TOKEN: &str = "csrf";

/// A form that has files beside its texts.
pub trait WithFiles: DeserializeOwned + Validate + 'static {
    /// The names of the parts that are files.
    const FILES: &'static [&'static str];

    /// The largest file, in bytes.
    #[must_use]
    fn most(limits: &Limits) -> usize {
        limits.attachment_kib * 1024
    }
}

/// What was posted.
pub struct Uploaded<T> {
    /// The texts.
    pub form: T,
    /// SHA-256 of everything, in hexadecimal.
    pub hash: String,
    files: HashMap<String, Upload>,
}

impl<T> Uploaded<T> {
    /// Takes a file out; an empty one where none was posted.
    pub fn take(&mut self, name: &str) -> Upload {
        self.files.remove(name).unwrap_or_default()
    }
}

/// A page's form with files, made for this browser by this site.
pub struct PageUpload<T>(pub Uploaded<T>);

/// The API's form with files.
pub struct ApiUpload<T>(pub Uploaded<T>);

type Extracting<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

impl<T: WithFiles> FromRequest for PageUpload<T> {
    type Error = PageFailure;
    type Future = Extracting<Self, PageFailure>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Ok(Self(uploaded(&request, payload, true).await?)) })
    }
}

impl<T: WithFiles> FromRequest for ApiUpload<T> {
    type Error = ApiFailure;
    type Future = Extracting<Self, ApiFailure>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Ok(Self(uploaded(&request, payload, false).await?)) })
    }
}

async fn uploaded<T: WithFiles>(
    request: &HttpRequest,
    payload: Payload,
    is_page: bool,
) -> Result<Uploaded<T>, Failure> {
    let state = request.app_data::<Data<WebState>>().ok_or(Failure::Forged)?;
    let most = T::most(&state.service.settings.limits);
    let mut parts = Multipart::new(request.headers(), payload);
    let mut reading = Reading {
        left: most * (T::FILES.len() + 1) + PARTS * TEXT_BYTES,
        most,
    };
    let (mut texts, mut files, mut hashes) = (Vec::new(), HashMap::new(), Vec::new());
    let mut is_checked = !is_page;
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| unread(&error))?;
        count += 1;
        if count > PARTS {
            return Err(Failure::field("", Rule::Count { min: 1, max: PARTS }));
        }
        let name = part.name().unwrap_or_default().to_owned();
        // A page's token comes first: a form that was not made here is not read on.
        if !is_checked {
            let token = text(reading.content(&mut part, TEXT_BYTES).await?)?;
            if name != TOKEN {
                return Err(Failure::Forged);
            }
            check_token(request, &token)?;
            is_checked = true;
        } else if is_page && name == TOKEN {
            return Err(Failure::Forged);
        } else if T::FILES.contains(&name.as_str()) {
            let content = reading.content(&mut part, most).await?;
            hashes.extend([name.clone(), sha256_hex(&content)]);
            let sent = part.content_disposition().and_then(|sent| sent.get_filename());
            let name_there = sent.unwrap_or_default().to_owned();
            let upload = Upload {
                name: name_there,
                content,
            };
            if files.insert(name.clone(), upload).is_some() {
                return Err(Failure::field(&name, Rule::Count { min: 1, max: 1 }));
            }
        } else {
            let content = reading.content(&mut part, TEXT_BYTES).await?;
            hashes.extend([name.clone(), sha256_hex(&content)]);
            texts.push((name, text(content)?));
        }
    }
    if !is_checked {
        return Err(Failure::Forged);
    }
    Ok(Uploaded {
        form: shaped(texts)?,
        hash: sha256_hex(hashes.join(" ").as_bytes()),
        files,
    })
}

/// How much of a body is still read.
struct Reading {
    left: usize,
    most: usize,
}

impl Reading {
    /// The content of a part; one that is longer than `most` is cut off one byte past it, the rest of it
    /// being read for the parts behind it, within what is left for the whole body.
    async fn content(&mut self, part: &mut Field, most: usize) -> Result<Vec<u8>, Failure> {
        let mut content = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|error| unread(&error))?;
            self.left = self.left.checked_sub(chunk.len()).ok_or(Failure::TooLarge)?;
            let room = (most + 1).saturating_sub(content.len());
            content.extend(chunk.iter().take(room));
            if content.len() > most && most < self.most {
                return Err(Failure::TooLarge);
            }
        }
        Ok(content)
    }
}

fn text(content: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(content).map_err(|error| malformed(&error))
}

fn unread(error: &MultipartError) -> Failure {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => Failure::MediaType,
        error => malformed(error),
    }
}
