//! The rows of loans. Every loan is bank A's for enterprise 0.

use crate::support::app::TestApp;
use crate::support::lending::{AMOUNT, Lending, usual_contract};
use serde_json::{Value, json};

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "GET",
        "/api/v1/loans",
        "401 200 200 200 200 200 200 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/loans/{lent}",
        "401 200 200 200 404 200 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/loans/{missing}",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{signable}/contract",
        "401 403 403 403 404 201 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{missing}/contract",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{lent}/disbursements",
        "401 403 403 403 404 201 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{missing}/disbursements",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{lent}/repayments",
        "401 403 403 403 404 201 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{lent}/overdue",
        "401 403 403 403 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "DELETE",
        "/api/v1/loans/{lent}/overdue",
        "401 403 403 403 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{lent}/close-drawing",
        "401 403 403 403 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{lent}/cancel",
        "401 403 403 403 404 409 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{paid}/settle",
        "401 403 403 403 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{undrawn}/cancel",
        "401 403 403 403 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/loans/{missing}/cancel",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
];

/// The rows that the paths name.
pub struct Objects {
    signable: String,
    pub lent: String,
    paid: String,
    undrawn: String,
}

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let who = Lending::of(app);
        let paid = who.lent("C-paid");
        assert_eq!(who.draw(&paid, AMOUNT).status(), 201);
        assert_eq!(who.repay(&paid, AMOUNT, 0).status(), 201);
        Self {
            signable: who.accepted(),
            lent: who.lent("C-lent"),
            paid,
            undrawn: who.lent("C-undrawn"),
        }
    }

    pub fn fill(&self, path: &str) -> String {
        path.replace("{signable}", &self.signable)
            .replace("{lent}", &self.lent)
            .replace("{paid}", &self.paid)
            .replace("{undrawn}", &self.undrawn)
    }
}

pub fn body(path: &str) -> Option<Value> {
    if path.ends_with("/contract") {
        return Some(usual_contract("C-new"));
    }
    let (_, verb) = path.strip_prefix("/api/v1/loans/")?.split_once('/')?;
    match verb {
        "disbursements" => Some(json!({"on": "2026-11-01", "amount_fen": 1_000_000})),
        "repayments" => Some(json!({"on": "2026-11-01", "principal_fen": 1, "interest_fen": 1})),
        "cancel" => Some(json!({"reason": "企业不再需要"})),
        _ => Some(json!({"on": "2026-11-01"})),
    }
}
