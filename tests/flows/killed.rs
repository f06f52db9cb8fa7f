//! kill -9 in the middle: the database is as before or as after, never between.

use crate::support::command::rongqiao;
use crate::support::db::{TestDb, counts};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const KILLS: u32 = 20;
const ROWS: usize = 1_500;

/// A file of organisations that takes long enough to be killed in the middle of.
fn write_file(path: &Path) {
    let row = |n: usize| json!({"code": format!("BANK{n}"), "kind": "bank", "name": "示例", "district_code": "410106"});
    let lines: Vec<String> = (0..ROWS).map(|n| row(n).to_string()).collect();
    std::fs::write(path, lines.join("\n")).expect("it is written");
}

fn import_killed(new: fn() -> TestDb) {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("organisations.jsonl");
    write_file(&file);
    let empty = new();
    let before = counts(&empty.store);
    let started = Instant::now();
    let whole = rongqiao(&empty)
        .arg("import")
        .arg("organisations")
        .arg(&file)
        .output()
        .expect("it starts");
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let takes = started.elapsed();
    let after = counts(&empty.store);

    let (mut as_before, mut as_after) = (0, 0);
    for kill in 0..KILLS {
        let db = new();
        let mut child = rongqiao(&db)
            .args(["import", "organisations"])
            .arg(&file)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        // Spread over the whole run and a little beyond; what else the machine does makes it random.
        std::thread::sleep(takes * (kill + 1) / (KILLS - 2));
        child.kill().expect("SIGKILL is sent");
        child.wait().expect("it is gone");
        let found = settled(&db, &before, &after);
        if found == before {
            as_before += 1;
        } else {
            assert_eq!(found, after, "kill {kill} left something between");
            as_after += 1;
        }
        // The database serves, and the file can be imported as if nothing had happened.
        if kill % 5 == 0 {
            let again = rongqiao(&db)
                .args(["import", "organisations"])
                .arg(&file)
                .output()
                .expect("it starts");
            assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
            assert_eq!(counts(&db.store), after);
        }
    }
    assert!(
        as_before > 0,
        "no kill came before the end: {as_before} before, {as_after} after"
    );
}

type Counts = Vec<(&'static str, i64)>;

/// PostgreSQL may need a moment to notice that its client is gone, and a commit that was on its way
/// may still arrive; either way it comes to rest.
fn settled(db: &TestDb, before: &Counts, after: &Counts) -> Counts {
    let mut found = counts(&db.store);
    for _ in 0..20 {
        if found != *before && found != *after {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
        found = counts(&db.store);
    }
    found
}

mod sqlite {
    #[test]
    fn an_import_that_is_killed_has_happened_or_not() {
        super::import_killed(super::TestDb::sqlite);
    }
}

mod postgres {
    #[test]
    fn an_import_that_is_killed_has_happened_or_not() {
        super::import_killed(super::TestDb::postgres);
    }
}
