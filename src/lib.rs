//! 融桥 (rongqiao): a district's financing matchmaking service.

pub mod clock;
pub mod domain;
pub mod store;
