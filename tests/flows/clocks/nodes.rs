//! Two nodes on one database: what a clock ends is ended once, where both are at it at a time and where one of them has died.
//!
//! Two of the eight clocks have no job that could be done twice: whether a consent holds, and whether a batch is fresh, each
//! node asks of the day.

use super::{alone, forwarded, set, turns};
use crate::support::app::{TestApp, usual_need};
use crate::support::db::{TestDb, number, on_both};
use crate::support::lending::{AMOUNT, Lending, short_offer, usual_contract};
use crate::support::mail::world;
use crate::support::samples::USCCS;
use chrono::TimeDelta;
use rongqiao::clock::Clock;
use rongqiao::domain::codes::Code;
use rongqiao::domain::job::JobKind;
use rongqiao::jobs::{ALL, World};
use rongqiao::mail::Memory;
use rongqiao::store::jobs;
use serde_json::json;
use std::sync::Arc;

/// How many of each thing wait.
const EACH: i64 = 3;

/// A job whose clock strikes.
struct Strike {
    kind: JobKind,
    /// The first moment at which it may.
    at: &'static str,
    /// Counts what it did.
    did: &'static str,
    /// How much that is in all.
    times: i64,
}

/// Every clock with a job, in the order in which they strike.
const STRIKES: [Strike; 6] = [
    // Five working days to answer.
    Strike {
        kind: JobKind::ExpireReferrals,
        at: "2026-11-06T16:00:00Z",
        did: "SELECT count(*) AS n FROM audit WHERE action = 'referral_overdue'",
        times: EACH,
    },
    // Ten working days to sign.
    Strike {
        kind: JobKind::ExpireOffers,
        at: "2026-11-13T16:00:00Z",
        did: "SELECT count(*) AS n FROM audit WHERE action = 'offer_fell_through'",
        times: EACH,
    },
    // Fifteen days to the maturity.
    Strike {
        kind: JobKind::WarnOfMaturity,
        at: "2026-11-16T16:00:00Z",
        did: "SELECT count(*) AS n FROM outbox WHERE topic = 'loan_matures'",
        times: EACH * 4,
    },
    // The day that the offers name.
    Strike {
        kind: JobKind::ExpireOffers,
        at: "2026-12-10T16:00:00Z",
        did: "SELECT count(*) AS n FROM audit WHERE action = 'offer_lapsed'",
        times: EACH,
    },
    // A week before the confirmation ends.
    Strike {
        kind: JobKind::RemindConfirmation,
        at: "2027-01-22T16:00:00Z",
        did: "SELECT count(*) AS n FROM outbox WHERE topic = 'product_confirm_due' AND link LIKE '%/PA'",
        times: 1,
    },
    // Ninety days, of whatever was not signed.
    Strike {
        kind: JobKind::ExpireRequests,
        at: "2027-01-30T16:00:00Z",
        did: "SELECT count(*) AS n FROM audit WHERE action = 'request_closed' AND after LIKE '%expired%'",
        times: EACH * 4,
    },
];

/// Sets every clock going.
fn begin(app: &TestApp) {
    let who = Lending::of(app);
    assert_eq!(who.bank.post("/api/v1/products/PA/confirm", &json!({})).status(), 200);
    for place in 0..EACH {
        who.owner.open_fitting(USCCS[0]);
        let silent = who.owner.open_fitting(USCCS[0]);
        who.owner.refer(&silent, "BANKA", "PA");
        who.accepted();
        forwarded(&who);
        let accepted = who.accepted_with(&usual_need(), &short_offer("PA"));
        let loan = who.signed(&accepted, &usual_contract(&format!("C-{place}")));
        assert_eq!(who.draw(&loan, AMOUNT).status(), 201);
    }
}

/// One turn of a job, whoever else is at it. One that is told to try again later leaves the rest to the next.
fn turn(node: &World, kind: JobKind) {
    let job = ALL.iter().find(|job| job.kind == kind).expect("it is a job");
    let _ = (job.run)(node);
}

impl Strike {
    fn done(&self, db: &TestDb) -> i64 {
        number(&db.store, self.did)
    }
}

/// A letter to one person about one event is written once.
fn nobody_is_told_twice(db: &TestDb) {
    let twice = "SELECT count(*) AS n FROM (SELECT 1 FROM outbox GROUP BY event, email HAVING count(*) > 1) twice";
    assert_eq!(number(&db.store, twice), 0);
}

on_both! {
    fn what_two_nodes_are_at_together_is_done_once(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        begin(&app);
        let nodes = [&app, &beside].map(|node| alone(node).0);
        for strike in &STRIKES {
            set(&app, strike.at);
            let before = strike.done(db);
            std::thread::scope(|scope| {
                for node in &nodes {
                    scope.spawn(|| turn(node, strike.kind));
                }
            });
            turn(&nodes[0], strike.kind);
            assert_eq!(strike.done(db) - before, strike.times, "{:?} at {}", strike.kind, strike.at);
            turn(&nodes[1], strike.kind);
            assert_eq!(strike.done(db) - before, strike.times, "{:?} at {}: once", strike.kind, strike.at);
        }
        nobody_is_told_twice(db);
    }

    fn the_work_of_a_node_that_died_is_taken_over_and_done_once(db: &TestDb) {
        let app = TestApp::start(db);
        begin(&app);
        let dead = world(&app.service, "dead", Arc::new(Memory::default()));
        let (alive, sent) = alone(&app.beside(db));
        for (place, strike) in STRIKES.iter().enumerate() {
            set(&app, strike.at);
            let before = strike.done(db);
            let (name, now) = (strike.kind.code(), app.clock.now());
            let lease = ALL.iter().find(|job| job.kind == strike.kind).and_then(|job| job.lease).expect("one node's at a time");
            // It takes the job. Every second one has done the work as well, and died before it could say so.
            let taken = db.store.write(|conn| jobs::claim(conn, name, "dead", now, now + lease));
            assert!(taken.expect("asked"), "{name}");
            if place % 2 == 1 {
                turn(&dead, strike.kind);
            }
            let left_behind = strike.done(db);
            turns(&alive);
            assert_eq!(strike.done(db), left_behind, "{name} is another's");
            app.clock.advance(lease - TimeDelta::seconds(1));
            turns(&alive);
            assert_eq!(strike.done(db), left_behind, "{name} is another's for a second still");
            app.clock.advance(TimeDelta::seconds(1));
            turns(&alive);
            assert_eq!(strike.done(db) - before, strike.times, "{name} is taken over");
            app.clock.advance(lease);
            turns(&alive);
            assert_eq!(strike.done(db) - before, strike.times, "{name} once");
        }
        nobody_is_told_twice(db);
        let mails = number(&db.store, "SELECT count(*) AS n FROM outbox WHERE state = 'sent'");
        assert_eq!(i64::try_from(sent.sent().len()), Ok(mails), "each of them is one letter");
    }
}
