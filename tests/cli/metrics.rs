//! What Prometheus finds, and where.

use super::serve::{Served, program, started};
use crate::support::db::{TestDb, on_both};
use reqwest::blocking::Client;
use rongqiao::domain::codes::Code;
use rongqiao::domain::job::JobKind;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

const CANARY: &str = "canary-5b1e";

/// The value of a line of the measures.
fn value(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().expect("a number"))
}

on_both! {
    fn measures_are_told_on_a_listener_of_their_own(db: &TestDb) {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
        let child = program(db).arg("serve").env("RONGQIAO__METRICS__LISTEN", free.to_string()).stderr(Stdio::piped()).spawn();
        let mut served = Served(child.expect("the program starts"));
        // Who reads the log no further lets the service wait for room in it.
        let (address, mut log) = started(&mut served);
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let client = Client::new();
        let status = |address: String| client.get(address).send().expect("an answer").status().as_u16();
        assert_eq!(status(format!("{address}/metrics")), 404, "never where people are");
        assert_eq!(status(format!("http://{free}/")), 404);
        assert_eq!(status(format!("http://{free}/readyz")), 404);
        for n in 0..20 {
            assert_eq!(status(format!("{address}/{CANARY}/{n}")), 404);
            assert_eq!(status(format!("{address}/api/v1/products/{CANARY}{n}")), 401);
        }
        let odd = reqwest::Method::from_bytes(CANARY.as_bytes()).expect("a method");
        assert_eq!(client.request(odd, format!("{address}/healthz")).send().expect("an answer").status(), 405);

        let scraped = || {
            let answer = client.get(format!("http://{free}/metrics")).send().expect("an answer");
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
            answer.text().expect("a body")
        };
        // The first check of the rows ends within seconds, and what the database says is up to five old.
        let succeeded = "rongqiao_job_last_success_timestamp_seconds{job=\"check_invariants\"}";
        let began = Instant::now();
        let mut text = scraped();
        while value(&text, "rongqiao_invariants_hold").is_none() || value(&text, succeeded).is_none() {
            assert!(began.elapsed() < Duration::from_secs(30), "{text}");
            std::thread::sleep(Duration::from_millis(500));
            text = scraped();
        }
        assert!(!text.contains(CANARY), "{text}");
        for (name, expected) in [
            ("rongqiao_invariants_hold", 1.0),
            ("rongqiao_database_up", 1.0),
            ("rongqiao_http_requests_in_flight", 0.0),
            ("rongqiao_build_info{version=\"0.1.0\"}", 1.0),
            ("rongqiao_http_requests_total{route=\"/api/v1/products/{code}\",method=\"GET\",status=\"4xx\"}", 20.0),
            ("rongqiao_http_requests_total{route=\"/healthz\",method=\"other\",status=\"4xx\"}", 1.0),
            ("rongqiao_http_requests_total{route=\"none\",method=\"GET\",status=\"4xx\"}", 21.0),
            ("rongqiao_http_request_duration_seconds_count{kind=\"api\"}", 20.0),
            ("rongqiao_mails{state=\"dead\"}", 0.0),
            ("rongqiao_mail_oldest_due_seconds", 0.0),
            ("rongqiao_requests_needing_centre", 0.0),
            ("rongqiao_products_on_offer", 0.0),
        ] {
            assert_eq!(value(&text, name), Some(expected), "{name} in\n{text}");
        }
        for job in JobKind::ALL {
            assert_eq!(value(&text, &format!("rongqiao_job_failures{{job=\"{job}\"}}")), Some(0.0), "{text}");
        }
        assert!(value(&text, succeeded).is_some_and(|at| at > 1.0e9), "{text}");
        assert!(value(&text, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1.0e6), "{text}");
        let on_disk = value(&text, "rongqiao_disk_free_bytes");
        assert_eq!(on_disk.is_some(), db.url.starts_with("sqlite"), "the disk of a server is its own: {text}");
    }
}
