//! Products: how a bank keeps them, and what follows a change.

use crate::support::app::{Api, TestApp, usual_need};
use crate::support::db::{TestDb, on_both};
use crate::support::mail::{by_hand, world};
use crate::support::samples::USCCS;
use chrono::TimeDelta;
use reqwest::Method;
use reqwest::blocking::Response;
use rongqiao::domain::actor::Scope;
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::Memory;
use rongqiao::store::{matches, products};
use serde_json::{Value, json};
use std::sync::Arc;

/// A draft that everyone who asks for working capital meets.
fn form(code: &str) -> Value {
    json!({
        "code": code, "bank": "BANKA", "name": "示例产品", "kind": "specialised", "status": "draft",
        "amount_fen": {"min": 1_000_000, "max": 300_000_000}, "term_months": {"min": 1, "max": 36},
        "purposes": ["working_capital"], "guarantees": ["credit"], "repayment": ["interest_only"],
        "rate": {"base": "lpr_1y", "spread_bp": 50}, "fees": [], "criteria": [],
        "summary": "随需而贷", "materials": ["近两年财务报表", "营业执照"], "contact": "王经理 0371-00000000",
    })
}

impl Api<'_> {
    fn put_product(&self, code: &str, if_match: Option<&str>, form: &Value) -> Response {
        let request = self
            .request(&Method::PUT, &format!("/api/v1/products/{code}"))
            .json(form);
        let request = if_match
            .into_iter()
            .fold(request, |request, tag| request.header("If-Match", tag));
        request.send().expect("an answer")
    }

    fn verb(&self, code: &str, verb: &str) -> Response {
        let request = self.request(&Method::POST, &format!("/api/v1/products/{code}/{verb}"));
        request.send().expect("an answer")
    }

    fn published(&self, form: &Value) {
        assert_eq!(self.post("/api/v1/products", form).status(), 201);
        let code = form["code"].as_str().expect("a code");
        assert_eq!(self.verb(code, "publish").status(), 200, "{code}");
    }

    fn fits(&self, request: &str, code: &str) -> bool {
        let found = json(self.get(&format!("/api/v1/requests/{request}/matches")));
        found["eligible"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|row| row["product"] == code)
    }

    fn topics(&self, topic: &str) -> Vec<Value> {
        let told = json(self.get("/api/v1/messages"));
        let told = told["items"].as_array().expect("a list").clone();
        told.into_iter().filter(|one| one["topic"] == topic).collect()
    }

    fn open(&self, need: &Value) -> String {
        let begun = json(self.post("/api/v1/requests", need));
        let id = begun["id"].as_str().expect("an id").to_owned();
        assert_eq!(self.submit(&id).status(), 200);
        id
    }
}

fn json(answer: Response) -> Value {
    answer.json().expect("JSON")
}

/// Status, and field and code of the first broken rule.
fn refused(answer: Response) -> (u16, Value, Value) {
    let status = answer.status().as_u16();
    let body = json(answer);
    (
        status,
        body["errors"][0]["field"].clone(),
        body["errors"][0]["code"].clone(),
    )
}

/// Runs the jobs until nothing is left to be done.
fn run_jobs(app: &TestApp) {
    let world = world(&app.service, "node", Arc::new(Memory::default()));
    // Most jobs pause after a turn that left nothing over.
    app.clock.advance(TimeDelta::minutes(11));
    while run_once(&world) > 0 {
        app.clock.advance(TimeDelta::minutes(11));
    }
}

fn actions(app: &TestApp) -> Vec<String> {
    let log = json(app.sign_in("administrator").get("/api/v1/audit?limit=200"));
    let rows = log["items"].as_array().expect("a list").iter();
    let named = rows.filter_map(|row| Some(row["action"].as_str()?.strip_prefix("product_")?.to_owned()));
    // All at one instant, so in no order.
    let mut named: Vec<String> = named.collect();
    named.sort_unstable();
    named
}

on_both! {
    fn a_draft_is_published_and_a_version_never_changes(db: &TestDb) {
        let app = TestApp::start(db);
        let (bank, owner) = (app.sign_in("banka"), app.sign_in("owner"));
        let begun = bank.post("/api/v1/products", &form("P1"));
        assert_eq!(begun.headers()["location"], "/api/v1/products/P1");
        let tag = begun.headers()["etag"].to_str().expect("text").to_owned();
        let begun = json(begun);
        assert_eq!((&begun["version"], &begun["status"], &begun["keeping"]["draft"]["contact"]), (&json!(0), &json!("draft"), &json!("王经理 0371-00000000")));
        assert_eq!(owner.get("/api/v1/products/P1").status(), 404, "a draft is its bank's");
        assert_eq!(refused(bank.post("/api/v1/products", &form("P1"))), (422, json!("code"), json!("duplicate")));

        assert_eq!(bank.put_product("P1", None, &form("P1")).status(), 428);
        assert_eq!(bank.put_product("P1", Some("\"7\""), &form("P1")).status(), 412);
        let mut dearer = form("P1");
        dearer["rate"]["spread_bp"] = json!(60);
        assert_eq!(bank.put_product("P1", Some(&tag), &dearer).status(), 200);
        assert_eq!(bank.put_product("P1", Some(&tag), &dearer).status(), 412, "the tag is an older one's");
        let published = json(bank.verb("P1", "publish"));
        assert_eq!((&published["version"], &published["status"], &published["keeping"]["draft"]), (&json!(1), &json!("open"), &Value::Null));
        assert_eq!(json(owner.get("/api/v1/products/P1"))["rate"]["spread_bp"], 60);

        let cheaper = form("P1");
        let kept = json(bank.put_product("P1", Some("*"), &cheaper));
        assert_eq!((&kept["keeping"]["changed"], &kept["rate"]["spread_bp"]), (&json!(["rate"]), &json!(60)));
        assert_eq!(json(owner.get("/api/v1/products/P1"))["rate"]["spread_bp"], 60, "others see what is published");
        assert_eq!(json(owner.get("/api/v1/products/P1"))["keeping"], Value::Null);
        let reviewed = bank.request(&Method::POST, "/api/v1/products/P1/publish").header("If-Match", "\"1\"");
        assert_eq!(reviewed.send().expect("an answer").status(), 412, "only what was reviewed");
        assert_eq!(json(bank.verb("P1", "publish"))["version"], 2);
        assert_eq!(refused(bank.verb("P1", "publish")), (422, json!(""), json!("nothing_new")));
        let frozen = db.store.read(|conn| products::frozen(conn, &[("P1".to_owned(), 1), ("P1".to_owned(), 2)])).expect("read");
        let mut spreads: Vec<_> = frozen.iter().map(|(product, version, _)| (*version, product.rate.spread_bp)).collect();
        spreads.sort_unstable();
        assert_eq!(spreads, [(1, 60), (2, 50)]);

        assert_eq!(bank.verb("P1", "resume").status(), 409);
        assert_eq!(json(bank.verb("P1", "suspend"))["status"], "suspended");
        assert_eq!(owner.get("/api/v1/products/P1").status(), 404);
        assert_eq!(json(bank.verb("P1", "resume"))["status"], "open");
        assert_eq!(json(bank.verb("P1", "close"))["status"], "closed");
        for verb in ["publish", "suspend", "resume", "confirm", "close"] {
            assert_eq!(bank.verb("P1", verb).status(), 409, "{verb}");
        }
        assert_eq!(bank.put_product("P1", Some("*"), &cheaper).status(), 409);
        assert_eq!(actions(&app), ["begun", "closed", "edited", "edited", "published", "published", "resumed", "suspended"]);
    }

    fn a_draft_names_its_own_bank_and_code_and_has_no_life(db: &TestDb) {
        let app = TestApp::start(db);
        let bank = app.sign_in("banka");
        for (field, value) in [("bank", json!("BANKB")), ("status", json!("open")), ("confirmed_on", json!("2026-11-01"))] {
            let mut other = form("P1");
            other[field] = value;
            assert_eq!(refused(bank.post("/api/v1/products", &other)), (422, json!(field), json!("fixed")));
        }
        assert_eq!(bank.post("/api/v1/products", &form("P1")).status(), 201);
        assert_eq!(refused(bank.put_product("P1", Some("*"), &form("P2"))), (422, json!("code"), json!("fixed")));
        let mut wrong = form("P1");
        wrong["term_months"] = json!({"min": 40, "max": 36});
        wrong["materials"] = json!(["营业执照", "营业执照"]);
        let body = json(bank.put_product("P1", Some("*"), &wrong));
        let fields: Vec<_> = body["errors"].as_array().expect("a list").iter().map(|one| one["field"].clone()).collect();
        assert_eq!(fields, ["materials[1]", "term_months"]);
    }

    fn what_could_never_fit_is_told_at_save_and_not_published(db: &TestDb) {
        let app = TestApp::start(db);
        let bank = app.sign_in("banka");
        let mut contradicting = form("P1");
        contradicting["criteria"] = json!([
            {"fact": "employees", "op": "at_least", "value": 50}, {"fact": "employees", "op": "at_most", "value": 20},
        ]);
        let kept = json(bank.post("/api/v1/products", &contradicting));
        let finding = &kept["keeping"]["findings"][0];
        assert_eq!((&finding["field"], &finding["code"]), (&json!("criteria[1]"), &json!("contradiction")));
        assert_eq!(refused(bank.verb("P1", "publish")), (422, json!("criteria[1]"), json!("contradiction")));
        assert_eq!(bank.put_product("P1", Some("*"), &form("P1")).status(), 200);
        assert_eq!(bank.verb("P1", "publish").status(), 200);
    }

    fn a_quota_never_falls_below_what_is_taken_and_is_not_for_others(db: &TestDb) {
        let app = TestApp::start(db);
        let (bank, owner, officer) = (app.sign_in("banka"), app.sign_in("owner"), app.sign_in("officer"));
        let with_quota = |fen: i64| { let mut form = form("P1"); form["quota_fen"] = json!(fen); form };
        bank.published(&with_quota(10_000_000_000));
        by_hand(&db.store, "UPDATE product SET quota_taken_fen = 4000000000 WHERE code = 'P1'").expect("taken");
        assert_eq!(bank.put_product("P1", Some("*"), &with_quota(3_999_999_999)).status(), 200, "it is only a draft");
        assert_eq!(refused(bank.verb("P1", "publish")), (422, json!("quota_fen"), json!("below_taken")));
        assert_eq!(bank.put_product("P1", Some("*"), &with_quota(4_000_000_000)).status(), 200);
        let published = json(bank.verb("P1", "publish"));
        assert_eq!((&published["quota_fen"], &published["keeping"]["quota_taken_fen"]), (&json!(4_000_000_000_i64), &json!(4_000_000_000_i64)));
        assert_eq!(json(officer.get("/api/v1/products/P1"))["quota_fen"], json!(4_000_000_000_i64));
        for other in [&owner, &app.sign_in("bankb")] {
            assert_eq!(json(other.get("/api/v1/products/P1"))["quota_fen"], Value::Null);
        }
    }

    fn a_publication_matches_what_it_touches_again_and_tells_once_a_day(db: &TestDb) {
        let app = TestApp::start(db);
        let (bank, owner) = (app.sign_in("banka"), app.sign_in("owner"));
        let touched = owner.open(&usual_need());
        let far = json!({"amount_fen": 500_000, "term_months": 48, "purpose": "working_capital", "guarantees": ["credit"]});
        let untouched = owner.open(&far);
        let runs = |id: &str| {
            let scope = Scope::District("410106".to_owned());
            db.store.read(|conn| matches::newest(conn, &scope, id.parse().expect("an id"))).expect("matched").run
        };
        assert!(!owner.fits(&touched, "P1"));
        bank.published(&form("P1"));
        run_jobs(&app);
        assert!(owner.fits(&touched, "P1"));
        assert_eq!((runs(&touched), runs(&untouched)), (2, 1), "what misses two checks as before stays as it was");
        let told = owner.topics("newly_eligible");
        assert_eq!((told.len(), &told[0]["link"]), (1, &json!(format!("/enterprise/requests/{touched}"))));
        assert!(app.sign_in("other").topics("newly_eligible").is_empty());

        bank.published(&form("P2"));
        bank.published(&form("P3"));
        run_jobs(&app);
        assert!(owner.fits(&touched, "P2") && owner.fits(&touched, "P3"));
        assert_eq!(owner.topics("newly_eligible").len(), 1, "once a day");
        let runs_before = runs(&touched);
        app.clock.advance(TimeDelta::days(1));
        run_jobs(&app);
        let told = owner.topics("newly_eligible");
        assert_eq!(told.len(), 2, "the rest on the next day");
        assert!(told[0].to_string().contains("2 个"), "{}", told[0]);
        assert_eq!(runs(&touched), runs_before, "nothing is matched twice");

        // A better rate touches what fits already, and is no news.
        let mut cheaper = form("P1");
        cheaper["rate"]["spread_bp"] = json!(10);
        assert_eq!(bank.put_product("P1", Some("*"), &cheaper).status(), 200);
        assert_eq!(bank.verb("P1", "publish").status(), 200);
        app.clock.advance(TimeDelta::days(1));
        run_jobs(&app);
        assert_eq!((runs(&touched), owner.topics("newly_eligible").len()), (runs_before + 1, 2));
    }

    fn what_nobody_confirms_leaves_the_matching_after_a_reminder(db: &TestDb) {
        let app = TestApp::start_with(db, |config| config.products.confirm_days = 30);
        let (bank, owner) = (app.sign_in("banka"), app.sign_in("owner"));
        bank.published(&form("P1"));
        run_jobs(&app);
        let first = owner.open(&usual_need());
        assert!(owner.fits(&first, "P1"));
        app.clock.advance(TimeDelta::days(22));
        run_jobs(&app);
        assert!(bank.topics("product_confirm_due").is_empty(), "not yet");
        for _ in 0..3 {
            app.clock.advance(TimeDelta::days(1));
            run_jobs(&app);
        }
        assert_eq!(bank.topics("product_confirm_due").len(), 1, "once");
        app.clock.advance(TimeDelta::days(6));
        let lapsed = owner.open(&usual_need());
        assert!(!owner.fits(&lapsed, "P1"), "it has left the matching");
        assert!(owner.fits(&first, "P1"), "what is stored stays");
        assert_eq!(bank.verb("P1", "confirm").status(), 200);
        run_jobs(&app);
        assert!(owner.fits(&lapsed, "P1"), "it is back");
        assert_eq!(json(bank.get("/api/v1/products/P1"))["version"], 1, "a confirmation is no version");
        app.clock.advance(TimeDelta::days(25));
        run_jobs(&app);
        assert_eq!(bank.topics("product_confirm_due").len(), 2, "and again before that one ends");
    }

    fn threat_32_a_bank_learns_nothing_of_what_one_would_pay(db: &TestDb) {
        let app = TestApp::start_with(db, |config| config.products.simulations_a_day = 2);
        let (bank, owner) = (app.sign_in("banka"), app.sign_in("owner"));
        let mut cheap = usual_need();
        cheap["max_cost_bp"] = json!(1);
        let ids: Vec<String> = (0..6).map(|_| owner.open(&cheap)).collect();
        assert_eq!(bank.post("/api/v1/products", &form("P1")).status(), 201);
        let told = json(bank.verb("P1", "simulate"));
        assert_eq!((&told["eligible"], &told["near"]), (&json!(5), &Value::Null), "what it may cost counts as met");
        assert!(ids.iter().all(|id| !told.to_string().contains(id.as_str())));
        let mut strict = form("P1");
        strict["amount_fen"] = json!({"min": 1_000_000, "max": 99_999_999});
        assert_eq!(bank.put_product("P1", Some("*"), &strict).status(), 200);
        let told = json(bank.verb("P1", "simulate"));
        assert_eq!((&told["near"], &told["keeps_out"]), (&json!(5), &json!([{"check": "amount_max", "requests": 5}])));
        assert_eq!(told["left_today"], 0);
        let third = bank.verb("P1", "simulate");
        assert_eq!(third.status(), 429);
        let wait: i64 = third.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!(wait > 0 && wait <= 86_400);
        app.clock.advance(TimeDelta::seconds(wait));
        assert_eq!(bank.verb("P1", "simulate").status(), 200, "another day");
        assert_eq!(actions(&app).iter().filter(|action| *action == "simulated").count(), 3, "each is in the log");
    }

    fn threat_31_no_threshold_tells_one_firm_from_the_others(db: &TestDb) {
        let app = TestApp::start_with(db, |config| config.products.simulations_a_day = 100);
        let (bank, owner, other) = (app.sign_in("banka"), app.sign_in("owner"), app.sign_in("other"));
        owner.declare(USCCS[0], "employees", &json!(40));
        other.declare(USCCS[1], "employees", &json!(70));
        for _ in 0..7 {
            owner.open(&usual_need());
        }
        other.open(&usual_need());
        assert_eq!(bank.post("/api/v1/products", &form("P1")).status(), 201);
        let mut answers = Vec::new();
        for least in 1..=100 {
            let mut moved = form("P1");
            moved["criteria"] = json!([{"fact": "employees", "op": "at_least", "value": least}]);
            assert_eq!(bank.put_product("P1", Some("*"), &moved).status(), 200);
            let told = json(bank.verb("P1", "simulate"));
            answers.push((told["eligible"].clone(), told["near"].clone(), told["keeps_out"].clone()));
        }
        assert_eq!(bank.verb("P1", "simulate").status(), 429);
        // 8 and 0, then 1 and 7, then 0 and 8: where one request of one firm is left, nothing is told of it.
        let alone = |requests: u64| json!([{"check": "employees", "op": "at_least", "requests": requests}]);
        let mut different = answers.clone();
        different.dedup();
        let expected = [
            (json!(10), Value::Null, json!([])),
            (Value::Null, json!(5), alone(5)),
            (Value::Null, json!(10), alone(10)),
        ];
        assert_eq!(different, expected);
    }

    fn an_officer_is_told_all_of_the_own_district(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let id = owner.open_fitting(USCCS[0]);
        let told = json(app.sign_in("officer").verb("PA", "simulate"));
        assert_eq!((&told["eligible"], &told["eligible_ids"]), (&json!(1), &json!([id])));
        let elsewhere = json(app.sign_in("elsewhere").verb("PA", "simulate"));
        assert_eq!((&elsewhere["eligible"], &elsewhere["eligible_ids"]), (&json!(0), &json!([])));
    }

    fn what_is_remembered_of_open_requests_is_what_they_are(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, other) = (app.sign_in("owner"), app.sign_in("other"));
        let counts = |told: &Value| ["eligible", "incomplete", "near", "ineligible"].map(|verdict| told[verdict].clone());
        let told = || {
            let told = json(app.sign_in("officer").verb("PA", "simulate"));
            let anew = app.beside(db);
            assert_eq!(told, json(anew.sign_in("officer").verb("PA", "simulate")));
            counts(&told)
        };
        let first = owner.open_fitting(USCCS[0]);
        let fits = told();
        assert_eq!(fits[0], json!(1));
        // A fact, another request, one that ends, and a day.
        owner.declare(USCCS[0], "tier", &json!("none"));
        assert_ne!(told(), fits);
        owner.declare(USCCS[0], "tier", &json!("specialised"));
        assert_eq!(told(), fits);
        other.open_fitting(USCCS[1]);
        assert_eq!(told()[0], json!(2));
        assert_eq!(owner.post(&format!("/api/v1/requests/{first}/withdraw"), &json!({})).status(), 200);
        assert_eq!(told()[0], json!(1));
        app.clock.advance(TimeDelta::days(1));
        assert_eq!(told()[0], json!(1));
    }
}
