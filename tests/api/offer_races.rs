//! Many at once on one request: whatever races, at most one offer binds.

use crate::support::app::{Api, TestApp, acceptance, usual_offer};
use crate::support::db::{TestDb, on_both};
use crate::support::races::{Task, at_once, rounds};
use crate::support::samples::USCCS;
use reqwest::Method;
use serde_json::{Value, json};

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("text")
}

struct Race<'a> {
    owner: Api<'a>,
    a: Api<'a>,
    b: Api<'a>,
    officer: Api<'a>,
    request: String,
    referrals: [String; 2],
}

impl<'a> Race<'a> {
    fn new(app: &'a TestApp) -> Self {
        let owner = app.sign_in("owner");
        let request = owner.open_fitting(USCCS[0]);
        let referrals = [
            owner.refer(&request, "BANKA", "PA").0,
            owner.refer(&request, "BANKB", "PB").0,
        ];
        Self {
            a: app.sign_in("banka"),
            b: app.sign_in("bankb"),
            officer: app.sign_in("officer"),
            owner,
            request,
            referrals,
        }
    }

    /// Offers of each bank that are forwarded: new ones, or those that lapsed by the last acceptance, sent again.
    fn offers(&self) -> [(String, i32); 2] {
        [
            self.forwarded(&self.a, &self.referrals[0], "PA"),
            self.forwarded(&self.b, &self.referrals[1], "PB"),
        ]
    }

    fn forwarded(&self, bank: &Api<'_>, referral: &str, product: &str) -> (String, i32) {
        let path = format!("/api/v1/offers?state=lapsed&referral={referral}");
        let lapsed: Value = bank.get(&path).json().expect("JSON");
        let (id, revision) = match lapsed["items"].get(0) {
            Some(offer) => {
                let id = text(offer, "id").to_owned();
                let put = bank.request(&Method::PUT, &format!("/api/v1/offers/{id}"));
                let again = put
                    .header("If-Match", "*")
                    .json(&usual_offer(product))
                    .send()
                    .expect("an answer");
                assert_eq!(again.status(), 200);
                let again: Value = again.json().expect("JSON");
                (
                    id,
                    i32::try_from(again["revision"].as_i64().expect("a number")).expect("small"),
                )
            }
            None => (bank.offer(referral, product), 1),
        };
        let forward = self.officer.on_offer(&id, "forward", &json!({"revision": revision}));
        assert_eq!(forward.status(), 200);
        (id, revision)
    }

    /// The offers of the request that bind now.
    fn bound(&self) -> Vec<String> {
        let path = format!("/api/v1/offers?state=accepted&request={}", self.request);
        let list: Value = self.officer.get(&path).json().expect("JSON");
        let items = list["items"].as_array().expect("offers").iter();
        items.map(|one| text(one, "id").to_owned()).collect()
    }

    fn states(&self) -> (String, usize) {
        let request: Value = self
            .owner
            .get(&format!("/api/v1/requests/{}", self.request))
            .json()
            .expect("JSON");
        (text(&request, "state").to_owned(), self.bound().len())
    }

    /// The request is open again, whatever the race came to.
    fn reopen(&self) {
        for id in self.bound() {
            let fallen = self.owner.on_offer(&id, "fall-through", &json!({"reason": "重来"}));
            assert_eq!(fallen.status(), 200);
        }
    }
}

on_both! {
    fn of_many_accepts_at_most_one_binds(db: &TestDb) {
        let app = TestApp::start(db);
        let race = Race::new(&app);
        let mut most = 0;
        for round in 0..rounds() {
            let offers = race.offers();
            let tasks = (0..16).map(|place| {
                let (id, revision) = &offers[place % 2];
                let owner = &race.owner;
                Box::new(move || owner.on_offer(id, "accept", &acceptance(*revision)).status().as_u16()) as Task<'_>
            });
            let (statuses, together) = at_once(tasks.collect());
            most = most.max(together);
            let won = statuses.iter().filter(|status| **status == 200).count();
            assert_eq!(won, 1, "round {round}: {statuses:?}");
            assert!(statuses.iter().all(|status| matches!(status, 200 | 409 | 503)), "round {round}: {statuses:?}");
            assert_eq!(race.states(), ("accepted".to_owned(), 1), "round {round}");
            race.reopen();
        }
        println!("accepts: {} rounds, {most} at once", rounds());
    }

    fn accept_against_withdraw_and_decline_leaves_one_story(db: &TestDb) {
        let app = TestApp::start(db);
        let race = Race::new(&app);
        let mut won = [0; 2];
        for round in 0..rounds() {
            let [(first, revision), (second, other)] = race.offers();
            let (owner, bank) = (&race.owner, &race.a);
            let (one, two) = (first.clone(), second.clone());
            let tasks: Vec<Task<'_>> = vec![
                Box::new(move || owner.on_offer(&one, "accept", &acceptance(revision)).status().as_u16()),
                Box::new(|| bank.on_offer(&first, "withdraw", &json!({})).status().as_u16()),
                Box::new(move || owner.on_offer(&two, "decline", &json!({})).status().as_u16()),
                Box::new(move || owner.on_offer(&second, "accept", &acceptance(other)).status().as_u16()),
            ];
            let (statuses, _) = at_once(tasks);
            assert!(statuses.iter().all(|status| matches!(status, 200 | 409 | 503)), "round {round}: {statuses:?}");
            let (state, bound) = race.states();
            won[bound] += 1;
            assert!(matches!((state.as_str(), bound), ("accepted", 1) | ("open", 0)), "round {round}: {state} {bound}");
            race.reopen();
        }
        println!("accept against withdraw and decline: none bound {} times, one {} times", won[0], won[1]);
    }
}
