//! How the service ends: nobody new, and everybody who is there.

use super::serve::{Served, program, started};
use crate::support::db::{TestDb, on_both};
use reqwest::blocking::Client;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const BODY: &str = "{\"email\": \"nobody@example.com\", \"password\": \"a password for tests\"}";

fn terminate(served: &Served) {
    let status = Command::new("kill")
        .args(["-TERM", &served.0.id().to_string()])
        .status();
    assert!(status.expect("kill runs").success());
}

/// Sends a request but for the end of its body.
fn half_a_request(host: &str) -> TcpStream {
    let mut stream = TcpStream::connect(host).expect("it listens");
    let head = format!(
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(&BODY.as_bytes()[..10]).expect("sent");
    // Until it is surely under way.
    std::thread::sleep(Duration::from_millis(300));
    stream
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

on_both! {
    fn whoever_is_under_way_is_answered_before_it_ends(db: &TestDb) {
        let mut command = program(db);
        command.env("RONGQIAO__SERVER__DRAIN_SECONDS", "2").env("RONGQIAO__SERVER__STOP_SECONDS", "30");
        let child = command.arg("serve").stderr(Stdio::piped()).spawn();
        let mut served = Served(child.expect("the program starts"));
        let (address, mut log) = started(&mut served);
        let host = address.trim_start_matches("http://").to_owned();
        let mut stream = half_a_request(&host);
        let client = Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        let ready = || client.get(format!("{address}/readyz")).send().map(|answer| (answer.status().as_u16(), answer.text().unwrap_or_default()));
        assert_eq!(ready().expect("an answer").0, 200);

        terminate(&served);
        until("it says that it stops, and still serves", || {
            ready().is_ok_and(|(status, body)| status == 503 && body.contains("\"reasons\":[\"stopping\"]"))
        });
        until("nobody new is taken", || TcpStream::connect(&host).is_err());
        assert!(served.0.try_wait().expect("asked").is_none(), "it waits for who is under way");
        stream.write_all(&BODY.as_bytes()[10..]).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer, and the end");
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(served.0.wait().expect("it ends").success());
        let mut rest = String::new();
        log.read_to_string(&mut rest).expect("its log");
        assert!(rest.contains("\"stopping\"") && rest.contains("\"stopped\""), "{rest}");
    }
}

#[test]
fn who_never_comes_to_an_end_is_not_waited_for_longer_than_is_set() {
    let db = TestDb::sqlite();
    let child = program(&db)
        .arg("serve")
        .env("RONGQIAO__SERVER__STOP_SECONDS", "1")
        .stderr(Stdio::piped())
        .spawn();
    let mut served = Served(child.expect("the program starts"));
    let (address, _log) = started(&mut served);
    let _stream = half_a_request(address.trim_start_matches("http://"));
    let began = Instant::now();
    terminate(&served);
    assert!(served.0.wait().expect("it ends").success());
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(900) && took < Duration::from_secs(10),
        "{took:?}"
    );
}
