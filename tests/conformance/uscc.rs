//! The reference codes, through `rongqiao uscc` and the forgiving reader of input fields.

use crate::support::command::{program, repository};
use rongqiao::domain::uscc::Uscc;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The rows as (id, code, verdict, reason, verdict of a forgiving field).
fn cases() -> Vec<[String; 5]> {
    let path = repository("tests/fixtures/data/uscc-cases.csv");
    let mut reader = csv::Reader::from_path(path).expect("the fixture opens");
    let heads = reader.headers().expect("a heading").clone();
    let places = ["id", "code", "verdict", "reason", "verdict_after_nfkc_trim_upper"]
        .map(|name| heads.iter().position(|head| head == name).expect("the column is there"));
    let rows: Vec<_> = reader
        .records()
        .map(|row| row.expect("a row"))
        .map(|row| places.map(|place| row[place].to_owned()))
        .collect();
    assert_eq!(rows.len(), 40);
    rows
}

#[test]
fn every_case_is_judged_with_its_reason() {
    let cases = cases();
    let codes: Vec<&str> = cases.iter().map(|[_, code, ..]| code.as_str()).collect();
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("codes.txt");
    for line_end in ["\n", "\r\n"] {
        std::fs::write(&file, codes.join(line_end)).expect("it is written");
        let output = program().arg("uscc").arg(&file).output().expect("the program starts");
        assert!(output.status.success() && output.stderr.is_empty());
        let answers = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(answers.lines().count(), cases.len());
        for ([id, code, verdict, reason, _], answer) in cases.iter().zip(answers.lines()) {
            let answer: Value = serde_json::from_str(answer).expect("JSON");
            let want = json!({"code": code, "valid": verdict == "valid", "reason": reason});
            assert_eq!(answer, want, "{id}");
        }
    }
}

#[test]
fn an_input_field_forgives_width_case_and_blanks_and_nothing_else() {
    for [id, code, _, _, forgiving] in cases() {
        for typed in [code.clone(), format!(" {code}\u{3000}")] {
            let read = Uscc::from_typed(&typed);
            assert_eq!(read.is_ok(), forgiving == "valid", "{id}: {read:?}");
        }
    }
}
