//! The matching contract's cases, through the commands themselves: every byte but the digits of costs.

use crate::support::command::program;
use rongqiao::domain::product::{Product, ProductForm};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

const CASES: [&str; 3] = ["1", "2", "3"];

/// A file of one of the cases.
fn case(folder: &str, file: &str) -> PathBuf {
    cases().join(folder).join(file)
}

fn cases() -> PathBuf {
    crate::support::command::repository("tests/fixtures/matching/cases")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file is there")
}

/// Runs a command over a case, the products left to `extra`.
fn over_case(command: &str, folder: &str, extra: &[&str]) -> Output {
    let mut program = program();
    program.arg(command).args(extra).arg("--as-of").arg("2026-11-01");
    program.arg("--enterprises").arg(case(folder, "enterprises.jsonl"));
    program.arg("--requests").arg(case(folder, "requests.jsonl"));
    program.arg("--lpr").arg(cases().join("lpr.csv"));
    program.output().expect("the program starts")
}

fn matched(folder: &str, threads: &str) -> String {
    let products = case(folder, "products.jsonl");
    let products = products.to_str().expect("a plain path");
    let output = over_case("match", folder, &["--products", products, "--threads", threads]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A piece of JSON text.
#[derive(Debug, PartialEq)]
enum Token<'t> {
    /// A string, a bracket, a comma, a number, …: must be the same to the byte.
    Exact(&'t str),
    /// A cost in percent: must agree to 1e-7.
    Cost(f64),
}

/// The pieces of a line of output, keys in their order. Blanks between pieces say nothing.
fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    let mut key = "";
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => rest[1..].find('"').expect("the string ends") + 2,
            '[' | ']' | '{' | '}' | ':' | ',' => 1,
            _ => rest
                .find(|c: char| matches!(c, ']' | '}' | ',') || c.is_whitespace())
                .unwrap_or(rest.len()),
        };
        let (token, behind) = rest.split_at(end);
        rest = behind.trim_start();
        if rest.starts_with(':') {
            key = token;
        }
        // The cost that misses a bound stands in `actual`, the only fraction there.
        let is_cost = key == r#""annual_cost_pct""# || (key == r#""actual""# && token.contains('.'));
        tokens.push(match token.parse() {
            Ok(cost) if is_cost => Token::Cost(cost),
            _ => Token::Exact(token),
        });
    }
    tokens
}

fn assert_same_line(got: &str, want: &str) {
    let same = |(got, want): (&Token<'_>, &Token<'_>)| match (got, want) {
        (Token::Cost(got), Token::Cost(want)) => (got - want).abs() <= 1e-7,
        _ => got == want,
    };
    let (got_tokens, want_tokens) = (tokens(got), tokens(want));
    let at = got_tokens.iter().zip(&want_tokens).position(|pair| !same(pair));
    if let Some(at) = at.or_else(|| (got_tokens.len() != want_tokens.len()).then_some(0)) {
        let (got, want) = (&got_tokens[at..], &want_tokens[at..]);
        panic!(
            "token {at}: got {:?}, wanted {:?}",
            &got[..got.len().min(30)],
            &want[..want.len().min(30)]
        );
    }
}

#[test]
fn tokens_see_keys_in_order_and_only_costs_loosely() {
    assert_same_line(
        r#"{"a":1,"annual_cost_pct":3.5}"#,
        r#"{"a": 1, "annual_cost_pct": 3.50000000001}"#,
    );
    assert_eq!(tokens(r#"{"actual":5.5}"#)[3], Token::Cost(5.5));
    assert_eq!(tokens(r#"{"actual":5}"#)[3], Token::Exact("5"));
    assert_eq!(tokens(r#"{"needed":5.5}"#)[3], Token::Exact("5.5"));
    assert_ne!(tokens(r#"{"a":1,"b":2}"#), tokens(r#"{"b":2,"a":1}"#));
}

#[test]
fn the_cases_give_exactly_what_the_contract_says() {
    let mut rows = 0;
    for folder in CASES {
        let (got, want) = (matched(folder, "1"), read(&case(folder, "expected.jsonl")));
        assert_eq!(got.lines().count(), want.lines().count());
        for (got, want) in got.lines().zip(want.lines()) {
            assert_same_line(got, want);
            rows += 1;
        }
    }
    assert_eq!(rows, 180);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let alone = matched("2", "1");
    assert_eq!(matched("2", "3"), alone);
    assert_eq!(matched("2", "100"), alone);
}

#[test]
fn a_result_file_holds_the_same_bytes_as_standard_output() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("result.jsonl");
    let products = case("3", "products.jsonl");
    let arguments = [
        "--products",
        products.to_str().expect("a path"),
        "--out",
        out.to_str().expect("a path"),
    ];
    let output = over_case("match", "3", &arguments);
    assert!(output.status.success() && output.stdout.is_empty());
    assert_eq!(read(&out), matched("3", "2"));
    assert_eq!(
        folder.path().read_dir().expect("a folder").count(),
        1,
        "nothing else is left behind"
    );
}

/// What simulating one product must give, from the lines of matching forward.
fn counted(product: &Product, lines: &[Value], requests: usize) -> Value {
    // The lines in which the product stands in this list, and its row there.
    let rows = |list: &str| -> Vec<(&Value, &Value)> {
        let mine = |row: &&Value| row["product"] == product.code.as_str();
        lines
            .iter()
            .filter_map(|line| Some((&line["request"], line[list].as_array()?.iter().find(mine)?)))
            .collect()
    };
    let (eligible, incomplete, near) = (rows("eligible"), rows("incomplete"), rows("near"));
    let mut alone: BTreeMap<(String, Option<String>), u64> = BTreeMap::new();
    for (_, row) in &near {
        let unmet = row["unmet"].as_str().expect("a check");
        // Two criteria may ask of one fact; what one of them needs tells them apart.
        let criterion = product
            .criteria
            .iter()
            .find(|form| form.fact.as_deref() == Some(unmet) && json!(form.value) == row["needed"]);
        let op = criterion.and_then(|form| form.op.as_deref().map(str::to_owned));
        *alone.entry((unmet.to_owned(), op)).or_default() += 1;
    }
    let mut keeps_out: Vec<_> = alone.into_iter().collect();
    keeps_out.sort_by_key(|(_, requests)| std::cmp::Reverse(*requests));
    let keeps_out: Vec<Value> = keeps_out
        .into_iter()
        .map(|((check, op), requests)| match op {
            Some(op) => json!({"check": check, "op": op, "requests": requests}),
            None => json!({"check": check, "requests": requests}),
        })
        .collect();
    json!({
        "eligible": eligible.len(), "incomplete": incomplete.len(), "near": near.len(),
        "ineligible": requests - eligible.len() - incomplete.len() - near.len(),
        "eligible_ids": eligible.iter().map(|(request, _)| *request).collect::<Vec<_>>(),
        "keeps_out": keeps_out,
    })
}

#[test]
fn simulating_a_product_says_what_matching_forward_says() {
    let folder = TempDir::new().expect("a folder");
    let draft = folder.path().join("draft.json");
    let forward: Vec<Value> = matched("1", "2")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    let (mut eligible, mut kept_out) = (0, 0);
    for line in read(&case("1", "products.jsonl")).lines().step_by(10) {
        std::fs::write(&draft, line).expect("it is written");
        let form: ProductForm = serde_json::from_str(line).expect("a product");
        let product = Product::parse(form).expect("a product");
        let output = over_case("simulate", "1", &["--product", draft.to_str().expect("a path")]);
        assert!(output.status.success());
        let got: Value = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
        assert_eq!(got, counted(&product, &forward, 60), "{}", product.code);
        eligible += got["eligible"].as_u64().expect("a count");
        kept_out += got["keeps_out"].as_array().expect("a list").len();
    }
    assert!(eligible > 0 && kept_out > 0, "the products tried tell something");
}
