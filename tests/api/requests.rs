//! From a need to a stored result, through the API.

use crate::support::app::{TestApp, usual_need};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::samples;
use reqwest::Method;
use rongqiao::store::{StoreError, organisations, products};
use serde_json::{Value, json};

on_both! {
    fn a_need_becomes_a_result_with_reasons(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let id = owner.begin();
        let submitted: Value = owner.submit(&id).json().expect("JSON");
        assert_eq!((submitted["state"].as_str(), submitted["version"].as_i64()), (Some("open"), Some(2)));
        assert_eq!(submitted["expires_on"], "2027-01-30", "90 days");
        let matches: Value = owner.get(&format!("/api/v1/requests/{id}/matches")).json().expect("JSON");
        assert_eq!(matches["as_of"], "2026-11-01");
        assert_eq!(matches["incomplete"][0]["unknown"], json!(["tier"]));
        let put = owner.request(&Method::PUT, &format!("/api/v1/enterprises/{}/facts/tier", samples::USCCS[0]));
        assert_eq!(put.json(&json!({"value": "specialised"})).send().expect("an answer").status(), 204);
        let second = owner.begin();
        owner.submit(&second);
        let matches: Value = owner.get(&format!("/api/v1/requests/{second}/matches")).json().expect("JSON");
        let codes: Vec<&str> = matches["eligible"].as_array().expect("rows").iter().filter_map(|row| row["product"].as_str()).collect();
        assert_eq!(codes, ["PA", "PB"], "of one cost, in the order of their codes");
        let one: Value = owner.get(&format!("/api/v1/requests/{second}/matches/PA")).json().expect("JSON");
        assert_eq!((one["verdict"].as_str(), one["rate_bp"].as_i64()), (Some("eligible"), Some(350)));
        assert!(one["checks"].as_array().expect("checks").iter().any(|check| check["check"] == "tier" && check["state"] == "met"));
    }

    fn a_stored_result_stays_as_it_was(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let id = owner.begin();
        owner.submit(&id);
        let paths = ["matches", "matches/PA", "matches?verdict=ineligible"];
        let read = || paths.map(|path| owner.get(&format!("/api/v1/requests/{id}/{path}")).text().expect("a body"));
        let before = read();
        app.service
            .store
            .write(|conn| {
                let bank = organisations::by_code(conn, "BANKA")?.id;
                let mut form = samples::product_form("PA", "BANKA", "open");
                form.rate.spread_bp = 300;
                form.criteria.clear();
                let changed = rongqiao::domain::product::Product::parse(form).expect("valid");
                products::put(conn, &changed, bank, app.clock.as_ref())?;
                Ok::<(), StoreError>(())
            })
            .expect("the product changes");
        assert_eq!(read(), before);
        let again = owner.begin();
        owner.submit(&again);
        let after: Value = owner.get(&format!("/api/v1/requests/{again}/matches")).json().expect("JSON");
        assert_eq!(after["eligible"][0]["product"], "PA", "a new request sees the new version");
    }

    fn a_draft_changes_field_by_field_and_a_stale_one_is_refused(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let id = owner.begin();
        let patch = |body: Value| {
            owner.request(&Method::PATCH, &format!("/api/v1/requests/{id}")).header("If-Match", "*").json(&body).send().expect("an answer")
        };
        let changed: Value = patch(json!({"term_months": 24, "max_cost_bp": 500})).json().expect("JSON");
        assert_eq!((&changed["need"]["term_months"], &changed["need"]["max_cost_bp"]), (&json!(24), &json!(500)));
        let changed: Value = patch(json!({"max_cost_bp": null})).json().expect("JSON");
        assert_eq!((&changed["need"]["max_cost_bp"], &changed["version"]), (&Value::Null, &json!(3)));
        for (body, field, code) in [
            (json!({"term_months": 0}), "term_months", "out_of_range"),
            (json!({"term_months": 361}), "term_months", "out_of_range"),
            (json!({"amount_fen": -1}), "amount_fen", "out_of_range"),
            (json!({"amount_fen": 1.5}), "amount_fen", "wrong_type"),
            (json!({"amount_fen": 1_000_000_000_000_001_i64}), "amount_fen", "malformed"),
            (json!({"guarantees": []}), "guarantees", "empty_list"),
            (json!({"purpose": "gambling"}), "purpose", "malformed"),
            (json!({"state": "open"}), "state", "unknown_key"),
        ] {
            let answer = patch(body.clone());
            assert_eq!(answer.status(), 422, "{body}");
            let problem: Value = answer.json().expect("JSON");
            assert_eq!((problem["errors"][0]["field"].as_str(), problem["errors"][0]["code"].as_str()), (Some(field), Some(code)), "{problem}");
        }
    }

    fn civil_dates_are_those_of_shanghai(db: &TestDb) {
        let app = TestApp::start(db);
        for (instant, day) in [("2026-11-04T15:30:00Z", "2026-11-04"), ("2026-11-04T16:30:00Z", "2026-11-05")] {
            app.clock.set(instant.parse().expect("an instant"));
            let owner = app.sign_in("owner");
            let id = owner.begin();
            owner.submit(&id);
            let matches: Value = owner.get(&format!("/api/v1/requests/{id}/matches")).json().expect("JSON");
            assert_eq!(matches["as_of"], day, "at {instant}");
        }
    }

    fn lists_are_paged_newest_first(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let ids: Vec<String> = (0..5).map(|_| owner.begin()).collect();
        let mut seen = Vec::new();
        let mut path = "/api/v1/requests?limit=2".to_owned();
        loop {
            let page: Value = owner.get(&path).json().expect("JSON");
            seen.extend(page["items"].as_array().expect("items").iter().filter_map(|row| row["id"].as_str().map(str::to_owned)));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/requests?limit=2&cursor={next}");
        }
        assert_eq!(seen, ids.into_iter().rev().collect::<Vec<_>>());
        assert_eq!(owner.get("/api/v1/requests?limit=0").status(), 422);
        assert_eq!(owner.get("/api/v1/requests?cursor=%00").status(), 422);
    }

    fn a_request_is_for_ones_own_enterprise_only(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let mut body = usual_need();
        body["uscc"] = json!(samples::USCCS[1]);
        let answer = owner.post("/api/v1/requests", &body);
        assert_eq!(answer.status(), 422);
        let problem: Value = answer.json().expect("JSON");
        assert_eq!(problem["errors"][0]["field"], "uscc");
    }

    fn a_change_names_the_version_that_it_was_made_from(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let address = format!("/api/v1/requests/{}", owner.begin());
        let patch = |if_match: Option<&str>| {
            let request = owner.request(&Method::PATCH, &address).json(&json!({"term_months": 24}));
            let request = match if_match { Some(tag) => request.header("If-Match", tag), None => request };
            request.send().expect("an answer").status().as_u16()
        };
        assert_eq!(patch(None), 428);
        assert_eq!(patch(Some("\"7\"")), 412);
        let tag = owner.get(&address).headers()["ETag"].to_str().expect("a tag").to_owned();
        assert_eq!(patch(Some(&tag)), 200);
        assert_eq!(patch(Some(&tag)), 412, "the tag is no longer the newest");
    }

    fn threat_27_a_post_with_one_key_is_done_once(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let post = |body: &Value| {
            let request = owner.request(&Method::POST, "/api/v1/requests").header("Idempotency-Key", "a1b2");
            let answer = request.json(body).send().expect("an answer");
            (answer.status().as_u16(), answer.text().expect("a body"))
        };
        let need = usual_need();
        let answers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..100).map(|_| scope.spawn(|| post(&need))).collect();
            threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
        });
        let created: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
        assert!(created.len() >= 50 && created.iter().all(|answer| *answer == created[0]), "the same answer");
        assert!(answers.iter().all(|(status, _)| matches!(status, 201 | 503)), "else: busy, try again");
        assert_eq!(post(&need), *created[0]);
        let rows = counts(&db.store).into_iter().find(|(table, _)| *table == "request").expect("the table").1;
        assert_eq!(rows, 1);
        let mut other = need.clone();
        other["term_months"] = json!(6);
        assert_eq!(post(&other).0, 422, "the key stands for another body");
    }
}
