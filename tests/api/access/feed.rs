//! Rows of the matrix: facts that are handed in, disputes, keys, calendars.

use crate::support::app::TestApp;
use crate::support::feed::csv;
use crate::support::samples::USCCS;
use serde_json::{Value, json};

/// The tax office's batch, an open dispute of enterprise 0 about its tax, a key of the tax office.
pub struct Objects {
    pub batch: String,
    pub dispute: String,
    pub key: String,
}

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let (department, owner) = (app.sign_in("department"), app.sign_in("owner"));
        let batch = department.taken(&csv(&[(USCCS[0], "tax_grade", "B", "2026-10-01")]));
        let raised: Value = owner
            .dispute(USCCS[0], "tax_grade", "wrong", "应为 A 级")
            .json()
            .expect("JSON");
        for (name, uscc) in [("owner", USCCS[0]), ("other", USCCS[1])] {
            app.sign_in(name).declare(uscc, "tax_paid_fen", &json!(100));
        }
        Self {
            batch: batch["id"].as_str().expect("an id").to_owned(),
            dispute: raised["id"].as_str().expect("an id").to_owned(),
            key: app.sign_in("administrator").feed_key("tax").1,
        }
    }
}

/// A file that the tax office may hand in.
pub fn file() -> String {
    csv(&[(USCCS[0], "tax_arrears", "false", "2026-10-01")])
}

/// The tax office has the batch; the dispute goes to it, from the first enterprise.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    // What the centre hands in is refused: the file holds the tax office's facts.
    (
        "POST",
        "/api/v1/facts",
        "401 403 403 403 403 403 403 403 403 201 403 403 401 401",
    ),
    (
        "GET",
        "/api/v1/fact-batches",
        "401 404 404 404 404 404 404 200 200 200 200 404 401 401",
    ),
    (
        "POST",
        "/api/v1/fact-batches/{batch}/withdraw",
        "401 403 403 403 403 403 403 404 404 200 404 403 401 401",
    ),
    (
        "POST",
        "/api/v1/fact-batches/{missing}/withdraw",
        "401 403 403 403 403 403 403 404 404 404 404 403 401 401",
    ),
    (
        "GET",
        "/api/v1/feed-keys",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "POST",
        "/api/v1/feed-keys",
        "401 403 403 403 403 403 403 403 403 403 403 201 401 401",
    ),
    (
        "POST",
        "/api/v1/feed-keys/{key}/revoke",
        "401 404 404 404 404 404 404 404 404 404 404 204 401 401",
    ),
    (
        "POST",
        "/api/v1/feed-keys/{missing}/revoke",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    // The owner was first; the member finds one that waits for its answer.
    (
        "POST",
        "/api/v1/enterprises/{own}/facts/tax_paid_fen/dispute",
        "401 201 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/enterprises/{another}/facts/tax_paid_fen/dispute",
        "401 404 404 404 201 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/enterprises/91410106XY88888882/facts/tax_paid_fen/dispute",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/disputes",
        "401 200 200 200 200 404 404 200 200 200 200 404 401 401",
    ),
    (
        "POST",
        "/api/v1/disputes/{its_dispute}/answer",
        "401 403 403 403 404 404 404 404 404 200 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/disputes/{missing}/answer",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/lpr",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "POST",
        "/api/v1/lpr",
        "401 403 403 403 403 403 403 403 403 403 403 201 401 401",
    ),
    (
        "GET",
        "/api/v1/holidays",
        "401 404 404 404 404 404 404 404 404 404 404 200 401 401",
    ),
    (
        "POST",
        "/api/v1/holidays",
        "401 403 403 403 403 403 403 403 403 403 403 201 401 401",
    ),
];
