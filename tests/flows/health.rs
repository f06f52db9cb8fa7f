//! Whether the service is ready, on databases that are well and on others.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::mail::{by_hand, clock, service};
use reqwest::Method;
use rongqiao::actions::Service;
use rongqiao::actions::health::{self, NotReady};
use rongqiao::config::Config;
use rongqiao::store::{PoolSettings, Store, StoreError};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn with(db: &TestDb, set: impl FnOnce(&mut Config)) -> Service {
    let service = service(db, &clock());
    let mut config = (*service.settings).clone();
    set(&mut config);
    Service {
        settings: Arc::new(config),
        ..service
    }
}

fn is_sqlite(db: &TestDb) -> bool {
    db.url.starts_with("sqlite")
}

on_both! {
    fn a_database_that_is_well_is_ready(db: &TestDb) {
        assert_eq!(health::check(&with(db, |_| {})), []);
    }

    fn a_schema_that_lacks_something_is_not_and_a_newer_one_is(db: &TestDb) {
        let service = with(db, |_| {});
        by_hand(&db.store, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").expect("it is newer");
        assert_eq!(health::check(&service), [], "a node that runs goes on");
        by_hand(&db.store, "DELETE FROM __diesel_schema_migrations WHERE version = '99990101000000'").expect("put back");
        by_hand(&db.store, "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)").expect("it lacks one");
        assert_eq!(health::check(&service), [NotReady::MigrationsMissing]);
    }

    fn a_disk_with_little_room_is_told_before_writes_fail(db: &TestDb) {
        // More room than any disk has.
        let service = with(db, |config| config.limits.free_disk_mib = 1 << 40);
        let expected: &[NotReady] = if is_sqlite(db) { &[NotReady::DiskLow] } else { &[] };
        assert_eq!(health::check(&service), expected, "the disk of a server is its own");
        assert_eq!(health::check(&with(db, |config| config.limits.free_disk_mib = 0)), []);
    }

    fn what_may_only_be_read_is_not_ready(db: &TestDb) {
        let mut service = with(db, |_| {});
        if is_sqlite(db) {
            by_hand(&db.store, "PRAGMA query_only = ON").expect("the one writer obeys");
        } else {
            let url = format!("{}%20-cdefault_transaction_read_only%3Don", db.url);
            service.store = Store::open(&url.parse().expect("an address"), &PoolSettings::default()).expect("it opens");
        }
        assert_eq!(health::check(&service), [NotReady::Unwritable]);
    }

    fn reasons_are_told_by_codes_alone(db: &TestDb) {
        let app = TestApp::start(db);
        let ready = || {
            // What was found is good for a second.
            std::thread::sleep(Duration::from_millis(1_100));
            let answer = app.anonymous(&Method::GET, "/readyz").send().expect("an answer");
            (answer.status().as_u16(), answer.json::<Value>().expect("JSON"))
        };
        assert_eq!(ready(), (200, json!({"status": "ready"})));
        by_hand(&db.store, "ALTER TABLE catalogue RENAME TO another").expect("it is gone");
        assert_eq!(ready(), (503, json!({"status": "not ready", "reasons": ["database_unreadable"]})));
        by_hand(&db.store, "ALTER TABLE another RENAME TO catalogue").expect("it is back");
        assert_eq!(ready(), (200, json!({"status": "ready"})));
    }

    fn threat_22_a_full_disk_refuses_the_write_as_a_whole_and_nothing_else(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let fill = |full: bool| {
            let sql = match (is_sqlite(db), full) {
                // The file of the database may not grow.
                (true, true) => "PRAGMA max_page_count = 1",
                (true, false) => "PRAGMA max_page_count = 1000000",
                // What the server says when its disk is full.
                (false, true) => "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION
                     'could not extend file \"base/1/2\": No space left on device' USING ERRCODE = '53100'; END $$;
                     CREATE TRIGGER full_disk BEFORE INSERT ON request EXECUTE FUNCTION full_disk()",
                (false, false) => "DROP FUNCTION full_disk CASCADE",
            };
            by_hand(&db.store, sql).expect("it obeys");
        };
        let begin = || {
            let need = crate::support::app::usual_need();
            let answer = owner.post("/api/v1/requests", &need);
            let retry = answer.headers().contains_key("retry-after");
            (answer.status().as_u16(), retry, answer.json::<Value>().expect("JSON")["code"].clone())
        };
        let listed = || {
            let answer = owner.get("/api/v1/requests");
            assert_eq!(answer.status(), 200);
            answer.json::<Value>().expect("JSON")["items"].as_array().expect("a list").len()
        };
        fill(true);
        let mut taken = 0;
        // What fits into pages that are free is still taken.
        while begin() == (201, false, Value::Null) {
            taken += 1;
            assert!(taken < 2_000, "it is never full");
        }
        assert_eq!(begin(), (503, true, json!("read_only")));
        assert_eq!(listed(), taken.min(50), "reads go on, and what was acknowledged is there");
        if is_sqlite(db) {
            let written = db.store.write(rongqiao::store::condition::write_nothing);
            assert!(matches!(written, Ok(()) | Err(StoreError::Full)), "{written:?}");
        }
        fill(false);
        assert_eq!(begin(), (201, false, Value::Null), "and on");
        assert_eq!(listed(), (taken + 1).min(50));
    }
}
