//! The clocks: a deadline is shown with its day and the working days that are left, to both sides and in the same words; its
//! breach too; and what ends by it ends once, also where the node that was at it has died.

mod days;
mod nodes;

use crate::support::app::{TestApp, acceptance, usual_offer};
use crate::support::db::{TestDb, execute, on_both};
use crate::support::lending::Lending;
use crate::support::mail::world;
use crate::support::samples::{USCCS, day};
use crate::support::visitor::Visitor;
use rongqiao::actions::deadlines;
use rongqiao::jobs::World;
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::{Deliver, Memory};
use serde_json::json;
use std::sync::Arc;

fn set(app: &TestApp, instant: &str) {
    app.clock.set(instant.parse().expect("an instant"));
}

/// A node that does the jobs of an app, and the letters that it sends.
fn alone(app: &TestApp) -> (World, Arc<Memory>) {
    let sent = Arc::new(Memory::default());
    let node = world(&app.service, "alive", Arc::clone(&sent) as Arc<dyn Deliver>);
    (node, sent)
}

/// Turns until nothing is left to be done.
fn turns(node: &World) {
    while run_once(node) > 0 {}
}

/// An offer for a new request that its enterprise has got: its id.
fn forwarded(who: &Lending<'_>) -> String {
    let request = who.owner.open_fitting(USCCS[0]);
    let (referral, _) = who.owner.refer(&request, "BANKA", "PA");
    let offer = who.bank.offer(&referral, "PA");
    let answer = who.officer.on_offer(&offer, "forward", &json!({"revision": 1}));
    assert_eq!(answer.status(), 200);
    offer
}

/// What pages say beside a day.
fn left(app: &TestApp, on: &str) -> String {
    let left = deadlines::counting(&app.service)
        .expect("the holidays are read")
        .to(day(on));
    match (left.is_over, left.working_days) {
        (false, 0) if left.days == 0 => "今天到期".to_owned(),
        (false, 0) => format!("剩 {} 天", left.days),
        (false, days) => format!(" {days} 个工作日"),
        (true, days) => format!("逾期 {days} 个工作日"),
    }
}

/// Both the day and what is left stand on each of the pages.
#[track_caller]
fn shown(app: &TestApp, on: &str, pages: &[(&Visitor, &str)]) {
    let words = left(app, on);
    for (visitor, path) in pages {
        let page = visitor.get(path);
        assert_eq!(page.status, 200, "{path}");
        page.shows(on).shows(&words);
    }
}

on_both! {
    fn every_deadline_is_shown_with_its_day_and_what_is_left_to_both_sides(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let request = owner.open_fitting(USCCS[0]);
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        let firm = Visitor::signed_in(&app, "owner", "/enterprise");
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let centre = Visitor::signed_in(&app, "officer", "/centre");
        let result = format!("/enterprise/requests/{request}");

        let expires = "2027-01-30";
        shown(&app, expires, &[(&firm, "/enterprise/requests"), (&firm, &result), (&centre, "/centre/requests")]);
        shown(&app, "2026-11-06", &[(&firm, &result), (&bank, "/bank"), (&bank, &format!("/bank/referrals/{referral}"))]);

        let offer = a.offer(&referral, "PA");
        let valid = usual_offer("PA")["valid_until"].as_str().expect("a day").to_owned();
        let path = format!("/offers/{offer}");
        shown(&app, &valid, &[(&bank, "/bank/offers"), (&bank, &format!("/bank{path}")), (&centre, &format!("/centre{path}")), (&centre, "/centre/offers")]);
        assert_eq!(officer.on_offer(&offer, "forward", &json!({"revision": 1})).status(), 200);
        shown(&app, &valid, &[(&firm, &format!("{result}/offers")), (&firm, &format!("/enterprise{path}"))]);

        let accepted = owner.on_offer(&offer, "accept", &acceptance(1));
        assert_eq!(accepted.status(), 200);
        let accepted: serde_json::Value = accepted.json().expect("JSON");
        let sign_by = accepted["sign_by"].as_str().expect("a day").to_owned();
        shown(&app, &sign_by, &[(&bank, &format!("/bank{path}")), (&firm, &format!("/enterprise{path}")), (&bank, "/bank/offers"), (&firm, "/enterprise/offers")]);

        let consents: serde_json::Value = owner.get("/api/v1/consents").json().expect("JSON");
        let until = consents["items"][0]["until"].as_str().expect("a day").to_owned();
        shown(&app, &until, &[(&firm, "/enterprise/consents")]);
    }

    fn what_ends_on_a_day_off_is_not_over_before(db: &TestDb) {
        let app = TestApp::start(db);
        app.sign_in("owner").open_fitting(USCCS[0]);
        // A Friday, and the Saturday on which the request ends.
        for (now, words, not) in [("2027-01-29T02:00:00Z", "剩 1 天", "今天到期"), ("2027-01-30T02:00:00Z", "今天到期", "剩 ")] {
            set(&app, now);
            let firm = Visitor::signed_in(&app, "owner", "/enterprise");
            firm.get("/enterprise/requests").shows("2027-01-30").shows(words).hides(not);
        }
    }

    fn a_breach_is_shown_to_both_sides(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = owner.open_fitting(USCCS[0]);
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        // Sessions end too.
        let sides = || [("owner", "/enterprise"), ("banka", "/bank"), ("officer", "/centre")].map(|(name, start)| Visitor::signed_in(&app, name, start));
        set(&app, "2026-11-09T02:00:00Z");
        let [firm, bank, centre] = sides();
        let due = "2026-11-06";
        assert_eq!(left(&app, due), "逾期 1 个工作日");
        // Before a job has noticed and after: the day is over all the same.
        for _ in 0..2 {
            shown(&app, due, &[(&firm, &format!("/enterprise/requests/{request}")), (&bank, &format!("/bank/referrals/{referral}")), (&centre, &format!("/centre/requests/{request}"))]);
            turns(&alone(&app).0);
        }
        centre.get("/centre").shows(&format!("/centre/requests/{request}"));

        let until = "2026-12-30";
        let changed = execute(&db.store, &format!("UPDATE product SET confirmed_until = '{until}' WHERE code = 'PA'"));
        assert_eq!(changed, 1);
        set(&app, "2027-01-04T02:00:00Z");
        let [_, bank, centre] = sides();
        shown(&app, until, &[(&bank, "/bank/products"), (&bank, "/bank/products/PA"), (&centre, "/centre/products/PA")]);
    }

    fn a_loan_shows_how_long_it_is_to_its_maturity_to_all_sides(db: &TestDb) {
        let app = TestApp::start(db);
        let lending = Lending::of(&app);
        let loan = lending.lent("C-1");
        assert_eq!(lending.draw(&loan, 10_000_000).status(), 201);
        let sides = [("owner", "/enterprise"), ("banka", "/bank"), ("officer", "/centre")];
        for (name, start) in sides {
            let visitor = Visitor::signed_in(&app, name, start);
            visitor.get(&format!("{start}/loans/{loan}")).shows("到期日").shows("还有");
        }
    }
}
