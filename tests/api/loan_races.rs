//! Many at once on one loan, through two nodes where the database has several: never more than the contract.

use crate::support::app::{Api, TestApp};
use crate::support::db::{TestDb, on_both};
use crate::support::lending::{AMOUNT, Lending, usual_contract};
use crate::support::races::{Task, at_once, rounds};
use rongqiao::store::invariants;
use serde_json::{Value, json};

#[track_caller]
fn all_holds(db: &TestDb) {
    let broken = db.store.read(invariants::check).expect("they are counted");
    assert!(broken.iter().all(|one| one.broken == 0), "{broken:?}");
}

fn drawn(user: &Api<'_>, id: &str) -> (i64, usize) {
    let loan: Value = user.get(&format!("/api/v1/loans/{id}")).json().expect("JSON");
    let draws = loan["disbursements"].as_array().map_or(0, Vec::len);
    (loan["drawn_fen"].as_i64().expect("a sum"), draws)
}

on_both! {
    fn of_draws_that_together_exceed_the_contract_one_passes(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        let who = Lending::of(&app);
        let other = beside.with_tokens("banka", app.tokens("banka"));
        let mut most = 0;
        for round in 0..rounds() {
            let id = who.lent(&format!("C-{round}"));
            let draw = |bank: &Api<'_>| {
                let body = json!({"on": "2026-11-01", "amount_fen": AMOUNT / 2 + 1});
                bank.post(&format!("/api/v1/loans/{id}/disbursements"), &body).status().as_u16()
            };
            let tasks = (0..8).map(|place| {
                let bank = if place % 2 == 0 { &who.bank } else { &other };
                Box::new(move || draw(bank)) as Task<'_>
            });
            let (statuses, together) = at_once(tasks.collect());
            most = most.max(together);
            assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "round {round}: {statuses:?}");
            assert!(statuses.iter().all(|status| matches!(status, 201 | 409 | 422 | 503)), "round {round}: {statuses:?}");
            assert_eq!(drawn(&who.bank, &id), (AMOUNT / 2 + 1, 1), "round {round}");
        }
        all_holds(db);
        println!("draws: {} rounds, {most} at once", rounds());
    }

    fn of_two_contracts_one_is_registered(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        let who = Lending::of(&app);
        let other = beside.with_tokens("banka", app.tokens("banka"));
        let mut most = 0;
        for round in 0..rounds() {
            let offer = who.accepted();
            let register = |bank: &Api<'_>, number: String| bank.on_offer(&offer, "contract", &usual_contract(&number)).status().as_u16();
            let tasks = (0..6).map(|place| {
                let bank = if place % 2 == 0 { &who.bank } else { &other };
                Box::new(move || register(bank, format!("C-{round}-{place}"))) as Task<'_>
            });
            let (statuses, together) = at_once(tasks.collect());
            most = most.max(together);
            assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "round {round}: {statuses:?}");
            assert!(statuses.iter().all(|status| matches!(status, 201 | 409 | 503)), "round {round}: {statuses:?}");
        }
        all_holds(db);
        println!("contracts: {} rounds, {most} at once", rounds());
    }

    fn contract_against_fall_through_and_cancel_against_draw_leave_one_story(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let (mut signed, mut cancelled, mut most) = (0, 0, 0);
        for round in 0..rounds() {
            let offer = who.accepted();
            let (one, two) = (&offer, &offer);
            let tasks: Vec<Task<'_>> = vec![
                Box::new(|| who.bank.on_offer(one, "contract", &usual_contract(&format!("C-{round}"))).status().as_u16()),
                Box::new(|| who.owner.on_offer(two, "fall-through", &json!({"reason": "不签了"})).status().as_u16()),
            ];
            let (statuses, together) = at_once(tasks);
            most = most.max(together);
            assert!(statuses.iter().all(|status| matches!(status, 200 | 201 | 409 | 503)), "round {round}: {statuses:?}");
            assert_eq!(statuses.iter().filter(|status| matches!(status, 200 | 201)).count(), 1, "round {round}: {statuses:?}");
            if !statuses.contains(&201) {
                // Its request is open again, of which an enterprise may have only so many.
                let offer: Value = who.owner.get(&format!("/api/v1/offers/{offer}")).json().expect("JSON");
                let request = offer["request"].as_str().expect("an id");
                assert_eq!(who.owner.post(&format!("/api/v1/requests/{request}/withdraw"), &json!({})).status(), 200);
                continue;
            }
            signed += 1;
            let list: Value = who.bank.get("/api/v1/loans?state=registered").json().expect("JSON");
            let id = list["items"][0]["id"].as_str().expect("an id").to_owned();
            let id = &id;
            let tasks: Vec<Task<'_>> = vec![
                Box::new(|| who.draw(id, 1).status().as_u16()),
                Box::new(|| who.enter(id, "cancel", &json!({"reason": "不放了"})).status().as_u16()),
                Box::new(|| who.enter(id, "cancel", &json!({"reason": "也不放了"})).status().as_u16()),
            ];
            let (statuses, together) = at_once(tasks);
            most = most.max(together);
            assert_eq!(statuses.iter().filter(|status| matches!(status, 200 | 201)).count(), 1, "round {round}: {statuses:?}");
            cancelled += usize::from(statuses.contains(&200));
        }
        all_holds(db);
        println!("signed {signed} of {}, cancelled {cancelled}, {most} at once", rounds());
    }
}
