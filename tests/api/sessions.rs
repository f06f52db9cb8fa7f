//! Sessions of the API: begun, gone on with, ended.

use crate::support::app::{PASSWORD, TestApp, Tokens};
use crate::support::db::{TestDb, on_both};
use crate::support::joining::actor;
use crate::support::visitor::Visitor;
use chrono::TimeDelta;
use reqwest::Method;
use reqwest::header::CACHE_CONTROL;
use rongqiao::actions::sessions;
use rongqiao::clock::Clock;
use rongqiao::config::Secret;
use rongqiao::store::invariants;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How many programs come with one token at once, from issue to answer.
const RACERS: usize = 1000;
/// A race with fewer on their way at once is none.
const LEAST_OVERLAP: usize = 50;

const NEW_PASSWORD: &str = "another password for tests";

fn next(app: &TestApp, tokens: &Tokens) -> Tokens {
    let answer = app.refresh(&tokens.refresh);
    assert_eq!(answer.status(), 200);
    Tokens::of(answer, app.clock.now())
}

/// What access token and refresh token are still good for.
fn statuses(app: &TestApp, tokens: &Tokens) -> (u16, u16) {
    (
        app.status_with(&tokens.access),
        app.refresh(&tokens.refresh).status().as_u16(),
    )
}

/// Connections on which all but the last byte of a refresh has been sent, by turns to each node.
fn at_the_start(nodes: &[&TestApp], refresh: &str) -> Vec<TcpStream> {
    let body = json!({"refresh_token": refresh}).to_string();
    let (last, start) = body.as_bytes().split_last().expect("a body");
    assert_eq!(*last, b'}');
    let open = |node: &&TestApp| {
        let host = node.base_url.strip_prefix("http://").expect("loopback");
        let mut stream = TcpStream::connect(host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("set");
        write!(
            stream,
            "POST /api/v1/sessions/refresh HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )
        .and_then(|()| stream.write_all(start))
        .expect("sent");
        stream
    };
    nodes.iter().cycle().take(RACERS).map(open).collect()
}

/// Lets all of them go at once: each answer's status and body.
fn race(mut streams: Vec<TcpStream>) -> Vec<(u16, String)> {
    for stream in &mut streams {
        stream.write_all(b"}").expect("sent");
    }
    let on_their_way = streams.iter().filter(|stream| {
        stream.set_nonblocking(true).expect("set");
        let waits = stream.peek(&mut [0]).is_err();
        stream.set_nonblocking(false).expect("set");
        waits
    });
    let overlap = on_their_way.count();
    println!("{overlap} of {RACERS} on their way when the last was sent");
    assert!(overlap >= LEAST_OVERLAP, "{overlap} are no race");
    let read = |mut stream: TcpStream| {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let status = answer.split(' ').nth(1).expect("a status").parse().expect("a number");
        let body = answer.split_once("\r\n\r\n").expect("a body").1.to_owned();
        (status, body)
    };
    streams.into_iter().map(read).collect()
}

on_both! {
    fn a_session_goes_on_by_refresh_tokens_each_good_once(db: &TestDb) {
        let app = TestApp::start(db);
        let body = json!({"email": "owner@example.com", "password": PASSWORD});
        let answer = app.post("/api/v1/sessions", &body);
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        let first: Value = answer.json().expect("JSON");
        assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(900)));

        let mut tokens = app.tokens("owner");
        for _ in 0..3 {
            app.clock.advance(TimeDelta::minutes(15));
            assert_eq!(app.status_with(&tokens.access), 401);
            tokens = next(&app, &tokens);
            assert_eq!(app.status_with(&tokens.access), 200);
        }
        // It is one session all along, and ends some weeks after its beginning however it is used.
        let of_owner = sessions::list(&app.service, &actor(&app, "owner")).expect("they are listed");
        assert_eq!(of_owner.len(), 2);
        app.clock.advance(TimeDelta::days(29));
        tokens = next(&app, &tokens);
        app.clock.advance(TimeDelta::days(1));
        assert_eq!(statuses(&app, &tokens), (401, 401));
    }

    fn signing_out_ends_this_session_and_no_other(db: &TestDb) {
        let app = TestApp::start(db);
        let (here, there) = (app.tokens("owner"), app.tokens("owner"));
        let sign_out = || {
            let request = app.anonymous(&Method::DELETE, "/api/v1/sessions/current").bearer_auth(&here.access);
            request.send().expect("an answer").status().as_u16()
        };
        assert_eq!(sign_out(), 204);
        assert_eq!(statuses(&app, &here), (401, 401));
        assert_eq!(sign_out(), 401);
        assert_eq!(statuses(&app, &there), (200, 200));
    }

    fn refresh_tokens_are_not_in_the_database(db: &TestDb) {
        let app = TestApp::start(db);
        let tokens = app.tokens("owner");
        let kept = db.store.read(|conn| {
            use diesel::prelude::*;
            use rongqiao::store::{AnyConnection, StoreError};
            #[derive(QueryableByName)]
            struct Row {
                #[diesel(sql_type = diesel::sql_types::Text)]
                token_hash: String,
            }
            let query = diesel::sql_query("SELECT token_hash FROM session_token");
            let rows: Vec<Row> = match conn {
                AnyConnection::Sqlite(conn) => query.load(conn)?,
                AnyConnection::Postgres(conn) => query.load(conn)?,
            };
            Ok::<_, StoreError>(rows)
        });
        let kept: Vec<String> = kept.expect("they are read").into_iter().map(|row| row.token_hash).collect();
        assert_eq!(kept.len(), 1);
        assert_ne!(kept[0], tokens.refresh);
        assert_eq!(app.refresh(&kept[0]).status(), 401, "what is kept opens nothing");
    }

    fn threat_11_a_refresh_token_that_comes_twice_ends_its_family(db: &TestDb) {
        let app = TestApp::start(db);
        let (stolen, apart) = (app.tokens("owner"), app.tokens("owner"));
        let second = next(&app, &stolen);
        let third = next(&app, &second);
        assert_eq!(app.refresh(&stolen.refresh).status(), 401);
        for tokens in [&stolen, &second, &third] {
            assert_eq!(statuses(&app, tokens), (401, 401), "every token of the family");
        }
        assert_eq!(statuses(&app, &apart), (200, 200), "another signing-in is not touched");
        let messages: Value = app.sign_in("owner").get("/api/v1/messages").json().expect("JSON");
        assert!(messages.to_string().contains("接口登录已结束"), "its user is told: {messages}");
        let audit = app.sign_in("administrator").get("/api/v1/audit").text().expect("a body");
        assert_eq!(audit.matches("token_reused").count(), 1, "and the log has it once");
        assert!(!audit.contains(&stolen.refresh) && !audit.contains(&third.refresh));
    }

    fn threat_11_neither_token_passes_for_the_other_nor_a_cookie_for_either(db: &TestDb) {
        let app = TestApp::start(db);
        let tokens = app.tokens("owner");
        assert_eq!(app.status_with(&tokens.refresh), 401);
        assert_eq!(app.refresh(&tokens.access).status(), 401);
        let cookie = |value: &str| {
            let request = app.anonymous(&Method::GET, "/enterprise").header("Cookie", format!("rongqiao={value}"));
            request.send().expect("an answer").status().as_u16()
        };
        assert_eq!((cookie(&tokens.refresh), cookie(&tokens.access)), (303, 303));
        let visitor = Visitor::new(&app);
        let fields = [("csrf", visitor.csrf.as_str()), ("email", "owner@example.com"), ("password", PASSWORD)];
        let entered = visitor.client.post(visitor.address("/login")).form(&fields).send().expect("an answer");
        let value = entered.cookies().next().expect("a cookie").value().to_owned();
        assert_eq!(cookie(&value), 200);
        assert_eq!((app.status_with(&value), app.refresh(&value).status().as_u16()), (401, 401));
        for body in [json!({}), json!({"refresh_token": 1}), json!({"refresh_token": tokens.refresh, "stamp": 0})] {
            assert_eq!(app.post("/api/v1/sessions/refresh", &body).status(), 422, "{body}");
        }
        for token in ["", "\u{0}", "' OR 1=1 --", &"x".repeat(100_000)] {
            assert_eq!(app.refresh(token).status(), 401, "{token:.20}");
        }
        assert_eq!(statuses(&app, &tokens), (200, 200), "nothing of this ended the session");
    }

    fn threat_11_of_a_thousand_at_once_one_goes_on_and_the_family_ends(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        let tokens = app.tokens("owner");
        let answers = race(at_the_start(&[&app, &beside], &tokens.refresh));
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 200);
        assert_eq!((won.len(), lost.len()), (1, RACERS - 1));
        let other: Vec<_> = lost.iter().filter(|(status, _)| *status != 401).collect();
        assert!(other.is_empty(), "{} are refused otherwise: {:?}", other.len(), other.first());
        let body: Value = serde_json::from_str(&won[0].1).expect("JSON");
        let text = |field: &str| body[field].as_str().expect("a token").to_owned();
        let winner = Tokens { access: text("access_token"), refresh: text("refresh_token"), until: tokens.until };
        assert_eq!(statuses(&app, &winner), (401, 401), "the one that went on has ended too");
        assert_eq!(statuses(&beside, &tokens), (401, 401));
        let broken = db.store.read(invariants::check).expect("they are checked");
        assert!(broken.iter().all(|invariant| invariant.broken == 0), "{broken:?}");
    }

    fn threat_11_when_password_or_role_change_every_token_of_before_ends(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        let change = [("current", PASSWORD), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
        let ends = |name: &str, act: &dyn Fn()| {
            let (fresh, page) = (app.tokens(name), Visitor::signed_in(&app, name, "/enterprise"));
            let used = app.tokens(name);
            let gone_on = next(&app, &used);
            act();
            for node in [&app, &beside] {
                for tokens in [&fresh, &gone_on, &used] {
                    assert_eq!(statuses(node, tokens), (401, 401), "{name}");
                }
            }
            assert_eq!(page.get("/enterprise").location, "/login", "{name}");
        };
        let member = actor(&app, "member").user_id;
        ends("member", &|| {
            assert_eq!(owner.post(&format!("/users/{member}/role"), &[("role", "reader")]).status, 303);
        });
        ends("owner", &|| {
            assert_eq!(owner.post("/account/password", &change).status, 303);
        });
        assert_eq!(app.post("/api/v1/sessions", &json!({"email": "owner@example.com", "password": PASSWORD})).status(), 401);
        let right = json!({"email": "owner@example.com", "password": NEW_PASSWORD});
        assert_eq!(app.post("/api/v1/sessions", &right).status(), 200);
    }

    fn threat_11_a_sign_in_that_began_before_the_change_comes_too_late(db: &TestDb) {
        use rongqiao::actions::sign_in;
        use rongqiao::domain::session::SessionKind;
        let app = TestApp::start(db);
        let password = Secret::new(PASSWORD.to_owned());
        let recognised = sign_in::by_password(&app.service, "owner@example.com", &password, None).expect("it is right");
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        let change = [("current", PASSWORD), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
        assert_eq!(owner.post("/account/password", &change).status, 303);
        let late = sign_in::open(&app.service, &recognised, SessionKind::Api, None, None).expect("it is opened");
        assert_eq!(app.refresh(late.token.expose()).status(), 401);
    }

    fn threat_30_who_is_shut_out_is_out_with_the_next_request_on_every_node(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        let member = actor(&app, "member").user_id;
        let (tokens, page) = (app.tokens("member"), Visitor::signed_in(&app, "member", "/enterprise"));
        assert_eq!((app.status_with(&tokens.access), beside.status_with(&tokens.access)), (200, 200));
        assert_eq!(owner.post(&format!("/users/{member}/disable"), &[]).status, 303);
        assert_eq!((app.status_with(&tokens.access), beside.status_with(&tokens.access)), (401, 401));
        assert_eq!(beside.refresh(&tokens.refresh).status(), 401);
        assert_eq!(page.get("/enterprise").location, "/login");
        assert_eq!(owner.post(&format!("/users/{member}/enable"), &[]).status, 303);
        assert_eq!(statuses(&app, &tokens), (401, 401), "what has ended stays ended");
        assert_eq!(page.get("/enterprise").location, "/login");
        assert_eq!(statuses(&beside, &app.tokens("member")), (200, 200));
    }
}
