//! Where a user is signed in.

use super::codes::codes;
use chrono::{DateTime, Utc};
use uuid::Uuid;

codes! {
    /// Through which door.
    SessionKind {
        Page = "page" "网页",
        Api = "api" "接口",
    }
}

/// What a user who is signed in has to do before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Change a password that is older than the site allows.
    Password,
    /// Set up the second factor that its role needs.
    SecondFactor,
}

/// A session that is alive, as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// Through which door.
    pub kind: SessionKind,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last used; noted now and then, not with each request.
    pub last_used_at: DateTime<Utc>,
    /// The address that it was begun from.
    pub address: Option<String>,
    /// What the browser or program called itself (`User-Agent`).
    pub browser: Option<String>,
}
