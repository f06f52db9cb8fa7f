//! The result of a request on the demo's district: every reason, one thing to do about each.

use crate::support::app::{PASSWORD, TestApp};
use crate::support::db::{TestDb, on_both};
use crate::support::mail::by_hand;
use crate::support::samples::USCCS;
use crate::support::visitor::{Answer, Visitor};
use rongqiao::cli::demo::Account;
use rongqiao::store::organisations;

fn visitor(app: &TestApp, accounts: &[Account], role: &str, start: &str) -> Visitor {
    let account = accounts
        .iter()
        .find(|account| account.role == role)
        .expect("an account");
    Visitor::new(app).entered(&account.email, &account.password, start)
}

/// The addresses of a list that begin with `root` and are no form.
fn links(page: &Answer, root: &str) -> Vec<String> {
    let ends = |text: &str| text.split('"').next().expect("an end").to_owned();
    let all = page.body.split("href=\"").skip(1).map(ends);
    all.filter(|href| href.starts_with(root) && href.len() > root.len() + 30 && !href.contains("edit"))
        .collect()
}

/// The pieces of a page that begin with `mark`, each to the next or to the section's end.
fn pieces<'a>(page: &'a Answer, section: &str, mark: &str) -> Vec<&'a str> {
    let from = page.body.find(section).expect("the section");
    let section = &page.body[from..];
    let section = &section[..section.find("</section>").expect("its end")];
    section.split(mark).skip(1).collect()
}

on_both! {
    fn the_result_says_it_all(db: &TestDb) {
        let (app, accounts) = TestApp::start_demo(db);
        let enterprise = visitor(&app, &accounts, "enterprise", "/enterprise");
        let list = enterprise.get("/enterprise/requests");
        let href = links(&list, "/enterprise/requests/").into_iter().next().expect("a submitted request");
        let page = enterprise.get(&href);
        assert_eq!(page.status, 200);
        page.shows("适合您").shows("最终以银行报价为准").shows("匹配时间").shows("年化综合成本怎么算");

        let rows = pieces(&page, "id=\"ok\"", "<tr role=\"row\" data-product");
        assert!(rows.len() >= 3, "several products fit");
        let near = pieces(&page, "id=\"near\"", "<div class=\"case");
        assert!(near.len() >= 3, "several miss one check");
        for row in &near {
            for part in ["class=\"needed\"", "class=\"actual\"", "class=\"gap\"", "class=\"source\"", "class=\"date\""] {
                assert!(row.contains(part), "{part} is not in {row}");
            }
            assert!(!row.contains("class=\"gap\"></span>"), "no difference in {row}");
            assert_eq!(row.matches("class=\"btn").count(), 1, "one thing to do in {row}");
        }
        let missing = pieces(&page, "id=\"need\"", "<div class=\"case");
        assert!(missing.iter().all(|row| row.contains("<li>")));
        let off = pieces(&page, "id=\"off\"", "<div class=\"miss");
        assert!(off.iter().all(|row| row.matches("<li>").count() >= 2), "all that they miss");

        let detail = links(&page, &href).into_iter().find(|link| link.contains("/matches/")).expect("a product");
        let detail = enterprise.get(&detail);
        assert_eq!(detail.status, 200);
        detail.shows("逐项核对").shows("还款计划").shows("贷款明白纸加总口径").shows("data-check=\"amount_max\"");

        let centre = visitor(&app, &accounts, "officer", "/centre");
        let seen = centre.get(&href.replace("/enterprise/", "/centre/"));
        assert_eq!(seen.status, 200);
        seen.shows("适合该企业").hides("/copy\"").hides("您");
        assert_eq!(visitor(&app, &accounts, "bank", "/bank").get(&href).status, 404);
    }

    fn a_result_that_was_opened_before_is_the_same_again_but_for_a_banks_new_name(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let href = format!("/enterprise/requests/{}", owner.open_fitting(USCCS[0]));
        let page = Visitor::new(&app).entered("owner@example.com", PASSWORD, "/enterprise");
        let before = page.get(&href);
        let name = db.store.read(|conn| organisations::by_code(conn, "BANKA")).expect("it is there").organisation.name;
        before.shows(&name).shows("示例产品PA");
        assert_eq!(page.get(&href).body, before.body);
        by_hand(&db.store, "UPDATE organisation SET name = '改名银行' WHERE code = 'BANKA'").expect("it is changed");
        page.get(&href).shows("改名银行").hides(&name);
    }

    fn a_change_begins_a_copy_with_that_field_set(db: &TestDb) {
        let (app, accounts) = TestApp::start_demo(db);
        let enterprise = visitor(&app, &accounts, "enterprise", "/enterprise");
        let list = enterprise.get("/enterprise/requests");
        let href = links(&list, "/enterprise/requests/").into_iter().next().expect("a submitted request");
        let change = [("field", "term_months"), ("value", "24"), ("step", "4")];
        let copy = enterprise.post(&format!("{href}/copy"), &change);
        assert!(copy.location.ends_with("/edit?step=4"));
        assert!(!copy.location.starts_with(&href), "the submitted request stays as it is");
        enterprise.get(&copy.location).shows("24 个月").shows("提交并匹配");
        let again = enterprise.post(&format!("{href}/copy"), &change);
        assert_eq!(again.location, copy.location, "a second click does nothing twice");
        let forged = enterprise.post(&format!("{href}/copy"), &[("field", "state"), ("value", "open"), ("step", "4")]);
        assert_eq!(forged.status, 422);
    }

    fn a_bank_sees_its_own_products_only(db: &TestDb) {
        let app = TestApp::start(db);
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let list = bank.get("/bank/products");
        list.shows("2 个产品，1 个正在参与匹配").shows("/bank/products/PA").shows("/bank/products/PD").hides("/bank/products/PB");
        bank.get("/bank/products/PD").shows("草稿").shows("梯度培育层级不低于 创新型").shows("1年期LPR+50 基点");
        assert_eq!(bank.get("/bank/products/PB").status, 404, "another bank's is not its own");
        assert_eq!(bank.get("/bank/products/missing").status, 404);
    }
}
