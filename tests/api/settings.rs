//! The settings that are changed while the service runs: by whom, from when on, and what they bind.

use crate::support::app::{Api, TestApp, usual_offer};
use crate::support::db::{TestDb, number, on_both};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::{Value, json};

const DESK: &str = "/api/v1/settings/desk";
const ACCOUNTS: &str = "/api/v1/settings/accounts";

/// A part as it is in force, and its tag.
#[track_caller]
fn read(user: &Api<'_>, path: &str) -> (Value, String) {
    let answer = user.get(path);
    assert_eq!(answer.status(), 200, "{path}");
    let tag = answer.headers()["etag"].to_str().expect("a tag").to_owned();
    (answer.json().expect("JSON"), tag)
}

fn put(user: &Api<'_>, path: &str, tag: Option<&str>, body: &Value) -> Response {
    let request = user.request(&Method::PUT, path).json(body);
    let request = match tag {
        Some(tag) => request.header("If-Match", tag),
        None => request,
    };
    request.send().expect("an answer")
}

/// Changes some settings of a part, as they stand.
#[track_caller]
fn changed(user: &Api<'_>, path: &str, changes: &[(&str, Value)]) {
    let (mut rules, tag) = read(user, path);
    for (key, value) in changes {
        rules[*key] = value.clone();
    }
    assert_eq!(put(user, path, Some(&tag), &rules).status(), 200, "{rules}");
}

on_both! {
    fn an_officer_changes_the_desk_for_what_is_done_from_then_on(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        let (owner, bank, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let (rules, tag) = read(&officer, DESK);
        assert_eq!((&rules["answer_days"], tag.as_str()), (&json!(5), "\"0\""), "as the file says");
        let before = owner.open_fitting(USCCS[0]);
        owner.refer(&before, "BANKA", "PA");
        let mut new = rules.clone();
        new["answer_days"] = json!(2);
        assert_eq!(put(&officer, DESK, None, &new).status(), 428);
        assert_eq!(put(&officer, DESK, Some("\"3\""), &new).status(), 412);
        assert_eq!(put(&officer, DESK, Some(&tag), &new).status(), 200);
        assert_eq!(put(&officer, DESK, Some(&tag), &new).status(), 412, "a colleague was faster");
        assert_eq!(read(&officer, DESK).1, "\"1\"");
        assert_eq!(owner.standing(&before, "BANKA")["due_on"], "2026-11-06", "what was sent keeps its day");
        let there = beside.with_tokens("owner", app.tokens("owner"));
        let after = there.open_fitting(USCCS[0]);
        there.refer(&after, "BANKA", "PA");
        assert_eq!(owner.standing(&after, "BANKA")["due_on"], "2026-11-03", "the other node knows at once");
        let (referral, _) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        changed(&officer, DESK, &[("auto_forward", json!(true)), ("ceilings", json!([{"kind": "specialised", "lpr_plus_bp": 45}]))]);
        let held = bank.offer(&referral, "PA");
        let state = |id: &str| officer.get(&format!("/api/v1/offers/{id}")).json::<Value>().expect("JSON")["state"].clone();
        assert_eq!(state(&held), "forwarded", "LPR + 40 bp is below the new ceiling");
        let (dearer, _) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let mut dear = usual_offer("PA");
        dear["rate"]["spread_bp"] = json!(48);
        let made: Value = bank.post(&format!("/api/v1/referrals/{dearer}/offers"), &dear).json().expect("JSON");
        assert_eq!(state(made["id"].as_str().expect("an id")), "submitted", "above it");
        let logged = "SELECT count(*) AS n FROM audit WHERE action = 'setting_changed' AND subject = 'settings:desk' AND before LIKE '%answer_days%' AND after LIKE '%answer_days%'";
        assert_eq!(number(&db.store, logged), 2);
        assert_eq!(read(&app.sign_in("elsewhere"), DESK).1, "\"0\"", "another district's desk is its own");
    }

    fn what_breaks_a_rule_is_refused_and_who_keeps_it_not_is_told_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let (officer, administrator) = (app.sign_in("officer"), app.sign_in("administrator"));
        let (rules, _) = read(&officer, DESK);
        for (key, bad, field) in [
            ("answer_days", json!(0), "answer_days"),
            ("signing_days", json!(367), "signing_days"),
            ("ceilings", json!([{"kind": "plant"}]), "ceilings[0]"),
            ("ceilings", json!([{"kind": "plant", "lpr_plus_bp": 1, "lpr_factor_pct": 130}]), "ceilings[0]"),
            ("ceilings", json!([{"kind": "plant", "lpr_plus_bp": 1}, {"kind": "plant", "lpr_plus_bp": 2}]), "ceilings[1]"),
            ("ceilings", json!([{"kind": "plant", "lpr_factor_pct": 5}]), "ceilings[0]"),
        ] {
            let mut new = rules.clone();
            new[key] = bad;
            let answer = put(&officer, DESK, Some("*"), &new);
            assert_eq!(answer.status(), 422, "{new}");
            let problem: Value = answer.json().expect("JSON");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        let mut unknown = rules.clone();
        unknown["request_days"] = json!(1);
        assert_eq!(put(&officer, DESK, Some("*"), &unknown).status(), 422, "no key of this part");
        assert_eq!(put(&officer, DESK, Some("*"), &rules).status(), 200);
        assert_eq!(read(&officer, DESK).1, "\"0\"", "nothing changed, so there is no version");
        assert_eq!((officer.get(ACCOUNTS).status().as_u16(), administrator.get(DESK).status().as_u16()), (404, 404));
        assert_eq!(number(&db.store, "SELECT count(*) AS n FROM setting_version"), 0);
    }

    fn an_administrator_asks_for_second_factors_from_the_next_page_on(db: &TestDb) {
        let app = TestApp::start(db);
        let (officer, administrator) = (Visitor::signed_in(&app, "officer", "/centre"), app.sign_in("administrator"));
        assert_eq!(officer.get("/centre").status, 200);
        changed(&administrator, ACCOUNTS, &[("second_factor_officers", json!(true))]);
        assert_eq!(officer.get("/centre").location, "/account/second-factor");
        let shown: Value = administrator.get("/api/v1/settings").json().expect("JSON");
        let listed = shown["items"].as_array().expect("settings").iter().find(|one| one["key"] == "auth.second_factor_officers");
        assert_eq!(listed.expect("it is there")["value"], "true", "what is in force, and not what the file says");
        changed(&administrator, ACCOUNTS, &[("second_factor_officers", json!(false))]);
        assert_eq!(officer.get("/centre").status, 200);
    }

    fn the_page_says_what_was_changed_and_keeps_what_was_typed(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get("/centre/settings").shows("现在是安装时的值").shows("name=\"answer_days\" value=\"5\"").shows("name=\"factor_specialised\" value=\"130\"");
        let typed = |version: &'static str, answer: &'static str, plus: &'static str| {
            let fields = [("version", version), ("answer_days", answer), ("signing_days", "10"), ("validity_days", "10"), ("decide_days", "2"),
                ("dispute_days", "5"), ("factor_specialised", "130"), ("plus_plant", plus)];
            officer.post("/centre/settings", &fields)
        };
        let wrong = typed("0", "viele", "90");
        assert_eq!(wrong.status, 422);
        wrong.shows("value=\"viele\"").shows("value=\"90\"").shows("银行答复期限");
        assert_eq!(typed("0", "4", "90").location, "/centre/settings?done=saved");
        assert_eq!(typed("0", "3", "90").location, "/centre/settings?done=stale");
        officer.get("/centre/settings").shows("第 1 次更改后").shows("银行答复期限：5 个工作日 → 4 个工作日").shows("厂房贷利率上限：LPR 加：不设 → 90 基点");
        assert_eq!(officer.post("/centre/settings", &[("version", "1"), ("base_url", "x")]).status, 422);
    }
}
