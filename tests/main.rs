//! The one integration-test binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy's own exemption covers test functions, not the helpers they share"
)]

mod api;
mod architecture;
mod browser;
mod cli;
mod conformance;
mod flows;
mod model;
mod pages;
mod store;
mod support;
