//! What `rongqiao match` and its siblings say of bad files: exit 1, every bad row with file, line and
//! field, and no result left behind.

mod files;
mod out;
mod rows;
mod together;

use crate::support::command::program;
use files::{ENTERPRISE, Files, Outcome, PRODUCT, REQUEST, gzip};
use rows::{ENTERPRISES, PRODUCTS, REQUESTS};
use std::fmt::Write;

/// The rows of a table, each the good row with one thing changed.
fn spoiled(good: &str, table: &[(&str, &str, &str)]) -> Vec<String> {
    let spoil = |(from, to, _): &(&str, &str, &str)| {
        assert!(good.contains(from), "{from} is in {good}");
        good.replacen(from, to, 1)
    };
    table.iter().map(spoil).collect()
}

#[test]
fn the_good_files_are_good() {
    let files = Files::new();
    let outcome = files.matched(&[]);
    assert_eq!((outcome.code, outcome.said.as_str()), (0, ""));
    assert_eq!(outcome.left, ["result.jsonl"]);
}

#[test]
fn each_bad_row_alone_fails_the_command_and_names_its_field() {
    let tables = [
        ("products.jsonl", PRODUCT, PRODUCTS),
        ("enterprises.jsonl", ENTERPRISE, ENTERPRISES),
        ("requests.jsonl", REQUEST, REQUESTS),
    ];
    for (file, good, table) in tables {
        for (row, (from, to, words)) in spoiled(good, table).iter().zip(table) {
            let files = Files::new();
            // On line 3: blank lines say nothing, but count.
            files.put(file, format!("\n \n{row}\n"));
            let outcome = files.matched(&[]);
            let case = format!("{file}: {from} → {to}: {}", outcome.said);
            assert!(outcome.refused(), "{case}");
            let line = outcome.line_of(file, 3).unwrap_or_else(|| panic!("{case}"));
            assert!(line.contains(words), "{words} is not in {case}");
        }
    }
}

#[test]
fn every_bad_row_of_all_three_files_is_told_in_one_go() {
    let files = Files::new();
    for (file, good, table) in [
        ("products.jsonl", PRODUCT, PRODUCTS),
        ("enterprises.jsonl", ENTERPRISE, ENTERPRISES),
        ("requests.jsonl", REQUEST, REQUESTS),
    ] {
        files.put(file, format!("{good}\n{}\n", spoiled(good, table).join("\n")));
    }
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    for (file, table) in [
        ("products.jsonl", PRODUCTS),
        ("enterprises.jsonl", ENTERPRISES),
        ("requests.jsonl", REQUESTS),
    ] {
        for (place, (from, to, _)) in table.iter().enumerate() {
            let line = outcome.line_of(file, place + 2);
            assert!(line.is_some(), "{file}: {from} → {to} is not in {}", outcome.said);
        }
    }
    let rows = PRODUCTS.len() + ENTERPRISES.len() + REQUESTS.len();
    assert!(outcome.said.contains(&format!("共 {rows} 行有错")), "{}", outcome.said);
}

#[test]
fn a_line_that_is_no_text_does_not_hide_those_behind_it() {
    let files = Files::new();
    let long = REQUEST.replace("\"R1\"", &format!("\"{}\"", "x".repeat(1 << 20)));
    let gbk = REQUEST.replace("\"R1\"", "\"R\u{1}\"").into_bytes();
    let gbk: Vec<u8> = gbk
        .into_iter()
        .map(|byte| if byte == 1 { 0xb9 } else { byte })
        .collect();
    let after = REQUEST.replace("\"term_months\":12", "\"term_months\":0");
    let lines = [long.as_bytes(), &gbk, after.as_bytes()].join(&b"\n"[..]);
    files.put("requests.jsonl", lines);
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    for (line, words) in [
        (1, "line over 1 MB"),
        (2, "invalid UTF-8 at byte 9"),
        (3, "term_months: "),
    ] {
        assert!(
            outcome
                .line_of("requests.jsonl", line)
                .is_some_and(|said| said.contains(words))
        );
    }
    assert!(
        outcome.said.ends_with("共 3 行有错（3 rows in error）\n"),
        "{}",
        outcome.said
    );
}

#[test]
fn of_more_than_a_thousand_bad_rows_a_thousand_are_told_and_all_are_counted() {
    let files = Files::new();
    let mut rows = String::new();
    for number in 0..1_500 {
        writeln!(
            rows,
            "{}",
            REQUEST.replace("\"R1\"", &format!("\"R{number}\",\"colour\":1"))
        )
        .expect("it writes");
    }
    files.put("requests.jsonl", rows);
    let outcome = files.matched(&["--threads", "2"]);
    assert!(outcome.refused());
    let told: Vec<&str> = outcome.said.lines().collect();
    assert_eq!(told.len(), 1_001);
    assert!(told[999].contains("requests.jsonl:1000: "), "{}", told[999]);
    assert_eq!(told[1_000], "共 1500 行有错（1500 rows in error）");
}

/// Good rows before the bad one were matched already; their lines go with the file they stood in.
#[test]
fn a_result_that_was_half_written_is_taken_away_and_an_old_one_stays() {
    let files = Files::new();
    files.put("result.jsonl", "of yesterday\n");
    let mut rows = String::new();
    for number in 0..100 {
        writeln!(rows, "{}", REQUEST.replace("\"R1\"", &format!("\"R{number}\""))).expect("it writes");
    }
    rows.push_str("{}\n");
    files.put("requests.jsonl", rows);
    let outcome = files.matched(&[]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.line_of("requests.jsonl", 101).is_some());
    assert_eq!(outcome.left, ["result.jsonl"]);
    assert_eq!(files.read("result.jsonl"), "of yesterday\n");
}

#[test]
fn what_comes_twice_is_told() {
    for (file, row, field) in [
        ("products.jsonl", PRODUCT, "code: "),
        ("enterprises.jsonl", ENTERPRISE, "uscc: "),
        ("requests.jsonl", REQUEST, "id: "),
    ] {
        let files = Files::new();
        files.put(file, format!("{row}\n{row}\n"));
        let outcome = files.matched(&[]);
        assert!(outcome.refused(), "{}", outcome.said);
        let line = outcome.line_of(file, 2).unwrap_or_default();
        assert!(line.contains(field) && line.contains("[duplicate]"), "{}", outcome.said);
    }
}

#[test]
fn a_table_of_the_lpr_that_is_wrong_is_told_by_line_and_column() {
    for (table, line, words) in [
        ("date,1y\n2025-05-20,3.00\n", 1, "missing column"),
        ("date,1y,10y\n2025-05-20,3.00,3.50\n", 1, "10y: "),
        ("", 1, "the file is empty"),
        ("date,1y,5y\n2025-05-20,3.00\n", 2, "2 columns, the head has 3"),
        ("date,1y,5y\n2025-05-20,3.00,3.50\n2025-04-20,3.10,3.60\n", 3, "date: "),
        ("date,1y,5y\n2025-05-20,3.00,3.50\n2025-05-20,3.00,3.50\n", 3, "date: "),
        ("date,1y,5y\n2025-05-32,3.00,3.50\n", 2, "date: "),
        ("date,1y,5y\n2025-05-20,3.005,3.50\n", 2, "1y: "),
        ("date,1y,5y\n2025-05-20,3.00,NaN\n", 2, "5y: "),
        ("date,1y,5y\n2025-05-20,-3.00,3.50\n", 2, "1y: "),
    ] {
        let files = Files::new();
        files.put("lpr.csv", table);
        let outcome = files.matched(&[]);
        assert!(outcome.refused(), "{table}: {}", outcome.said);
        let told = outcome.line_of("lpr.csv", line);
        assert!(
            told.is_some_and(|told| told.contains(words)),
            "{table}: {}",
            outcome.said
        );
    }
}

#[test]
fn a_day_before_the_first_lpr_is_refused() {
    let files = Files::new();
    files.put("lpr.csv", "date,1y,5y\n2026-11-02,3.00,3.50\n");
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    assert!(
        outcome.said.contains("lpr.csv: ") && outcome.said.contains("2026-11-01"),
        "{}",
        outcome.said
    );
    files.put("lpr.csv", "date,1y,5y\n");
    assert!(files.matched(&[]).refused());
}

#[test]
fn threat_15_a_packed_file_that_breaks_off_is_refused() {
    let whole = gzip(&format!("{REQUEST}\n").repeat(1_000).into_bytes());
    let mut garbled = whole.clone();
    let middle = garbled.len() / 2;
    garbled[middle] ^= 0xff;
    let more = |bytes: &[u8]| [&whole, bytes].concat();
    for (bytes, words) in [
        (whole[..whole.len() / 2].to_vec(), "cannot read on"),
        (whole[..whole.len() - 4].to_vec(), "unexpected end of file"),
        (whole[..4].to_vec(), "unexpected end of file"),
        (garbled, ""),
        (more(b"x"), "no gzip stands behind the end"),
        (
            more(b"some hundred bytes of something else"),
            "no gzip stands behind the end",
        ),
    ] {
        let files = Files::new();
        files.put("requests.jsonl", bytes);
        let outcome = files.matched(&[]);
        assert!(outcome.refused());
        assert!(
            outcome.said.contains("requests.jsonl:") && outcome.said.contains(words),
            "{words}: {}",
            outcome.said
        );
    }
}

#[test]
fn threat_15_a_packed_file_that_unpacks_without_end_is_refused_at_its_limit() {
    // 72 MB of blank lines in some 70 KB, as members of a megabyte each: nothing but the limit ends them.
    let blank = [vec![b' '; (1 << 20) - 1], b"\n".to_vec()].concat();
    let bomb = gzip(&blank).repeat(72);
    assert!(bomb.len() < 1 << 17);
    let files = Files::new();
    files.put("enterprises.jsonl", bomb);
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    assert!(outcome.said.contains("enterprises.jsonl:"), "{}", outcome.said);
    assert!(outcome.said.contains("unpacks beyond its limit"), "{}", outcome.said);
}

#[test]
fn threat_15_a_line_without_end_takes_no_memory_and_one_nested_without_end_no_stack() {
    let files = Files::new();
    files.put("products.jsonl", gzip(&vec![b'x'; 8 << 20]));
    files.put("enterprises.jsonl", format!("{ENTERPRISE}\n{}\n", "[".repeat(900_000)));
    let outcome = files.matched(&[]);
    assert!(outcome.refused());
    let over = outcome.line_of("products.jsonl", 1);
    assert!(
        over.is_some_and(|said| said.contains("line over 1 MB")),
        "{}",
        outcome.said
    );
    assert!(outcome.line_of("enterprises.jsonl", 2).is_some(), "{}", outcome.said);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for name in ["products.jsonl", "enterprises.jsonl", "requests.jsonl", "lpr.csv"] {
        let files = Files::new();
        files.remove(name);
        let outcome = files.matched(&[]);
        assert!(outcome.refused() && outcome.said.contains(name), "{}", outcome.said);
    }
}

#[test]
fn a_wrong_call_exits_2() {
    let files = Files::new();
    assert_eq!(files.matched(&["--threads", "0"]).code, 2);
    assert_eq!(files.matched(&["--colour", "red"]).code, 2);
    assert_eq!(files.matched(&["--as-of", "2026-13-01"]).code, 2);
    for arguments in [
        &["match"][..],
        &["simulate", "--product", "x"],
        &["uscc"],
        &["no-such-command"],
        &["demo", "--listen", "0.0.0.0:0"],
        &["import", "facts", "facts.csv"],
        &["import", "lpr", "--source", "A", "lpr.csv"],
        &[],
    ] {
        let output = program().args(arguments).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn simulate_wants_one_product_and_tells_bad_rows_too() {
    let simulated = |files: &Files| Outcome::of(files.command("simulate", "--product").output(), files);
    let good = simulated(&Files::new());
    assert_eq!((good.code, good.said.as_str()), (0, ""));
    let files = Files::new();
    let second = PRODUCT.replace("\"P1\"", "\"P2\"");
    files.put("products.jsonl", format!("{PRODUCT}\n{second}\n"));
    let outcome = simulated(&files);
    assert!(
        outcome.refused() && outcome.said.contains("products.jsonl: "),
        "{}",
        outcome.said
    );
    let files = Files::new();
    files.put("requests.jsonl", format!("{REQUEST}\n\u{0}\n{{}}\n"));
    let outcome = simulated(&files);
    assert!(outcome.refused());
    assert!(outcome.line_of("requests.jsonl", 2).is_some() && outcome.line_of("requests.jsonl", 3).is_some());
}

#[test]
fn uscc_answers_what_is_no_text_and_fails_only_without_its_file() {
    let files = Files::new();
    let codes = files.put("codes.txt", b"\xff\n\n914101067192617979\n");
    let output = program().arg("uscc").arg(&codes).output().expect("the program starts");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success());
    let reasons: Vec<bool> = said.lines().map(|line| line.contains("\"length\"")).collect();
    assert_eq!(reasons, [true, true, false]);
    files.remove("codes.txt");
    let output = program().arg("uscc").arg(&codes).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("codes.txt"));
}
