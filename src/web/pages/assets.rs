//! The style sheet, the script and the icon: built into the program, served under names that change with their
//! content, so that a browser may keep them for a year.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../../static/site.css");
const SCRIPT: &str = include_str!("../../../static/site.js");
const ICON: &str = include_str!("../../../static/icon.svg");
const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| format!("/static/site-{}.css", fingerprint(STYLE)));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| format!("/static/site-{}.js", fingerprint(SCRIPT)));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| format!("/static/icon-{}.svg", fingerprint(ICON)));

fn fingerprint(content: &str) -> String {
    let hash = Sha256::digest(content.as_bytes());
    hash.iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The address of the style sheet.
#[must_use]
pub fn style_path() -> &'static str {
    &STYLE_PATH
}

/// The address of the script.
#[must_use]
pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// The address of the icon.
#[must_use]
pub fn icon_path() -> &'static str {
    &ICON_PATH
}

/// Serves one of the three; any other name is not there.
pub async fn serve(name: web::Path<String>) -> HttpResponse {
    let path = format!("/static/{name}");
    let (content, kind) = if path == style_path() {
        (STYLE, "text/css; charset=utf-8")
    } else if path == script_path() {
        (SCRIPT, "text/javascript; charset=utf-8")
    } else if path == icon_path() {
        (ICON, "image/svg+xml")
    } else {
        return HttpResponse::NotFound().finish();
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, FOR_A_YEAR))
        .body(content)
}
