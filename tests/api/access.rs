//! The access matrix: every route of the API × every kind of user × own, another's, missing.
//!
//! A cell is the status that is answered. Nothing is left out: a route that has no row here fails the
//! test, and a row whose cells don't match fails it. A write that is denied leaves every table as it was.

mod admin;
mod canaries;
mod consents;
mod desk;
mod feed;
mod joining;
mod loans;
mod monitor;
mod offers;
mod products;
mod requests;
mod sessions;

use crate::support::app::{Api, TestApp, USERS, usual_need, usual_pick};
use crate::support::db::{TestDb, counts, execute, on_both};
use crate::support::feed::CSV;
use crate::support::joining::{MULTIPART, PDF, add_department, multipart};
use crate::support::mail::{hold, mails};
use crate::support::samples::USCCS;
use crate::support::standing::Standing;
use canaries::Canaries;
use reqwest::Method;
use rongqiao::web::routes::{ROUTES, Skin};
use serde_json::{Value, json};

/// Users in the order of the columns; `disabled` was signed in and then shut out, `expired` holds a
/// token that is too old.
const PERSONAS: [&str; 14] = [
    "anonymous",
    "owner",
    "member",
    "reader",
    "other",
    "banka",
    "bankb",
    "officer",
    "elsewhere",
    "department",
    "science",
    "administrator",
    "disabled",
    "expired",
];

/// Method, path with what it is filled with, and a status for each persona. `own` and `its` are enterprise
/// 0's, `another` enterprise 1's.
const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "GET",
        "/api/v1/products",
        "401 200 200 200 200 200 200 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/products/PA",
        "401 200 200 200 200 200 200 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/products/PD",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/products/missing",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/{own}",
        "401 200 200 200 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/{another}",
        "401 404 404 404 200 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/91410106XY88888882",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "PATCH",
        "/api/v1/enterprises/{own}",
        "401 403 403 403 404 404 404 204 404 404 404 404 401 401",
    ),
    (
        "PATCH",
        "/api/v1/enterprises/{another}",
        "401 404 404 404 403 404 404 204 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/{own}/facts",
        "401 200 200 200 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/{another}/facts",
        "401 404 404 404 200 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/91410106XY88888882/facts",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/enterprises/{own}/facts/employees",
        "401 204 204 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/enterprises/{another}/facts/employees",
        "401 404 404 404 204 404 404 403 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/enterprises/91410106XY88888882/facts/employees",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests",
        "401 200 200 200 200 404 404 200 200 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests",
        "401 201 201 403 201 403 403 403 403 403 403 403 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{draft}",
        "401 200 200 200 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{open}",
        "401 200 200 200 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{another_draft}",
        "401 404 404 404 200 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{another_open}",
        "401 404 404 404 200 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{missing}",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "PATCH",
        "/api/v1/requests/{draft}",
        "401 200 200 403 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "PATCH",
        "/api/v1/requests/{open}",
        "401 409 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "PATCH",
        "/api/v1/requests/{another_draft}",
        "401 404 404 404 200 404 404 404 404 404 404 404 401 401",
    ),
    (
        "PATCH",
        "/api/v1/requests/{missing}",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{draft}/submit",
        "401 200 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{open}/submit",
        "401 409 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{another_draft}/submit",
        "401 404 404 404 200 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{missing}/submit",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{open}/matches",
        "401 200 200 200 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{unmatched}/matches",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{another_open}/matches",
        "401 404 404 404 200 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{missing}/matches",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{open}/matches/PA",
        "401 200 200 200 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{open}/matches/PD",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{another_open}/matches/PA",
        "401 404 404 404 200 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/requests/{missing}/matches/PA",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/messages",
        "401 200 200 200 200 200 200 200 200 200 200 200 401 401",
    ),
];

/// Every row.
fn matrix() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    MATRIX
        .iter()
        .chain(admin::MATRIX)
        .chain(consents::MATRIX)
        .chain(feed::MATRIX)
        .chain(joining::MATRIX)
        .chain(requests::MATRIX)
        .chain(desk::MATRIX)
        .chain(offers::MATRIX)
        .chain(loans::MATRIX)
        .chain(products::MATRIX)
        .chain(monitor::MATRIX)
        // Signing out is the last row.
        .chain(sessions::MATRIX)
}

/// The rows that the paths name.
struct Objects {
    draft: String,
    open: String,
    unmatched: String,
    another_draft: String,
    another_open: String,
    fitting: String,
    referred: String,
    consent: String,
    taken_back: String,
    dead: String,
    sent: String,
    batch: String,
    its_dispute: String,
    key: String,
    joining: joining::Objects,
    requests: Standing,
    offers: offers::Objects,
    loans: loans::Objects,
}

impl Objects {
    fn make(app: &TestApp) -> Self {
        let (owner, other) = (app.sign_in("owner"), app.sign_in("other"));
        let open = |user: &Api<'_>| {
            let id = user.begin();
            assert_eq!(user.submit(&id).status(), 200);
            id
        };
        let (referred, consent) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let (taken_back, revoked) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        assert_eq!(owner.revoke(&revoked).status(), 200);
        let (dead, sent) = mails(app);
        hold(app);
        let feed = feed::Objects::make(app);
        Self {
            batch: feed.batch,
            its_dispute: feed.dispute,
            key: feed.key,
            fitting: owner.open_fitting(USCCS[0]),
            referred,
            consent,
            taken_back,
            draft: owner.begin(),
            open: open(&owner),
            unmatched: owner.begin(),
            another_draft: other.begin(),
            another_open: open(&other),
            dead,
            sent,
            joining: joining::Objects::make(app),
            requests: Standing::make(app),
            offers: offers::Objects::make(app),
            loans: loans::Objects::make(app),
        }
    }

    fn fill(&self, path: &str) -> String {
        let path = self.loans.fill(&self.offers.fill(&self.requests.fill(path)));
        self.joining
            .fill(&path)
            .replace("{own}", USCCS[0])
            .replace("{another}", USCCS[1])
            .replace("{draft}", &self.draft)
            .replace("{open}", &self.open)
            .replace("{unmatched}", &self.unmatched)
            .replace("{another_draft}", &self.another_draft)
            .replace("{another_open}", &self.another_open)
            .replace("{fitting}", &self.fitting)
            .replace("{referred}", &self.referred)
            .replace("{consent}", &self.consent)
            .replace("{taken_back}", &self.taken_back)
            .replace("{dead}", &self.dead)
            .replace("{sent}", &self.sent)
            .replace("{batch}", &self.batch)
            .replace("{its_dispute}", &self.its_dispute)
            .replace("{key}", &self.key)
            .replace("{missing}", "00000000-0000-4000-8000-000000000000")
    }
}

fn body(method: &str, path: &str) -> Option<Value> {
    if let Some(form) = products::body(method, path) {
        return Some(form);
    }
    match method {
        "POST" | "PUT" if desk::body(path).is_some() => desk::body(path),
        "POST" if loans::body(path).is_some() => loans::body(path),
        "POST" | "PUT" if offers::body(path).is_some() => offers::body(path),
        "PUT" if path.ends_with("/authorisation") => {
            Some(json!({"departments": ["tax"], "text_version": 1, "until": "2027-02-01"}))
        }
        "PUT" => Some(json!({"value": 40})),
        "PATCH" if path.contains("/enterprises/") => Some(json!({"established_on": "2015-03-20"})),
        "PATCH" => Some(json!({"term_months": 6})),
        "POST" if path.ends_with("/dispute") => Some(json!({"kind": "please_verify", "note": "请核验"})),
        "POST" if path.ends_with("/answer") => Some(json!({"outcome": "refused", "text": "不属实"})),
        "POST" if path.ends_with("/feed-keys") => Some(json!({"department": "tax", "name": "报送"})),
        "POST" if path.ends_with("/lpr") => {
            Some(json!({"date": "2026-10-20", "one_year_bp": 300, "five_year_bp": 350}))
        }
        "POST" if path.ends_with("/holidays") => Some(json!({"date": "2027-01-01", "kind": "holiday", "name": "元旦"})),
        "POST" if path.ends_with("/withdraw") => None,
        "POST" if path.ends_with("/referrals") => Some(usual_pick("BANKA", "PA")),
        "POST" if requests::body(path).is_some() => requests::body(path),
        "POST" if joining::body(path).is_some() => joining::body(path),
        "POST" if admin::body(path).is_some() => admin::body(path),
        "POST" if path.ends_with("/requests") => Some(usual_need()),
        _ => None,
    }
}

/// Whether a filled path is one of a route: a parameter stands for one segment.
fn is_of(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(path)
            .all(|(one, two)| one.starts_with('{') || *one == two)
}

#[test]
fn every_route_of_the_api_has_a_row_and_lets_somebody_in() {
    for route in ROUTES.iter().filter(|route| route.skin == Skin::Api) {
        let named =
            |(method, path, _): &&(&str, &str, &str)| *method == route.method.as_str() && is_of(route.path, path);
        let name = (route.method.as_str(), route.path);
        let open = sessions::FOR_ANYONE.contains(&name) || joining::FOR_ANYONE.contains(&name);
        let open = open || requests::DONE_ELSEWHERE == name;
        let lets_in = |(_, _, row): &(&str, &str, &str)| row.split_whitespace().any(|cell| cell.starts_with('2'));
        assert!(
            open || matrix().any(|row| named(&row) && lets_in(row)),
            "{} {} has no row, or none that lets anybody in",
            route.method,
            route.path
        );
    }
}

on_both! {
    fn every_cell_is_as_declared(db: &TestDb) {
        let app = TestApp::start(db);
        let objects = Objects::make(&app);
        add_department(&app, "science");
        let mut canaries = Canaries::new(&objects);
        let expired = app.tokens("owner").access;
        app.clock.advance(chrono::TimeDelta::minutes(15));
        let tokens: Vec<(&str, Api<'_>)> = USERS.iter().map(|(name, ..)| *name).chain(["science"]).map(|name| (name, app.sign_in(name))).collect();
        let disabled = app.sign_in("member");
        let mut wrong = Vec::new();
        let mut cells = 0;
        for (method, pattern, row) in matrix() {
            let expected: Vec<u16> = row.split_whitespace().map(|cell| cell.parse().expect("a status")).collect();
            assert_eq!(expected.len(), PERSONAS.len(), "{method} {pattern}: a cell a persona");
            for (persona, expected) in PERSONAS.iter().zip(expected) {
                let path = objects.fill(pattern);
                let verb: Method = method.parse().expect("a method");
                let request = match *persona {
                    "anonymous" => app.anonymous(&verb, &path),
                    "expired" => app.anonymous(&verb, &path).bearer_auth(&expired),
                    // Shut out for the time of this request only: the same user is `member` in other cells.
                    "disabled" => { set_active(db, "member", false); disabled.request(&verb, &path) }
                    name => tokens.iter().find(|(known, _)| *known == name).expect("signed in").1.request(&verb, &path),
                };
                let before = counts(&db.store);
                let request = match body(method, &path) {
                    _ if path == "/api/v1/facts" => request.header("Content-Type", CSV).body(feed::file()),
                    Some(body) => request.json(&body),
                    None if *method == "POST" && path.ends_with("/attachments") => {
                        request.header("Content-Type", MULTIPART).body(multipart(&[("file", Some("a.pdf"), PDF)]))
                    }
                    None => request,
                };
                let request = if matches!(*method, "PATCH" | "PUT") { request.header("If-Match", "*") } else { request };
                let answer = request.send().expect("an answer");
                set_active(db, "member", true);
                let status = answer.status().as_u16();
                cells += 1;
                if status != expected {
                    wrong.push(format!("{method} {pattern} as {persona}: {status}, declared {expected}"));
                }
                if status < 300 {
                    canaries.look(persona, method, &path, &String::from_utf8_lossy(&answer.bytes().expect("a body")));
                } else {
                    assert_eq!(counts(&db.store), before, "{method} {pattern} as {persona} was denied and wrote");
                }
            }
        }
        println!("access matrix: {} rows, {cells} cells", matrix().count());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        canaries.were_met();
    }
}

fn set_active(db: &TestDb, name: &str, active: bool) {
    let sql = format!("UPDATE account SET active = {active} WHERE email = '{name}@example.com'");
    execute(&db.store, &sql);
}
