//! For operators and browsers: whether the service is alive and ready, and what its API is.

use super::openapi;
use super::state::WebState;
use crate::actions::health;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa_swagger_ui::{Config, serve};

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `/healthz`: the process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "alive" })
}

/// `/readyz`: the database answers and its schema is the one that this program knows.
pub async fn ready(state: web::Data<WebState>) -> HttpResponse {
    match state.run(health::check).await {
        Ok(()) => HttpResponse::Ok().json(Health { status: "ready" }),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().json(Health { status: "not ready" })
        }
    }
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
