//! The main line in pages, by links and buttons alone: an enterprise registers, asks, picks two banks, compares, accepts;
//! a bank reads, offers, signs, pays out; an officer lets both on. A picture of each page that is passed.

use super::driver::{Browser, View, with_browser};
use crate::support::app::{PASSWORD, TestApp};
use crate::support::db::TestDb;
use crate::support::joining::{PDF, PNG, newest_link, uscc};
use chrono::TimeDelta;
use serde_json::json;
use std::fs;
use tempfile::TempDir;

const FOUNDER: &str = "founder@example.com";

fn at(width: u32) {
    let db = TestDb::sqlite();
    let app = TestApp::start(&db);
    let app = &app;
    with_browser(&app.base_url, View { width, script: true }, |browser| async move {
        registers(&browser, app).await;
        asks(&browser).await;
        bank_offers(&browser).await;
        std::thread::scope(|scope| scope.spawn(|| rival_offers(app)).join().expect("it is made"));
        officer_forwards(&browser).await;
        accepts(&browser).await;
        bank_pays_out(&browser, app).await;
        sees_the_loan(&browser).await;
    });
}

#[test]
fn at_1280_px() {
    at(1280);
}

#[test]
fn at_390_px() {
    at(390);
}

/// Leaves, and comes back as another.
async fn change_to(browser: &Browser, email: &str, start: &str) {
    browser.sign_out().await;
    browser.enter(email, PASSWORD, start).await;
}

/// Goes on to a page by a link or button, and takes its picture.
async fn on_to(browser: &Browser, css: &str, part: &str, name: &str) {
    browser.click_to(css, part).await;
    browser.find("footer").await;
    browser.looked_at(&format!("way-{name}")).await;
}

async fn registers(browser: &Browser, app: &TestApp) {
    browser.open("/login").await;
    on_to(browser, "a[href='/register']", "/register", "01-register").await;
    browser.fill("#email", FOUNDER).await;
    on_to(browser, "main form button", "done=sent", "02-register-sent").await;

    browser.open(&newest_link(app, FOUNDER)).await;
    let folder = TempDir::new().expect("a folder");
    let papers = [("licence.pdf", PDF), ("letter.png", PNG)].map(|(name, content)| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("a file");
        path
    });
    browser.fill("#uscc", uscc(7).as_str()).await;
    browser.fill("#enterprise_name", "郑州示例新材料有限公司").await;
    browser.set("industry", "35").await;
    browser.set("town", "410106001").await;
    browser.fill("#person", "刘新").await;
    browser.fill("#password", PASSWORD).await;
    browser.attach("#licence", &papers[0]).await;
    browser.attach("#letter", &papers[1]).await;
    browser.click("#agree").await;
    browser.looked_at("way-03-register-form").await;
    on_to(
        browser,
        "main form .go button",
        "done=submitted",
        "04-register-submitted",
    )
    .await;

    browser.enter("officer@example.com", PASSWORD, "/centre").await;
    let list = ".nav a[href='/centre/registrations']";
    on_to(browser, list, "/centre/registrations", "05-registrations").await;
    on_to(browser, "tbody th a", "/centre/registrations/", "06-registration").await;
    browser.click_to("form[action$=approve] button", "done=approved").await;
    change_to(browser, FOUNDER, "/enterprise").await;
    browser.looked_at("way-07-start").await;
}

/// Declares the one fact that the products look at, and asks.
async fn asks(browser: &Browser) {
    browser
        .click_to(".nav a[href='/enterprise/profile']", "/enterprise/profile")
        .await;
    on_to(browser, "td a[href$='/facts/tier']", "/facts/tier", "08-fact").await;
    browser.click("input[name=value][value=specialised]").await;
    browser.click_to("form[action$=tier] .go button", "saved=tier").await;

    browser.click_to(".nav a[href='/enterprise']", "/enterprise").await;
    on_to(browser, ".next a.btn", "/enterprise/requests/new", "09-request-1").await;
    browser.fill("#amount", "100").await;
    browser.click("input[name=purpose][value=working_capital]").await;
    on_to(browser, ".go .btn", "step=2", "10-request-2").await;
    browser.fill("#term_months", "12").await;
    for code in ["credit", "guarantor", "mortgage"] {
        browser.click(&format!("input[name=guarantees][value={code}]")).await;
    }
    browser.fill("#max_cost", "6").await;
    on_to(browser, ".go .btn", "step=4", "11-request-review").await;
    browser.click(".go .btn").await;
    browser.find(".verdicts").await;
    browser.looked_at("way-12-result").await;

    on_to(browser, ".head a[href$=what-if]", "/what-if", "12-what-if").await;
    browser.fill("#amount", "400").await;
    browser.set("fact", "employees").await;
    browser.click("form .go button").await;
    browser.fill("#value", "120").await;
    browser.looked_at("way-12-what-if-fact").await;
    browser.click("form .go button").await;
    browser.find("#tried").await;
    browser.looked_at("way-12-what-if-tried").await;
    browser.click_to("form .go a", "/enterprise/requests/").await;

    for product in ["PA", "PB"] {
        browser.click(&format!("#ok tr[data-product={product}] input")).await;
    }
    on_to(browser, "#consent button", "/consent?product=", "13-consent").await;
    browser.click("#agree").await;
    on_to(browser, ".go button", "pick=sent", "14-sent").await;
}

/// The bank finds it in its queue, reads what it may, and offers.
async fn bank_offers(browser: &Browser) {
    change_to(browser, "banka@example.com", "/bank").await;
    browser.looked_at("way-15-queue").await;
    on_to(browser, "tbody td a.btn", "/bank/referrals/", "16-referral").await;
    on_to(browser, ".head a[href$=profile]", "/profile", "17-profile").await;
    let read = browser.ask("return document.querySelector('main').textContent").await;
    let read = read.as_str().expect("a text");
    assert!(read.contains("专精特新") && !read.contains("刘新"), "{read}");
    browser.click_to(".crumb a[href*=referrals]", "/bank/referrals/").await;
    on_to(browser, ".head a.btn[href$=offer]", "/offer", "18-offer").await;
    browser.fill("#spread", "40").await;
    browser.fill("#early", "可提前还款，不收违约金").await;
    browser.fill("#late", "逾期部分按合同利率上浮五成计息").await;
    browser.click("form > .go button[value=check]").await;
    browser.find("#worked").await;
    browser.looked_at("way-19-worked-out").await;
    let found = browser
        .ask("return document.querySelector('#h-worked').textContent")
        .await;
    assert_eq!(found, "测算结果：核对全部通过");
    on_to(browser, "#worked button[value=send]", "/bank/offers/", "20-offered").await;
}

/// The other bank's offer is dearer; its pages are the same. On a thread of its own: the API's client waits.
fn rival_offers(app: &TestApp) {
    let clerk = app.sign_in("bankb");
    let queue: serde_json::Value = clerk.get("/api/v1/referrals").json().expect("JSON");
    let referral = queue["items"][0]["id"].as_str().expect("an id");
    let mut dearer = crate::support::app::usual_offer("PB");
    dearer["rate"]["spread_bp"] = json!(50);
    let made = clerk.post(&format!("/api/v1/referrals/{referral}/offers"), &dearer);
    assert_eq!(made.status(), 201);
}

/// One click lets on everything that passes.
async fn officer_forwards(browser: &Browser) {
    change_to(browser, "officer@example.com", "/centre").await;
    on_to(browser, ".nav a[href='/centre/offers']", "/centre/offers", "21-desk").await;
    on_to(browser, ".go button", "forwarded=2", "22-forwarded").await;
}

async fn accepts(browser: &Browser) {
    change_to(browser, FOUNDER, "/enterprise").await;
    on_to(
        browser,
        ".nav a[href='/enterprise/offers']",
        "/enterprise/offers",
        "23-offers",
    )
    .await;
    browser
        .click_to(".nav a[href='/enterprise/requests']", "/enterprise/requests")
        .await;
    browser.click_to("tbody a", "/enterprise/requests/").await;
    on_to(browser, "#sent a[href$=offers]", "/offers", "24-compared").await;
    let order = "return [...document.querySelectorAll('.offers h2')].map((one) => one.textContent)";
    assert_eq!(
        browser.ask(order).await,
        json!(["示例BANKA", "示例BANKB"]),
        "the cheaper one first"
    );
    on_to(browser, ".offers a[href$=accept]", "/accept", "25-accept").await;
    let then = browser
        .ask("return document.querySelector('#h-then').closest('section').textContent")
        .await;
    let then = then.as_str().expect("a text");
    assert!(then.contains("随即失效的报价：示例BANKB“示例产品PB”"), "{then}");
    browser.click("#agree").await;
    browser.click(".go button").await;
    browser.find("form[action$='fall-through']").await;
    browser.looked_at("way-26-accepted").await;
}

async fn bank_pays_out(browser: &Browser, app: &TestApp) {
    change_to(browser, "banka@example.com", "/bank").await;
    on_to(browser, ".nav a[href='/bank/offers']", "/bank/offers", "27-offers-bank").await;
    on_to(browser, "tbody th a", "/bank/offers/", "28-accepted-bank").await;
    let party = browser.ask("return document.querySelector('aside').textContent").await;
    assert!(
        party
            .as_str()
            .is_some_and(|text| text.contains("刘新") && text.contains(FOUNDER)),
        "{party}"
    );
    on_to(browser, ".head a[href$=contract]", "/contract", "29-contract").await;
    browser.fill("#contract_number", "借字2026-001").await;
    browser.click("input[name=is_first][value=yes]").await;
    on_to(browser, "main form .go button", "/bank/loans/", "30-registered").await;
    for (part, amount) in ["60", "40"].into_iter().enumerate() {
        browser.fill("#draw-amount", amount).await;
        browser.click("form[action$=disbursements] button").await;
        browser.find(&format!("#drawn tbody tr:nth-child({})", part + 1)).await;
        app.clock.advance(TimeDelta::minutes(1));
    }
    browser.looked_at("way-31-paid-out").await;
}

async fn sees_the_loan(browser: &Browser) {
    change_to(browser, FOUNDER, "/enterprise").await;
    on_to(
        browser,
        ".nav a[href='/enterprise/loans']",
        "/enterprise/loans",
        "32-loans",
    )
    .await;
    on_to(browser, "tbody th a", "/enterprise/loans/", "33-loan").await;
    let state = browser
        .ask("return document.querySelector('.head .tag').textContent")
        .await;
    assert_eq!(state, "还款中");
    let drawn = "return [...document.querySelectorAll('#drawn tbody .num')].map((one) => one.textContent)";
    assert_eq!(browser.ask(drawn).await, json!(["600,000.00", "400,000.00"]));
    browser.sign_out().await;
}
