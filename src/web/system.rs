//! For operators and browsers: whether the service is alive and ready, and what its API is.

use super::openapi;
use super::state::WebState;
use crate::actions::health::NotReady;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa_swagger_ui::{Config, serve};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// Why it is not ready, by codes that never change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<&'static str>,
}

impl Health {
    const fn of(status: &'static str) -> Self {
        Self {
            status,
            reasons: Vec::new(),
        }
    }
}

/// `/healthz`: the process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health::of("alive"))
}

/// `/readyz`: the database can be read and written, has every migration that this program knows, and its disk has room;
/// and the service is not being ended.
pub async fn ready(state: web::Data<WebState>) -> HttpResponse {
    let reasons = state.readiness.reasons(&state).await;
    if reasons.is_empty() {
        return HttpResponse::Ok().json(Health::of("ready"));
    }
    HttpResponse::ServiceUnavailable().json(Health {
        status: "not ready",
        reasons: reasons.into_iter().map(NotReady::code).collect(),
    })
}

/// `/api/openapi.json`.
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(openapi::document())
}

/// The browser's view of the API carries scripts and styles of its own inside its pages.
const DOCS_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; frame-ancestors 'none'";

/// `/api/docs`: the OpenAPI document to browse.
pub async fn docs_start() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/api/docs/"))
        .finish()
}

/// The files of the browser's view, its page among them.
pub async fn docs_file(file: web::Path<String>) -> HttpResponse {
    let config = Config::new(["/api/openapi.json"]);
    let file = if file.is_empty() { "index.html" } else { file.as_str() };
    match serve(file, config.into()) {
        Ok(Some(found)) => {
            let mut answer = HttpResponse::Ok();
            answer.insert_header((header::CONTENT_SECURITY_POLICY, DOCS_SECURITY_POLICY));
            // They are kept packed; every browser unpacks them.
            if found.gzpipped {
                answer.insert_header(header::ContentEncoding::Gzip);
            }
            answer.content_type(found.content_type).body(found.bytes.into_owned())
        }
        _ => HttpResponse::NotFound().finish(),
    }
}
