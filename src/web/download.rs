//! Files to be saved by whoever asks for them.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated.
    Csv,
    /// A workbook.
    Xlsx,
}

/// A file to be saved, never kept by a cache. `name` is ours and plain ASCII.
#[must_use]
pub fn download(name: &str, kind: Kind, bytes: Vec<u8>) -> HttpResponse {
    let kind = match kind {
        Kind::Csv => "text/csv; charset=utf-8",
        Kind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(bytes)
}
