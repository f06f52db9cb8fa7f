//! The two doors: what is together takes effect together, and trouble is told by its name.

use crate::support::db::{TestDb, on_both};
use crate::support::samples::{add_organisation, clock, organisation};
use rongqiao::clock::SystemClock;
use rongqiao::domain::actor::OrganisationKind::{Bank, Centre};
use rongqiao::store::{StoreError, accounts, organisations, requests};
use std::sync::Barrier;

on_both! {
    fn what_fails_leaves_nothing_behind(db: &TestDb) {
        let clock = clock();
        let failed: Result<(), StoreError> = db.store.write(|conn| {
            add_organisation(conn, "BANK1", Bank, &clock);
            Err(StoreError::Stale)
        });
        assert!(matches!(failed, Err(StoreError::Stale)));
        let found = db.store.read(|conn| organisations::by_code(conn, "BANK1"));
        assert!(matches!(found, Err(StoreError::NotFound)));
    }

    fn a_panic_leaves_nothing_behind_and_the_door_open(db: &TestDb) {
        let clock = clock();
        for _ in 0..6 {
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                db.store.write(|conn| -> Result<(), StoreError> {
                    add_organisation(conn, "BANK1", Bank, &clock);
                    panic!("on purpose")
                })
            }));
            assert!(panicked.is_err());
        }
        let count = db.store.write(|conn| {
            add_organisation(conn, "BANK1", Bank, &clock);
            accounts::count(conn)
        });
        assert_eq!(count.expect("the door is open"), 0);
    }

    fn reading_changes_nothing(db: &TestDb) {
        let clock = clock();
        let written = db.store.read(|conn| organisations::put(conn, &organisation("BANK1", Bank, "410106"), &clock));
        assert!(matches!(written, Err(StoreError::Database(_))), "{written:?}");
    }

    fn a_reader_sees_one_state_throughout(db: &TestDb) {
        let clock = clock();
        db.store
            .read(|conn| {
                assert_eq!(accounts::count(conn)?, 0);
                assert!(organisations::by_code(conn, "BANK1").is_err());
                db.store.write(|other| {
                    add_organisation(other, "BANK1", Bank, &clock);
                    Ok::<_, StoreError>(())
                })?;
                assert!(organisations::by_code(conn, "BANK1").is_err(), "the snapshot is from before");
                Ok::<_, StoreError>(())
            })
            .expect("it reads");
    }

    fn a_duplicate_is_named_alike_on_both_databases(db: &TestDb) {
        let clock = clock();
        let mut one = organisation("A", Centre, "410106");
        one.uscc = Some("91410100094865098C".parse().expect("a code"));
        let mut two = one.clone();
        "B".clone_into(&mut two.code);
        let put = db.store.write(|conn| {
            organisations::put(conn, &one, &clock)?;
            organisations::put(conn, &two, &clock)
        });
        match put {
            Err(StoreError::Duplicate(what)) => assert_eq!(what, "organisation.uscc"),
            other => panic!("{other:?}"),
        }
    }

    fn writers_that_collide_all_succeed(db: &TestDb) {
        const WRITERS: usize = 4;
        const EACH: usize = 10;
        let clock = clock();
        let (enterprise_id, _) = db
            .store
            .write(|conn| Ok::<_, StoreError>(crate::support::samples::add_enterprise(conn, 0, &clock)))
            .expect("it is added");
        let barrier = Barrier::new(WRITERS);
        let write = || {
            barrier.wait();
            for _ in 0..EACH {
                let new = requests::NewRequest {
                    enterprise_id,
                    district_code: "410106",
                    ..requests::NewRequest::default()
                };
                db.store
                    .write(|conn| requests::insert_draft(conn, &new, &SystemClock))
                    .expect("a collision is tried again");
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(write);
            }
        });
        let scope = rongqiao::domain::actor::Scope::Organisation(
            db.store
                .read(|conn| organisations::by_code(conn, "E0"))
                .expect("it is there")
                .id,
        );
        let all = db.store.read(|conn| requests::list(conn, &scope, None, None, 1000)).expect("they are listed");
        let numbers: Vec<_> = all.iter().rev().map(|request| request.number.clone()).collect();
        let year = &numbers[0][..4];
        let expected: Vec<_> = (1..=WRITERS * EACH).map(|number| format!("{year}-{number:06}")).collect();
        assert_eq!(numbers, expected, "no number twice, none left out");
    }
}

mod sqlite_alone {
    use super::*;
    use crate::support::db::settings;
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};
    use rongqiao::store::{AnyConnection, PoolSettings, Store};
    use std::time::Duration;

    /// A power cut loses no acknowledged write only with these; a test with kill -9 cannot tell.
    #[test]
    fn threat_26_writes_reach_the_disk_before_they_are_acknowledged() {
        use diesel::prelude::*;
        use diesel::sql_types::{Integer, Text};
        #[derive(QueryableByName)]
        struct Text1 {
            #[diesel(sql_type = Text)]
            journal_mode: String,
        }
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = Integer)]
            synchronous: i32,
        }
        let db = TestDb::sqlite();
        let (mode, synchronous) = db
            .store
            .write(|conn| {
                let AnyConnection::Sqlite(conn) = conn else {
                    panic!("SQLite")
                };
                let mode: Text1 = diesel::sql_query("PRAGMA journal_mode").get_result(conn)?;
                let level: Number = diesel::sql_query("PRAGMA synchronous").get_result(conn)?;
                Ok::<_, StoreError>((mode.journal_mode, level.synchronous))
            })
            .expect("it reads");
        assert_eq!((mode.as_str(), synchronous), ("wal", 2), "WAL and FULL");
    }

    #[test]
    fn a_database_that_another_program_writes_to_is_busy() {
        let db = TestDb::sqlite();
        let path = db.url.strip_prefix("sqlite://").expect("a file");
        let mut other = SqliteConnection::establish(path).expect("it opens");
        other.batch_execute("BEGIN IMMEDIATE").expect("it is locked");
        let hasty = PoolSettings {
            wait: Duration::from_millis(50),
            ..settings()
        };
        let store = Store::open(db.store.url(), &hasty).expect("it opens");
        let clock = clock();
        let written = store.write(|conn| organisations::put(conn, &organisation("A", Bank, "410106"), &clock));
        assert!(matches!(written, Err(StoreError::Busy)), "{written:?}");
        other.batch_execute("ROLLBACK").expect("it is free");
        store
            .write(|conn| organisations::put(conn, &organisation("A", Bank, "410106"), &clock))
            .expect("it goes on");
    }

    #[test]
    fn when_all_readers_are_on_loan_the_next_one_hears_busy() {
        let db = TestDb::sqlite();
        let narrow = PoolSettings {
            connections: 1,
            wait: Duration::from_millis(50),
        };
        let store = Store::open(db.store.url(), &narrow).expect("it opens");
        let inner = store.read(|_| Ok::<_, StoreError>(store.read(accounts::count)));
        assert!(matches!(inner, Ok(Err(StoreError::Busy))), "{inner:?}");
    }
}

mod postgres_alone {
    use super::*;
    use diesel::RunQueryDsl;
    use rongqiao::store::AnyConnection;

    #[test]
    fn connections_that_died_in_the_pool_are_replaced() {
        let db = TestDb::postgres();
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                    AND query LIKE '%rongqiao_test_victim%'";
        db.store
            .read(|one| {
                let AnyConnection::Postgres(one) = one else {
                    panic!("PostgreSQL")
                };
                db.store.read(|two| {
                    let AnyConnection::Postgres(two) = two else {
                        panic!("PostgreSQL")
                    };
                    diesel::sql_query("SELECT 1 AS rongqiao_test_victim").execute(one)?;
                    diesel::sql_query(kill).execute(two)?;
                    Ok::<_, StoreError>(())
                })
            })
            .expect_err("its own connection was cut");
        for _ in 0..8 {
            assert_eq!(db.store.read(accounts::count).expect("a new connection serves"), 0);
        }
    }
}
