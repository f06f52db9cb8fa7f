//! The engine gives what the plain evaluator gives, over random scenarios, tame and hostile.

use super::evaluator::{Market, evaluate};
use super::generator::{Random, as_of};
use super::hostile::{Scenario, VARIATIONS};
use crate::support::command::repository;
use proptest::prelude::*;
use rongqiao::domain::codes::Code;
use rongqiao::domain::criteria::State;
use rongqiao::domain::dates::Day;
use rongqiao::domain::enterprise::Enterprise;
use rongqiao::domain::lpr::{Lpr, LprTable};
use rongqiao::domain::product::Product;
use rongqiao::domain::request::Request;
use rongqiao::domain::verdict::{CheckOutcome, Explanation, Verdict};
use rongqiao::matching::{Applicant, Catalogue, Scratch};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Announcements, of which the last one is still to come.
const LPR: [(&str, i64, i64); 3] = [
    ("2024-07-22", 335, 385),
    ("2025-05-20", 300, 350),
    ("2026-11-02", 100, 150),
];

pub fn market() -> Market {
    let lpr = LPR.map(|(day, one, five)| (day.parse().expect("a date"), one, five));
    Market {
        lpr: lpr.to_vec(),
        as_of: as_of(),
    }
}

pub fn form<T: DeserializeOwned>(form: &Value) -> T {
    serde_json::from_value(form.clone()).unwrap_or_else(|error| panic!("{error}: {form}"))
}

pub fn compile(products: &[Value]) -> Catalogue {
    let products = products
        .iter()
        .map(|product| Product::parse(form(product)).unwrap_or_else(|problems| panic!("{problems}: {product}")));
    let lpr = LPR.map(|(day, one_year_bp, five_year_bp)| Lpr {
        announced_on: day.parse().expect("a date"),
        one_year_bp,
        five_year_bp,
    });
    let lpr = LprTable::new(lpr.to_vec()).expect("ascending");
    let as_of = Day::new(as_of()).expect("a date");
    Catalogue::compile(products.collect(), &lpr, as_of).expect("an LPR")
}

/// Where two values differ: costs agree to 1e-7, all else is the same.
pub fn difference(got: &Value, want: &Value, path: &str) -> Option<String> {
    let differ = || Some(format!("{path}: got {got}, wanted {want}"));
    match (got, want) {
        (Value::Object(one), Value::Object(two)) if one.len() == two.len() => one
            .iter()
            .find_map(|(key, got)| difference(got, two.get(key)?, &format!("{path}.{key}")))
            .or_else(|| one.keys().find(|key| !two.contains_key(*key)).and_then(|_| differ())),
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => one
            .iter()
            .zip(two)
            .enumerate()
            .find_map(|(place, (got, want))| difference(got, want, &format!("{path}[{place}]"))),
        (Value::Number(one), Value::Number(two)) if one.is_f64() && two.is_f64() => {
            let off = one.as_f64().zip(two.as_f64()).map(|(one, two)| (one - two).abs());
            off.is_none_or(|off| off > 1e-7).then(differ).flatten()
        }
        _ => (got != want).then(differ).flatten(),
    }
}

/// The list and row of a product in a line of output.
fn place<'l>(line: &'l Value, code: &str) -> (Verdict, Option<&'l Value>) {
    [Verdict::Eligible, Verdict::Incomplete, Verdict::Near]
        .into_iter()
        .find_map(|verdict| {
            let rows = line[verdict.code()].as_array().expect("a list");
            let row = rows.iter().find(|row| row["product"] == code)?;
            Some((verdict, Some(row)))
        })
        .unwrap_or((Verdict::Ineligible, None))
}

/// The keys of what an explanation says is unknown, caps first, each once.
fn unknown_keys(explanation: &Explanation) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for check in explanation.checks.iter().filter(|check| check.state == State::Unknown) {
        let itself = std::slice::from_ref(check);
        let parts = if check.members.is_empty() {
            itself
        } else {
            &check.members
        };
        for part in parts.iter().filter(|part| part.state == State::Unknown) {
            let key = part.of.map_or_else(|| part.check.clone(), str::to_owned);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// The explanation says of a product what its row says.
fn agrees(explanation: &Explanation, line: &Value) -> Result<(), TestCaseError> {
    let (verdict, row) = place(line, &explanation.product);
    prop_assert_eq!(explanation.verdict, verdict, "{:?}", explanation);
    let unmet: Vec<&CheckOutcome> = explanation
        .checks
        .iter()
        .filter(|check| check.state == State::Unmet)
        .collect();
    let Some(row) = row else {
        prop_assert!(unmet.len() > 1);
        return Ok(());
    };
    let said = json!({
        "rate_bp": explanation.rate_bp, "repayment": explanation.repayment,
        "annual_cost_pct": explanation.annual_cost_pct,
    });
    for key in ["rate_bp", "repayment", "annual_cost_pct"] {
        prop_assert_eq!(difference(&said[key], &row[key], key), None);
    }
    let unknown = row.get("unknown").cloned().unwrap_or_else(|| json!([]));
    prop_assert_eq!(json!(unknown_keys(explanation)), unknown);
    if let [check] = unmet[..] {
        prop_assert_eq!(&json!(check.check), &row["unmet"]);
        prop_assert_eq!(json!(check.met_on), row.get("met_on").cloned().unwrap_or_default());
        // A page shows more than the row, which has nothing to say of a kind or a purpose.
        for (said, told) in [(&check.needed, &row["needed"]), (&check.actual, &row["actual"])] {
            let differ = difference(&json!(said), told, &check.check);
            prop_assert!(told.is_null() || differ.is_none(), "{:?}", differ);
        }
    }
    prop_assert_eq!(row.get("unmet").is_some(), unmet.len() == 1);
    Ok(())
}

fn holds(scenario: &Scenario) -> Result<(), TestCaseError> {
    let catalogue = compile(&scenario.products);
    let mut scratch = Scratch::default();
    for (request, enterprise) in &scenario.requests {
        let want = evaluate(&scenario.products, enterprise, request, &market());
        let enterprise = Enterprise::parse(form(enterprise)).expect("an enterprise");
        let applicant = Applicant::new(&enterprise, catalogue.as_of());
        let request = Request::parse(form(request)).expect("a request");
        let mut line = Vec::new();
        let list = catalogue.match_one(&applicant, &request.need, &mut scratch);
        list.write_json(&request.id, &mut line);
        let got: Value = serde_json::from_slice(&line).expect("JSON");
        prop_assert_eq!(difference(&got, &want, ""), None);
        for product in catalogue.products() {
            let explanation = catalogue.explain(&product.code, &applicant, &request.need);
            agrees(&explanation.expect("the product is there"), &got)?;
        }
    }
    Ok(())
}

/// The judge is judged: the evaluator by itself gives the contract's cases.
#[test]
fn the_evaluator_gives_the_cases_of_the_contract() {
    for folder in ["1", "2", "3"] {
        let rows = |file: &str| -> Vec<Value> {
            let path = repository("tests/fixtures/matching/cases").join(folder).join(file);
            let text = std::fs::read_to_string(path).expect("the file is there");
            text.lines().map(|line| line.parse().expect("JSON")).collect()
        };
        let (products, enterprises) = (rows("products.jsonl"), rows("enterprises.jsonl"));
        for (request, want) in rows("requests.jsonl").iter().zip(rows("expected.jsonl")) {
            let enterprise = enterprises.iter().find(|one| one["uscc"] == request["uscc"]);
            let got = evaluate(&products, enterprise.expect("it is there"), request, &market());
            assert_eq!(difference(&got, &want, ""), None, "case {folder}");
        }
    }
}

/// Bends a generated scenario by these variations, one after the other.
pub fn scenario(seed: u64, products: usize, requests: usize, variations: &[usize]) -> Scenario {
    let mut random = Random(seed);
    let mut scenario = Scenario::new(&mut random, products, requests);
    for variation in variations {
        VARIATIONS[*variation].1(&mut scenario, &mut random);
    }
    scenario
}

/// How many products: around the words of 64 bits that a filter would work in, and few.
pub fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![
        4 => 0..=12_usize,
        1 => prop::sample::select(&[63_usize, 64, 65, 130]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_equals_the_evaluator_over_the_generators_catalogues(seed: u64, products in sizes()) {
        holds(&scenario(seed, products, 4, &[]))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_equals_the_evaluator_over_hostile_mixtures(
        seed: u64,
        products in sizes(),
        variations in prop::collection::vec(0..VARIATIONS.len(), 1..=3),
    ) {
        holds(&scenario(seed, products, 2, &variations))?;
    }
}

/// Each variation by itself, so that none waits for chance, at each size that matters.
#[test]
fn the_engine_equals_the_evaluator_over_every_variation() {
    for (place, (name, _)) in VARIATIONS.iter().enumerate() {
        for (seed, products) in [(1, 0), (2, 1), (3, 63), (4, 64), (5, 65), (6, 130)] {
            let result = holds(&scenario(seed, products, 2, &[place]));
            assert!(result.is_ok(), "{name}, {products} products: {result:?}");
        }
    }
}
