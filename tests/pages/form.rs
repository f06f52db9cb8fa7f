//! The request form: a draft kept as typed, everything wrong told at once, one submit.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, counts, on_both};
use crate::support::visitor::Visitor;

const FIRST: &[(&str, &str)] = &[
    ("amount", "１００．５"),
    ("purpose", "working_capital"),
    ("project_cost", ""),
];
const SECOND: &[(&str, &str)] = &[
    ("term_months", "12"),
    ("guarantees", "credit"),
    ("guarantees", "guarantor"),
    ("max_cost", ""),
];

fn owner(app: &TestApp) -> Visitor {
    Visitor::signed_in(app, "owner", "/enterprise")
}

/// A draft with both of its first steps.
fn drafted(visitor: &Visitor) -> String {
    let id = visitor.post("/enterprise/requests/new", FIRST).request_id();
    let next = visitor.post(&format!("/enterprise/requests/{id}/edit?step=2"), SECOND);
    assert_eq!(next.location, format!("/enterprise/requests/{id}/edit?step=4"));
    id
}

/// The version that the last step shows.
fn version_in(body: &str) -> String {
    let mark = "name=\"version\" value=\"";
    let from = body.find(mark).expect("a version") + mark.len();
    body[from..].chars().take_while(char::is_ascii_digit).collect()
}

on_both! {
    fn a_request_goes_from_an_empty_form_to_its_result(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = owner(&app);
        visitor.get("/enterprise/requests/new").shows("aria-current=\"step\"").shows("第 1 步，共 3 步");
        let id = drafted(&visitor);
        let review = visitor.get(&format!("/enterprise/requests/{id}/edit?step=4"));
        review.shows("100.5 万元（1,005,000.00 元）").shows("信用、保证").shows("这些资料已有，不用再填");
        let path = format!("/enterprise/requests/{id}/edit?step=4");
        let sent = visitor.post(&path, &[("version", &version_in(&review.body))]);
        assert_eq!((sent.status, sent.location.as_str()), (303, format!("/enterprise/requests/{id}").as_str()));
        visitor.get(&sent.location).shows("本次需求").shows("100.5 万元").shows("class=\"verdicts\"");
        let again = visitor.post(&path, &[("version", &version_in(&review.body))]);
        assert_eq!(again.location, sent.location, "a second click does nothing twice");
        assert_eq!(visitor.get(&path).location, sent.location, "what is submitted has no form any more");
    }

    fn what_is_wrong_is_told_at_once_and_what_was_typed_stays(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = owner(&app);
        let typed = [("amount", "五百"), ("project_cost", "0.1234567")];
        let kept = visitor.post("/enterprise/requests/new", &typed);
        assert!(kept.location.ends_with("/edit?step=1&check=1"), "{}", kept.location);
        let page = visitor.get(&kept.location);
        page.shows("<title>有误：").shows("有 3 处需要修改").shows("data-errors autofocus");
        page.shows("href=\"#amount\"").shows("href=\"#purpose\"").shows("href=\"#project_cost\"");
        page.shows("value=\"五百\" ").shows("value=\"0.1234567\"").shows("aria-invalid=\"true\" aria-describedby=\"amount-hint amount-wrong\"");
        page.shows("id=\"amount-wrong\"").shows("最多六位小数");
    }

    fn going_back_and_saving_lose_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = owner(&app);
        let id = visitor.post("/enterprise/requests/new", FIRST).request_id();
        let step = format!("/enterprise/requests/{id}/edit?step=2");
        let back = visitor.post(&step, &[("term_months", "很久"), ("go", "back")]);
        assert!(back.location.ends_with("edit?step=1"));
        visitor.get(&back.location).shows("value=\"１００．５\"");
        visitor.get(&step).shows("value=\"很久\"").hides("有误");
        let stay = visitor.post(&step, &[("term_months", "24"), ("guarantees", "pledge"), ("go", "save")]);
        assert_eq!(stay.location, step);
        visitor.get(&step).shows("value=\"24\"").shows("value=\"pledge\" checked");
    }

    fn the_script_saves_by_the_same_post(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = owner(&app);
        let save = |path: &str, amount: &str| -> serde_json::Value {
            let fields = [("csrf", visitor.csrf.as_str()), ("amount", amount), ("purpose", "research")];
            let post = visitor.client.post(visitor.address(path)).form(&fields).header("x-autosave", "1");
            post.send().expect("an answer").json().expect("JSON")
        };
        let first = save("/enterprise/requests/new", "3");
        assert_eq!(first["saved"], "10:00");
        let path = first["action"].as_str().expect("an address").to_owned();
        let again = save("/enterprise/requests/new", "3");
        assert_eq!(again["action"], first["action"], "the same draft is not begun twice");
        assert!(save(&path, "35").get("action").is_none());
        visitor.get(&path).shows("value=\"35\"").shows("value=\"research\" checked");
    }

    fn an_empty_form_begins_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = owner(&app);
        let before = counts(&db.store);
        let answer = visitor.post("/enterprise/requests/new", &[("amount", "")]);
        assert_eq!(answer.location, "/enterprise/requests/new?check=1");
        assert_eq!(counts(&db.store), before);
        visitor.get(&answer.location).shows("有 2 处需要修改");
    }

    fn only_what_was_reviewed_is_submitted(db: &TestDb) {
        let app = TestApp::start(db);
        let (visitor, colleague) = (owner(&app), Visitor::signed_in(&app, "member", "/enterprise"));
        let id = drafted(&visitor);
        let path = format!("/enterprise/requests/{id}/edit?step=4");
        let reviewed = version_in(&visitor.get(&path).body);
        colleague.post(&format!("/enterprise/requests/{id}/edit?step=2"), &[("term_months", "36"), ("guarantees", "credit")]);
        let answer = visitor.post(&path, &[("version", &reviewed)]);
        assert_eq!(answer.location, format!("{path}&changed=1"));
        visitor.get(&answer.location).shows("有改动，请再核对一遍").shows("36 个月");
    }

    fn an_unfinished_draft_is_not_submitted(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = owner(&app);
        let id = visitor.post("/enterprise/requests/new", &[("amount", "5")]).request_id();
        let path = format!("/enterprise/requests/{id}/edit?step=4");
        let page = visitor.get(&path);
        page.shows("<title>有误：").shows("edit?step=2&#38;check=1#term_months").hides("提交并匹配");
        assert_eq!(visitor.post(&path, &[("version", &version_in(&page.body))]).location, path);
    }

    fn the_old_loan_is_asked_for_with_a_renewal_only(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = owner(&app);
        let id = visitor.post("/enterprise/requests/new", &[("amount", "80"), ("purpose", "refinancing")]).request_id();
        let step = |number: u8| format!("/enterprise/requests/{id}/edit?step={number}");
        visitor.get(&step(2)).shows("第 2 步，共 4 步");
        assert_eq!(visitor.post(&step(2), SECOND).location, step(3));
        visitor.get(&step(3)).shows("<option value=\"BANKA\"").shows("其他银行");
        let wrong = visitor.post(&step(3), &[("loan_bank", "BANKA"), ("loan_matures_on", "下月"), ("loan_balance", "100")]);
        visitor.get(&wrong.location).shows("有 1 处需要修改").shows("value=\"下月\"").shows("<option value=\"BANKA\" selected");
        let right = [("loan_bank", "BANKA"), ("loan_matures_on", "2026/12/1"), ("loan_balance", "100")];
        assert_eq!(visitor.post(&step(3), &right).location, step(4));
        visitor.get(&step(4)).shows("示例BANKA").shows("2026-12-01");
    }
}
