//! One fault does not hide another, and none is told that only follows from another.

use super::files::{ENTERPRISE, Files, Outcome, PRODUCT, REQUEST};
use super::{gzip, program};
use std::fmt::Write;

/// Another enterprise than the good one.
const OTHER: &str = "914101067192617979";

#[test]
fn a_row_with_many_problems_is_one_of_the_thousand() {
    let files = Files::new();
    let mut rows = String::new();
    let bad = REQUEST
        .replace("\"amount_fen\":1000", "\"amount_fen\":0")
        .replace("\"term_months\":12", "\"term_months\":0")
        .replace("\"credit\"", "");
    for number in 0..1_500 {
        writeln!(rows, "{}", bad.replace("\"R1\"", &format!("\"R{number}\""))).expect("it writes");
    }
    files.put("requests.jsonl", rows);
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    assert!(outcome.line_of("requests.jsonl", 1_000).is_some());
    assert!(outcome.line_of("requests.jsonl", 1_001).is_none());
    assert!(outcome.said.lines().count() > 2_001, "every problem of a row is told");
    assert!(outcome.said.ends_with("共 1500 行有错（1500 rows in error）\n"));
}

#[test]
fn threat_15_a_row_with_problems_without_end_is_told_within_bounds() {
    let files = Files::new();
    let criteria = vec![r#"{"fact":"x","op":"is","value":1}"#; 20_000].join(",");
    let row = PRODUCT.replace(r#"{"fact":"employees","op":"at_least","value":5}"#, &criteria);
    files.put("products.jsonl", row);
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    assert!(outcome.said.lines().count() <= 102, "{}", outcome.said.lines().count());
}

#[test]
fn a_request_of_a_refused_enterprise_is_not_told_as_well() {
    let shape = ENTERPRISE.replace("\"value\":10", "\"value\":-1");
    for (enterprises, told) in [
        (shape.clone(), "[out_of_range]"),
        (ENTERPRISE.replace("\"value\":10", "\"value\":NaN"), "[malformed]"),
        (ENTERPRISE.replace(":true}}}", ""), "[malformed]"),
        // Nobody can say whose this row is.
        ("x".repeat((1 << 20) + 1), "line over 1 MB"),
    ] {
        let files = Files::new();
        files.put("enterprises.jsonl", enterprises);
        let outcome = files.matched(&[]);
        assert!(outcome.refused());
        assert!(outcome.said.contains(told), "{}", outcome.said);
        assert!(outcome.said.contains("共 1 行有错"), "{}", outcome.said);
    }
    // One that is in no row is told all the same.
    let files = Files::new();
    files.put("enterprises.jsonl", shape);
    files.put("requests.jsonl", REQUEST.replace("91410100094865098C", OTHER));
    let outcome = files.matched(&[]);
    assert!(
        outcome.said.contains("[not_found]") && outcome.said.contains("共 2 行有错"),
        "{}",
        outcome.said
    );
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_bad_rows_of_the_others() {
    for (command, products) in [("match", "--products"), ("simulate", "--product")] {
        for missing in ["lpr.csv", "products.jsonl", "enterprises.jsonl", "requests.jsonl"] {
            let files = Files::new();
            files.put("products.jsonl", PRODUCT.replace("\"min\":100", "\"min\":-1"));
            files.put("enterprises.jsonl", ENTERPRISE.replace("\"value\":10", "\"value\":-1"));
            files.put(
                "requests.jsonl",
                REQUEST.replace("\"term_months\":12", "\"term_months\":0"),
            );
            files.remove(missing);
            let outcome = Outcome::of(files.command(command, products).output(), &files);
            assert!(outcome.refused());
            for name in ["products.jsonl", "enterprises.jsonl", "requests.jsonl"] {
                let told = outcome.line_of(name, 1).is_some();
                assert_eq!(told, name != missing, "{command} without {missing}: {}", outcome.said);
            }
            let words = format!("/{missing}: No such file");
            assert!(outcome.said.contains(&words), "{}", outcome.said);
        }
    }
}

#[test]
fn a_day_before_the_first_lpr_does_not_hide_bad_rows() {
    let files = Files::new();
    files.put("lpr.csv", "date,1y,5y\n2026-11-02,3.00,3.50\n");
    files.put("products.jsonl", PRODUCT.replace("\"min\":100", "\"min\":-1"));
    files.put("requests.jsonl", "{}");
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    assert!(
        outcome.said.contains("/lpr.csv: ") && outcome.said.contains("2026-11-01"),
        "{}",
        outcome.said
    );
    assert!(outcome.line_of("products.jsonl", 1).is_some() && outcome.line_of("requests.jsonl", 1).is_some());
}

#[test]
fn the_lpr_may_be_packed_and_its_lines_are_counted_as_they_stand() {
    let files = Files::new();
    let packed = gzip(b"# comment\r\n\r\ndate,5y,1y\r\n2025-05-20,3.50,3.00\r\n");
    files.put("lpr.csv", packed);
    let outcome = files.matched(&[]);
    assert_eq!((outcome.code, outcome.said.as_str()), (0, ""));
    files.put("lpr.csv", "# comment\n\ndate,1y,5y\n#\n\n2025-05-20,x,3.50\n");
    let outcome = files.matched(&[]);
    assert!(
        outcome.line_of("lpr.csv", 6).is_some_and(|told| told.contains("1y: ")),
        "{}",
        outcome.said
    );
}

#[test]
fn cost_and_uscc_read_what_the_others_read_and_say_what_is_true() {
    let files = Files::new();
    let loan = r#"{"id":"a","flows_month_fen":[[0,100],[12,-103]]}"#;
    for (command, line) in [("cost", loan), ("uscc", OTHER)] {
        let run = |bytes: &[u8]| {
            let file = files.put("in", bytes);
            program().arg(command).arg(file).output().expect("the program starts")
        };
        let plain = run(line.as_bytes());
        assert!(plain.status.success(), "{}", String::from_utf8_lossy(&plain.stderr));
        let marked = format!("\u{feff}{line}\r\n");
        for same in [marked.as_bytes(), &gzip(marked.as_bytes())] {
            let output = run(same);
            assert!(output.status.success() && output.stdout == plain.stdout, "{command}");
        }
        let long = [line.as_bytes(), &vec![b'x'; 2 << 20], line.as_bytes()].join(&b'\n');
        let output = run(&long);
        let lines = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(lines.lines().count(), 3, "{command}");
        assert!(lines.len() < 1 << 12, "{command} gives a long line back");
        assert_eq!(lines.lines().next(), lines.lines().last());
        // What can't be read is not what can't be written.
        let mut cut = gzip(&format!("{line}\n").repeat(10_000).into_bytes());
        cut.truncate(cut.len() / 2);
        let file = files.put("cut", cut);
        for unreadable in [file.as_path(), file.parent().expect("a folder")] {
            let output = program()
                .arg(command)
                .arg(unreadable)
                .output()
                .expect("the program starts");
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1));
            assert!(said.starts_with(&*unreadable.to_string_lossy()), "{command}: {said}");
            assert!(!said.contains("write"), "{command}: {said}");
        }
    }
}
