//! The monitor as it looks with a year of lending.

use super::driver::{Browser, View, with_browser};
use crate::support::app::{PASSWORD, TestApp};
use crate::support::db::{TestDb, execute};
use crate::support::lent_year::{Deal, put, put_products, year};
use crate::support::samples::DISTRICT;

/// In steps of 10 万元, as people ask for.
fn plausible(mut deals: Vec<Deal>) -> Vec<Deal> {
    let round = |fen: &mut i64| *fen = (*fen / 10_000_000).max(1) * 10_000_000;
    for deal in &mut deals {
        round(&mut deal.amount_fen);
        if let Some(offer) = &mut deal.offer {
            round(&mut offer.amount_fen);
        }
        if let Some(loan) = &mut deal.loan {
            round(&mut loan.amount_fen);
            let first = &mut loan.draws[0].1;
            round(first);
            let left = loan.amount_fen - *first;
            loan.draws.iter_mut().skip(1).for_each(|(_, fen)| *fen = left);
            loan.draws.retain(|(_, fen)| *fen > 0);
        }
    }
    deals
}

fn at(width: u32) {
    let db = TestDb::sqlite();
    let app = TestApp::start(&db);
    put_products(&db.store);
    execute(
        &db.store,
        "INSERT INTO lpr (announced_on, one_year_bp, five_year_bp) VALUES ('2026-01-20', 310, 360), ('2026-06-22', 300, 350)",
    );
    put(&db.store, &plausible(year(7, 300, DISTRICT)), 1);
    with_browser(
        &app.base_url,
        View { width, script: true },
        |browser: Browser| async move {
            browser.open("/login").await;
            browser.fill("#email", "officer@example.com").await;
            browser.fill("#password", PASSWORD).await;
            browser.click_to("main button[type=submit]", "/centre").await;
            browser
                .click_to(".nav a[href='/centre/monitor']", "/centre/monitor")
                .await;
            browser.find("svg.chart").await;
            browser.looked_at("monitor").await;
            browser.click("details summary").await;
            browser.looked_at("monitor-unfolded").await;
            browser.click_to(".tabs a[href*='by=bank']", "by=bank").await;
            browser.looked_at("monitor-banks").await;
            browser
                .click_to("tfoot td:nth-of-type(1) a", "/centre/monitor/rows")
                .await;
            browser.find(".note").await;
            browser.looked_at("monitor-rows").await;
            browser.click_to(".crumb a", "/centre/monitor?").await;
            browser.find("svg.chart").await;
        },
    );
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
