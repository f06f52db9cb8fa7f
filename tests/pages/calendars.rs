//! LPR, holidays and keys, kept by an administrator.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::feed::{csv, with_key};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use serde_json::{Value, json};

on_both! {
    fn an_old_lpr_is_warned_of_until_a_new_one_is_kept(db: &TestDb) {
        let app = TestApp::start(db);
        let (visitor, officer) = (Visitor::signed_in(&app, "administrator", "/admin"), Visitor::signed_in(&app, "officer", "/centre"));
        // Announced on 2025-05-20, and it is 2026-11-01.
        for page in [visitor.get("/admin"), visitor.get("/admin/lpr"), officer.get("/centre")] {
            page.shows("最新的 LPR 公布于 530 天前（超过 35 天）");
        }
        for (date, one, five, words) in [
            ("", "3.00", "3.50", "请填公布日期"),
            ("2026-10-20", "三", "3.50", "请填百分数"),
            ("2026-10-20", "3.00", "3.505", "请填百分数"),
            ("2026-10-20", "-1", "3.50", "应在 1 至 2000 之间"),
            ("2026-11-02", "3.00", "3.50", "不能晚于今天"),
        ] {
            let page = visitor.post("/admin/lpr", &[("date", date), ("one_year", one), ("five_year", five)]);
            assert_eq!(page.status, 422, "{words}");
            page.shows("<title>有误：").shows(words).shows(&format!("value=\"{five}\""));
        }
        let kept = |one: &str| visitor.post("/admin/lpr", &[("date", "2026-10-20"), ("one_year", one), ("five_year", "3.40")]).status;
        assert_eq!(kept("2.90"), 303);
        visitor.get("/admin/lpr?done=saved").shows("现行 LPR：1 年期 2.90%，5 年期以上 3.40%").hides("超过 35 天");
        officer.get("/centre").hides("LPR 公布于");
        assert_eq!((kept("2.95"), kept("2.95")), (303, 303));
        visitor.get("/admin/lpr").shows("1 年期 2.95%").hides("2.90%");
        let log: Value = app.sign_in("administrator").get("/api/v1/audit?action=lpr_put").json().expect("JSON");
        let changes: Vec<(&Value, &Value)> = log["items"].as_array().expect("a list").iter().map(|item| (&item["before"], &item["after"])).collect();
        assert_eq!(changes.len(), 2, "what changes nothing is no entry");
        assert_eq!(*changes[0].0, json!("{\"1y_bp\":290,\"5y_bp\":340}"));
    }

    fn holidays_are_kept_and_the_years_beyond_are_warned_of(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "administrator", "/admin");
        visitor.get("/admin/holidays").shows("2026 年的放假安排还没有录入：今年的工作日只扣除了周末");
        let put = |date: &str, kind: &str, name: &str| visitor.post("/admin/holidays", &[("date", date), ("kind", kind), ("name", name)]);
        for (date, kind, name, words) in [("2026", "holiday", "元旦", "请填日期"), ("2026-01-01", "day", "元旦", "请选放假或补班"), ("2026-01-01", "holiday", " ", "不能为空")] {
            let page = put(date, kind, name);
            assert_eq!(page.status, 422, "{words}");
            page.shows(words);
        }
        assert_eq!(put("2026-10-01", "holiday", "国庆").location, "/admin/holidays?year=2026&done=saved");
        assert_eq!(put("2026-10-10", "workday", "国庆").status, 303);
        visitor.get("/admin/holidays?year=2026").shows("2026 年：放假 1 天，补班 1 天").shows("周六").shows("2027 年起的放假安排还没有录入");
        assert_eq!(put("2026-10-01", "workday", "国庆").status, 303, "corrected");
        visitor.get("/admin/holidays").shows("2026 年：放假 0 天，补班 2 天");
        visitor.get("/admin/holidays?year=2027").shows("这一年还没有录入");
    }

    fn a_key_is_shown_once_and_never_again(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "administrator", "/admin");
        visitor.get("/admin/feed-keys").shows("还没有有效的接口密钥").shows("示例tax").hides("value=\"centre\"");
        assert_eq!(visitor.post("/admin/feed-keys", &[("department", "tax"), ("name", "")]).status, 422);
        assert_eq!(visitor.post("/admin/feed-keys", &[("department", "centre"), ("name", "a")]).status, 422);
        let made = visitor.post("/admin/feed-keys", &[("department", "tax"), ("name", "每日报送")]);
        assert_eq!(made.status, 201);
        made.shows("新密钥只显示这一次");
        let from = made.body.find("id=\"made\">").expect("the key") + "id=\"made\">".len();
        let key: String = made.body[from..].chars().take_while(|c| *c != '<').collect();
        assert_eq!(with_key(&app, &key, "?sequence=1", &csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01")])).status(), 201);
        visitor.get("/admin/feed-keys").shows("1 个接口密钥有效").shows(&key[..10]).hides(&key);
        let from = made.body.find("/admin/feed-keys/").expect("a form");
        let path: String = made.body[from..].chars().take_while(|c| *c != '"').collect();
        assert_eq!((visitor.post(&path, &[]).status, visitor.post(&path, &[]).status), (303, 303));
        visitor.get("/admin/feed-keys?done=revoked").shows("已停用").shows("还没有有效的接口密钥");
        assert_eq!(with_key(&app, &key, "?sequence=2", &csv(&[(USCCS[0], "tax_grade", "B", "2026-10-02")])).status(), 401);
    }
}
