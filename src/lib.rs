//! 融桥 (rongqiao): a district's financing matchmaking service.
//!
//! A request is parsed into domain types at the edge; one action decides and runs one transaction; a
//! view renders the answer. Data flow one way, `web → actions → {store, matching, finance, exchange} → domain`,
//! and `docs/architecture.md` walks through it.

pub mod actions;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod exchange;
pub mod finance;
pub mod jobs;
pub mod mail;
pub mod matching;
pub mod store;
pub mod web;
