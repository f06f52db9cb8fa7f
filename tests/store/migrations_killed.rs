//! A migration that is killed half way has not happened, and runs again to the same schema.
//!
//! The child is this test binary again: it migrates, and dies without a word at the n-th thing that it
//! says to the database. The parent lets it die at each of them in turn.

use super::migrations::schema;
use crate::support::db::{TestDb, settings};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use rongqiao::store::Store;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

const URL: &str = "RONGQIAO_TEST_CHILD_URL";
const DIES_AT: &str = "RONGQIAO_TEST_CHILD_DIES_AT";

static SAID: AtomicUsize = AtomicUsize::new(0);

/// Counts what is said to the database, before and after it is said, and dies at the n-th.
fn dies() -> Option<Box<dyn Instrumentation>> {
    let at: usize = std::env::var(DIES_AT).ok()?.parse().ok()?;
    Some(Box::new(move |event: InstrumentationEvent<'_>| {
        let counts = !matches!(event, InstrumentationEvent::CacheQuery { .. });
        if counts && SAID.fetch_add(1, Ordering::SeqCst) + 1 == at {
            // No destructor runs and nothing is flushed, as with kill -9.
            std::process::abort();
        }
    }))
}

#[test]
#[ignore = "the child of the tests below"]
fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    set_default_instrumentation(dies).expect("it is set");
    let url = url.parse().expect("an address");
    // One connection that migrates; the pool would open others whose words would be counted too.
    let mut one = settings();
    one.connections = 1;
    let store = Store::open(&url, &one).expect("it opens");
    store.migrate().expect("it migrates");
}

/// Whether the child lived.
fn migrate_dying_at(url: &str, at: usize) -> bool {
    let me = std::env::current_exe().expect("the test binary");
    let status = Command::new(me)
        .args([
            "--exact",
            "store::migrations_killed::child",
            "--ignored",
            "--test-threads=1",
        ])
        .env(URL, url)
        .env(DIES_AT, at.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("it starts");
    status.success()
}

fn dies_everywhere(new: fn() -> TestDb) {
    let whole = new();
    whole.store.migrate().expect("it is migrated");
    let expected = schema(&whole.store);
    let mut deaths = 0;
    for at in 1.. {
        let db = new();
        if migrate_dying_at(&db.url, at) {
            break;
        }
        deaths += 1;
        db.store.migrate().expect("it is taken up again");
        assert_eq!(schema(&db.store), expected, "after dying at word {at}");
    }
    // Five migrations, of each at least begin, statements, version and commit, before and after.
    assert!(deaths > 40, "the child died only {deaths} times");
}

mod sqlite {
    #[test]
    fn threat_23_a_killed_migration_runs_again() {
        super::dies_everywhere(super::TestDb::unmigrated_sqlite);
    }
}

mod postgres {
    #[test]
    fn threat_23_a_killed_migration_runs_again() {
        super::dies_everywhere(super::TestDb::unmigrated_postgres);
    }
}
