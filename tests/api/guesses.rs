//! Guessing: slowed down for whoever guesses, and for nobody else.

use crate::support::app::{PASSWORD, TestApp};
use crate::support::db::{TestDb, on_both};
use crate::support::factor::{another, enrolled};
use crate::support::joining::{newest_link, token_of};
use crate::support::samples;
use chrono::TimeDelta;
use reqwest::Method;
use reqwest::blocking::Response;
use rongqiao::actions::password::Passwords;
use rongqiao::actions::users::{self, NewUser};
use rongqiao::actions::{ActionError, Service, sign_in};
use rongqiao::config::Secret;
use rongqiao::domain::actor::Role;
use rongqiao::store::{AnyConnection, StoreError};
use serde_json::{Value, json};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// Behind a proxy on this machine, whose word says where each request comes from.
fn start(db: &TestDb) -> TestApp {
    TestApp::start_with(db, |config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        config.auth.free_tries = 5;
        config.auth.free_tries_together = 8;
    })
}

fn sign_in_from(app: &TestApp, address: &str, email: &str, password: &str, code: Option<&str>) -> Response {
    let mut body = json!({"email": email, "password": password});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    let request = app
        .anonymous(&Method::POST, "/api/v1/sessions")
        .header("X-Forwarded-For", address);
    request.json(&body).send().expect("an answer")
}

/// Status, code, and the rest of what was answered.
fn told(answer: Response) -> (u16, String, Value) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().expect("JSON");
    (status, body["code"].as_str().unwrap_or_default().to_owned(), body)
}

fn failures_noted_as_slowing(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let sql = "SELECT count(*) AS count FROM audit WHERE action = 'sign_in_failed' AND after = 'slowed'";
    let read = |conn: &mut AnyConnection| {
        let found: Count = match conn {
            AnyConnection::Sqlite(conn) => diesel::sql_query(sql).get_result(conn)?,
            AnyConnection::Postgres(conn) => diesel::sql_query(sql).get_result(conn)?,
        };
        Ok::<_, StoreError>(found.count)
    };
    app.service.store.read(read).expect("it is counted")
}

on_both! {
    fn threat_19_a_locked_account_answers_like_one_that_is_not_there(db: &TestDb) {
        let app = start(db);
        let answers = |address: &str, email: &str| -> Vec<_> {
            (0..7).map(|_| told(sign_in_from(&app, address, email, "a wrong password", None))).collect()
        };
        let known = answers("192.0.2.1", "owner@example.com");
        assert_eq!(answers("192.0.2.2", "nobody@example.com"), known);
        assert_eq!(answers("192.0.2.3", "no address"), known);
        let codes: Vec<_> = known.iter().map(|(status, code, _)| (*status, code.as_str())).collect();
        let failed = (401, "sign_in_failed");
        let later = (429, "too_many_tries");
        assert_eq!(codes, [failed, failed, failed, failed, failed, later, later]);
        let right = sign_in_from(&app, "192.0.2.1", "owner@example.com", PASSWORD, None);
        assert_eq!(right.headers()["retry-after"], "31");
        assert_eq!(told(right).1, "too_many_tries", "not even the right one is looked at");
        app.clock.advance(TimeDelta::seconds(31));
        assert_eq!(sign_in_from(&app, "192.0.2.1", "owner@example.com", PASSWORD, None).status(), 200);
    }

    fn threat_19_an_account_that_is_not_there_costs_as_much(db: &TestDb) {
        let app = start(db);
        // With passwords as they are hashed in service: what one costs outweighs everything else.
        let service = Service {
            passwords: Arc::new(Passwords::new(samples::policy()).expect("set up")),
            ..app.service.clone()
        };
        let password = &Secret::new(PASSWORD.to_owned());
        let new = NewUser { organisation: "E0", email: "slow@example.com", name: "slow", role: Role::Owner, password };
        users::add(&service, new).expect("added");
        let wrong = Secret::new("a wrong password".to_owned());
        // The least of five: what else the machine does only adds.
        let least = |email: &str| {
            let took = (1..=5).map(|place| {
                let (began, address) = (Instant::now(), format!("192.0.2.{place}"));
                let answer = sign_in::by_password(&service, email, &wrong, Some(&address));
                assert!(matches!(answer, Err(ActionError::SignInFailed)), "{answer:?}");
                began.elapsed()
            });
            took.min().expect("five")
        };
        let (known, unknown, none) = (least("slow@example.com"), least("nobody@example.com"), least("no address"));
        for other in [unknown, none] {
            assert!(other * 2 > known && known * 2 > other, "{known:?}, {unknown:?}, {none:?}");
        }
    }

    fn nobody_locks_out_another(db: &TestDb) {
        let app = start(db);
        let at_home = || sign_in_from(&app, "198.51.100.1", "owner@example.com", PASSWORD, None).status();
        assert_eq!(at_home(), 200);
        for stranger in 1..=12 {
            sign_in_from(&app, &format!("192.0.2.{stranger}"), "owner@example.com", "a wrong password", None);
        }
        let elsewhere = || sign_in_from(&app, "203.0.113.9", "owner@example.com", PASSWORD, None).status();
        assert_eq!(elsewhere(), 429, "strangers are counted together");
        assert_eq!(at_home(), 200, "not with the address that is known");
        // Who reads the account's mail need not wait.
        let post = |path: &str, body: &Value| {
            let request = app.anonymous(&Method::POST, path).header("X-Forwarded-For", "203.0.113.9");
            request.json(body).send().expect("an answer").status()
        };
        assert_eq!(post("/api/v1/password-resets", &json!({"email": "owner@example.com"})), 202);
        let token = token_of(&newest_link(&app, "owner@example.com"));
        assert_eq!(post("/api/v1/password-resets/complete", &json!({"token": token, "password": "drei kleine birnen"})), 204);
        let again = sign_in_from(&app, "203.0.113.9", "owner@example.com", "drei kleine birnen", None);
        assert_eq!(again.status(), 200);
    }

    fn one_address_at_many_accounts_waits_too(db: &TestDb) {
        let app = start(db);
        for number in 0..8 {
            let answer = sign_in_from(&app, "192.0.2.1", &format!("{number}@example.com"), "password", None);
            assert_eq!(answer.status(), 401);
        }
        assert_eq!(sign_in_from(&app, "192.0.2.1", "owner@example.com", PASSWORD, None).status(), 429);
        assert_eq!(sign_in_from(&app, "192.0.2.2", "owner@example.com", PASSWORD, None).status(), 200);
    }

    fn threat_25_wrong_tries_over_two_nodes_lock_once(db: &TestDb) {
        let app = start(db);
        let beside = app.beside(db);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let tries: Vec<_> = [&app, &beside, &app, &beside, &app, &beside]
                .into_iter()
                .map(|node| scope.spawn(|| sign_in_from(node, "192.0.2.1", "owner@example.com", "wrong", None).status().as_u16()))
                .collect();
            tries.into_iter().map(|one| one.join().expect("it ends")).collect()
        });
        let counted = |status: u16| statuses.iter().filter(|one| **one == status).count();
        assert_eq!((counted(401), counted(429)), (5, 1), "{statuses:?}");
        assert_eq!(failures_noted_as_slowing(&app), 1);
    }

    fn thousands_of_guesses_a_day_come_to_a_hundred(db: &TestDb) {
        let app = start(db);
        let (wrong, mut looked_at) = (Secret::new("a wrong password".to_owned()), 0);
        for _ in 0..2_000 {
            app.clock.advance(TimeDelta::milliseconds(43_200));
            match sign_in::by_password(&app.service, "owner@example.com", &wrong, Some("192.0.2.1")) {
                Err(ActionError::SignInFailed) => looked_at += 1,
                Err(ActionError::TooManyTries { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!((90..=110).contains(&looked_at), "{looked_at} of 2,000 in a day");
    }

    fn the_api_takes_a_code_once(db: &TestDb) {
        let app = start(db);
        let (authenticator, recovery) = enrolled(&app, "owner");
        app.clock.advance(TimeDelta::seconds(30));
        let code = authenticator.code(&app);
        let with = |code: Option<&str>| told(sign_in_from(&app, "192.0.2.1", "owner@example.com", PASSWORD, code));
        assert_eq!(with(None).1, "second_factor_needed");
        assert_eq!(with(Some(&another(&code))).1, "second_factor_failed");
        assert_eq!(with(Some(&code)).0, 200);
        assert_eq!(with(Some(&code)).1, "second_factor_failed");
        assert_eq!(with(Some(&recovery[3])).0, 200);
        assert_eq!(with(Some(&recovery[3])).1, "second_factor_failed");
        let without = sign_in_from(&app, "192.0.2.1", "owner@example.com", "a wrong password", Some(&code));
        assert_eq!(told(without).1, "sign_in_failed", "a code says nothing of the password");
        for _ in 0..4 {
            with(Some(&another(&code)));
        }
        assert_eq!(with(Some(&recovery[4])).1, "too_many_tries", "codes are not to be guessed either");
    }

    fn one_code_lets_in_once_however_many_come_with_it(db: &TestDb) {
        let app = TestApp::start(db);
        let (authenticator, _) = enrolled(&app, "owner");
        app.clock.advance(TimeDelta::seconds(30));
        let code = authenticator.code(&app);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let tries: Vec<_> = (0..20)
                .map(|_| scope.spawn(|| sign_in_from(&app, "192.0.2.1", "owner@example.com", PASSWORD, Some(&code)).status().as_u16()))
                .collect();
            tries.into_iter().map(|one| one.join().expect("it ends")).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    }

    fn a_program_signs_in_once_nothing_is_to_be_done_first(db: &TestDb) {
        let app = TestApp::start_with(db, |config| {
            config.auth.second_factor_officers = true;
            config.auth.password_max_days = 90;
        });
        let code = |name: &str| told(sign_in_from(&app, "192.0.2.1", &format!("{name}@example.com"), PASSWORD, None)).1;
        assert_eq!(code("officer"), "second_factor_missing");
        app.clock.advance(TimeDelta::days(89));
        let tokens = app.tokens("banka");
        app.clock.advance(TimeDelta::days(1));
        assert_eq!(code("banka"), "password_too_old");
        let refused = told(app.refresh(&tokens.refresh));
        assert_eq!((refused.0, refused.1.as_str()), (403, "password_too_old"), "nor does it go on past that");
    }

    fn the_forms_that_are_open_to_anyone_are_held_back(db: &TestDb) {
        let app = TestApp::start_with(db, |config| config.limits.entry_per_minute = 3);
        let ask = |path: &str| app.anonymous(&Method::POST, path).json(&json!({})).send().expect("an answer");
        for path in ["/api/v1/sessions", "/api/v1/password-resets", "/register"] {
            assert_ne!(ask(path).status(), 429);
        }
        for path in ["/api/v1/registrations", "/api/v1/invitations/accept", "/api/v1/registrations/submit", "/api/v1/password-resets/complete"] {
            let answer = ask(path);
            assert!(answer.headers().contains_key("retry-after"));
            assert_eq!(told(answer).1, "too_many_requests", "{path}");
        }
        for path in ["/login", "/login/code", "/register", "/register/form", "/reset", "/reset/new", "/invitation"] {
            let answer = ask(path);
            assert_eq!(answer.status(), 429, "{path}");
            assert!(answer.headers().contains_key("retry-after"));
            assert!(answer.text().expect("a page").contains("操作太频繁"));
        }
        let get = |path: &str| app.anonymous(&Method::GET, path).send().expect("an answer").status();
        assert_eq!((get("/login"), get("/healthz")), (200.try_into().expect("a status"), 200.try_into().expect("a status")));
    }

    fn one_user_or_address_too_often_is_held_back(db: &TestDb) {
        let app = TestApp::start_with(db, |config| {
            config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
            config.limits.account_per_minute = 3;
            config.limits.address_per_minute = 8;
        });
        let owner = app.sign_in("owner");
        let get = |address: &str| {
            let request = owner.request(&Method::GET, "/api/v1/messages").header("X-Forwarded-For", address);
            request.send().expect("an answer").status().as_u16()
        };
        let statuses: Vec<u16> = (1..=4).map(|place| get(&format!("192.0.2.{place}"))).collect();
        assert_eq!(statuses, [200, 200, 200, 429], "a user from wherever");
        let alive = |path: &str| {
            let request = app.anonymous(&Method::GET, path).header("X-Forwarded-For", "203.0.113.1");
            request.send().expect("an answer").status().as_u16()
        };
        let statuses: Vec<u16> = (0..9).map(|_| alive("/login")).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 1, "{statuses:?}");
        assert_eq!(alive("/healthz"), 200, "whoever asks how it does is told");
    }
}
