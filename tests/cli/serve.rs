//! The program as an operator runs it: `migrate`, `import`, `user add`, `check`, `serve`.

use crate::support::command::{import, repository, rongqiao};
use crate::support::db::{TestDb, on_both};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

/// The program with what PostgreSQL needs too.
pub fn program(db: &TestDb) -> Command {
    let mut command = rongqiao(db);
    command
        .env("RONGQIAO__AUTH__JWT_KEY", "a key of thirty-two bytes for tests")
        .env(
            "RONGQIAO__AUTH__FACTOR_KEY",
            "another key of thirty-two bytes for tests",
        )
        .env("RONGQIAO__SERVER__LISTEN", "127.0.0.1:0")
        .env("RONGQIAO__LOG__FORMAT", "json");
    command
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A service that is killed with the test.
pub struct Served(pub Child);

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads the log until the service says where it listens: its address, and the rest of the log.
pub fn started(served: &mut Served) -> (String, BufReader<ChildStderr>) {
    let mut log = BufReader::new(served.0.stderr.take().expect("its log"));
    let mut lines: Vec<Value> = Vec::new();
    loop {
        let mut line = String::new();
        assert!(
            log.read_line(&mut line).expect("a line") > 0,
            "the service ended: {lines:?}"
        );
        lines.push(serde_json::from_str(&line).expect("each line is one object"));
        if let Some(address) = lines.last().and_then(|line| line["fields"]["address"].as_str()) {
            return (format!("http://{address}"), log);
        }
    }
}

/// Ends the service well: the rest of its log.
pub fn stopped(mut served: Served, log: BufReader<ChildStderr>) -> Vec<String> {
    let stopped = Command::new("kill")
        .args(["-TERM", &served.0.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(stopped.success());
    assert!(served.0.wait().expect("it ends").success(), "SIGTERM ends it well");
    log.lines().map(|line| line.expect("a line")).collect()
}

on_both! {
    fn an_operator_sets_up_and_serves(db: &TestDb) {
        succeeds(program(db).arg("migrate"));
        let organisations = import(db, &["organisations"], &repository("config/demo/organisations.jsonl"));
        assert!(organisations.status.success(), "{}", String::from_utf8_lossy(&organisations.stderr));
        for (what, file) in [("lpr", "config/lpr.csv"), ("holidays", "config/holidays.csv"), ("products", "config/demo/products.jsonl")] {
            let output = import(db, &[what], &repository(file));
            assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let add = |command: &mut Command| {
            command.args(["user", "add", "--organisation", "centre", "--email", "officer@example.cn", "--name", "王芳"]);
        };
        let mut command = program(db);
        add(&mut command);
        let password = succeeds(command.args(["--role", "officer"])).trim().to_owned();
        let mut again = program(db);
        add(&mut again);
        let again = again.args(["--role", "officer"]).output().expect("the program starts");
        assert_eq!(again.status.code(), Some(1), "the address is taken");
        let checked = succeeds(program(db).arg("check"));
        assert!(checked.contains("holds") && !checked.contains("BROKEN"), "{checked}");

        let child = program(db).arg("serve").env("RONGQIAO__AUTH__SECOND_FACTOR_OFFICERS", "false").stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut served = Served(child);
        let (address, log) = started(&mut served);
        let client = reqwest::blocking::Client::new();
        assert_eq!(client.get(format!("{address}/readyz")).send().expect("an answer").status(), 200);
        let secret = "a secret that no line may hold";
        let body = serde_json::json!({"email": "officer@example.cn", "password": secret});
        assert_eq!(client.post(format!("{address}/api/v1/sessions")).json(&body).send().expect("an answer").status(), 401);
        let body = serde_json::json!({"email": "officer@example.cn", "password": password});
        let answer = client.post(format!("{address}/api/v1/sessions")).json(&body).send().expect("an answer");
        assert_eq!(answer.status(), 200);

        let rest = stopped(served, log);
        let answered: Vec<Value> = rest
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).expect("each line is one object"))
            .filter(|line| line["fields"]["message"] == "answered")
            .collect();
        assert_eq!(answered.len(), 3, "one line a request: {rest:?}");
        assert!(answered.iter().all(|line| line["spans"][0]["request_id"].as_str().is_some_and(|id| id.len() == 36)), "{rest:?}");
        assert!(!rest.iter().any(|line| line.contains(secret) || line.contains(&password)));
    }
}

#[test]
fn a_wrong_call_exits_with_2_and_a_bad_setting_is_named() {
    let program = || Command::new(env!("CARGO_BIN_EXE_rongqiao"));
    let wrong = program()
        .args(["match", "--nonsense"])
        .output()
        .expect("the program starts");
    assert_eq!(wrong.status.code(), Some(2));
    let bad = program()
        .arg("check")
        .env("RONGQIAO__SERVER__PORT", "1")
        .output()
        .expect("the program starts");
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("port"));
}

#[test]
fn the_key_beside_a_sqlite_database_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let db = TestDb::sqlite();
    let mut child = rongqiao(&db)
        .arg("serve")
        .env("RONGQIAO__SERVER__LISTEN", "127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut log = BufReader::new(child.stderr.take().expect("its log"));
    let mut line = String::new();
    while !line.contains("serving") {
        line.clear();
        assert!(log.read_line(&mut line).expect("a line") > 0, "the service ended");
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    let path = format!("{}.key", db.url.strip_prefix("sqlite://").expect("a file"));
    let mode = std::fs::metadata(path).expect("the key is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
