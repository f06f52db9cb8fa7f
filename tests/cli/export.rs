//! `rongqiao export` and `rongqiao report`: what goes out comes in again, and nothing of it that stays here.

use crate::support::app::{TestApp, usual_need};
use crate::support::command::{import, rongqiao};
use crate::support::db::{TestDb, number, on_both};
use crate::support::lending::Lending;
use crate::support::samples::USCCS;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// Runs a command that has to succeed; gives what it printed.
fn run(db: &TestDb, arguments: &[&str], file: &Path) -> String {
    let output = rongqiao(db)
        .args(arguments)
        .arg(file)
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn rows(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("it is there");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

on_both! {
    fn what_goes_out_comes_in_again_in_each_format(db: &TestDb) {
        let app = TestApp::start(db);
        let mut need = usual_need();
        need["max_cost_bp"] = json!(777);
        let owner = app.sign_in("owner");
        let begun: Value = owner.post("/api/v1/requests", &need).json().expect("JSON");
        assert_eq!(owner.submit(begun["id"].as_str().expect("an id")).status(), 200);
        app.sign_in("other").open_fitting(USCCS[1]);
        let folder = TempDir::new().expect("a folder");
        let products = number(&db.store, "SELECT count(*) AS n FROM product WHERE status IN ('open', 'suspended')");
        assert!(products > 0);
        for (round, end) in (0..).zip(["jsonl", "csv", "xlsx"]) {
            let file = folder.path().join(format!("products.{end}"));
            assert!(run(db, &["export", "products"], &file).contains(&format!("({products} rows)")));
            let said = import(db, &["products"], &file);
            let told = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
            // The first time each is confirmed on the day that the file names.
            assert!(told.contains("0 created,"), "{end}: {told}");
            assert!(round == 0 || told.contains(&format!("0 updated, {products} unchanged")), "{end}: {told}");

            let file = folder.path().join(format!("requests.{end}"));
            assert!(run(db, &["export", "requests"], &file).contains("(2 rows)"), "drafts stay here");
            let said = import(db, &["requests"], &file);
            let told = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
            let (created, unchanged) = if round == 0 { (2, 0) } else { (0, 2) };
            assert!(told.contains(&format!("{created} created, 0 updated, {unchanged} unchanged")), "{end}: {told}");
        }
        let requests = rows(&folder.path().join("requests.jsonl"));
        assert!(requests.iter().all(|request| request.get("max_cost_bp").is_none()), "nobody else's business");
        let noted = "SELECT count(*) AS n FROM audit WHERE action = 'exported'";
        assert_eq!(number(&db.store, noted), 6, "each is in the log");
    }

    fn outcomes_tell_what_became_of_requests(db: &TestDb) {
        let app = TestApp::start(db);
        let lending = Lending::of(&app);
        let loan = lending.lent("HT-1");
        let contract = lending.read(&loan);
        let folder = TempDir::new().expect("a folder");
        let period = ["--from", "2026-10-01", "--to", "2026-12-31"];
        let arguments = [&["export", "outcomes"], &period[..]].concat();
        let file = folder.path().join("outcomes.jsonl");
        assert!(run(db, &arguments, &file).contains("(1 rows)"));
        let row = &rows(&file)[0];
        assert_eq!((&row["uscc"], &row["banks_asked"], &row["offers"]), (&json!(USCCS[0]), &json!(1), &json!(1)));
        assert_eq!((&row["fits_any"], &row["accepted_on"]), (&json!(true), &json!("2026-11-01")));
        assert_eq!(
            (&row["loan"]["rate_bp"], &row["loan"]["amount_fen"], &row["loan"]["number"]),
            (&contract["rate_bp"], &contract["amount_fen"], &contract["number"])
        );
        for end in ["csv", "xlsx"] {
            let file = folder.path().join(format!("outcomes.{end}"));
            assert!(run(db, &arguments, &file).contains("(1 rows)"));
        }
        let csv = std::fs::read_to_string(folder.path().join("outcomes.csv")).expect("it is there");
        assert!(csv.contains("loan.rate_bp") && csv.contains(USCCS[0]), "{csv}");

        let mut elsewhere = rongqiao(db);
        elsewhere.env("RONGQIAO__SITE__DISTRICT_CODE", "410105").args(&arguments).arg(&file);
        let output = elsewhere.output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(rows(&file).is_empty(), "another district's are not there");
    }

    fn a_report_is_a_workbook_of_the_month(db: &TestDb) {
        let _app = TestApp::start(db);
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("2026-11.xlsx");
        run(db, &["report", "--month", "2026-11", "--out"], &file);
        assert!(std::fs::read(&file).expect("it is there").starts_with(b"PK"));
        let wrong = rongqiao(db).args(["report", "--month", "2026-13", "--out"]).arg(&file).output();
        assert_eq!(wrong.expect("the program starts").status.code(), Some(2));
    }
}
