//! Files of facts, and handing them in.

use super::app::{Api, TestApp};
use super::visitor::{Answer, Visitor};
use reqwest::Method;
use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

/// The types of files that the API takes.
pub const CSV: &str = "text/csv";
pub const JSON_LINES: &str = "application/x-ndjson";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A CSV file of rows `uscc,fact,value,observed_on`.
pub fn csv(rows: &[(&str, &str, &str, &str)]) -> String {
    let rows = rows
        .iter()
        .map(|(uscc, fact, value, day)| format!("{uscc},{fact},{value},{day}\n"));
    std::iter::once("uscc,fact,value,observed_on\n".to_owned())
        .chain(rows)
        .collect()
}

/// A file on its way over the API.
pub fn with_file(request: RequestBuilder, kind: &str, bytes: impl Into<Vec<u8>>) -> Response {
    let request = request.header("Content-Type", kind).body(bytes.into());
    request.send().expect("an answer")
}

impl Api<'_> {
    /// Hands in a CSV file.
    pub fn hand_in(&self, text: &str) -> Response {
        with_file(self.request(&Method::POST, "/api/v1/facts"), CSV, text)
    }

    /// The batch that a CSV file came to.
    #[track_caller]
    pub fn taken(&self, text: &str) -> Value {
        let answer = self.hand_in(text);
        let status = answer.status();
        let body: Value = answer.json().expect("JSON");
        assert_eq!(status, 201, "{body}");
        body
    }

    /// Takes a batch back.
    pub fn withdraw(&self, batch: &Value) -> Response {
        let id = batch["id"].as_str().expect("an id");
        let request = self.request(&Method::POST, &format!("/api/v1/fact-batches/{id}/withdraw"));
        request.send().expect("an answer")
    }

    /// Lets the platform use every owner's facts.
    pub fn authorise(&self, uscc: &str) {
        let owners = [
            "science",
            "market",
            "centre",
            "social_security",
            "tax",
            "bank",
            "land",
            "customs",
            "development",
        ];
        let body = json!({"departments": owners, "text_version": 1, "until": "2027-10-01"});
        let put = self.request(&Method::PUT, &format!("/api/v1/enterprises/{uscc}/authorisation"));
        assert_eq!(put.json(&body).send().expect("an answer").status(), 200);
    }

    /// What is known of a fact: value and source of each, verified before declared.
    pub fn known(&self, uscc: &str, fact: &str) -> Vec<(Value, String)> {
        let body: Value = self
            .get(&format!("/api/v1/enterprises/{uscc}/facts"))
            .json()
            .expect("JSON");
        let items = body["items"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|item| item["fact"] == fact);
        items
            .map(|item| {
                (
                    item["value"].clone(),
                    item["source"].as_str().expect("a source").to_owned(),
                )
            })
            .collect()
    }

    /// Says something of a value.
    pub fn dispute(&self, uscc: &str, fact: &str, kind: &str, note: &str) -> Response {
        self.post(
            &format!("/api/v1/enterprises/{uscc}/facts/{fact}/dispute"),
            &json!({"kind": kind, "note": note}),
        )
    }

    /// Answers a dispute.
    pub fn answer(&self, dispute: &str, outcome: &str, text: &str) -> Response {
        self.post(
            &format!("/api/v1/disputes/{dispute}/answer"),
            &json!({"outcome": outcome, "text": text}),
        )
    }

    /// Makes a key for a department: the key, and its id.
    #[track_caller]
    pub fn feed_key(&self, department: &str) -> (String, String) {
        let answer = self.post(
            "/api/v1/feed-keys",
            &json!({"department": department, "name": "每日报送"}),
        );
        assert_eq!(answer.status(), 201);
        let made: Value = answer.json().expect("JSON");
        let text = |field: &str| made[field].as_str().expect("a text").to_owned();
        (text("key"), text("id"))
    }
}

/// Sends a CSV file with a department's key.
pub fn with_key(app: &TestApp, key: &str, sequence: &str, text: &str) -> Response {
    let request = app
        .anonymous(&Method::POST, &format!("/api/v1/facts{sequence}"))
        .bearer_auth(key);
    with_file(request, CSV, text)
}

impl Visitor {
    /// Hands in a file on a page.
    pub fn hand_in(&self, path: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Answer {
        self.upload(path, &[("file", Some(name), &bytes.into())])
    }
}

/// The value of a hidden field on a page.
#[track_caller]
pub fn hidden(page: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let from = page.body.find(&mark).expect("the field is there") + mark.len();
    page.body[from..].chars().take_while(|c| *c != '"').collect()
}
