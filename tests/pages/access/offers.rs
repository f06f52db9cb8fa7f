//! Rows of the matrix: offers under each side's path. Every offer is bank A's for the first enterprise.

use crate::support::app::TestApp;
use crate::support::samples::USCCS;
use serde_json::json;

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    (
        "GET",
        "/bank/referrals/{offerable}/offer",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/referrals/{offerable}/offer",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    ("GET", "/bank/offers", "401 404 404 404 404 200 200 404 404 404 404 404"),
    (
        "GET",
        "/bank/offers/{held}",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/offers/{held}/sheet",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/offers",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/offers/{held}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "GET",
        "/centre/offers/{held}/sheet",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "POST",
        "/centre/offers/{returning}/return",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "GET",
        "/bank/offers/{returning}/edit",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/offers/{returning}/edit",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/centre/offers/forward",
        "401 404 404 404 404 404 404 303 303 404 404 404",
    ),
    (
        "POST",
        "/centre/offers/{held}/forward",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/offers",
        "401 200 200 200 200 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/{offered}/offers",
        "401 200 200 200 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/offers/{forwarded}",
        "401 200 200 200 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/offers/{returning}",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/offers/{forwarded}/sheet",
        "401 200 200 200 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/offers/{forwarded}/accept",
        "401 200 200 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/offers/{forwarded}/accept",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/offers/{forwarded}/fall-through",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/offers/{forwarded}/fall-through",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/offers/{unwelcome}/decline",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/offers/{regretted}/withdraw",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
];

/// The rows that the paths name.
pub struct Objects(Vec<(&'static str, String)>);

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let (owner, bank, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let refer = || owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA").0;
        let held = || bank.offer(&refer(), "PA");
        let forwarded = |id: String| {
            assert_eq!(officer.on_offer(&id, "forward", &json!({"revision": 1})).status(), 200);
            id
        };
        let offered = owner.open_fitting(USCCS[0]);
        let first = bank.offer(&owner.refer(&offered, "BANKA", "PA").0, "PA");
        Self(vec![
            ("{offerable}", refer()),
            ("{held}", held()),
            ("{returning}", held()),
            ("{offered}", offered),
            ("{forwarded}", forwarded(first)),
            ("{unwelcome}", forwarded(held())),
            ("{regretted}", held()),
        ])
    }

    pub fn fill(&self, path: &str) -> String {
        let named = self.0.iter();
        named.fold(path.to_owned(), |path, (name, id)| path.replace(name, id))
    }
}

/// What the editor posts for the usual offer.
pub const TYPED: [(&str, &str); 16] = [
    ("product", "PA"),
    ("amount", "100"),
    ("term_months", "12"),
    ("base", "lpr_1y"),
    ("spread", "40"),
    ("repayment", "interest_only"),
    ("start_on", "2026-11-20"),
    ("every", "1"),
    ("due_day", "20"),
    ("day_count", "act/360"),
    ("guarantee", "credit"),
    ("early", "可提前还款，不收违约金"),
    ("late", "逾期按合同利率上浮五成计息"),
    ("valid_until", "2026-12-10"),
    // The version of an offer that was returned once.
    ("version", "2"),
    ("go", "send"),
];

/// What a row posts; none of another module's rows.
pub fn fields(path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    if path.ends_with("/offer") || (path.contains("/offers/") && path.ends_with("/edit")) {
        return Some(&TYPED);
    }
    if !path.contains("/offers/") {
        return None;
    }
    match path.rsplit('/').next()? {
        "accept" => Some(&[
            ("revision", "1"),
            ("text_version", "1"),
            ("until", "2027-03-31"),
            ("agree", "yes"),
        ]),
        "forward" if path == "/centre/offers/forward" => Some(&[]),
        "forward" => Some(&[("revision", "1")]),
        "return" => Some(&[("revision", "1"), ("reason", "请补充担保说明")]),
        "fall-through" => Some(&[("reason", "条件未谈妥")]),
        _ => Some(&[]),
    }
}
