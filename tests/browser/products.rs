//! A bank's product from the first field to what everyone sees, with script and without; pictures of each page.

use super::driver::{Browser, View, with_browser};
use crate::support::app::TestApp;
use crate::support::db::TestDb;

/// Fills a field by its name; names have dots, which mean something else in selectors.
async fn fill(browser: &Browser, name: &str, text: &str) {
    browser.fill(&format!("[name='{name}']"), text).await;
}

/// Chooses an option; a telephone's list is the system's, which no driver opens.
/// Waits for the list: the page may still be on its way.
async fn choose(browser: &Browser, name: &str, code: &str) {
    browser.find(&format!("[name='{name}']")).await;
    let select =
        format!("const list = document.getElementsByName('{name}')[0]; list.value = '{code}'; return list.value");
    assert_eq!(browser.ask(&select).await, code, "{name}");
}

async fn tick(browser: &Browser, name: &str, code: &str) {
    browser.click(&format!("input[name='{name}'][value='{code}']")).await;
}

fn product(view: View) {
    let db = TestDb::sqlite();
    let (app, accounts) = TestApp::start_demo(&db);
    with_browser(&app.base_url, view, |browser| async move {
        browser.sign_in(&accounts, "bank", "/bank").await;
        browser.open("/bank/products").await;
        browser.looked_at("products").await;
        browser
            .click_to("a[href='/bank/new-product']", "/bank/new-product")
            .await;
        browser.looked_at("product-new").await;
        terms(&browser).await;
        rows(&browser).await;
        published(&browser).await;
    });
}

/// What is not a row; then the page comes back with what is missing.
async fn terms(browser: &Browser) {
    fill(browser, "code", "XJD-01").await;
    fill(browser, "name", "专精特新信用贷").await;
    choose(browser, "kind", "specialised").await;
    browser.click("button[value=save]:not(.sr)").await;
    browser.find("[data-errors]").await;
    browser.looked_at("product-wrong").await;
    let kept = browser.ask("return document.getElementById('code').value").await;
    assert_eq!(kept, "XJD-01");
    fill(browser, "summary", "面向培育企业的信用贷款，线上申请，三个工作日答复。").await;
    fill(browser, "materials", "营业执照\n近两年财务报表\n近一年纳税证明").await;
    fill(browser, "contact", "公司业务部 王经理 0371-00000000").await;
    for (name, text) in [
        ("amount_fen.min", "10"),
        ("amount_fen.max", "1000"),
        ("quota_fen", "50000"),
        ("term_months.min", "3"),
        ("term_months.max", "36"),
        ("rate.spread_bp", "30"),
        ("rate.tier_discount_bp.specialised", "20"),
    ] {
        fill(browser, name, text).await;
    }
    for (name, code) in [
        ("purposes", "working_capital"),
        ("purposes", "research"),
        ("guarantees", "credit"),
        ("repayment", "interest_only"),
    ] {
        tick(browser, name, code).await;
    }
    choose(browser, "rate.base", "lpr_1y").await;
}

/// Rows, each added by a button that comes back with all the rest.
async fn rows(browser: &Browser) {
    browser.click("button[value='add:fees']").await;
    fill(browser, "fees[0].name", "评估费").await;
    choose(browser, "fees[0].kind", "appraisal").await;
    choose(browser, "fees[0].basis", "upfront_fixed").await;
    fill(browser, "fees[0].value", "2000").await;
    choose(browser, "fees[0].borne_by", "bank").await;
    for fact in ["tier", "revenue_fen", "titles", "tax_arrears"] {
        choose(browser, "new_fact", fact).await;
        browser.click("button[value='add:criteria']").await;
        browser
            .find(&format!("input[type=hidden][value='{fact}'][name^='criteria']"))
            .await;
    }
    choose(browser, "criteria[0].op", "at_least").await;
    tick(browser, "criteria[0].value", "innovative").await;
    choose(browser, "criteria[1].op", "at_least").await;
    fill(browser, "criteria[1].value", "500").await;
    choose(browser, "criteria[1].any", "1").await;
    tick(browser, "criteria[2].value", "high_tech").await;
    choose(browser, "criteria[2].any", "1").await;
    tick(browser, "criteria[3].value", "false").await;
    let kept = browser
        .ask("return [document.querySelector('#contact').value, document.querySelector('#materials').value.split('\\n').length]")
        .await;
    assert_eq!(kept, serde_json::json!(["公司业务部 王经理 0371-00000000", 3]));
    browser.looked_at("product-filled").await;
}

/// Differences, trying, publishing; what everyone then sees.
async fn published(browser: &Browser) {
    browser
        .click_to("button[value=review]", "/bank/products/XJD-01/publish")
        .await;
    browser.looked_at("product-differences").await;
    browser.click("form[action$=simulate] button").await;
    browser.find("h1").await;
    browser.looked_at("product-tried").await;
    browser.open("/bank/products/XJD-01/publish").await;
    browser.click_to("form[action$=publish] button", "done=published").await;
    browser.looked_at("product-published").await;
    browser.open("/bank/products/XJD-01/edit").await;
    fill(browser, "rate.spread_bp", "25").await;
    choose(browser, "new_fact", "revenue_fen").await;
    browser.click("button[value='add:criteria']").await;
    choose(browser, "criteria[4].op", "at_most").await;
    fill(browser, "criteria[4].value", "100000").await;
    browser.click_to("button[value=review]", "/publish").await;
    browser.looked_at("product-differences-second").await;
    browser.open("/bank/products/XJD-01").await;
    browser.looked_at("product-with-draft").await;
    browser.sign_out().await;
    browser.open("/products/XJD-01").await;
    browser.looked_at("product-public").await;
}

#[test]
fn a_product_at_1280_px_without_script() {
    product(View {
        width: 1280,
        script: false,
    });
}

#[test]
fn a_product_at_390_px() {
    product(View {
        width: 390,
        script: true,
    });
}
