//! The main job: sign in, say what is needed, read the result; with script and without.

use super::driver::{Browser, View, with_browser};
use crate::support::app::TestApp;
use crate::support::db::TestDb;
use rongqiao::cli::demo::Account;

/// In each row that shows a loan: the annual cost, the largest other text, and which text that is, px.
const SIZES: &str = "
    const size = (node) => parseFloat(getComputedStyle(node).fontSize);
    const shown = (node) => node.offsetParent !== null && !node.closest('.sr');
    return [...document.querySelectorAll('#ok tbody tr, .case')].map((row) => {
        const cost = row.querySelector('.big');
        const others = [...row.querySelectorAll('*')].filter((node) => !node.contains(cost) && !cost.contains(node) && shown(node));
        const largest = others.sort((one, two) => size(two) - size(one))[0];
        return [size(cost), size(largest), largest.textContent.trim(), /^\\d+\\.\\d\\d%$/.test(cost.textContent)];
    });";

/// Counts of the strip, and of the rows below it.
const COUNTS: &str = "
    const count = (css) => document.querySelectorAll(css).length;
    return [
        [...document.querySelectorAll('.verdicts b')].map((node) => Number(node.textContent)),
        [count('#ok tbody tr'), count('#need .case'), count('#near .case'), count('#off .miss')],
    ];";

/// Of each near row the texts that it must have, and the number of things to do.
const NEAR: &str = "
    const text = (row, css) => (row.querySelector(css) || {textContent: ''}).textContent.trim();
    return [...document.querySelectorAll('#near .case')].map((row) => [
        ...['.needed', '.actual', '.gap', '.source', '.date'].map((css) => text(row, css)),
        row.querySelectorAll('.act a, .act button').length,
    ]);";

fn job(script: bool) {
    let db = TestDb::sqlite();
    let (app, accounts) = TestApp::start_demo(&db);
    let view = View { width: 1280, script };
    with_browser(&app.base_url, view, |browser| async move {
        enter(&browser, &accounts, script).await;
        read(&browser, script).await;
    });
}

#[test]
fn the_main_job_with_script() {
    job(true);
}

#[test]
fn the_main_job_without_script() {
    job(false);
}

/// From the sign-in page to the submitted request.
async fn enter(browser: &Browser, accounts: &[Account], script: bool) {
    browser.sign_in(accounts, "enterprise", "/enterprise").await;
    browser.click_to("a[href='/enterprise/requests/new']", "/new").await;

    browser.click_to(".go .btn", "check=1").await;
    assert!(browser.title().await.starts_with("有误："));
    let focus = browser
        .ask("return document.activeElement.hasAttribute('data-errors')")
        .await;
    assert_eq!(focus, true, "the summary of errors has the focus");
    browser.click(".errors a[href='#amount']").await;
    let field = browser.ask("return document.activeElement.id").await;
    assert_eq!(field, "amount", "a line of it leads to its field");

    browser.fill("#amount", "５００.25").await;
    browser.click("input[name=purpose][value=working_capital]").await;
    if script {
        browser.find(".saved:not(:empty)").await;
        assert!(
            browser.path().await.contains("/edit?step=1"),
            "the draft has its own address from the first save on"
        );
        let echo = browser
            .ask("return document.getElementById('amount-echo').textContent")
            .await;
        assert_eq!(echo, "即 5,002,500.00 元");
    }
    browser.fill("#amount", "500").await;
    browser.click_to(".go .btn", "edit?step=2").await;
    browser.fill("#term_months", "12").await;
    for code in ["credit", "guarantor"] {
        browser.click(&format!("input[name=guarantees][value={code}]")).await;
    }
    browser.click_to(".go button[value=back]", "step=1").await;
    let kept = browser.ask("return document.getElementById('amount').value").await;
    assert_eq!(kept, "500");
    browser.click_to(".go .btn", "step=2").await;
    let kept = browser.ask("return document.getElementById('term_months').value").await;
    assert_eq!(kept, "12", "going back loses nothing");
    browser.click_to(".go .btn", "step=4").await;
    browser.find("#known tbody tr").await;
    browser.click(".go .btn").await;
    browser.find(".verdicts").await;
}

/// The result, and the page of the cheapest product.
async fn read(browser: &Browser, script: bool) {
    let counts = browser.ask(COUNTS).await;
    assert_eq!(counts[0], counts[1], "the strip counts the rows below it");
    assert!(
        counts[0][0].as_u64() > Some(2) && counts[0][2].as_u64() > Some(2),
        "{counts}"
    );

    let sizes = browser.ask(SIZES).await;
    for row in sizes.as_array().expect("rows") {
        let (cost, other) = (row[0].as_f64().expect("px"), row[1].as_f64().expect("px"));
        assert!(cost > other, "the annual cost is the largest figure of its row: {row}");
        assert_eq!(row[3], true, "a cost in percent: {row}");
    }
    let near = browser.ask(NEAR).await;
    for row in near.as_array().expect("rows") {
        let texts = row.as_array().expect("texts");
        assert!(texts[..5].iter().all(|text| text.as_str() != Some("")), "{row}");
        assert_eq!(texts[5], 1, "one thing to do: {row}");
    }
    let print = browser
        .ask("return document.querySelector('[data-print]').hidden")
        .await;
    assert_eq!(print, !script, "no button without what it does");

    browser.click_to("#ok tbody a", "/matches/").await;
    browser.find("#checks tbody tr").await;
    let months = browser
        .ask("return document.querySelectorAll('#schedule tbody tr').length")
        .await;
    assert_eq!(months, 12);
}

#[test]
fn one_click_changes_the_term_and_leads_to_the_review() {
    let db = TestDb::sqlite();
    let (app, accounts) = TestApp::start_demo(&db);
    with_browser(
        &app.base_url,
        View {
            width: 1280,
            script: true,
        },
        |browser| async move {
            browser.sign_in(&accounts, "enterprise", "/enterprise").await;
            browser.open("/enterprise/requests").await;
            browser
                .click_to("tbody a:not([href*=edit])", "/enterprise/requests/")
                .await;
            let changed = "const row = [...document.querySelectorAll('#near .case')].find((row) => row.querySelector('input[name=field][value=term_months]'));
            row.querySelector('button').click(); return row.querySelector('input[name=value]').value";
            let months = browser.ask(changed).await;
            browser.find(".go .btn").await;
            let review = browser.ask("return document.querySelector('main').textContent").await;
            let months = format!("{} 个月", months.as_str().expect("months"));
            assert!(review.as_str().expect("a text").contains(&months), "{review}");
            browser.click(".go .btn").await;
            browser.find(".verdicts").await;
        },
    );
}
