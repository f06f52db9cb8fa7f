//! The rows of the centre's desk, where an offer waits, and of the settings that are changed while the service runs.

use serde_json::{Value, json};

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "GET",
        "/api/v1/desk/offer-{held}",
        "401 404 404 404 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/desk/offer-{missing}",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/offer-{held}/claim",
        "401 404 404 404 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/offer-{held}/release",
        "401 404 404 404 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/offer-{held}/notes",
        "401 404 404 404 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/offer-{missing}/claim",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/settings/desk",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/settings/desk",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/settings/accounts",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "PUT",
        "/api/v1/settings/accounts",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
];

pub fn body(path: &str) -> Option<Value> {
    match path {
        "/api/v1/settings/desk" => {
            return Some(json!({
                "answer_days": 6, "signing_days": 10, "validity_days": 10, "decide_days": 2, "dispute_days": 5,
                "auto_forward": false, "ceilings": [{"kind": "specialised", "lpr_factor_pct": 130}],
            }));
        }
        "/api/v1/settings/accounts" => {
            return Some(json!({
                "second_factor_banks": false, "second_factor_officers": false, "second_factor_administrators": false,
                "rejected_days": 60,
            }));
        }
        _ => {}
    }
    let (_, verb) = path.strip_prefix("/api/v1/desk/")?.split_once('/')?;
    match verb {
        "claim" => Some(json!({})),
        "notes" => Some(json!({"text": "已电话联系"})),
        _ => None,
    }
}
