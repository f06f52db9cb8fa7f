//! The rows of what moves requests and referrals on.

use crate::support::app::{TestApp, usual_pick};
use crate::support::db::execute;
use crate::support::samples::USCCS;
use serde_json::{Value, json};

/// As the matrix beside it. All of it is enterprise 0's; bank A has what waits, and what an acceptance cancelled that
/// has fallen through; bank B what was kept and proposed.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep adm dis exp
    (
        "GET",
        "/api/v1/requests/{lasting}/referrals",
        "401 200 200 200 404 404 404 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{missing}/referrals",
        "401 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/extend",
        "401 200 200 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{missing}/extend",
        "401 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/matches",
        "401 201 201 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/what-if",
        "401 200 200 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/reminders",
        "401 422 422 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{kept}/send",
        "401 200 409 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{missing}/send",
        "401 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{waiting}/decline",
        "401 404 404 404 404 200 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{missing}/decline",
        "401 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{fallen}/take-up",
        "401 404 404 404 404 200 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{taken_back}/take-up",
        "401 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/{lasting}/refer",
        "401 403 403 403 404 404 404 201 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/desk/{missing}/refer",
        "401 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{proposed}/consent",
        "401 200 409 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/referrals/{unwanted}/refuse",
        "401 200 409 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{lasting}/unserved",
        "401 403 403 403 404 404 404 200 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{ending}/withdraw",
        "401 200 409 403 404 404 404 403 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{missing}/withdraw",
        "401 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
];

/// The rows that the paths name.
pub struct Objects {
    lasting: String,
    ending: String,
    kept: String,
    waiting: String,
    fallen: String,
    proposed: String,
    unwanted: String,
}

impl Objects {
    pub fn make(app: &TestApp) -> Self {
        let (owner, officer) = (app.sign_in("owner"), app.sign_in("officer"));
        let open = || owner.open_fitting(USCCS[0]);
        let proposed = || officer.propose(&open(), "BANKB", "PB");
        let (fallen, _) = owner.refer(&open(), "BANKA", "PA");
        execute(
            &app.service.store,
            &format!(
                "UPDATE referral SET state = 'cancelled', end_reason = 'accepted_elsewhere' WHERE id = '{fallen}'"
            ),
        );
        Self {
            lasting: open(),
            ending: open(),
            kept: owner.keep(&open(), "BANKB", "PB"),
            waiting: owner.refer(&open(), "BANKA", "PA").0,
            fallen,
            proposed: proposed(),
            unwanted: proposed(),
        }
    }

    pub fn fill(&self, path: &str) -> String {
        path.replace("{lasting}", &self.lasting)
            .replace("{ending}", &self.ending)
            .replace("{kept}", &self.kept)
            .replace("{waiting}", &self.waiting)
            .replace("{fallen}", &self.fallen)
            .replace("{proposed}", &self.proposed)
            .replace("{unwanted}", &self.unwanted)
    }
}

pub fn body(path: &str) -> Option<Value> {
    match path.rsplit('/').next()? {
        "decline" => Some(json!({"reason": "term"})),
        "unserved" => Some(json!({"reason": "no_product"})),
        "what-if" => Some(json!({"term_months": 6})),
        "reminders" => Some(json!({"product": "PA"})),
        "refer" => Some(json!({"bank": "BANKB", "products": ["PB"]})),
        "consent" => Some(usual_pick("BANKB", "PB")["consent"].clone()),
        _ => None,
    }
}
