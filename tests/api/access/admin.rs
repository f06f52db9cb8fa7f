//! What administrators look at.

use serde_json::{Value, json};

pub const MATRIX: &[(&str, &str, &str)] = &[
    (
        "GET",
        "/api/v1/audit",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "GET",
        "/api/v1/jobs",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "GET",
        "/api/v1/outbox?state=dead",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "POST",
        "/api/v1/outbox/{dead}/resend",
        "401 404 404 404 404 404 404 404 404 404 404 204 401 401",
    ),
    (
        "POST",
        "/api/v1/outbox/{sent}/resend",
        "401 404 404 404 404 404 404 404 404 404 404 409 401 401",
    ),
    (
        "POST",
        "/api/v1/outbox/{missing}/resend",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/outbox/hold",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "POST",
        "/api/v1/outbox/release",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
];

pub fn body(path: &str) -> Option<Value> {
    path.ends_with("/outbox/release").then(|| json!({}))
}
