//! An officer's morning: three registrations, five offers of which two are held, a silent bank and a dispute, worked off
//! from the desk. What takes how many steps is counted: a page opened, a button pressed, a field filled in.

use super::driver::{Browser, View, with_browser};
use crate::support::app::{PASSWORD, TestApp, usual_offer};
use crate::support::db::TestDb;
use crate::support::joining::{registered, uscc};
use crate::support::samples::USCCS;
use rongqiao::actions::reroute;
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::Duration;

/// The officer, who counts.
struct Hand<'a> {
    browser: &'a Browser,
    steps: Cell<u32>,
}

impl Hand<'_> {
    fn count(&self) {
        self.steps.set(self.steps.get() + 1);
    }

    async fn press(&self, css: &str, part: &str) {
        self.count();
        self.browser.click_to(css, part).await;
    }

    async fn fill(&self, css: &str, text: &str) {
        self.count();
        self.browser.fill(css, text).await;
    }

    async fn choose(&self, css: &str) {
        self.count();
        self.browser.click(css).await;
    }

    /// The steps since this was asked the last time.
    fn taken(&self) -> u32 {
        self.steps.replace(0)
    }

    async fn rows(&self) -> u64 {
        let rows = self
            .browser
            .ask("return document.querySelectorAll('#desk tbody tr').length")
            .await;
        rows.as_u64().expect("a number")
    }

    /// Waits until so many rows are left.
    async fn come_to(&self, rows: u64) {
        for _ in 0..200 {
            if self.rows().await == rows {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} rows, not {rows}", self.rows().await);
    }
}

fn fill_desk(app: &TestApp) {
    let (owner, a, b) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("bankb"));
    let officer = app.sign_in("officer");
    owner.authorise(USCCS[0]);
    // A bank that stays silent, beside one that has offered.
    let request = owner.open_fitting(USCCS[0]);
    owner.refer(&request, "BANKA", "PA");
    let (other, _) = owner.refer(&request, "BANKB", "PB");
    let offer = b.offer(&other, "PB");
    assert_eq!(
        officer.on_offer(&offer, "forward", &json!({"revision": 1})).status(),
        200
    );
    app.clock.set("2026-11-06T16:00:00Z".parse().expect("an instant"));
    assert_eq!(reroute::expire(&app.service).expect("a turn"), 1);
    app.clock.set("2026-11-09T00:30:00Z".parse().expect("an instant"));
    for place in 0..3 {
        registered(app, &format!("new{place}@example.com"), uscc(place).as_str());
    }
    for spread in [40, 40, 40, 95, 95] {
        let (referral, _) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let mut offer = usual_offer("PA");
        offer["rate"]["spread_bp"] = json!(spread);
        let made = a.post(&format!("/api/v1/referrals/{referral}/offers"), &offer);
        assert_eq!(made.status(), 201);
    }
    owner.declare(USCCS[0], "listing_stage", &json!("neeq"));
    let raised: Value = owner
        .dispute(USCCS[0], "listing_stage", "please_verify", "已在新三板挂牌")
        .json()
        .expect("JSON");
    assert!(raised["id"].is_string(), "{raised}");
}

async fn works_it_off(hand: &Hand<'_>) {
    let browser = hand.browser;
    assert_eq!(hand.rows().await, 10);
    browser.looked_at("morning-desk").await;
    for left in (0..3).rev() {
        hand.press("#desk form[action$='/forward'] button", "done=forwarded")
            .await;
        assert_eq!(hand.taken(), 1, "a clean offer is forwarded in one click");
        // The address is the same as after the one before.
        hand.come_to(7 + left).await;
    }
    for _ in 0..3 {
        hand.press("#desk a.btn[href^='/centre/registrations/']", "/centre/registrations/")
            .await;
        hand.press("form[action$='/approve'] button", "done=approved").await;
        hand.press(".nav a[href='/centre']", "/centre").await;
    }
    assert_eq!(hand.taken(), 9, "three steps a registration");
    for _ in 0..2 {
        hand.press("#desk a.btn[href^='/centre/offers/']", "/centre/offers/")
            .await;
        hand.fill("form[action$='/return'] [name=reason]", "利率高于上限，请重新报价")
            .await;
        hand.choose("form[action$='/return'] button").await;
        browser.find(".note.near").await;
        hand.press(".nav a[href='/centre']", "/centre").await;
    }
    assert_eq!(hand.taken(), 8, "four steps an offer that goes back");
    hand.press("#desk a.btn[href^='/centre/disputes/']", "/centre/disputes/")
        .await;
    browser.looked_at("morning-dispute").await;
    hand.choose("input[name=outcome][value=verified]").await;
    hand.fill("[name=text]", "已核对挂牌公告").await;
    hand.press("main form .go button", "done=").await;
    hand.press(".nav a[href='/centre']", "/centre").await;
    assert_eq!(hand.taken(), 5);
    assert_eq!(hand.rows().await, 1, "the silent bank is left");
    hand.press("#desk form[action$='/claim'] button", "done=claimed").await;
    hand.press("#desk a[href^='/centre/desk/referral-']", "/centre/desk/referral-")
        .await;
    hand.fill("#text", "已电话催办，银行答应明天答复").await;
    hand.press("form[action$='/notes'] button", "done=noted").await;
    browser.looked_at("morning-silent-bank").await;
    assert_eq!(hand.taken(), 4);
}

fn morning(view: View) {
    let db = TestDb::sqlite();
    let app = TestApp::start(&db);
    fill_desk(&app);
    with_browser(&app.base_url, view, |browser| async move {
        browser.enter("officer@example.com", PASSWORD, "/centre").await;
        let hand = Hand {
            browser: &browser,
            steps: Cell::new(0),
        };
        works_it_off(&hand).await;
        browser.open("/centre/settings").await;
        browser.looked_at("settings-desk").await;
        browser.sign_out().await;
    });
}

// A driver that makes the browser look like a telephone leads it by scripts: without any it waits for ever.
#[test]
fn a_morning_at_1280_px_without_script() {
    morning(View {
        width: 1280,
        script: false,
    });
}

#[test]
fn a_morning_at_390_px() {
    morning(View {
        width: 390,
        script: true,
    });
}
