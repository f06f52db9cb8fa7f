//! The pages of loans at the widths that people have, on a loan that is registered, drawn and near its end.

use super::driver::{Browser, View, with_browser};
use crate::support::app::{PASSWORD, TestApp, usual_need};
use crate::support::db::TestDb;
use crate::support::lending::{AMOUNT, Lending, add_renewal, short_offer, usual_contract};

fn at(width: u32) {
    let db = TestDb::sqlite();
    let app = TestApp::start(&db);
    add_renewal(&app);
    let who = Lending::of(&app);
    let short = who.signed(
        &who.accepted_with(&usual_need(), &short_offer("PA")),
        &usual_contract("借字2026-001"),
    );
    assert_eq!(who.draw(&short, AMOUNT / 2).status(), 201);
    assert_eq!(who.draw(&short, AMOUNT / 4).status(), 201);
    assert_eq!(who.repay(&short, 5_000_000, 212_500).status(), 201);
    let undrawn = who.lent("借字2026-002");
    let offer = who.accepted();
    with_browser(&app.base_url, View { width, script: true }, |browser| async move {
        browser.enter("banka@example.com", PASSWORD, "/bank").await;
        bank(&browser, &offer, &short, &undrawn).await;
        browser.sign_out().await;
        browser.enter("owner@example.com", PASSWORD, "/enterprise").await;
        looked_at(&browser, "loans-enterprise", "/enterprise/loans").await;
        looked_at(&browser, "loan-enterprise", &format!("/enterprise/loans/{short}")).await;
        browser.click_to("#renewals form button", "edit?step=1").await;
        browser.looked_at("loan-renew").await;
        browser.sign_out().await;
        browser.enter("officer@example.com", PASSWORD, "/centre").await;
        looked_at(&browser, "loans-centre", "/centre/loans").await;
        looked_at(&browser, "loan-centre", &format!("/centre/loans/{short}")).await;
        browser.sign_out().await;
    });
}

async fn bank(browser: &Browser, offer: &str, short: &str, undrawn: &str) {
    looked_at(browser, "loan-offer", &format!("/bank/offers/{offer}")).await;
    browser.click_to(".head .btn[href$=contract]", "/contract").await;
    browser.looked_at("loan-contract").await;
    browser.click("main form .go button").await;
    browser.find("[data-errors]").await;
    browser.looked_at("loan-contract-wrong").await;
    looked_at(browser, "loans-bank", "/bank/loans").await;
    looked_at(browser, "loan-bank-undrawn", &format!("/bank/loans/{undrawn}")).await;
    looked_at(browser, "loan-bank", &format!("/bank/loans/{short}")).await;
    browser.fill("#draw-amount", "80").await;
    browser.click("form[action$=disbursements] button").await;
    browser.find("[data-errors]").await;
    browser.looked_at("loan-bank-wrong").await;
}

async fn looked_at(browser: &Browser, name: &str, path: &str) {
    browser.open(path).await;
    browser.looked_at(name).await;
}

#[test]
fn at_1280_px() {
    at(1280);
}

#[test]
fn at_390_px() {
    at(390);
}

#[test]
fn at_320_px() {
    at(320);
}
