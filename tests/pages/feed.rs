//! Handing facts in by hand: choose a file, look, confirm; what was handed in; disputes from both sides.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, counts, on_both};
use crate::support::feed::{csv, hidden};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;

fn department(app: &TestApp) -> Visitor {
    Visitor::signed_in(app, "department", "/department")
}

on_both! {
    fn a_file_is_looked_at_before_it_changes_anything(db: &TestDb) {
        let app = TestApp::start(db);
        let (visitor, owner) = (department(&app), app.sign_in("owner"));
        owner.authorise(USCCS[0]);
        visitor.get("/department").shows("还没有导入过数据").shows("纳税信用等级").hides("海关信用等级").shows("/department/template.xlsx");
        app.sign_in("department").taken(&csv(&[(USCCS[0], "tax_paid_fen", "100000000", "2026-09-01"), (USCCS[0], "tax_arrears", "false", "2026-09-01")]));
        let text = csv(&[
            (USCCS[0], "tax_paid_fen", "118000000", "2026-10-01"),
            (USCCS[0], "tax_grade", "A", "2026-10-01"),
            (USCCS[0], "tax_arrears", "false", "2026-09-01"),
            (USCCS[1], "tax_paid_fen", "abc", "2026-10-01"),
            (USCCS[1], "customs_grade", "advanced", "2026-10-01"),
            ("91410106XY88888882", "tax_grade", "A", "2026-10-01"),
        ]);
        let sent = visitor.hand_in("/department/batches", "三季度.csv", text);
        assert_eq!(sent.status, 303);
        let page = visitor.get(&sent.location);
        page.shows("将新增 1 项、更新 1 项，3 行有误不导入").shows("三季度.csv").shows("确认导入 2 项");
        page.shows("100 万元").shows("118 万元").shows("2026-09-01").shows("第 5 行").shows("该项由海关提供").shows("找不到：91410106XY88888882").shows("另有 1 行与现有的值相同");
        assert_eq!(owner.known(USCCS[0], "tax_grade"), [], "nothing yet");

        let plan = hidden(&page, "plan");
        let done = visitor.post(&format!("{}/confirm", sent.location), &[("plan", &plan)]);
        assert_eq!(done.location, format!("{}?done=applied", sent.location));
        visitor.get(&done.location).shows("已按预览导入").shows("整批撤回").hides("确认导入");
        assert_eq!(owner.known(USCCS[0], "tax_grade").len(), 1);
        assert_eq!(owner.known(USCCS[0], "tax_paid_fen")[0].0, 118_000_000);
        let before = counts(&db.store);
        assert_eq!(visitor.post(&format!("{}/confirm", sent.location), &[("plan", &plan)]).status, 303, "a second click");
        assert_eq!(counts(&db.store), before, "does nothing");

        let asked = visitor.get(&format!("{}/withdraw", sent.location));
        asked.shows("整批撤回“三季度.csv”？").shows("立即生效");
        assert_eq!(visitor.post(&format!("{}/withdraw", sent.location), &[]).status, 303);
        visitor.get(&sent.location).shows("已撤回").hides("/withdraw\"");
        assert_eq!(owner.known(USCCS[0], "tax_paid_fen")[0].0, 100_000_000, "as it was before");
    }

    fn what_changed_since_the_preview_is_shown_again_and_nothing_is_done(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = department(&app);
        let sent = visitor.hand_in("/department/batches", "a.csv", csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01")]));
        let plan = hidden(&visitor.get(&sent.location), "plan");
        app.sign_in("department").taken(&csv(&[(USCCS[0], "tax_grade", "B", "2026-09-01")]));
        let before = counts(&db.store);
        let page = visitor.post(&format!("{}/confirm", sent.location), &[("plan", &plan)]);
        assert_eq!(page.status, 409);
        page.shows("预览之后数据有变化，没有导入").shows("B级").shows("将新增 0 项、更新 1 项");
        assert_eq!(counts(&db.store), before);
        let plan = hidden(&page, "plan");
        assert_eq!(visitor.post(&format!("{}/confirm", sent.location), &[("plan", &plan)]).status, 303);
        for wrong in ["", "0", &plan] {
            let again = visitor.post(&format!("{}/confirm", sent.location), &[("plan", wrong)]);
            assert_eq!(again.status, 303, "it is done; the page says so");
        }
    }

    fn a_file_that_cannot_be_read_says_why_and_keeps_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = department(&app);
        let before = counts(&db.store);
        for (bytes, words) in [
            (&b""[..], "请先选择文件"),
            (b"PK\x03\x04 no workbook", "不是能读的 Excel 工作簿"),
            (b"uscc,fact,value\n", "缺少这一列"),
            (b"<script>alert(1)</script>,b\n", "&#60;script&#62;"),
            (b"uscc,fact,value,observed_on\n", "至少要有一项"),
        ] {
            let page = visitor.hand_in("/department/batches", "a.csv", bytes);
            assert_eq!(page.status, 422, "{words}");
            page.shows("<title>有误：").shows("data-errors autofocus").shows(words);
        }
        assert_eq!(visitor.hand_in("/department/batches", "a.csv", vec![b'a'; 5 << 20]).status, 413);
        assert_eq!(visitor.post("/department/batches", &[("file", "a")]).status, 415, "no file at all");
        assert_eq!(counts(&db.store), before);
        let name = "../../etc/passwd\u{202e}<b>.csv";
        let sent = visitor.hand_in("/department/batches", name, csv(&[(USCCS[0], "tax_grade", "A", "2026-10-01")]));
        visitor.get(&sent.location).shows("&#60;b&#62;.csv").hides("\u{202e}").hides("<b>.csv");
    }

    fn threat_14_templates_and_lists_of_bad_rows_hold_no_formula(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = department(&app);
        let get = |path: &str| visitor.client.get(visitor.address(path)).send().expect("an answer");
        let template = get("/department/template.xlsx");
        assert!(template.headers()["content-disposition"].to_str().expect("ASCII").contains("facts-template.xlsx"));
        let bytes = template.bytes().expect("a body");
        assert!(!part(&bytes, "xl/worksheets/sheet1.xml").contains("<f"));
        assert_eq!(get("/department/template.csv").text().expect("UTF-8"), "\u{feff}统一社会信用代码,数据项,内容,数据日期,有效期至\r\n");

        let evil = ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1"];
        let rows: Vec<(&str, &str, &str, &str)> = evil.iter().map(|cell| (USCCS[0], *cell, "1", "2026-10-01")).collect();
        let sent = visitor.hand_in("/department/batches", "=evil.csv", csv(&rows));
        let book = get(&format!("{}/refused.xlsx", sent.location)).bytes().expect("a body");
        let (sheet, strings) = (part(&book, "xl/worksheets/sheet1.xml"), part(&book, "xl/sharedStrings.xml"));
        assert!(!sheet.contains("<f") && sheet.contains("t=\"s\""), "every cell is a text: {sheet}");
        assert!(strings.contains("不认识的代码：=cmd|"), "{strings}");
    }

    fn threat_15_a_bomb_is_refused_and_others_are_served(db: &TestDb) {
        use std::io::Write;
        let app = TestApp::start(db);
        let visitor = department(&app);
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).expect("a part");
        for _ in 0..24 {
            archive.write_all(&vec![b' '; 1 << 20]).expect("written");
        }
        let bomb = archive.finish().expect("whole").into_inner();
        assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
        let api = app.sign_in("department");
        let before = counts(&db.store);
        visitor.hand_in("/department/batches", "a.xlsx", bomb.clone()).shows("文件解压后超出限度（解压后的大小），没有读取");
        let request = api.request(&reqwest::Method::POST, "/api/v1/facts");
        let answer = crate::support::feed::with_file(request, crate::support::feed::XLSX, bomb);
        assert_eq!(answer.status(), 422);
        assert_eq!(answer.json::<serde_json::Value>().expect("JSON")["errors"][0]["code"], "unpacks_too_far");
        assert_eq!(counts(&db.store), before);
        assert_eq!(visitor.get("/department").status, 200);
    }

    fn an_enterprise_disputes_a_value_and_sees_the_answer(db: &TestDb) {
        let app = TestApp::start(db);
        let (visitor, owner) = (department(&app), Visitor::signed_in(&app, "owner", "/enterprise"));
        app.sign_in("owner").authorise(USCCS[0]);
        app.sign_in("department").taken(&csv(&[(USCCS[0], "tax_paid_fen", "100000000", "2026-10-01")]));
        let page = owner.get("/enterprise/facts/tax_paid_fen");
        page.shows("数据不对，或者需要核验？").shows("value=\"wrong\" checked").hides("value=\"please_verify\"");
        let again = owner.post("/enterprise/facts/tax_paid_fen/dispute", &[("kind", "wrong"), ("note", " ")]);
        assert_eq!(again.status, 422);
        again.shows("<title>有误：").shows("说明不能为空");
        let sent = owner.post("/enterprise/facts/tax_paid_fen/dispute", &[("kind", "wrong"), ("note", "应为 <b>120</b> 万元")]);
        assert_eq!(sent.location, "/enterprise/facts/tax_paid_fen#disputes");
        owner.get("/enterprise/facts/tax_paid_fen").shows("等税务局答复").shows("应为 &#60;b&#62;120&#60;/b&#62; 万元").hides("提交给税务局");
        owner.get("/enterprise/profile").shows("异议待答复");

        visitor.get("/department").shows("1 件异议或核验申请待答复");
        let list = visitor.get("/department/disputes");
        list.shows("示例企业0有限公司").shows("近12个月纳税额").shows("数据异议");
        let from = list.body.find("/department/disputes/").expect("a link");
        let path: String = list.body[from..].chars().take_while(|c| *c != '"').collect();
        visitor.get(&path).shows("100 万元").shows("已核验").shows("核对无误").hides("企业填报的值属实");
        let none = visitor.post(&path, &[("text", "看过了")]);
        assert_eq!(none.status, 422);
        none.shows("请选一种答复").shows("看过了");
        visitor.post(&path, &[("outcome", "corrected"), ("text", "已更正")]).shows("请先导入").shows("value=\"corrected\" checked");
        assert_eq!(visitor.post(&path, &[("outcome", "confirmed"), ("text", "与申报表一致")]).location, "/department/disputes?done=answered");
        visitor.get("/department/disputes?done=answered").shows("已答复，企业会收到消息").shows("没有待答复的异议");
        owner.get("/enterprise/facts/tax_paid_fen").shows("核对无误").shows("与申报表一致").shows("提交给税务局");
        owner.get("/messages").shows("示例tax已答复：近12个月纳税额核对无误");
        owner.get("/enterprise/profile").hides("异议待答复");
    }

    fn a_near_row_leads_to_where_its_value_is_disputed_or_verified(db: &TestDb) {
        let app = TestApp::start(db);
        let (api, visitor) = (app.sign_in("owner"), Visitor::signed_in(&app, "owner", "/enterprise"));
        api.authorise(USCCS[0]);
        api.declare(USCCS[0], "tier", &serde_json::json!("candidate"));
        let request = api.begin();
        assert_eq!(api.submit(&request).status(), 200);
        let page = visitor.get(&format!("/enterprise/requests/{request}"));
        page.shows("差一项").shows("href=\"/enterprise/facts/tier\"");
        visitor.get("/enterprise/facts/tier").shows("id=\"disputes\"").shows("核验申请");
    }
}

/// The text of a part of a workbook.
fn part(book: &[u8], name: &str) -> String {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).expect("an archive");
    let mut text = String::new();
    archive
        .by_name(name)
        .expect("the part")
        .read_to_string(&mut text)
        .expect("UTF-8");
    text
}
