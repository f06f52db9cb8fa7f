//! Posted forms: read within the limit, made for this browser by this site, and of a known shape.
//!
//! A handler that names [`PageForm`] among its arguments can't forget the token against forged requests.

use crate::domain::invalid::{Problem, Rule};
use crate::web::body::unread;
use crate::web::error::{Failure, PageFailure};
use crate::web::session::{check_form, cookie_name};
use crate::web::state::WebState;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Query};
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::future::Future;
use std::pin::Pin;
use validator::Validate;

/// The field of every form that holds the token against forged requests.
const TOKEN: &str = "csrf";

/// A form of a known shape; unknown fields are the type's to refuse.
pub struct PageForm<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for PageForm<T> {
    type Error = PageFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fields = PageFields::from_request(request, payload);
        Box::pin(async move { Ok(Self(shaped(fields.await?.0)?)) })
    }
}

/// The fields of a form whose names no type can list, as rows have them; whoever reads them refuses unknown ones.
pub struct PageFields(pub Vec<(String, String)>);

impl FromRequest for PageFields {
    type Error = PageFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let bytes = Bytes::from_request(&request, payload);
        Box::pin(async move {
            if !is_form(&request) {
                return Err(Failure::MediaType.into());
            }
            let bytes = bytes.await.map_err(|error| PageFailure(unread(&error)))?;
            Ok(Self(checked(&request, &bytes)?))
        })
    }
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    kind.and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The fields without the token, which is right.
fn checked(request: &HttpRequest, bytes: &[u8]) -> Result<Vec<(String, String)>, Failure> {
    let text = str::from_utf8(bytes).map_err(|error| malformed(&error))?;
    let Query(pairs) = Query::<Vec<(String, String)>>::from_query(text).map_err(|error| malformed(&error))?;
    let (tokens, fields): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == TOKEN);
    let [(_, token)] = tokens.as_slice() else {
        return Err(Failure::Forged);
    };
    check_token(request, token)?;
    Ok(fields)
}

/// Whether a token was made for the browser that sends it.
pub(super) fn check_token(request: &HttpRequest, token: &str) -> Result<(), Failure> {
    let state = request.app_data::<Data<WebState>>().ok_or(Failure::Forged)?;
    let cookie = request.cookie(cookie_name(state.is_secure())).ok_or(Failure::Forged)?;
    check_form(state, request, cookie.value(), token)
}

pub(super) fn malformed(error: &impl ToString) -> Failure {
    Failure::Malformed(
        Problem {
            field: String::new(),
            rule: Rule::Shape(error.to_string()),
        }
        .into(),
    )
}

/// The fields as their type: one that comes several times is a list.
pub(super) fn shaped<T: DeserializeOwned + Validate>(fields: Vec<(String, String)>) -> Result<T, Failure> {
    let mut object = Map::new();
    for (name, text) in fields {
        match object.get_mut(&name) {
            Some(Value::Array(list)) => list.push(Value::String(text)),
            Some(first) => *first = Value::Array(vec![first.take(), Value::String(text)]),
            None => {
                object.insert(name, Value::String(text));
            }
        }
    }
    let form: T = serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let field = error.path().to_string();
        Failure::field(&field, Rule::Shape(error.inner().to_string()))
    })?;
    form.validate().map_err(|error| {
        // The fields' names only: the errors themselves hold the rejected values.
        let fields: Vec<String> = error.field_errors().keys().map(ToString::to_string).collect();
        Failure::field(&fields.join(","), Rule::Shape("太长".to_owned()))
    })?;
    Ok(form)
}

/// A field that may come no, one or several times.
///
/// # Errors
/// When it is neither a text nor a list of texts.
pub fn many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(list) => list,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize, Validate)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        #[validate(length(max = 4))]
        name: String,
        #[serde(deserialize_with = "many")]
        kinds: Vec<String>,
    }

    impl Default for Sample {
        fn default() -> Self {
            Self {
                name: "无".to_owned(),
                kinds: Vec::new(),
            }
        }
    }

    fn read(pairs: &[(&str, &str)]) -> Result<Sample, Failure> {
        shaped(
            pairs
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn a_box_ticked_once_or_twice_is_a_list() {
        assert_eq!(read(&[("kinds", "a")]).expect("read").kinds, ["a"]);
        assert_eq!(read(&[("kinds", "a"), ("kinds", "b")]).expect("read").kinds, ["a", "b"]);
        assert!(read(&[]).expect("read").kinds.is_empty());
    }

    #[test]
    fn what_the_type_does_not_have_is_refused() {
        assert!(read(&[("state", "open")]).is_err());
        assert!(read(&[("name", "a"), ("name", "b")]).is_err());
        assert!(read(&[("name", "abcde")]).is_err());
    }
}
