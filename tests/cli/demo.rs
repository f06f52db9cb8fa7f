//! What the demo shows once its year has gone by.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, number, on_both};
use rongqiao::clock::FixedClock;
use rongqiao::store::invariants;

fn holds_every_invariant(db: &TestDb) {
    let all = db.store.read(invariants::check).expect("they are counted");
    let broken: Vec<_> = all
        .iter()
        .filter(|one| one.broken > 0)
        .map(|one| (one.name, one.broken))
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// The states that somebody who tries the demo finds something in.
const STATES: [(&str, &[&str]); 4] = [
    ("request", &["draft", "open", "accepted", "closed"]),
    (
        "referral",
        &[
            "reserve",
            "pending",
            "viewed",
            "offered",
            "declined",
            "overdue",
            "cancelled",
        ],
    ),
    (
        "offer",
        &[
            "submitted",
            "returned",
            "forwarded",
            "accepted",
            "signed",
            "declined",
            "lapsed",
            "fell_through",
        ],
    ),
    (
        "loan",
        &[
            "registered",
            "disbursing",
            "outstanding",
            "settled",
            "renewed",
            "cancelled",
        ],
    ),
];

fn shows_every_state(db: &TestDb) {
    let count = |sql: &str| number(&db.store, sql);
    assert!(count("SELECT COUNT(*) AS n FROM loan") >= 250);
    assert!(count("SELECT COUNT(DISTINCT substr(CAST(signed_on AS TEXT), 1, 7)) AS n FROM loan") >= 12);
    for (table, states) in STATES {
        let of = |state| count(&format!("SELECT COUNT(*) AS n FROM {table} WHERE state = '{state}'"));
        let missing: Vec<_> = states.iter().filter(|state| of(**state) == 0).collect();
        assert!(missing.is_empty(), "no {table} is {missing:?}");
    }
}

/// Whatever falls on a weekend, before the rating or at the end of a month: the year never comes to a stop.
fn goes_by(now: &str) {
    let db = TestDb::sqlite();
    let now = now.parse().expect("an instant");
    let (_app, _accounts) = TestApp::start_demo_at(&db, FixedClock::at(now));
    holds_every_invariant(&db);
    shows_every_state(&db);
}

#[test]
fn the_demos_year_goes_by_on_a_night_at_the_end_of_a_year() {
    goes_by("2026-12-31T20:00:00Z");
}

#[test]
fn the_demos_year_goes_by_on_a_weekend_at_the_end_of_a_short_month() {
    goes_by("2027-02-28T09:00:00Z");
}

on_both! {
    fn the_demos_year_holds_every_invariant_and_shows_every_state(db: &TestDb) {
        let (_app, _accounts) = TestApp::start_demo(db);
        holds_every_invariant(db);
        shows_every_state(db);
    }
}
