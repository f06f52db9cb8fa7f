//! Every page at the widths that people have: nothing scrolls sideways, and a picture of each is kept.

use super::driver::{Browser, View, with_browser};
use crate::support::app::TestApp;
use crate::support::db::{TestDb, execute};
use crate::support::factor::Authenticator;
use crate::support::joining::newest_link;
use chrono::TimeDelta;
use rongqiao::actions::{registrations, resets, sign_in};
use rongqiao::cli::demo::{Account, HERO};
use rongqiao::config::Secret;
use rongqiao::domain::session::SessionKind;

fn at(width: u32) {
    let db = TestDb::sqlite();
    let (app, accounts) = TestApp::start_demo(&db);
    let (app, accounts) = (&app, &accounts);
    with_browser(&app.base_url, View { width, script: true }, |browser| async move {
        for (name, path) in [
            ("home", "/"),
            ("login", "/login"),
            ("not-found", "/nowhere"),
            ("register", "/register"),
            ("register-sent", "/register?done=sent"),
            ("register-waits", "/register?done=submitted"),
            ("register-gone", "/register/form?token=0"),
            ("reset", "/reset"),
        ] {
            browser.open(path).await;
            browser.looked_at(name).await;
        }
        links(&browser, app).await;
        enterprise(&browser, accounts).await;
        proposal(&browser, app, accounts).await;
        account(&browser, app, &accounts[0]).await;
        officers(&browser, accounts).await;
        second_factor(&browser, app, accounts).await;
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

#[test]
fn at_320_px() {
    at(320);
}

/// What lies behind links that were mailed.
async fn links(browser: &Browser, app: &TestApp) {
    registrations::begin(&app.service, "new@demo.example", None).expect("a link is mailed");
    resets::ask(&app.service, "enterprise@demo.example", None).expect("a link is mailed");
    for (name, email) in [
        ("register-form", "new@demo.example"),
        ("reset-new", "enterprise@demo.example"),
        ("invitation", "invited@demo.example"),
    ] {
        browser.open(&newest_link(app, email)).await;
        browser.looked_at(name).await;
        browser.click("main form button[type=submit]").await;
        browser.find("[data-errors]").await;
        browser.looked_at(&format!("{name}-wrong")).await;
    }
}

async fn enterprise(browser: &Browser, accounts: &[Account]) {
    browser.sign_in(accounts, "enterprise", "/enterprise").await;
    for (name, path) in [
        ("start", "/enterprise"),
        ("profile", "/enterprise/profile"),
        ("fact", "/enterprise/facts/revenue_fen"),
        ("fact-choices", "/enterprise/facts/titles"),
        ("fact-answered", "/enterprise/facts/ip_class2"),
        ("requests", "/enterprise/requests"),
        ("consents", "/enterprise/consents"),
        ("members", "/enterprise/members"),
        ("messages", "/messages"),
        ("form-1", "/enterprise/requests/new"),
        ("form-1-wrong", "/enterprise/requests/new?check=1"),
    ] {
        browser.open(path).await;
        browser.looked_at(name).await;
    }
    browser.open("/enterprise/requests").await;
    browser.click_to("tbody a[href*=edit]", "edit?step=1").await;
    let form = browser.path().await;
    for step in 2..=4 {
        browser.open(&form.replace("step=1", &format!("step={step}"))).await;
        browser.looked_at(&format!("form-{step}")).await;
    }
    browser.open("/enterprise/requests").await;
    browser.click("tbody a:not([href*=edit])").await;
    browser.find(".verdicts").await;
    browser.looked_at("result").await;
    browser.click("#off summary").await;
    browser.looked_at("result-unfolded").await;
    browser.click_to("#ok .best a", "/matches/").await;
    browser.looked_at("product").await;
    browser.click_to(".crumb a:nth-child(2)", "/enterprise/requests/").await;
    browser.click("#ok .best input").await;
    browser.click_to("#consent button", "/consent?product=").await;
    browser.looked_at("pick").await;
    browser.click("#agree").await;
    browser.click_to(".go button", "pick=sent").await;
    browser.looked_at("result-sent").await;
    browser.open("/enterprise/consents").await;
    browser.looked_at("consents-given").await;
    browser.click_to("#banks td a.btn", "/revoke").await;
    browser.looked_at("revoke").await;
    browser.sign_out().await;
}

/// Set up, kept, and asked for.
async fn second_factor(browser: &Browser, app: &TestApp, accounts: &[Account]) {
    let account = accounts
        .iter()
        .find(|account| account.role == "department")
        .expect("printed");
    browser.sign_in(accounts, "department", "/department").await;
    browser.open("/account/sessions").await;
    browser
        .click_to("a[href='/account/second-factor']", "/second-factor")
        .await;
    browser.looked_at("factor-off").await;
    browser.fill("#current", &account.password).await;
    browser.click("main form button").await;
    let typed = browser.find(".typed").await.text().await.expect("the secret");
    browser.looked_at("factor-secret").await;
    let authenticator = Authenticator::typed(&typed);
    browser.fill("#code", "000000").await;
    browser.click("main form[action$=confirm] button").await;
    browser.find("[data-errors]").await;
    browser.looked_at("factor-wrong").await;
    browser.fill("#code", &authenticator.code(app)).await;
    browser.click("main form[action$=confirm] button").await;
    browser.find(".codes").await;
    browser.looked_at("factor-codes").await;
    browser.open("/account/second-factor").await;
    browser.looked_at("factor-on").await;
    browser.sign_out().await;

    app.clock.advance(TimeDelta::seconds(30));
    browser.open("/login").await;
    browser.fill("#email", &account.email).await;
    browser.fill("#password", &account.password).await;
    browser.click("main form button").await;
    browser.find("#code").await;
    browser.looked_at("login-code").await;
    browser.fill("#code", "000000").await;
    browser.click("main form button").await;
    browser.find("[data-errors]").await;
    browser.looked_at("login-code-wrong").await;
    browser.fill("#code", &authenticator.code(app)).await;
    browser.click_to("main form button", "/department").await;
    browser.sign_out().await;
}

/// One's own account, with a telephone and a program that are signed in too.
async fn account(browser: &Browser, app: &TestApp, account: &Account) {
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
    for (kind, name) in [
        (SessionKind::Page, phone),
        (SessionKind::Api, "finance-system/2.4 (reports)"),
    ] {
        let password = Secret::new(account.password.clone());
        let user = sign_in::by_password(&app.service, &account.email, &password, Some("192.0.2.17"));
        sign_in::open(&app.service, &user.expect("it is right"), kind, Some(name), None).expect("it is opened");
    }
    browser.open("/login").await;
    browser.fill("#email", &account.email).await;
    browser.fill("#password", &account.password).await;
    browser.click_to("main button[type=submit]", "/enterprise").await;
    browser
        .click_to("header a[href='/account/sessions']", "/account/sessions")
        .await;
    browser.looked_at("sessions").await;
    browser.click("td form[action$='/end'] button").await;
    browser.find("[role=status]").await;
    browser.looked_at("sessions-ended").await;
    browser
        .click_to("a[href='/account/password']", "/account/password")
        .await;
    browser.looked_at("password").await;
    browser.fill("#current", "a wrong password").await;
    browser.fill("#password", "short").await;
    browser.click("main form button[type=submit]").await;
    browser.find("[data-errors]").await;
    browser.looked_at("password-wrong").await;
    browser.fill("#current", &account.password).await;
    let new = format!("{} and more", account.password);
    browser.fill("#password", &new).await;
    browser.fill("#again", &new).await;
    browser.click_to("main form button[type=submit]", "done=password").await;
    browser.looked_at("password-changed").await;
    browser.sign_out().await;
}

async fn officers(browser: &Browser, accounts: &[Account]) {
    for (role, start, inside) in [
        ("bank", "/bank", "tbody a"),
        ("officer", "/centre", "#desk td a[href^='/centre/desk/']"),
        ("administrator", "/admin", ""),
        ("department", "/department", ""),
    ] {
        browser.sign_in(accounts, role, start).await;
        browser.looked_at(role).await;
        if !inside.is_empty() {
            browser.click(inside).await;
            browser.find(".crumb").await;
            browser.looked_at(&format!("{role}-inside")).await;
        }
        if role == "bank" {
            browser.click("aside details summary").await;
            browser.click("aside details form button").await;
            browser.find("[data-errors], .wrong").await;
            browser.looked_at("bank-decline-wrong").await;
            browser.click_to("aside a.btn", "/profile").await;
            browser.looked_at("bank-credit-profile").await;
        }
        if role == "officer" {
            browser.open("/centre?kind=request").await;
            browser.looked_at("officer-needing").await;
            browser.open("/centre/requests").await;
            browser.looked_at("officer-requests").await;
            browser.click_to("#requests tbody a", "/centre/requests/").await;
            browser.looked_at("officer-request").await;
            browser.click_to("aside a[href$='/refer']", "/refer").await;
            browser.looked_at("refer").await;
            browser.click("aside form button").await;
            browser.find("[data-errors]").await;
            browser.looked_at("refer-wrong").await;
            browser.open(&format!("/centre/enterprises/{HERO}")).await;
            browser.looked_at("officer-enterprise").await;
        }
        if role == "officer" {
            joining(browser).await;
        }
        if role == "administrator" {
            for name in [
                "audit",
                "outbox",
                "jobs",
                "lpr",
                "holidays",
                "feed-keys",
                "organisations",
                "organisations/songyue",
                "users",
                "settings",
            ] {
                browser.open(&format!("/admin/{name}")).await;
                browser.looked_at(&name.replace('/', "-")).await;
            }
        }
        if role == "officer" || role == "department" {
            handed_in(browser, role).await;
        }
        browser.sign_out().await;
    }
}

/// Who asks to join, and who is asked.
async fn joining(browser: &Browser) {
    browser.open("/centre/registrations").await;
    browser.looked_at("registrations").await;
    browser.click_to("tr.hot a", "/centre/registrations/").await;
    browser.looked_at("registration-second").await;
    browser.open("/centre/registrations").await;
    browser.click_to("tbody tr:not(.hot) a", "/centre/registrations/").await;
    browser.looked_at("registration").await;
    browser.open("/centre/banks").await;
    browser.looked_at("banks").await;
}

/// A proposal of the centre, as the enterprise sees it.
async fn proposal(browser: &Browser, app: &TestApp, accounts: &[Account]) {
    execute(
        &app.service.store,
        "UPDATE referral SET state = 'proposed', sent_at = NULL, consent_id = NULL, end_reason = NULL
         WHERE request_id IN (SELECT request.id FROM request JOIN enterprise ON enterprise.id = request.enterprise_id
         JOIN account ON account.organisation_id = enterprise.organisation_id
         WHERE account.email = 'enterprise@demo.example')",
    );
    browser.sign_in(accounts, "enterprise", "/enterprise").await;
    browser.open("/enterprise/requests").await;
    browser.click("tbody a:not([href*=edit])").await;
    browser.find(".verdicts").await;
    browser.looked_at("result-proposed").await;
    browser.click_to("#sent a.btn", "/enterprise/referrals/").await;
    browser.looked_at("proposal").await;
    browser.click_to("form[action$='/consent'] button", "/consent").await;
    browser.find("[data-errors]").await;
    browser.looked_at("proposal-wrong").await;
    browser.sign_out().await;
}

/// A batch that is looked at, taking one back, disputes and the answer to one.
async fn handed_in(browser: &Browser, role: &str) {
    let (home, root) = match role {
        "officer" => ("/centre/facts", "/centre"),
        _ => ("/department", "/department"),
    };
    browser.open(home).await;
    browser.looked_at(&format!("{role}-batches")).await;
    browser.click_to("tbody a", "/batches/").await;
    browser.looked_at(&format!("{role}-batch")).await;
    browser.open(&format!("{root}/disputes?state=all")).await;
    browser.looked_at(&format!("{role}-disputes")).await;
    if role == "department" {
        browser.click_to("td a.btn", "/disputes/").await;
        browser.looked_at("dispute").await;
        browser.open(home).await;
        browser.click_to("tbody tr:last-child a", "/batches/").await;
        browser.click_to(".head a.btn", "/withdraw").await;
        browser.looked_at("withdraw").await;
    }
}
