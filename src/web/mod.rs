//! HTTP: the JSON API and the pages, two skins over the same actions.
//!
//! `routes` is the whole URL table. `app` puts the application together, once for the program and for
//! tests. Handlers extract, call one action, and render. Deliberately absent: decisions, and the
//! database.

pub mod api;
pub mod app;
pub mod body;
pub mod cached;
pub mod client;
pub mod conditions;
pub mod csrf;
pub mod download;
pub mod error;
pub mod input;
pub mod keys;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub mod pages;
pub mod readiness;
pub mod routes;
pub mod session;
pub mod state;
pub mod system;
pub mod token;
pub mod trace;
pub mod view;
