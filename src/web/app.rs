//! The application, put together once, for the program and for tests alike.

use super::error::{ApiFailure, Failure, PageFailure};
use super::routes::{ROUTES, Route};
use super::state::WebState;
use super::trace::RequestSpan;
use super::{limits, metrics, pages};
use crate::actions::ActionError;
use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders, NormalizePath, TrailingSlash, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Resource, Scope, web};
use std::collections::BTreeMap;
use std::future::ready;
use std::net::TcpListener;
use tracing_actix_web::TracingLogger;

/// What pages may load: scripts, styles and pictures that this site serves, and nothing that stands inside a page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What pages may ask the device for: nothing.
const PERMISSIONS_POLICY: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
/// Once seen over TLS the site is never asked without it, for a year.
const TRANSPORT_SECURITY: &str = "max-age=31536000";

/// How many requests are worked on at a time, a thread each; blocking work has threads of its own.
const WORKERS: usize = 2;

/// Serves on a listener until the future that it gives ends; signals are the caller's.
///
/// # Errors
/// When the listener can't be served on.
pub fn serve(listener: TcpListener, state: WebState) -> std::io::Result<Server> {
    let state = web::Data::new(state);
    let stop_seconds = state.stop_seconds.into();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(web::PayloadConfig::new(state.body_limit))
            .app_data(web::PathConfig::default().error_handler(|_, request| not_found(request)))
            .app_data(web::QueryConfig::default().error_handler(|error, request| bad_query(&error, request)))
            .wrap(from_fn(limits::hold))
            .wrap(from_fn(pages::error::dress))
            .wrap(Compress::default())
            .wrap(security_headers(state.is_secure()))
            .wrap(from_fn(metrics::measure))
            .wrap(TracingLogger::<RequestSpan>::new())
            .wrap(NormalizePath::new(TrailingSlash::MergeOnly))
            .configure(register)
            .default_service(web::to(no_route))
    });
    Ok(server
        .workers(WORKERS)
        .shutdown_timeout(stop_seconds)
        .disable_signals()
        .listen(listener)?
        .run())
}

/// What every answer says, unless its handler says otherwise.
fn security_headers(is_secure: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "same-origin"))
        .add((header::X_FRAME_OPTIONS, "DENY"))
        .add((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((header::PERMISSIONS_POLICY, PERMISSIONS_POLICY))
        .add((header::CACHE_CONTROL, "no-store"));
    if is_secure {
        headers.add((header::STRICT_TRANSPORT_SECURITY, TRANSPORT_SECURITY))
    } else {
        headers
    }
}

/// Registers every line of the URL table.
///
/// A router tries one pattern after the other, and trying one that has parameters takes longer than some handlers do. So
/// what has none stands first, as it is compared as text alone, and what begins alike stands in one scope, of which only
/// the beginning is compared; of two beginnings the longer comes first.
fn register(app: &mut web::ServiceConfig) {
    let mut paths: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in ROUTES {
        paths.entry(route.path).or_default().push(route);
    }
    let mut scopes: BTreeMap<&str, Scope> = BTreeMap::new();
    for (path, routes) in paths {
        let (beginning, rest) = path.split_at(fixed(path));
        if rest.is_empty() {
            app.service(resource(path, routes));
        } else {
            let scope = scopes.remove(beginning).unwrap_or_else(|| web::scope(beginning));
            scopes.insert(beginning, scope.service(resource(rest, routes)));
        }
    }
    for (_, scope) in scopes.into_iter().rev() {
        app.service(scope);
    }
}

/// Where the first segment of a path begins that is not the same in each address; its end where all are.
fn fixed(path: &str) -> usize {
    path.find('{')
        .map_or(path.len(), |parameter| path[..parameter].rfind('/').unwrap_or(0))
}

fn resource(path: &str, routes: Vec<&Route>) -> Resource {
    let methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    let head = if methods.contains(&"GET") { ", HEAD" } else { "" };
    let allowed = format!("{}{head}", methods.join(", "));
    let matched = routes.first().map(|line| metrics::Matched {
        path: line.path,
        skin: line.skin,
    });
    let resource = routes
        .into_iter()
        .fold(web::resource(path), |resource: Resource, line| {
            resource.route((line.handler)())
        });
    let resource = match matched {
        Some(matched) => resource.app_data(matched),
        None => resource,
    };
    resource.default_service(web::to(move |request: HttpRequest| {
        ready(no_method(&request, &allowed))
    }))
}

fn is_api(request: &HttpRequest) -> bool {
    request.path().starts_with("/api/")
}

fn answer(request: &HttpRequest, failure: Failure) -> HttpResponse {
    if is_api(request) {
        HttpResponse::from_error(ApiFailure(failure))
    } else {
        HttpResponse::from_error(PageFailure(failure))
    }
}

async fn no_route(request: HttpRequest) -> HttpResponse {
    answer(&request, ActionError::NotFound.into())
}

fn no_method(request: &HttpRequest, allowed: &str) -> HttpResponse {
    let mut response = answer(request, Failure::Method);
    if let Ok(allowed) = header::HeaderValue::from_str(allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// A path whose parameter is no id names nothing that could be there.
fn not_found(request: &HttpRequest) -> actix_web::Error {
    if is_api(request) {
        ApiFailure(ActionError::NotFound.into()).into()
    } else {
        PageFailure(ActionError::NotFound.into()).into()
    }
}

fn bad_query(error: &actix_web::error::QueryPayloadError, request: &HttpRequest) -> actix_web::Error {
    let failure = Failure::field("query", crate::domain::invalid::Rule::Shape(error.to_string()));
    if is_api(request) {
        ApiFailure(failure).into()
    } else {
        PageFailure(failure).into()
    }
}
