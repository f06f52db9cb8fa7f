//! The monitor's page: every figure leads to the rows behind it, and they make up the figure.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::lent_year::{Deal, number_of, put, put_products, year};
use crate::support::samples::DISTRICT;
use crate::support::visitor::{Answer, Visitor};
use std::collections::BTreeSet;

const ROWS: &str = "<a href=\"/centre/monitor/rows?";

/// What leads to rows: the address, the figure, and what stands small beside it.
fn figures(page: &Answer) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for part in page.body.split(ROWS).skip(1) {
        let (query, rest) = part.split_once("\">").expect("an address");
        let (figure, rest) = rest.split_once("</a>").expect("a figure");
        let beside = rest
            .strip_prefix(" <small class=\"muted\">")
            .and_then(|rest| rest.split_once('<'));
        if !figure.contains('<') {
            let query = query.replace("&amp;", "&").replace("&#38;", "&");
            found.push((
                format!("/centre/monitor/rows?{query}"),
                figure.to_owned(),
                beside.map_or("", |(text, _)| text).to_owned(),
            ));
        }
    }
    found
}

/// The number and the amount in the heading of the rows' page.
fn heading(page: &Answer) -> (String, String) {
    let (_, rest) = page.body.split_once("<h1>").expect("a heading");
    let (heading, _) = rest.split_once("</h1>").expect("a heading");
    let (_, figures) = heading.split_once('：').expect("figures");
    let (number, amount) = figures.split_once(" 条，").expect("both");
    (number.to_owned(), amount.trim_end_matches(" 万元").to_owned())
}

on_both! {
    fn every_figure_opens_the_rows_that_make_it_up(db: &TestDb) {
        let app = TestApp::start(db);
        put_products(&db.store);
        put(&db.store, &year(5, 70, DISTRICT), 1);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        let page = officer.get("/centre/monitor?by=bank&from=2025-11-01&to=2026-10-31");
        page.shows("运行监测").shows("<svg class=\"chart wide\"").shows("示例BANKA").shows("合计");
        let (mut seen, mut compared) = (BTreeSet::new(), 0);
        for (path, figure, beside) in figures(&page) {
            let rows = officer.get(&path);
            assert_eq!(rows.status, 200, "{path}");
            let (number, amount) = heading(&rows);
            let listed = rows.body.matches("<tr role=\"row\"><th scope=\"row\"").count();
            assert_eq!(number.parse::<usize>().expect("a number").min(50), listed, "{path}");
            let is_average = figure.contains(['%', '/', '+', '−']);
            if !is_average {
                assert!(figure == number || figure == amount, "{path}: {figure} is neither {number} nor {amount}");
                compared += 1;
            }
            if let Some((part, _)) = beside.split_once('/') {
                assert_eq!(part, number, "{path}: {figure} of {beside}");
            } else if !beside.is_empty() {
                assert_eq!(beside, amount, "{path}: {figure} of {beside}");
            }
            seen.insert(path);
        }
        assert!(compared > 30, "{compared} figures were compared");
        println!("{} addresses, {compared} figures compared", seen.len());
    }

    fn rows_go_on_page_by_page_and_as_a_file(db: &TestDb) {
        let app = TestApp::start(db);
        let deals: Vec<Deal> = (0..60).map(|hour| Deal::submitted(&format!("2026-10-{:02}T{:02}:00:00Z", 10 + hour / 24, hour % 24), 1_000_001)).collect();
        put(&db.store, &deals, 1);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        let path = "/centre/monitor/rows?measure=submitted&from=2026-10-01&to=2026-10-31";
        let first = officer.get(path);
        first.shows("提交需求：60 条，60.00006 万元").shows(&number_of(60)).hides(&number_of(10)).shows("更早的记录").hides("更新的记录");
        officer.get(&format!("{path}&page=2")).shows(&number_of(10)).hides(&number_of(11)).shows("更新的记录").hides("更早的记录");
        let file = officer.get(&path.replace("rows", "rows.csv"));
        assert_eq!(file.body.lines().count(), 61);
        file.shows("2026-10-10").shows("1.000001");
        let empty = officer.get("/centre/monitor/rows?measure=disbursements&from=2026-10-01&to=2026-10-31");
        empty.shows("放款：0 条，0 万元").shows("这段时间没有这样的记录");
    }

    fn a_filter_that_cannot_be_is_told_and_the_usual_period_is_shown(db: &TestDb) {
        let app = TestApp::start(db);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        for query in ["from=2026-10-02&to=2026-10-01", "from=1.10.2026", "kind=house", "from=1999-01-01"] {
            let page = officer.get(&format!("/centre/monitor?{query}"));
            assert_eq!(page.status, 200);
            page.shows("筛选有误").shows("value=\"2025-12-01\"").shows("value=\"2026-11-01\"");
        }
        let empty = officer.get("/centre/monitor");
        empty.hides("筛选有误").shows("这段时间没有放款").shows("aria-current=\"page\">运行监测").shows(">—");
        let chosen = officer.get("/centre/monitor?kind=plant&guarantee=mortgage");
        chosen.shows("<option value=\"plant\" selected>").shows("<option value=\"mortgage\" selected>").shows("厂房贷，抵押");
        assert_eq!(officer.get("/centre/monitor/rows?measure=house").status, 422);
    }
}
