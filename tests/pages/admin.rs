//! What administrators look at: the audit log, the outbox and the jobs.

use crate::support::app::{PASSWORD, TestApp};
use crate::support::command::rongqiao;
use crate::support::db::{TestDb, counts, on_both};
use crate::support::mail::{by_hand, hold, mails, world};
use crate::support::visitor::Visitor;
use chrono::TimeDelta;
use reqwest::Method;
use rongqiao::domain::codes::Code;
use rongqiao::domain::job::JobKind;
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::{Deliver, Memory};
use serde_json::{Value, json};
use std::sync::Arc;

/// Entries that a search finds, by the API.
fn found(app: &TestApp, query: &str) -> Vec<Value> {
    let answer = app.sign_in("administrator").get(&format!("/api/v1/audit?{query}"));
    assert_eq!(answer.status(), 200, "{query}");
    let page: Value = answer.json().expect("JSON");
    page["items"].as_array().expect("a list").clone()
}

on_both! {
    fn what_people_do_stands_in_the_log(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let canary = "a wrong password that no row may hold";
        visitor.post("/enterprise/facts/employees", &[("value", "4321")]);
        visitor.post("/logout", &[]);
        for email in ["owner@example.com", "nobody@example.com"] {
            assert_eq!(Visitor::new(&app).post("/login", &[("email", email), ("password", canary)]).status, 401);
            let body = json!({"email": email, "password": canary});
            let answer = app.anonymous(&Method::POST, "/api/v1/sessions").json(&body).send().expect("an answer");
            assert_eq!(answer.status(), 401);
        }
        let owner = app.sign_in("owner");
        let id = owner.begin();
        assert_eq!(owner.submit(&id).status(), 200);

        let actions = |query: &str| found(&app, query).into_iter().map(|row| row["action"].as_str().expect("a code").to_owned()).collect::<Vec<_>>();
        assert_eq!(actions("action=sign_in_failed").len(), 4);
        assert_eq!(found(&app, "action=sign_in_failed").iter().filter(|row| row["subject"] == "account:unknown").count(), 2);
        let own = actions("organisation=E0");
        assert_eq!(own.iter().filter(|action| *action == "signed_in").count(), 2, "{own:?}");
        for once in ["fact_declared", "signed_out", "request_submitted"] {
            assert_eq!(own.iter().filter(|action| *action == once).count(), 1, "{once}: {own:?}");
        }
        let submitted = &found(&app, "action=request_submitted")[0];
        assert_eq!((submitted["subject"].as_str(), submitted["before"].as_str(), submitted["after"].as_str()), (Some(&*format!("request:{id}")), Some("draft"), Some("open")));
        assert_eq!(submitted["origin"], "127.0.0.1");
        let all = Value::from(found(&app, "limit=200")).to_string();
        assert!(!all.contains(canary) && !all.contains(PASSWORD) && !all.contains("4321"), "{all}");
        assert!(found(&app, "to=2026-10-31").is_empty() && found(&app, "from=2026-11-02").is_empty());
        assert!(!found(&app, "from=2026-11-01&to=2026-11-01").is_empty());
    }

    fn a_denied_change_leaves_no_entry(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "reader", "/enterprise");
        let before = counts(&db.store);
        assert_eq!(visitor.post("/enterprise/facts/employees", &[("value", "40")]).status, 403);
        assert_eq!(counts(&db.store), before);
    }

    fn the_log_is_searched_and_exported(db: &TestDb) {
        let app = TestApp::start(db);
        Visitor::signed_in(&app, "owner", "/enterprise");
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        let _ = run_once(&world(&app.service, "node", Arc::new(Memory::default())));
        let page = administrator.get("/admin/audit?action=signed_in&organisation=E0");
        page.shows("示例企业0有限公司").shows("127.0.0.1").shows("登录").hides("待封存").hides("<span>administrator</span>");
        page.shows("/admin/audit.csv?action=signed_in&#38;organisation=E0");
        administrator.get("/admin/audit?from=yesterday").shows("有误：").shows("日期应写作");
        administrator.get("/admin/audit?from=2026-11-02").shows("没有符合的记录");
        let file = administrator.get("/admin/audit.csv?action=signed_in");
        assert_eq!(file.status, 200);
        let lines: Vec<&str> = file.body.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 3, "a head, and two that signed in: {lines:?}");
        assert_eq!(administrator.get("/admin/audit.csv?from=yesterday").status, 422);
        administrator.get("/admin/audit?action=audit_exported").shows("导出审计日志");
        let first: Value = app.sign_in("administrator").get("/api/v1/audit?limit=1").json().expect("JSON");
        let next = first["next"].as_str().expect("there is more");
        let second: Value = app.sign_in("administrator").get(&format!("/api/v1/audit?limit=1&cursor={next}")).json().expect("JSON");
        assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    }

    fn a_dead_letter_is_seen_and_sent_again(db: &TestDb) {
        let app = TestApp::start(db);
        let (dead, _) = mails(&app);
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        let page = administrator.get("/admin/outbox?state=dead");
        page.shows("owner@example.com").shows("550 no such user").shows("发送失败").hides("示例企业的融资需求");
        let resent = administrator.post(&format!("/admin/outbox/{dead}/resend"), &[]);
        assert_eq!((resent.status, resent.location.as_str()), (303, "/admin/outbox?resent=1"));
        assert_eq!(administrator.post(&format!("/admin/outbox/{dead}/resend"), &[]).status, 409, "once is enough");
        administrator.get("/admin/outbox?resent=1").shows("已重新排队").shows("等待发送");
        let sent = Arc::new(Memory::default());
        let _ = run_once(&world(&app.service, "node", Arc::clone(&sent) as Arc<dyn Deliver>));
        let letters = sent.sent();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].message_id, format!("{dead}@rong.example"));
        administrator.get("/admin/outbox?state=sent").shows("已发送");
        assert_eq!(found(&app, "action=mail_resent").len(), 1);
    }

    fn jobs_are_seen_alike_on_the_page_in_the_api_and_by_the_command(db: &TestDb) {
        let app = TestApp::start(db);
        let jobs = world(&app.service, "node", Arc::new(Memory::default()));
        let _ = run_once(&jobs);
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        administrator.get("/admin/jobs").shows("没有后台任务失败").shows("核对数据是否前后一致").shows("deliver_mail").hides("连续");

        by_hand(&db.store, "UPDATE product SET version = version + 7 WHERE code = 'PA'").expect("it is broken");
        app.clock.advance(TimeDelta::minutes(59));
        let _ = run_once(&jobs);
        let page = || Visitor::signed_in(&app, "administrator", "/admin").get("/admin/jobs");
        page().shows("没有后台任务失败");
        app.clock.advance(TimeDelta::minutes(1));
        let _ = run_once(&jobs);
        let why = "a product has the version that it is in (1)";
        page().shows("1 项后台任务失败").shows("连续 1 次：").shows(why);

        let listed: Value = app.sign_in("administrator").get("/api/v1/jobs").json().expect("JSON");
        let listed = listed["items"].as_array().expect("a list");
        assert_eq!(listed.len(), JobKind::ALL.len());
        let failed: Vec<&Value> = listed.iter().filter(|job| job["failures"] != 0).collect();
        assert_eq!((failed.len(), &failed[0]["name"], &failed[0]["failures"]), (1, &json!("check_invariants"), &json!(1)));
        assert_eq!(failed[0]["succeeded_at"], "2026-11-01T02:00:00Z", "an hour before");
        assert!(failed[0]["last_error"].as_str().expect("why").contains(why), "{failed:?}");

        let said = rongqiao(db).arg("jobs").output().expect("the program starts");
        let said = String::from_utf8(said.stdout).expect("UTF-8");
        for job in listed {
            let (name, handled) = (job["name"].as_str().expect("a name"), &job["handled"]);
            let line = said.lines().find(|line| line.starts_with(&format!("{name}: "))).expect("its line");
            assert!(line.contains(&format!(" {handled} handled in all")), "{line}");
            assert_eq!(line.contains("FAILED 1 times"), job["failures"] == 1, "{line}");
        }
        assert!(said.contains(why), "{said}");
    }

    fn held_mail_is_seen_and_let_go(db: &TestDb) {
        let app = TestApp::start(db);
        let (dead, _) = mails(&app);
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        let api = app.sign_in("administrator");
        let held = || api.get("/api/v1/outbox/hold").json::<Value>().expect("JSON");
        assert_eq!(administrator.post("/admin/outbox/release", &[]).status, 409, "it is not held");
        assert_eq!(held(), json!({"waiting": 0}));
        administrator.post(&format!("/admin/outbox/{dead}/resend"), &[]);
        app.clock.advance(TimeDelta::minutes(1));
        hold(&app);
        let sent = Arc::new(Memory::default());
        let deliver = || { let _ = run_once(&world(&app.service, "node", Arc::clone(&sent) as Arc<dyn Deliver>)); };
        deliver();
        assert!(sent.sent().is_empty());
        administrator.get("/admin/outbox").shows("邮件已停发").shows("1 封在等待");
        assert_eq!((&held()["waiting"], held()["since"].is_string()), (&json!(1), true));

        assert_eq!(administrator.post("/admin/outbox/release", &[("only_new", "perhaps")]).status, 422);
        let released = administrator.post("/admin/outbox/release", &[("only_new", "yes")]);
        assert_eq!((released.status, released.location.as_str()), (303, "/admin/outbox?released=1"));
        administrator.get("/admin/outbox?released=1").shows("已放行").hides("邮件已停发");
        deliver();
        assert!(sent.sent().is_empty(), "it was written before the restore");
        administrator.get("/admin/outbox?state=dead").shows("放行时未发");

        hold(&app);
        administrator.post(&format!("/admin/outbox/{dead}/resend"), &[]);
        let answer = api.post("/api/v1/outbox/release", &json!({}));
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().expect("JSON"), json!({"waiting": 1, "given_up": 0}));
        assert_eq!(api.post("/api/v1/outbox/release", &json!({})).status(), 409);
        app.clock.advance(TimeDelta::minutes(1));
        deliver();
        assert_eq!(sent.sent().len(), 1);
        assert_eq!(found(&app, "action=mail_released").len(), 2);
    }

    fn another_districts_mail_is_not_there(db: &TestDb) {
        let app = TestApp::start(db);
        let (dead, _) = mails(&app);
        by_hand(&db.store, "UPDATE organisation SET district_code = '410105' WHERE code = 'E0'").expect("moved");
        let administrator = app.sign_in("administrator");
        assert_eq!(administrator.post(&format!("/api/v1/outbox/{dead}/resend"), &json!({})).status(), 404);
        let listed: Value = administrator.get("/api/v1/outbox").json().expect("JSON");
        assert_eq!(listed["items"], json!([]));
    }
}
