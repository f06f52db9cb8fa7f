//! Picking banks, the bank's queue, and what an enterprise sees of it all.

use crate::support::app::{TestApp, usual_need};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use serde_json::{Value, json};

/// The address of the page on which banks are agreed to.
fn consent(request: &str) -> String {
    format!("/enterprise/requests/{request}/consent")
}

const AGREED: [(&str, &str); 5] = [
    ("product", "PA"),
    ("product", "PB"),
    ("text_version", "1"),
    ("until", "2026-12-20"),
    ("agree", "yes"),
];

on_both! {
    fn banks_are_picked_seen_agreed_to_and_taken_back(db: &TestDb) {
        let app = TestApp::start(db);
        let request = app.sign_in("owner").open_fitting(USCCS[0]);
        let (owner, bank) = (Visitor::signed_in(&app, "owner", "/enterprise"), Visitor::signed_in(&app, "banka", "/bank"));
        let result = format!("/enterprise/requests/{request}");
        owner.get(&result).shows("name=\"product\" value=\"PA\" form=\"pick\"").shows("银行看不到您的企业和这份需求").hides("checked");
        let none = owner.get(&consent(&request));
        assert_eq!(none.location, format!("{result}?pick=none#ok"));
        owner.get(&none.location).shows("请先在下面的表里勾选");
        let page = owner.get(&format!("{}?product=PA&product=PB", consent(&request)));
        page.shows("授权给 2 家银行").shows("先留作备选").shows("示例BANKA").shows("1 项数据：梯度培育层级").shows("value=\"2027-01-30\"").hides("checked");
        page.shows("向银行提供资料授权书（第 1 版）");

        let before = counts(&db.store);
        let unticked = owner.post(&consent(&request), &AGREED[..4]);
        assert_eq!(unticked.status, 422);
        unticked.shows("<title>有误：").shows("再勾选同意").shows("value=\"2026-12-20\"");
        for until in ["", "2020-01-01", "很久以后"] {
            let fields = [("product", "PA"), ("text_version", "1"), ("until", until), ("agree", "yes")];
            assert_eq!(owner.post(&consent(&request), &fields).status, 422, "{until}");
        }
        assert_eq!(counts(&db.store), before, "nothing is sent before it is right");
        let sent = owner.post(&consent(&request), &AGREED);
        assert_eq!(sent.location, format!("{result}?pick=sent#sent"));
        owner.get(&sent.location).shows("已发给 2 家银行").shows("待查看").shows("已授权并发出").hides("form=\"pick\"");
        let again = owner.post(&consent(&request), &AGREED);
        assert_eq!(again.location, format!("{result}#sent"), "a second click does nothing twice");

        let queue = bank.get("/bank");
        queue.shows("1 件需求待查看").shows("示例企业0有限公司").shows("0/1");
        let from = queue.body.find("/bank/referrals/").expect("a link");
        let referral = queue.body[from..].split('"').next().expect("an address").to_owned();
        bank.get(&referral).shows("打开信用资料").shows("见信用资料").shows("企业可以看到").hides("专精特新</span>");
        bank.get(&format!("{referral}/profile")).shows("本次查看已记录").shows("专精特新").shows("自行填报").shows("o***@***.com");
        bank.get("/bank?state=viewed").shows("示例企业0有限公司");
        let consents = owner.get("/enterprise/consents");
        consents.shows("2 项授权有效").shows("示例BANKA <span class=\"plain muted\">banka</span>").shows("信用资料");
        let from = consents.body.find("/enterprise/consents/").expect("a link");
        for _ in 0..2 {
            let revoke = consents.body[from..].split('"').next().expect("an address");
            let done = owner.post(revoke, &[]);
            assert_eq!(done.location, "/enterprise/consents?done=revoked");
        }
        owner.get("/enterprise/consents?done=revoked").shows("1 项授权有效").shows("立即生效").shows("撤回</li>");
        let banks = [Visitor::signed_in(&app, "bankb", "/bank").get("/bank").body, bank.get("/bank").body];
        assert_eq!(banks.iter().filter(|body| body.contains("企业已撤回授权")).count(), 1, "one of the two");
    }

    fn a_loan_of_a_bank_elsewhere_is_renewed_as_any_other(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        owner.declare(USCCS[0], "tier", &json!("specialised"));
        let mut need = usual_need();
        need["existing_loan"] = json!({"bank": "ELSEWHERE", "matures_on": "2026-12-01", "balance_fen": 100});
        let request: Value = owner.post("/api/v1/requests", &need).json().expect("JSON");
        let request = request["id"].as_str().expect("an id");
        assert_eq!(owner.submit(request).status(), 200);
        let (referral, _) = owner.refer(request, "BANKA", "PA");
        let page = Visitor::signed_in(&app, "banka", "/bank").get(&format!("/bank/referrals/{referral}"));
        page.shows("示例企业0有限公司").shows("其他银行");
    }

    fn the_platform_is_authorised_and_that_is_taken_back(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        owner.get("/enterprise").shows("还没有授权平台使用部门数据");
        owner.get("/enterprise/consents").shows("还没有授权平台使用部门数据").shows("value=\"2027-11-01\"").hides(" checked");
        let none = owner.post("/enterprise/authorisation", &[("text_version", "1"), ("until", "2027-02-01")]);
        assert_eq!(none.status, 422);
        none.shows("请至少勾选一个部门");
        let late = owner.post("/enterprise/authorisation", &[("departments", "tax"), ("text_version", "1"), ("until", "2029-02-01")]);
        late.shows("一年之内").shows("value=\"tax\" checked").shows("value=\"2029-02-01\"");
        let given = owner.post("/enterprise/authorisation", &[("departments", "tax"), ("departments", "bank"), ("text_version", "1"), ("until", "2027-02-01")]);
        assert_eq!(given.location, "/enterprise/consents?done=authorised#platform");
        owner.get("/enterprise/consents").shows("授权 2 个部门和机构，至 2027-02-01");
        owner.get("/enterprise/profile").shows("没有授权使用科工信局");
        let taken = owner.post("/enterprise/authorisation", &[("go", "revoke"), ("departments", "tax")]);
        assert_eq!(taken.location, "/enterprise/consents?done=taken#platform");
        owner.get("/enterprise/profile").shows("还没有授权平台使用部门数据");
        let reader = Visitor::signed_in(&app, "reader", "/enterprise").get("/enterprise/consents");
        reader.hides("action=\"/enterprise/").shows("查看记录");
    }

    fn an_officers_look_at_a_profile_stands_in_the_log(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get(&format!("/centre/enterprises/{}", USCCS[0])).shows("本次查看已记录").shows("示例企业0有限公司");
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        owner.get("/enterprise/consents").shows("示例centre").shows("企业资料</span>");
        assert_eq!(owner.get("/enterprise/consents?before=yesterday").status, 404);
        assert_eq!(officer.get("/centre/enterprises/nobody").status, 404);
    }

    fn threat_01_no_page_shows_another_tenants_rows(db: &TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.sign_in("owner"), app.sign_in("other"));
        let (request, foreign) = (one.open_fitting(USCCS[0]), two.open_fitting(USCCS[1]));
        let (referral, given) = one.refer(&request, "BANKA", "PA");
        two.refer(&foreign, "BANKB", "PB");
        let canaries = [("0", "示例企业0有限公司"), ("0", USCCS[0]), ("0", given.as_str()), ("1", "示例企业1有限公司"), ("1", USCCS[1]), ("a", "示例产品PD")];
        let may_see: [(&str, &str, &[&str]); 8] = [("owner", "/enterprise", &["0"]), ("reader", "/enterprise", &["0"]), ("other", "/enterprise", &["1"]),
            ("banka", "/bank", &["0", "a"]), ("bankb", "/bank", &["1"]), ("elsewhere", "/centre", &[]), ("department", "/department", &[]), ("administrator", "/admin", &[])];
        let mut paths: Vec<String> = ["/enterprise", "/enterprise/profile", "/enterprise/requests", "/enterprise/consents", "/bank", "/bank/products", "/bank/products/PD",
            "/centre", "/department", "/admin"].map(str::to_owned).to_vec();
        for id in [&request, &foreign] {
            paths.extend([format!("/enterprise/requests/{id}"), format!("/enterprise/requests/{id}/matches/PA"), format!("{}?product=PB", consent(id)), format!("/centre/requests/{id}")]);
        }
        paths.extend(["", "/profile"].map(|tail| format!("/bank/referrals/{referral}{tail}")));
        paths.push(format!("/enterprise/consents/{given}/revoke"));
        paths.extend(USCCS.map(|code| format!("/centre/enterprises/{code}")));
        for (name, start, own) in may_see {
            let visitor = Visitor::signed_in(&app, name, start);
            let mut met = std::collections::BTreeSet::new();
            for path in &paths {
                let body = visitor.get(path).body;
                for (tenant, canary) in canaries {
                    let is_there = body.contains(canary);
                    assert!(!is_there || own.contains(&tenant), "{name} was shown {canary} by {path}");
                    if is_there {
                        met.insert(tenant);
                    }
                }
            }
            assert_eq!(met.into_iter().collect::<Vec<_>>(), own, "{name} is shown its own");
        }
    }
}
