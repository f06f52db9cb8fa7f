//! The product editor without scripts: nothing that was typed is lost, what is wrong stands beside its field.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, counts, on_both};
use crate::support::visitor::Visitor;
use serde_json::{Value, json};

/// A product that holds every rule, as typed.
const WHOLE: &[(&str, &str)] = &[
    ("code", "P1"),
    ("name", "示例产品"),
    ("kind", "specialised"),
    ("summary", "随需而贷"),
    ("materials", "营业执照\r\n\r\n近两年财务报表"),
    ("contact", "王经理 0371-00000000"),
    ("amount_fen.min", "１０"),
    ("amount_fen.max", "500"),
    ("term_months.min", "1"),
    ("term_months.max", "36"),
    ("purposes", "working_capital"),
    ("guarantees", "credit"),
    ("repayment", "interest_only"),
    ("rate.base", "lpr_1y"),
    ("rate.spread_bp", "-5"),
    ("renewal", ""),
    ("renewal.window_days", ""),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    WHOLE.iter().copied().chain(more.iter().copied()).collect()
}

on_both! {
    fn rows_come_and_go_and_nothing_typed_is_lost_or_kept(db: &TestDb) {
        let app = TestApp::start(db);
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let before = counts(&db.store);
        let typed = with(&[("fees[0].name", "评估费"), ("fees[0].value", "一千"), ("new_fact", "employees")]);
        let added = bank.post("/bank/new-product", &[typed.as_slice(), &[("go", "add:criteria")]].concat());
        assert_eq!(added.status, 200);
        added.shows("value=\"评估费\"").shows("value=\"一千\"").shows("value=\"１０\"").shows("近两年财务报表");
        added.shows("name=\"criteria[0].fact\" value=\"employees\"").shows("value=\"working_capital\" checked");
        let typed = with(&[("criteria[0].fact", "employees"), ("criteria[0].value", "20"), ("criteria[1].fact", "tier"), ("criteria[1].value", "innovative")]);
        let dropped = bank.post("/bank/new-product", &[typed.as_slice(), &[("go", "drop:criteria.0")]].concat());
        dropped.hides("name=\"criteria[1].fact\"").shows("name=\"criteria[0].fact\" value=\"tier\"").shows("value=\"innovative\" checked");
        let wrong = bank.post("/bank/new-product", &with(&[("go", "save"), ("fees[0].name", "评估费"), ("fees[0].value", "一千")]));
        assert_eq!(wrong.status, 422);
        wrong.shows("还没有保存").shows("href=\"#fees[0].value\"").shows("value=\"一千\"").shows("有误：");
        assert_eq!(counts(&db.store), before, "nothing was kept");
    }

    fn a_product_goes_from_the_editor_through_the_differences_to_everyone(db: &TestDb) {
        let app = TestApp::start(db);
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let contradicting = [
            ("criteria[0].fact", "employees"), ("criteria[0].op", "at_least"), ("criteria[0].value", "50"), ("criteria[0].any", ""),
            ("criteria[1].fact", "employees"), ("criteria[1].op", "at_most"), ("criteria[1].value", "20"), ("criteria[1].any", ""),
        ];
        let saved = bank.post("/bank/new-product", &[with(&contradicting).as_slice(), &[("go", "review")]].concat());
        assert_eq!(saved.location, "/bank/products/P1/edit?done=saved", "not on to the differences");
        let editor = bank.get(&saved.location);
        editor.shows("1 处改好才能发布").shows("href=\"#criteria[1]\"").shows("与其他条件矛盾");
        let visitor = Visitor::new(&app);
        assert_eq!(visitor.get("/products/P1").status, 404);

        let good = [
            ("criteria[0].fact", "employees"), ("criteria[0].op", "at_least"), ("criteria[0].value", "5"), ("criteria[0].any", "1"),
            ("criteria[1].fact", "titles"), ("criteria[1].op", "includes_any"), ("criteria[1].value", "high_tech"), ("criteria[1].any", "1"),
            ("fees[0].name", "评估费"), ("fees[0].kind", "appraisal"), ("fees[0].basis", "upfront_fixed"), ("fees[0].value", "1,200.50"), ("fees[0].payee", "某评估公司"), ("fees[0].borne_by", "bank"),
        ];
        let posted = [with(&good).as_slice(), &[("edition", "1"), ("go", "review")]].concat();
        assert_eq!(bank.post("/bank/products/P1/edit", &posted).location, "/bank/products/P1/publish");
        let stale = bank.post("/bank/products/P1/edit", &posted);
        assert_eq!(stale.status, 409);
        stale.shows("同事改过这份草稿").shows("value=\"1,200.50\"").shows("name=\"edition\" value=\"2\"");
        let review = bank.get("/bank/products/P1/publish");
        review.shows("首次发布").shows("1,200.50 元").shows("满足其中一项");
        assert_eq!(bank.post("/bank/products/P1/publish", &[("edition", "1")]).location, "/bank/products/P1/publish?done=changed");
        assert_eq!(bank.post("/bank/products/P1/publish", &[("edition", "2")]).location, "/bank/products/P1?done=published");
        let public = visitor.get("/products/P1");
        public.shows("近两年财务报表").shows("王经理 0371-00000000").shows("随需而贷").shows("某评估公司").hides("暂停");
        visitor.get("/").shows("href=\"/products/P1\"");

        let again = [with(&good).as_slice(), &[("edition", "3"), ("go", "review")]].concat();
        assert_eq!(bank.post("/bank/products/P1/edit", &again).location, "/bank/products/P1?done=same");
        let mut cheaper = [with(&good).as_slice(), &[("edition", "4"), ("go", "review")]].concat();
        for field in &mut cheaper {
            if field.0 == "rate.spread_bp" {
                field.1 = "-15";
            }
        }
        assert_eq!(bank.post("/bank/products/P1/edit", &cheaper).location, "/bank/products/P1/publish");
        let review = bank.get("/bank/products/P1/publish");
        review.shows("与第 1 版相比，有 1 处不同").shows("<del>1年期LPR−5 基点</del>").shows("<ins>1年期LPR−15 基点</ins>").hides("评估费");
        bank.get("/bank/products/P1").shows("没有发布的草稿，1 处与已发布的不同");
        let stored: Value = app.sign_in("banka").get("/api/v1/products/P1").json().expect("JSON");
        assert_eq!(stored["criteria"][0]["any"][1]["value"], json!(["high_tech"]));
    }

    fn trying_says_little_and_closing_is_final(db: &TestDb) {
        let app = TestApp::start_with(db, |config| config.products.simulations_a_day = 1);
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        bank.post("/bank/products/PA/simulate", &[]).shows("少于 5").shows("今天还可试算 0 次");
        assert_eq!(bank.post("/bank/products/PA/simulate", &[]).status, 429);
        assert_eq!(bank.post("/bank/products/PA/suspend", &[]).location, "/bank/products/PA?done=suspended");
        bank.get("/bank/products/PA").shows("恢复匹配");
        assert_eq!(bank.post("/bank/products/PA/suspend", &[]).status, 409);
        assert_eq!(bank.post("/bank/products/PA/close", &[]).location, "/bank/products/PA?done=closed");
        bank.get("/bank/products/PA").hides("编辑草稿").hides("恢复匹配");
        for page in ["edit", "publish"] {
            assert_eq!(bank.get(&format!("/bank/products/PA/{page}")).status, 409, "{page}");
        }
    }
}
