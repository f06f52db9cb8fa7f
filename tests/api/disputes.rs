//! Disputes: from the enterprise to the fact's owner and back.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::feed::csv;
use crate::support::samples::USCCS;
use reqwest::blocking::Response;
use serde_json::{Value, json};

fn id(answer: Response) -> String {
    assert_eq!(answer.status(), 201);
    answer.json::<Value>().expect("JSON")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

fn code(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (
        status,
        answer.json::<Value>().expect("JSON")["errors"][0]["code"].clone(),
    )
}

on_both! {
    fn a_wrong_value_is_corrected_once_a_new_one_was_handed_in(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, department) = (app.sign_in("owner"), app.sign_in("department"));
        owner.authorise(USCCS[0]);
        department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "100", "2026-09-01")]));
        let dispute = id(owner.dispute(USCCS[0], "tax_paid_fen", "wrong", "应为 120"));
        assert_eq!(owner.dispute(USCCS[0], "tax_paid_fen", "wrong", "再说一遍").status(), 409, "one at a time");
        let told: Value = department.get("/api/v1/messages").json().expect("JSON");
        assert_eq!(told["items"][0]["topic"], "dispute_raised");
        let waiting: Value = department.get("/api/v1/disputes?state=open").json().expect("JSON");
        assert_eq!((&waiting["items"][0]["note"], &waiting["items"][0]["uscc"]), (&json!("应为 120"), &json!(USCCS[0])));

        assert_eq!(code(department.answer(&dispute, "corrected", "已更正")), (422, json!("not_found")), "nothing was corrected yet");
        app.clock.advance(chrono::TimeDelta::minutes(5));
        department.taken(&csv(&[(USCCS[0], "tax_paid_fen", "120", "2026-09-01")]));
        assert_eq!(department.answer(&dispute, "corrected", "已按完税证明更正").status(), 200);
        assert_eq!(department.answer(&dispute, "confirmed", "再答一遍").status(), 409, "answered once");
        let seen: Value = owner.get("/api/v1/disputes").json().expect("JSON");
        let seen = &seen["items"][0];
        assert_eq!((&seen["state"], &seen["outcome"], &seen["answer"]), (&json!("answered"), &json!("corrected"), &json!("已按完税证明更正")));
        let told: Value = owner.get("/api/v1/messages").json().expect("JSON");
        assert_eq!(told["items"][0]["topic"], "dispute_answered");
        assert_eq!(owner.dispute(USCCS[0], "tax_paid_fen", "wrong", "还是不对").status(), 201, "and another time");
    }

    fn a_declared_value_is_verified_by_its_owner(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, department) = (app.sign_in("owner"), app.sign_in("department"));
        owner.authorise(USCCS[0]);
        assert_eq!(code(owner.dispute(USCCS[0], "tax_grade", "please_verify", "请核验")), (422, json!("not_found")), "nothing is declared");
        assert_eq!(code(owner.dispute(USCCS[0], "tax_grade", "wrong", "不对")), (422, json!("not_found")), "nothing is verified");
        owner.declare(USCCS[0], "tax_grade", &json!("A"));
        let dispute = id(owner.dispute(USCCS[0], "tax_grade", "please_verify", "2026 年公布为 A 级"));
        assert_eq!(department.answer(&dispute, "confirmed", "无误").status(), 409, "no answer to a request to verify");
        assert_eq!(department.answer(&dispute, "verified", "属实").status(), 200);
        let known = owner.known(USCCS[0], "tax_grade");
        assert_eq!(known.first(), Some(&(json!("A"), "示例tax".to_owned())), "verified, by the tax office");
        assert_eq!(known.len(), 2, "the declared one stands beside it");
    }

    fn what_banks_own_goes_to_the_officers(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, officer) = (app.sign_in("owner"), app.sign_in("officer"));
        owner.declare(USCCS[0], "overdue_days", &json!(0));
        let dispute = id(owner.dispute(USCCS[0], "overdue_days", "please_verify", "已结清"));
        let waits = |name: &str| {
            let list: Value = app.sign_in(name).get("/api/v1/disputes").json().expect("JSON");
            list["items"].as_array().expect("a list").len()
        };
        assert_eq!((waits("officer"), waits("department"), waits("elsewhere"), waits("other")), (1, 0, 0, 0));
        assert_eq!(app.sign_in("administrator").get("/api/v1/messages").json::<Value>().expect("JSON")["items"], json!([]), "an administrator is told nothing");
        assert_eq!(code(officer.answer(&dispute, "verified", "属实")), (422, json!("not_found")), "a declared value names no bank");
        assert_eq!(officer.answer(&dispute, "refused", "请银行先报送").status(), 200);
    }

    fn reasons_and_answers_are_texts(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, department) = (app.sign_in("owner"), app.sign_in("department"));
        owner.declare(USCCS[0], "tax_grade", &json!("A"));
        for (note, expected) in [("", "required"), (" \n ", "required"), ("a\u{202e}b", "bad_character"), ("a\u{0}b", "bad_character"), (&"长".repeat(501), "too_long")] {
            assert_eq!(code(owner.dispute(USCCS[0], "tax_grade", "please_verify", note)), (422, json!(expected)), "{note:?}");
        }
        assert_eq!(owner.dispute(USCCS[0], "tax_grade", "please", "a").status(), 422);
        assert_eq!(owner.dispute(USCCS[0], "height", "wrong", "a").status(), 404);
        let dispute = id(owner.dispute(USCCS[0], "tax_grade", "please_verify", "<script>alert(1)</script>\n第二行"));
        assert_eq!(code(department.answer(&dispute, "refused", "")), (422, json!("required")));
    }
}
