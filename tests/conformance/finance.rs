//! Schedules and annual figures against the reference cases, through `rongqiao cost`'s own function.

use proptest::prelude::*;
use rongqiao::cli::cost;
use rongqiao::domain::codes::{Code, FeeBasis, Repayment};
use rongqiao::domain::money::Fen;
use rongqiao::finance::rate::Rate;
use rongqiao::finance::schedule::{Row, Schedule};
use rongqiao::finance::terms::{DatedPlan, DayCount, Length, Plan, Terms};
use serde_json::{Map, Value, json};

const SCHEDULES: &str = include_str!("../fixtures/data/schedule-cases.json");
const RATES: &str = include_str!("../fixtures/data/irr-cases.json");

fn cases(text: &str) -> Vec<Value> {
    let mut file: Value = serde_json::from_str(text).expect("the fixture is JSON");
    serde_json::from_value(file["cases"].take()).expect("cases are a list")
}

/// Answers lines; the answers stand in their order.
fn answers(lines: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    raw_answers(lines.join("\n").as_bytes())
}

fn raw_answers(input: &[u8]) -> Vec<Value> {
    let mut output = Vec::new();
    let tally = cost::run(input, &mut output).expect("memory reads and writes");
    let output = String::from_utf8(output).expect("answers are UTF-8");
    let answers: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).expect("an answer is JSON"))
        .collect();
    let failed = answers.iter().filter(|answer| answer.get("error").is_some()).count();
    assert_eq!(tally.failed, u64::try_from(failed).expect("few lines"));
    assert_eq!(
        tally.answered + tally.failed,
        u64::try_from(answers.len()).expect("few lines")
    );
    answers
}

fn answer(line: &Value) -> Value {
    answers(std::slice::from_ref(line)).pop().expect("one answer a line")
}

/// A case's terms beside its id.
fn flat(case: &Value) -> Value {
    let mut line: Map<String, Value> = case["terms"].as_object().expect("terms").clone();
    line.insert("id".into(), case["id"].clone());
    line.insert("name".into(), case["name"].clone());
    Value::Object(line)
}

#[track_caller]
fn close(answer: &Value, key: &str, want: &Value, tolerance: f64) {
    let number = |value: &Value| {
        value
            .as_f64()
            .unwrap_or_else(|| panic!("{}: {key} is {value}", answer["id"]))
    };
    let (got, want) = (number(&answer[key]), number(want));
    assert!(
        (got - want).abs() <= tolerance,
        "{}: {key} is {got}, not {want}",
        answer["id"]
    );
}

#[test]
fn every_schedule_case_in_every_cell() {
    let cases: Vec<Value> = cases(SCHEDULES)
        .into_iter()
        .filter(|case| case.get("not_for_the_command").is_none())
        .collect();
    assert_eq!(cases.len(), 19);
    let nested = |case: &Value| json!({"id": case["id"], "name": case["name"], "terms": case["terms"]});
    for lines in [
        cases.iter().map(flat).collect::<Vec<_>>(),
        cases.iter().map(nested).collect(),
    ] {
        for (case, answer) in cases.iter().zip(answers(&lines)) {
            assert_eq!(answer["id"], case["id"]);
            assert_eq!(answer["rows"], case["rows"], "{}", case["id"]);
            assert_eq!(answer["totals"], case["totals"], "{}", case["id"]);
        }
    }
}

/// s20: its rate is no whole basis point, so it goes through the library.
#[test]
fn the_case_at_15_678_percent() {
    let case = cases(SCHEDULES)
        .into_iter()
        .find(|case| case["id"] == "s20")
        .expect("s20 is there");
    let plan = Plan::Dated(DatedPlan {
        start: "2024-01-01".parse().expect("a date"),
        length: Length::Months(6),
        first_due: None,
        due_day: None,
        every_months: 1,
        day_count: Some(DayCount::Act365),
    });
    let (amount, rate) = (
        Fen::new(10_000).expect("money"),
        Rate::new(15_678, 100_000).expect("a rate"),
    );
    let terms = Terms::new(amount, rate, Repayment::EqualInstalment, plan).expect("terms");
    let schedule = Schedule::of(&terms).expect("a schedule");
    let cells = |row: &Row| json!([row.period, row.principal, row.interest, row.payment, row.balance]);
    assert_eq!(schedule.rows.iter().map(cells).collect::<Value>(), case["rows"]);
    assert_eq!(
        serde_json::to_value(schedule.totals).expect("totals are JSON"),
        case["totals"]
    );
}

const FIGURES: [&str; 5] = [
    "monthly_irr",
    "nominal_apr_pct",
    "effective_pct",
    "xirr_pct",
    "effective_unrounded_pct",
];

#[test]
fn every_case_of_flows_to_1e_9() {
    let cases = cases(RATES);
    assert_eq!(cases.len(), 40);
    for case in &cases {
        let mut line = json!({"id": case["id"]});
        for key in ["flows_month_fen", "flows_dated_fen"] {
            if let Some(flows) = case.get(key) {
                line[key] = flows.clone();
            }
        }
        let answer = answer(&line);
        for key in &FIGURES[..4] {
            match case["expected"].get(key) {
                Some(want) => close(&answer, key, want, 1e-9),
                None => assert_eq!(answer.get(key), None, "{}: {key}", case["id"]),
            }
        }
    }
}

#[test]
fn every_case_of_terms_gives_its_flows_and_figures() {
    // The others draw in parts, lease, prepay, are subsidised or pay interest in ways of their own: flows only.
    let special = [
        "draws",
        "moves",
        "rent_fen",
        "monthly_flat_bp",
        "prepaid_at_month",
        "subsidy_fen",
    ];
    let plain = |case: &Value| {
        let terms = case["terms"].as_object().expect("terms");
        let repayment = terms.get("repayment").and_then(Value::as_str).unwrap_or_default();
        Repayment::find(repayment).is_some() && special.iter().all(|key| !terms.contains_key(*key))
    };
    let cases: Vec<Value> = cases(RATES).into_iter().filter(plain).collect();
    assert_eq!(cases.len(), 30);
    for case in &cases {
        let answer = answer(&flat(case));
        for key in FIGURES {
            match case["expected"].get(key) {
                Some(want) => close(&answer, key, want, 1e-9),
                None if key == "effective_unrounded_pct" => {}
                None => assert_eq!(answer.get(key), None, "{}: {key}", case["id"]),
            }
        }
    }
}

/// The vectors of the authorities' sheet: (元, bp, months, method, fee in 元, add-up, IRR × 12, effective).
#[test]
fn the_sheets_vectors_to_a_ten_thousandth_of_a_point() {
    type Vector = (i64, i64, u32, &'static str, i64, f64, f64, f64);
    const VECTORS: [Vector; 6] = [
        (1_000_000, 350, 12, "interest_only", 0, 3.5, 3.5, 3.5567),
        (1_000_000, 350, 12, "interest_only", 10_000, 4.5055, 4.5247, 4.6197),
        (1_000_000, 350, 12, "equal_instalment", 10_000, 5.3496, 5.3750, 5.5094),
        (1_000_000, 385, 36, "equal_principal", 20_000, 5.1654, 5.2197, 5.3464),
        (3_000_000, 420, 120, "equal_instalment", 30_000, 4.3867, 4.4153, 4.5058),
        (5_000_000, 300, 36, "interest_only", 50_000, 3.3351, 3.3508, 3.4028),
    ];
    for (yuan, rate_bp, term_months, repayment, fee, add_up, nominal, effective) in VECTORS {
        let fees = json!([{"name": "担保费", "basis": "upfront_fixed", "value": fee * 100}]);
        let answer = answer(&json!({
            "id": format!("{repayment} {yuan} {fee}"), "amount_fen": yuan * 100, "rate_bp": rate_bp,
            "term_months": term_months, "repayment": repayment, "fees": fees,
        }));
        close(&answer, "add_up_total_pct", &add_up.into(), 5.1e-5);
        close(&answer, "nominal_apr_pct", &nominal.into(), 5.1e-5);
        close(&answer, "effective_pct", &effective.into(), 5.1e-5);
    }
}

const GOOD: &str = r#"{"id":"a","amount_fen":10000,"rate_bp":300,"term_months":1,"repayment":"bullet"}"#;

/// What in [`GOOD`] to replace, by what, and what the error then says.
#[rustfmt::skip]
const SPOILED: &[(&str, &str, &str)] = &[
    ("10000", "0", "amount_fen"),
    ("10000", "-5", "amount_fen"),
    ("10000", "1000000000000001", "amount_fen"),
    ("10000", "99999999999999999999", "amount_fen"),
    ("10000", "1e4", "amount_fen"),
    ("10000", "NaN", "amount_fen"),
    ("10000", "null", "amount_fen: missing"),
    ("10000", r#""10000""#, "amount_fen"),
    ("300", "-1", "rate_bp"),
    ("300", "10001", "rate_bp"),
    (r#""rate_bp":300"#, r#""rate_pct":3"#, "rate_pct"),
    (r#""rate_bp":300,"#, "", "rate_bp: missing"),
    (r#""term_months":1"#, r#""term_months":0"#, "term_months"),
    (r#""term_months":1"#, r#""term_months":361"#, "term_months"),
    (r#""term_months":1"#, r#""term_months":-1"#, "term_months"),
    ("bullet", "balloon", "repayment"),
    ("}", r#","principal_grace_months":1}"#, "principal_grace_months"),
    ("}", r#","due_every_months":0}"#, "due_every_months"),
    ("}", r#","instalment_multiple_fen":100}"#, "instalment_multiple_fen"),
    ("}", r#","day_count":"act/360"}"#, "start: missing"),
    ("}", r#","day_count":"30/360"}"#, "day_count"),
    ("}", r#","start":"2026-02-30"}"#, "start"),
    ("}", r#","start":"2026-02-01","end":"2027-02-01"}"#, "end"),
    ("}", r#","start":"2026-02-01","first_period_days":30}"#, "first_period_days"),
    ("}", r#","start":"2026-02-01","interest_dates":"weekly"}"#, "interest_dates"),
    ("}", r#","amount_fen":1}"#, "amount_fen: 重复"),
    ("}", r#","terms":{"amount_fen":1}}"#, "terms"),
    ("}", r#","flows_month_fen":[[0,1]]}"#, "flows"),
    ("}", r#","fees":[{"name":"x","basis":"upfront_rate","value":-1}]}"#, "fees[0].value"),
    ("}", r#","fees":[{"name":"x","basis":"upfront_rate","value":10000}]}"#, "fees"),
    ("}", r#","fees":[{"name":"x","basis":"daily","value":1}]}"#, "fees[0].basis"),
    ("}", r#","fees":[{"name":"x","basis":"upfront_rate","value":1,"vat":6}]}"#, "vat"),
    ("}", "} {}", "trailing"),
];

#[test]
fn a_bad_line_is_named_and_the_rest_is_answered() {
    for (from, to, part) in SPOILED {
        refused(&GOOD.replace(from, to), part);
    }
    refused(r#"{"id":"a"}"#, "amount_fen: missing");
    refused(r#"{"id":"a","terms":{"rate_bp":1}}"#, "amount_fen: missing");
    refused(r#"{"id":"a","flows_month_fen":[[0,1],[1,1]]}"#, "flows_month_fen");
    refused(r#"{"id":"a","flows_month_fen":[[-1,1]]}"#, "flows_month_fen[0]");
    refused(r#"{"id":"a","flows_dated_fen":[["2026-01-01",1]]}"#, "flows_dated_fen");
    refused("", "EOF");
    refused(&"[".repeat(100_000), "对象");
    refused(&"a".repeat((1 << 20) + 1), "line over 1 MB");
    let not_text = json!({"id": null, "error": "不是 UTF-8 (invalid UTF-8 at byte 1)"});
    assert_eq!(raw_answers(b"\xff\xfe\n"), [not_text]);
    let id_told = &raw_answers(GOOD.replace("300", "-1").as_bytes())[0]["id"];
    assert_eq!(id_told, "a");
}

/// The line gives an error with this part in it, and its neighbours their answers.
#[track_caller]
fn refused(line: &str, part: &str) {
    let answers = raw_answers(format!("{GOOD}\n{line}\n{GOOD}\n").as_bytes());
    assert_eq!(answers.len(), 3, "{line:.200}");
    assert_eq!(answers[0], answers[2]);
    assert!(answers[0].get("error").is_none(), "{}", answers[0]);
    let error = answers[1]["error"].as_str().unwrap_or_default();
    assert!(error.contains(part), "{line:.200} gave {}", answers[1]);
}

/// A loan and its fees, anywhere within the bounds.
fn loan() -> impl Strategy<Value = Value> {
    let amount = prop_oneof![1..1_000_i64, 1..=1_000_000_000_i64, 1..=Fen::LIMIT];
    let basis = prop::sample::select(FeeBasis::ALL);
    let value = prop_oneof![0..500_i64, 0..=1_000_000_i64];
    let fee = (basis, value).prop_map(|(basis, value)| json!({"name": "费", "basis": basis, "value": value}));
    let shape = (
        1..=360_u32,
        prop::sample::select(Repayment::ALL),
        0..12_u32,
        prop::option::of(1_950..2_260_u32),
    );
    (amount, 0..=3_600_i64, shape, prop::collection::vec(fee, 0..4)).prop_map(
        |(amount_fen, rate_bp, (term_months, repayment, grace, year), fees)| {
            let mut line = json!({
                "id": 1, "amount_fen": amount_fen, "rate_bp": rate_bp, "term_months": term_months,
                "repayment": repayment, "principal_grace_months": grace.min(term_months - 1), "fees": fees,
            });
            if let Some(year) = year {
                line["start"] = format!("{year}-{:02}-{:02}", year % 12 + 1, year % 28 + 1).into();
            }
            line
        },
    )
}

fn check_rows(line: &Value, answer: &Value) {
    let rows = answer["rows"].as_array().expect("rows");
    let cells = |row: &Value| {
        let cells = row.as_array().expect("a row is a list");
        let numbers: Vec<i64> = cells.iter().filter_map(Value::as_i64).collect();
        let [_, principal, interest, payment, balance] = numbers[..] else {
            panic!("{row}")
        };
        assert!(
            principal >= 0 && interest >= 0 && balance >= 0 && payment == principal + interest,
            "{line}: {row}"
        );
        (principal, balance)
    };
    let cells: Vec<(i64, i64)> = rows.iter().map(cells).collect();
    assert_eq!(
        cells.iter().map(|(principal, _)| principal).sum::<i64>(),
        line["amount_fen"].as_i64().expect("fen")
    );
    assert_eq!(cells.last().map(|(_, balance)| *balance), Some(0));
    assert_eq!(answer["totals"]["principal"], line["amount_fen"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_loan_has_rows_that_add_up_or_fees_that_leave_no_rate(line in loan()) {
        let answer = answer(&line);
        if let Some(error) = answer.get("error") {
            prop_assert!(error.as_str().is_some_and(|text| text.starts_with("fees")), "{line} gave {error}");
        } else {
            check_rows(&line, &answer);
            for key in ["monthly_irr", "nominal_apr_pct", "effective_pct", "add_up_total_pct"] {
                prop_assert!(answer[key].is_f64(), "{line}: {key} is {}", answer[key]);
            }
            prop_assert_eq!(answer.get("xirr_pct").is_some(), line.get("start").is_some());
        }
    }

    #[test]
    fn any_dated_loan_has_rows_that_add_up_or_a_named_error(
        mut line in loan(),
        due_day in prop::option::of(1..=31_u32),
        every in prop::sample::select(&[1_u32, 3, 12]),
        day_count in prop::option::of(prop::sample::select(&[DayCount::Act360, DayCount::Act365])),
        days in 1..10_000_i64,
        year in 1_950..2_260_u32,
    ) {
        let start = format!("{year}-01-31").parse::<rongqiao::domain::dates::Day>().expect("a date");
        line["start"] = json!(start);
        line["end"] = json!(start.plus_days(days));
        line["due_every_months"] = json!(every);
        let object = line.as_object_mut().expect("an object");
        object.remove("term_months");
        object.remove("principal_grace_months");
        if let Some(day) = due_day {
            object.insert("due_day".into(), json!(day));
        }
        if let Some(day_count) = day_count {
            object.insert("day_count".into(), json!(day_count));
        }
        let answer = answer(&line);
        if let Some(error) = answer.get("error") {
            let error = error.as_str().unwrap_or_default();
            prop_assert!(error.starts_with("fees") || error.contains("does not cover"), "{line} gave {error}");
        } else {
            check_rows(&line, &answer);
            prop_assert!(answer["xirr_pct"].is_f64() && answer["add_up_total_pct"].is_f64());
        }
    }

    #[test]
    fn any_flows_have_a_finite_rate_or_a_named_error(
        flows in prop::collection::vec((0..400_u32, -Fen::LIMIT..=Fen::LIMIT), 0..40),
    ) {
        let answer = answer(&json!({"id": 1, "flows_month_fen": flows}));
        prop_assert!(answer.get("error").is_some() || answer["effective_pct"].is_f64(), "{answer}");
    }
}
