//! Pages: each handler extracts, calls an action, and renders a view.
//!
//! Whose pages they are is said by the type of their user argument ([`users`]); what the user may do
//! there is the actions' to decide.

#![expect(
    clippy::missing_errors_doc,
    reason = "a handler's errors are its action's, turned into the page that `error` makes of them"
)]

pub mod account;
pub mod admin;
pub mod assets;
pub mod bank;
pub mod calendars;
pub mod centre;
pub mod consents;
pub mod desk;
pub mod disputes;
pub mod enterprise;
pub mod error;
pub mod facts;
pub mod feed;
pub mod joining;
pub mod loans;
pub mod members;
pub mod messages;
pub mod monitor;
pub mod offer_edit;
pub mod offers;
pub mod organisations;
pub mod pick;
pub mod product_keeping;
pub mod proposals;
pub mod public;
pub mod queue;
pub mod registrations;
pub mod requests;
pub mod second_factor;
pub mod settings;
pub mod steps;
pub mod users;
pub mod what_if;

use super::error::PageFailure;
use super::state::WebState;
use super::view::shell::{Shell, Site};
use crate::actions::ActionError;
use crate::config::Secret;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use askama::Template;

/// How many rows a list shows at once.
const PAGE_ROWS: i64 = 50;

/// A page, never kept by a cache.
fn render(page: &impl Template) -> Result<HttpResponse, PageFailure> {
    render_as(StatusCode::OK, page)
}

fn render_as(status: StatusCode, page: &impl Template) -> Result<HttpResponse, PageFailure> {
    let html = page.render().map_err(ActionError::internal)?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(html))
}

/// What follows every post that did something.
fn see_other(href: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, href))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

fn site(state: &WebState) -> Site {
    Site::from(state.site.as_ref())
}

/// Around a page for a visitor who may be signed in.
fn shell_for(state: &WebState, visitor: &super::session::Visitor) -> Shell {
    match visitor.actor() {
        Some(actor) => Shell::of(site(state), actor, visitor.unread, &visitor.csrf, ""),
        None => Shell::public(site(state)),
    }
}

/// Gives the visitor's browser the cookie by which its forms are known, where it has none yet.
fn known(
    state: &WebState,
    visitor: super::session::Visitor,
    mut response: HttpResponse,
) -> Result<HttpResponse, PageFailure> {
    if visitor.is_new {
        let added = response.add_cookie(&super::session::cookie(state, visitor.cookie));
        added.map_err(ActionError::internal)?;
    }
    Ok(response)
}

/// Sends on with the cookie of a session that was just begun.
fn entered(state: &WebState, href: &str, token: &Secret) -> Result<HttpResponse, PageFailure> {
    let mut response = see_other(href);
    let known = response.add_cookie(&super::session::cookie(state, token.expose().to_owned()));
    known.map_err(ActionError::internal)?;
    Ok(response)
}

/// The rows of one page of a list, of which one more was fetched, and whether there are more.
fn one_page<T>(mut rows: Vec<T>) -> (Vec<T>, bool) {
    let most = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    (rows, more)
}
