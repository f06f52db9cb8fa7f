//! 融桥 (rongqiao): a district's financing matchmaking service.

pub mod domain;
