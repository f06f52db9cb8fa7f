//! Offers on their way: made, looked at by the desk, compared, accepted, fallen through, ended by time.

use crate::support::app::{Api, TestApp, acceptance, usual_need, usual_offer};
use crate::support::db::{TestDb, counts, execute, on_both};
use crate::support::samples::USCCS;
use reqwest::Method;
use reqwest::blocking::Response;
use rongqiao::actions::offers::ending;
use serde_json::{Value, json};

#[track_caller]
fn ok(answer: Response) -> Value {
    let (status, text) = (answer.status(), answer.text().expect("a body"));
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

#[track_caller]
fn read(user: &Api<'_>, path: &str) -> Value {
    ok(user.get(path))
}

fn topics(user: &Api<'_>) -> Vec<String> {
    let list = read(user, "/api/v1/messages");
    let items = list["items"].as_array().expect("messages").iter();
    items
        .map(|one| one["topic"].as_str().expect("a topic").to_owned())
        .collect()
}

fn numbers(user: &Api<'_>) -> Vec<String> {
    let list = read(user, "/api/v1/offers");
    let items = list["items"].as_array().expect("offers").iter();
    items
        .map(|one| one["number"].as_str().expect("a number").to_owned())
        .collect()
}

/// The fields that a 422 names, each with its code.
#[track_caller]
fn refused(answer: Response) -> Vec<String> {
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().expect("JSON");
    let errors = problem["errors"].as_array().expect("errors").iter();
    let text = |error: &Value, key: &str| error[key].as_str().expect("text").to_owned();
    errors
        .map(|error| format!("{} {}", text(error, "field"), text(error, "code")))
        .collect()
}

fn revise(bank: &Api<'_>, id: &str, tag: Option<&str>, body: &Value) -> Response {
    let request = bank.request(&Method::PUT, &format!("/api/v1/offers/{id}")).json(body);
    let request = match tag {
        Some(tag) => request.header("If-Match", tag),
        None => request,
    };
    request.send().expect("an answer")
}

struct People<'a> {
    owner: Api<'a>,
    a: Api<'a>,
    b: Api<'a>,
    officer: Api<'a>,
}

impl<'a> People<'a> {
    fn of(app: &'a TestApp) -> Self {
        Self {
            owner: app.sign_in("owner"),
            a: app.sign_in("banka"),
            b: app.sign_in("bankb"),
            officer: app.sign_in("officer"),
        }
    }

    fn forward(&self, id: &str, revision: i32) -> Value {
        ok(self.officer.on_offer(id, "forward", &json!({"revision": revision})))
    }

    /// A request with a forwarded offer of each bank: the request, and the offers.
    fn two_offers(&self) -> (String, String, String) {
        let request = self.owner.open_fitting(USCCS[0]);
        let (first, _) = self.owner.refer(&request, "BANKA", "PA");
        let (second, _) = self.owner.refer(&request, "BANKB", "PB");
        let (first, second) = (self.a.offer(&first, "PA"), self.b.offer(&second, "PB"));
        self.forward(&first, 1);
        self.forward(&second, 1);
        (request, first, second)
    }

    fn state(&self, id: &str) -> String {
        let offer = read(&self.officer, &format!("/api/v1/offers/{id}"));
        offer["state"].as_str().expect("a state").to_owned()
    }

    fn request_state(&self, id: &str) -> String {
        let request = read(&self.owner, &format!("/api/v1/requests/{id}"));
        request["state"].as_str().expect("a state").to_owned()
    }
}

on_both! {
    fn an_offer_goes_through_the_desk_to_the_enterprise(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        let request = who.owner.open_fitting(USCCS[0]);
        let (referral, _) = who.owner.refer(&request, "BANKA", "PA");
        let path = format!("/api/v1/referrals/{referral}/offers");
        let before = counts(&db.store);
        let worked = ok(who.a.post(&format!("{path}/preview"), &usual_offer("PA")));
        assert_eq!(counts(&db.store), before, "working it out writes nothing");
        assert_eq!(worked["terms"]["rate"]["lpr_on"], "2025-05-20", "the newest LPR is filled in");
        assert_eq!((&worked["cost"]["rate_bp"], worked["schedule"].as_array().map(Vec::len)), (&json!(340), Some(12)));
        assert!(worked["checks"].as_array().expect("checks").iter().all(|check| check["passed"] == true), "{worked}");

        let once = || who.a.request(&Method::POST, &path).header("Idempotency-Key", "k1").json(&usual_offer("PA"));
        let made: Value = once().send().expect("an answer").json().expect("JSON");
        let id = made["id"].as_str().expect("an id");
        let again: Value = once().send().expect("an answer").json().expect("JSON");
        assert_eq!(made, again, "sent once");
        assert_eq!(who.a.post(&path, &usual_offer("PA")).status(), 409, "one of a product is under way");
        let queued = read(&who.a, &format!("/api/v1/referrals/{referral}"));
        assert_eq!((&queued["state"], &queued["is_late"]), (&json!("offered"), &json!(false)));
        assert!(numbers(&who.owner).is_empty(), "the enterprise sees nothing before the desk has");
        assert!(numbers(&who.b).is_empty());
        let desk = read(&who.officer, "/api/v1/desk");
        let held = &desk["items"][0]["offer"];
        assert_eq!((&held["id"], &held["is_clean"]), (&json!(id), &json!(true)));
        assert_eq!(topics(&who.officer), ["offer_submitted"]);

        assert_eq!(who.officer.on_offer(id, "forward", &json!({"revision": 2})).status(), 409, "not what was seen");
        let back = json!({"revision": 1, "reason": "请说明提前还款"});
        assert_eq!(ok(who.officer.on_offer(id, "return", &back))["state"], "returned");
        assert!(topics(&who.a).contains(&"offer_returned".to_owned()));
        assert_eq!(revise(&who.a, id, None, &usual_offer("PA")).status(), 428);
        assert_eq!(revise(&who.a, id, Some("\"1\""), &usual_offer("PA")).status(), 412);
        let mut better = usual_offer("PA");
        better["rate"]["spread_bp"] = json!(30);
        better["early_repayment"] = json!("随时可还，不收任何费用");
        let revised = ok(revise(&who.a, id, Some("\"2\""), &better));
        assert_eq!((&revised["state"], &revised["revision"]), (&json!("submitted"), &json!(2)));
        assert_eq!(who.forward(id, 2)["state"], "forwarded");
        let seen = read(&who.owner, &format!("/api/v1/offers/{id}"));
        assert_eq!((&seen["cost"]["rate_bp"], &seen["enterprise"]), (&json!(330), &json!("示例企业0有限公司")));
        assert_eq!(seen["revisions"].as_array().map(Vec::len), Some(1), "what was returned stays between bank and desk");
        assert!(seen.get("clean").is_none() && seen["revisions"][0]["checks"] == json!([]));
        let own = read(&who.a, &format!("/api/v1/offers/{id}"));
        assert_eq!(own["revisions"][1]["return_reason"], "请说明提前还款");
        assert!(own.get("enterprise").is_none() && own.get("party").is_none());
        assert!(topics(&who.owner).contains(&"offer_received".to_owned()));
    }

    fn what_breaks_a_rule_is_named_and_nothing_is_kept(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        let (referral, _) = who.owner.refer(&who.owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let path = format!("/api/v1/referrals/{referral}/offers");
        let fee = |kind: &str| json!([{"name": "费", "kind": kind, "basis": "upfront_rate", "value": 10}]);
        let before = counts(&db.store);
        for (field, value, want) in [
            ("product", json!("PB"), "product not_found"),
            ("fees", fee("fund_management"), "fees[0].kind forbidden_fee"),
            ("fees", fee("entrusted_payment"), "fees[0].kind forbidden_fee"),
            ("fees", fee("early_repayment"), "fees[0].kind forbidden_fee"),
            ("fees", fee("late_drawing"), "fees[0].kind forbidden_fee"),
            ("fees", fee("commitment"), "fees[0].kind forbidden_fee"),
            ("fees", fee("certificate"), "fees[0].kind forbidden_fee"),
            ("fees", fee("appraisal"), "fee_reason required"),
            ("term_months", json!(61), "term_months term_too_long"),
            ("term_months", json!(48), "term_reason required"),
            ("valid_until", json!("2026-10-31"), "valid_until day_out_of_range"),
            ("principal_grace_months", json!(13), "principal_grace_months out_of_range"),
        ] {
            let mut offer = usual_offer("PA");
            offer[field] = value.clone();
            let said = refused(who.a.post(&path, &offer));
            assert!(said.contains(&want.to_owned()), "{field} {value}: {said:?}");
            assert_eq!(counts(&db.store), before);
        }
        let mut offer = usual_offer("PA");
        offer["fees"] = fee("upfront");
        assert_eq!(refused(who.a.post(&path, &offer)), ["fees[0].kind malformed"]);
        assert_eq!(counts(&db.store), before);
    }

    fn an_acceptance_ends_everything_else_of_the_request(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        let (request, first, second) = who.two_offers();
        assert_eq!(numbers(&who.owner).len(), 2);
        let problem = refused(who.owner.on_offer(&first, "accept", &json!({"revision": 1, "consent": {"text_version": 9, "until": "2026-10-01"}})));
        assert_eq!(problem, ["consent.text_version unknown_code", "consent.until day_out_of_range"]);
        let accepted = ok(who.owner.on_offer(&first, "accept", &acceptance(1)));
        // Ten working days after Sunday, 1 November.
        assert_eq!((&accepted["state"], &accepted["sign_by"]), (&json!("accepted"), &json!("2026-11-13")));
        assert_eq!(who.request_state(&request), "accepted");
        let other = read(&who.b, &format!("/api/v1/offers/{second}"));
        assert_eq!((&other["state"], &other["lapse_reason"]), (&json!("lapsed"), &json!("other_accepted")));
        assert!(topics(&who.b).contains(&"offer_lapsed".to_owned()));
        let party = read(&who.a, &format!("/api/v1/offers/{first}"))["party"].clone();
        assert_eq!(party, json!({"name": "示例企业0有限公司", "uscc": USCCS[0], "contact": "owner", "email": "owner@example.com"}));
        assert!(topics(&who.a).contains(&"offer_accepted".to_owned()));
        assert!(topics(&who.officer).contains(&"offer_taken".to_owned()));
        for verb in ["accept", "decline", "withdraw"] {
            let by = if verb == "withdraw" { &who.a } else { &who.owner };
            let body = if verb == "accept" { acceptance(1) } else { json!({}) };
            assert_eq!(by.on_offer(&first, verb, &body).status(), 409, "{verb} of an accepted one");
        }

        // A bank that has not answered loses its referral.
        let waiting = who.owner.open_fitting(USCCS[0]);
        let (offered, _) = who.owner.refer(&waiting, "BANKA", "PA");
        let (silent, _) = who.owner.refer(&waiting, "BANKB", "PB");
        let offer = who.a.offer(&offered, "PA");
        who.forward(&offer, 1);
        ok(who.owner.on_offer(&offer, "accept", &acceptance(1)));
        assert_eq!(who.owner.standing(&waiting, "BANKB")["state"], "cancelled");
        let queued = read(&who.b, &format!("/api/v1/referrals/{silent}"));
        assert_eq!(queued["applicant"], Value::Null, "it reads nothing more");
        assert_eq!(who.b.post(&format!("/api/v1/referrals/{silent}/offers"), &usual_offer("PB")).status(), 409);
    }

    fn threat_07_a_bank_learns_nothing_of_the_others(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        let mut need = usual_need();
        need["max_cost_bp"] = json!(987);
        who.owner.declare(USCCS[0], "tier", &json!("specialised"));
        let begun: Value = who.owner.post("/api/v1/requests", &need).json().expect("JSON");
        let request = begun["id"].as_str().expect("an id");
        assert_eq!(who.owner.submit(request).status(), 200);
        let (first, _) = who.owner.refer(request, "BANKA", "PA");
        let (second, _) = who.owner.refer(request, "BANKB", "PB");
        let first = who.a.offer(&first, "PA");
        who.forward(&first, 1);
        let second_offer = who.b.offer(&second, "PB");
        // Its number counts its bank's own offers: one across banks would say that another was faster.
        assert!(numbers(&who.b)[0].ends_with("-BANKB-1"), "{:?}", numbers(&who.b));
        ok(who.owner.on_offer(&first, "accept", &acceptance(1)));
        for path in ["/api/v1/offers".to_owned(), format!("/api/v1/offers/{second_offer}"), format!("/api/v1/referrals/{second}"), "/api/v1/messages".to_owned()] {
            let text = who.b.get(&path).text().expect("a body");
            for secret in ["BANKA", &first, "987", "max_cost"] {
                assert!(!text.contains(secret), "{path} tells {secret}: {text}");
            }
        }
        assert_eq!(who.b.get(&format!("/api/v1/offers/{first}")).status(), 404);
        assert_eq!(who.b.on_offer(&first, "withdraw", &json!({})).status(), 404);
    }

    fn what_falls_through_opens_the_request_again(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        execute(&db.store, "UPDATE product SET quota_fen = 100000000");
        let (request, first, second) = who.two_offers();
        ok(who.owner.on_offer(&first, "accept", &acceptance(1)));
        assert_eq!(refused(who.a.on_offer(&first, "fall-through", &json!({"reason": " "}))), ["reason required"]);
        let fallen = ok(who.a.on_offer(&first, "fall-through", &json!({"reason": "抵押物有争议"})));
        assert_eq!((&fallen["state"], &fallen["fallen_by"], &fallen["end_text"]), (&json!("fell_through"), &json!("bank"), &json!("抵押物有争议")));
        assert_eq!(who.request_state(&request), "open");
        assert!(topics(&who.b).contains(&"request_reopened".to_owned()));
        assert_eq!(read(&who.a, &format!("/api/v1/offers/{first}"))["party"], Value::Null, "the contract's consent has ended");

        assert_eq!(revise(&who.a, &first, Some("*"), &usual_offer("PA")).status(), 409, "what fell through is over");
        let renewed = ok(revise(&who.b, &second, Some("*"), &usual_offer("PB")));
        assert_eq!((&renewed["state"], &renewed["revision"], &renewed["lapse_reason"]), (&json!("submitted"), &json!(2), &Value::Null));
        assert!(!read(&who.owner, "/api/v1/offers").to_string().contains(&second), "not before the desk has seen it again");
        who.forward(&second, 2);
        assert_eq!(who.owner.on_offer(&second, "accept", &acceptance(1)).status(), 409, "another revision was seen");
        ok(who.owner.on_offer(&second, "accept", &acceptance(2)));
        let fallen = ok(who.owner.on_offer(&second, "fall-through", &json!({"reason": "利率未谈妥"})));
        assert_eq!(fallen["fallen_by"], "enterprise");

        // The quota was given back each time: the same amount is there again.
        let list = read(&who.a, "/api/v1/referrals");
        let referral = list["items"][0]["id"].as_str().expect("an id").to_owned();
        let third = who.a.offer(&referral, "PA");
        who.forward(&third, 1);
        ok(who.owner.on_offer(&third, "accept", &acceptance(1)));
    }

    fn a_quota_is_never_oversold(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        execute(&db.store, "UPDATE product SET quota_fen = 150000000 WHERE code = 'PA'");
        let (_, first, _) = who.two_offers();
        let (request, second, rival) = who.two_offers();
        ok(who.owner.on_offer(&first, "accept", &acceptance(1)));
        let before = counts(&db.store);
        assert_eq!(refused(who.owner.on_offer(&second, "accept", &acceptance(1))), ["amount_fen quota_used_up"]);
        assert_eq!(counts(&db.store), before, "all of it or nothing");
        assert_eq!((who.state(&second), who.state(&rival), who.request_state(&request)), ("forwarded".into(), "forwarded".into(), "open".into()));
    }

    fn auto_forward_lets_clean_ones_through_and_holds_the_rest(db: &TestDb) {
        let app = TestApp::start_with(db, |settings| settings.desk.auto_forward = true);
        let who = People::of(&app);
        let (referral, _) = who.owner.refer(&who.owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let clean = who.a.offer(&referral, "PA");
        assert_eq!(who.state(&clean), "forwarded");
        assert!(topics(&who.owner).contains(&"offer_received".to_owned()));
        assert!(topics(&who.officer).is_empty(), "nobody has to look at it");
        let (referral, _) = who.owner.refer(&who.owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let mut short = usual_offer("PA");
        short["valid_until"] = json!("2026-11-10");
        let made: Value = who.a.post(&format!("/api/v1/referrals/{referral}/offers"), &short).json().expect("JSON");
        let held = made["id"].as_str().expect("an id");
        assert_eq!(who.state(held), "submitted");
        let sheet = read(&who.officer, &format!("/api/v1/offers/{held}"));
        let failed: Vec<_> = sheet["revisions"][0]["checks"].as_array().expect("checks").iter().filter(|one| one["passed"] == false).collect();
        assert_eq!((failed.len(), &failed[0]["check"]), (1, &json!("validity")), "{failed:?}");
    }

    fn clean_ones_are_forwarded_together(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        let make = |offer: &Value| {
            let (referral, _) = who.owner.refer(&who.owner.open_fitting(USCCS[0]), "BANKA", "PA");
            let made: Value = who.a.post(&format!("/api/v1/referrals/{referral}/offers"), offer).json().expect("JSON");
            made["id"].as_str().expect("an id").to_owned()
        };
        let mut dear = usual_offer("PA");
        dear["rate"]["spread_bp"] = json!(95);
        let (clean, dear) = (make(&usual_offer("PA")), make(&dear));
        let answer = ok(who.officer.post("/api/v1/desk/forward", &json!({"offers": [clean, dear, "00000000-0000-4000-8000-000000000000"]})));
        let done: Vec<_> = answer.as_array().expect("a list").iter().map(|one| one["forwarded"] == true).collect();
        assert_eq!(done, [true, false, false]);
        assert_eq!((who.state(&clean), who.state(&dear)), ("forwarded".into(), "submitted".into()));
        assert_eq!(refused(who.officer.post("/api/v1/desk/forward", &json!({"offers": []}))), ["offers wrong_count"]);
    }

    fn time_ends_offers_once(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        let (request, first, _) = who.two_offers();
        let (_, over, unseen) = who.two_offers();
        let mut later = usual_offer("PB");
        later["valid_until"] = json!("2027-02-01");
        ok(who.b.on_offer(&unseen, "withdraw", &json!({})));
        ok(who.owner.on_offer(&first, "accept", &acceptance(1)));
        let turn = |instant: &str| {
            app.clock.set(instant.parse().expect("an instant"));
            ending::expire(&app.service).expect("a turn")
        };
        assert_eq!(turn("2026-11-13T15:59:59Z"), 0, "the last day is not over");
        assert_eq!(turn("2026-11-13T16:00:00Z"), 1);
        let before = counts(&db.store);
        assert_eq!(turn("2026-11-13T16:00:00Z"), 0, "each deadline is acted on once");
        assert_eq!(counts(&db.store), before);
        let fallen = read(&who.a, &format!("/api/v1/offers/{first}"));
        assert_eq!((&fallen["state"], &fallen["fallen_by"]), (&json!("fell_through"), &json!("deadline")));
        assert_eq!(who.request_state(&request), "open");

        app.clock.set("2026-12-10T16:00:00Z".parse().expect("an instant"));
        assert_eq!(who.owner.on_offer(&over, "accept", &acceptance(1)).status(), 409, "its validity is over, job or not");
        assert_eq!(turn("2026-12-10T16:00:00Z"), 1);
        let lapsed = read(&who.a, &format!("/api/v1/offers/{over}"));
        assert_eq!((&lapsed["state"], &lapsed["lapse_reason"]), (&json!("lapsed"), &json!("validity")));
        assert!(topics(&who.owner).contains(&"offer_lapsed".to_owned()));
        assert_eq!(revise(&who.a, &over, Some("*"), &later).status(), 409, "what lapsed by time is not sent again");
    }

    fn a_consent_taken_back_lapses_what_is_not_accepted(db: &TestDb) {
        let app = TestApp::start(db);
        let who = People::of(&app);
        let request = who.owner.open_fitting(USCCS[0]);
        let (first, consent) = who.owner.refer(&request, "BANKA", "PA");
        let offer = who.a.offer(&first, "PA");
        assert_eq!(who.owner.revoke(&consent).status(), 200);
        let lapsed = read(&who.a, &format!("/api/v1/offers/{offer}"));
        assert_eq!((&lapsed["state"], &lapsed["lapse_reason"]), (&json!("lapsed"), &json!("revoked")));
        assert_eq!(who.officer.on_offer(&offer, "forward", &json!({"revision": 1})).status(), 409);
        assert_eq!(who.a.post(&format!("/api/v1/referrals/{first}/offers"), &usual_offer("PA")).status(), 409);

        let request = who.owner.open_fitting(USCCS[0]);
        let (second, consent) = who.owner.refer(&request, "BANKA", "PA");
        let offer = who.a.offer(&second, "PA");
        who.forward(&offer, 1);
        ok(who.owner.on_offer(&offer, "accept", &acceptance(1)));
        assert_eq!(who.owner.revoke(&consent).status(), 200);
        assert_eq!(who.state(&offer), "accepted", "it stands under a consent of its own");
        assert_eq!(read(&who.a, &format!("/api/v1/offers/{offer}"))["party"]["uscc"], USCCS[0]);
    }
}
