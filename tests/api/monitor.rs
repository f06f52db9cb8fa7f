//! The monitor over a made year: every figure against a computation that is written another way, over the rows as they
//! were made or in plain SQL.

mod demo;
mod lending;

use self::lending::{Group, rounded};
use crate::support::app::{Api, TestApp};
use crate::support::db::{TestDb, execute, on_both};
use crate::support::lent_year::{Deal, MadeOffer, date, instant, number_of, put, put_products, year};
use crate::support::samples::{DISTRICT, ELSEWHERE};
use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};
use rongqiao::store::Store;
use serde_json::{Value, json};
use std::io::Cursor;

const FROM: &str = "2025-11-01";
const TO: &str = "2026-10-31";

fn read(user: &Api<'_>, path: &str) -> Value {
    let answer = user.get(path);
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().expect("JSON")
}

fn series(user: &Api<'_>, by: &str, from: &str, to: &str) -> Value {
    read(user, &format!("/api/v1/monitor/series?by={by}&from={from}&to={to}"))
}

fn summary(user: &Api<'_>, from: &str, to: &str) -> Value {
    let found = read(user, &format!("/api/v1/monitor/summary?from={from}&to={to}"));
    found["figures"].clone()
}

/// The civil date in Asia/Shanghai, by adding eight hours.
fn day(at: DateTime<Utc>) -> NaiveDate {
    (at + Duration::hours(8)).date_naive()
}

/// A group of the made year.
fn made_group<'a>(by: &str, key: &'a str) -> Group<'a> {
    Group::of(DISTRICT, (FROM, TO), by, key)
}

impl Group<'_> {
    /// Whether a row of a bank and a kind counts, with these guarantee classes.
    fn row(&self, deal: &Deal, guarantees: &[&str]) -> bool {
        self.bank.is_none_or(|bank| bank == deal.bank)
            && self.kind.is_none_or(|kind| kind == deal.product.1)
            && self.guarantee.is_none_or(|class| guarantees.contains(&class))
    }

    /// Whether a request counts.
    fn request(&self, deal: &Deal) -> bool {
        let own = self.bank.is_none() && self.kind.is_none() && self.row(deal, deal.guarantees);
        let referred = deal.sent_at.is_some() && self.row(deal, deal.guarantees);
        let offered = deal
            .offer
            .as_ref()
            .is_some_and(|offer| self.row(deal, &[offer.guarantee]));
        own || referred || offered
    }
}

fn tally(rows: impl Iterator<Item = i64>) -> Value {
    let rows: Vec<i64> = rows.collect();
    json!({"number": rows.len(), "amount_fen": rows.iter().sum::<i64>()})
}

/// How far requests, referrals and offers came, over the deals as they were made.
fn expected_cases(deals: &[Deal], group: &Group<'_>) -> Value {
    let here = || deals.iter().filter(|deal| deal.district == DISTRICT);
    let submitted = || here().filter(|deal| group.has(day(deal.submitted_at)) && group.request(deal));
    let offer = |deal: &Deal| -> Option<MadeOffer> {
        let offer = deal.offer.clone()?;
        group.row(deal, &[offer.guarantee]).then_some(offer)
    };
    let sent =
        || here().filter(|deal| deal.sent_at.is_some_and(|at| group.has(day(at))) && group.row(deal, deal.guarantees));
    let made = || here().filter_map(&offer).filter(|offer| group.has(day(offer.made_at)));
    let unserved = here().filter(|deal| deal.unserved.is_some_and(|(at, _)| group.has(day(at))) && group.request(deal));
    let due = sent()
        .filter(|deal| deal.answered_at.is_some() || deal.referral_state == "overdue")
        .count();
    let on_time = sent().filter(|deal| deal.is_late == Some(false)).count();
    let mut days: Vec<usize> = sent()
        .filter_map(|deal| Some(weekdays(day(deal.sent_at?), day(deal.answered_at?))))
        .collect();
    days.sort_unstable();
    let forwarded = made().filter(|offer| offer.forwarded_at.is_some());
    let accepted = || made().filter(|offer| offer.accepted_at.is_some());
    let forwarded = tally(forwarded.map(|offer| offer.amount_fen));
    let share = |part: usize, whole: usize| rounded(10_000 * part as i128, whole as i128);
    json!({
        "funnel": {
            "submitted": tally(submitted().map(|deal| deal.amount_fen)),
            "matched": tally(submitted().filter(|deal| deal.eligible > 0).map(|deal| deal.amount_fen)),
            "offered": tally(submitted().filter(|deal| offer(deal).is_some_and(|offer| offer.forwarded_at.is_some())).map(|deal| deal.amount_fen)),
            "accepted": tally(submitted().filter_map(&offer).filter(|offer| offer.accepted_at.is_some()).map(|offer| offer.amount_fen)),
            "disbursed": tally(submitted().filter(|deal| offer(deal).is_some()).filter_map(|deal| deal.loan.as_ref()).map(|loan| loan.draws.iter().map(|draw| draw.1).sum())),
        },
        "requests": tally(submitted().map(|deal| deal.amount_fen)),
        "referrals": tally(sent().map(|deal| deal.amount_fen)),
        "offers": tally(made().map(|offer| offer.amount_fen)),
        "acceptance": {
            "forwarded": forwarded,
            "accepted": tally(accepted().map(|offer| offer.amount_fen)),
            "number_bp": share(accepted().count(), usize::try_from(forwarded["number"].as_u64().expect("a number")).expect("small")),
        },
        "answers": {
            "due": due,
            "answered": days.len(),
            "on_time": on_time,
            "on_time_bp": share(on_time, due),
            "median_days": nearest(&days, 50),
            "p90_days": nearest(&days, 90),
        },
        "unserved": tally(unserved.map(|deal| deal.amount_fen)),
    })
}

/// Days from Monday to Friday after one day up to another, counted one by one.
fn weekdays(from: NaiveDate, to: NaiveDate) -> usize {
    let works = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    from.iter_days()
        .skip(1)
        .take_while(|day| *day <= to)
        .filter(works)
        .count()
}

/// The first value that so many of all do not exceed.
fn nearest(sorted: &[usize], percent: usize) -> Option<usize> {
    let enough = |value: &&usize| sorted.iter().filter(|one| one <= value).count() * 100 >= percent * sorted.len();
    sorted.iter().find(enough).copied()
}

fn expected(store: &Store, deals: &[Deal], group: &Group<'_>) -> Value {
    let mut all = expected_cases(deals, group);
    let lending = lending::expected(store, group);
    let lending = lending.as_object().expect("an object").clone();
    all.as_object_mut().expect("an object").extend(lending);
    all
}

/// A year of this district, with rows of another one between them.
fn made(db: &TestDb) -> (TestApp, Vec<Deal>) {
    let app = TestApp::start(db);
    put_products(&db.store);
    execute(
        &db.store,
        "INSERT INTO lpr (announced_on, one_year_bp, five_year_bp) VALUES ('2026-01-20', 305, 355), ('2026-06-22', 290, 345)",
    );
    let mut deals = year(1, 160, DISTRICT);
    deals.extend(year(2, 40, ELSEWHERE));
    put(&db.store, &deals, 1);
    (app, deals)
}

on_both! {
    fn every_figure_of_every_group_equals_one_computed_another_way(db: &TestDb) {
        let (app, deals) = made(db);
        let officer = app.sign_in("officer");
        let whole = expected(&db.store, &deals, &made_group("", ""));
        assert_eq!(summary(&officer, FROM, TO), whole);
        let mut groups = 0;
        for (by, least) in [("month", 12), ("bank", 2), ("kind", 3), ("guarantee", 4)] {
            let found = series(&officer, by, FROM, TO);
            assert_eq!(found["total"], whole);
            let found = found["groups"].as_array().expect("groups");
            assert!(found.len() >= least, "{by}: {}", found.len());
            for group in found {
                let key = group["key"].as_str().expect("a key");
                assert_eq!(group["figures"], expected(&db.store, &deals, &made_group(by, key)), "{by} {key}");
                groups += 1;
            }
        }
        let reasons = read(&officer, &format!("/api/v1/monitor/summary?from={FROM}&to={TO}"))["unserved"].clone();
        let reasons = reasons.as_array().expect("reasons");
        assert!(reasons.len() > 1);
        for reason in reasons {
            let of = deals.iter().filter(|deal| deal.district == DISTRICT && deal.unserved.is_some_and(|(at, why)| made_group("", "").has(day(at)) && reason["reason"] == why));
            assert_eq!(reason["number"], of.count(), "{reason}");
        }
        println!("{groups} groups, disbursements {}", whole["disbursements"]);
    }

    fn filters_narrow_together(db: &TestDb) {
        let (app, deals) = made(db);
        let path = "/api/v1/monitor/summary?from=2026-01-15&to=2026-06-20&bank=BANKA&kind=tech_upgrade&guarantee=credit";
        let group = Group { district: DISTRICT, from: date("2026-01-15"), to: date("2026-06-20"), bank: Some("BANKA"), kind: Some("tech_upgrade"), guarantee: Some("credit") };
        let found = read(&app.sign_in("officer"), path);
        assert_eq!(found["figures"], expected(&db.store, &deals, &group));
        assert_ne!(found["figures"]["disbursements"]["number"], 0, "some are left");
    }

    fn a_month_begins_and_ends_at_midnight_in_shanghai(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = app.sign_in("officer");
        let deals: Vec<Deal> = [
            "2026-09-30T15:59:59.999999Z", // still September there
            "2026-09-30T16:00:00Z",
            "2026-10-31T15:59:59.999999Z",
            "2026-10-31T16:00:00Z", // November there
        ].iter().map(|at| Deal::submitted(at, 1_000_000)).collect();
        put(&db.store, &deals, 1);
        let mut paid = Deal::lent("2026-10-01", 12, 300);
        paid.loan.as_mut().expect("a loan").draws = vec![(date("2026-10-01"), 5), (date("2026-10-31"), 7)];
        let late = Deal::lent("2026-11-01", 11, 300);
        put(&db.store, &[paid, late], 10);
        let october = summary(&officer, "2026-10-01", "2026-10-31");
        // Two of the four, and the second loan's request of 12 October.
        assert_eq!(october["funnel"]["submitted"]["number"], 3);
        assert_eq!(october["disbursements"], json!({"number": 2, "amount_fen": 12}));
        let months = series(&officer, "month", "2026-09-15", "2026-11-01");
        let number = |place: usize| months["groups"][place]["figures"]["requests"]["number"].clone();
        assert_eq!([number(0), number(1), number(2)], [json!(1), json!(3), json!(1)], "the first loan's request is of 11 September");
        let keys: Vec<_> = months["groups"].as_array().expect("groups").iter().map(|group| group["key"].clone()).collect();
        assert_eq!(keys, ["2026-09", "2026-10", "2026-11"]);
    }

    fn another_districts_rows_never_count(db: &TestDb) {
        let app = TestApp::start(db);
        let (officer, elsewhere) = (app.sign_in("officer"), app.sign_in("elsewhere"));
        put_products(&db.store);
        put(&db.store, &year(3, 30, DISTRICT), 1);
        let before = summary(&officer, FROM, TO);
        let nothing = summary(&elsewhere, FROM, TO);
        assert_eq!((&nothing["requests"]["number"], &nothing["disbursements"]["number"]), (&json!(0), &json!(0)));
        assert_eq!(nothing["averages"]["rate_bp"], Value::Null, "nothing can be said of nothing");
        assert_eq!((&nothing["credit"]["amount_bp"], &nothing["answers"]["median_days"]), (&Value::Null, &Value::Null));
        put(&db.store, &year(4, 30, ELSEWHERE), 100);
        assert_eq!(summary(&officer, FROM, TO), before);
        let theirs = summary(&elsewhere, FROM, TO);
        assert_ne!(theirs["disbursements"]["number"], 0);
        let rows = crate::support::visitor::Visitor::signed_in(&app, "elsewhere", "/centre");
        rows.get(&format!("/centre/monitor/rows?measure=submitted&from={FROM}&to={TO}")).shows(&number_of(100)).hides(&number_of(1));
    }

    fn an_acceptance_that_fell_through_counts_as_accepted_and_not_as_lent(db: &TestDb) {
        let app = TestApp::start(db);
        let mut fallen = Deal::lent("2026-10-30", 80_000_000, 320);
        fallen.loan = None;
        fallen.offer.as_mut().expect("an offer").state = "fell_through";
        put(&db.store, &[fallen, Deal::lent("2026-10-30", 20_000_000, 320)], 1);
        let found = summary(&app.sign_in("officer"), "2026-10-01", "2026-10-31");
        assert_eq!(found["funnel"]["accepted"], json!({"number": 2, "amount_fen": 100_000_000}));
        assert_eq!(found["funnel"]["disbursed"], json!({"number": 1, "amount_fen": 20_000_000}));
        assert_eq!(found["acceptance"]["number_bp"], 10_000);
    }

    fn the_spread_is_over_the_lpr_of_each_day_by_term(db: &TestDb) {
        let app = TestApp::start(db);
        execute(&db.store, "INSERT INTO lpr (announced_on, one_year_bp, five_year_bp) VALUES ('2026-10-20', 290, 345)");
        let term = |paid_on: &str, amount: i64, months: u32| {
            let mut deal = Deal::lent(paid_on, amount, 400);
            deal.loan.as_mut().expect("a loan").term_months = months;
            deal
        };
        // 100 and 110 over 1-year, 50 and 55 over 5-year; by 1, 2, 3 and 4 of amount: (100 + 220 + 150 + 220) / 10.
        let deals = [term("2026-10-19", 1, 60), term("2026-10-20", 2, 60), term("2026-10-19", 3, 61), term("2026-10-20", 4, 61)];
        put(&db.store, &deals, 1);
        let found = summary(&app.sign_in("officer"), "2026-10-01", "2026-10-31");
        assert_eq!((&found["averages"]["spread_bp"], &found["averages"]["spread_of_fen"]), (&json!(69), &json!(10)));
        // Before the first announcement there is no LPR, and that is said.
        put(&db.store, &[Deal::lent("2024-01-10", 1_000, 500)], 10);
        let found = summary(&app.sign_in("officer"), "2024-01-01", "2024-01-31");
        assert_eq!((&found["averages"]["rate_bp"], &found["averages"]["spread_bp"], &found["averages"]["spread_of_fen"]), (&json!(500), &Value::Null, &json!(0)));
    }

    fn half_a_bp_is_rounded_away_from_zero_once(db: &TestDb) {
        let app = TestApp::start(db);
        // 300 and 301 in halves: 300.5; the spread is 0.5, and −0.5 a month later.
        put(&db.store, &[Deal::lent("2026-09-10", 500, 300), Deal::lent("2026-09-11", 500, 301)], 1);
        put(&db.store, &[Deal::lent("2026-10-10", 500, 300), Deal::lent("2026-10-11", 500, 299)], 10);
        let months = series(&app.sign_in("officer"), "month", "2026-09-01", "2026-10-31");
        let averages = |place: usize| months["groups"][place]["figures"]["averages"].clone();
        assert_eq!((&averages(0)["rate_bp"], &averages(0)["spread_bp"]), (&json!(301), &json!(1)));
        assert_eq!((&averages(1)["rate_bp"], &averages(1)["spread_bp"]), (&json!(300), &json!(-1)));
    }

    fn answers_are_counted_in_working_days_across_a_holiday(db: &TestDb) {
        let app = TestApp::start(db);
        execute(&db.store, "INSERT INTO holiday (day, kind, name) VALUES
            ('2026-10-01', 'holiday', '国庆节'), ('2026-10-02', 'holiday', '国庆节'), ('2026-10-05', 'holiday', '国庆节'),
            ('2026-10-06', 'holiday', '国庆节'), ('2026-10-07', 'holiday', '国庆节'), ('2026-10-10', 'workday', '国庆节')");
        let answered = |at: &str, late: bool| {
            let mut deal = Deal::lent("2026-10-19", 1_000, 300);
            deal.sent_at = Some(instant("2026-09-29T02:00:00Z"));
            (deal.answered_at, deal.is_late) = (Some(instant(at)), Some(late));
            deal
        };
        // 0, 1, and, over the holiday and the worked Saturday, 5 and 6.
        let mut deals: Vec<Deal> = [("2026-09-29T09:00:00Z", false), ("2026-09-30T02:00:00Z", false), ("2026-10-12T02:00:00Z", false), ("2026-10-13T02:00:00Z", true)]
            .map(|(at, late)| answered(at, late)).to_vec();
        // Silent, and its last day is over; silent, and it is not; cancelled before, and after.
        for (state, due_on) in [("pending", "2026-10-12"), ("viewed", "2026-11-02"), ("cancelled", "2026-10-12"), ("overdue", "2026-10-12")] {
            let mut silent = Deal::lent("2026-10-19", 1_000, 300);
            (silent.sent_at, silent.answered_at, silent.is_late) = (Some(instant("2026-09-29T02:00:00Z")), None, None);
            (silent.referral_state, silent.due_on, silent.offer, silent.loan) = (state, date(due_on), None, None);
            deals.push(silent);
        }
        put(&db.store, &deals, 1);
        let found = summary(&app.sign_in("officer"), "2026-09-01", "2026-09-30");
        assert_eq!(found["answers"], json!({"due": 6, "answered": 4, "on_time": 3, "on_time_bp": 5_000, "median_days": 1, "p90_days": 6}));
    }

    fn the_workbook_holds_what_the_csv_files_hold(db: &TestDb) {
        let (app, _) = made(db);
        let officer = app.sign_in("officer");
        let query = format!("from={FROM}&to={TO}");
        let bytes = officer.get(&format!("/api/v1/monitor/report.xlsx?{query}")).bytes().expect("a body");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).expect("a workbook");
        let mut cells = 0;
        for (table, sheet, rows) in [("funnel", "撮合漏斗", 6), ("month", "按月份", 14), ("bank", "按银行", 4), ("kind", "按产品类别", 5), ("guarantee", "按担保方式", 6), ("unserved", "未承接原因", 4)] {
            let text = officer.get(&format!("/api/v1/monitor/table.csv?{query}&table={table}")).text().expect("a body");
            let mut csv = csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            let csv: Vec<Vec<String>> = csv.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
            let range = book.worksheet_range(sheet).expect("a sheet");
            assert_eq!((csv.len(), range.height()), (rows, rows), "{table}");
            for (row, texts) in range.rows().zip(&csv) {
                assert_eq!(row.len(), texts.len(), "{table}");
                for (cell, text) in row.iter().zip(texts) {
                    assert!(is_same(cell, text), "{table}: {cell:?} is not {text}");
                    cells += 1;
                }
            }
        }
        let notes = book.worksheet_range("说明").expect("a sheet");
        let notes = format!("{notes:?}");
        assert!(notes.contains("2025-11-01 至 2026-10-31") && notes.contains("officer"), "{notes}");
        println!("{cells} cells");
        let told = app.sign_in("administrator").get("/api/v1/audit?action=monitor_exported").text().expect("a body");
        assert_eq!((told.matches("monitor:monitor.xlsx").count(), told.matches("monitor:monitor-bank.csv").count()), (1, 1), "{told}");
    }

    fn what_cannot_be_asked_is_told_by_field(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = app.sign_in("officer");
        for (query, field, code) in [
            ("from=2026-10-02&to=2026-10-01", "to", "inverted_range"),
            ("from=2020-01-01&to=2026-10-01", "from", "out_of_range"),
            ("from=1.10.2026", "from", "bad_date"),
            ("kind=house", "kind", "unknown_code"),
            ("guarantee=house", "guarantee", "unknown_code"),
            ("by=house", "by", "unknown_code"),
        ] {
            let answer = officer.get(&format!("/api/v1/monitor/series?{query}"));
            assert_eq!(answer.status(), 422, "{query}");
            let told: Value = answer.json().expect("JSON");
            assert_eq!((&told["errors"][0]["field"], &told["errors"][0]["code"]), (&json!(field), &json!(code)), "{query}");
        }
        assert_eq!(officer.get("/api/v1/monitor/summary?house=1").status(), 422);
        let usual = read(&officer, "/api/v1/monitor/summary");
        assert_eq!((&usual["from"], &usual["to"]), (&json!("2025-12-01"), &json!("2026-11-01")), "the last twelve months");
    }
}

/// Whether a cell of the workbook is what the CSV says, to the last digit.
fn is_same(cell: &Data, text: &str) -> bool {
    match cell {
        Data::String(own) => own == text,
        Data::Float(number) => match text.strip_suffix('%') {
            Some(percent) => (number * 100.0 - percent.parse::<f64>().expect("a percent")).abs() < 1e-9,
            None => text
                .parse::<f64>()
                .is_ok_and(|text| text.to_string() == number.to_string()),
        },
        Data::Int(number) => text.parse() == Ok(*number),
        _ => false,
    }
}
