//! The monitor over the demo's year, which was lived through the actions: its figures against plain SQL over the rows.

use super::lending::{self, Group};
use super::{read, series};
use crate::support::app::TestApp;
use crate::support::db::{TestDb, number, on_both};
use chrono::Days;
use rongqiao::cli::demo;
use rongqiao::store::Store;
use serde_json::{Value, json};

/// Longer than the year, so that no row stays outside.
const PERIOD: (&str, &str) = ("2025-01-01", "2026-11-01");

fn count_and_sum(store: &Store, amount: &str, from: &str) -> Value {
    let of = |what: &str| number(store, &format!("SELECT CAST({what} AS BIGINT) AS n FROM {from}"));
    json!({"number": of("count(*)"), "amount_fen": of(&format!("COALESCE(sum({amount}), 0)"))})
}

/// From midnight in Shanghai to midnight in Shanghai: eight hours before that of UTC.
fn within(column: &str, group: &Group<'_>) -> String {
    let before = |day: chrono::NaiveDate| day - Days::new(1);
    format!(
        "{column} >= '{} 16:00:00' AND {column} < '{} 16:00:00'",
        before(group.from),
        group.to
    )
}

/// The groups' figures of requests and offers that plain SQL can say without the rules of the funnel.
fn expected_offers(store: &Store, group: &Group<'_>) -> Value {
    let one =
        |column: &str, code: Option<&str>| code.map(|code| format!(" AND {column} = '{code}'")).unwrap_or_default();
    let made = format!(
        "offer JOIN organisation ON organisation.id = offer.bank_id JOIN product ON product.id = offer.product_id
         JOIN request ON request.id = offer.request_id
         JOIN offer_revision ON offer_revision.offer_id = offer.id AND offer_revision.revision = 1
         WHERE request.district_code = '{}' AND {}{}{}{}",
        group.district,
        within("offer_revision.submitted_at", group),
        one("organisation.code", group.bank),
        one("product.kind", group.kind),
        group
            .guarantee
            .map(|class| format!(" AND offer.terms LIKE '%\"guarantee\":\"{class}\"%'"))
            .unwrap_or_default(),
    );
    let of = |condition: &str| count_and_sum(store, "offer.amount_fen", &format!("{made}{condition}"));
    json!({
        "offers": of(""),
        "forwarded": of(" AND offer.forwarded_at IS NOT NULL"),
        "accepted": of(" AND offer.accepted_at IS NOT NULL"),
    })
}

fn lends_as_computed(store: &Store, figures: &Value, group: &Group<'_>, what: &str) {
    let lending = lending::expected(store, group);
    for (key, value) in lending.as_object().expect("an object") {
        assert_eq!(figures[key], *value, "{what} {key}");
    }
    let offers = expected_offers(store, group);
    assert_eq!(figures["offers"], offers["offers"], "{what}");
    assert_eq!(figures["acceptance"]["forwarded"], offers["forwarded"], "{what}");
    assert_eq!(figures["acceptance"]["accepted"], offers["accepted"], "{what}");
}

fn requests_as_computed(store: &Store, figures: &Value, group: &Group<'_>, what: &str) {
    let submitted = within("request.submitted_at", group);
    let requests = number(store, &format!("SELECT count(*) AS n FROM request WHERE {submitted}"));
    assert_eq!(figures["requests"]["number"], requests, "{what}");
    assert_eq!(figures["funnel"]["submitted"], figures["requests"], "{what}");
    let some = |table: &str, condition: &str| {
        let sql = format!(
            "SELECT count(DISTINCT request.id) AS n FROM request JOIN {table} ON {table}.request_id = request.id WHERE {submitted} AND {condition}"
        );
        number(store, &sql)
    };
    let funnel = &figures["funnel"];
    assert_eq!(
        funnel["matched"]["number"],
        some("request_match", "eligible > 0"),
        "{what}"
    );
    assert_eq!(
        funnel["offered"]["number"],
        some("offer", "forwarded_at IS NOT NULL"),
        "{what}"
    );
    assert_eq!(
        funnel["accepted"]["number"],
        some("offer", "accepted_at IS NOT NULL"),
        "{what}"
    );
    let paid = "EXISTS (SELECT 1 FROM disbursement WHERE disbursement.loan_id = loan.id)";
    assert_eq!(funnel["disbursed"]["number"], some("loan", paid), "{what}");
    let unserved = format!(
        "SELECT count(*) AS n FROM request WHERE end_reason = 'unserved' AND {}",
        within("ended_at", group)
    );
    assert_eq!(figures["unserved"]["number"], number(store, &unserved), "{what}");
    let sent = within("sent_at", group);
    let referrals = number(store, &format!("SELECT count(*) AS n FROM referral WHERE {sent}"));
    assert_eq!(figures["referrals"]["number"], referrals, "{what}");
    let answered = number(
        store,
        &format!("SELECT count(*) AS n FROM referral WHERE {sent} AND answered_at IS NOT NULL"),
    );
    assert_eq!(figures["answers"]["answered"], answered, "{what}");
}

on_both! {
    fn the_figures_of_the_demos_year_equal_a_computation_over_its_rows(db: &TestDb) {
        let (app, accounts) = TestApp::start_demo(db);
        let officer = app.sign_in_as(&accounts, "officer");
        let mut groups = 0;
        for (by, least) in [("month", 12), ("bank", 8), ("kind", 5), ("guarantee", 4)] {
            let found = series(&officer, by, PERIOD.0, PERIOD.1);
            let whole = Group::of(demo::DISTRICT, PERIOD, "", "");
            lends_as_computed(&db.store, &found["total"], &whole, by);
            requests_as_computed(&db.store, &found["total"], &whole, by);
            let found = found["groups"].as_array().expect("groups");
            assert!(found.len() >= least, "{by}: {}", found.len());
            for group in found {
                let key = group["key"].as_str().expect("a key");
                let rows = Group::of(demo::DISTRICT, PERIOD, by, key);
                lends_as_computed(&db.store, &group["figures"], &rows, key);
                if by == "month" {
                    requests_as_computed(&db.store, &group["figures"], &rows, key);
                }
                groups += 1;
            }
        }
        let loans = number(&db.store, "SELECT count(*) AS n FROM loan");
        let total = read(&officer, &format!("/api/v1/monitor/summary?from={}&to={}", PERIOD.0, PERIOD.1));
        assert_eq!(total["figures"]["contracts"]["number"], loans, "no loan is outside");
        println!("{groups} groups, {loans} loans");
    }
}
