//! Each clock on the day before, on the last day and on the day after: what both sides read of it, what it does, and that
//! it tells once.

use super::{alone, forwarded, set, turns};
use crate::support::app::{Api, TestApp, acceptance, usual_need};
use crate::support::db::{TestDb, number, on_both};
use crate::support::lending::{AMOUNT, Lending, short_offer, usual_contract};
use crate::support::samples::{USCCS, day};
use crate::support::visitor::Visitor;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// A clock that runs.
struct Walk<'a> {
    /// Its last day.
    last: &'a str,
    /// Who reads of it: the path, and the place in the answer.
    read: &'a [(&'a Api<'a>, String, &'a str)],
    /// Working days that are left on the day before.
    before: usize,
    /// Working days that it is late on the day after; none where nothing waits any more.
    after: Option<usize>,
    /// How often it has struck.
    struck: &'a dyn Fn() -> i64,
    /// Whom it tells, and of what.
    told: &'a [(&'a Api<'a>, &'a str)],
}

impl Walk<'_> {
    fn go(&self, app: &TestApp) {
        let (node, sent) = alone(app);
        let last = day(self.last);
        let at = |away: i64, time: &str| set(app, &format!("{}T{time}Z", last.plus_days(away)));
        let told = |times: usize| {
            for (who, topic) in self.told {
                assert_eq!(topics(who, topic), times, "{topic}");
            }
        };
        at(-1, "02:00:00");
        turns(&node);
        self.shows(Some((self.before, false)));
        assert_eq!((self.struck)(), 0, "the day before");
        told(0);
        // A second is left of the last day.
        at(0, "15:59:59");
        turns(&node);
        self.shows(Some((0, false)));
        assert_eq!((self.struck)(), 0, "on the last day");
        told(0);
        // It is over, and no job has noticed.
        at(0, "16:00:00");
        self.shows(self.after.map(|days| (days, true)));
        turns(&node);
        assert_eq!((self.struck)(), 1, "the day after");
        told(1);
        let letters = sent.sent().len();
        app.clock.advance(TimeDelta::hours(1));
        turns(&node);
        assert_eq!((self.struck)(), 1, "once");
        told(1);
        assert_eq!(sent.sent().len(), letters, "nobody gets a second letter");
    }

    #[track_caller]
    fn shows(&self, left: Option<(usize, bool)>) {
        let expected = left.map_or(
            Value::Null,
            |(days, is_late)| json!({"due_on": self.last, "working_days": days, "is_late": is_late}),
        );
        for (who, path, place) in self.read {
            let body = read(who, path);
            let found = body.pointer(place).unwrap_or(&Value::Null);
            assert_eq!(found, &expected, "{path}: {body}");
        }
    }
}

#[track_caller]
fn read(user: &Api<'_>, path: &str) -> Value {
    let answer = user.get(path);
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().expect("JSON")
}

/// How many messages of this topic somebody has.
fn topics(user: &Api<'_>, topic: &str) -> usize {
    let list = read(user, "/api/v1/messages?limit=200");
    let items = list["items"].as_array().expect("messages").iter();
    items.filter(|one| one["topic"] == topic).count()
}

fn noted(db: &TestDb, action: &str) -> i64 {
    number(
        &db.store,
        &format!("SELECT count(*) AS n FROM audit WHERE action = '{action}'"),
    )
}

on_both! {
    fn a_bank_answers_within_five_working_days(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let request = who.owner.open_fitting(USCCS[0]);
        let (referral, _) = who.owner.refer(&request, "BANKA", "PA");
        let of_request = || format!("/api/v1/requests/{request}/referrals");
        let read_by = [
            (&who.owner, of_request(), "/items/0/deadline"),
            (&who.officer, of_request(), "/items/0/deadline"),
            (&who.bank, format!("/api/v1/referrals/{referral}"), "/deadline"),
            (&who.bank, "/api/v1/referrals".to_owned(), "/items/0/deadline"),
        ];
        let walk = Walk {
            last: "2026-11-06", read: &read_by, before: 1, after: Some(0),
            struck: &|| noted(db, "referral_overdue"),
            told: &[(&who.bank, "referral_overdue"), (&who.owner, "referral_unanswered"), (&who.officer, "referral_unanswered")],
        };
        walk.go(&app);
        // The breach stays to be seen, and grows: Monday is the first working day since.
        set(&app, "2026-11-09T02:00:00Z");
        walk.shows(Some((1, true)));
    }

    fn an_accepted_offer_is_signed_within_ten_working_days(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let path = format!("/api/v1/offers/{}", who.accepted());
        let read_by = [&who.owner, &who.bank, &who.officer].map(|user| (user, path.clone(), "/deadline"));
        Walk {
            last: "2026-11-13", read: &read_by, before: 1, after: Some(0),
            struck: &|| noted(db, "offer_fell_through"),
            told: &[(&who.owner, "offer_fell_through"), (&who.bank, "offer_fell_through"), (&who.officer, "offer_fell_through")],
        }.go(&app);
        for (user, path, _) in &read_by {
            let offer = read(user, path);
            assert_eq!((&offer["state"], &offer["fallen_by"], &offer["deadline"]), (&json!("fell_through"), &json!("deadline"), &Value::Null));
        }
    }

    fn an_offer_holds_as_long_as_it_says(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let offer = forwarded(&who);
        let path = format!("/api/v1/offers/{offer}");
        let read_by = [&who.owner, &who.bank, &who.officer].map(|user| (user, path.clone(), "/deadline"));
        Walk {
            last: "2026-12-10", read: &read_by, before: 1, after: Some(1),
            struck: &|| noted(db, "offer_lapsed"),
            told: &[(&who.owner, "offer_lapsed"), (&who.bank, "offer_lapsed")],
        }.go(&app);
        assert_eq!(who.owner.on_offer(&offer, "accept", &acceptance(1)).status(), 409);
        assert_eq!(read(&who.owner, &path)["lapse_reason"], "validity");
    }

    fn an_open_request_expires_after_ninety_days(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let path = format!("/api/v1/requests/{}", who.owner.open_fitting(USCCS[0]));
        let read_by = [&who.owner, &who.officer].map(|user| (user, path.clone(), "/deadline"));
        // A Saturday: no working day is left on Friday.
        Walk {
            last: "2027-01-30", read: &read_by, before: 0, after: Some(0),
            struck: &|| noted(db, "request_closed"),
            told: &[(&who.owner, "request_closed")],
        }.go(&app);
        assert_eq!(read(&who.owner, &path)["end_reason"], "expired");
    }

    fn a_bank_confirms_its_products_or_they_leave_the_matching(db: &TestDb) {
        let app = TestApp::start_with(db, |config| config.products.confirm_days = 30);
        let who = Lending::of(&app);
        assert_eq!(who.bank.post("/api/v1/products/PA/confirm", &json!({})).status(), 200);
        let on_the_desk = || {
            let list = read(&who.officer, "/api/v1/desk?kind=product&limit=200");
            let items = list["items"].as_array().expect("items").iter();
            items.filter(|item| item["about"] == "示例产品PA").count().try_into().expect("few")
        };
        let read_by = [(&who.bank, "/api/v1/products/PA".to_owned(), "/keeping/deadline")];
        let reminded = || topics(&who.bank, "product_confirm_due");
        let (node, _) = alone(&app);
        set(&app, "2026-11-24T02:00:00Z");
        turns(&node);
        assert_eq!(reminded(), 1, "a week before");
        Walk { last: "2026-12-01", read: &read_by, before: 1, after: Some(1), struck: &on_the_desk, told: &[] }.go(&app);
        assert_eq!(reminded(), 1, "of one confirmation once");
        let request = who.owner.open_fitting(USCCS[0]);
        let matches = read(&who.owner, &format!("/api/v1/requests/{request}/matches"));
        assert!(!matches.to_string().contains("\"PA\""), "it is matched no longer: {matches}");
    }

    fn a_loan_is_watched_to_its_maturity_and_shown_as_late_after_it(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let loan = who.signed(&who.accepted_with(&usual_need(), &short_offer("PA")), &usual_contract("C-1"));
        assert_eq!(who.draw(&loan, AMOUNT).status(), 201);
        let path = format!("/api/v1/loans/{loan}");
        let read_by = [&who.owner, &who.bank, &who.officer].map(|user| (user, path.clone(), "/deadline"));
        let (node, _) = alone(&app);
        set(&app, "2026-11-17T02:00:00Z");
        turns(&node);
        let warned = || [&who.owner, &who.officer].map(|user| topics(user, "loan_matures"));
        assert_eq!(warned(), [1, 1], "fifteen days ahead");
        // What becomes of it is the bank's to enter; what strikes is that every side sees it late.
        let late = || i64::from(read(&who.owner, &path)["deadline"]["is_late"] == true);
        Walk { last: "2026-12-02", read: &read_by, before: 1, after: Some(1), struck: &late, told: &[] }.go(&app);
        assert_eq!(warned(), [1, 1]);
        for (name, start) in [("owner", "/enterprise"), ("banka", "/bank"), ("officer", "/centre")] {
            Visitor::signed_in(&app, name, start).get(&format!("{start}/loans/{loan}")).shows("2026-12-02").shows("已过期 1 天");
        }
    }

    fn a_consent_lets_a_bank_read_until_its_end(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let request = who.owner.open_fitting(USCCS[0]);
        let pick = json!({"bank": "BANKA", "products": ["PA"], "consent": {"text_version": 1, "until": "2026-11-04"}});
        let sent: Value = who.owner.post(&format!("/api/v1/requests/{request}/referrals"), &pick).json().expect("JSON");
        let path = format!("/api/v1/referrals/{}", sent["id"].as_str().expect("an id"));
        let read_by = [
            (&who.owner, "/api/v1/consents".to_owned(), "/items/0/deadline"),
            (&who.bank, path.clone(), "/applicant/consent_deadline"),
        ];
        let shut = || i64::from(who.bank.get(&format!("{path}/credit-profile")).status() == 404);
        Walk { last: "2026-11-04", read: &read_by, before: 1, after: None, struck: &shut, told: &[] }.go(&app);
        assert_eq!(read(&who.owner, "/api/v1/consents")["items"][0]["in_force"], false);
        Visitor::signed_in(&app, "owner", "/enterprise").get("/enterprise/consents").shows("2026-11-04").shows("到期");
        Visitor::signed_in(&app, "banka", "/bank").get("/bank").shows("授权已到期").hides("示例企业0有限公司");
    }

    fn a_batch_is_fresh_until_its_first_value_ends(db: &TestDb) {
        let app = TestApp::start(db);
        let (who, department) = (Lending::of(&app), app.sign_in("department"));
        who.owner.authorise(USCCS[0]);
        let head = "uscc,fact,value,observed_on,valid_until";
        let file = |grade: &str, until: &str| format!("{head}\n{0},tax_grade,A,2026-10-01,{grade}\n{0},tax_paid_fen,118000000,2026-10-01,{until}\n", USCCS[0]);
        department.taken(&file("2026-11-04", "2027-03-31"));
        let read_by = [(&department, "/api/v1/fact-batches".to_owned(), "/items/0/deadline")];
        let profile = || Visitor::signed_in(&app, "owner", "/enterprise").get("/enterprise/profile");
        let expired = || i64::from(profile().body.contains("<span class=\"tag near\">已过期</span>"));
        Walk { last: "2026-11-04", read: &read_by, before: 1, after: Some(1), struck: &expired, told: &[] }.go(&app);
        let handing_in = || Visitor::signed_in(&app, "department", "/department").get("/department");
        handing_in().shows("2026-11-04").shows("逾期 1 个工作日");
        // What is handed in anew takes the place of what has ended: the old batch has nothing left that counts.
        department.taken(&file("2027-04-30", "2027-03-31").replace("2026-10-01", "2026-11-01"));
        let list = read(&department, "/api/v1/fact-batches");
        assert_eq!((&list["items"][0]["deadline"]["due_on"], &list["items"][1]["deadline"]), (&json!("2027-03-31"), &Value::Null));
        assert_eq!(expired(), 0);
        handing_in().hides("逾期");
    }
}
