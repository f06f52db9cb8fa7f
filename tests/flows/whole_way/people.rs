//! Who takes part: an enterprise's owner, banks' clerks, the centre's officer; each does what it does over the API.

use crate::support::app::{Api, acceptance, usual_offer};
use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::{Value, json};
use std::ops::Deref;

/// The answer to a call that succeeds.
#[track_caller]
pub fn ok(answer: Response) -> Value {
    let (path, status) = (answer.url().path().to_owned(), answer.status());
    let text = answer.text().expect("a body");
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// A text of an answer.
#[track_caller]
pub fn text(answer: &Value, field: &str) -> String {
    let found = answer[field].as_str();
    found.unwrap_or_else(|| panic!("no {field} in {answer}")).to_owned()
}

/// The id of what an answer is about.
#[track_caller]
pub fn id(answer: &Value) -> String {
    text(answer, "id")
}

/// The ids of a list, newest first.
#[track_caller]
pub fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().expect("a list").iter().map(id).collect()
}

/// Someone who uses the API.
pub struct Person<'a>(pub Api<'a>);

impl<'a> Deref for Person<'a> {
    type Target = Api<'a>;

    fn deref(&self) -> &Api<'a> {
        &self.0
    }
}

impl Person<'_> {
    /// What it reads there.
    #[track_caller]
    pub fn reads(&self, path: &str) -> Value {
        ok(self.get(&format!("/api/v1/{path}")))
    }

    /// Does something, and it succeeds.
    #[track_caller]
    pub fn does(&self, path: &str, body: &Value) -> Value {
        ok(self.post(&format!("/api/v1/{path}"), body))
    }

    /// Tries something that is refused with this status.
    #[track_caller]
    pub fn may_not(&self, status: u16, path: &str, body: &Value) {
        let answer = self.post(&format!("/api/v1/{path}"), body);
        assert_eq!(answer.status(), status, "{path}: {}", answer.text().expect("a body"));
    }

    /// That none of these is there for it.
    #[track_caller]
    pub fn sees_nothing_of(&self, paths: &[String]) {
        for path in paths {
            assert_eq!(self.get(&format!("/api/v1/{path}")).status(), 404, "{path}");
        }
    }

    /// Where a request, an offer or a loan is in its life.
    #[track_caller]
    pub fn state(&self, path: &str) -> String {
        text(&self.reads(path), "state")
    }
}

/// A bank's clerk, with the product that the bank offers.
pub struct Bank<'a> {
    pub clerk: Person<'a>,
    pub code: &'static str,
    pub product: &'static str,
}

impl<'a> Deref for Bank<'a> {
    type Target = Person<'a>;

    fn deref(&self) -> &Person<'a> {
        &self.clerk
    }
}

impl Bank<'_> {
    /// Makes an offer: its id.
    #[track_caller]
    pub fn offers(&self, referral: &str, terms: &Value) -> String {
        id(&self.does(&format!("referrals/{referral}/offers"), terms))
    }

    /// Sends other terms for an offer, from the version that it has read.
    #[track_caller]
    pub fn revises(&self, offer: &str, terms: &Value) -> Value {
        ok(self.revision(offer, terms))
    }

    /// Tries to send other terms for an offer.
    #[track_caller]
    pub fn revision(&self, offer: &str, terms: &Value) -> Response {
        let path = format!("/api/v1/offers/{offer}");
        let read = self.get(&path);
        let tag = read.headers()["etag"].to_str().expect("a tag").to_owned();
        let put = self.request(&Method::PUT, &path).header("If-Match", tag);
        put.json(terms).send().expect("an answer")
    }

    /// Registers the contract of an accepted offer: the loan's id.
    #[track_caller]
    pub fn signs(&self, offer: &str, number: &str, signed_on: &str, follows: Option<&str>) -> String {
        let mut contract = json!({"contract_number": number, "signed_on": signed_on, "is_first": follows.is_none()});
        if let Some(old) = follows {
            contract["follows"] = json!(old);
        }
        id(&self.does(&format!("offers/{offer}/contract"), &contract))
    }

    /// Registers that money was paid out: where the loan is then.
    #[track_caller]
    pub fn pays_out(&self, loan: &str, on: &str, fen: i64) -> String {
        let drawn = json!({"on": on, "amount_fen": fen});
        text(&self.does(&format!("loans/{loan}/disbursements"), &drawn), "state")
    }
}

/// Three months from `start_on`, at so many bp over the LPR.
pub fn terms(product: &str, spread_bp: i64, start_on: &str, valid_until: &str) -> Value {
    let mut terms = usual_offer(product);
    terms["term_months"] = json!(3);
    terms["rate"]["spread_bp"] = json!(spread_bp);
    terms["start_on"] = json!(start_on);
    terms["valid_until"] = json!(valid_until);
    terms.as_object_mut().expect("an object").remove("due_day");
    terms
}

/// The centre's officer.
pub struct Officer<'a>(pub Person<'a>);

impl<'a> Deref for Officer<'a> {
    type Target = Person<'a>;

    fn deref(&self) -> &Person<'a> {
        &self.0
    }
}

impl Officer<'_> {
    /// Lets an enterprise have an offer in this revision.
    #[track_caller]
    pub fn forwards(&self, offer: &str, revision: i32) {
        self.does(&format!("offers/{offer}/forward"), &json!({"revision": revision}));
    }

    /// Gives an offer back to its bank.
    #[track_caller]
    pub fn gives_back(&self, offer: &str, revision: i32, reason: &str) {
        let back = json!({"revision": revision, "reason": reason});
        self.does(&format!("offers/{offer}/return"), &back);
    }
}

/// The enterprise's owner, with its credit code.
pub struct Owner<'a> {
    pub person: Person<'a>,
    pub uscc: String,
}

impl<'a> Deref for Owner<'a> {
    type Target = Person<'a>;

    fn deref(&self) -> &Person<'a> {
        &self.person
    }
}

impl Owner<'_> {
    /// Begins a request and submits it: its id, and its number.
    #[track_caller]
    pub fn asks(&self, need: &Value) -> (String, String) {
        let request = id(&self.does("requests", need));
        ok(self.submit(&request));
        let number = text(&self.reads(&format!("requests/{request}")), "number");
        (request, number)
    }

    /// The products that fit a request, by code.
    #[track_caller]
    pub fn fitting(&self, request: &str) -> Vec<String> {
        let found = self.reads(&format!("requests/{request}/matches"));
        let rows = found["eligible"].as_array().expect("rows").iter();
        let mut codes: Vec<String> = rows.map(|row| text(row, "product")).collect();
        codes.sort();
        codes
    }

    /// Takes an offer in this revision.
    #[track_caller]
    pub fn accepts(&self, offer: &str, revision: i32) -> Value {
        self.does(&format!("offers/{offer}/accept"), &acceptance(revision))
    }
}
