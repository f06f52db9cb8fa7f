//! Where one is signed in, and the change of one's password.

use crate::support::app::{KEY, OLD_KEY, OLD_KEY_MINUTES, PASSWORD, TestApp};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::joining::{actor, links};
use crate::support::visitor::Visitor;
use chrono::TimeDelta;
use reqwest::header::{HeaderMap, ORIGIN, USER_AGENT};
use rongqiao::actions::sessions;
use rongqiao::domain::session::SessionKind;
use rongqiao::web::csrf::CsrfKeys;
use rongqiao::web::keys::SigningKeys;

const NEW_PASSWORD: &str = "another password for tests";
const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; V2324A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36";

/// The owner at a telephone.
fn at_a_phone(app: &TestApp) -> Visitor {
    let mut headers = HeaderMap::new();
    headers.insert(ORIGIN, app.base_url.parse().expect("an origin"));
    headers.insert(USER_AGENT, PHONE.parse().expect("a name"));
    Visitor::with(app, headers).entered("owner@example.com", PASSWORD, "/enterprise")
}

/// The ids of the owner's sessions of a kind.
fn ids(app: &TestApp, kind: SessionKind) -> Vec<String> {
    let found = sessions::list(&app.service, &actor(app, "owner")).expect("they are listed");
    let of_kind = found.into_iter().filter(|session| session.kind == kind);
    of_kind.map(|session| session.id.to_string()).collect()
}

on_both! {
    fn one_sees_where_one_is_signed_in_and_ends_it_there(db: &TestDb) {
        let app = TestApp::start(db);
        let here = Visitor::signed_in(&app, "owner", "/enterprise");
        let other = Visitor::signed_in(&app, "other", "/enterprise");
        let page = here.get("/account/sessions");
        page.shows("1 处登录").shows("本次登录").shows("127.0.0.1").shows("2026-11-01 10:00").hides("结束其他");
        app.clock.advance(TimeDelta::minutes(5));
        let (phone, tokens) = (at_a_phone(&app), app.tokens("owner"));
        let page = here.get("/account/sessions");
        page.shows("3 处登录").shows("Chrome，安卓").shows("接口：").shows("2026-11-01 10:05");
        assert_eq!(page.body.matches("本次登录").count(), 1);

        let api = ids(&app, SessionKind::Api);
        let end = |visitor: &Visitor, id: &str| visitor.post(&format!("/account/sessions/{id}/end"), &[]);
        assert_eq!(end(&other, &api[0]).status, 404, "another's is not there");
        assert_eq!(app.status_with(&tokens.access), 200);
        let ended = end(&here, &api[0]);
        assert_eq!((ended.status, ended.location.as_str()), (303, "/account/sessions?done=ended"));
        here.get(&ended.location).shows("这次登录已结束").shows("2 处登录");
        assert_eq!((app.status_with(&tokens.access), app.refresh(&tokens.refresh).status().as_u16()), (401, 401));
        assert_eq!(end(&here, &api[0]).status, 404);

        app.tokens("owner");
        assert_eq!(here.post("/account/sessions/end-others", &[]).location, "/account/sessions?done=others");
        here.get("/account/sessions").shows("1 处登录");
        assert_eq!(phone.get("/enterprise").location, "/login");
        assert_eq!(other.get("/enterprise").status, 200);
    }

    fn a_session_ends_when_it_is_not_used_and_goes_on_when_it_is(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        for _ in 0..3 {
            app.clock.advance(TimeDelta::minutes(59));
            assert_eq!(visitor.get("/enterprise").status, 200);
        }
        app.clock.advance(TimeDelta::minutes(60));
        assert_eq!(visitor.get("/enterprise").location, "/login");
    }

    fn a_session_ends_a_day_after_signing_in_however_much_it_is_used(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        visitor.get("/account/sessions").shows("登录满 24 小时");
        for _ in 0..24 * 60 / 50 {
            app.clock.advance(TimeDelta::minutes(50));
            assert_eq!(visitor.get("/enterprise").status, 200);
        }
        app.clock.advance(TimeDelta::minutes(50));
        assert_eq!(visitor.get("/enterprise").location, "/login");
    }

    fn signing_in_again_ends_what_the_browser_had(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let fields = [("email", "owner@example.com"), ("password", PASSWORD)];
        assert_eq!(visitor.post("/login", &fields).location, "/enterprise");
        assert_eq!(ids(&app, SessionKind::Page).len(), 1);
    }

    fn a_new_password_ends_every_other_session_and_is_told_by_mail(db: &TestDb) {
        let app = TestApp::start(db);
        let here = Visitor::signed_in(&app, "owner", "/enterprise");
        let phone = at_a_phone(&app);
        here.get("/account/password").shows("至少 12 个字符").shows("autocomplete=\"new-password\"").shows("owner@example.com");
        let before = links(&app, "owner@example.com").len();
        let changed = here.post("/account/password", &[("current", PASSWORD), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)]);
        assert_eq!((changed.status, changed.location.as_str()), (303, "/account/sessions?done=password"));
        here.get(&changed.location).shows("密码已更改").shows("1 处登录");
        assert_eq!(phone.get("/enterprise").location, "/login");
        assert_eq!(links(&app, "owner@example.com").len(), before + 1);
        let sign_in = |password: &str| Visitor::new(&app).post("/login", &[("email", "owner@example.com"), ("password", password)]).status;
        assert_eq!((sign_in(PASSWORD), sign_in(NEW_PASSWORD)), (401, 303));
        // The form that the browser had before is one of a session that has ended.
        assert_eq!(here.post("/account/sessions/end-others", &[]).status, 403);
    }

    fn what_is_wrong_about_a_new_password_is_said_all_at_once(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let post = |current: &str, password: &str, again: &str| {
            visitor.post("/account/password", &[("current", current), ("password", password), ("again", again)])
        };
        let page = post("a wrong password", "short", "other");
        assert_eq!(page.status, 422);
        page.shows("<title>有误：").shows("现在的密码不对").shows("密码至少 12 个字符").shows("两次填写的新密码不一样");
        page.hides("a wrong password").hides("short\"");
        let page = post(PASSWORD, NEW_PASSWORD, "not the same password");
        assert_eq!(page.status, 422);
        page.shows("两次填写的新密码不一样").hides("现在的密码不对");
        assert_eq!(visitor.get("/enterprise").status, 200, "the session is still there");
        assert_eq!(post(PASSWORD, NEW_PASSWORD, NEW_PASSWORD).status, 303);
    }

    fn threat_12_a_form_that_does_not_say_where_it_comes_from_does_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let silent = Visitor::with(&app, HeaderMap::new());
        let before = counts(&db.store);
        let fields = [("email", "owner@example.com"), ("password", PASSWORD)];
        assert_eq!(silent.post("/login", &fields).status, 403);
        assert_eq!(counts(&db.store), before);
        for (name, value, status) in [
            ("sec-fetch-site", "same-origin", 303),
            ("sec-fetch-site", "same-site", 403),
            ("sec-fetch-site", "", 403),
            ("origin", "null", 403),
            ("origin", "https://evil.example", 403),
            ("origin", &app.base_url, 303),
        ] {
            let silent = Visitor::with(&app, HeaderMap::new());
            let request = silent.client.post(silent.address("/login")).header(name, value);
            let with_token = [("csrf", silent.csrf.as_str()), fields[0], fields[1]];
            assert_eq!(request.form(&with_token).send().expect("an answer").status(), status, "{name}: {value}");
        }
    }

    fn forms_of_before_a_change_of_the_key_are_taken_for_a_while(db: &TestDb) {
        let app = TestApp::start(db);
        let cookie = "c".repeat(64);
        let token = |key: &[u8]| CsrfKeys::derive(&SigningKeys { current: key.to_vec(), old: Vec::new() }).token(&cookie);
        let status = |key: &[u8]| {
            let silent = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
            let fields = [("csrf", token(key)), ("email", "owner@example.com".to_owned()), ("password", PASSWORD.to_owned())];
            let request = silent.post(format!("{}/login", app.base_url)).header("Origin", &app.base_url);
            request.header("Cookie", format!("rongqiao={cookie}")).form(&fields).send().expect("an answer").status().as_u16()
        };
        assert_eq!((status(KEY), status(OLD_KEY), status(b"another key of thirty-two bytes for tests")), (303, 303, 403));
        app.clock.advance(TimeDelta::minutes(OLD_KEY_MINUTES));
        assert_eq!((status(KEY), status(OLD_KEY)), (303, 403));
    }
}
