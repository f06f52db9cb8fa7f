//! Who is not there yet: registering, being invited, forgetting a password. All without a script.

use crate::support::app::{PASSWORD, TestApp};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::joining::{
    PDF, PNG, invited, links, multipart, newest_link, owner_codes, registered, token_of, uscc,
};
use crate::support::mail::world;
use crate::support::samples::USCCS;
use crate::support::visitor::{Answer, Visitor};
use chrono::TimeDelta;
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::Memory;
use std::sync::Arc;

const NEW: &str = "new@example.com";
/// What a demon would type.
const ORDERS: &str = "甲\r\nBcc: all@example.com\r\n\r\nhello";

/// The parts of a registration's form, with some of them replaced.
fn parts<'a>(token: &'a str, code: &'a str, other: &[(&'a str, &'a str)]) -> Vec<(&'a str, Option<&'a str>, &'a [u8])> {
    let usual = [
        ("token", token),
        ("text_version", "1"),
        ("uscc", code),
        ("enterprise_name", "示例新企业有限公司"),
        ("industry", "35"),
        ("town", "410106001"),
        ("person", "刘新"),
        ("password", PASSWORD),
        ("until", "2027-06-30"),
        ("agree", "yes"),
    ];
    let text = |(name, text): (&'a str, &'a str)| {
        let replaced = other.iter().find(|(other, _)| *other == name);
        (name, None, replaced.map_or(text, |(_, text)| *text).as_bytes())
    };
    let mut parts: Vec<_> = usual.into_iter().map(text).collect();
    parts.extend(owner_codes().into_iter().map(|code| ("owners", None, code.as_bytes())));
    parts.push(("licence", Some("营业执照.pdf"), PDF));
    parts.push(("letter", Some("授权函.png"), PNG));
    parts
}

/// Someone who proves an address: the visitor, and the link's token.
fn proven(app: &TestApp, email: &str) -> (Visitor, String) {
    let visitor = Visitor::new(app);
    let asked = visitor.post("/register", &[("email", email)]);
    assert_eq!((asked.status, asked.location.as_str()), (303, "/register?done=sent"));
    let link = newest_link(app, email);
    visitor.get(&link).shows("填写企业资料").shows(email);
    (visitor, token_of(&link))
}

on_both! {
    fn an_enterprise_registers_and_is_approved(db: &TestDb) {
        let app = TestApp::start(db);
        let code = uscc(7);
        let (visitor, token) = proven(&app, NEW);
        let sent = visitor.upload("/register/form", &parts(&token, code.as_str(), &[]));
        assert_eq!((sent.status, sent.location.as_str()), (303, "/register?done=submitted"), "{}", sent.body);
        visitor.get("/register?done=submitted").shows("等待审核");
        visitor.get(&format!("/register/form?token={token}")).shows("链接已失效");
        assert_eq!(visitor.post("/login", &[("email", NEW), ("password", PASSWORD)]).status, 401, "not before it is approved");

        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get("/messages").shows("注册申请待审核：示例新企业有限公司").shows("刘新");
        let list = officer.get("/centre/registrations");
        list.shows("1 份注册申请待审核").shows(code.as_str()).hides("已有人代表");
        let link = newest_link(&app, "officer@example.com");
        let page = officer.get(&link);
        page.shows("刘新申请代表示例新企业有限公司").shows("营业执照.pdf").shows("授权函.png").shows("库中尚无").shows(NEW);
        let file = page.body.split("/centre/attachments/").nth(1).and_then(|rest| rest.split('"').next()).expect("a file");
        let file = officer.client.get(officer.address(&format!("/centre/attachments/{file}"))).send().expect("an answer");
        let head = |name: &str| file.headers()[name].to_str().expect("ASCII").to_owned();
        assert!(head("content-disposition").starts_with("attachment;"), "{}", head("content-disposition"));
        assert!(head("content-disposition").contains("filename*=UTF-8''%E8%90%A5"), "{}", head("content-disposition"));
        assert_eq!((head("x-content-type-options"), head("content-type"), head("cache-control")), ("nosniff".to_owned(), "application/pdf".to_owned(), "no-store".to_owned()));
        assert_eq!(file.bytes().expect("a body"), PDF);

        let to_come = officer.post(&format!("{link}/approve"), &[("established_on", "2027-01-01")]);
        assert_eq!(to_come.status, 422);
        to_come.shows("成立日期不能晚于今天");
        let approved = officer.post(&format!("{link}/approve"), &[("established_on", "2015-03-20")]);
        assert_eq!((approved.status, approved.location.as_str()), (303, "/centre/registrations?done=approved"));
        assert_eq!(officer.post(&format!("{link}/reject"), &[("reason", "迟了")]).status, 409);
        let owner = Visitor::new(&app).entered(NEW, PASSWORD, "/enterprise");
        owner.get("/enterprise/profile").shows("示例新企业有限公司").shows("2015-03-20").shows("自行填报");
        owner.get("/enterprise/consents").shows("第 1 版");
        owner.get("/enterprise/members").shows("1 位成员可以登录").shows("刘新");
    }

    fn a_rejected_one_is_told_why_and_forgotten_later(db: &TestDb) {
        let app = TestApp::start(db);
        let id = registered(&app, NEW, uscc(7).as_str());
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        let path = format!("/centre/registrations/{id}");
        let again = officer.post(&format!("{path}/reject"), &[("reason", " ")]);
        assert_eq!(again.status, 422);
        again.shows("<title>有误：").shows("请填写退回原因");
        assert_eq!(officer.post(&format!("{path}/reject"), &[("reason", ORDERS)]).status, 422, "no order reaches a mail");
        assert_eq!(officer.post(&format!("{path}/reject"), &[("reason", "授权函没有盖章")]).status, 303);
        assert_eq!(officer.post(&format!("{path}/approve"), &[]).status, 409);
        officer.get(&path).shows("原因：授权函没有盖章").hides("/approve");
        assert_eq!(newest_link(&app, NEW), "/register");
        let files = |name: &str| counts(&db.store).into_iter().find(|(table, _)| *table == name).map(|(_, rows)| rows);
        app.clock.advance(TimeDelta::days(89));
        let _ = run_once(&world(&app.service, "node", Arc::new(Memory::default())));
        assert_eq!((files("registration"), files("attachment")), (Some(1), Some(2)));
        app.clock.advance(TimeDelta::days(2));
        let _ = run_once(&world(&app.service, "node", Arc::new(Memory::default())));
        assert_eq!((files("registration"), files("attachment"), files("link")), (Some(0), Some(0), Some(0)));
    }

    fn threat_19_an_address_with_an_account_gets_the_same_answer(db: &TestDb) {
        let app = TestApp::start(db);
        for path in ["/register", "/reset"] {
            let ask = |email: &str| {
                let before = counts(&db.store);
                let answer = Visitor::new(&app).post(path, &[("email", email)]);
                let after = counts(&db.store).into_iter().zip(before).filter(|((table, after), (_, before))| *table != "outbox" && after != before);
                let grown: Vec<_> = after.map(|((table, _), _)| table).collect();
                (answer.status, answer.location, answer.body, grown)
            };
            let (known, unknown) = (ask("owner@example.com"), ask("nobody@example.com"));
            assert_eq!(known, unknown, "{path}");
            assert_eq!(known.3, ["audit", "link"], "{path}: the same work");
        }
        assert_eq!(links(&app, "owner@example.com").len(), 2);
        assert!(links(&app, "owner@example.com").iter().any(|link| link == "/login"), "who has an account is told so by mail");
        assert_eq!(links(&app, "nobody@example.com").len(), 1, "nobody is mailed about an account that is not there");
    }

    fn threat_33_a_second_claim_goes_to_the_desk_and_the_stranger_learns_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let submit = |email: &str, code: &str| {
            let (visitor, token) = proven(&app, email);
            let sent = visitor.upload("/register/form", &parts(&token, code, &[]));
            (sent.status, sent.location, sent.body, visitor.get("/register?done=submitted").body.replace(&visitor.csrf, ""))
        };
        let (free, taken) = (submit(NEW, uscc(7).as_str()), submit("stranger@example.com", USCCS[0]));
        assert_eq!(free, taken, "the same answer whether the code is taken or not");
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        let list = officer.get("/centre/registrations");
        assert_eq!(list.body.matches("已有人代表").count(), 1, "{}", list.body);
        let claim = list.body.split("class=\"hot\"").nth(1).and_then(|row| row.split("href=\"").nth(1)).and_then(|row| row.split('"').next());
        let claim = claim.expect("its page").to_owned();
        officer.get(&claim).shows("已有人代表：owner、member、reader").shows("库中已有").shows("导入的企业名称");
        let before = counts(&db.store);
        let unseen = officer.post(&format!("{claim}/approve"), &[]);
        assert_eq!(unseen.status, 422);
        unseen.shows("确认核实过的，请勾选");
        assert_eq!(counts(&db.store), before);
        assert_eq!(officer.post(&format!("{claim}/approve"), &[("second", "yes")]).status, 303);
        Visitor::new(&app).entered("stranger@example.com", PASSWORD, "/enterprise").get("/enterprise/members").shows("4 位成员");
        Visitor::signed_in(&app, "member", "/enterprise").get("/messages").shows("企业新增负责人：刘新");
    }

    fn every_field_that_is_wrong_is_told_and_nothing_typed_is_lost(db: &TestDb) {
        let app = TestApp::start(db);
        let (visitor, token) = proven(&app, NEW);
        let before = counts(&db.store);
        let wrong = [("uscc", "91410106XY88888883"), ("person", "王\u{202e}芳"), ("enterprise_name", "示例О有限公司"), ("password", "short"), ("agree", "")];
        let mut parts = parts(&token, "", &wrong);
        let place = parts.iter().position(|part| part.0 == "letter").expect("a letter");
        parts[place].2 = b"<html><script>alert(1)</script></html>";
        let again = visitor.upload("/register/form", &parts);
        assert_eq!(again.status, 422);
        again.shows("<title>有误：").shows("有 6 处需要修改").shows("统一社会信用代码不对").shows("含有不可见的字符");
        again.shows("只能用汉字").shows("密码至少 12 个字符").shows("文件内容不是 PDF、PNG 或 JPEG").shows("勾选同意");
        again.shows("value=\"91410106XY88888883\"").hides("short").shows("请重新选这两份");
        assert_eq!(counts(&db.store), before);
        visitor.get(&format!("/register/form?token={token}")).shows("填写企业资料");
    }

    fn threat_15_hostile_uploads_are_refused(db: &TestDb) {
        let app = TestApp::start(db);
        let (visitor, token) = proven(&app, NEW);
        let before = counts(&db.store);
        let with = |name: &'static str, content: &[u8]| {
            let code = uscc(7);
            let mut parts = parts(&token, code.as_str(), &[]);
            let place = parts.iter().position(|part| part.0 == name).expect("a part");
            parts[place].2 = content;
            visitor.upload("/register/form", &parts)
        };
        let large: Vec<u8> = PDF.iter().copied().chain(std::iter::repeat_n(b' ', 5 * 1024 * 1024)).collect();
        let answer = with("licence", &large);
        assert_eq!(answer.status, 413);
        answer.shows("最多 5120 KB").shows("示例新企业有限公司");
        assert_eq!(with("licence", b"").status, 422);
        assert_eq!(with("licence", b"MZ\x90\0 a program behind .pdf").status, 422);
        assert_eq!(with("person", &vec![b'a'; 20 * 1024]).status, 413);
        let without_end = vec![b' '; 21 * 1024 * 1024];
        assert_eq!(with("licence", &without_end).status, 413);
        let many: Vec<(&str, Option<&str>, &[u8])> = vec![("owners", None, b"tax"); 10_000];
        assert_eq!(visitor.upload("/register/form", &many).status, 422);
        let forged: Vec<_> = parts(&token, USCCS[0], &[]);
        assert_eq!(visitor.upload_as_is("/register/form", multipart(&forged)).status, 403, "the token comes first");
        let role = [parts(&token, USCCS[0], &[]), vec![("role", None, b"administrator".as_slice())]].concat();
        assert_eq!(visitor.upload("/register/form", &role).status, 422);
        let twice = [parts(&token, USCCS[0], &[]), vec![("licence", Some("b.pdf"), PDF)]].concat();
        assert_eq!(visitor.upload("/register/form", &twice).status, 422);
        assert_eq!(visitor.post("/register/form", &[("token", &token)]).status, 415);
        assert_eq!(visitor.upload_as_is("/register/form", b"--no end".to_vec()).status, 400);
        assert_eq!(counts(&db.store), before);
    }

    fn an_invited_member_joins_once(db: &TestDb) {
        let app = TestApp::start(db);
        invited(&app, NEW);
        let older = newest_link(&app, NEW);
        app.clock.advance(TimeDelta::minutes(1));
        invited(&app, NEW);
        let link = newest_link(&app, NEW);
        let visitor = Visitor::new(&app);
        visitor.get(&older).shows("链接已失效");
        let page = visitor.get(&link);
        page.shows("加入示例企业0有限公司").shows("企业经办人").shows(NEW);
        let token = token_of(&link);
        let wrong = visitor.post("/invitation", &[("token", &token), ("name", ORDERS), ("password", "short")]);
        assert_eq!(wrong.status, 422);
        wrong.shows("含有不可见的字符").shows("密码至少 12 个字符");
        let joined = visitor.post("/invitation", &[("token", &token), ("name", "赵新"), ("password", PASSWORD)]);
        assert_eq!((joined.status, joined.location.as_str()), (303, "/login?done=joined"));
        visitor.get("/login?done=joined").shows("已加入");
        assert_eq!(visitor.post("/invitation", &[("token", &token), ("name", "赵新"), ("password", PASSWORD)]).status, 404);
        let member = Visitor::new(&app).entered(NEW, PASSWORD, "/enterprise");
        assert_eq!(member.get("/enterprise/members").status, 404);
        invited(&app, "owner@example.com");
        let used = token_of(&newest_link(&app, "owner@example.com"));
        let refused = visitor.post("/invitation", &[("token", &used), ("name", "赵新"), ("password", PASSWORD)]);
        assert_eq!(refused.status, 422);
        refused.shows("这个邮箱已有账号");
        let late = newest_link(&app, "owner@example.com");
        app.clock.advance(TimeDelta::days(7));
        visitor.get(&late).shows("链接已失效");
    }

    fn threat_20_a_password_is_reset_once_by_the_newest_link_from_the_configured_origin(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        let email = "owner@example.com";
        let ask = || {
            let visitor = Visitor::new(&app);
            let fields = [("csrf", visitor.csrf.as_str()), ("email", email)];
            let request = visitor.client.post(visitor.address("/reset")).form(&fields);
            let request = request.header("X-Forwarded-Host", "evil.example").header("Forwarded", "host=evil.example");
            assert_eq!(request.send().expect("an answer").status(), 303);
        };
        ask();
        ask();
        assert_eq!(links(&app, email).len(), 1, "one mail a minute");
        let older = newest_link(&app, email);
        app.clock.advance(TimeDelta::minutes(2));
        ask();
        let link = newest_link(&app, email);
        assert!(link.starts_with("/reset/new?token="), "a path, and the letter puts the configured origin before it");
        let letters = Arc::new(Memory::default());
        let _ = run_once(&world(&app.service, "node", Arc::clone(&letters) as Arc<_>));
        let texts: Vec<String> = letters.sent().iter().map(|letter| format!("{}{}", letter.text, letter.html)).collect();
        assert!(texts.iter().any(|text| text.contains(&format!("https://rong.example{link}"))), "{texts:#?}");
        assert!(texts.iter().all(|text| !text.contains("evil")));
        assert!(links(&app, email).is_empty(), "once sent, nobody keeps it");

        let visitor = Visitor::new(&app);
        visitor.get(&older).shows("链接已失效");
        let page = visitor.client.get(visitor.address(&link)).send().expect("an answer");
        assert_eq!((page.status().as_u16(), page.headers()["referrer-policy"].to_str().expect("ASCII")), (200, "strict-origin"));
        let token = token_of(&link);
        let set = |password: &str| visitor.post("/reset/new", &[("token", &token), ("password", password)]);
        let short: Answer = set("short");
        assert_eq!(short.status, 422);
        short.shows("密码至少 12 个字符");
        let done = set("another good password");
        assert_eq!((done.status, done.location.as_str()), (303, "/login?done=reset"));
        assert_eq!(set("another good password").status, 404, "once");
        assert_eq!(owner.get("/enterprise").location, "/login", "every session has ended");
        assert_eq!(visitor.get("/enterprise").location, "/login", "nobody is signed in by it");
        assert_eq!(visitor.post("/login", &[("email", email), ("password", PASSWORD)]).status, 401);
        Visitor::new(&app).entered(email, "another good password", "/enterprise").get("/messages").shows("密码已重设").hides(&token);
        app.clock.advance(TimeDelta::minutes(2));
        ask();
        let late = newest_link(&app, email);
        app.clock.advance(TimeDelta::minutes(60));
        visitor.get(&late).shows("链接已失效");
    }

    fn threat_16_no_token_stands_in_the_audit(db: &TestDb) {
        let app = TestApp::start(db);
        let (visitor, registering) = proven(&app, NEW);
        visitor.post("/reset", &[("email", "owner@example.com")]);
        let resetting = token_of(&newest_link(&app, "owner@example.com"));
        invited(&app, "invited@example.com");
        let joining = token_of(&newest_link(&app, "invited@example.com"));
        visitor.post("/reset/new", &[("token", &resetting), ("password", "another good password")]);
        visitor.post("/invitation", &[("token", &joining), ("name", "赵新"), ("password", PASSWORD)]);
        let administrator = Visitor::signed_in(&app, "administrator", "/admin");
        for path in ["/admin/audit.csv", "/admin/outbox"] {
            let page = administrator.get(path);
            assert_eq!(page.status, 200);
            page.hides(&registering).hides(&resetting).hides(&joining).hides(PASSWORD);
        }
        let log = administrator.get("/admin/audit.csv");
        log.shows("重设密码").shows("接受邀请").shows("申请注册，验证邮箱");
    }
}
