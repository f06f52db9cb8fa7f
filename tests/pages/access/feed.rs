//! Rows of the matrix: facts that are handed in, disputes, keys and calendars.

use crate::support::app::TestApp;
use crate::support::feed::{csv, hidden};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use serde_json::{Value, json};

/// Batches of the tax office and of the centre in each state, disputes that go to either, a key.
pub struct Objects {
    replaced: Vec<(&'static str, String)>,
    /// The plan of the batch that is confirmed.
    pub plan: String,
}

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let department = Visitor::signed_in(app, "department", "/department");
        let officer = Visitor::signed_in(app, "officer", "/centre");
        let looked_at = |visitor: &Visitor, path: &str, fact: &str, value: &str, day: &str| {
            let answer = visitor.hand_in(path, "a.csv", csv(&[(USCCS[0], fact, value, day)]));
            assert_eq!(answer.status, 303, "{}", answer.body);
            answer.request_id()
        };
        let tax = |value, day| looked_at(&department, "/department/batches", "tax_grade", value, day);
        let centre = |value, day| looked_at(&officer, "/centre/batches", "listing_stage", value, day);
        let (owner, other) = (app.sign_in("owner"), app.sign_in("other"));
        let applied = |name: &str, fact: &str, value: &str| {
            let batch = app.sign_in(name).taken(&csv(&[(USCCS[1], fact, value, "2026-10-01")]));
            batch["id"].as_str().expect("an id").to_owned()
        };
        for (user, uscc) in [(&owner, USCCS[0]), (&other, USCCS[1])] {
            user.declare(uscc, "tax_paid_fen", &json!(100));
            user.declare(uscc, "tax_arrears", &json!(false));
            user.declare(uscc, "listing_stage", &json!("neeq"));
        }
        let disputed = |fact: &str| {
            let raised: Value = owner
                .dispute(USCCS[0], fact, "please_verify", "请核验")
                .json()
                .expect("JSON");
            raised["id"].as_str().expect("an id").to_owned()
        };
        let confirmed = tax("A", "2026-10-03");
        let plan = hidden(&department.get(&format!("/department/batches/{confirmed}")), "plan");
        Self {
            plan,
            replaced: vec![
                ("{confirmed}", confirmed),
                ("{discarded}", tax("B", "2026-09-04")),
                ("{applied}", applied("department", "tax_grade", "A")),
                ("{its_confirmed}", centre("neeq", "2026-10-05")),
                ("{its_discarded}", centre("bse", "2026-10-06")),
                ("{its_applied}", applied("officer", "listing_stage", "neeq")),
                ("{dispute}", disputed("tax_arrears")),
                ("{its_dispute}", disputed("listing_stage")),
                ("{key}", app.sign_in("administrator").feed_key("tax").1),
            ],
        }
    }

    pub fn fill(&self, path: &str) -> String {
        self.replaced
            .iter()
            .fold(path.to_owned(), |path, (mark, id)| path.replace(mark, id))
    }
}

/// A file of the tax office.
pub fn file() -> String {
    csv(&[(USCCS[0], "tax_arrears", "false", "2026-10-01")])
}

pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    ("GET", "/department", "401 404 404 404 404 404 404 404 404 200 200 404"),
    (
        "GET",
        "/department/template.xlsx",
        "401 404 404 404 404 404 404 404 404 200 200 404",
    ),
    (
        "GET",
        "/department/template.csv",
        "401 404 404 404 404 404 404 404 404 200 200 404",
    ),
    (
        "GET",
        "/department/template.exe",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/department/batches",
        "401 404 404 404 404 404 404 404 404 303 303 404",
    ),
    (
        "GET",
        "/department/batches/{confirmed}",
        "401 404 404 404 404 404 404 404 404 200 404 404",
    ),
    (
        "GET",
        "/department/batches/{its_confirmed}",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/department/batches/{confirmed}/refused.xlsx",
        "401 404 404 404 404 404 404 404 404 200 404 404",
    ),
    (
        "POST",
        "/department/batches/{confirmed}/confirm",
        "401 404 404 404 404 404 404 404 404 303 404 404",
    ),
    (
        "POST",
        "/department/batches/{its_confirmed}/confirm",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/department/batches/{discarded}/discard",
        "401 404 404 404 404 404 404 404 404 303 404 404",
    ),
    (
        "GET",
        "/department/batches/{applied}/withdraw",
        "401 404 404 404 404 404 404 404 404 200 404 404",
    ),
    (
        "POST",
        "/department/batches/{applied}/withdraw",
        "401 404 404 404 404 404 404 404 404 303 404 404",
    ),
    (
        "POST",
        "/department/batches/{its_applied}/withdraw",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/department/disputes",
        "401 404 404 404 404 404 404 404 404 200 200 404",
    ),
    (
        "GET",
        "/department/disputes/{dispute}",
        "401 404 404 404 404 404 404 404 404 200 404 404",
    ),
    (
        "GET",
        "/department/disputes/{its_dispute}",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/department/disputes/{its_dispute}",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/department/disputes/{dispute}",
        "401 404 404 404 404 404 404 404 404 303 404 404",
    ),
    (
        "GET",
        "/centre/facts",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/template.xlsx",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "POST",
        "/centre/batches",
        "401 404 404 404 404 404 404 303 303 404 404 404",
    ),
    (
        "GET",
        "/centre/batches/{its_confirmed}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "GET",
        "/centre/batches/{confirmed}",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/batches/{its_confirmed}/refused.xlsx",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "POST",
        "/centre/batches/{its_confirmed}/confirm",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/centre/batches/{its_discarded}/discard",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "GET",
        "/centre/batches/{its_applied}/withdraw",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "POST",
        "/centre/batches/{its_applied}/withdraw",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "GET",
        "/centre/disputes",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/disputes/{its_dispute}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "GET",
        "/centre/disputes/{dispute}",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/centre/disputes/{its_dispute}",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/facts/tax_paid_fen/dispute",
        "401 303 303 403 303 404 404 404 404 404 404 404",
    ),
    ("GET", "/admin/lpr", "401 404 404 404 404 404 404 404 404 404 404 200"),
    ("POST", "/admin/lpr", "401 404 404 404 404 404 404 404 404 404 404 303"),
    (
        "GET",
        "/admin/holidays",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
    (
        "POST",
        "/admin/holidays",
        "401 404 404 404 404 404 404 404 404 404 404 303",
    ),
    (
        "GET",
        "/admin/feed-keys",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
    (
        "POST",
        "/admin/feed-keys",
        "401 404 404 404 404 404 404 404 404 404 404 201",
    ),
    (
        "POST",
        "/admin/feed-keys/{key}/revoke",
        "401 404 404 404 404 404 404 404 404 404 404 303",
    ),
];
