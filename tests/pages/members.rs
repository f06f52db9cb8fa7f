//! Keeping users: an enterprise's owner, an officer who invites banks, an administrator.

use crate::support::app::{PASSWORD, TestApp};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::joining::{actor, add_user, newest_link, token_of};
use crate::support::visitor::Visitor;
use rongqiao::domain::actor::Role;

on_both! {
    fn threat_30_a_change_of_role_or_a_disabled_user_is_out_at_once(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        let id = actor(&app, "member").user_id;
        let member = Visitor::signed_in(&app, "member", "/enterprise");
        let token = app.sign_in("member");
        assert_eq!(owner.post(&format!("/users/{id}/role"), &[("role", "reader")]).location, "/enterprise/members?done=changed");
        assert_eq!(member.get("/enterprise").location, "/login");
        assert_eq!(token.get("/api/v1/products").status(), 401);
        let token = app.sign_in("member");
        assert_eq!(token.post("/api/v1/requests", &crate::support::app::usual_need()).status(), 403, "a reader's");
        let member = Visitor::signed_in(&app, "member", "/enterprise");
        member.get("/messages").shows("角色已更改为企业只读用户");
        assert_eq!(owner.post(&format!("/users/{id}/disable"), &[]).status, 303);
        assert_eq!(member.get("/enterprise").location, "/login");
        assert_eq!(token.get("/api/v1/products").status(), 401);
        assert_eq!(member.post("/login", &[("email", "member@example.com"), ("password", PASSWORD)]).status, 401);
        owner.get("/enterprise/members").shows("已停用").shows("2 位成员可以登录");
        assert_eq!(owner.post(&format!("/users/{id}/enable"), &[]).status, 303);
        Visitor::signed_in(&app, "member", "/enterprise");
    }

    fn the_last_owner_and_the_last_administrator_stay(db: &TestDb) {
        let app = TestApp::start(db);
        for (name, start) in [("owner", "/enterprise"), ("administrator", "/admin")] {
            let keeper = Visitor::signed_in(&app, name, start);
            let id = actor(&app, name).user_id;
            let before = counts(&db.store);
            let refused = keeper.post(&format!("/users/{id}/disable"), &[]);
            assert_eq!(refused.status, 422, "{name}");
            refused.shows("这是最后一位");
            assert_eq!(counts(&db.store), before);
        }
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        let id = actor(&app, "owner").user_id;
        assert_eq!(owner.post(&format!("/users/{id}/role"), &[("role", "reader")]).status, 422);
        let second = add_user(&app, "second", "E0", Role::Member);
        assert_eq!(owner.post(&format!("/users/{second}/role"), &[("role", "owner")]).status, 303);
        assert_eq!(owner.post(&format!("/users/{id}/role"), &[("role", "reader")]).location, "/login", "one's own session ends too");
    }

    fn roles_and_organisations_beyond_reach_are_refused(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        for (role, code) in [("owner", ""), ("administrator", ""), ("member", "E1"), ("nobody", ""), ("", "")] {
            let refused = owner.post("/users/invite", &[("email", "a@example.com"), ("role", role), ("organisation", code)]);
            assert_eq!(refused.status, 422, "{role} {code}");
            refused.shows("value=\"a@example.com\"").shows("有误：");
        }
        let spare = add_user(&app, "spare", "E0", Role::Member);
        assert_eq!(owner.post(&format!("/users/{spare}/role"), &[("role", "administrator")]).status, 404);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        for (role, code) in [("officer", "centre"), ("department_user", "tax"), ("member", "E0"), ("bank_user", "elsewhere")] {
            let refused = officer.post("/users/invite", &[("email", "a@example.com"), ("role", role), ("organisation", code)]);
            assert_eq!(refused.status, 422, "{role} {code}");
        }
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        for (role, code) in [("owner", "E0"), ("bank_user", "tax"), ("officer", "elsewhere")] {
            let refused = administrator.post("/users/invite", &[("email", "a@example.com"), ("role", role), ("organisation", code)]);
            assert_eq!(refused.status, 422, "{role} {code}");
        }
        let refused = owner.post("/users/invite", &[("email", "a@example.com\r\nBcc: b@example.com"), ("role", "member")]);
        assert_eq!(refused.status, 422, "no header is split");
    }

    fn threat_18_what_a_form_does_not_have_is_refused(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        let id = actor(&app, "member").user_id;
        let token = app.sign_in("owner");
        let before = counts(&db.store);
        for (name, value) in [("organisation_id", "E1"), ("active", "true"), ("password_hash", "x"), ("invited_by", "x"), ("token_hash", "x"), ("expires_at", "2099-01-01"), ("district_code", "410105")] {
            assert_eq!(owner.post("/users/invite", &[("email", "a@example.com"), ("role", "member"), (name, value)]).status, 422, "{name}");
            assert_eq!(owner.post(&format!("/users/{id}/role"), &[("role", "reader"), (name, value)]).status, 422, "{name}");
            let body = serde_json::json!({"email": "a@example.com", "role": "member", name: value});
            assert_eq!(token.post("/api/v1/invitations", &body).status(), 422, "{name}");
        }
        assert_eq!(counts(&db.store), before);
    }

    fn an_administrator_adds_a_bank_and_an_officer_invites_its_user(db: &TestDb) {
        let app = TestApp::start(db);
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        let add = |code: &str, kind: &str, name: &str| administrator.post("/admin/organisations", &[("kind", kind), ("code", code), ("name", name)]);
        assert_eq!(add("newbank", "bank", "示例新银行").location, "/admin/organisations?done=added");
        for (code, kind, name, told) in [("newbank", "bank", "又一家", "这个机构代码已有"), ("New Bank", "bank", "示例", "小写字母"), ("x", "enterprise", "示例", "请选机构类型"), ("x", "", "示例", "请选机构类型"), ("x", "bank", "", "请填写名称")] {
            let refused = add(code, kind, name);
            assert_eq!(refused.status, 422, "{code} {kind}");
            refused.shows(told);
        }
        let page = administrator.get("/admin/organisations?kind=bank");
        page.shows("示例新银行").hides("示例企业0");
        administrator.get("/admin/organisations/newbank").shows("还没有账号");
        administrator.get("/admin/users").shows("owner@example.com").shows("示例新银行（银行）").hides("elsewhere@example.com");

        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get("/centre/banks").shows("示例新银行").hides("示例企业0").hides("示例tax");
        let invited = officer.post("/users/invite", &[("email", "banker@example.com"), ("role", "bank_user"), ("organisation", "newbank")]);
        assert_eq!(invited.location, "/centre/banks?done=invited");
        officer.get("/centre/banks").shows("banker@example.com");
        let token = token_of(&newest_link(&app, "banker@example.com"));
        let joined = Visitor::new(&app).post("/invitation", &[("token", &token), ("name", "周新"), ("password", PASSWORD)]);
        assert_eq!(joined.status, 303);
        Visitor::new(&app).entered("banker@example.com", PASSWORD, "/bank");
        officer.get("/centre/banks").hides("banker@example.com");
    }

    fn the_settings_in_force_are_shown_without_secrets(db: &TestDb) {
        let app = TestApp::start(db);
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        let page = administrator.get("/admin/settings");
        page.shows("invite_days").shows("RONGQIAO__").shows("***").hides("sqlite:").hides("postgres:");
        let shown: serde_json::Value = app.sign_in("administrator").get("/api/v1/settings").json().expect("JSON");
        let items = shown["items"].as_array().expect("a list");
        assert!(items.iter().any(|one| one["key"] == "joining.reset_minutes" && one["value"] == "60" && one["changed"] == false));
    }
}
