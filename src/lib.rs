//! 融桥 (rongqiao): a district's financing matchmaking service.

pub mod actions;
pub mod cli;
pub mod clock;
pub mod domain;
pub mod finance;
pub mod matching;
pub mod store;
