//! Rows that tests start from.

use chrono::{DateTime, Utc};
use rongqiao::actions::password::Policy;
use rongqiao::actions::sealing::Sealer;
use rongqiao::clock::{Clock, FixedClock};
use rongqiao::config::Config;
use rongqiao::domain::actor::{OrganisationKind, Role, Scope};
use rongqiao::domain::codes::{Code, Owner};
use rongqiao::domain::consent::Terms;
use rongqiao::domain::dates::Day;
use rongqiao::domain::enterprise::Enterprise;
use rongqiao::domain::organisation::{Organisation, OrganisationForm};
use rongqiao::domain::product::{Product, ProductForm};
use rongqiao::domain::request::Need;
use rongqiao::domain::uscc::Uscc;
use rongqiao::store::{AnyConnection, accounts, authorisations, enterprises, organisations};
use serde_json::json;
use uuid::Uuid;

/// The district of the tests, and another one.
pub const DISTRICT: &str = "410106";
pub const ELSEWHERE: &str = "410105";

/// Two enterprises' credit codes.
pub const USCCS: [&str; 2] = ["91410100094865098C", "914101067192617979"];

pub fn clock() -> FixedClock {
    FixedClock::at("2026-11-01T02:00:00Z".parse::<DateTime<Utc>>().expect("an instant"))
}

pub fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

pub fn uscc(place: usize) -> Uscc {
    USCCS[place].parse().expect("a credit code")
}

pub fn organisation(code: &str, kind: OrganisationKind, district: &str) -> Organisation {
    Organisation::parse(OrganisationForm {
        code: code.to_owned(),
        kind,
        name: format!("示例{code}"),
        district_code: district.to_owned(),
        uscc: None,
        contact: None,
    })
    .expect("the sample is valid")
}

/// Adds an organisation and gives its id.
pub fn add_organisation(conn: &mut AnyConnection, code: &str, kind: OrganisationKind, clock: &dyn Clock) -> Uuid {
    let (id, _) = organisations::put(conn, &organisation(code, kind, DISTRICT), clock).expect("it is added");
    id
}

/// Adds a user `code@example.com` of an organisation.
pub fn add_account(conn: &mut AnyConnection, organisation_id: Uuid, code: &str, role: Role, clock: &dyn Clock) -> Uuid {
    let email = format!("{code}@example.com").parse().expect("an address");
    let new = accounts::NewAccount {
        organisation_id,
        email: &email,
        name: "王芳",
        role,
        password_hash: "$argon2id$sample",
    };
    accounts::insert(conn, &new, clock).expect("it is added")
}

/// Adds an enterprise that an organisation of its own speaks for: the enterprise's id and its scope.
pub fn add_enterprise(conn: &mut AnyConnection, place: usize, clock: &dyn Clock) -> (Uuid, Scope) {
    let owner = Organisation {
        kind: OrganisationKind::Enterprise,
        uscc: Some(uscc(place)),
        ..organisation(&format!("E{place}"), OrganisationKind::Department, DISTRICT)
    };
    let (organisation_id, _) = organisations::put(conn, &owner, clock).expect("it is added");
    let new = Enterprise {
        uscc: uscc(place),
        name: format!("示例企业{place}有限公司"),
        established_on: Some(day("2015-02-22")),
        facts: rongqiao::domain::maps::UniqueMap::default(),
    };
    let (id, _) = enterprises::put(conn, &new, DISTRICT, clock).expect("it is added");
    (id, Scope::Organisation(organisation_id))
}

/// Lets the platform use every owner's facts of an enterprise.
pub fn authorise(conn: &mut AnyConnection, enterprise_id: Uuid, by: Uuid, clock: &dyn Clock) {
    let terms = Terms {
        text_version: 1,
        until: day("2027-10-31"),
    };
    authorisations::insert(conn, enterprise_id, Owner::ALL, terms, by, clock).expect("it is authorised");
}

pub fn product_form(code: &str, bank: &str, status: &str) -> ProductForm {
    serde_json::from_value(json!({
        "code": code, "bank": bank, "name": format!("示例产品{code}"), "kind": "specialised", "status": status,
        "amount_fen": {"min": 1_000_000, "max": 300_000_000}, "term_months": {"min": 1, "max": 36},
        "purposes": ["working_capital"], "guarantees": ["credit"], "repayment": ["interest_only"],
        "rate": {"base": "lpr_1y", "spread_bp": 50}, "fees": [],
        "criteria": [{"fact": "tier", "op": "at_least", "value": "innovative"}],
    }))
    .expect("the sample has the shape of its form")
}

/// A draft of bank A that holds every rule.
pub fn draft_product(code: &str) -> serde_json::Value {
    serde_json::to_value(product_form(code, "BANKA", "draft")).expect("JSON")
}

pub fn product(code: &str, bank: &str, status: &str) -> Product {
    Product::parse(product_form(code, bank, status)).expect("the sample is valid")
}

pub fn need(amount_fen: i64) -> Need {
    serde_json::from_value(json!({
        "amount_fen": amount_fen, "term_months": 12, "purpose": "working_capital", "guarantees": ["credit"],
    }))
    .expect("the sample has the shape of its form")
}

/// An enterprise of which nothing is known but its name.
pub fn enterprise(place: usize) -> Enterprise {
    Enterprise {
        uscc: uscc(place),
        name: format!("示例企业{place}有限公司"),
        established_on: None,
        facts: rongqiao::domain::maps::UniqueMap::default(),
    }
}

/// What the defaults ask of passwords.
pub fn policy() -> Policy {
    Policy::of(&Config::load(None).expect("the defaults are good").auth)
}

/// The defaults, but that everyone signs in with one step, and many at once.
pub fn config() -> Config {
    let mut config = Config::load(None).expect("the defaults are good");
    config.auth.second_factor_banks = false;
    config.auth.second_factor_officers = false;
    config.auth.second_factor_administrators = false;
    config.auth.free_tries = 1_000;
    config.auth.free_tries_together = 1_000;
    // Tests make many requests; the shipped value has a test of its own.
    config.desk.open_per_purpose = 100;
    config.limits.address_per_minute = 0;
    config.limits.account_per_minute = 0;
    config.limits.entry_per_minute = 0;
    config
}

/// Seals second factors.
pub fn sealer() -> Sealer {
    Sealer::new(b"a key of thirty-two bytes for tests").expect("a key")
}
