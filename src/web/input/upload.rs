//! A posted file, read within the limit and made for this browser by this site.

use crate::domain::invalid::{Problem, Rule};
use crate::web::error::{Failure, PageFailure};
use crate::web::session::{check_form, cookie_name};
use crate::web::state::WebState;
use actix_multipart::MultipartError;
use actix_multipart::form::bytes::Bytes as FilePart;
use actix_multipart::form::text::Text;
use actix_multipart::form::{MultipartForm, MultipartFormConfig};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::pin::Pin;

/// The field that holds the token.
const TOKEN: &str = "csrf";

#[derive(MultipartForm)]
#[multipart(deny_unknown_fields, duplicate_field = "deny")]
struct Parts {
    csrf: Text<String>,
    file: FilePart,
}

/// A file that was chosen in a form.
#[derive(Debug)]
pub struct Upload {
    /// What the browser calls it.
    pub name: String,
    /// Its bytes; none where nothing was chosen.
    pub bytes: Bytes,
}

impl FromRequest for Upload {
    type Error = PageFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let parts = MultipartForm::<Parts>::from_request(&request, payload);
        Box::pin(async move {
            let MultipartForm(parts) = parts.await.map_err(|error| unread(&error))?;
            let state = request.app_data::<Data<WebState>>().ok_or(Failure::Forged)?;
            let cookie = request.cookie(cookie_name(state.is_secure())).ok_or(Failure::Forged)?;
            check_form(state, &request, cookie.value(), &parts.csrf.0)?;
            Ok(Self {
                name: parts.file.file_name.unwrap_or_default(),
                bytes: parts.file.data,
            })
        })
    }
}

fn unread(error: &actix_web::Error) -> Failure {
    match error.as_error::<MultipartError>() {
        Some(MultipartError::Payload(PayloadError::Overflow)) => Failure::TooLarge,
        Some(MultipartError::ContentTypeMissing | MultipartError::ContentTypeIncompatible) => Failure::MediaType,
        // Without the token's field the form is none of this site's.
        Some(MultipartError::MissingField(name) | MultipartError::DuplicateField(name)) if name == TOKEN => {
            Failure::Forged
        }
        Some(MultipartError::UnknownField(name)) => Failure::field(name, Rule::UnknownKey(name.clone())),
        _ => Failure::Malformed(
            Problem {
                field: String::new(),
                rule: Rule::Shape("表单没有收全".to_owned()),
            }
            .into(),
        ),
    }
}

/// How large a form with a file may be: the file, and what stands around it.
#[must_use]
pub fn limits(file: usize) -> MultipartFormConfig {
    /// Boundaries, heads, the form's token.
    const FRAME: usize = 4096;
    MultipartFormConfig::default()
        .total_limit(file + FRAME)
        .memory_limit(file + FRAME)
}
