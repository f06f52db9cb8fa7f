//! Signing in and out.

use crate::support::app::{PASSWORD, TestApp, USERS};
use crate::support::db::{TestDb, on_both};
use crate::support::visitor::Visitor;
use rongqiao::web::view::shell::start_of;

on_both! {
    fn everyone_begins_on_a_page_of_their_own(db: &TestDb) {
        let app = TestApp::start(db);
        for (name, _, role) in USERS {
            let start = start_of(role);
            let visitor = Visitor::signed_in(&app, name, start);
            let page = visitor.get(start);
            assert_eq!(page.status, 200, "{name}");
            page.shows("<h1").shows("退出").shows("aria-current=\"page\"");
            assert_eq!(visitor.get("/login").location, start, "{name} is not asked to sign in again");
        }
    }

    fn a_failed_try_tells_nothing_of_the_account(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::new(&app);
        let attempt = |email: &str, password: &str| {
            let page = visitor.post("/login", &[("email", email), ("password", password)]);
            assert_eq!(page.status, 401);
            page.shows("<title>有误：").shows("邮箱或密码不对").hides(password);
            page.body.replace(email, "…")
        };
        let unknown = attempt("nobody@example.com", PASSWORD);
        assert_eq!(attempt("owner@example.com", "another password"), unknown);
        assert_eq!(attempt("no address", "another password"), unknown);
    }

    fn signing_out_ends_the_session(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let out = visitor.post("/logout", &[]);
        assert_eq!((out.status, out.location.as_str()), (303, "/"));
        assert_eq!(visitor.get("/enterprise").location, "/login");
    }

    fn the_cookie_is_for_this_site_and_not_for_scripts(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::new(&app);
        let fields = [("csrf", visitor.csrf.as_str()), ("email", "owner@example.com"), ("password", PASSWORD)];
        let answer = visitor.client.post(visitor.address("/login")).form(&fields).send().expect("an answer");
        let cookie = answer.headers()["set-cookie"].to_str().expect("ASCII");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }

    fn the_first_page_shows_what_is_on_offer(db: &TestDb) {
        let app = TestApp::start(db);
        let page = Visitor::new(&app).get("/");
        assert_eq!(page.status, 200);
        // LPR 3.00 % + 50 bp, interest monthly: (1 + 0.035/12)^12 − 1.
        page.shows("专精特新贷").shows("3.56%").shows("标准化测算").shows("内部收益率法").hides("PD");
    }
}
