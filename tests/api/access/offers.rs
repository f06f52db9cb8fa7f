//! The rows of offers and of the desk. Every offer is bank A's for enterprise 0; a `held` one waits at the desk.

use crate::support::app::{TestApp, acceptance, usual_offer};
use crate::support::samples::USCCS;
use serde_json::{Value, json};

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "POST",
        "/api/v1/referrals/{offerable}/offers/preview",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{offerable}/offers",
        "401 404 404 404 404 201 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{missing}/offers",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/offers",
        "401 200 200 200 200 200 200 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/offers/{forwarded}",
        "401 200 200 200 404 200 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/offers/{held}",
        "401 404 404 404 404 200 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/offers/{missing}",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/desk",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{held}/forward",
        "401 404 404 404 404 403 404 200 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{missing}/forward",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{returning}/return",
        "401 404 404 404 404 403 404 200 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{forwarded}/return",
        "401 403 403 403 404 403 404 409 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/offers/{returning}",
        "401 404 404 404 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/offers/{forwarded}",
        "401 403 403 403 404 409 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/forward",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{returning}/accept",
        "401 404 404 404 404 403 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{forwarded}/accept",
        "401 200 409 403 404 403 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{forwarded}/fall-through",
        "401 200 409 403 404 409 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{unwelcome}/decline",
        "401 200 409 403 404 403 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{regretted}/withdraw",
        "401 403 403 403 404 200 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/offers/{missing}/accept",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
];

/// The rows that the paths name.
pub struct Objects {
    offerable: String,
    held: String,
    returning: String,
    forwarded: String,
    unwelcome: String,
    regretted: String,
}

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let (owner, bank, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let refer = || owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA").0;
        let held = || bank.offer(&refer(), "PA");
        let forwarded = || {
            let id = held();
            assert_eq!(officer.on_offer(&id, "forward", &json!({"revision": 1})).status(), 200);
            id
        };
        Self {
            offerable: refer(),
            held: held(),
            returning: held(),
            forwarded: forwarded(),
            unwelcome: forwarded(),
            regretted: forwarded(),
        }
    }

    pub fn fill(&self, path: &str) -> String {
        path.replace("{offerable}", &self.offerable)
            .replace("{held}", &self.held)
            .replace("{returning}", &self.returning)
            .replace("{forwarded}", &self.forwarded)
            .replace("{unwelcome}", &self.unwelcome)
            .replace("{regretted}", &self.regretted)
    }
}

pub fn body(path: &str) -> Option<Value> {
    if path.ends_with("/desk/forward") {
        return Some(json!({"offers": ["00000000-0000-4000-8000-000000000000"]}));
    }
    if path.ends_with("/offers") || path.ends_with("/preview") {
        return Some(usual_offer("PA"));
    }
    let (_, verb) = path
        .strip_prefix("/api/v1/offers/")?
        .split_once('/')
        .unwrap_or(("", ""));
    match verb {
        "" => Some(usual_offer("PA")),
        "forward" => Some(json!({"revision": 1})),
        "return" => Some(json!({"revision": 1, "reason": "请补充担保说明"})),
        "accept" => Some(acceptance(1)),
        "decline" | "withdraw" => Some(json!({})),
        "fall-through" => Some(json!({"reason": "条件未谈妥"})),
        _ => None,
    }
}
