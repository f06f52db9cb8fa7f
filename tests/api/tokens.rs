//! Forged, foreign, old and broken access tokens.

use crate::support::app::{KEY, OLD_KEY, OLD_KEY_MINUTES, TestApp};
use crate::support::db::{TestDb, on_both};
use crate::support::joining::actor;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::Method;
use reqwest::header::WWW_AUTHENTICATE;
use rongqiao::actions::sign_in::Bearer;
use rongqiao::clock::Clock;
use rongqiao::web::keys::SigningKeys;
use rongqiao::web::token::Tokens;
use serde_json::{Value, json};

const ANOTHER_KEY: &[u8] = b"another key of thirty-two bytes for tests";

/// A part of a token as JSON.
fn part(token: &str, place: usize) -> Value {
    let text = token.split('.').nth(place).expect("three parts");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// A well signed token of whatever it is to say.
fn signed(header: &Value, claims: &Value, key: &[u8], algorithm: Algorithm) -> String {
    let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = sign(message.as_bytes(), &EncodingKey::from_secret(key), algorithm).expect("signed");
    format!("{message}.{signature}")
}

/// With one field set, or taken out where it is null.
fn with(value: &Value, field: &str, to: Value) -> Value {
    let mut value = value.clone();
    let fields = value.as_object_mut().expect("an object");
    if to.is_null() {
        fields.remove(field);
    } else {
        fields.insert(field.to_owned(), to);
    }
    value
}

/// Tokens whose header is not ours, each with what is wrong.
fn of_headers(header: &Value, claims: &Value, old_kid: &Value) -> Vec<(String, String)> {
    use Algorithm::{HS256, HS384, HS512};
    let mut all = Vec::new();
    for name in ["none", "None", "NONE", ""] {
        let token = signed(&with(header, "alg", json!(name)), claims, KEY, HS256);
        let bare = token.rsplit_once('.').expect("a signature").0;
        all.push((format!("alg {name:?}, unsigned"), format!("{bare}.")));
        all.push((format!("alg {name:?}, signed"), token));
    }
    for algorithm in [HS384, HS512] {
        let header = with(header, "alg", json!(algorithm));
        all.push((format!("{algorithm:?}"), signed(&header, claims, KEY, algorithm)));
    }
    for name in ["RS256", "ES256", "PS256", "EdDSA", "hs256"] {
        let header = with(header, "alg", json!(name));
        all.push((format!("named {name}"), signed(&header, claims, KEY, HS256)));
    }
    for (field, value, key) in [
        ("kid", Value::Null, KEY),
        ("kid", json!("foreign"), KEY),
        ("kid", json!("../../dev/null"), b"".as_slice()),
        ("kid", json!("' OR 1=1 --"), KEY),
        ("kid", json!(1), KEY),
        ("kid", old_kid.clone(), KEY),
        ("alg", json!("HS256"), OLD_KEY),
        ("alg", json!("HS256"), ANOTHER_KEY),
        ("typ", Value::Null, KEY),
        ("typ", json!("JWT"), KEY),
        ("typ", json!("rt+jwt"), KEY),
        ("jku", json!("https://evil.example/keys.json"), ANOTHER_KEY),
        ("x5u", json!("https://evil.example/key.pem"), ANOTHER_KEY),
        (
            "jwk",
            json!({"kty": "oct", "k": BASE64_URL_SAFE_NO_PAD.encode(ANOTHER_KEY)}),
            ANOTHER_KEY,
        ),
    ] {
        let what = format!("{field} {value}");
        all.push((what, signed(&with(header, field, value), claims, key, HS256)));
    }
    all
}

/// Tokens whose claims are not ours, though the key is.
fn of_claims(header: &Value, claims: &Value, now: i64, another: &Value) -> Vec<(String, String)> {
    let issuer = claims["iss"].as_str().expect("a text");
    let wrong = [
        ("exp", Value::Null),
        ("exp", json!((now + 900).to_string())),
        ("exp", json!("never")),
        ("exp", json!(now)),
        ("exp", json!(-1)),
        ("exp", json!(9e30)),
        ("iat", Value::Null),
        ("iat", json!(now + 31)),
        ("iss", Value::Null),
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{issuer}/"))),
        ("aud", Value::Null),
        ("aud", json!("another")),
        ("aud", json!(["rongqiao-api", "another"])),
        ("sub", Value::Null),
        ("sub", another["sub"].clone()),
        ("sub", json!("owner@example.com")),
        ("sid", Value::Null),
        ("sid", another["sid"].clone()),
        ("sid", json!("00000000-0000-4000-8000-000000000000")),
        ("stamp", Value::Null),
        ("stamp", json!(1)),
        ("stamp", json!(-1)),
        ("stamp", json!("0")),
        ("role", json!("administrator")),
    ];
    wrong
        .into_iter()
        .map(|(field, value)| {
            let what = format!("{field} {value}");
            let claims = with(claims, field, value);
            (what, signed(header, &claims, KEY, Algorithm::HS256))
        })
        .collect()
}

/// A good token, broken.
fn of_texts(token: &str, refresh: &str) -> Vec<(String, String)> {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let texts = [
        String::new(),
        "..".to_owned(),
        refresh.to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!("{header}.{claims}.{}", &signature[1..]),
        format!("{header}.{}.{signature}", &claims[1..]),
        token[..token.len() / 2].to_owned(),
        "x".repeat(6000),
    ];
    let named = texts.into_iter().enumerate();
    named.map(|(place, text)| (format!("text {place}"), text)).collect()
}

on_both! {
    fn threat_10_an_access_token_says_all_that_it_must_and_is_signed_by_the_key_that_it_names(db: &TestDb) {
        let app = TestApp::start(db);
        let (ours, other) = (app.tokens("owner"), app.tokens("other"));
        let (header, claims, another) = (part(&ours.access, 0), part(&ours.access, 1), part(&other.access, 1));
        let again = signed(&header, &claims, KEY, Algorithm::HS256);
        assert_eq!(app.status_with(&again), 200, "as it is made here it is good");
        let old = signing_with(OLD_KEY, &app.base_url).issue(&bearer(&app), app.clock.now()).expect("signed");

        let mut forged = of_headers(&header, &claims, &part(&old, 0)["kid"]);
        forged.extend(of_claims(&header, &claims, app.clock.now().timestamp(), &another));
        forged.extend(of_texts(&ours.access, &ours.refresh));
        assert!(forged.len() >= 40, "{}", forged.len());
        for (what, token) in &forged {
            let request = app.anonymous(&Method::GET, "/api/v1/messages").bearer_auth(token);
            let answer = request.send().expect("an answer");
            assert_eq!(answer.status(), 401, "{what}");
            assert_eq!(answer.headers()[WWW_AUTHENTICATE], "Bearer");
        }
        let named = app.anonymous(&Method::GET, "/api/v1/messages").header("Authorization", &ours.access);
        assert_eq!(named.send().expect("an answer").status(), 401, "it does not say what it is");
        let in_address = format!("/api/v1/messages?access_token={}", ours.access);
        assert_ne!(app.anonymous(&Method::GET, &in_address).send().expect("an answer").status(), 200);
        println!("{} forged tokens", forged.len());
    }

    fn threat_10_an_access_token_ends_after_a_quarter_of_an_hour(db: &TestDb) {
        let app = TestApp::start(db);
        let tokens = app.tokens("owner");
        app.clock.advance(TimeDelta::seconds(899));
        assert_eq!(app.status_with(&tokens.access), 200);
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(app.status_with(&tokens.access), 401);
    }

    fn threat_10_the_key_of_before_is_believed_until_its_end_and_signs_nobody_out(db: &TestDb) {
        let app = TestApp::start(db);
        let (tokens, start) = (app.tokens("owner"), app.clock.now());
        // What nodes signed before the key was changed.
        let before = signing_with(OLD_KEY, &app.base_url).issue(&bearer(&app), start).expect("signed");
        let foreign = signing_with(ANOTHER_KEY, &app.base_url).issue(&bearer(&app), start).expect("signed");
        let name = |token: &str| part(token, 0)["kid"].clone();
        assert_ne!(name(&before), name(&tokens.access));
        app.clock.set(start + TimeDelta::minutes(OLD_KEY_MINUTES) - TimeDelta::seconds(1));
        assert_eq!((app.status_with(&before), app.status_with(&foreign)), (200, 401));
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!((app.status_with(&before), app.status_with(&tokens.access)), (401, 200));
        // Whoever held that token goes on with the refresh token that came with it.
        assert_eq!(app.refresh(&tokens.refresh).status(), 200);
    }
}

/// What another service, or this one before, signs with.
fn signing_with(key: &[u8], site: &str) -> Tokens {
    let keys = SigningKeys {
        current: key.to_vec(),
        old: Vec::new(),
    };
    Tokens::new(&keys, site, TimeDelta::minutes(15))
}

/// The owner's session that was used last.
fn bearer(app: &TestApp) -> Bearer {
    let actor = actor(app, "owner");
    let sessions = rongqiao::actions::sessions::list(&app.service, &actor).expect("they are listed");
    Bearer {
        session_id: sessions[0].id,
        user_id: actor.user_id,
        stamp: 0,
    }
}
