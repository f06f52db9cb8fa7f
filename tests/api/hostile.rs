//! Hostile and broken input.

use crate::support::app::{TestApp, usual_need};
use crate::support::db::{TABLES, TestDb, counts, on_both};
use crate::support::samples::USCCS;
use reqwest::Method;
use reqwest::header;
use rongqiao::web::openapi;
use rongqiao::web::routes::{Access, ROUTES, Skin};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_openapi_document_names_every_route_of_the_api_and_no_other() {
    let document = serde_json::to_value(openapi::document()).expect("JSON");
    let named: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, verbs)| {
            verbs
                .as_object()
                .expect("verbs")
                .keys()
                .map(|verb| (verb.to_uppercase(), path.clone()))
        })
        .collect();
    let routes = ROUTES.iter().filter(|route| route.skin == Skin::Api);
    let routes: BTreeSet<_> = routes
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(named, routes);
}

/// Every column of the database.
fn columns(db: &TestDb) -> BTreeSet<String> {
    use diesel::prelude::*;
    use rongqiao::store::{AnyConnection, StoreError};
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let read = |conn: &mut AnyConnection| {
        let mut names = BTreeSet::new();
        for table in TABLES {
            let found: Vec<Column> = match conn {
                AnyConnection::Sqlite(conn) => {
                    diesel::sql_query(format!("SELECT name FROM pragma_table_info('{table}')")).load(conn)?
                }
                AnyConnection::Postgres(conn) => diesel::sql_query(format!(
                    "SELECT column_name::text AS name FROM information_schema.columns \
                     WHERE table_name = '{table}' AND table_schema = current_schema()"
                ))
                .load(conn)?,
            };
            names.extend(found.into_iter().map(|column| column.name));
        }
        Ok::<_, StoreError>(names)
    };
    db.store.read(read).expect("the columns are read")
}

on_both! {
    fn threat_17_sort_and_filter_are_closed_lists(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let before = counts(&db.store);
        for query in ["status=open'--", "kind=1%20OR%201=1", "sort=code;DROP%20TABLE%20fact", "order=1", "limit=1%20UNION%20SELECT"] {
            assert_eq!(owner.get(&format!("/api/v1/products?{query}")).status(), 422, "{query}");
        }
        for query in ["state=draft'", "state=granted", "sort=number"] {
            assert_eq!(owner.get(&format!("/api/v1/requests?{query}")).status(), 422, "{query}");
        }
        for code in ["PA'%20OR%20'1'='1", "%25", "P_", "PA%00"] {
            assert_eq!(owner.get(&format!("/api/v1/products/{code}")).status(), 404, "{code}");
        }
        assert_eq!(counts(&db.store), before);
    }

    fn threat_18_fields_of_the_tables_cannot_be_assigned(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let draft = owner.begin();
        let columns = columns(db);
        assert!(columns.len() > 40, "the columns were found");
        let known = ["need", "kind"];
        let before = counts(&db.store);
        for column in columns.iter().filter(|column| !known.contains(&column.as_str())) {
            let mut body = usual_need();
            if body.get(column).is_none() && column != "uscc" {
                body[column] = json!("x");
                assert_eq!(owner.post("/api/v1/requests", &body).status(), 422, "POST requests with {column}");
                let patch = owner.request(&Method::PATCH, &format!("/api/v1/requests/{draft}")).header("If-Match", "*");
                assert_eq!(patch.json(&json!({ column: "x" })).send().expect("an answer").status(), 422, "PATCH with {column}");
            }
            if column != "value" {
                let put = owner.request(&Method::PUT, &format!("/api/v1/enterprises/{}/facts/employees", USCCS[0]));
                let body = json!({"value": 3, column: true});
                assert_eq!(put.json(&body).send().expect("an answer").status(), 422, "PUT facts with {column}");
            }
            // `code` is the second factor's there.
            if !["email", "code"].contains(&column.as_str()) {
                let body = json!({"email": "owner@example.com", "password": "x", column: "x"});
                let answer = app.anonymous(&Method::POST, "/api/v1/sessions").json(&body).send().expect("an answer");
                assert_eq!(answer.status(), 422, "POST sessions with {column}");
            }
        }
        assert_eq!(counts(&db.store), before);
    }

    fn broken_bodies_are_told_apart(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let post = |kind: &str, body: Vec<u8>| {
            let request = owner.request(&Method::POST, "/api/v1/requests").header(header::CONTENT_TYPE, kind);
            let answer = request.body(body).send().expect("an answer");
            let status = answer.status().as_u16();
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
            let problem: Value = answer.json().expect("JSON");
            assert_eq!(problem["status"], status);
            status
        };
        assert_eq!(post("application/json", b"{\"amount_fen\": NaN}".to_vec()), 400);
        assert_eq!(post("application/json", b"{".to_vec()), 400);
        assert_eq!(post("application/json", b"\xff\xfe".to_vec()), 400);
        assert_eq!(post("application/json", b"[]".to_vec()), 422);
        assert_eq!(post("text/plain", b"{}".to_vec()), 415);
        assert_eq!(post("application/json", vec![b' '; 2 << 20]), 413);
    }

    fn signing_in_tells_no_one_who_exists(db: &TestDb) {
        let app = TestApp::start(db);
        let try_in = |email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            let answer = app.anonymous(&Method::POST, "/api/v1/sessions").json(&body).send().expect("an answer");
            (answer.status().as_u16(), answer.text().expect("a body"))
        };
        let wrong = try_in("owner@example.com", "a wrong password");
        assert_eq!(wrong.0, 401);
        assert_eq!(try_in("nobody@example.com", "a wrong password"), wrong);
        assert_eq!(try_in("no address", "a wrong password"), wrong);
    }
}

/// Routes for operators and browsers, each with a path that is there; the matrices hold the others.
const SYSTEM: [(&str, &str); 6] = [
    ("/healthz", "/healthz"),
    ("/readyz", "/readyz"),
    ("/api/openapi.json", "/api/openapi.json"),
    ("/api/docs", "/api/docs"),
    ("/api/docs/{file:.*}", "/api/docs/"),
    ("/static/{name}", "/static/missing.css"),
];

#[test]
fn routes_of_the_system_are_for_anyone_and_are_these() {
    let app = TestApp::start(&TestDb::sqlite());
    let routes = ROUTES.iter().filter(|route| route.skin == Skin::System);
    let paths: BTreeSet<&str> = routes.clone().map(|route| route.path).collect();
    assert_eq!(paths, SYSTEM.iter().map(|(pattern, _)| *pattern).collect());
    for route in routes {
        assert_eq!(
            (route.method.as_str(), route.access),
            ("GET", Access::Anyone),
            "{}",
            route.path
        );
    }
    for (_, path) in SYSTEM {
        let expected = match path {
            "/api/docs" => 303,
            "/static/missing.css" => 404,
            _ => 200,
        };
        let answer = app.anonymous(&Method::GET, path).send().expect("an answer");
        assert_eq!(answer.status().as_u16(), expected, "{path}");
        let head = app.anonymous(&Method::HEAD, path).send().expect("an answer");
        assert_eq!(head.status().as_u16(), expected, "HEAD {path}");
        assert!(head.text().expect("a body").is_empty(), "HEAD {path} has no body");
    }
}
