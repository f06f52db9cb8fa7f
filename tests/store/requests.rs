//! Requests: numbers, states guarded by version, and the results of their matches.

use crate::support::db::{TestDb, on_both};
use crate::support::samples::{DISTRICT, ELSEWHERE, add_enterprise, clock, day, need};
use chrono::TimeDelta;
use rongqiao::clock::{Clock, FixedClock};
use rongqiao::domain::actor::Scope;
use rongqiao::domain::lpr::Lpr;
use rongqiao::domain::request::RequestState::{Draft, Open};
use rongqiao::store::matches::{self, NewMatch};
use rongqiao::store::requests::{self, Expected, NewRequest};
use rongqiao::store::{AnyConnection, Change, StoreError, lpr};
use uuid::Uuid;

fn draft(conn: &mut AnyConnection, enterprise_id: Uuid, clock: &FixedClock) -> (Uuid, String) {
    let new = NewRequest {
        enterprise_id,
        district_code: DISTRICT,
        draft: Some(r#"{"amount":"3"}"#),
        ..NewRequest::default()
    };
    requests::insert_draft(conn, &new, clock).expect("it is begun")
}

fn submit(conn: &mut AnyConnection, scope: &Scope, expected: Expected, clock: &FixedClock) -> Result<(), StoreError> {
    requests::submit(conn, scope, expected, Open, clock.now(), day("2027-01-30"))
}

on_both! {
    fn numbers_begin_anew_with_the_year_in_shanghai(db: &TestDb) {
        let clock = clock();
        db.store
            .write(|conn| {
                let (id, scope) = add_enterprise(conn, 0, &clock);
                clock.set("2026-12-31T15:59:59Z".parse().expect("an instant"));
                assert_eq!(draft(conn, id, &clock).1, "2026-000001");
                assert_eq!(draft(conn, id, &clock).1, "2026-000002");
                clock.advance(TimeDelta::seconds(1));
                assert_eq!(draft(conn, id, &clock).1, "2027-000001");
                let page = requests::list(conn, &scope, None, Some("2027-000001"), 1)?;
                assert_eq!(page[0].number, "2026-000002");
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn threat_01_a_draft_is_its_enterprises_own(db: &TestDb) {
        let clock = clock();
        db.store
            .write(|conn| {
                let (enterprise, scope) = add_enterprise(conn, 0, &clock);
                let (_, other) = add_enterprise(conn, 1, &clock);
                let district = Scope::District(DISTRICT.into());
                let (id, _) = draft(conn, enterprise, &clock);
                let own = requests::by_id(conn, &scope, id)?;
                assert_eq!((own.state, own.draft.as_deref()), (Draft, Some(r#"{"amount":"3"}"#)));
                for foreign in [&other, &district, &Scope::District(ELSEWHERE.into())] {
                    assert!(matches!(requests::by_id(conn, foreign, id), Err(StoreError::NotFound)));
                    assert_eq!(requests::list(conn, foreign, None, None, 10)?, []);
                    let changed = requests::update_draft(conn, foreign, Expected::from(&own), Some(&need(1)), None);
                    assert!(matches!(changed, Err(StoreError::NotFound)), "a foreign row is not there, never stale");
                }
                requests::update_draft(conn, &scope, Expected::from(&own), Some(&need(100)), None)?;
                let own = requests::by_id(conn, &scope, id)?;
                submit(conn, &scope, Expected::from(&own), &clock)?;
                assert_eq!(requests::by_id(conn, &district, id)?.state, Open);
                assert_eq!(requests::list(conn, &district, Some(Open), None, 10)?.len(), 1);
                assert_eq!(requests::list(conn, &scope, Some(Draft), None, 10)?.len(), 0);
                assert!(matches!(requests::by_id(conn, &other, id), Err(StoreError::NotFound)));
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn what_has_moved_on_is_stale(db: &TestDb) {
        let clock = clock();
        db.store
            .write(|conn| {
                let (enterprise, scope) = add_enterprise(conn, 0, &clock);
                let (id, _) = draft(conn, enterprise, &clock);
                let first = Expected::from(&requests::by_id(conn, &scope, id)?);
                let without_need = submit(conn, &scope, first, &clock);
                assert!(matches!(without_need, Err(StoreError::Stale)), "a request asks for something");
                requests::update_draft(conn, &scope, first, Some(&need(100)), None)?;
                for _ in 0..2 {
                    let again = requests::update_draft(conn, &scope, first, Some(&need(200)), None);
                    assert!(matches!(again, Err(StoreError::Stale)));
                    assert!(matches!(submit(conn, &scope, first, &clock), Err(StoreError::Stale)));
                }
                let second = Expected::from(&requests::by_id(conn, &scope, id)?);
                submit(conn, &scope, second, &clock)?;
                assert!(matches!(submit(conn, &scope, second, &clock), Err(StoreError::Stale)));
                let stored = requests::by_id(conn, &scope, id)?;
                assert_eq!((stored.version, stored.need), (3, Some(need(100))));
                assert_eq!((stored.submitted_at, stored.expires_on), (Some(clock.now()), Some(day("2027-01-30"))));
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn the_newest_match_counts_and_the_others_stay(db: &TestDb) {
        let clock = clock();
        db.store
            .write(|conn| {
                let (enterprise, scope) = add_enterprise(conn, 0, &clock);
                let (_, other) = add_enterprise(conn, 1, &clock);
                let (id, _) = draft(conn, enterprise, &clock);
                assert!(matches!(matches::newest(conn, &scope, id), Err(StoreError::NotFound)));
                for result in ["one", "two"] {
                    let new = NewMatch {
                        as_of: day("2026-11-01"),
                        inputs: "{}".to_owned(),
                        result: result.to_owned(),
                        eligible: 0,
                        profile_version: 1,
                    };
                    matches::insert(conn, id, &new, &clock)?;
                }
                let newest = matches::newest(conn, &scope, id)?;
                assert_eq!((newest.run, newest.result.as_str(), newest.run_at), (2, "two", clock.now()));
                assert!(matches!(matches::newest(conn, &other, id), Err(StoreError::NotFound)));
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn lpr_rows_come_in_the_order_of_their_days(db: &TestDb) {
        let row = |text: &str, one_year_bp| Lpr { announced_on: day(text), one_year_bp, five_year_bp: 360 };
        db.store
            .write(|conn| {
                assert_eq!(lpr::put(conn, &row("2026-10-20", 310))?, Change::Created);
                assert_eq!(lpr::put(conn, &row("2026-09-21", 300))?, Change::Created);
                assert_eq!(lpr::put(conn, &row("2026-09-21", 300))?, Change::Unchanged);
                assert_eq!(lpr::put(conn, &row("2026-09-21", 305))?, Change::Updated);
                let table = lpr::table(conn)?;
                assert_eq!(table.rows(), [row("2026-09-21", 305), row("2026-10-20", 310)]);
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }
}
