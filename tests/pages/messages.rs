//! Messages in the page: the same words as the mail, counted until they are read.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::mail::world;
use crate::support::visitor::Visitor;
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::{Deliver, Memory};
use serde_json::Value;
use std::sync::Arc;

const UNREAD: &str = " 条未读";

on_both! {
    fn a_submitted_request_is_told_to_everyone_of_the_enterprise_and_to_no_one_else(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let id = owner.begin();
        assert_eq!(owner.submit(&id).status(), 200);
        for (name, start) in [("owner", "/enterprise"), ("member", "/enterprise"), ("reader", "/enterprise")] {
            let visitor = Visitor::signed_in(&app, name, start);
            visitor.get(start).shows(&format!("<b>1<span class=\"sr\">{UNREAD}"));
            let page = visitor.get("/messages");
            page.shows("<h1>1 条新消息</h1>").shows("示例企业0有限公司的融资需求 2026-").shows(&format!("/enterprise/requests/{id}"));
            page.hides(UNREAD);
            visitor.get("/messages").shows("<h1>消息</h1>").hides("新消息");
            visitor.get(start).hides(UNREAD);
        }
        for (name, start) in [("other", "/enterprise"), ("banka", "/bank"), ("officer", "/centre")] {
            Visitor::signed_in(&app, name, start).get("/messages").shows("还没有消息").hides("示例企业0");
        }
        let sent = Arc::new(Memory::default());
        assert!(run_once(&world(&app.service, "node", Arc::clone(&sent) as Arc<dyn Deliver>)) >= 3);
        let letters = sent.sent();
        assert_eq!(letters.len(), 3);
        for letter in letters {
            assert!(letter.text.contains("示例企业0有限公司的融资需求 2026-"), "{}", letter.text);
            assert!(letter.text.contains(&format!("https://rong.example/enterprise/requests/{id}")));
            assert!(!letter.text.contains("1,000,000") && !letter.text.contains("100万"), "no figures of credit in mail");
        }
    }

    fn who_wants_only_what_asks_for_action_reads_the_rest_on_the_page(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        visitor.get("/messages").shows("value=\"all\" checked");
        let saved = visitor.post("/messages/mails", &[("mails", "action")]);
        assert_eq!((saved.status, saved.location.as_str()), (303, "/messages?saved=1"));
        visitor.get("/messages?saved=1").shows("已保存").shows("value=\"action\" checked");
        assert_eq!(visitor.post("/messages/mails", &[("mails", "none")]).status, 422);
        assert_eq!(visitor.post("/messages/mails", &[("mails", "all"), ("role", "administrator")]).status, 422);
        assert_eq!(visitor.post_as_is("/messages/mails", &[("mails", "all")]).status, 403);

        let owner = app.sign_in("owner");
        assert_eq!(owner.submit(&owner.begin()).status(), 200);
        let sent = Arc::new(Memory::default());
        let _ = run_once(&world(&app.service, "node", Arc::clone(&sent) as Arc<dyn Deliver>));
        let mut told: Vec<String> = sent.sent().into_iter().map(|letter| letter.to).collect();
        told.sort();
        assert_eq!(told, ["member@example.com", "reader@example.com"]);
        visitor.get("/messages").shows("1 条新消息");
    }

    fn the_api_lists_ones_own_messages_page_by_page(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        for _ in 0..5 {
            assert_eq!(owner.submit(&owner.begin()).status(), 200);
            app.clock.advance(chrono::TimeDelta::seconds(1));
        }
        let mut subjects = Vec::new();
        let mut path = "/api/v1/messages?limit=2".to_owned();
        loop {
            let page: Value = owner.get(&path).json().expect("JSON");
            for item in page["items"].as_array().expect("a list") {
                assert!(item.get("read_at").is_none() && item.get("place").is_none(), "{item}");
                assert_eq!(item["topic"], "request_submitted");
                subjects.push(item["subject"].as_str().expect("a text").to_owned());
            }
            match page["next"].as_str() {
                Some(next) => path = format!("/api/v1/messages?limit=2&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(subjects.len(), 5);
        assert!(subjects.is_sorted_by(|one, two| one > two), "newest first, none twice: {subjects:?}");
        let others: Value = app.sign_in("other").get("/api/v1/messages").json().expect("JSON");
        assert_eq!(others["items"], serde_json::json!([]));
        assert_eq!(owner.get("/api/v1/messages?cursor=nonsense").status(), 422);
    }
}
