//! The rows of what moves requests and referrals on.

use crate::support::app::usual_pick;
use serde_json::{Value, json};

/// As the matrix beside it. All of it is enterprise 0's; bank A has what waits, and what an acceptance cancelled that
/// has fallen through; bank B what was kept and proposed.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "GET",
        "/api/v1/requests/{lasting}/referrals",
        "401 200 200 200 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{missing}/referrals",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/extend",
        "401 200 200 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{missing}/extend",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/matches",
        "401 201 201 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/what-if",
        "401 200 200 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/reminders",
        "401 422 422 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{kept}/send",
        "401 200 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{missing}/send",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{waiting}/decline",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{missing}/decline",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{fallen}/take-up",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{taken_back}/take-up",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/request-{lasting}/refer",
        "401 403 403 403 404 404 404 201 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/request-{missing}/refer",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{proposed}/consent",
        "401 200 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{unwanted}/refuse",
        "401 200 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/unserved",
        "401 403 403 403 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{ending}/withdraw",
        "401 200 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{missing}/withdraw",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
];

/// Takes a product that time alone will make fit: the tests of requests have one.
pub const DONE_ELSEWHERE: (&str, &str) = ("POST", "/api/v1/requests/{id}/reminders");

pub fn body(path: &str) -> Option<Value> {
    match path.rsplit('/').next()? {
        "decline" => Some(json!({"reason": "term"})),
        "unserved" => Some(json!({"reason": "no_product"})),
        "what-if" => Some(json!({"term_months": 6})),
        "reminders" => Some(json!({"product": "PA"})),
        "refer" => Some(json!({"bank": "BANKB", "products": ["PB"], "reason": "熟悉这个行业"})),
        "consent" => Some(usual_pick("BANKB", "PB")["consent"].clone()),
        _ => None,
    }
}
