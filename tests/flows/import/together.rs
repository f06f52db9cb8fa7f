//! A file is read once and before the database is looked for, and all that is wrong is told together.

use super::{Files, ORGANISATIONS, accepted, gzip, packed, product, product_with, refused, run, with_enterprises};
use crate::support::command::{import, program, rongqiao};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::samples::USCCS;
use flate2::Compression;
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write;
use std::process::{Output, Stdio};

/// Imports from a pipe; gives how many bytes it took and what came of it.
fn piped(db: &TestDb, arguments: &[&str], bytes: &[u8]) -> (usize, Output) {
    let mut command = rongqiao(db);
    command.arg("import").args(arguments).arg("/dev/stdin");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    // It may end before it has read everything.
    let taken = bytes.chunks(1 << 12).take_while(|chunk| pipe.write_all(chunk).is_ok());
    let taken = taken.map(<[u8]>::len).sum();
    drop(pipe);
    (taken, child.wait_with_output().expect("it ends"))
}

fn counted(db: &TestDb, arguments: &[&str], bytes: &[u8], words: &str) {
    let (_, output) = piped(db, arguments, bytes);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(words), "{arguments:?}: {said}");
}

on_both! {
    fn a_pipe_holds_the_same_rows_and_is_the_same_file(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let row = |employees: u32| json!({"uscc": USCCS[0], "name": "示例企业0有限公司", "established_on": "2015-02-22",
            "facts": {"employees": {"value": employees, "verified": false}}}).to_string();
        counted(db, &["enterprises"], row(3).as_bytes(), "(0 created, 1 updated, 0 unchanged)");
        counted(db, &["enterprises"], &gzip(row(4).as_bytes()), "(0 created, 1 updated, 0 unchanged)");
        let before = counts(&db.store);
        accepted(db, &["enterprises"], &files.put("same.jsonl", row(3)), "0 0 1");
        accepted(db, &["enterprises"], &files.put("same.jsonl.gz", gzip(row(4).as_bytes())), "0 0 1");
        assert_eq!(counts(&db.store), before, "the bytes tell a file, not its name");
        // A pipe's name does not say what is in it.
        let csv = format!("\u{feff}uscc,fact,value,verified,observed_on\r\n{},employees,5,true,2026-10-01\r\n", USCCS[0]);
        counted(db, &["facts", "--source", "CENTRE"], csv.as_bytes(), "(1 created, 0 updated, 0 unchanged)");
        counted(db, &["facts", "--source", "CENTRE"], csv.as_bytes(), "(0 created, 0 updated, 1 unchanged)");
    }

    fn what_breaks_a_form_comes_twice_or_does_not_fit_the_database_is_told_together(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let lines = [
            product().to_string(),
            product_with("/amount_fen/min", json!(-1)),
            product().to_string(),
            product_with("/code", json!("P2")).replace("BANK1", "BANK9"),
            "{".to_owned(),
            product_with("/code", json!("P3")),
        ];
        let file = files.put("p.jsonl", lines.join("\n"));
        let before = counts(&db.store);
        let said = run(db, &["products"], &file).expect_err("it is refused");
        let told: Vec<&str> = said.lines().map(|line| line.rsplit_once("/p.jsonl:").map_or(line, |(_, told)| told)).collect();
        assert_eq!(told.len(), 5, "{said}");
        for (told, words) in told.iter().zip(["2: amount_fen.min: ", "3: code: 重复：P1", "4: bank: 找不到：BANK9", "5: 格式不对", "共 4 行有错"]) {
            assert!(told.starts_with(words), "{words} is not in:\n{said}");
        }
        assert_eq!(counts(&db.store), before);

        let csv = format!("uscc,fact,value,verified,observed_on\n{},employees,many,true,2026-10-01\n", USCCS[0]);
        let file = files.put("f.csv", csv);
        refused(db, &["facts", "--source", "NOBODY"], &file, &["找不到数据来源机构 NOBODY", "f.csv:2: value: ", "共 1 行有错"]);
    }

    fn the_first_thousand_bad_rows_are_told_by_line_and_all_are_counted(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let mut csv = "uscc,fact,value,verified,observed_on\n".to_owned();
        for line in 2..=1_501 {
            // Every other row breaks its form, three times, and the rest name an enterprise that is not there.
            let row = if line % 2 == 0 { "x,employees,3,maybe,soon" } else { "914101003106725740,employees,3,true,2026-10-01" };
            writeln!(csv, "{row}").expect("it writes");
        }
        let said = run(db, &["facts", "--source", "CENTRE"], &files.put("f.csv", csv)).expect_err("it is refused");
        let mut lines: Vec<u32> = said
            .lines()
            .filter_map(|told| told.split("/f.csv:").nth(1)?.split(':').next()?.parse().ok())
            .collect();
        assert!(lines.is_sorted());
        lines.dedup();
        assert_eq!(lines, (2..=1_001).collect::<Vec<u32>>());
        assert!(said.ends_with("共 1500 行有错（1500 rows in error）\n"), "{said}");
    }

    fn what_is_announced_is_read_like_everything_else(db: &TestDb) {
        let files = Files::new();
        let csv = "# from here on\n\ndate,1y,5y\n2026-09-20,3.00,3.50\n";
        accepted(db, &["lpr"], &files.put("lpr.csv.gz", gzip(csv.as_bytes())), "1 0 0");
        let row = |day: &str| json!({"date": day, "1y": "3.00", "5y": "3.50"}).to_string();
        let rows = [row("2026-09-20"), row("2026-10-20")].join("\n");
        accepted(db, &["lpr"], &files.put("lpr.jsonl", rows), "1 0 1");
        let day = json!({"date": "2026-10-01", "kind": "holiday", "name": "国庆节"}).to_string();
        accepted(db, &["holidays"], &files.put("h.jsonl.gz", gzip(day.as_bytes())), "1 0 0");
        accepted(db, &["holidays"], &files.put("h.csv.gz", gzip(b"date,kind,name\n2026-10-01,holiday,\xe5\x9b\xbd\xe5\xba\x86\xe8\x8a\x82\n")), "0 0 1");

        let csv = "date,1y,5y\n# \n\n2026-11-20,3.0\n2026-11-20,3.005,3.5\n2026-11-20,3.0,3.5\n2026-10-20,3.0,3.5\n2026-10-21,\"3.0,3.5\n";
        refused(db, &["lpr"], &files.put("bad.csv", csv), &[
            "bad.csv:4: 格式不对：有 2 列，表头有 3 列 (2 columns, the head has 3)",
            "bad.csv:5: 1y: 类型不对，应为最多两位小数的百分数 [wrong_type]",
            "bad.csv:7: date: 下限不能大于上限 [inverted_range]",
            "bad.csv:8: 格式不对：引号没有结束 (a quote is not closed)",
            "共 4 行有错",
        ]);
        refused(db, &["lpr"], &files.put("gbk.csv", b"date,1y,5y\n2026-11-20,\xb9,3\n"), &["gbk.csv:2: 格式不对：不是 UTF-8 (invalid UTF-8 at byte 12)"]);
        refused(db, &["lpr"], &files.put("bad.jsonl", row("2026-11-20").replace("\"3.00\"", "3.00")), &["bad.jsonl:1: 1y: 类型不对，应为文本"]);
    }
}

#[test]
fn threat_15_a_bomb_is_refused_before_it_is_read_to_its_end() {
    let db = TestDb::sqlite();
    // A gigabyte and more of blank lines in a megabyte and more: only the limit ends it early.
    let blank = [vec![b' '; (1 << 20) - 1], b"\n".to_vec()].concat();
    let bomb = packed(&blank, Compression::best()).repeat(1 << 10);
    let (taken, output) = piped(&db, &["organisations"], &bomb);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("unpacks beyond its limit"), "{said}");
    assert!(taken * 4 < bomb.len(), "it took {taken} of {} bytes", bomb.len());
}

#[test]
fn a_bad_file_makes_no_database_and_a_missing_one_is_told() {
    let files = Files::new();
    let place = files.0.path().join("new.db");
    let on_new = |arguments: &[&str]| {
        let mut command = program();
        command.env("RONGQIAO__DATABASE__URL", format!("sqlite://{}", place.display()));
        command.args(arguments).output().expect("the program starts")
    };
    let bad = files.put("bad.csv", "code,kind,name,district_code\nA,bank,,410106\n");
    let output = on_new(&["import", "organisations", bad.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("bad.csv:2: name: ") && said.contains("共 1 行有错"),
        "{said}"
    );
    for command in [&["check"][..], &["audit", "verify"], &["jobs"]] {
        let output = on_new(command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("database.url: ") && said.contains("new.db"), "{said}");
    }
    let left: Vec<_> = files
        .0
        .path()
        .read_dir()
        .expect("a folder")
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert_eq!(left, ["bad.csv"]);
    let good = files.put("good.csv", ORGANISATIONS);
    assert!(
        on_new(&["import", "organisations", good.to_str().expect("UTF-8")])
            .status
            .success()
    );
    assert!(on_new(&["check"]).status.success());
}

#[test]
fn an_older_database_is_not_touched_for_a_bad_file() {
    let db = TestDb::unmigrated_sqlite();
    let files = Files::new();
    let bad = files.put("bad.csv", "code,kind,name,district_code\nA,bank,,410106\n");
    let output = import(&db, &["organisations"], &bad);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(1) && said.contains("bad.csv:2: name: "),
        "{said}"
    );
    let output = rongqiao(&db).arg("check").output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("lacks") && output.status.code() == Some(1), "{said}");
}
