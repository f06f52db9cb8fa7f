//! What the demo shows once its year has gone by.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, number, on_both};
use rongqiao::store::invariants;

on_both! {
    fn the_demos_year_holds_every_invariant_and_shows_every_state(db: &TestDb) {
        let (_app, _accounts) = TestApp::start_demo(db);
        let all = db.store.read(invariants::check).expect("they are counted");
        let broken: Vec<_> = all.iter().filter(|one| one.broken > 0).map(|one| (one.name, one.broken)).collect();
        assert!(broken.is_empty(), "{broken:?}");
        let count = |sql: &str| number(&db.store, sql);
        assert!(count("SELECT COUNT(*) AS n FROM loan") >= 250);
        assert!(count("SELECT COUNT(DISTINCT substr(CAST(signed_on AS TEXT), 1, 7)) AS n FROM loan") >= 12);
        for (table, states) in [
            ("request", &["draft", "open", "accepted", "closed"][..]),
            ("referral", &["reserve", "pending", "viewed", "offered", "declined", "overdue", "cancelled"]),
            ("offer", &["submitted", "forwarded", "accepted", "signed", "declined", "lapsed", "fell_through"]),
            ("loan", &["registered", "disbursing", "outstanding", "settled", "renewed", "cancelled"]),
        ] {
            for state in states {
                let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE state = '{state}'");
                assert!(count(&sql) > 0, "{table} {state}");
            }
        }
    }
}
