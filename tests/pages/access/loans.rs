//! Rows of the matrix: loans under each side's path. Every loan is bank A's for the first enterprise.

use crate::support::app::TestApp;
use crate::support::lending::{AMOUNT, Lending};

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    (
        "GET",
        "/bank/offers/{signable}/contract",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/offers/{signable}/contract",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    ("GET", "/bank/loans", "401 404 404 404 404 200 200 404 404 404 404 404"),
    (
        "GET",
        "/bank/loans/{lent}",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/loans/{lent}/disbursements",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/loans/{lent}/repayments",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/loans/{lent}/overdue",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/loans/{lent}/overdue/clear",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/loans/{lent}/close-drawing",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/loans/{paid}/settle",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/loans/{undrawn}/cancel",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/loans",
        "401 200 200 200 200 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/loans/{lent}",
        "401 200 200 200 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/loans/{lent}/renew",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/loans",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/loans/{lent}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
];

/// The rows that the paths name.
pub struct Objects([(&'static str, String); 4]);

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let who = Lending::of(app);
        let paid = who.lent("C-paid");
        assert_eq!(who.draw(&paid, AMOUNT).status(), 201);
        assert_eq!(who.repay(&paid, AMOUNT, 0).status(), 201);
        Self([
            ("{signable}", who.accepted()),
            ("{lent}", who.lent("C-lent")),
            ("{paid}", paid),
            ("{undrawn}", who.lent("C-undrawn")),
        ])
    }

    pub fn fill(&self, path: &str) -> String {
        let named = self.0.iter();
        named.fold(path.to_owned(), |path, (name, id)| path.replace(name, id))
    }
}

/// What a row posts; none of another module's rows. The rows stand in the order in which one loan is moved on, so that
/// each post names the version that it meets.
pub fn fields(path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    if path.ends_with("/contract") {
        return Some(&[
            ("contract_number", "C-new"),
            ("signed_on", "2026-11-01"),
            ("matures_on", "2027-11-20"),
            ("is_first", "yes"),
        ]);
    }
    let (_, verb) = path.split_once("/loans/")?.1.split_once('/')?;
    match verb {
        "disbursements" => Some(&[("version", "1"), ("on", "2026-11-01"), ("amount", "10")]),
        "repayments" => Some(&[("version", "2"), ("on", "2026-11-01"), ("principal", "1")]),
        "overdue" | "settle" => Some(&[("version", "3"), ("on", "2026-11-01")]),
        "overdue/clear" => Some(&[("version", "4")]),
        "close-drawing" => Some(&[("version", "5"), ("on", "2026-11-01")]),
        "cancel" => Some(&[("version", "1"), ("reason", "企业不再需要")]),
        _ => Some(&[]),
    }
}
