//! Requests on their way: the centre's desk, their ends, extension, another match, what if, reminders.

use super::referral_cycle::offer;
use crate::support::app::{Api, TestApp};
use crate::support::db::{TestDb, counts, execute, on_both};
use crate::support::samples::{USCCS, product_form};
use rongqiao::actions::{closing, rematch, reminders};
use rongqiao::domain::product::Product;
use rongqiao::store::{StoreError, organisations, products};
use serde_json::{Value, json};

fn read(user: &Api<'_>, path: &str) -> Value {
    let answer = user.get(path);
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().expect("JSON")
}

fn topics(user: &Api<'_>) -> Vec<String> {
    let list = read(user, "/api/v1/messages");
    let items = list["items"].as_array().expect("messages").iter();
    items
        .map(|one| one["topic"].as_str().expect("a topic").to_owned())
        .collect()
}

fn on_the_desk(officer: &Api<'_>) -> Vec<String> {
    let list = read(officer, "/api/v1/requests?needs_centre=true");
    let items = list["items"].as_array().expect("requests").iter();
    items.map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

fn set(app: &TestApp, instant: &str) {
    app.clock.set(instant.parse().expect("an instant"));
}

/// An open request that nothing fits.
fn open_without_fit(owner: &Api<'_>) -> String {
    let id = owner.begin();
    assert_eq!(owner.submit(&id).status(), 200);
    id
}

on_both! {
    fn the_desk_shows_what_no_bank_is_at_work_on(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let nothing_fits = open_without_fit(&owner);
        let request = owner.open_fitting(USCCS[0]);
        assert_eq!(on_the_desk(&officer), [nothing_fits.as_str()], "one that is not picked yet is its enterprise's to do");
        assert_eq!(on_the_desk(&app.sign_in("elsewhere")), Vec::<String>::new());
        assert_eq!(owner.get("/api/v1/requests?needs_centre=true").status(), 404);
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        let kept = owner.keep(&request, "BANKB", "PB");
        let both = |officer: &Api<'_>| on_the_desk(officer).len() == 2;
        assert!(!both(&officer));
        execute(&db.store, &format!("UPDATE referral SET state = 'declined' WHERE id = '{referral}'"));
        assert!(!both(&officer), "one is in reserve");
        execute(&db.store, &format!("UPDATE referral SET state = 'cancelled' WHERE id = '{kept}'"));
        assert!(both(&officer), "nobody is at work on it");
        offer(db, &referral);
        assert!(!both(&officer), "an offer is alive");
        execute(&db.store, "UPDATE offer SET state = 'withdrawn'");
        assert!(both(&officer));
        execute(&db.store, &format!("UPDATE referral SET state = 'viewed' WHERE id = '{referral}'"));
        assert!(!both(&officer));
        assert_eq!(a.post(&format!("/api/v1/referrals/{referral}/decline"), &json!({"reason": "term"})).status(), 200);
        assert!(both(&officer));
    }

    fn what_closes_a_request_ends_everything_that_hangs_on_it(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a, b, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("bankb"), app.sign_in("officer"));
        let request = owner.open_fitting(USCCS[0]);
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        owner.keep(&request, "BANKB", "PB");
        offer(db, &referral);
        assert_eq!(officer.post(&format!("/api/v1/requests/{request}/unserved"), &json!({"reason": "other"})).status(), 422);
        let body = json!({"reason": "collateral", "text": "没有可用的抵押物"});
        let closed: Value = officer.post(&format!("/api/v1/requests/{request}/unserved"), &body).json().expect("JSON");
        assert_eq!((&closed["state"], &closed["end_reason"], &closed["unserved_reason"]), (&json!("closed"), &json!("unserved"), &json!("collateral")));
        for bank in ["BANKA", "BANKB"] {
            let ended = owner.standing(&request, bank);
            assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("cancelled"), &json!("request_closed")));
        }
        assert_eq!(execute(&db.store, "UPDATE offer SET end_text = 'seen' WHERE lapse_reason = 'request_closed'"), 1);
        assert!(topics(&a).contains(&"referral_ended".to_owned()) && topics(&a).contains(&"offer_lapsed".to_owned()));
        assert!(topics(&b).is_empty(), "it never knew");
        assert!(topics(&owner).contains(&"request_closed".to_owned()), "{:?}", topics(&owner));
        for step in ["withdraw", "extend", "matches"] {
            assert_eq!(owner.post(&format!("/api/v1/requests/{request}/{step}"), &json!({})).status(), 409, "{step}");
        }
        assert_eq!(a.get(&format!("/api/v1/referrals/{referral}/credit-profile")).status(), 404);
    }

    fn a_request_expires_after_its_last_day_unless_it_is_extended(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let (left, kept) = (open_without_fit(&owner), open_without_fit(&owner));
        assert_eq!(read(&owner, &format!("/api/v1/requests/{left}"))["expires_on"], "2027-01-30");
        set(&app, "2027-01-30T02:00:00Z");
        assert_eq!(closing::expire(&app.service).expect("a turn"), 0);
        let extended: Value = owner.post(&format!("/api/v1/requests/{kept}/extend"), &json!({})).json().expect("JSON");
        assert_eq!(extended["expires_on"], "2027-04-30");
        set(&app, "2027-01-30T16:00:00Z");
        assert_eq!(closing::expire(&app.service).expect("a turn"), 1);
        assert_eq!(closing::expire(&app.service).expect("a turn"), 0);
        let state = |id: &str| read(&owner, &format!("/api/v1/requests/{id}"));
        assert_eq!((&state(&left)["end_reason"], &state(&kept)["state"]), (&json!("expired"), &json!("open")));
    }

    fn an_enterprise_has_one_open_request_for_a_purpose_unless_the_centre_allows_more(db: &TestDb) {
        let strict = TestApp::start_with(db, |settings| settings.desk.open_per_purpose = 1);
        let owner = strict.sign_in("owner");
        let first = open_without_fit(&owner);
        let second = owner.begin();
        let answer = owner.submit(&second);
        assert_eq!(answer.status(), 422);
        let problem: Value = answer.json().expect("JSON");
        assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("purpose"), &json!("duplicate")));
        let other = strict.sign_in("other");
        open_without_fit(&other);
        assert_eq!(owner.post(&format!("/api/v1/requests/{first}/withdraw"), &json!({})).status(), 200);
        assert_eq!(owner.submit(&second).status(), 200, "the first has ended");
    }

    fn a_changed_fact_is_matched_once_and_told_where_more_fits(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = open_without_fit(&owner);
        let runs = || counts(&db.store).into_iter().find(|(name, _)| *name == "request_match").expect("a table").1;
        assert_eq!(rematch::after_changes(&app.service).expect("a turn"), 0);
        app.clock.advance(chrono::TimeDelta::seconds(1));
        owner.declare(USCCS[0], "tier", &json!("specialised"));
        app.clock.advance(chrono::TimeDelta::seconds(1));
        assert_eq!((rematch::after_changes(&app.service).expect("a turn"), runs()), (1, 2));
        assert_eq!((rematch::after_changes(&app.service).expect("a turn"), runs()), (0, 2));
        let matches = read(&owner, &format!("/api/v1/requests/{request}/matches"));
        assert_eq!(matches["eligible"].as_array().expect("rows").len(), 2);
        assert!(topics(&owner).contains(&"request_matched_again".to_owned()), "{:?}", topics(&owner));
        let again: Value = owner.post(&format!("/api/v1/requests/{request}/matches"), &json!({})).json().expect("JSON");
        assert_eq!((&again["added"], &again["eligible"], runs()), (&json!(0), &json!(2), 3));
    }

    fn a_what_if_saves_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = open_without_fit(&owner);
        let path = format!("/api/v1/requests/{request}/what-if");
        let before = counts(&db.store);
        let fits = |body: &Value| -> usize {
            let answer = owner.post(&path, body);
            assert_eq!(answer.status(), 200, "{body}");
            answer.json::<Value>().expect("JSON")["eligible"].as_array().expect("rows").len()
        };
        assert_eq!(fits(&json!({})), 0);
        assert_eq!(fits(&json!({"facts": {"tier": "specialised"}})), 2);
        assert_eq!(fits(&json!({"facts": {"tier": "specialised"}, "term_months": 37})), 0);
        assert_eq!(fits(&json!({"facts": {"tier": "specialised"}, "amount_fen": 1})), 0);
        assert_eq!(fits(&json!({"facts": {"tier": "specialised"}, "guarantees": ["mortgage"]})), 0);
        for (body, field) in [
            (json!({"facts": {"tier": 3}}), "facts.tier"),
            (json!({"facts": {"age_months": 3}}), "facts.age_months"),
            (json!({"facts": {"nothing": 3}}), "facts"),
            (json!({"term_months": 0}), "term_months"),
        ] {
            let answer = owner.post(&path, &body);
            assert_eq!(answer.status(), 422, "{body}");
            let problem: Value = answer.json().expect("JSON");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        assert_eq!(counts(&db.store), before);
    }

    fn a_reminder_is_told_once_on_the_day_time_closes_the_gap(db: &TestDb) {
        let app = TestApp::start(db);
        app.service.store.write(|conn| {
            let bank = organisations::by_code(conn, "BANKA")?.id;
            let mut form = product_form("PT", "BANKA", "open");
            // Established 2015-02-22: 144 months on 2027-02-22.
            form.criteria = vec![serde_json::from_value(json!({"fact": "age_months", "op": "at_least", "value": 144})).expect("a criterion")];
            products::put(conn, &Product::parse(form).expect("valid"), bank, app.clock.as_ref())?;
            Ok::<(), StoreError>(())
        }).expect("the product is put");
        let owner = app.sign_in("owner");
        let request = open_without_fit(&owner);
        let path = format!("/api/v1/requests/{request}/reminders");
        assert_eq!(owner.post(&path, &json!({"product": "PA"})).status(), 422, "time does not bring it");
        let asked: Value = owner.post(&path, &json!({"product": "PT"})).json().expect("JSON");
        assert_eq!(asked["due_on"], "2027-02-22");
        assert_eq!(owner.post(&path, &json!({"product": "PT"})).status(), 201, "asking twice is one reminder");
        assert_eq!(owner.post(&format!("/api/v1/requests/{request}/extend"), &json!({})).status(), 200);
        set(&app, "2027-02-21T15:59:59Z");
        assert_eq!(reminders::tell(&app.service).expect("a turn"), 0);
        set(&app, "2027-02-21T16:00:00Z");
        assert_eq!(reminders::tell(&app.service).expect("a turn"), 1);
        assert_eq!(reminders::tell(&app.service).expect("a turn"), 0);
        assert!(topics(&owner).contains(&"reminder_due".to_owned()), "{:?}", topics(&owner));
    }
}
