//! The rows of what banks do with their products.

use serde_json::{Value, json};

/// As the matrix beside it. `PA` is bank A's and open, `PD` bank A's and a draft; bank B sees `PA` and keeps it no more
/// than it keeps `PD`. The last rows move `PA` through its life.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "POST",
        "/api/v1/products",
        "401 403 403 403 403 201 422 403 403 403 403 403 401 401",
    ),
    (
        "PUT",
        "/api/v1/products/PA",
        "401 403 403 403 403 200 404 403 403 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/products/PD",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/products/missing",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/PA/simulate",
        "401 403 403 403 403 200 404 200 200 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/PD/simulate",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/missing/simulate",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/PA/publish",
        "401 403 403 403 403 200 404 403 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/PA/confirm",
        "401 403 403 403 403 200 404 403 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/PA/suspend",
        "401 403 403 403 403 200 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/PA/resume",
        "401 404 404 404 404 200 404 403 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/PD/close",
        "401 404 404 404 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/products/missing/publish",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
];

/// What the rows send.
pub fn body(method: &str, path: &str) -> Option<Value> {
    let code = match (method, path.strip_prefix("/api/v1/products")?) {
        ("POST", "") => "PNEW",
        ("PUT", code) => code.trim_start_matches('/'),
        _ => return None,
    };
    let mut form = json!({
        "code": code, "bank": "BANKA", "name": "示例产品", "kind": "specialised", "status": "draft",
        "amount_fen": {"min": 1_000_000, "max": 300_000_000}, "term_months": {"min": 1, "max": 36},
        "purposes": ["working_capital"], "guarantees": ["credit"], "repayment": ["interest_only"],
        "rate": {"base": "lpr_1y", "spread_bp": 50}, "fees": [], "criteria": [],
    });
    form["summary"] = json!("随需而贷");
    Some(form)
}
