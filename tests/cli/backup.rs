//! `rongqiao backup` and `rongqiao restore`: what was there is there again, or nothing is; and mail waits to be let go.

use super::serve::program;
use crate::support::backed_up::{Case, KEYS, mode, rewritten, rows, text, unpacked};
use crate::support::db::{TestDb, execute, number, on_both};
use crate::support::mail::{clock, service, world};
use rongqiao::actions::Service;
use rongqiao::clock::{Clock, SystemClock};
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::{Deliver, Memory};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

/// The newest migration, and what undoes it.
fn newest(case: &Case<'_>) -> (String, String) {
    let folder = if case.database().is_some() {
        "migrations/sqlite"
    } else {
        "migrations/postgres"
    };
    let folders = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("it lists").path());
    let last = folders.max().expect("one");
    let name = last
        .file_name()
        .and_then(|name| name.to_str())
        .expect("UTF-8")
        .to_owned();
    (name, fs::read_to_string(last.join("down.sql")).expect("it reads"))
}

on_both! {
    fn threat_24_what_was_backed_up_is_there_again(db: &TestDb) {
        let case = Case::new(db);
        let before = rows(&db.store);
        let file = case.file("backup");
        let said = case.prints(&["backup", text(&file)]);
        assert!(said.lines().count() == 1 && said.contains("rows in"), "{said}");
        assert_eq!(mode(&file), 0o600);
        assert_eq!(fs::read_dir(case.folder.path()).expect("a folder").count(), 1, "nothing is left beside it");
        let parts = unpacked(&file);
        let manifest: Value = serde_json::from_slice(&parts[0].1).expect("JSON");
        assert_eq!((parts[0].0.as_str(), &manifest["format"]), ("manifest.json", &json!(1)));
        assert_eq!(manifest["rows"]["enterprise"], before["enterprise"].len());

        case.destroy();
        let said = case.restore(&file);
        assert!(said.contains("HELD") && said.contains("holds") && !said.contains("migrated"), "{said}");
        let store = case.store();
        store.check_schema().expect("it is of this program");
        let mut after = rows(&store);
        assert_eq!(after.insert("mail_hold".to_owned(), Vec::new()).map(|held| held.len()), Some(1));
        let told = after.get_mut("audit").expect("the log");
        let place = told.iter().position(|line| line.contains("database_restored")).expect("it is told");
        told.remove(place);
        assert_eq!(after, before);
        if let Some(database) = case.database() {
            assert_eq!(mode(&database), 0o600);
            for (key, content) in KEYS {
                let path = database.with_added_extension(key);
                assert_eq!((fs::read_to_string(&path).expect("it reads").as_str(), mode(&path)), (content, 0o600));
            }
        }
        assert!(case.prints(&["check"]).contains("holds"));
        case.prints(&["audit", "verify"]);
    }

    fn threat_24_a_backup_that_is_not_whole_is_refused_by_the_name_of_its_part(db: &TestDb) {
        let case = Case::new(db);
        let whole = fs::read(case.backup()).expect("it reads");
        case.destroy();
        let broken = case.file("broken");
        let refuses = |bytes: &[u8]| {
            fs::write(&broken, bytes).expect("it is written");
            case.refuses(&broken)
        };
        let names_a_part = |said: &str| ["manifest.json", "database.", "key", "its end"].iter().any(|part| said.contains(part));
        let length = whole.len();
        for cut in [20, length / 4, length / 2, length - 9, length - 1] {
            let said = refuses(&whole[..cut]);
            assert!(names_a_part(&said), "{cut}: {said}");
        }
        assert!(refuses(&[&whole[..], b"x"].concat()).contains("its end"));
        for head in 0..10 {
            let mut changed = whole.clone();
            changed[head] ^= 1;
            assert!(refuses(&changed).contains("no backup of rongqiao"), "{head}");
        }
        for place in (10..length).step_by(length / 12).chain([length - 8, length - 1]) {
            let mut changed = whole.clone();
            changed[place] ^= 0x10;
            let said = refuses(&changed);
            assert!(names_a_part(&said), "{place}: {said}");
        }
        assert!(refuses(b"").contains("no backup of rongqiao"));
        case.restore(&case.file("backup"));
    }

    fn what_a_manifest_says_is_held_against_the_parts(db: &TestDb) {
        let case = Case::new(db);
        let file = case.backup();
        case.destroy();
        let says = |change: fn(&mut Value)| case.refuses(&rewritten(&case, &file, change));
        let said = says(|manifest| manifest["parts"][0]["sha256"] = json!("00"));
        assert!(said.contains("database.") && said.contains("SHA-256"), "{said}");
        let said = says(|manifest| manifest["parts"][0]["bytes"] = json!(1));
        assert!(said.contains("bytes instead of 1"), "{said}");
        let said = says(|manifest| manifest["format"] = json!(2));
        assert!(said.contains("format 2"), "{said}");
        let said = says(|manifest| manifest["schema"] = json!("9999"));
        assert!(said.contains("9999") && said.contains("does not know"), "{said}");
        let other = if case.database().is_some() { ("postgres", "database.dump") } else { ("sqlite", "database.sqlite") };
        let mut parts = unpacked(&file);
        let mut manifest: Value = serde_json::from_slice(&parts[0].1).expect("JSON");
        manifest["database"] = json!(other.0);
        manifest["parts"][0]["name"] = json!(other.1);
        other.1.clone_into(&mut parts[1].0);
        let said = case.refuses(&rewritten(&case, &file, |old| *old = manifest));
        assert!(said.contains("the backup is of"), "{said}");
    }

    fn nothing_is_replaced(db: &TestDb) {
        let case = Case::new(db);
        let file = case.backup();
        let before = fs::read(&file).expect("it reads");
        let said = case.fails(&["backup", text(&file)]);
        assert!(said.contains("is there already"), "{said}");
        assert_eq!(fs::read(&file).expect("it reads"), before);

        let rows_before = rows(&db.store);
        let said = case.fails(&["restore", text(&file)]);
        assert!(said.contains("empty schema") || said.contains("replaces nothing"), "{said}");
        assert_eq!(rows(&db.store), rows_before);
    }

    fn an_older_schema_is_brought_up_to_date(db: &TestDb) {
        let case = Case::new(db);
        let (name, down) = newest(&case);
        let version = name.split('_').next().expect("a number");
        case.by_hand(&format!("{down}; DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"));
        let file = case.backup();
        case.destroy();
        let said = case.restore(&file);
        assert!(said.contains(&format!("migrated: {name}")) && said.contains("HELD"), "{said}");
        case.store().check_schema().expect("it is of this program");
    }

    fn a_newer_database_is_not_backed_up(db: &TestDb) {
        let case = Case::new(db);
        case.by_hand("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
        let said = case.fails(&["backup", text(&case.file("backup"))]);
        assert!(said.contains("9999"), "{said}");
        assert_eq!(fs::read_dir(case.folder.path()).expect("a folder").count(), 0);
    }

    fn a_restored_database_sends_no_mail_until_it_is_let_go(db: &TestDb) {
        let case = Case::new(db);
        assert!(case.fails(&["mail", "release"]).contains("not held"));
        execute(&db.store, "UPDATE outbox SET state = 'waiting', due_at = '2026-01-01 00:00:00'");
        let file = case.backup();
        case.destroy();
        case.restore(&file);
        let told = case.prints(&["jobs"]);
        assert!(told.contains("mail is HELD") && told.contains(": 2 wait"), "{told}");

        let (clock, sent) = (clock(), Arc::new(Memory::default()));
        clock.set(SystemClock.now());
        let service = Service { store: case.store(), ..service(db, &clock) };
        let deliver = || {
            clock.advance(chrono::TimeDelta::minutes(1));
            let _ = run_once(&world(&service, "node", Arc::clone(&sent) as Arc<dyn Deliver>));
            sent.sent().len()
        };
        assert_eq!(deliver(), 0);
        let dated = "UPDATE outbox SET created_at = '2026-01-01 00:00:00' WHERE id = (SELECT min(id) FROM outbox)";
        assert_eq!(execute(&service.store, dated), 1);
        assert_eq!(case.run(&["mail", "release", "--drop-before", "yesterday"]).status.code(), Some(2));
        let said = case.prints(&["mail", "release", "--drop-before", "2026-01-02 08:00"]);
        assert!(said.starts_with("1 mails given up, 1 wait"), "{said}");
        assert_eq!(deliver(), 1);
        assert!(!case.prints(&["jobs"]).contains("HELD"));
        assert_eq!(number(&service.store, "SELECT count(*) AS n FROM outbox WHERE state = 'dead'"), 1);
        let log = "SELECT count(*) AS n FROM audit WHERE action = 'mail_released'";
        assert_eq!(number(&service.store, log), 1);
    }
}

#[test]
fn a_key_that_is_in_its_place_stays_and_another_one_is_not_replaced() {
    let db = TestDb::sqlite();
    let case = Case::new(&db);
    let file = case.backup();
    case.destroy();
    let database = case.database().expect("a file");
    let key = database.with_added_extension("factor-key");
    fs::write(&key, "another key of thirty-two bytes and more, of another database").expect("it is written");
    let said = case.fails(&["restore", text(&file)]);
    assert!(said.contains("factor-key") && !database.exists(), "{said}");
    fs::write(&key, KEYS[2].1).expect("it is written");
    case.restore(&file);
    assert!(database.exists());
}

#[test]
fn a_journal_that_was_left_is_not_taken_for_the_restored_databases() {
    let db = TestDb::sqlite();
    let case = Case::new(&db);
    let file = case.backup();
    case.destroy();
    let left = PathBuf::from(format!("{}-wal", text(&case.database().expect("a file"))));
    fs::write(&left, "of another database").expect("it is written");
    let said = case.fails(&["restore", text(&file)]);
    assert!(said.contains("-wal"), "{said}");
}

#[test]
fn what_pg_restore_cannot_do_leaves_nothing_and_half_a_restore_is_not_opened() {
    let db = TestDb::postgres();
    let case = Case::new(&db);
    let file = case.backup();
    case.destroy();
    let function = "audit_is_append_only()";
    case.by_hand(&format!(
        "CREATE FUNCTION {function} RETURNS int LANGUAGE sql AS 'SELECT 1'"
    ));
    let said = case.refuses(&file);
    assert!(said.contains("pg_restore failed"), "{said}");
    case.by_hand(&format!("DROP FUNCTION {function}"));

    let elsewhere = case.fails_with("RONGQIAO__DATABASE__PROGRAMS", "/nowhere", &["restore", text(&file)]);
    assert!(
        elsewhere.contains("database.programs") && case.is_empty(),
        "{elsewhere}"
    );

    case.restore(&file);
    case.by_hand("CREATE TABLE restore_unfinished ()");
    for words in [
        &["serve"][..],
        &["migrate"],
        &["jobs"],
        &["check"],
        &["backup", text(&case.file("another"))],
    ] {
        let said = case.fails(words);
        assert!(said.contains("did not finish"), "{words:?}: {said}");
    }
}

#[test]
fn a_password_is_on_no_command_line() {
    let db = TestDb::postgres();
    let case = Case::new(&db);
    let programs = case.file("programs");
    fs::create_dir(&programs).expect("a folder");
    let fake = programs.join("pg_dump");
    fs::write(
        &fake,
        "#!/bin/sh\necho \"$@\" >&2\necho \"of $PGPASSWORD\" >&2\nexit 1\n",
    )
    .expect("it is written");
    fs::set_permissions(&fake, Permissions::from_mode(0o700)).expect("it is set");
    let with_password = db.url.replacen("postgres@", "postgres:secr%65t@", 1);
    assert_ne!(with_password, db.url);
    let mut command = program(&db);
    command.env("RONGQIAO__DATABASE__URL", with_password);
    command.env("RONGQIAO__DATABASE__PROGRAMS", &programs);
    let output = command
        .args(["backup", text(&case.file("backup"))])
        .output()
        .expect("the program starts");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        said.contains("--dbname=postgres://postgres@") && said.contains("of secret"),
        "{said}"
    );
    assert!(!case.file("backup").exists());
}
