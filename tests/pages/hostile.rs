//! What other sites, broken pages and people with bad intentions send.

use crate::support::app::{TestApp, usual_need};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::joining::{MULTIPART, multipart};
use crate::support::visitor::Visitor;
use reqwest::blocking::RequestBuilder;
use rongqiao::domain::enterprise::Enterprise;
use rongqiao::store::{StoreError, enterprises};
use rongqiao::web::routes::{ROUTES, Skin};
use std::fs;
use std::path::Path;

/// Every posted page, with something in place of its parameters.
fn posts(id: &str) -> Vec<String> {
    let pages = ROUTES
        .iter()
        .filter(|route| route.skin == Skin::Page && route.method == "POST");
    pages
        .map(|route| {
            route
                .path
                .replace("{id}", id)
                .replace("{key}", "employees")
                .replace("{code}", "PD")
        })
        .collect()
}

/// Who has the page: for others it is not there, whatever they post.
struct People {
    owner: Visitor,
    administrator: Visitor,
    department: Visitor,
    officer: Visitor,
    bank: Visitor,
}

impl People {
    fn new(app: &TestApp) -> Self {
        Self {
            owner: Visitor::signed_in(app, "owner", "/enterprise"),
            administrator: Visitor::signed_in(app, "administrator", "/admin"),
            department: Visitor::signed_in(app, "department", "/department"),
            officer: Visitor::signed_in(app, "officer", "/centre"),
            bank: Visitor::signed_in(app, "banka", "/bank"),
        }
    }

    fn of(&self, path: &str) -> &Visitor {
        match path.split('/').nth(1) {
            Some("admin") => &self.administrator,
            Some("department") => &self.department,
            Some("centre") => &self.officer,
            Some("bank") => &self.bank,
            _ => &self.owner,
        }
    }
}

/// Posts fields to a page, in parts where its form has files.
fn request(visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let request = visitor.client.post(visitor.address(path));
    let has_file = path.ends_with("/batches");
    if !has_file && path != "/register/form" {
        return request.form(fields);
    }
    let mut parts: Vec<_> = fields
        .iter()
        .map(|(name, text)| (*name, None, text.as_bytes()))
        .collect();
    if has_file {
        parts.push(("file", Some("a.csv"), b"uscc\n"));
    }
    request.header("Content-Type", MULTIPART).body(multipart(&parts))
}

on_both! {
    fn threat_12_a_form_that_this_site_did_not_make_for_this_browser_does_nothing(db: &TestDb) {
        let app = TestApp::start(db);
        let id = app.sign_in("owner").begin();
        let people = People::new(&app);
        let other = Visitor::signed_in(&app, "other", "/enterprise");
        let before = counts(&db.store);
        let send = |visitor: &Visitor, path: &str, fields: &[(&str, &str)], header: Option<(&str, &str)>| {
            let mut request = request(visitor, path, fields);
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            request.send().expect("an answer").status().as_u16()
        };
        let paths = posts(&id);
        assert!(paths.len() >= 6, "{paths:?}");
        for path in &paths {
            let visitor = people.of(path);
            let send = |fields: &[(&str, &str)], header| send(visitor, path, fields, header);
            let right = [("csrf", visitor.csrf.as_str())];
            assert_eq!(send(&[], None), 403, "{path} without a token");
            assert_eq!(send(&[("csrf", "")], None), 403, "{path} with an empty one");
            assert_eq!(send(&[("csrf", &other.csrf)], None), 403, "{path} with another's");
            assert_eq!(send(&[right[0], right[0]], None), 403, "{path} with two");
            assert_eq!(send(&right, Some(("origin", "https://evil.example"))), 403, "{path} from elsewhere");
            assert_eq!(send(&right, Some(("sec-fetch-site", "cross-site"))), 403, "{path} from another site");
        }
        assert_eq!(counts(&db.store), before);
        assert_eq!(people.owner.get("/enterprise").status, 200, "and the session is still there");
    }

    fn threat_18_a_field_that_a_form_does_not_have_is_refused(db: &TestDb) {
        let app = TestApp::start(db);
        let id = app.sign_in("owner").begin();
        let people = People::new(&app);
        let before = counts(&db.store);
        for path in posts(&id) {
            for field in ["state", "district_code", "enterprise_id", "version_", "verified", "role", "id"] {
                let visitor = people.of(&path);
                let fields = [("csrf", visitor.csrf.as_str()), (field, "1")];
                let status = request(visitor, &path, &fields).send().expect("an answer").status();
                assert_eq!(status, 422, "{path} with {field}");
            }
        }
        assert_eq!(counts(&db.store), before);
    }

    fn threat_13_a_name_is_shown_and_never_run(db: &TestDb) {
        let app = TestApp::start(db);
        let name = "\"><script>alert(1)</script><img src=x onerror=alert(2)>' {{7*7}}";
        let named = |conn: &mut _| {
            let enterprise = Enterprise { name: name.to_owned(), ..crate::support::samples::enterprise(0) };
            enterprises::put(conn, &enterprise, crate::support::samples::DISTRICT, app.service.clock.as_ref())?;
            Ok::<(), StoreError>(())
        };
        app.service.store.write(named).expect("it is named");
        let owner = app.sign_in("owner");
        let id = owner.post("/api/v1/requests", &usual_need()).json::<serde_json::Value>().expect("JSON")["id"].as_str().expect("an id").to_owned();
        assert_eq!(owner.submit(&id).status(), 200);
        let (enterprise, officer) = (Visitor::signed_in(&app, "owner", "/enterprise"), Visitor::signed_in(&app, "officer", "/centre"));
        for (visitor, path) in [
            (&enterprise, "/enterprise/profile".to_owned()),
            (&officer, "/centre".to_owned()),
            (&officer, format!("/centre/requests/{id}")),
        ] {
            let page = visitor.get(&path);
            assert_eq!(page.status, 200, "{path}");
            page.hides("<script>alert").hides("<img").shows("&#60;script&#62;alert(1)");
        }
        let typed = enterprise.post("/enterprise/requests/new", &[("amount", "\"><script>alert(1)</script>")]);
        enterprise.get(&typed.location).hides("<script>alert");
    }

    fn threat_15_a_form_beyond_the_limit_is_not_read(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let large = "9".repeat(2 << 20);
        let page = visitor.post("/enterprise/requests/new", &[("amount", &large)]);
        assert_eq!(page.status, 413);
        page.shows("内容太大").shows("融资对接服务平台");
        let long = visitor.post("/enterprise/requests/new", &[("amount", &"9".repeat(65))]);
        assert_eq!(long.status, 422);
        let json = visitor.client.post(visitor.address("/enterprise/requests/new")).json(&usual_need());
        assert_eq!(json.send().expect("an answer").status(), 415);
    }

    fn what_went_wrong_is_said_in_chinese_and_without_the_inside(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        for (path, status) in [
            ("/nowhere", 404),
            ("/enterprise/requests/no-id", 404),
            ("/enterprise/requests/00000000-0000-4000-8000-000000000000", 404),
            ("/enterprise/requests/new?step=x", 422),
            ("/logout", 405),
            ("/centre", 404),
            ("/admin", 404),
        ] {
            let page = visitor.get(path);
            assert_eq!(page.status, status, "{path}");
            page.shows("<h1>").shows("回到首页").shows("退出").shows("lang=\"zh-CN\"");
            for inside in ["actix", "serde", "rongqiao::", "src/", "invalid digit", "unknown field"] {
                page.hides(inside);
            }
        }
        assert_eq!(Visitor::new(&app).get("/nowhere").status, 404);
    }

    fn pages_load_only_what_this_site_serves(db: &TestDb) {
        let app = TestApp::start(db);
        let visitor = Visitor::new(&app);
        let page = visitor.client.get(visitor.address("/")).send().expect("an answer");
        let policy = page.headers()["content-security-policy"].to_str().expect("ASCII").to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let body = page.text().expect("a body");
        for kind in ["css", "js"] {
            let from = body.find("/static/site-").expect("an asset");
            let path = body[from..].split('"').find(|part| part.ends_with(kind)).expect("its name").to_owned();
            let path = path.split("=\"").last().expect("an address");
            let file = visitor.client.get(visitor.address(path)).send().expect("an answer");
            assert_eq!(file.status(), 200, "{path}");
            assert!(file.headers()["cache-control"].to_str().expect("ASCII").contains("immutable"));
        }
        assert_eq!(visitor.get("/static/site-0000000000000000.css").status, 404);
        assert_eq!(visitor.get("/static/..%2fCargo.toml").status, 404);
    }
}

#[test]
fn pages_use_no_word_that_is_not_theirs() {
    let (mut files, root) = (Vec::new(), Path::new(env!("CARGO_MANIFEST_DIR")));
    for folder in ["templates", "src/web/view", "src/web/pages", "src/web/input"] {
        collect(&root.join(folder), &mut files);
    }
    for (name, text) in files {
        for banned in ["系统", "用户", "数据库", "异常", "非法", "错误代码", "！"] {
            assert!(!text.contains(banned), "{name} says {banned}");
        }
    }
}

#[test]
fn templates_escape_everything_and_hold_no_script_or_style() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut files);
    assert!(files.len() > 10);
    // Letters carry their styles in attributes: programs that show mail take no style sheet.
    let pages = files.into_iter().filter(|(name, _)| !name.contains("mail/"));
    for (name, text) in pages {
        for banned in [
            "|safe",
            "| safe",
            "escape=",
            "style=",
            "<style",
            " onclick",
            " onload",
            "javascript:",
            "http://",
            "https://",
        ] {
            assert!(!text.contains(banned), "{name} holds {banned}");
        }
        assert_eq!(
            text.matches("<script").count(),
            text.matches("<script src=\"{{ shell.script() }}\"").count(),
            "{name}"
        );
    }
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push((path.display().to_string(), fs::read_to_string(&path).expect("text")));
        }
    }
}
