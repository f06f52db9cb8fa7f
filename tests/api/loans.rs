//! Loans from their contract to their end: what was accepted is lent, sums stay within it, quotas come back once.

use crate::support::app::{Api, TestApp, acceptance, usual_need, usual_offer};
use crate::support::db::{TestDb, counts, execute, on_both};
use crate::support::lending::{AMOUNT, Lending, add_renewal, renewal_need, short_offer, usual_contract};
use crate::support::samples::USCCS;
use reqwest::Method;
use reqwest::blocking::Response;
use rongqiao::actions::loans::watching;
use rongqiao::domain::loan::{LoanEvent, LoanState};
use rongqiao::store::invariants;
use serde_json::{Value, json};

#[track_caller]
fn ok(answer: Response) -> Value {
    let (status, text) = (answer.status(), answer.text().expect("a body"));
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).expect("JSON")
}

/// The fields that a 422 names, each with its code.
#[track_caller]
fn refused(answer: Response) -> Vec<String> {
    let (status, text) = (answer.status(), answer.text().expect("a body"));
    assert_eq!(status, 422, "{text}");
    let problem: Value = serde_json::from_str(&text).expect("JSON");
    let errors = problem["errors"].as_array().expect("errors").iter();
    let text = |error: &Value, key: &str| error[key].as_str().expect("text").to_owned();
    errors
        .map(|error| format!("{} {}", text(error, "field"), text(error, "code")))
        .collect()
}

fn topics(user: &Api<'_>) -> Vec<String> {
    let list = ok(user.get("/api/v1/messages"));
    let items = list["items"].as_array().expect("messages").iter();
    items
        .map(|one| one["topic"].as_str().expect("a topic").to_owned())
        .collect()
}

#[track_caller]
fn all_holds(db: &TestDb) {
    let broken: Vec<_> = db.store.read(invariants::check).expect("they are counted");
    let broken: Vec<_> = broken.iter().filter(|one| one.broken != 0).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

on_both! {
    fn a_contract_makes_a_loan_of_what_was_accepted(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let offer = who.accepted();
        let contract = json!({"contract_number": "借字2026-1", "signed_on": "2026-11-01", "is_first": true});
        assert_eq!(who.owner.on_offer(&offer, "contract", &contract).status(), 403);
        assert_eq!(who.officer.on_offer(&offer, "contract", &contract).status(), 403);
        assert_eq!(who.rival.on_offer(&offer, "contract", &contract).status(), 404);
        let once = || who.bank.request(&Method::POST, &format!("/api/v1/offers/{offer}/contract")).header("Idempotency-Key", "k1").json(&contract);
        let made = once().send().expect("an answer");
        assert_eq!(made.status(), 201);
        let made: Value = made.json().expect("JSON");
        let before = counts(&db.store);
        let again: Value = once().send().expect("an answer").json().expect("JSON");
        assert_eq!((&again, counts(&db.store)), (&made, before), "registered once");
        assert_eq!(who.bank.on_offer(&offer, "contract", &contract).status(), 409, "without the key it is a second contract");

        let loan = who.read(made["id"].as_str().expect("an id"));
        let offered = ok(who.bank.get(&format!("/api/v1/offers/{offer}")));
        assert_eq!((&offered["state"], &loan["state"], &loan["number"]), (&json!("signed"), &json!("registered"), &offered["request_number"]));
        for (of_loan, accepted) in [
            ("amount_fen", json!(AMOUNT)), ("drawn_fen", json!(0)), ("drawable_fen", json!(AMOUNT)), ("balance_fen", json!(0)),
            ("rate_bp", json!(340)), ("term_months", json!(12)), ("repayment", json!("interest_only")), ("guarantee", json!("credit")),
            ("signed_on", json!("2026-11-01")), ("matures_on", json!("2027-11-20")), ("is_first", json!(true)),
            ("contract_number", json!("借字2026-1")), ("uscc", json!(USCCS[0])), ("offer", json!(offer)), ("follows", Value::Null),
        ] {
            assert_eq!(loan[of_loan], accepted, "{of_loan}");
        }
        let request = ok(who.owner.get(&format!("/api/v1/requests/{}", loan["request"].as_str().expect("an id"))));
        assert_eq!((&request["state"], &request["end_reason"]), (&json!("closed"), &json!("fulfilled")), "{request}");
        let standing = who.owner.standing(loan["request"].as_str().expect("an id"), "BANKA");
        assert_eq!(standing["state"], "offered", "the bank that lends has answered");
        for (user, topic) in [(&who.owner, "loan_registered"), (&who.owner, "request_closed"), (&who.officer, "loan_registered")] {
            assert!(topics(user).contains(&topic.to_owned()), "{topic}: {:?}", topics(user));
        }
        assert!(ok(who.owner.get("/api/v1/loans")).to_string().contains("借字2026-1"));
        assert!(!ok(who.rival.get("/api/v1/loans")).to_string().contains("借字2026-1"));
        all_holds(db);
    }

    fn a_contract_that_breaks_a_rule_is_named_and_nothing_is_kept(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        who.lent("C-1");
        let offer = who.accepted();
        let before = counts(&db.store);
        for (field, value, want) in [
            ("contract_number", json!(" "), "contract_number required"),
            ("contract_number", json!("长".repeat(65)), "contract_number too_long"),
            ("contract_number", json!("C-1"), "contract_number duplicate"),
            ("signed_on", json!("2026-10-31"), "signed_on day_out_of_range"),
            ("signed_on", json!("2026-11-02"), "signed_on day_out_of_range"),
            ("matures_on", json!("2027-09-30"), "matures_on day_out_of_range"),
            ("matures_on", json!("2027-12-22"), "matures_on day_out_of_range"),
            ("follows", json!("00000000-0000-4000-8000-000000000000"), "follows not_found"),
        ] {
            let mut contract = usual_contract("C-2");
            contract[field] = value.clone();
            assert_eq!(refused(who.bank.on_offer(&offer, "contract", &contract)), [want], "{field} {value}");
            assert_eq!(counts(&db.store), before);
        }
        // The last day for signing is over, whether or not the job has come by.
        app.clock.set("2026-11-13T16:00:00Z".parse().expect("an instant"));
        let late = who.bank.on_offer(&offer, "contract", &usual_contract("C-2"));
        assert_eq!(late.status(), 409);
        assert!(late.text().expect("a body").contains("未能签约"));
    }

    fn draws_and_repayments_stay_within_the_contract(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let id = who.lent("C-1");
        for (body, want) in [
            (json!({"on": "2026-10-31", "amount_fen": 1}), "on day_out_of_range"),
            (json!({"on": "2026-11-02", "amount_fen": 1}), "on day_out_of_range"),
            (json!({"on": "2026-11-01", "amount_fen": 0}), "amount_fen out_of_range"),
            (json!({"on": "2026-11-01", "amount_fen": -1}), "amount_fen out_of_range"),
            (json!({"on": "2026-11-01", "amount_fen": AMOUNT + 1}), "amount_fen out_of_range"),
        ] {
            assert_eq!(refused(who.enter(&id, "disbursements", &body)), [want], "{body}");
        }
        assert_eq!(ok(who.draw(&id, 60_000_000))["state"], "disbursing");
        assert_eq!(refused(who.draw(&id, 40_000_001)), ["amount_fen out_of_range"]);
        assert_eq!(ok(who.repay(&id, 10_000_000, 1_234))["state"], "disbursing");
        assert_eq!(refused(who.draw(&id, 40_000_001)), ["amount_fen out_of_range"], "what came back is not lent again");
        assert_eq!(refused(who.enter(&id, "settle", &json!({"on": "2026-11-01"}))), ["balance_fen still_owed"]);
        assert_eq!(ok(who.draw(&id, 40_000_000))["state"], "outstanding");
        assert_eq!(who.draw(&id, 1).status(), 409, "all is drawn");
        assert_eq!(refused(who.repay(&id, 90_000_001, 0)), ["principal_fen out_of_range"]);
        assert_eq!(refused(who.repay(&id, 0, 0)), ["principal_fen required"]);
        assert_eq!(refused(who.repay(&id, 0, -1)), ["interest_fen out_of_range"]);
        assert_eq!(ok(who.repay(&id, 0, 283_333))["state"], "outstanding", "interest alone");
        ok(who.repay(&id, 90_000_000, 0));
        assert_eq!(ok(who.enter(&id, "settle", &json!({"on": "2026-11-01"})))["state"], "settled");
        let loan = who.read(&id);
        assert_eq!((&loan["drawn_fen"], &loan["repaid_fen"], &loan["balance_fen"]), (&json!(AMOUNT), &json!(AMOUNT), &json!(0)));
        assert_eq!((loan["disbursements"].as_array().map(Vec::len), loan["repayments"].as_array().map(Vec::len)), (Some(2), Some(3)));
        assert_eq!(loan["ended_on"], "2026-11-01");
        assert_eq!(topics(&who.owner).iter().filter(|topic| *topic == "loan_changed").count(), 6, "each is told");
        all_holds(db);
    }

    fn a_post_with_the_same_key_draws_once(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let (id, other) = (who.lent("C-1"), who.lent("C-2"));
        let body = json!({"on": "2026-11-01", "amount_fen": 1_000_000});
        let post = |id: &str, body: &Value| {
            let request = who.bank.request(&Method::POST, &format!("/api/v1/loans/{id}/disbursements"));
            request.header("Idempotency-Key", "same").json(body).send().expect("an answer")
        };
        ok(post(&id, &body));
        ok(post(&id, &body));
        assert_eq!(who.read(&id)["drawn_fen"], 1_000_000);
        assert_eq!(refused(post(&other, &body)), ["Idempotency-Key duplicate"], "the key is this loan's");
        assert_eq!(who.read(&other)["drawn_fen"], 0);
    }

    fn a_revolving_loan_is_drawn_again_up_to_its_limit(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let mut offer = usual_offer("PA");
        offer["repayment"] = json!("on_demand");
        let id = who.signed(&who.accepted_with(&usual_need(), &offer), &usual_contract("C-1"));
        assert_eq!(ok(who.draw(&id, AMOUNT))["state"], "disbursing", "it is never drawn up for good");
        assert_eq!(refused(who.draw(&id, 1)), ["amount_fen out_of_range"]);
        ok(who.repay(&id, 30_000_000, 0));
        assert_eq!(refused(who.draw(&id, 30_000_001)), ["amount_fen out_of_range"]);
        ok(who.draw(&id, 30_000_000));
        let loan = who.read(&id);
        assert_eq!((&loan["drawn_fen"], &loan["balance_fen"], &loan["drawable_fen"]), (&json!(130_000_000), &json!(AMOUNT), &json!(0)));
        assert_eq!(ok(who.enter(&id, "close-drawing", &json!({"on": "2026-11-01"})))["state"], "outstanding");
        ok(who.repay(&id, AMOUNT, 0));
        assert_eq!(who.draw(&id, 1).status(), 409);
        assert_eq!(ok(who.enter(&id, "settle", &json!({"on": "2026-11-01"})))["state"], "settled");
        all_holds(db);
    }

    fn a_mark_is_set_and_cleared(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let id = who.lent("C-1");
        let path = format!("/api/v1/loans/{id}/overdue");
        let clear = || who.bank.request(&Method::DELETE, &path).send().expect("an answer");
        ok(who.draw(&id, AMOUNT));
        assert_eq!(clear().status(), 409, "there is none");
        assert_eq!(refused(who.enter(&id, "overdue", &json!({"on": "2026-11-02"}))), ["on day_out_of_range"]);
        ok(who.enter(&id, "overdue", &json!({"on": "2026-11-01"})));
        assert_eq!(who.read(&id)["overdue_since"], "2026-11-01");
        for user in [&who.owner, &who.officer] {
            assert!(topics(user).contains(&"loan_overdue".to_owned()));
        }
        assert_eq!(ok(clear())["state"], "outstanding");
        assert_eq!(who.read(&id)["overdue_since"], Value::Null);
        assert_eq!(clear().status(), 409, "it was cleared");
    }

    fn nothing_is_paid_back_overdue_or_settled_before_the_first_draw(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let id = who.lent("C-1");
        app.clock.set("2026-11-05T02:00:00Z".parse().expect("an instant"));
        ok(who.enter(&id, "disbursements", &json!({"on": "2026-11-03", "amount_fen": AMOUNT})));
        let repayment = |on: &str| json!({"on": on, "principal_fen": AMOUNT, "interest_fen": 0});
        let before = counts(&db.store);
        assert_eq!(refused(who.enter(&id, "repayments", &repayment("2026-11-02"))), ["on day_out_of_range"]);
        assert_eq!(refused(who.enter(&id, "overdue", &json!({"on": "2026-11-02"}))), ["on day_out_of_range"]);
        assert_eq!(counts(&db.store), before);
        ok(who.enter(&id, "repayments", &repayment("2026-11-03")));
        assert_eq!(refused(who.enter(&id, "settle", &json!({"on": "2026-11-02"}))), ["on day_out_of_range"]);
        assert_eq!(ok(who.enter(&id, "settle", &json!({"on": "2026-11-03"})))["state"], "settled");
        all_holds(db);
    }

    fn what_was_not_drawn_is_cancelled_and_its_quota_comes_back_once(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        execute(&db.store, "UPDATE product SET quota_fen = 100000000 WHERE code = 'PA'");
        let offer = who.accepted();
        let id = who.signed(&offer, &usual_contract("C-1"));
        // Another acceptance finds the quota used up until the loan is cancelled.
        let request = who.owner.open_fitting(USCCS[0]);
        let second = who.bank.offer(&who.owner.refer(&request, "BANKA", "PA").0, "PA");
        assert_eq!(who.officer.on_offer(&second, "forward", &json!({"revision": 1})).status(), 200);
        assert_eq!(refused(who.owner.on_offer(&second, "accept", &acceptance(1))), ["amount_fen quota_used_up"]);
        assert_eq!(refused(who.enter(&id, "cancel", &json!({"reason": " "}))), ["reason required"]);
        assert_eq!(ok(who.enter(&id, "cancel", &json!({"reason": "企业不再需要"})))["state"], "cancelled");
        all_holds(db);
        assert_eq!(who.enter(&id, "cancel", &json!({"reason": "再来一次"})).status(), 409);
        all_holds(db);
        for user in [&who.owner, &who.officer] {
            assert!(topics(user).contains(&"loan_cancelled".to_owned()));
        }
        assert_eq!(ok(who.bank.get(&format!("/api/v1/offers/{offer}")))["party"], Value::Null, "the contract's consent has ended");
        ok(who.owner.on_offer(&second, "accept", &acceptance(1)));
        let drawn = who.signed(&second, &usual_contract("C-2"));
        ok(who.draw(&drawn, 1));
        assert_eq!(who.enter(&drawn, "cancel", &json!({"reason": "已放款"})).status(), 409, "what was drawn is not cancelled");
        all_holds(db);
    }

    fn a_renewal_settles_the_loan_that_it_follows(db: &TestDb) {
        let app = TestApp::start(db);
        add_renewal(&app);
        let who = Lending::of(&app);
        let old = who.signed(&who.accepted_with(&usual_need(), &short_offer("PA")), &usual_contract("C-1"));
        assert_eq!(who.read(&old)["matures_on"], "2026-12-02");
        ok(who.draw(&old, AMOUNT));
        ok(who.repay(&old, 20_000_000, 0));
        let follows = |number: &str| {
            let mut contract = usual_contract(number);
            contract["follows"] = json!(old);
            contract
        };
        let plain = who.accepted();
        assert_eq!(refused(who.bank.on_offer(&plain, "contract", &follows("C-2"))), ["follows no_renewal"], "its product renews nothing");

        let mut offer = usual_offer("PR");
        offer["amount_fen"] = json!(80_000_000);
        let renewing = who.accepted_with(&renewal_need("2026-12-02", 80_000_000), &offer);
        let mut first = follows("C-3");
        first["is_first"] = json!(true);
        assert_eq!(refused(who.bank.on_offer(&renewing, "contract", &first)), ["is_first not_first"]);
        ok(who.enter(&old, "overdue", &json!({"on": "2026-11-01"})));
        assert_eq!(refused(who.bank.on_offer(&renewing, "contract", &follows("C-3"))), ["follows no_renewal"], "only 正常类");
        let clear = who.bank.request(&Method::DELETE, &format!("/api/v1/loans/{old}/overdue")).send().expect("an answer");
        ok(clear);
        let new = who.signed(&renewing, &follows("C-3"));
        assert_eq!((&who.read(&old)["state"], &who.read(&old)["followed_by"]), (&json!("outstanding"), &json!(new)));
        assert_eq!(who.read(&new)["follows"], json!(old));
        assert_eq!(refused(who.draw(&new, 79_999_999)), ["amount_fen out_of_range"], "less would not settle it");
        assert_eq!(ok(who.draw(&new, 80_000_000))["state"], "outstanding");
        let renewed = who.read(&old);
        assert_eq!((&renewed["state"], &renewed["ended_on"], &renewed["balance_fen"]), (&json!("renewed"), &json!("2026-11-01"), &json!(80_000_000)));
        assert_eq!(who.repay(&old, 1, 0).status(), 409);
        all_holds(db);
    }

    fn a_renewal_is_signed_before_the_old_loan_matures_and_may_come_to_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        add_renewal(&app);
        let who = Lending::of(&app);
        let old = who.signed(&who.accepted_with(&usual_need(), &short_offer("PA")), &usual_contract("C-1"));
        ok(who.draw(&old, AMOUNT));
        let need = renewal_need("2026-12-02", AMOUNT);
        let (first, second) = (who.accepted_with(&need, &usual_offer("PR")), who.accepted_with(&need, &usual_offer("PR")));
        let contract = |number: &str| json!({"contract_number": number, "signed_on": "2026-11-01", "is_first": false, "follows": old});
        let new = who.signed(&first, &contract("C-2"));
        assert_eq!(refused(who.bank.on_offer(&second, "contract", &contract("C-3"))), ["follows no_renewal"], "it has its follower");
        ok(who.enter(&new, "cancel", &json!({"reason": "改签另一份"})));
        assert_eq!(who.read(&old)["followed_by"], Value::Null);
        execute(&db.store, &format!("UPDATE loan SET matures_on = '2026-11-01', signed_on = '2026-10-01' WHERE id = '{old}'"));
        assert_eq!(refused(who.bank.on_offer(&second, "contract", &contract("C-3"))), ["signed_on day_out_of_range"], "on the day it is too late");
        execute(&db.store, &format!("UPDATE loan SET matures_on = '2026-11-02' WHERE id = '{old}'"));
        who.signed(&second, &contract("C-3"));
        all_holds(db);
    }

    fn every_entry_that_a_state_does_not_allow_is_refused_with_that_state(db: &TestDb) {
        let app = TestApp::start(db);
        add_renewal(&app);
        let who = Lending::of(&app);
        let day = json!({"on": "2026-11-01"});
        let drawn = |number: &str| { let id = who.lent(number); ok(who.draw(&id, AMOUNT)); id };
        let renewed = drawn("C-renewed");
        let matures = who.read(&renewed)["matures_on"].as_str().expect("a day").to_owned();
        execute(&db.store, &format!("UPDATE loan SET matures_on = '2026-12-02' WHERE id = '{renewed}'"));
        let next = who.accepted_with(&renewal_need("2026-12-02", AMOUNT), &usual_offer("PR"));
        let next = who.signed(&next, &json!({"contract_number": "C-next", "signed_on": "2026-11-01", "is_first": false, "follows": renewed}));
        ok(who.draw(&next, AMOUNT));
        execute(&db.store, &format!("UPDATE loan SET matures_on = '{matures}' WHERE id = '{renewed}'"));
        let settled = drawn("C-settled");
        ok(who.repay(&settled, AMOUNT, 0));
        ok(who.enter(&settled, "settle", &day));
        let cancelled = who.lent("C-cancelled");
        ok(who.enter(&cancelled, "cancel", &json!({"reason": "不再需要"})));
        let disbursing = who.lent("C-disbursing");
        ok(who.draw(&disbursing, 1));
        let loans = [
            (LoanState::Registered, who.lent("C-registered")), (LoanState::Disbursing, disbursing), (LoanState::Outstanding, drawn("C-outstanding")),
            (LoanState::Settled, settled), (LoanState::Renewed, renewed), (LoanState::Cancelled, cancelled),
        ];
        let mut refusals = 0;
        for (state, id) in &loans {
            let label = rongqiao::domain::codes::Code::label(*state);
            for event in LoanEvent::ALL {
                let (method, what, body) = match event {
                    LoanEvent::Draw | LoanEvent::DrawAll => (Method::POST, "disbursements", json!({"on": "2026-11-01", "amount_fen": 1})),
                    LoanEvent::CloseDrawing => (Method::POST, "close-drawing", day.clone()),
                    LoanEvent::Repay => (Method::POST, "repayments", json!({"on": "2026-11-01", "principal_fen": 0, "interest_fen": 1})),
                    LoanEvent::MarkOverdue => (Method::POST, "overdue", day.clone()),
                    LoanEvent::ClearOverdue => (Method::DELETE, "overdue", Value::Null),
                    LoanEvent::Settle => (Method::POST, "settle", day.clone()),
                    LoanEvent::Cancel => (Method::POST, "cancel", json!({"reason": "不再需要"})),
                    // No entry, but what a draw of the next loan comes to.
                    LoanEvent::Renew => continue,
                };
                if state.next(*event).is_ok() {
                    continue;
                }
                let before = counts(&db.store);
                let answer = who.bank.request(&method, &format!("/api/v1/loans/{id}/{what}")).json(&body).send().expect("an answer");
                let (status, problem) = (answer.status(), answer.json::<Value>().expect("JSON"));
                assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("wrong_state")), "{state} {event:?}: {problem}");
                assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(label)), "{state} {event:?}: {problem}");
                assert_eq!(counts(&db.store), before);
                refusals += 1;
            }
        }
        println!("refused: {refusals} of {} pairs", loans.len() * (LoanEvent::ALL.len() - 1));
        all_holds(db);
    }

    fn warnings_come_once_each_though_two_nodes_watch(db: &TestDb) {
        let app = TestApp::start(db);
        add_renewal(&app);
        let who = Lending::of(&app);
        let beside = app.beside(db);
        let id = who.signed(&who.accepted_with(&usual_need(), &short_offer("PA")), &usual_contract("C-1"));
        let undrawn = who.lent("C-2");
        let turn = |instant: &str| {
            app.clock.set(instant.parse().expect("an instant"));
            let nodes = [&app.service, &beside.service];
            std::thread::scope(|scope| {
                let turns = nodes.map(|node| scope.spawn(|| watching::warn(node).expect("a turn")));
                turns.map(|turn| turn.join().expect("it ends"))
            });
            assert_eq!(watching::warn(&app.service).expect("a turn"), 0, "nothing is left over");
            let told = |user: &Api<'_>| topics(user).iter().filter(|topic| *topic == "loan_matures").count();
            (told(&who.owner), told(&who.officer), told(&who.bank))
        };
        assert_eq!(turn("2026-11-01T02:00:00Z"), (0, 0, 0), "nothing is owed yet");
        ok(who.draw(&id, AMOUNT));
        assert_eq!(turn("2026-11-01T02:00:00Z"), (1, 1, 0), "31 days: the warning of 60");
        assert_eq!(turn("2026-11-01T15:59:59Z"), (1, 1, 0));
        assert_eq!(turn("2026-11-01T16:00:00Z"), (2, 2, 0), "30 days");
        assert_eq!(turn("2026-11-16T15:59:59Z"), (2, 2, 0), "16 days");
        assert_eq!(turn("2026-11-16T16:00:00Z"), (3, 3, 0), "15 days");
        assert_eq!(turn("2026-12-01T16:00:00Z"), (3, 3, 0), "on the day itself nothing new");
        let messages = ok(who.owner.get("/api/v1/messages"));
        let told = messages["items"].as_array().expect("messages").iter().find(|one| one["topic"] == "loan_matures").expect("told");
        assert!(told.to_string().contains("示例BANKA“续贷通”"), "the products that fit are named: {told}");
        assert!(told.to_string().contains(&format!("/enterprise/loans/{id}")));
        let soon = ok(who.officer.get("/api/v1/loans?matures_by=2027-01-01"));
        let ids: Vec<_> = soon["items"].as_array().expect("loans").iter().map(|one| one["id"].as_str().expect("an id")).collect();
        assert_eq!(ids, [id.as_str()], "{undrawn} is not owed");
    }

    fn who_has_signed_a_renewal_is_not_asked_to_renew(db: &TestDb) {
        let app = TestApp::start(db);
        add_renewal(&app);
        let who = Lending::of(&app);
        let old = who.signed(&who.accepted_with(&usual_need(), &short_offer("PA")), &usual_contract("C-1"));
        ok(who.draw(&old, AMOUNT));
        let renewing = who.accepted_with(&renewal_need("2026-12-02", AMOUNT), &usual_offer("PR"));
        who.signed(&renewing, &json!({"contract_number": "C-2", "signed_on": "2026-11-01", "is_first": false, "follows": old}));
        assert_eq!(watching::warn(&app.service).expect("a turn"), 1);
        assert!(!topics(&who.owner).contains(&"loan_matures".to_owned()));
    }

    fn what_breaks_an_invariant_is_counted(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let (drawn, other) = (who.lent("C-1"), who.lent("C-2"));
        ok(who.draw(&drawn, 50_000_000));
        all_holds(db);
        let broken = |sql: &str, back: &str| {
            execute(&db.store, sql);
            let found = db.store.read(invariants::check).expect("they are counted");
            execute(&db.store, back);
            let found: Vec<_> = found.into_iter().filter(|one| one.broken != 0).map(|one| (one.name, one.broken)).collect();
            found
        };
        let sums = "what was drawn and paid back of a loan are the sums of its draws and repayments";
        assert_eq!(broken("UPDATE loan SET repaid_fen = 1 WHERE contract_number = 'C-1'", "UPDATE loan SET repaid_fen = 0"), [(sums, 1)]);
        let state = "a loan's balance is within its contract, and its state is that of its sums";
        assert_eq!(broken("UPDATE loan SET state = 'outstanding' WHERE contract_number = 'C-1'", "UPDATE loan SET state = 'disbursing' WHERE contract_number = 'C-1'"), [(state, 1)]);
        let quota = "a product's quota holds what binding offers lend, but for loans that were cancelled";
        assert_eq!(broken("UPDATE product SET quota_taken_fen = quota_taken_fen - 1 WHERE code = 'PA'", "UPDATE product SET quota_taken_fen = quota_taken_fen + 1 WHERE code = 'PA'"), [(quota, 1)]);
        let same = "a loan is what was accepted: its offer's bank, enterprise, product and amount";
        assert_eq!(broken(&format!("UPDATE loan SET rate_bp = rate_bp + 1 WHERE id = '{other}'"), &format!("UPDATE loan SET rate_bp = rate_bp - 1 WHERE id = '{other}'")), [(same, 1)]);
        let fulfilled = "a signed offer has its loan, and its request was fulfilled";
        assert_eq!(broken("UPDATE request SET end_reason = 'expired' WHERE state = 'closed'", "UPDATE request SET end_reason = 'fulfilled' WHERE state = 'closed'"), [(fulfilled, 2)]);
        all_holds(db);
    }
}
