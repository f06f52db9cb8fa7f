//! The audit log: sealed in order, altered by nobody unnoticed, and changed by no statement.

use crate::support::command::rongqiao;
use crate::support::db::{TestDb, on_both};
use crate::support::mail::{by_hand, clock, service};
use chrono::TimeDelta;
use rongqiao::actions::audit::{self, Fault};
use rongqiao::actions::chain;
use rongqiao::clock::{Clock, FixedClock};
use rongqiao::config::AuditAlgorithm;
use rongqiao::domain::audit::{AuditAction, AuditEntry};
use rongqiao::store::{Store, audit as log, audit_log};
use std::process::Output;
use std::sync::Arc;

const ROWS: i64 = 6;

/// Appends rows a second apart, without sealing them.
fn append(store: &Store, clock: &FixedClock, rows: i64) {
    for n in 0..rows {
        let entry = AuditEntry {
            action: AuditAction::SignInFailed,
            subject: format!("account:{n}"),
            before: None,
            after: Some("文字".to_owned()),
        };
        store
            .write(|conn| log::append_unknown(conn, Some("127.0.0.1"), &entry, clock as &dyn Clock))
            .expect("appended");
        clock.advance(TimeDelta::seconds(1));
    }
}

/// As somebody who may do everything in the database would: without the triggers.
fn tamper(store: &Store, sql: &str) {
    let without = if store.url().file().is_some() {
        format!("DROP TRIGGER audit_update; DROP TRIGGER audit_delete; {sql}")
    } else {
        format!("ALTER TABLE audit DISABLE TRIGGER USER; {sql}; ALTER TABLE audit ENABLE TRIGGER USER")
    };
    by_hand(store, &without).expect("nothing stops who may do everything");
}

fn sealed(db: &TestDb, clock: &Arc<FixedClock>, algorithm: AuditAlgorithm) -> Vec<String> {
    let service = service(db, clock);
    append(&db.store, clock, ROWS);
    // Two batches: the second goes on where the first ended.
    let algorithm = chain::of_setting(algorithm);
    assert_eq!(audit::seal(&service, algorithm, 4).expect("sealed"), 4);
    assert_eq!(audit::seal(&service, algorithm, 4).expect("sealed"), 2);
    assert_eq!(audit::seal(&service, algorithm, 4).expect("nothing"), 0);
    let rows = db
        .store
        .read(|conn| audit_log::sealed_after(conn, 0, 100))
        .expect("read");
    let places: Vec<_> = rows.iter().map(|(_, seal)| seal.place).collect();
    assert_eq!(places, (1..=ROWS).map(Some).collect::<Vec<_>>());
    let subjects: Vec<_> = rows.iter().map(|(row, _)| row.subject.clone()).collect();
    assert_eq!(
        subjects,
        (0..ROWS).map(|n| format!("account:{n}")).collect::<Vec<_>>(),
        "in the order of time"
    );
    rows.into_iter().map(|(row, _)| row.id).collect()
}

fn verify_by_command(db: &TestDb, arguments: &[&str]) -> Output {
    let mut command = rongqiao(db);
    command.args(["audit", "verify"]).args(arguments);
    command.output().expect("the program starts")
}

on_both! {
    fn threat_29_an_altered_row_is_named(db: &TestDb) {
        let ids = sealed(db, &clock(), AuditAlgorithm::Sha256);
        let whole = audit::verify(&db.store, None).expect("verified");
        assert_eq!((whole.good, whole.unsealed, &whole.broken), (ROWS, 0, &None));
        let id = &ids[3];
        tamper(&db.store, &format!("UPDATE audit SET after = '文孛' WHERE id = '{id}'"));
        let broken = audit::verify(&db.store, None).expect("verified").broken.expect("broken");
        assert_eq!((broken.place, broken.id.as_deref(), &broken.fault), (4, Some(id.as_str()), &Fault::Altered));
        let told = verify_by_command(db, &[]);
        assert_eq!(told.status.code(), Some(1));
        let (out, error) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
        assert!(error.contains(id) && error.contains("place 4"), "{error}");
        assert!(out.contains("3 rows sealed and good"), "{out}");
    }

    fn threat_29_every_column_is_in_the_chain(db: &TestDb) {
        let ids = sealed(db, &clock(), AuditAlgorithm::Sm3);
        assert_eq!(audit::verify(&db.store, None).expect("verified").good, ROWS);
        let id = &ids[2];
        let old = db.store.read(|conn| audit_log::sealed_after(conn, 2, 1)).expect("read").remove(0);
        tamper(&db.store, "SELECT 1");
        for (column, value, back) in [
            ("at", "'2020-01-01 00:00:00'", format!("'{}'", old.0.at)),
            ("district_code", "'410106'", "''".to_owned()),
            ("origin", "NULL", "'127.0.0.1'".to_owned()),
            ("action", "'signed_in'", "'sign_in_failed'".to_owned()),
            ("subject", "'account:9'", "'account:2'".to_owned()),
            ("before", "''", "NULL".to_owned()),
            ("hash", "'00'", format!("'{}'", old.1.hash.as_deref().expect("sealed"))),
            ("algorithm", "'sha256'", "'sm3'".to_owned()),
        ] {
            let set = |value: &str| {
                let sql = format!("UPDATE audit SET {column} = {value} WHERE id = '{id}'");
                if db.store.url().file().is_some() { by_hand(&db.store, &sql).expect("set") } else { tamper(&db.store, &sql) }
            };
            set(value);
            let broken = audit::verify(&db.store, None).expect("verified").broken;
            assert_eq!(broken.map(|broken| broken.place), Some(3), "{column}");
            set(&back);
            assert_eq!(audit::verify(&db.store, None).expect("verified").broken, None, "{column} is as it was");
        }
    }

    fn threat_29_a_row_that_was_taken_out_is_missed(db: &TestDb) {
        let ids = sealed(db, &clock(), AuditAlgorithm::Sha256);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("head.json");
        let head = rongqiao(db).args(["audit", "head"]).output().expect("the program starts");
        assert!(head.status.success());
        std::fs::write(&file, &head.stdout).expect("kept elsewhere");
        let file = file.display().to_string();
        assert!(verify_by_command(db, &["--head", &file]).status.success());

        tamper(&db.store, &format!("DELETE FROM audit WHERE id = '{}'", ids[5]));
        assert!(verify_by_command(db, &[]).status.success(), "the chain alone can't know its end");
        let told = verify_by_command(db, &["--head", &file]);
        assert_eq!(told.status.code(), Some(1));
        let error = String::from_utf8_lossy(&told.stderr);
        assert!(error.contains(&ids[5]) && error.contains("is missing"), "{error}");

        let sql = format!("DELETE FROM audit WHERE id = '{}'", ids[1]);
        if db.store.url().file().is_some() { by_hand(&db.store, &sql).expect("deleted") } else { tamper(&db.store, &sql) }
        let broken = audit::verify(&db.store, None).expect("verified").broken.expect("broken");
        assert_eq!((broken.place, broken.fault), (2, Fault::Missing));
    }

    fn what_is_not_sealed_yet_is_counted(db: &TestDb) {
        let clock = clock();
        sealed(db, &clock, AuditAlgorithm::Sha256);
        append(&db.store, &clock, 3);
        let verified = audit::verify(&db.store, None).expect("verified");
        assert_eq!((verified.good, verified.unsealed, verified.broken), (ROWS, 3, None));
    }

    fn no_statement_changes_or_removes_a_row(db: &TestDb) {
        let clock = clock();
        let ids = sealed(db, &clock, AuditAlgorithm::Sha256);
        append(&db.store, &clock, 1);
        let mut refused = vec![
            "UPDATE audit SET subject = 'x'".to_owned(),
            format!("UPDATE audit SET hash = 'x' WHERE id = '{}'", ids[0]),
            format!("UPDATE audit SET place = NULL, algorithm = NULL, hash = NULL WHERE id = '{}'", ids[0]),
            "UPDATE audit SET place = 7, algorithm = 'sha256', hash = 'x', subject = 'y' WHERE place IS NULL".to_owned(),
            "UPDATE audit SET place = 7 WHERE place IS NULL".to_owned(),
            "DELETE FROM audit".to_owned(),
            "DELETE FROM audit WHERE place IS NULL".to_owned(),
        ];
        if db.store.url().file().is_some() {
            refused.push(format!("REPLACE INTO audit (id, at, district_code, action, subject) VALUES ('{}', 0, '', '', '')", ids[0]));
        } else {
            refused.push("TRUNCATE audit".to_owned());
        }
        for sql in refused {
            let error = by_hand(&db.store, &sql).expect_err(&sql);
            assert!(format!("{error:?}").contains("append-only"), "{sql}: {error:?}");
        }
        assert_eq!(audit::verify(&db.store, None).expect("verified").good, ROWS);
    }
}
