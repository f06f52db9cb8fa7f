//! Facts handed in over the API: by a user, by a department's own system, taken back; and what may not be.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, counts, on_both};
use crate::support::feed::{CSV, JSON_LINES, csv, with_file, with_key};
use crate::support::samples::{DISTRICT, ELSEWHERE, USCCS, organisation};
use reqwest::Method;
use rongqiao::domain::actor::OrganisationKind;
use rongqiao::domain::facts::FactKey::{OverdueDays, SettlementInflowFen};
use rongqiao::store::{StoreError, organisations};
use serde_json::{Value, json};

/// Adds the department that owns the facts of customs.
fn add_customs(app: &TestApp) {
    let put = app.service.store.write(|conn| {
        organisations::put(
            conn,
            &organisation("customs", OrganisationKind::Department, DISTRICT),
            app.clock.as_ref(),
        )?;
        Ok::<_, StoreError>(())
    });
    put.expect("it is put");
}

fn rows_of(body: &Value) -> (i64, i64, i64) {
    let number = |field: &str| body[field].as_i64().expect("a number");
    (number("created"), number("updated"), number("unchanged"))
}

on_both! {
    fn what_a_department_hands_in_is_known_with_its_source_and_shelf_life(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, department) = (app.sign_in("owner"), app.sign_in("department"));
        owner.authorise(USCCS[0]);
        let text = csv(&[
            (USCCS[0], "tax_grade", "A", "2026-05-01"),
            (USCCS[0], "tax_paid_fen", "118000000", "2026-10-01"),
            (USCCS[1], "tax_arrears", "false", "2026-10-20"),
        ]);
        let batch = department.taken(&text);
        assert_eq!((rows_of(&batch), &batch["state"]), ((3, 0, 0), &json!("applied")));
        assert_eq!(owner.known(USCCS[0], "tax_grade"), [(json!("A"), "示例tax".to_owned())]);
        let body: Value = owner.get(&format!("/api/v1/enterprises/{}/facts", USCCS[0])).json().expect("JSON");
        let grade = body["items"].as_array().expect("a list").iter().find(|item| item["fact"] == "tax_grade").expect("it is there");
        assert_eq!((&grade["verified"], &grade["valid_until"]), (&json!(true), &json!("2027-04-30")));

        let before = counts(&db.store);
        let again = department.hand_in(&text);
        assert_eq!(again.status(), 200, "the same file twice");
        assert_eq!(again.json::<Value>().expect("JSON")["id"], batch["id"]);
        assert_eq!(counts(&db.store), before, "changes nothing");

        let later = department.taken(&csv(&[(USCCS[0], "tax_grade", "B", "2026-10-01"), (USCCS[0], "tax_paid_fen", "118000000", "2026-10-01")]));
        assert_eq!(rows_of(&later), (0, 1, 1));
        let list: Value = department.get("/api/v1/fact-batches").json().expect("JSON");
        assert_eq!(list["items"].as_array().expect("a list").len(), 2);
    }

    fn without_an_authorisation_it_is_taken_but_neither_shown_nor_matched(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, department) = (app.sign_in("owner"), app.sign_in("department"));
        department.taken(&csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01")]));
        assert!(owner.known(USCCS[0], "tax_grade").is_empty());
        owner.authorise(USCCS[0]);
        assert_eq!(owner.known(USCCS[0], "tax_grade").len(), 1);
    }

    fn every_bad_row_is_told_and_then_nothing_is_taken(db: &TestDb) {
        let app = TestApp::start(db);
        let department = app.sign_in("department");
        let before = counts(&db.store);
        let answer = department.hand_in(&csv(&[
            (USCCS[0], "tax_grade", "A", "2026-10-01"),
            (USCCS[0], "tax_grade", "甲", "2026-09-01"),
            ("91410100094865098D", "tax_grade", "A", "2026-10-01"),
            ("91410106XY88888882", "tax_grade", "A", "2026-10-01"),
            (USCCS[1], "tax_grade", "A", "2026-11-02"),
            (USCCS[1], "tax_paid_fen", "12.5", "2026-10-01"),
            (USCCS[0], "age_months", "12", "2026-10-01"),
            (USCCS[0], "tax_grade", "B", "2026-10-01"),
        ]));
        assert_eq!(answer.status(), 422);
        let body: Value = answer.json().expect("JSON");
        let told: Vec<(&str, &str)> = body["errors"].as_array().expect("a list").iter()
            .map(|error| (error["field"].as_str().expect("a text"), error["code"].as_str().expect("a text")))
            .collect();
        assert_eq!(told, [
            ("rows[3].value", "unknown_code"),
            ("rows[4].uscc", "bad_uscc"),
            ("rows[5].uscc", "not_found"),
            ("rows[6].observed_on", "in_future"),
            ("rows[7].value", "wrong_type"),
            ("rows[8].fact", "derived_fact"),
            ("rows[9].fact", "duplicate"),
        ]);
        assert_eq!(counts(&db.store), before);
    }

    fn what_is_older_goes_into_the_history_only(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, department) = (app.sign_in("owner"), app.sign_in("department"));
        owner.authorise(USCCS[0]);
        department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "300", "2026-10-01")]));
        department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "200", "2026-09-01")]));
        assert_eq!(owner.known(USCCS[0], "tax_paid_fen"), [(json!(300), "示例tax".to_owned())]);
    }

    fn a_batch_is_taken_back_whole_and_each_value_gives_way_to_the_one_before(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, department) = (app.sign_in("owner"), app.sign_in("department"));
        owner.authorise(USCCS[0]);
        let step = || app.clock.advance(chrono::TimeDelta::minutes(1));
        let known = || owner.known(USCCS[0], "tax_paid_fen").first().map(|(value, _)| value.clone());
        department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "100", "2026-08-01")]));
        step();
        let second = department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "200", "2026-09-01"), (USCCS[0], "tax_grade", "A", "2026-09-01")]));
        step();
        let third = department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "300", "2026-10-01")]));
        step();
        // Came last, but was observed between the second and the third.
        let late = department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "250", "2026-09-15")]));
        assert_eq!(known(), Some(json!(300)));

        assert_eq!(department.withdraw(&second).status(), 200);
        assert_eq!(known(), Some(json!(300)), "what came after stays");
        assert!(owner.known(USCCS[0], "tax_grade").is_empty(), "there was nothing before");
        assert_eq!(department.withdraw(&third).status(), 200);
        assert_eq!(known(), Some(json!(250)), "the newest that was not taken back");
        assert_eq!(department.withdraw(&late).status(), 200);
        assert_eq!(known(), Some(json!(100)), "and not the second, which was taken back");
        assert_eq!(department.withdraw(&late).status(), 409, "once");

        let told: Value = owner.get("/api/v1/messages").json().expect("JSON");
        let topics: Vec<&Value> = told["items"].as_array().expect("a list").iter().map(|item| &item["topic"]).collect();
        assert_eq!(topics, [&json!("facts_withdrawn"); 3]);
        let log: Value = app.sign_in("administrator").get("/api/v1/audit?action=facts_withdrawn").json().expect("JSON");
        assert_eq!(log["items"].as_array().expect("a list").len(), 3);
        let again = department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "300", "2026-10-01")]));
        assert_eq!(rows_of(&again), (0, 1, 0), "the same file counts again after it was taken back");
    }

    fn what_banks_own_comes_from_the_centre_per_bank_and_adds_up(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, officer) = (app.sign_in("owner"), app.sign_in("officer"));
        owner.authorise(USCCS[0]);
        let row = |fact, value, bank| format!("{},{fact},{value},2026-10-20,{bank}\n", USCCS[0]);
        let head = "uscc,fact,value,observed_on,bank\n";
        let text = [
            head.to_owned(), row("settlement_inflow_fen", "100", "BANKA"), row("settlement_inflow_fen", "30", "BANKB"),
            row("overdue_days", "3", "BANKA"), row("overdue_days", "12", "BANKB"), row("listing_stage", "neeq", ""),
        ].concat();
        assert_eq!(rows_of(&officer.taken(&text)), (5, 0, 0));
        assert_eq!(owner.known(USCCS[0], "settlement_inflow_fen").len(), 2, "each bank's stays");
        let seen = app.service.store.read(|conn| {
            let place = rongqiao::store::enterprises::place_of(conn, crate::support::samples::uscc(0))?;
            let scope = rongqiao::domain::actor::Scope::District(DISTRICT.to_owned());
            rongqiao::store::enterprises::by_id(conn, &scope, place.id, crate::support::samples::day("2026-11-01"))
        }).expect("it is read").enterprise.facts;
        let value = |key| seen.get(key).expect("known").value.get();
        assert_eq!((value(SettlementInflowFen), value(OverdueDays)), (130, 12), "the sum, and the largest");

        let nameless = officer.hand_in(&[head, &row("overdue_days", "3", "")].concat());
        assert_eq!(nameless.json::<Value>().expect("JSON")["errors"][0]["field"], "rows[2].bank");
        let nobody = officer.hand_in(&[head, &row("overdue_days", "3", "BANKX")].concat());
        assert_eq!(nobody.json::<Value>().expect("JSON")["errors"][0]["code"], "not_found");
    }

    fn threat_28_what_somebody_else_owns_is_refused_and_so_is_another_district(db: &TestDb) {
        let app = TestApp::start(db);
        add_customs(&app);
        let (department, administrator) = (app.sign_in("department"), app.sign_in("administrator"));
        let (tax, _) = administrator.feed_key("tax");
        let (customs, _) = administrator.feed_key("customs");
        let grade = csv(&[(USCCS[0], "customs_grade", "advanced", "2026-10-01")]);
        let mixed = csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01"), (USCCS[0], "customs_grade", "advanced", "2026-10-01")]);
        let before = counts(&db.store);
        for text in [&grade, &mixed] {
            for answer in [department.hand_in(text), with_key(&app, &tax, "?sequence=1", text)] {
                assert_eq!(answer.status(), 403);
                let body: Value = answer.json().expect("JSON");
                assert_eq!((&body["code"], &body["errors"][0]["code"]), (&json!("not_yours"), &json!("not_yours")));
            }
        }
        assert_eq!(counts(&db.store), before);
        assert_eq!(with_key(&app, &customs, "?sequence=1", &grade).status(), 201, "its owner may");
        assert_eq!(app.sign_in("officer").hand_in(&grade).status(), 403, "nor the centre");
        let stage = csv(&[(USCCS[0], "listing_stage", "neeq", "2026-10-01")]);
        assert_eq!(app.sign_in("officer").hand_in(&stage).status(), 201);
        let answer = app.sign_in("elsewhere").hand_in(&stage);
        let body: Value = answer.json().expect("JSON");
        assert_eq!(body["errors"][0]["code"], "not_found", "an enterprise of another district ({ELSEWHERE} asks)");
    }

    fn threat_28_a_number_that_a_key_has_sent_is_not_taken_again(db: &TestDb) {
        let app = TestApp::start(db);
        let (key, _) = app.sign_in("administrator").feed_key("tax");
        let (first, second) = (
            csv(&[(USCCS[0], "tax_grade", "B", "2026-09-01")]),
            csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01")]),
        );
        assert_eq!(with_key(&app, &key, "?sequence=7", &first).status(), 201);
        assert_eq!(with_key(&app, &key, "?sequence=8", &second).status(), 201);
        let before = counts(&db.store);
        for replayed in ["?sequence=7", "?sequence=8", "?sequence=1"] {
            let answer = with_key(&app, &key, replayed, &first);
            assert_eq!(answer.status(), 409, "{replayed}");
            assert_eq!(answer.json::<Value>().expect("JSON")["code"], "replayed");
        }
        for none in ["", "?sequence=0", "?sequence=-3"] {
            assert_eq!(with_key(&app, &key, none, &first).status(), 422, "{none}");
        }
        assert_eq!(counts(&db.store), before);
        // A file that is refused does not use its number up.
        assert_eq!(with_key(&app, &key, "?sequence=9", &csv(&[(USCCS[0], "tax_grade", "Z", "2026-10-01")])).status(), 422);
        assert_eq!(with_key(&app, &key, "?sequence=9", &csv(&[(USCCS[0], "tax_grade", "C", "2026-10-02")])).status(), 201);
        assert_eq!(app.sign_in("department").request(&Method::POST, "/api/v1/facts?sequence=1").header("Content-Type", CSV).body(first).send().expect("an answer").status(), 422, "a user counts nothing");
    }

    fn threat_28_of_many_that_send_one_number_at_once_one_is_taken(db: &TestDb) {
        let app = TestApp::start(db);
        let (key, _) = app.sign_in("administrator").feed_key("tax");
        let barrier = std::sync::Barrier::new(16);
        let mut taken = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..16).map(|place| {
                let (app, key, barrier) = (&app, &key, &barrier);
                scope.spawn(move || {
                    let text = csv(&[(USCCS[0], "tax_paid_fen", &place.to_string(), "2026-10-01")]);
                    barrier.wait();
                    with_key(app, key, "?sequence=1", &text).status().as_u16()
                })
            }).collect();
            senders.into_iter().map(|sender| sender.join().expect("it ends")).collect::<Vec<_>>()
        });
        taken.sort_unstable();
        assert_eq!((taken[0], &taken[1..]), (201, &[409; 15][..]));
        let list: Value = app.sign_in("department").get("/api/v1/fact-batches").json().expect("JSON");
        assert_eq!(list["items"].as_array().expect("a list").len(), 1);
    }

    fn a_key_is_in_no_entry_of_the_log_and_values_are_not_either(db: &TestDb) {
        let app = TestApp::start(db);
        let administrator = app.sign_in("administrator");
        let (key, _) = administrator.feed_key("tax");
        assert_eq!(with_key(&app, &key, "?sequence=1", &csv(&[(USCCS[0], "tax_paid_fen", "987654321", "2026-10-01")])).status(), 201);
        let log = administrator.get("/api/v1/audit").text().expect("a body");
        assert!(log.contains("facts_applied") && log.contains("feed_key_made"));
        assert!(!log.contains(&key[4..]) && !log.contains("987654321"));
    }

    fn a_key_opens_two_doors_and_no_other_until_it_is_revoked(db: &TestDb) {
        let app = TestApp::start(db);
        let administrator = app.sign_in("administrator");
        let (key, id) = administrator.feed_key("tax");
        app.sign_in("department").taken(&csv(&[(USCCS[1], "tax_grade", "A", "2026-10-01")]));
        assert_eq!(with_key(&app, &key, "?sequence=1", &csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01")])).status(), 201);
        let by_key = |method: &Method, path: &str| app.anonymous(method, path).bearer_auth(&key).send().expect("an answer");
        let list: Value = by_key(&Method::GET, "/api/v1/fact-batches").json().expect("JSON");
        let items = list["items"].as_array().expect("a list");
        assert_eq!((items.len(), &items[0]["by"], &items[0]["sequence"]), (1, &json!("每日报送"), &json!(1)), "what came by it, and not the user's");
        let batch = items[0]["id"].as_str().expect("an id");
        for (method, path) in [
            (Method::POST, format!("/api/v1/fact-batches/{batch}/withdraw")),
            (Method::GET, "/api/v1/disputes".to_owned()),
            (Method::GET, format!("/api/v1/enterprises/{}", USCCS[0])),
            (Method::GET, "/api/v1/messages".to_owned()),
            (Method::GET, "/api/v1/feed-keys".to_owned()),
            (Method::POST, "/api/v1/feed-keys".to_owned()),
        ] {
            assert_eq!(by_key(&method, &path).status(), 401, "{method} {path}");
        }
        assert_eq!(by_key(&Method::GET, "/department").headers()["location"], "/login");

        let shown: Value = administrator.get("/api/v1/feed-keys").json().expect("JSON");
        let text = shown.to_string();
        assert!(!text.contains(&key) && text.contains(&key[..10]), "how it begins, and no more");
        assert!(shown["items"][0]["last_used_at"].is_string());
        let revoke = |id: &str| administrator.request(&Method::POST, &format!("/api/v1/feed-keys/{id}/revoke")).send().expect("an answer").status();
        assert_eq!((revoke(&id), revoke(&id)), (reqwest::StatusCode::NO_CONTENT, reqwest::StatusCode::CONFLICT));
        assert_eq!(with_key(&app, &key, "?sequence=2", &csv(&[(USCCS[0], "tax_grade", "B", "2026-10-02")])).status(), 401);
        for forged in ["rqf_", "rqf_0000", &format!("{key}0"), &key[..key.len() - 1]] {
            assert_eq!(with_key(&app, forged, "?sequence=3", "uscc\n").status(), 401);
        }
    }

    fn a_retried_file_is_taken_once_by_its_idempotency_key(db: &TestDb) {
        let app = TestApp::start(db);
        let department = app.sign_in("department");
        let text = csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01")]);
        let send = |text: &str| {
            let request = department.request(&Method::POST, "/api/v1/facts").header("Idempotency-Key", "one");
            with_file(request, CSV, text)
        };
        let (first, second) = (send(&text), send(&text));
        assert_eq!((first.status().as_u16(), second.status().as_u16()), (201, 201));
        assert_eq!(first.json::<Value>().expect("JSON"), second.json::<Value>().expect("JSON"));
        assert_eq!(send(&csv(&[(USCCS[0], "tax_grade", "B", "2026-10-02")])).status(), 422, "another body");
    }

    fn json_lines_say_the_same_and_hostile_files_are_refused(db: &TestDb) {
        let app = TestApp::start(db);
        let department = app.sign_in("department");
        let send = |kind: &str, bytes: &[u8]| with_file(department.request(&Method::POST, "/api/v1/facts"), kind, bytes);
        let line = |fact: &str, value: &str| format!("{{\"uscc\":\"{}\",\"fact\":\"{fact}\",\"value\":{value},\"observed_on\":\"2026-10-01\"}}\n", USCCS[0]);
        let before = counts(&db.store);
        for (kind, bytes, field, code) in [
            (JSON_LINES, line("tax_grade", "\"A\"").replace('}', ",\"verified\":false}").into_bytes(), "rows[1].verified", "wrong_type"),
            (JSON_LINES, line("tax_grade", "\"A\"").replace('}', ",\"owner\":\"tax\"}").into_bytes(), "rows[1].owner", "unknown_key"),
            (JSON_LINES, line("tax_grade", "\"A\"").replace('}', ",\"fact\":\"tax_arrears\"}").into_bytes(), "rows[1].fact", "duplicate"),
            (JSON_LINES, b"{\n".to_vec(), "rows[1]", "malformed"),
            (JSON_LINES, b"\n\n".to_vec(), "", "empty_list"),
            (CSV, b"uscc,fact\n".to_vec(), "value", "malformed"),
            (CSV, b"uscc,fact,value,observed_on,source\n".to_vec(), "source", "unknown_key"),
            (CSV, b"uscc,fact,value,observed_on\n\xd5\xd5,tax_grade,A,2026-10-01\n".to_vec(), "rows[2]", "malformed"),
            (CSV, b"uscc,fact,value,observed_on\na,b\n".to_vec(), "rows[2]", "malformed"),
            (CSV, b"uscc,fact,value,observed_on\n".to_vec(), "", "empty_list"),
            (CSV, b"".to_vec(), "", "malformed"),
            (CSV, format!("uscc,fact,value,observed_on\n{},tax_grade,=cmd|'/c calc'!A1,2026-10-01\n", USCCS[0]).into_bytes(), "rows[2].value", "unknown_code"),
            (CSV, format!("uscc,fact,value,observed_on\n{},tax_paid_fen,99999999999999999999,2026-10-01\n", USCCS[0]).into_bytes(), "rows[2].value", "wrong_type"),
        ] {
            let answer = send(kind, &bytes);
            assert_eq!(answer.status(), 422, "{}", String::from_utf8_lossy(&bytes));
            let body: Value = answer.json().expect("JSON");
            assert_eq!((&body["errors"][0]["field"], &body["errors"][0]["code"]), (&json!(field), &json!(code)), "{body}");
        }
        assert_eq!(send("application/json", b"{}").status(), 415);
        assert_eq!(send("text/html", b"uscc").status(), 415);
        assert_eq!(send(CSV, &vec![b'a'; (4096 << 10) + 1]).status(), 413);
        let many = format!("uscc,fact,value,observed_on\n{}", ",,,\n".repeat(20_001));
        assert_eq!(send(CSV, many.as_bytes()).json::<Value>().expect("JSON")["errors"][0]["code"], "wrong_count");
        assert_eq!(counts(&db.store), before);
        let good = [line("tax_grade", "\"A\""), line("tax_arrears", "false"), line("tax_paid_fen", "100")].concat();
        assert_eq!(send(JSON_LINES, good.as_bytes()).status(), 201);
    }
}
