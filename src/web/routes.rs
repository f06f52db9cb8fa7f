//! The whole URL table: every route of the service is a line here, and nowhere else.
//!
//! `app` registers the lines; the access matrix in tests/ goes through every one of them as every kind
//! of user; the OpenAPI document must name every line of the API.

use super::api::{enterprises, products, requests, sessions};
use super::system;
use crate::domain::actor::Right;
use actix_web::Route as Handler;
use actix_web::http::Method;
use actix_web::web;

/// Whom a route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone.
    Anyone,
    /// Whoever has this right, for the rows within its reach.
    Needs(Right),
    /// Every signed-in user.
    SignedIn,
}

/// How a route is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skin {
    /// JSON, with a bearer token.
    Api,
    /// HTML, with the session's cookie.
    Page,
    /// For operators and browsers: health, documents, static files.
    System,
}

/// One line of the table.
pub struct Route {
    /// The verb.
    pub method: Method,
    /// The path, with its parameters.
    pub path: &'static str,
    /// How it is spoken to.
    pub skin: Skin,
    /// Whom it answers.
    pub access: Access,
    /// What answers.
    pub handler: fn() -> Handler,
}

macro_rules! routes {
    ($($skin:ident $method:ident $path:literal $access:expr, $handler:path;)+) => {
        /// Every route.
        pub static ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
            path: $path,
            skin: Skin::$skin,
            access: $access,
            handler: || web::method(Method::$method).to($handler),
        },)+];
    };
}

use Access::{Anyone, Needs};
use Right::{DeclareFacts, ViewEnterprise, ViewProducts, ViewRequests, WriteRequests};

routes! {
    System GET "/healthz" Anyone, system::alive;
    System GET "/readyz" Anyone, system::ready;
    System GET "/api/openapi.json" Anyone, system::openapi;

    Api POST "/api/v1/sessions" Anyone, sessions::sign_in;
    Api GET "/api/v1/products" Needs(ViewProducts), products::list;
    Api GET "/api/v1/products/{code}" Needs(ViewProducts), products::show;
    Api GET "/api/v1/enterprises/{uscc}" Needs(ViewEnterprise), enterprises::show;
    Api GET "/api/v1/enterprises/{uscc}/facts" Needs(ViewEnterprise), enterprises::facts;
    Api PUT "/api/v1/enterprises/{uscc}/facts/{key}" Needs(DeclareFacts), enterprises::declare;
    Api GET "/api/v1/requests" Needs(ViewRequests), requests::list;
    Api POST "/api/v1/requests" Needs(WriteRequests), requests::begin;
    Api GET "/api/v1/requests/{id}" Needs(ViewRequests), requests::show;
    Api PATCH "/api/v1/requests/{id}" Needs(WriteRequests), requests::change;
    Api POST "/api/v1/requests/{id}/submit" Needs(WriteRequests), requests::submit;
    Api GET "/api/v1/requests/{id}/matches" Needs(ViewRequests), requests::matches;
    Api GET "/api/v1/requests/{id}/matches/{product}" Needs(ViewRequests), requests::product_match;
}
