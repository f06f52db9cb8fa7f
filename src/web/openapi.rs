//! The OpenAPI document: what the handlers say of themselves, put together.

use super::api::{enterprises, products, requests, sessions};
use super::error::ProblemDocument;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// The document of `/api/openapi.json`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "融桥 rongqiao",
        description = "A district's financing matchmaking service. Money is in whole 分 (`_fen`), rates in hundredths of a percent (`_bp`), dates as 2026-11-01. Errors are problem documents (RFC 9457) with a stable `code`."
    ),
    paths(
        sessions::sign_in,
        products::list,
        products::show,
        enterprises::show,
        enterprises::facts,
        enterprises::declare,
        requests::list,
        requests::begin,
        requests::show,
        requests::change,
        requests::submit,
        requests::matches,
        requests::product_match,
    ),
    components(schemas(ProblemDocument)),
    modifiers(&Bearer),
    tags(
        (name = "sessions", description = "Signing in"),
        (name = "products", description = "What banks offer"),
        (name = "enterprises", description = "What is known of an enterprise"),
        (name = "requests", description = "What an enterprise asks for, and how products stand to it"),
    )
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        if let Some(components) = document.components.as_mut() {
            components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        }
    }
}

/// The document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
