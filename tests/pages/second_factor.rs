//! The second factor on pages: set up, asked for, lost.

use crate::support::app::{PASSWORD, TestApp};
use crate::support::db::{TestDb, on_both};
use crate::support::factor::{Authenticator, another, enrolled};
use crate::support::joining::{newest_link, token_of};
use crate::support::visitor::{Answer, Visitor, token_in};
use chrono::TimeDelta;

const PAGE: &str = "/account/second-factor";

/// What stands between two marks.
#[track_caller]
fn between<'a>(body: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = body.split_once(before).expect("it is on the page");
    rest.split_once(after).expect("it ends").0
}

fn typed(page: &Answer) -> &str {
    between(&page.body, "<code class=\"typed\">", "</code>")
}

/// Makes a secret.
fn begin(visitor: &Visitor) -> Answer {
    visitor.post(PAGE, &[("current", PASSWORD)])
}

/// The first step of signing in: the page that asks for a code, and what it says of the first step.
fn first_step(visitor: &Visitor, email: &str) -> (Answer, String) {
    let page = visitor.post("/login", &[("email", email), ("password", PASSWORD)]);
    assert_eq!(page.status, 200, "{}", page.body);
    let ticket = between(&page.body, "name=\"ticket\" value=\"", "\"").to_owned();
    (page, ticket)
}

fn second_step(visitor: &Visitor, ticket: &str, code: &str) -> Answer {
    visitor.post("/login/code", &[("ticket", ticket), ("code", code)])
}

on_both! {
    fn it_is_set_up_with_an_app_and_shown_once(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        visitor.get(PAGE).shows("开始绑定").hides("<svg viewBox=\"0 0 4");
        let shown = begin(&visitor);
        shown.shows("role=\"img\"").shows("shape-rendering=\"crispEdges\"").hides("style=");
        let authenticator = Authenticator::typed(typed(&shown));
        let code = authenticator.code(&app);
        let wrong = visitor.post("/account/second-factor/confirm", &[("code", &another(&code))]);
        assert_eq!(wrong.status, 422);
        wrong.shows(">验证码不对").hides(typed(&shown));
        let codes = visitor.post("/account/second-factor/confirm", &[("code", &code)]);
        codes.shows("请保存恢复码");
        assert_eq!(codes.body.matches("<li><code>").count(), 10);
        let first = between(&codes.body, "<li><code>", "</code>");
        visitor.get(PAGE).shows("双因素验证已开启").shows("10 个").hides(first).hides(typed(&shown));
        assert_eq!(begin(&visitor).status, 409, "what guards is not replaced");
        visitor.get("/messages").shows("双因素验证已开启");
    }

    fn signing_in_takes_a_code_once(db: &TestDb) {
        let app = TestApp::start(db);
        let (authenticator, recovery) = enrolled(&app, "owner");
        let visitor = Visitor::new(&app);
        let (page, ticket) = first_step(&visitor, "owner@example.com");
        page.shows("输入验证码").hides(PASSWORD);
        assert_eq!(visitor.get("/enterprise").location, "/login", "the password alone does not let in");
        let used = second_step(&visitor, &ticket, &authenticator.code(&app));
        assert_eq!(used.status, 401, "the code that it was set up with");
        used.shows("验证码不对，或已经用过");
        app.clock.advance(TimeDelta::seconds(30));
        let code = authenticator.code(&app);
        assert_eq!(second_step(&visitor, &ticket, &another(&code)).status, 401);
        let entered = second_step(&visitor, &ticket, &code);
        assert_eq!((entered.status, entered.location.as_str()), (303, "/enterprise"));
        assert_eq!(visitor.get("/enterprise").status, 200);

        let other = Visitor::new(&app);
        let (_, ticket) = first_step(&other, "owner@example.com");
        assert_eq!(second_step(&other, &ticket, &code).status, 401, "a code is good once");
        assert_eq!(second_step(&other, &ticket, &recovery[0]).status, 303);
        let third = Visitor::new(&app);
        let (_, ticket) = first_step(&third, "owner@example.com");
        assert_eq!(second_step(&third, &ticket, &recovery[0]).status, 401, "a recovery code too");
        assert_eq!(second_step(&third, &ticket, &recovery[1].to_uppercase()).status, 303);
    }

    fn the_first_step_is_good_for_a_while_in_its_browser(db: &TestDb) {
        let app = TestApp::start(db);
        let (authenticator, _) = enrolled(&app, "owner");
        app.clock.advance(TimeDelta::seconds(30));
        let (one, other) = (Visitor::new(&app), Visitor::new(&app));
        let (_, ticket) = first_step(&one, "owner@example.com");
        let late = |visitor: &Visitor, ticket: &str| {
            let answer = second_step(visitor, ticket, &authenticator.code(&app));
            assert_eq!((answer.status, answer.location.as_str()), (303, "/login?done=late"));
        };
        late(&other, &ticket);
        late(&one, "nonsense");
        app.clock.advance(TimeDelta::minutes(5));
        late(&one, &ticket);
        let (_, ticket) = first_step(&one, "owner@example.com");
        one.post("/reset", &[("email", "owner@example.com")]);
        let token = token_of(&newest_link(&app, "owner@example.com"));
        let reset = one.post("/reset/new", &[("token", &token), ("password", "another good password")]);
        assert_eq!(reset.status, 303);
        late(&one, &ticket);
    }

    fn who_needs_one_sets_it_up_before_anything_else(db: &TestDb) {
        let app = TestApp::start_with(db, |config| config.auth.second_factor_banks = true);
        let visitor = Visitor::new(&app);
        let login = visitor.post("/login", &[("email", "banka@example.com"), ("password", PASSWORD)]);
        assert_eq!((login.status, login.location.as_str()), (303, "/bank"));
        for path in ["/bank", "/bank/products", "/messages", "/account/password"] {
            assert_eq!(visitor.get(path).location, PAGE, "{path}");
        }
        let page = visitor.get(PAGE);
        page.shows("绑定手机后才能继续");
        let visitor = Visitor { csrf: token_in(&page.body), ..visitor };
        let shown = begin(&visitor);
        let code = Authenticator::typed(typed(&shown)).code(&app);
        visitor.post("/account/second-factor/confirm", &[("code", &code)]).shows("已保存，继续");
        assert_eq!(visitor.get("/bank").status, 200);
        visitor.get(PAGE).shows("不能关闭").hides("/account/second-factor/disable");
        let off = visitor.post("/account/second-factor/disable", &[("current", PASSWORD)]);
        assert_eq!(off.status, 403, "who needs one keeps it");
        Visitor::signed_in(&app, "owner", "/enterprise");
        Visitor::signed_in(&app, "officer", "/centre");
    }

    fn it_is_changed_by_who_knows_the_password(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let refused = visitor.post(PAGE, &[("current", "not the password")]);
        assert_eq!(refused.status, 422, "nor is it begun at a browser that was left open");
        refused.shows("现在的密码不对").hides("<code class=\"typed\">");
        let (_, recovery) = enrolled(&app, "owner");
        for path in ["/account/second-factor/codes", "/account/second-factor/disable"] {
            let refused = visitor.post(path, &[("current", "not the password")]);
            assert_eq!(refused.status, 422, "{path}");
            refused.shows("现在的密码不对");
        }
        visitor.post("/account/second-factor/codes", &[("current", PASSWORD)]).shows("请保存新的恢复码");
        let other = Visitor::new(&app);
        let (_, ticket) = first_step(&other, "owner@example.com");
        assert_eq!(second_step(&other, &ticket, &recovery[0]).status, 401, "those of before are no good");
        let off = visitor.post("/account/second-factor/disable", &[("current", PASSWORD)]);
        assert_eq!(off.location, "/account/second-factor?done=off");
        visitor.get(&off.location).shows("双因素验证已关闭").shows("开始绑定");
        Visitor::signed_in(&app, "owner", "/enterprise");
    }

    fn a_lost_one_is_reset_by_who_keeps_users(db: &TestDb) {
        let app = TestApp::start(db);
        let member = Visitor::signed_in(&app, "member", "/enterprise");
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        owner.get("/enterprise/members").hides("重置双因素");
        enrolled(&app, "member");
        let list = owner.get("/enterprise/members");
        list.shows("重置双因素");
        let (before, _) = list.body.split_once("/second-factor/reset\"").expect("a form");
        let id = before.rsplit("/users/").next().expect("an id");
        let path = format!("/users/{id}/second-factor/reset");
        let other = Visitor::signed_in(&app, "other", "/enterprise");
        assert_eq!(other.post(&path, &[]).status, 404, "another enterprise's");
        let done = owner.post(&path, &[]);
        assert_eq!(done.location, "/enterprise/members?done=factor");
        owner.get(&done.location).shows("双因素验证已重置").hides("重置双因素<");
        assert_eq!(member.get("/enterprise").location, "/login", "what was begun has ended");
        Visitor::signed_in(&app, "member", "/enterprise").get("/messages").shows("双因素验证已由owner重置");
        Visitor::signed_in(&app, "administrator", "/admin").get("/admin/audit").shows("重置双因素验证");
    }

    fn a_password_that_is_too_old_is_changed_first(db: &TestDb) {
        let app = TestApp::start_with(db, |config| {
            config.auth.password_max_days = 90;
            config.auth.password_history = 5;
            config.auth.password_classes = 2;
        });
        app.clock.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(visitor.get("/enterprise").location, "/account/password");
        let page = visitor.get("/account/password");
        page.shows("更改密码");
        let change = |password: &str| {
            let fields = [("current", PASSWORD), ("password", password), ("again", password)];
            visitor.post("/account/password", &fields)
        };
        change(PASSWORD).shows("不能与最近 5 次用过的密码相同");
        change("dreikleinebirnen").shows("至少要有 2 种");
        change("qwertyuiop2024!").shows("太常见");
        let changed = change("drei kleine Birnen");
        assert_eq!(changed.status, 303, "{}", changed.body);
        assert_eq!(visitor.get("/enterprise").status, 200);
    }
}
