//! What a request can do to the log: nothing but be a line of it.

use super::serve::{Served, program, started, stopped};
use crate::support::db::{TestDb, on_both};
use serde_json::Value;
use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// What would end a line, colour a terminal, or look like a line of its own.
const ORDERS: &str =
    "\r\n{\"level\":\"ERROR\",\"fields\":{\"message\":\"forged\"}}\r\n\u{1b}[31mred\u{1b}[0m\u{2028}\0";
const CANARY: &str = "canary-7f3a";

fn percent(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |all, byte| format!("{all}%{byte:02X}"))
}

/// Sends bytes as they are, as no client would; gives the status.
fn raw(address: &str, request: &str) -> u16 {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("a status")
}

on_both! {
    fn threat_16_a_field_is_never_a_line_of_the_log(db: &TestDb) {
        let child = program(db).arg("serve").stderr(std::process::Stdio::piped()).spawn().expect("the program starts");
        let mut served = Served(child);
        let (address, log) = started(&mut served);
        let orders = percent(ORDERS);
        let client = reqwest::blocking::Client::new();
        let mut asked = 0;
        for path in [format!("/{orders}"), format!("/api/v1/products/{orders}"), format!("/api/v1/audit?action={orders}"), format!("/messages?before={orders}"), format!("/reset/new?token={CANARY}"), format!("/invitation?token={CANARY}"), format!("/register/form?token={CANARY}")] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {CANARY}\r\nConnection: close\r\n\r\n");
            assert!(raw(&address, &request) < 500, "{path}");
            asked += 1;
        }
        // A header that holds one is no request at all.
        let header = format!("GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: {CANARY}\u{1b}[31m\r\nConnection: close\r\n\r\n");
        assert_eq!(raw(&address, &header), 400);
        for body in [
            serde_json::json!({"email": format!("a{ORDERS}@example.com"), "password": CANARY}),
            serde_json::json!({"email": CANARY, "password": format!("{CANARY}{ORDERS}")}),
            serde_json::json!({"email": "a@example.com", "password": CANARY, ORDERS: 1}),
        ] {
            let answer = client.post(format!("{address}/api/v1/sessions")).json(&body).send().expect("an answer");
            assert!(answer.status().is_client_error());
            asked += 1;
        }
        let answer = client.get(format!("{address}/api/v1/products")).bearer_auth(CANARY).send().expect("an answer");
        assert_eq!(answer.status(), 401);
        asked += 1;

        let lines = stopped(served, log);
        let mut answered = 0;
        for line in &lines {
            assert!(!line.contains(|letter: char| letter.is_control()), "{line:?}");
            assert!(!line.contains(CANARY), "{line}");
            let read: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_ne!(read["fields"]["message"], "forged");
            answered += usize::from(read["fields"]["message"] == "answered");
        }
        assert_eq!(answered, asked, "one line a request: {lines:#?}");
    }

    fn the_level_changes_while_the_service_runs(db: &TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("rongqiao.toml");
        let set = |level: &str| std::fs::write(&file, format!("[log]\nlevel = \"{level}\"\n")).expect("written");
        set("info");
        let child = program(db).args(["serve", "--config"]).arg(&file).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut served = Served(child);
        let (address, mut log) = started(&mut served);
        let pid = served.0.id().to_string();
        let ask = || assert_eq!(reqwest::blocking::get(format!("{address}/healthz")).expect("an answer").status(), 200);
        // The lines from here to the one that says so, that one included.
        let mut change = |level: &str, said: &str| {
            set(level);
            assert!(Command::new("kill").args(["-HUP", &pid]).status().expect("kill runs").success());
            let mut lines = Vec::new();
            while !lines.last().is_some_and(|line: &String| line.contains(said)) {
                let mut line = String::new();
                assert!(log.read_line(&mut line).expect("a line") > 0, "the service ended: {lines:?}");
                lines.push(line);
            }
            lines.iter().filter(|line| line.contains("\"answered\"")).count()
        };
        ask();
        assert_eq!(change("warn", "goes on at this level"), 1);
        ask();
        assert_eq!(change("info", "goes on at this level"), 0, "requests are below warn");
        ask();
        assert_eq!(change("loud", "the level of the log stays"), 1, "a bad file changes nothing");
        ask();
        assert_eq!(change("debug", "goes on at this level"), 1);
        assert!(stopped(served, log).iter().any(|line| line.contains("stopped")));
    }
}
