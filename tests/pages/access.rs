//! The access matrix of the pages: every page × every kind of user.
//!
//! A cell is the status that is answered; 303 to the sign-in page is written 401.

mod account;
mod desk;
mod feed;
mod fields;
mod loans;
mod monitor;
pub(super) mod offers;
mod products;
mod steps;

use crate::support::app::{Api, TestApp};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::feed::hidden;
use crate::support::joining::{actor, add_department, add_user, invited, registered, uscc};
use crate::support::mail::{hold, mails};
use crate::support::samples::{USCCS, draft_product};
use crate::support::standing::Standing;
use crate::support::visitor::{Answer, Visitor, token_in};
use reqwest::Method;
use rongqiao::actions::{approvals, members, sessions};
use rongqiao::domain::actor::Role;
use rongqiao::web::routes::{Access, ROUTES, Skin};

/// Users in the order of the columns, with where each begins.
const PERSONAS: [(&str, &str); 12] = [
    ("anonymous", ""),
    ("owner", "/enterprise"),
    ("member", "/enterprise"),
    ("reader", "/enterprise"),
    ("other", "/enterprise"),
    ("banka", "/bank"),
    ("bankb", "/bank"),
    ("officer", "/centre"),
    ("elsewhere", "/centre"),
    ("department", "/department"),
    ("science", "/department"),
    ("administrator", "/admin"),
];

const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    ("GET", "/enterprise", "401 200 200 200 200 404 404 404 404 404 404 404"),
    (
        "GET",
        "/enterprise/profile",
        "401 200 200 200 200 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/facts/tier",
        "401 200 200 200 200 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/facts/employees",
        "401 303 303 403 303 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests",
        "401 200 200 200 200 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/new",
        "401 200 200 403 200 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/new",
        "401 303 303 403 303 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/{open}",
        "401 200 200 200 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/{draft}/edit",
        "401 200 200 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/{draft}/edit",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/{open}/copy",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/{open}/matches/PA",
        "401 200 200 200 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/products",
        "401 404 404 404 404 200 200 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/products/PA",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/products/PB",
        "401 404 404 404 404 404 200 404 404 404 404 404",
    ),
    ("GET", "/centre", "401 404 404 404 404 404 404 200 200 404 404 404"),
    (
        "GET",
        "/centre/requests",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/products/PA",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/products/PD",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/requests/{open}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "GET",
        "/centre/requests/{draft}",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/requests/{open}/matches/PA",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/{open}/consent",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/{fitting}/consent?product=PA",
        "401 200 200 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/{fitting}/consent",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/consents",
        "401 200 200 200 200 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/authorisation",
        "401 303 303 403 303 404 404 404 404 404 404 404",
    ),
    // Bank A has the referral, whose consent is the first enterprise's.
    ("GET", "/bank", "401 404 404 404 404 200 200 404 404 404 404 404"),
    (
        "GET",
        "/bank/referrals/{referral}",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/referrals/{referral}/profile",
        "401 404 404 404 404 200 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/consents/{consent}/revoke",
        "401 200 200 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/consents/{consent}/revoke",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/bank/referrals/{referral}/profile",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/enterprises/{own}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "POST",
        "/centre/enterprises/{own}",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "GET",
        "/centre/enterprises/91410106XY88888882",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    ("GET", "/admin", "401 404 404 404 404 404 404 404 404 404 404 200"),
    ("GET", "/admin/audit", "401 404 404 404 404 404 404 404 404 404 404 200"),
    (
        "GET",
        "/admin/audit.csv",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
    ("GET", "/admin/jobs", "401 404 404 404 404 404 404 404 404 404 404 200"),
    (
        "GET",
        "/admin/outbox",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
    (
        "POST",
        "/admin/outbox/{dead}/resend",
        "401 404 404 404 404 404 404 404 404 404 404 303",
    ),
    (
        "POST",
        "/admin/outbox/{sent}/resend",
        "401 404 404 404 404 404 404 404 404 404 404 409",
    ),
    (
        "POST",
        "/admin/outbox/release",
        "401 404 404 404 404 404 404 404 404 404 404 303",
    ),
    (
        "GET",
        "/enterprise/members",
        "401 200 404 404 200 404 404 404 404 404 404 404",
    ),
    ("GET", "/admin/users", "401 404 404 404 404 404 404 404 404 404 404 200"),
    (
        "GET",
        "/centre/banks",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    // An owner names no organisation; officers and administrators have to.
    (
        "POST",
        "/users/invite",
        "401 303 403 403 303 403 403 422 422 403 403 422",
    ),
    (
        "POST",
        "/users/{spare}/role",
        "401 303 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/users/{spare}/disable",
        "401 303 404 404 404 404 404 404 404 404 404 303",
    ),
    (
        "POST",
        "/users/{spare}/enable",
        "401 303 404 404 404 404 404 404 404 404 404 303",
    ),
    // It has none: nothing is left to be done.
    (
        "POST",
        "/users/{spare}/second-factor/reset",
        "401 303 404 404 404 404 404 404 404 404 404 303",
    ),
    (
        "POST",
        "/invitations/{invitation}/withdraw",
        "401 303 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/registrations",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/registrations/{registration}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "GET",
        "/centre/attachments/{letter}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "POST",
        "/centre/registrations/{registration}/approve",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/centre/registrations/{undecided}/reject",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "GET",
        "/admin/organisations",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
    (
        "POST",
        "/admin/organisations",
        "401 404 404 404 404 404 404 404 404 404 404 303",
    ),
    (
        "GET",
        "/admin/organisations/BANKA",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
    (
        "GET",
        "/admin/settings",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
];

/// What the password is changed to.
const NEW_PASSWORD: &str = "drei kleine birnen";

/// Whether a filled path is one of a route.
fn is_of(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(path)
            .all(|(one, two)| one.find('{').map_or(*one == two, |at| two.starts_with(&one[..at])))
}

#[test]
fn every_page_has_a_row_and_lets_somebody_in() {
    let pages = ROUTES.iter().filter(|route| route.skin == Skin::Page);
    for route in pages.filter(|route| route.access != Access::Anyone) {
        let lets_in = |row: &str| {
            let mut cells = row.split_whitespace();
            account::DONE_ELSEWHERE.contains(&route.path) || cells.any(|cell| matches!(cell, "200" | "201" | "303"))
        };
        let named =
            |(method, path, _): &&(&str, &str, &str)| *method == route.method.as_str() && is_of(route.path, path);
        let known = matrix().any(|row| named(&row) && lets_in(row.2));
        assert!(
            known,
            "{} {} has no row, or none that lets anybody in",
            route.method, route.path
        );
    }
}

/// Every row.
fn matrix() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    // Signing out is the last row.
    let own = feed::MATRIX
        .iter()
        .chain(steps::MATRIX)
        .chain(desk::MATRIX)
        .chain(offers::MATRIX)
        .chain(loans::MATRIX)
        .chain(products::MATRIX)
        .chain(monitor::MATRIX);
    own.chain(MATRIX).chain(account::MATRIX)
}

fn ask(visitor: &mut Visitor, method: &str, path: &str, plan: &str) -> Answer {
    if path == "/account/password" && method == "POST" {
        let answer = visitor.post(path, fields::fields(path));
        // The browser goes on with a new session.
        if answer.location != "/login" {
            visitor.csrf = token_in(&visitor.get("/account/password").body);
        }
        answer
    } else if method == "GET" {
        visitor.get(path)
    } else if path.ends_with("/batches") {
        visitor.hand_in(path, "a.csv", feed::file())
    } else if path.contains("/batches/") && path.ends_with("/confirm") {
        // Who is shown a plan confirms that one.
        let page = visitor.get(path.trim_end_matches("/confirm"));
        let shown = (page.status == 200).then(|| hidden(&page, "plan"));
        visitor.post(path, &[("plan", shown.as_deref().unwrap_or(plan))])
    } else {
        let own = desk::fields(path).or_else(|| loans::fields(path));
        let own = own.or_else(|| offers::fields(path));
        visitor.post(path, own.unwrap_or_else(|| fields::fields(path)))
    }
}

/// Begins a session of a user's: its id.
fn session_of(app: &TestApp, name: &str) -> String {
    app.tokens(name);
    let found = sessions::list(&app.service, &actor(app, name)).expect("they are listed");
    found[0].id.to_string()
}

/// An owner who was shut out, and a member who signed out in another window.
fn gone(app: &TestApp) -> [(Visitor, &'static str); 2] {
    let shut_out = add_user(app, "shut.out", "E0", Role::Owner);
    add_user(app, "signed.out", "E0", Role::Member);
    let [disabled, ended] = ["shut.out", "signed.out"].map(|name| Visitor::signed_in(app, name, "/enterprise"));
    members::set_active(&app.service, &actor(app, "owner"), shut_out, false).expect("shut out");
    let left = actor(app, "signed.out");
    let session = sessions::list(&app.service, &left).expect("listed")[0].id;
    sessions::end(&app.service, &left, session).expect("ended");
    [(disabled, "disabled"), (ended, "ended")]
}

on_both! {
    fn every_cell_is_as_declared(db: &TestDb) {
        let app = TestApp::start(db);
        let owner: Api<'_> = app.sign_in("owner");
        let (draft, open) = (owner.begin(), owner.begin());
        assert_eq!(owner.submit(&open).status(), 200);
        let fitting = owner.open_fitting(USCCS[0]);
        let (referral, consent) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        assert_eq!(app.sign_in("banka").post("/api/v1/products", &draft_product("PC")).status(), 201);
        let (dead, sent) = mails(&app);
        hold(&app);
        let handed = feed::Objects::make(&app);
        let (offered, lent) = (offers::Objects::make(&app), loans::Objects::make(&app));
        let registration = registered(&app, "new@example.com", uscc(1).as_str());
        let undecided = registered(&app, "newer@example.com", uscc(2).as_str());
        let dossier = approvals::show(&app.service, &actor(&app, "officer"), registration).expect("it is there");
        let (letter, invitation) = (dossier.files[0].id, invited(&app, "invited@example.com"));
        let spare = add_user(&app, "spare", "E0", Role::Member);
        let session = session_of(&app, "administrator");
        let standing = Standing::make(&app);
        add_department(&app, "science");
        let mut visitors: Vec<Visitor> = PERSONAS
            .iter()
            .map(|(name, start)| if start.is_empty() { Visitor::new(&app) } else { Visitor::signed_in(&app, name, start) })
            .collect();
        let mut gone = gone(&app);
        let (mut wrong, mut cells) = (Vec::new(), 0);
        for (method, pattern, row) in matrix() {
            let path = pattern.replace("{draft}", &draft).replace("{open}", &open).replace("{own}", USCCS[0])
                .replace("{fitting}", &fitting).replace("{referral}", &referral).replace("{consent}", &consent)
                .replace("{dead}", &dead).replace("{sent}", &sent).replace("{spare}", &spare.to_string())
                .replace("{registration}", &registration.to_string()).replace("{undecided}", &undecided.to_string()).replace("{letter}", &letter.to_string())
                .replace("{invitation}", &invitation.to_string()).replace("{session}", &session);
            let path = lent.fill(&offered.fill(&handed.fill(&standing.fill(&path))));
            let expected: Vec<u16> = row.split_whitespace().map(|cell| cell.parse().expect("a status")).collect();
            assert_eq!(expected.len(), PERSONAS.len(), "{pattern}: a cell a persona");
            let all = visitors.iter_mut().zip(PERSONAS.map(|(name, _)| name)).zip(expected);
            // To whom nothing is open any more, whatever it is.
            let all = all.chain(gone.iter_mut().map(|(visitor, name)| ((visitor, *name), 401)));
            for ((visitor, persona), expected) in all {
                cells += 1;
                let before = counts(&db.store);
                let answer = ask(visitor, method, &path, &handed.plan);
                let status = if answer.location == "/login" { 401 } else { answer.status };
                if status != expected {
                    wrong.push(format!("{method} {pattern} as {persona}: {status}, declared {expected}"));
                }
                if status >= 400 {
                    assert_eq!(counts(&db.store), before, "{method} {pattern} as {persona} was denied and wrote");
                }
            }
        }
        println!("access matrix of the pages: {} rows, {cells} cells", matrix().count());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn the_api_takes_no_cookie_and_pages_take_no_token(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        assert_eq!(visitor.get("/api/v1/products").status, 401);
        let page = app.sign_in("owner").request(&Method::GET, "/enterprise").send().expect("an answer");
        assert_eq!(page.headers()["location"], "/login");
    }
}
