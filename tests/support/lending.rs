//! Offers that come to loans: accepted, signed, drawn.

use super::app::{Api, TestApp, acceptance, usual_need, usual_offer};
use super::samples::{self, USCCS};
use reqwest::blocking::Response;
use rongqiao::domain::product::{Product, Renewal};
use rongqiao::store::{StoreError, organisations, products};
use serde_json::{Value, json};

/// What the usual loan lends.
pub const AMOUNT: i64 = 100_000_000;

/// A contract of the day on which the tests begin.
pub fn usual_contract(number: &str) -> Value {
    json!({"contract_number": number, "signed_on": "2026-11-01", "is_first": false})
}

/// An offer for a month: its loan matures on 2026-12-02.
pub fn short_offer(product: &str) -> Value {
    let mut offer = usual_offer(product);
    offer["term_months"] = json!(1);
    offer["start_on"] = json!("2026-11-02");
    offer.as_object_mut().expect("an object").remove("due_day");
    offer
}

/// Everyone whom a loan concerns.
pub struct Lending<'a> {
    pub owner: Api<'a>,
    pub bank: Api<'a>,
    pub rival: Api<'a>,
    pub officer: Api<'a>,
}

impl<'a> Lending<'a> {
    pub fn of(app: &'a TestApp) -> Self {
        Self {
            owner: app.sign_in("owner"),
            bank: app.sign_in("banka"),
            rival: app.sign_in("bankb"),
            officer: app.sign_in("officer"),
        }
    }

    /// An accepted offer of bank A for enterprise 0: its id.
    pub fn accepted(&self) -> String {
        self.accepted_with(&usual_need(), &usual_offer("PA"))
    }

    /// As [`Lending::accepted`], of these terms for this need.
    pub fn accepted_with(&self, need: &Value, offer: &Value) -> String {
        self.owner.declare(USCCS[0], "tier", &json!("specialised"));
        let begun: Value = self.owner.post("/api/v1/requests", need).json().expect("JSON");
        let request = begun["id"].as_str().expect("an id");
        assert_eq!(self.owner.submit(request).status(), 200, "{need}");
        let product = offer["product"].as_str().expect("a product");
        let (referral, _) = self.owner.refer(request, "BANKA", product);
        let made = self.bank.post(&format!("/api/v1/referrals/{referral}/offers"), offer);
        assert_eq!(made.status(), 201, "{offer}");
        let made: Value = made.json().expect("JSON");
        let id = made["id"].as_str().expect("an id").to_owned();
        let forward = json!({"revision": 1});
        assert_eq!(self.officer.on_offer(&id, "forward", &forward).status(), 200);
        assert_eq!(self.owner.on_offer(&id, "accept", &acceptance(1)).status(), 200);
        id
    }

    /// The loan of an accepted offer whose contract is registered: its id.
    pub fn signed(&self, offer: &str, contract: &Value) -> String {
        let answer = self.bank.on_offer(offer, "contract", contract);
        assert_eq!(answer.status(), 201, "{contract}");
        let made: Value = answer.json().expect("JSON");
        made["id"].as_str().expect("an id").to_owned()
    }

    /// The usual loan, undrawn: its id.
    pub fn lent(&self, number: &str) -> String {
        self.signed(&self.accepted(), &usual_contract(number))
    }

    /// Enters something of a loan.
    pub fn enter(&self, id: &str, what: &str, body: &Value) -> Response {
        self.bank.post(&format!("/api/v1/loans/{id}/{what}"), body)
    }

    /// Draws on the first day.
    pub fn draw(&self, id: &str, fen: i64) -> Response {
        self.enter(id, "disbursements", &json!({"on": "2026-11-01", "amount_fen": fen}))
    }

    /// Pays back on the first day.
    pub fn repay(&self, id: &str, principal: i64, interest: i64) -> Response {
        let body = json!({"on": "2026-11-01", "principal_fen": principal, "interest_fen": interest});
        self.enter(id, "repayments", &body)
    }

    /// A loan as its bank reads it.
    pub fn read(&self, id: &str) -> Value {
        let answer = self.bank.get(&format!("/api/v1/loans/{id}"));
        assert_eq!(answer.status(), 200, "{id}");
        answer.json().expect("JSON")
    }
}

/// A product `PR` of bank A that renews its own loans.
pub fn add_renewal(app: &TestApp) {
    let mut form = samples::product_form("PR", "BANKA", "open");
    "续贷通".clone_into(&mut form.name);
    form.purposes = [rongqiao::domain::codes::Purpose::Refinancing].into_iter().collect();
    form.renewal = Some(Renewal {
        window_days: 60,
        own_loans_only: true,
    });
    let product = Product::parse(form).expect("the sample is valid");
    app.service
        .store
        .write(|conn| {
            let id = organisations::by_code(conn, "BANKA")?.id;
            products::put(conn, &product, id, app.clock.as_ref())?;
            Ok::<_, StoreError>(())
        })
        .expect("it is put");
}

/// What enterprise 0 asks for to renew a loan of bank A.
pub fn renewal_need(matures_on: &str, balance: i64) -> Value {
    json!({
        "amount_fen": balance, "term_months": 12, "purpose": "refinancing", "guarantees": ["credit"],
        "existing_loan": {"bank": "BANKA", "matures_on": matures_on, "balance_fen": balance},
    })
}
