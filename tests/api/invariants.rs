//! What `check` counts: a state that no line of the audit explains is found, each in its table.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::lending::Lending;
use crate::support::mail::by_hand;
use crate::support::samples::USCCS;
use rongqiao::store::invariants;
use std::collections::BTreeMap;

/// How many rows break each invariant that does not hold, by its name.
fn broken(db: &TestDb) -> BTreeMap<&'static str, i64> {
    let all = db.store.read(invariants::check).expect("they are counted").into_iter();
    all.filter(|one| one.broken != 0)
        .map(|one| (one.name, one.broken))
        .collect()
}

on_both! {
    fn a_state_that_the_audit_does_not_explain_is_found(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        who.lent("HT-1");
        let request = who.owner.open_fitting(USCCS[0]);
        let (referral, _) = who.owner.refer(&request, "BANKA", "PA");
        who.bank.offer(&referral, "PA");
        who.owner.refer(&request, "BANKB", "PB");
        assert_eq!(broken(db), BTreeMap::new());

        for (sql, name) in [
            ("UPDATE referral SET state = 'overdue' WHERE state = 'pending'", "a referral's state stands in the audit log"),
            ("UPDATE offer SET state = 'withdrawn' WHERE state = 'submitted'", "an offer's state stands in the audit log"),
            ("UPDATE loan SET state = 'outstanding'", "a loan's state stands in the audit log"),
            ("UPDATE request SET state = 'closed' WHERE state = 'open'", "a request's state stands in the audit log"),
        ] {
            assert_eq!(broken(db).get(name), None, "{name}");
            by_hand(&db.store, sql).expect("it is changed");
            assert_eq!(broken(db).get(name), Some(&1), "{name}: {:?}", broken(db));
        }
    }
}
