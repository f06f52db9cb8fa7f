//! Files to be saved by whoever asks for them.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};

/// A file to be saved, never kept by a cache. `name` is ours and plain ASCII; its end says what it is.
#[must_use]
pub fn download(name: &str, bytes: Vec<u8>) -> HttpResponse {
    let kind = if name.ends_with(".xlsx") {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    } else {
        "text/csv; charset=utf-8"
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(bytes)
}
