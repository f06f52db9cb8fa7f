//! What stands on the centre's desk: each kind comes by itself, with its deadline, and goes when it is decided.

use crate::support::app::{Api, TestApp, usual_need, usual_offer};
use crate::support::db::{TestDb, on_both};
use crate::support::joining::{registered, uscc};
use crate::support::lending::{AMOUNT, Lending, short_offer, usual_contract};
use crate::support::samples::USCCS;
use rongqiao::actions::reroute;
use serde_json::{Value, json};

/// The items that an officer is shown.
#[track_caller]
pub fn items(officer: &Api<'_>, query: &str) -> Vec<Value> {
    let answer = officer.get(&format!("/api/v1/desk{query}"));
    assert_eq!(answer.status(), 200, "{query}");
    let list: Value = answer.json().expect("JSON");
    list["items"].as_array().expect("items").clone()
}

/// Name and deadline of each item that an officer is shown.
#[track_caller]
fn due(officer: &Api<'_>) -> Vec<(String, String)> {
    let text = |item: &Value, key: &str| item[key].as_str().expect("text").to_owned();
    let found = items(officer, "");
    found
        .iter()
        .map(|item| (text(item, "item"), text(item, "due_on")))
        .collect()
}

fn one(kind: &str, id: impl std::fmt::Display, due_on: &str) -> Vec<(String, String)> {
    vec![(format!("{kind}-{id}"), due_on.to_owned())]
}

/// Makes an offer that is not the usual one: its id.
fn offered(bank: &Api<'_>, referral: &str, offer: &Value) -> String {
    let made = bank.post(&format!("/api/v1/referrals/{referral}/offers"), offer);
    assert_eq!(made.status(), 201, "{offer}");
    let made: Value = made.json().expect("JSON");
    made["id"].as_str().expect("an id").to_owned()
}

fn on(app: &TestApp, instant: &str) {
    app.clock.set(instant.parse().expect("an instant"));
}

on_both! {
    fn registrations_wait_and_a_second_one_of_an_enterprise_is_another_kind(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = app.sign_in("officer");
        assert!(items(&officer, "").is_empty());
        let first = registered(&app, "first@example.com", uscc(1).as_str());
        // The clock stands on a Sunday: Monday and Tuesday are the two working days.
        assert_eq!(due(&officer), one("registration", first, "2026-11-03"));
        let shown = &items(&officer, "")[0];
        assert_eq!((&shown["about"], &shown["enterprise"]), (&json!("刘新"), &json!("示例新企业有限公司")));
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let second = registered(&app, "second@example.com", uscc(1).as_str());
        assert_eq!(items(&officer, "?kind=registration").len(), 2);
        let taken = officer.post(&format!("/api/v1/desk/registration-{second}/claim"), &json!({}));
        assert_eq!(taken.status(), 200);
        let approved = officer.post(&format!("/api/v1/registrations/{first}/approve"), &json!({"second_claim": false}));
        assert_eq!(approved.status(), 204);
        assert_eq!(due(&officer), one("second_claim", second, "2026-11-03"), "somebody speaks for it now");
        assert_eq!(items(&officer, "?mine=true").len(), 1, "who sees to it goes on");
        assert_eq!(officer.get(&format!("/api/v1/desk/registration-{second}")).status(), 404);
        let rejected = officer.post(&format!("/api/v1/registrations/{second}/reject"), &json!({"reason": "授权函未盖章"}));
        assert_eq!(rejected.status(), 204);
        assert!(items(&officer, "").is_empty());
    }

    fn offers_wait_until_they_are_decided_and_no_longer_than_they_hold(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, bank, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let refer = || owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA").0;
        let clean = bank.offer(&refer(), "PA");
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let mut dear = usual_offer("PA");
        dear["rate"]["spread_bp"] = json!(95);
        dear["valid_until"] = json!("2026-11-02");
        let dear = offered(&bank, &refer(), &dear);
        let found = items(&officer, "?kind=offer");
        let told: Vec<_> = found.iter().map(|item| (&item["offer"]["id"], &item["offer"]["is_clean"], &item["due_on"])).collect();
        let first = (&json!(dear), &json!(false), &json!("2026-11-02"));
        assert_eq!(told, [first, (&json!(clean), &json!(true), &json!("2026-11-03"))], "the oldest deadline first");
        on(&app, "2026-11-02T16:00:00Z");
        assert_eq!(due(&officer), one("offer", &clean, "2026-11-03"), "the other does not hold any more");
        on(&app, "2026-11-03T16:00:00Z");
        assert_eq!((&items(&officer, "")[0]["is_late"], &items(&officer, "")[0]["working_days"]), (&json!(true), &json!(1)));
        assert_eq!(officer.on_offer(&clean, "forward", &json!({"revision": 1})).status(), 200);
        assert!(items(&officer, "").is_empty());
    }

    fn a_request_without_a_bank_at_work_waits_since_the_last_one_stopped(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, bank, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let request = owner.open_fitting(USCCS[0]);
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        assert!(items(&officer, "").is_empty());
        // The last day to answer is Friday, the 6th. Until the job has come by, the bank may still offer.
        on(&app, "2026-11-06T16:00:00Z");
        assert_eq!(due(&officer), one("referral", &referral, "2026-11-10"));
        assert_eq!(items(&officer, "")[0]["request"], json!(request));
        assert_eq!(reroute::expire(&app.service).expect("a turn"), 1);
        assert_eq!(due(&officer), one("request", &request, "2026-11-10"), "no bank is at work: that is the one item");
        assert_eq!(items(&officer, "")[0]["since"], json!("2026-11-06T16:00:00Z"));
        on(&app, "2026-11-09T03:00:00Z");
        let declined = bank.post(&format!("/api/v1/referrals/{referral}/decline"), &json!({"reason": "term"}));
        assert_eq!(declined.status(), 200);
        assert_eq!(due(&officer), one("request", &request, "2026-11-11"), "from the last thing that happened");
        officer.propose(&request, "BANKB", "PB");
        assert_eq!(items(&officer, "").len(), 1, "until the enterprise has agreed");
        let ended = officer.post(&format!("/api/v1/requests/{request}/unserved"), &json!({"reason": "term"}));
        assert_eq!(ended.status(), 200);
        assert!(items(&officer, "").is_empty());
    }

    fn a_silent_bank_waits_beside_one_at_work_until_it_answers(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, officer) = (app.sign_in("owner"), app.sign_in("officer"));
        let (a, b) = (app.sign_in("banka"), app.sign_in("bankb"));
        let request = owner.open_fitting(USCCS[0]);
        let (silent, _) = owner.refer(&request, "BANKA", "PA");
        let (other, _) = owner.refer(&request, "BANKB", "PB");
        let offer = b.offer(&other, "PB");
        assert_eq!(officer.on_offer(&offer, "forward", &json!({"revision": 1})).status(), 200);
        on(&app, "2026-11-06T16:00:00Z");
        assert_eq!(reroute::expire(&app.service).expect("a turn"), 1);
        assert_eq!(due(&officer), one("referral", &silent, "2026-11-10"));
        let referred = officer.post(&format!("/api/v1/desk/referral-{silent}/refer"), &json!({"bank": "BANKB", "products": ["PB"]}));
        assert_eq!(referred.status(), 409, "it is the request's that is referred, and that bank has it");
        let declined = a.post(&format!("/api/v1/referrals/{silent}/decline"), &json!({"reason": "term"}));
        assert_eq!(declined.status(), 200);
        assert!(items(&officer, "").is_empty());
    }

    fn only_what_the_centre_answers_for_is_disputed_before_it(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, officer) = (app.sign_in("owner"), app.sign_in("officer"));
        owner.authorise(USCCS[0]);
        owner.declare(USCCS[0], "tax_grade", &json!("A"));
        owner.declare(USCCS[0], "listing_stage", &json!("neeq"));
        assert_eq!(owner.dispute(USCCS[0], "tax_grade", "please_verify", "请核验").status(), 201);
        assert!(items(&officer, "").is_empty(), "the tax bureau answers that");
        let raised = owner.dispute(USCCS[0], "listing_stage", "please_verify", "已挂牌");
        let raised: Value = raised.json().expect("JSON");
        let id = raised["id"].as_str().expect("an id");
        assert_eq!(due(&officer), one("dispute", id, "2026-11-06"));
        assert_eq!(items(&officer, "")[0]["about"], "listing_stage");
        assert_eq!(officer.answer(id, "verified", "已核对公告").status(), 200);
        assert!(items(&officer, "").is_empty());
    }

    fn a_loan_waits_from_sixty_days_before_its_maturity(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let long = who.lent("C-long");
        assert_eq!(who.draw(&long, AMOUNT).status(), 201);
        assert!(items(&who.officer, "").is_empty(), "it matures in a year");
        let short = who.signed(&who.accepted_with(&usual_need(), &short_offer("PA")), &usual_contract("C-short"));
        assert!(items(&who.officer, "").is_empty(), "nothing is owed yet");
        assert_eq!(who.draw(&short, AMOUNT).status(), 201);
        assert_eq!(due(&who.officer), one("loan", &short, "2026-12-02"));
        assert_eq!(who.repay(&short, AMOUNT, 0).status(), 201);
        assert_eq!(who.enter(&short, "settle", &json!({"on": "2026-11-01"})).status(), 200);
        assert!(items(&who.officer, "").is_empty());
    }

    fn a_product_waits_once_its_bank_does_not_confirm_it(db: &TestDb) {
        let app = TestApp::start(db);
        on(&app, "2027-01-30T15:59:00Z");
        assert!(items(&app.sign_in("officer"), "").is_empty());
        on(&app, "2027-01-30T16:00:00Z");
        let officer = app.sign_in("officer");
        let found = items(&officer, "");
        // What came at the same moment stands in no order that a person would expect.
        let mut told: Vec<_> = found.iter().map(|item| (item["about"].as_str(), item["due_on"].as_str())).collect();
        told.sort_unstable();
        let day = Some("2027-02-02");
        assert_eq!(told, [(Some("示例产品PA"), day), (Some("示例产品PB"), day)], "since a Sunday");
        assert_eq!(app.sign_in("banka").post("/api/v1/products/PA/confirm", &json!({})).status(), 200);
        assert_eq!(items(&officer, "").len(), 1);
    }

    fn the_desk_goes_on_page_by_page_and_ends_at_the_district(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = app.sign_in("officer");
        for place in 1..=3 {
            registered(&app, &format!("new{place}@example.com"), uscc(place).as_str());
            app.clock.advance(chrono::TimeDelta::days(1));
        }
        let request = app.sign_in("owner").begin();
        assert_eq!(app.sign_in("owner").submit(&request).status(), 200);
        let all = items(&officer, "");
        assert_eq!(all.len(), 4);
        assert!(items(&app.sign_in("elsewhere"), "").is_empty());
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        while seen.len() < all.len() {
            let list: Value = officer.get(&format!("/api/v1/desk?limit=1{cursor}")).json().expect("JSON");
            seen.extend(list["items"].as_array().expect("items").clone());
            cursor = list["next"].as_str().map_or_else(String::new, |next| format!("&cursor={next}"));
        }
        assert_eq!((seen, cursor.as_str()), (all, ""));
        assert_eq!(items(&officer, "?kind=request").len(), 1);
        for bad in ["?kind=task", "?cursor=x", "?limit=0", "?state=open"] {
            assert!([400, 422].contains(&officer.get(&format!("/api/v1/desk{bad}")).status().as_u16()), "{bad}");
        }
    }
}
