//! The one integration-test binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy's own exemption covers test functions, not the helpers they share"
)]

mod architecture;
mod cli;
mod conformance;
mod flows;
mod store;
mod support;
