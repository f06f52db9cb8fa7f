//! `rongqiao check`: each thing that was looked at by its name, and what fails once more at the end.

use super::serve::program;
use crate::support::app::TestApp;
use crate::support::db::{TestDb, execute, on_both};
use crate::support::smtp::{Manner, SmtpServer};
use std::net::TcpListener;
use std::process::Output;

fn checked(db: &TestDb, mail_port: u16, jwt_key: &str) -> (Output, String, String) {
    let output = program(db)
        .arg("check")
        .env("RONGQIAO__MAIL__HOST", "127.0.0.1")
        .env("RONGQIAO__MAIL__PORT", mail_port.to_string())
        .env("RONGQIAO__MAIL__TLS", "none")
        .env("RONGQIAO__MAIL__FROM", "rong@example.com")
        .env("RONGQIAO__MAIL__TIMEOUT_SECONDS", "1")
        .env("RONGQIAO__AUTH__JWT_KEY", jwt_key)
        .output()
        .expect("the program starts");
    let [said, failed] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    (output, said, failed)
}

const KEY: &str = "a key of thirty-two bytes for tests";

on_both! {
    fn what_fails_is_named_with_its_count(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        for _ in 0..2 {
            assert_eq!(owner.submit(&owner.begin()).status(), 200);
        }
        let server = SmtpServer::start(|_, _| Manner::Take);
        let (output, said, failed) = checked(db, server.port, KEY);
        assert!(output.status.success(), "{failed}");
        for line in ["configuration: good", "keys: good", "schema: the one of this program"] {
            assert!(said.contains(line), "{line}: {said}");
        }
        assert!(said.contains(&format!("mail: 127.0.0.1:{} answers", server.port)), "{said}");

        let name = "a request's state stands in the audit log";
        execute(&db.store, "UPDATE request SET state = 'closed' WHERE state = 'open'");
        let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let (output, said, failed) = checked(db, nobody.port(), KEY);
        assert_eq!(output.status.code(), Some(1));
        assert!(said.contains(&format!("{name}: BROKEN 2 times")) && said.contains("mail: FAILS: "), "{said}");
        assert!(failed.starts_with("2 checks failed: mail: ") && failed.contains(name), "{failed}");
    }
}

#[test]
fn keys_are_looked_at_and_none_is_made() {
    let db = TestDb::sqlite();
    let server = SmtpServer::start(|_, _| Manner::Take);
    let key = format!("{}.key", db.url.trim_start_matches("sqlite://"));
    let (output, said, _) = checked(&db, server.port, "");
    assert!(
        output.status.success() && said.contains("keys: made at the first start"),
        "{said}"
    );
    assert!(!std::path::Path::new(&key).exists());
    std::fs::write(&key, "short").expect("it is written");
    let (output, said, _) = checked(&db, server.port, "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("keys: FAILS: ") && said.contains("not a whole key"),
        "{said}"
    );
}
