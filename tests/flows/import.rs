//! `rongqiao import`: every form, all or nothing, each fault with its file, line and field.

mod together;

use crate::support::command::{import, repository};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::samples::{USCCS, day, uscc};
use flate2::Compression;
use flate2::write::GzEncoder;
use rongqiao::domain::actor::Scope;
use rongqiao::domain::facts::FactKey;
use rongqiao::store::products::ProductFilter;
use rongqiao::store::{StoreError, enterprises, facts, holidays, lpr, organisations, products, requests};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const ORGANISATIONS: &str = "code,kind,name,district_code,uscc,contact
CENTRE,centre,示例金融服务中心,410106,,
TAX,department,示例税务局,410106,,
BANK1,bank,\"示例银行, 上街支行\",410106,,0371-0000 0000
BANK2,bank,示例村镇银行,410106,,
";

/// A folder of files.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("it is written");
        path
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    packed(bytes, Compression::fast())
}

fn packed(bytes: &[u8], how: Compression) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), how);
    packed.write_all(bytes).expect("it packs");
    packed.finish().expect("it packs")
}

/// Imports and gives what was said: `created updated unchanged`, or the errors.
fn run(db: &TestDb, arguments: &[&str], file: &Path) -> Result<String, String> {
    let output = import(db, arguments, file);
    let said = String::from_utf8(if output.status.success() {
        output.stdout
    } else {
        output.stderr
    })
    .expect("UTF-8");
    if output.status.success() {
        let counts = said.split('(').nth(1).expect("the counts in English");
        return Ok(counts
            .split(|c: char| !c.is_ascii_digit())
            .filter(|n| !n.is_empty())
            .collect::<Vec<_>>()
            .join(" "));
    }
    assert_eq!(output.status.code(), Some(1), "{said}");
    Err(said)
}

fn accepted(db: &TestDb, arguments: &[&str], file: &Path, counts: &str) {
    assert_eq!(
        run(db, arguments, file).as_deref(),
        Ok(counts),
        "{arguments:?} {}",
        file.display()
    );
}

/// The import is refused with these words, and nothing of it is in the database.
fn refused(db: &TestDb, arguments: &[&str], file: &Path, words: &[&str]) {
    let before = counts(&db.store);
    let said = run(db, arguments, file).expect_err("it is refused");
    for words in words {
        assert!(said.contains(words), "{words:?} is not in:\n{said}");
    }
    assert_eq!(counts(&db.store), before);
}

fn organised(db: &TestDb, files: &Files) {
    accepted(
        db,
        &["organisations"],
        &files.put("organisations.csv", ORGANISATIONS),
        "4 0 0",
    );
}

fn with_enterprises(db: &TestDb, files: &Files) {
    organised(db, files);
    let csv = format!(
        "uscc,name,established_on\n{},示例企业0有限公司,2015-02-22\n{},示例企业1有限公司,\n",
        USCCS[0], USCCS[1]
    );
    accepted(db, &["enterprises"], &files.put("enterprises.csv", csv), "2 0 0");
}

fn product() -> serde_json::Value {
    json!({
        "code": "P1", "bank": "BANK1", "name": "示例贷", "kind": "specialised", "status": "open",
        "amount_fen": {"min": 1_000_000, "max": 300_000_000}, "term_months": {"min": 1, "max": 36},
        "purposes": ["working_capital"], "guarantees": ["credit"], "repayment": ["interest_only"],
        "rate": {"base": "lpr_1y", "spread_bp": 50, "tier_discount_bp": {"innovative": 5}}, "fees": [],
        "criteria": [{"fact": "tier", "op": "at_least", "value": "innovative"}],
    })
}

/// A product with one value put in place.
fn product_with(pointer: &str, value: serde_json::Value) -> String {
    let mut product = product();
    *product.pointer_mut(pointer).expect("the field is there") = value;
    product.to_string()
}

on_both! {
    fn the_same_file_twice_changes_nothing_the_second_time(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let once_and_again = |arguments: &[&str], file: &Path, first: &str, second: &str| {
            accepted(db, arguments, file, first);
            let before = counts(&db.store);
            accepted(db, arguments, file, second);
            assert_eq!(counts(&db.store), before);
        };
        accepted(db, &["organisations"], &files.put("organisations.csv", ORGANISATIONS), "0 0 4");
        let fixtures = |name: &str| repository(&format!("tests/fixtures/matching/cases/1/{name}.jsonl"));
        let banks: String = (0..=60)
            .map(|n| json!({"code": format!("BANK{n:03}"), "kind": "bank", "name": format!("示例{n}"), "district_code": "410106"}).to_string() + "\n")
            .collect();
        once_and_again(&["organisations"], &files.put("banks.jsonl", banks), "61 0 0", "0 0 61");
        once_and_again(&["products"], &fixtures("products"), "120 0 0", "0 0 120");
        let enterprises = std::fs::read(fixtures("enterprises")).expect("it reads");
        let packed = files.put("enterprises.jsonl.gz", gzip(&enterprises));
        let expected = if String::from_utf8_lossy(&enterprises).contains(USCCS[0]) { "78 2 0" } else { "80 0 0" };
        once_and_again(&["enterprises"], &packed, expected, "0 0 80");
        once_and_again(&["requests"], &fixtures("requests"), "60 0 0", "0 0 60");
        once_and_again(&["lpr"], &repository("config/lpr.csv"), "85 0 0", "0 0 85");
        once_and_again(&["holidays"], &repository("config/holidays.csv"), "108 0 0", "0 0 108");
        let table = db.store.read(lpr::table).expect("it reads");
        assert_eq!(table.rows()[0].one_year_bp, 425);
        assert_eq!(db.store.read(holidays::all).expect("it reads")[0].name, "元旦");
    }

    fn csv_columns_are_the_fields_of_the_forms(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let head = "code,bank,name,kind,status,amount_fen.min,amount_fen.max,term_months.min,term_months.max,purposes,\
                    guarantees,repayment,rate.base,rate.spread_bp,rate.tier_discount_bp,fees,criteria,\
                    renewal.window_days,renewal.own_loans_only,to";
        let row = r#"P1,BANK1,示例贷,specialised,open,1000000,300000000,1,36,working_capital; research,credit,interest_only,lpr_1y,50,"{""innovative"":5}",,"[{""fact"":""tier"",""op"":""at_least"",""value"":""innovative""}]",30,true,"#;
        let file = files.put("products.csv", format!("\u{feff}{head}\r\n{row}\r\n"));
        accepted(db, &["products"], &file, "1 0 0");
        let csv = format!(
            "id,uscc,amount_fen,term_months,purpose,guarantees,kinds,existing_loan.bank,existing_loan.matures_on,\
             existing_loan.balance_fen\nR1,{0},30000000,12,refinancing,credit;pledge,,ELSEWHERE,2026-12-01,40000000\n\
             R2,{0},30000000,12,research,credit,,,,\n",
            USCCS[0]
        );
        accepted(db, &["requests"], &files.put("requests.csv", csv), "2 0 0");
        db.store
            .read(|conn| {
                let district = Scope::District("410106".to_owned());
                let all = products::list(conn, &district, ProductFilter::default(), None, 10)?;
                let product = &all[0].product;
                assert_eq!((all[0].bank_name.as_str(), product.purposes.iter().count()), ("示例银行, 上街支行", 2));
                assert_eq!(product.renewal.map(|renewal| renewal.window_days), Some(30));
                assert_eq!((product.fees.len(), product.criteria.len(), product.to), (0, 1, None));
                let request = requests::by_reference(conn, "R1")?;
                let loan = request.need.and_then(|need| need.existing_loan).expect("it has one");
                assert_eq!((loan.bank.as_str(), loan.balance_fen.get()), ("ELSEWHERE", 40_000_000));
                assert_eq!(requests::by_reference(conn, "R2")?.number.len(), "2026-000002".len());
                Ok::<_, StoreError>(())
            })
            .expect("it reads");
    }

    fn facts_come_with_source_bank_and_an_end(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let csv = format!(
            "uscc,fact,value,verified,observed_on,valid_until,bank\n\
             {0},settlement_inflow_fen,100,true,2026-10-01,,BANK1\n\
             {0},settlement_inflow_fen,30,true,2026-10-01,2026-12-31,BANK2\n\
             {0},titles,high_tech; gazelle,false,2026-10-01,,\n\
             {0},tax_arrears,false,true,2026-10-01,,\n\
             {1},overdue_days,0,true,2026-10-02,,BANK1\n",
            USCCS[0], USCCS[1]
        );
        let file = files.put("facts.csv", csv);
        accepted(db, &["facts", "--source", "CENTRE"], &file, "5 0 0");
        accepted(db, &["facts", "--source", "CENTRE"], &file, "0 0 5");
        let own = format!(r#"{{"uscc":"{}","fact":"overdue_days","value":3,"verified":true,"observed_on":"2026-10-05"}}"#, USCCS[1]);
        accepted(db, &["facts", "--source", "BANK2"], &files.put("own.jsonl", own), "1 0 0");
        db.store
            .read(|conn| {
                let district = Scope::District("410106".to_owned());
                let stored = enterprises::by_uscc(conn, &district, uscc(0), day("2026-10-10"))?;
                let inflow = stored.enterprise.facts.get(FactKey::SettlementInflowFen).expect("known");
                assert_eq!((inflow.value.get(), inflow.valid_until), (130, Some(day("2026-12-30"))), "90 days");
                let lines = facts::list(conn, &district, stored.id, day("2026-10-10"))?;
                assert!(lines.iter().all(|line| line.source == "示例金融服务中心"));
                let other = enterprises::by_uscc(conn, &district, uscc(1), day("2026-10-10"))?;
                let overdue = other.enterprise.facts.get(FactKey::OverdueDays).expect("known");
                assert_eq!(overdue.value.get(), 3, "a bank's own file is about that bank, the worst counts");
                Ok::<_, StoreError>(())
            })
            .expect("it reads");
    }

    fn bad_rows_are_told_with_line_and_field_and_nothing_is_changed(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let lines = [
            product().to_string(),
            product_with("/bank", json!("BANK9")).replace("\"P1\"", "\"P2\""),
            product_with("/amount_fen/min", json!(-1)),
            product_with("/amount_fen/min", json!(2_000_000_000_000_000_i64)),
            product_with("/term_months", json!({"min": 12, "max": 6})),
            product_with("/criteria/0/fact", json!("beauty")),
            product_with("/criteria/0/op", json!("is")),
            product_with("/criteria/0/value", json!(["innovative"])),
            product_with("/purposes", json!([])),
            product_with("/rate/tier_discount_bp", json!({"innovative": 5, "specialised": 3})),
            product_with("/fees", json!([{"name": "x", "basis": "upfront_rate", "value": 1, "colour": 2}])),
            "{\"code\": NaN}".to_owned(),
        ];
        let file = files.put("products.jsonl", lines.join("\n"));
        refused(db, &["products"], &file, &[
            "products.jsonl:2: bank: 找不到：BANK9 [not_found]",
            "products.jsonl:3: amount_fen.min: 应在 0 至 1000000000000000 之间 [out_of_range]",
            "products.jsonl:4: amount_fen.min: ",
            "products.jsonl:5: term_months: 下限不能大于上限 [inverted_range]",
            "products.jsonl:6: criteria[0].fact: 不认识的代码：beauty [unknown_code]",
            "products.jsonl:7: criteria[0].op: ",
            "products.jsonl:8: criteria[0].value: ",
            "products.jsonl:9: purposes: 至少要有一项 [empty_list]",
            "products.jsonl:10: rate.tier_discount_bp.specialised: 层级越高优惠不能越少 [falling_discount]",
            "products.jsonl:11: fees[0].colour: ",
            "products.jsonl:12: ",
            "共 11 行有错",
        ]);
        let lines = [product().to_string(), product_with("/bank", json!("BANK9")), product_with("/bank", json!("TAX"))];
        let lines = lines.iter().zip(["P1", "P2", "P3"]).map(|(line, code)| line.replace("P1", code));
        let file = files.put("banks.jsonl", lines.collect::<Vec<_>>().join("\n"));
        refused(db, &["products"], &file, &[
            "banks.jsonl:2: bank: 找不到：BANK9 [not_found]",
            "banks.jsonl:3: bank: 找不到：TAX [not_found]",
            "共 2 行有错",
        ]);
        let twice = files.put("twice.jsonl", format!("{0}\n\n{0}\n", product()));
        refused(db, &["products"], &twice, &["twice.jsonl:3: code: 重复：P1 [duplicate]"]);
    }

    fn bad_facts_and_requests_are_told_and_nothing_is_changed(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let head = "uscc,fact,value,verified,observed_on,valid_until,bank";
        let row = |text: &str| text.replace("U0", USCCS[0]);
        let csv = [
            head.to_owned(),
            row("U0,employees,many,true,2026-10-01,,"),
            row("U0,age_months,3,true,2026-10-01,,"),
            row("U0,tier,gold,true,2026-10-01,,"),
            row("U0,employees,3,maybe,2026-10-01,,"),
            row("U0,employees,3,true,2026-10-01,2026-09-30,"),
            row("U0X,employees,3,true,2026-10-01,,"),
            row("U0,employees,3,true,2026-02-30,,"),
            row("U0,employees,3,true"),
        ];
        refused(db, &["facts", "--source", "CENTRE"], &files.put("form.csv", csv.join("\n")), &[
            "form.csv:2: value: 类型不对，应为整数 [wrong_type]",
            "form.csv:3: fact: 该项由其他数据推算，不能直接填写 [derived_fact]",
            "form.csv:4: value: 不认识的代码：gold [unknown_code]",
            "form.csv:5: verified: 类型不对，应为true 或 false [wrong_type]",
            "form.csv:6: valid_until: 下限不能大于上限 [inverted_range]",
            "form.csv:7: uscc: 统一社会信用代码不正确（length） [bad_uscc]",
            "form.csv:8: observed_on: ",
            "form.csv:9: 格式不对：有 4 列，表头有 7 列",
            "共 8 行有错",
        ]);
        let csv = [
            head.to_owned(),
            row("U0,employees,3,true,2026-10-01,,BANK1"),
            row("U0,overdue_days,3,true,2026-10-01,,"),
            row("U0,overdue_days,3,true,2026-10-01,,BANK9"),
            row("U0,employees,3,true,2199-01-01,,"),
            "91410100094865098C,employees,3,true,2026-10-01,,".replace(USCCS[0], "914101003106725740"),
        ];
        refused(db, &["facts", "--source", "CENTRE"], &files.put("rows.csv", csv.join("\n")), &[
            "rows.csv:2: bank: ",
            "rows.csv:3: bank: 不能为空 [required]",
            "rows.csv:4: bank: 找不到：BANK9 [not_found]",
            "rows.csv:5: observed_on: 不能晚于今天 [in_future]",
            "rows.csv:6: uscc: 找不到：914101003106725740 [not_found]",
            "共 5 行有错",
        ]);
        let good = files.put("good.csv", format!("{head}\n{}\n", row("U0,employees,3,true,2026-10-01,,")));
        refused(db, &["facts", "--source", "NOBODY"], &good, &["找不到数据来源机构 NOBODY"]);
        let request = json!({"id": "R1", "uscc": "914101003106725740", "amount_fen": 1, "term_months": 12,
            "purpose": "research", "guarantees": ["credit"]});
        let file = files.put("requests.jsonl", request.to_string());
        refused(db, &["requests"], &file, &["requests.jsonl:1: uscc: 找不到：914101003106725740 [not_found]"]);
    }

    fn a_missing_or_unknown_column_is_named(db: &TestDb) {
        let files = Files::new();
        let file = files.put("o.csv", "code,kind,name,colour,code\nA,bank,示例,red,A\n");
        refused(db, &["organisations"], &file, &[
            "o.csv:1: colour: 不认识的字段：colour [unknown_key]",
            "o.csv:1: code: 重复：code [duplicate]",
            "o.csv:1: district_code: 格式不对：缺少这一列",
        ]);
        refused(db, &["lpr"], &files.put("lpr.csv", "date,1y\n2026-10-20,3.1\n"), &["lpr.csv:1: "]);
        for (name, text) in [("empty.csv", ""), ("empty.csv", "# nothing\n\n"), ("empty.jsonl", ""), ("empty", "\n \n")] {
            refused(db, &["organisations"], &files.put(name, text), &["文件是空的 (the file is empty)"]);
        }
        let head = ORGANISATIONS.lines().next().expect("a head");
        accepted(db, &["organisations"], &files.put("head.csv", head), "0 0 0");
        refused(db, &["organisations"], &files.0.path().join("none.csv"), &["none.csv"]);
    }

    fn what_was_laid_down_does_not_change(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let file = files.put("o.csv", "code,kind,name,district_code\nBANK1,centre,示例,410106\n");
        refused(db, &["organisations"], &file, &["o.csv:2: kind: 已经确定，不能更改 [fixed]"]);
        let file = files.put("second.csv", "code,kind,name,district_code\nCENTRE2,centre,示例,410106\nA,centre,示例,410108\nB,centre,示例,410108\nX,enterprise,示例,410106\n");
        refused(db, &["organisations"], &file, &[
            "second.csv:2: district_code: 重复：410106 [duplicate]",
            "second.csv:4: district_code: 重复：410108 [duplicate]",
            "second.csv:5: uscc: 不能为空 [required]",
            "共 3 行有错",
        ]);
        let request = |amount: i64| {
            let line = json!({"id": "R1", "uscc": USCCS[0], "amount_fen": amount, "term_months": 12,
                "purpose": "research", "guarantees": ["credit"]});
            files.put(&format!("r{amount}.jsonl"), line.to_string())
        };
        accepted(db, &["requests"], &request(1), "1 0 0");
        refused(db, &["requests"], &request(2), &["r2.jsonl:1: id: 已经确定，不能更改 [fixed]"]);
        let csv = format!("code,kind,name,district_code,uscc\nX,enterprise,示例X,410106,{0}\nY,enterprise,示例Y,410106,{0}\n", USCCS[0]);
        refused(db, &["organisations"], &files.put("x.csv", csv), &["x.csv:3: uscc: 重复：uscc [duplicate]"]);
    }

    fn an_enterprise_belongs_to_the_organisation_with_its_code(db: &TestDb) {
        let files = Files::new();
        with_enterprises(db, &files);
        let csv = format!("code,kind,name,district_code,uscc\nX,enterprise,示例X,410106,{}\n", USCCS[0]);
        accepted(db, &["organisations"], &files.put("x.csv", csv), "1 0 0");
        db.store
            .read(|conn| {
                let owner = organisations::by_code(conn, "X")?;
                let stored = enterprises::of_organisation(conn, owner.id, day("2026-11-01"))?;
                assert_eq!(stored.enterprise.uscc, uscc(0));
                Ok::<_, StoreError>(())
            })
            .expect("it reads");
    }

    fn threat_15_what_is_too_much_or_broken_is_refused(db: &TestDb) {
        let files = Files::new();
        let long = format!("code,kind,name,district_code\nA,bank,{},410106\n", "x".repeat(1 << 20));
        refused(db, &["organisations"], &files.put("long.csv", &long), &["long.csv:", "line over 1 MB"]);
        let long = json!({"code": "A", "kind": "bank", "name": "x".repeat(1 << 20), "district_code": "410106"});
        refused(db, &["organisations"], &files.put("long.jsonl", long.to_string()), &["long.jsonl:1: ", "over 1 MB"]);
        let mut cut = gzip(ORGANISATIONS.repeat(100).as_bytes());
        cut.truncate(cut.len() / 2);
        refused(db, &["organisations"], &files.put("cut.csv.gz", &cut), &["cut.csv.gz:", "cannot read on"]);
        refused(db, &["organisations"], &files.put("cut.jsonl.gz", &cut), &["cut.jsonl.gz:"]);
        let latin = b"code,kind,name,district_code\nA,bank,\xb9\xe3,410106\n";
        refused(db, &["organisations"], &files.put("gbk.csv", latin), &["gbk.csv:2: ", "invalid UTF-8 at byte 8"]);
        refused(db, &["organisations"], &files.put("gbk.jsonl", b"{\"code\":\"\xb9\"}"), &["gbk.jsonl:1: ", "UTF-8"]);
        let deep = "[".repeat(100_000);
        refused(db, &["organisations"], &files.put("deep.jsonl", deep), &["deep.jsonl:1: "]);
    }

    fn threat_15_a_bomb_is_refused_and_takes_no_memory(db: &TestDb) {
        let files = Files::new();
        // 128 MB that every reader skips, packed to less than a quarter of one: nothing but the limit ends it.
        let bomb = |head: &str, byte: u8| {
            let lines = [vec![byte; (64 << 10) - 1], b"\n".to_vec()].concat().repeat(16);
            [gzip(head.as_bytes()), packed(&lines, Compression::best()).repeat(128)].concat()
        };
        let heads = "code,kind,name,district_code\n";
        for (name, bytes) in [("bomb.csv.gz", bomb(heads, b'#')), ("bomb.jsonl.gz", bomb("", b' '))] {
            assert!(bytes.len() < 1 << 18);
            let file = files.put(name, bytes);
            let before = counts(&db.store);
            let mut command = Command::new("sh");
            command.env("RONGQIAO__DATABASE__URL", &db.url);
            // Each thread's own arena would reserve addresses by the dozen of megabytes.
            command.env("MALLOC_ARENA_MAX", "1");
            // Addresses for the program and its threads, but not for what the file unpacks to.
            command.args(["-c", "ulimit -v 400000; exec \"$0\" import organisations \"$1\""]);
            command.arg(env!("CARGO_BIN_EXE_rongqiao")).arg(&file);
            let output = command.output().expect("the program starts");
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains("the gzip file unpacks beyond its limit"), "{said}");
            assert_eq!(counts(&db.store), before);
        }
    }
}
