//! Lists: `{items, next}`, where `next` is an opaque cursor.

use super::super::error::Failure;
use crate::domain::invalid::Rule;
use crate::domain::place::Place;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;

/// How many items a page has unless asked for otherwise.
const USUAL: i64 = 50;
/// How many at most.
const MOST: i64 = 200;

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// Give this as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` of the items, of which one more was fetched to see whether there is a
    /// next page; `key` is what the list is ordered by.
    pub fn of(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> &str) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| key(last).to_owned());
        Self::going_on(items, next.as_deref())
    }

    /// A page, and the key behind which the list goes on.
    #[must_use]
    pub fn going_on(items: Vec<T>, next: Option<&str>) -> Self {
        let next = next.map(|key| URL_SAFE_NO_PAD.encode(key));
        Self { items, next }
    }
}

/// The page size that was asked for.
///
/// # Errors
/// Outside 1 to 200.
pub fn limit(asked: Option<i64>) -> Result<i64, Failure> {
    let limit = asked.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) {
        Ok(limit)
    } else {
        Err(Failure::field("limit", Rule::OutOfRange { min: 1, max: MOST }))
    }
}

/// What a cursor stands for.
///
/// # Errors
/// When it is none of ours.
pub fn cursor(text: Option<&str>) -> Result<Option<String>, Failure> {
    let bad = || Failure::field("cursor", Rule::UnknownCode(String::new()));
    text.map(|text| {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_error| bad())?;
        let text = String::from_utf8(bytes).map_err(|_error| bad())?;
        if text.contains(char::is_control) {
            Err(bad())
        } else {
            Ok(text)
        }
    })
    .transpose()
}

/// What a cursor of a list ordered by time stands for.
///
/// # Errors
/// When it is none of ours.
pub fn place(text: Option<&str>) -> Result<Option<Place>, Failure> {
    let bad = || Failure::field("cursor", Rule::UnknownCode(String::new()));
    let place = cursor(text)?.map(|place| place.parse().map_err(|_error| bad()));
    place.transpose()
}
