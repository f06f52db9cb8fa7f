//! What is known of an enterprise, and declaring it.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use chrono::TimeDelta;
use reqwest::Method;
use rongqiao::actions::rematch;
use serde_json::{Value, json};

on_both! {
    fn a_declared_value_is_shown_with_its_source_date_and_end(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        visitor.get("/enterprise/facts/revenue_fen").shows("上年营业收入").shows("由税务局核验").shows("有效至 2028-05-01");
        let saved = visitor.post("/enterprise/facts/revenue_fen", &[("value", "２，８６０．５")]);
        assert_eq!(saved.location, "/enterprise/profile?saved=revenue_fen#revenue_fen");
        let page = visitor.get("/enterprise/profile?saved=revenue_fen");
        page.shows("“上年营业收入”已保存").shows("2,860.5 万元").shows("自行填报").shows("2026-11-01").shows("2028-05-01");
    }

    fn a_value_that_is_none_is_told_with_what_to_do(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        for (key, value, advice) in [
            ("revenue_fen", "很多", "请填万元数"),
            ("revenue_fen", "", "请填写或选一项"),
            ("employees", "3.5", "请填整数"),
            ("debt_ratio_bp", "百分之三", "请填百分数"),
            ("tier", "champion", "请从列出的各项里选"),
            ("tax_arrears", "maybe", "请选“是”或“否”"),
            ("settlement_active_months", "13", "应在 0 至 12 之间"),
        ] {
            let page = visitor.post(&format!("/enterprise/facts/{key}"), &[("value", value)]);
            assert_eq!(page.status, 422, "{key} {value}");
            page.shows("<title>有误：").shows(advice).shows("data-errors autofocus");
        }
        let typed = visitor.post("/enterprise/facts/revenue_fen", &[("value", "很多")]);
        typed.shows("value=\"很多\"").shows("aria-invalid=\"true\"");
    }

    fn codes_sets_and_flags_are_chosen(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        assert_eq!(visitor.post("/enterprise/facts/tier", &[("value", "specialised")]).status, 303);
        assert_eq!(visitor.post("/enterprise/facts/tax_arrears", &[("value", "false")]).status, 303);
        assert_eq!(visitor.post("/enterprise/facts/titles", &[("value", "high_tech"), ("value", "gazelle")]).status, 303);
        assert_eq!(visitor.post("/enterprise/facts/town", &[("value", "410106001")]).status, 303);
        let page = visitor.get("/enterprise/profile");
        page.shows("专精特新").shows("高新技术企业、瞪羚").shows("济源路街道");
        visitor.get("/enterprise/facts/tier").shows("value=\"specialised\" checked");
        assert_eq!(visitor.post("/enterprise/facts/titles", &[]).status, 303, "none of them is a value too");
    }

    fn an_age_is_computed_and_not_declared(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        visitor.get("/enterprise/facts/age_months").shows("成立日期：2015-02-22").shows("140 个月").hides("<form method=\"post\" action=\"/enterprise/facts");
        assert_eq!(visitor.post("/enterprise/facts/age_months", &[("value", "200")]).status, 422);
        assert_eq!(visitor.get("/enterprise/facts/height").status, 404);
    }

    fn who_only_reads_is_offered_nothing_to_write(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "reader", "/enterprise");
        for path in ["/enterprise", "/enterprise/requests", "/enterprise/profile", "/enterprise/facts/tier"] {
            let page = visitor.get(path);
            assert_eq!(page.status, 200, "{path}");
            page.hides("/enterprise/requests/new").hides("action=\"/enterprise/");
        }
    }

    fn an_officer_corrects_what_the_registers_say_and_requests_are_matched_again(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = owner.begin();
        assert_eq!(owner.submit(&request).status(), 200);
        app.clock.advance(TimeDelta::seconds(1));
        let path = format!("/centre/enterprises/{}", USCCS[0]);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get(&path).shows("更正登记信息");
        let typed = |version, name, day| officer.post(&path, &[("version", version), ("name", name), ("established_on", day)]);
        let wrong = typed("1", "Аcme", "2027-01-01");
        assert_eq!(wrong.status, 422);
        wrong.shows("企业名称").shows("value=\"Аcme\"").shows("aria-invalid=\"true\"");
        assert_eq!(typed("1", "示例更名有限公司", "2014-05-06").location, format!("{path}?done=corrected"));
        officer.get(&format!("{path}?done=corrected")).shows("登记信息已更正").shows("示例更名有限公司").shows("2014-05-06");
        assert_eq!(typed("1", "示例又更名有限公司", "2014-05-06").status, 409, "somebody was faster");
        Visitor::signed_in(&app, "owner", "/enterprise").get("/enterprise").shows("示例更名有限公司").hides("更正登记信息");
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(rematch::after_changes(&app.service).expect("a turn"), 1);
        assert_eq!(rematch::after_changes(&app.service).expect("a turn"), 0, "once");
    }

    fn a_correction_through_the_api_names_the_version_that_it_is_made_from(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = app.sign_in("officer");
        let path = format!("/api/v1/enterprises/{}", USCCS[0]);
        let corrected = |tag: Option<&str>, body: &Value| {
            let request = officer.request(&Method::PATCH, &path).json(body);
            let request = match tag {
                Some(tag) => request.header("If-Match", tag),
                None => request,
            };
            request.send().expect("an answer")
        };
        let tag = officer.get(&path).headers()["etag"].to_str().expect("ASCII").to_owned();
        assert_eq!(corrected(None, &json!({"established_on": "2014-05-06"})).status(), 428);
        assert_eq!(corrected(Some("\"7\""), &json!({"established_on": "2014-05-06"})).status(), 412);
        for (body, field) in [(json!({}), "name"), (json!({"name": ""}), "name"), (json!({"established_on": "2027-01-01"}), "established_on")] {
            let refused = corrected(Some(&tag), &body);
            assert_eq!(refused.status(), 422);
            assert_eq!(refused.json::<Value>().expect("JSON")["errors"][0]["field"], field);
        }
        let done = corrected(Some(&tag), &json!({"established_on": "2014-05-06"}));
        assert_eq!((done.status().as_u16(), done.headers()["etag"].to_str().expect("ASCII")), (204, "\"2\""));
        let now: Value = officer.get(&path).json().expect("JSON");
        assert_eq!((&now["established_on"], &now["name"]), (&json!("2014-05-06"), &json!("示例企业0有限公司")));
    }
}
