//! Consents, referrals, the credit profile and the access log, through the API.

use crate::support::app::{Api, TestApp, usual_need, usual_pick};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::mail::by_hand;
use crate::support::samples::{USCCS, uscc};
use chrono::TimeDelta;
use reqwest::Method;
use reqwest::blocking::Response;
use rongqiao::domain::enterprise::Fact;
use rongqiao::domain::facts::FactKey;
use rongqiao::domain::profile::Held;
use rongqiao::domain::scalar::Scalar;
use rongqiao::store::facts::{NewFact, Provenance};
use rongqiao::store::{StoreError, enterprises, ledger, organisations};
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many reads come after a revocation.
const READS: usize = 1_000;

fn read(answer: Response) -> Value {
    assert_eq!(answer.status(), 200, "{}", answer.url());
    answer.json().expect("JSON")
}

/// Verified values that an organisation vouches for, of the first enterprise.
fn vouch(app: &TestApp, source: &str, values: &[(FactKey, Scalar)], bank: Option<&str>) {
    app.service
        .store
        .write(|conn| {
            let place = enterprises::place_of(conn, uscc(0))?;
            let from = Provenance {
                source_id: organisations::by_code(conn, source)?.id,
                batch_id: None,
                account_id: None,
            };
            let bank_id = bank
                .map(|code| organisations::by_code(conn, code))
                .transpose()?
                .map(|bank| bank.id);
            let values: Vec<NewFact> = values
                .iter()
                .map(|(key, value)| NewFact {
                    held: Held {
                        key: *key,
                        fact: Fact {
                            value: key.value(value).expect("valid"),
                            verified: true,
                            valid_until: None,
                        },
                        observed_on: "2026-10-01".parse().expect("a date"),
                    },
                    bank_id,
                })
                .collect();
            ledger::record(conn, place.id, &values, &from, app.clock.as_ref())?;
            Ok::<(), StoreError>(())
        })
        .expect("the values are recorded");
}

fn authorise(owner: &Api<'_>, departments: &Value) -> Response {
    let path = format!("/api/v1/enterprises/{}/authorisation", USCCS[0]);
    let body = json!({"departments": departments, "text_version": 1, "until": "2027-06-30"});
    owner
        .request(&Method::PUT, &path)
        .json(&body)
        .send()
        .expect("an answer")
}

fn rows(db: &TestDb, table: &str) -> i64 {
    let counts = counts(&db.store);
    counts.into_iter().find(|(name, _)| *name == table).expect("a table").1
}

/// The bytes of an answer with every id replaced by the order in which it first stands there.
fn without_ids(text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.char_indices().map(|(at, _)| at).find(|at| is_id(&rest[*at..])) {
        let id = rest[at..at + 36].to_owned();
        let place = seen.iter().position(|known| *known == id).unwrap_or_else(|| {
            seen.push(id);
            seen.len() - 1
        });
        plain.push_str(&rest[..at]);
        plain += "<id ";
        plain += &place.to_string();
        plain += ">";
        rest = &rest[at + 36..];
    }
    plain + rest
}

fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 36
        && bytes[..36].iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

on_both! {
    fn a_pick_reaches_the_bank_and_each_read_the_log(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, bank) = (app.sign_in("owner"), app.sign_in("banka"));
        let request = owner.open_fitting(USCCS[0]);
        assert_eq!(read(bank.get("/api/v1/referrals"))["items"], json!([]), "nothing before the consent");
        let told = rows(db, "outbox");
        let (referral, consent) = owner.refer(&request, "BANKA", "PA");
        assert_eq!(rows(db, "outbox") - told, 1, "the bank's one user is told");

        let queue = read(bank.get("/api/v1/referrals"));
        let row = &queue["items"][0];
        assert_eq!((&row["id"], &row["state"]), (&json!(referral), &json!("pending")));
        assert_eq!(row["applicant"]["uscc"], USCCS[0]);
        assert_eq!(row["applicant"]["facts"], json!(["tier"]), "what the product looks at, no more");
        assert_eq!(row["applicant"]["contact"], json!({"name": "o**", "email": "o***@***.com"}));
        let sheet = read(bank.get(&format!("/api/v1/referrals/{referral}")));
        let checks = sheet["checked"][0]["checks"].as_array().expect("checks");
        let tier = checks.iter().find(|check| check["check"] == "tier").expect("the criterion");
        assert_eq!((&tier["state"], &tier["actual"]), (&json!("met"), &Value::Null), "the value is the profile's");
        assert_eq!(rows(db, "profile_access"), 0, "the queue shows no facts");

        let path = format!("/api/v1/referrals/{referral}/credit-profile");
        let profile = read(bank.get(&path));
        assert_eq!(profile["state"], "viewed");
        let shown: Vec<_> = profile["facts"].as_array().expect("facts").iter().map(|fact| fact["fact"].as_str()).collect();
        assert_eq!(shown, [Some("tier")]);
        read(bank.get(&path));
        let log = read(owner.get(&format!("/api/v1/enterprises/{}/access-log", USCCS[0])));
        let lines = log["items"].as_array().expect("lines");
        assert_eq!(lines.len(), 2, "every read is a line");
        assert_eq!((&lines[0]["organisation"], &lines[0]["what"]), (&json!("示例BANKA"), &json!("credit_profile")));
        let consents = read(owner.get("/api/v1/consents"));
        assert_eq!((&consents["items"][0]["id"], &consents["items"][0]["in_force"]), (&json!(consent), &json!(true)));
    }

    fn officers_reads_stand_in_the_log_too(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, officer) = (app.sign_in("owner"), app.sign_in("officer"));
        let request = owner.open_fitting(USCCS[0]);
        let own = format!("/api/v1/enterprises/{}", USCCS[0]);
        for path in [own.clone(), format!("{own}/facts"), format!("/api/v1/requests/{request}/matches"), format!("/api/v1/requests/{request}/matches/PA")] {
            read(officer.get(&path));
            read(owner.get(&path));
            app.clock.advance(chrono::TimeDelta::seconds(1));
        }
        let log = read(owner.get(&format!("{own}/access-log?limit=3")));
        let lines = log["items"].as_array().expect("lines");
        assert!(lines.iter().all(|line| line["organisation"] == "示例centre"), "one's own reads are none");
        assert_eq!(lines[0]["what"], "match_result");
        let next = log["next"].as_str().expect("one more");
        let rest = read(owner.get(&format!("{own}/access-log?limit=3&cursor={next}")));
        assert_eq!((rest["items"].as_array().expect("lines").len(), &rest["next"]), (1, &Value::Null));
        assert_eq!(rest["items"][0]["what"], "profile");
        let other = app.sign_in("other");
        assert_eq!(read(other.get(&format!("/api/v1/enterprises/{}/access-log", USCCS[1])))["items"], json!([]));
    }

    fn a_pick_must_fit_and_be_made_once(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = owner.open_fitting(USCCS[0]);
        let path = format!("/api/v1/requests/{request}/referrals");
        let before = counts(&db.store);
        let mut wrong = vec![
            (usual_pick("BANKB", "PA"), "products"),
            (usual_pick("BANKA", "PD"), "products"),
            (usual_pick("nobody", "PA"), "bank"),
            (usual_pick("centre", "PA"), "bank"),
            (usual_pick("BANK\u{0}", "PA"), "bank"),
        ];
        for (field, value) in [("text_version", json!(2)), ("until", json!("2026-10-31")), ("until", json!("2028-01-01"))] {
            let mut body = usual_pick("BANKA", "PA");
            body["consent"][field] = value;
            wrong.push((body, if field == "until" { "consent.until" } else { "consent.text_version" }));
        }
        let mut twice = usual_pick("BANKA", "PA");
        twice["products"] = json!(["PA", "PA"]);
        let mut none = usual_pick("BANKA", "PA");
        none["products"] = json!([]);
        let mut more = usual_pick("BANKA", "PA");
        more["state"] = json!("viewed");
        wrong.extend([(twice, "products"), (none, "products"), (more, "state")]);
        for (body, field) in wrong {
            let answer = owner.post(&path, &body);
            assert_eq!(answer.status(), 422, "{body}");
            let problem: Value = answer.json().expect("JSON");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        assert_eq!(counts(&db.store), before);
        owner.refer(&request, "BANKA", "PA");
        assert_eq!(owner.pick(&request, "BANKA", "PA").status(), 409, "the bank has it");
        owner.refer(&request, "BANKB", "PB");
    }

    fn a_bank_can_be_picked_again_after_the_consent_was_taken_back(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, bank) = (app.sign_in("owner"), app.sign_in("banka"));
        let request = owner.open_fitting(USCCS[0]);
        let told = rows(db, "outbox");
        let (referral, consent) = owner.refer(&request, "BANKA", "PA");
        read(bank.get(&format!("/api/v1/referrals/{referral}/credit-profile")));
        assert_eq!(owner.revoke(&consent).status(), 200);
        let (again, second) = owner.refer(&request, "BANKA", "PA");
        assert_eq!(again, referral, "one for each request and bank");
        assert_ne!(second, consent);
        let row = read(bank.get(&format!("/api/v1/referrals/{referral}")));
        assert_eq!((&row["state"], &row["viewed_at"]), (&json!("pending"), &Value::Null));
        assert_eq!(owner.revoke(&consent).status(), 409, "the first one has ended");
        assert_eq!(rows(db, "outbox") - told, 2 + 3 + 1, "came, cancelled, came again; three users of the enterprise once");
    }

    fn a_consent_ends_with_its_last_day(db: &TestDb) {
        let app = TestApp::start(db);
        let (referral, path) = {
            let owner = app.sign_in("owner");
            let (referral, _) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
            (format!("/api/v1/referrals/{referral}"), format!("/api/v1/referrals/{referral}/credit-profile"))
        };
        app.clock.set("2026-12-20T15:59:59Z".parse().expect("an instant"));
        read(app.sign_in("banka").get(&path));
        app.clock.set("2026-12-20T16:00:00Z".parse().expect("an instant"));
        let bank = app.sign_in("banka");
        assert_eq!(bank.get(&path).status(), 404, "the next day in Beijing");
        assert_eq!(read(bank.get(&referral))["applicant"], Value::Null);
        assert_eq!(read(bank.get("/api/v1/referrals"))["items"][0]["applicant"], Value::Null);
    }

    fn without_authorisation_department_facts_are_neither_matched_nor_shown(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, officer, bank) = (app.sign_in("owner"), app.sign_in("officer"), app.sign_in("banka"));
        vouch(&app, "tax", &[(FactKey::Tier, Scalar::Text("specialised".into())), (FactKey::RevenueFen, Scalar::Number(7))], None);
        let keys = |user: &Api<'_>| -> Vec<String> {
            let facts = read(user.get(&format!("/api/v1/enterprises/{}/facts", USCCS[0])));
            facts["items"].as_array().expect("facts").iter().map(|fact| fact["fact"].as_str().expect("a key").to_owned()).collect()
        };
        let fits = || {
            let id = owner.begin();
            owner.submit(&id);
            let matches = read(owner.get(&format!("/api/v1/requests/{id}/matches")));
            (matches["eligible"].as_array().expect("rows").len(), id)
        };
        assert_eq!((keys(&owner).len(), keys(&officer).len(), fits().0), (0, 0, 0));
        assert_eq!(authorise(&owner, &json!(["tax"])).status(), 200);
        assert_eq!((keys(&owner), fits().0), (vec!["revenue_fen".to_owned()], 0), "the tier is another department's");
        let answer: Value = read(authorise(&owner, &json!(["tax", "science"])));
        assert_eq!((&answer["departments"], &answer["in_force"]), (&json!(["science", "tax"]), &json!(true)));
        let (count, request) = fits();
        assert_eq!((keys(&officer).len(), count), (2, 2));
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        let path = format!("/api/v1/referrals/{referral}/credit-profile");
        assert_eq!(read(bank.get(&path))["facts"].as_array().expect("facts").len(), 1);
        assert_eq!(read(bank.get("/api/v1/referrals"))["items"][0]["applicant"]["verified"], 1);

        let none: Value = read(authorise(&owner, &json!([])));
        assert_eq!((&none["departments"], &none["in_force"]), (&json!([]), &json!(false)));
        assert_eq!((keys(&owner).len(), keys(&officer).len(), fits().0), (0, 0, 0), "at once");
        assert_eq!(read(bank.get(&path))["facts"], json!([]), "for the bank too");
        assert_eq!(read(bank.get("/api/v1/referrals"))["items"][0]["applicant"]["verified"], 0);
        authorise(&owner, &json!(["tax", "science"]));
        app.clock.set("2027-06-30T16:00:00Z".parse().expect("an instant"));
        assert_eq!(keys(&app.sign_in("owner")).len(), 0, "it ends with its last day");
    }

    fn an_authorisation_names_the_newest_text_and_an_end_within_a_year(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let path = format!("/api/v1/enterprises/{}/authorisation", USCCS[0]);
        let before = counts(&db.store);
        for (body, field) in [
            (json!({"departments": ["tax"], "text_version": 2, "until": "2027-01-01"}), "text_version"),
            (json!({"departments": ["tax"], "text_version": 1, "until": "2026-10-31"}), "until"),
            (json!({"departments": ["tax"], "text_version": 1, "until": "2027-11-03"}), "until"),
            (json!({"departments": ["tax"], "until": "2027-01-01"}), "text_version"),
            (json!({"departments": ["tax"], "text_version": 1}), "until"),
            (json!({"departments": ["police"], "text_version": 1, "until": "2027-01-01"}), "departments[0]"),
            (json!({"departments": [], "given_by": "x"}), "given_by"),
        ] {
            let answer = owner.request(&Method::PUT, &path).json(&body).send().expect("an answer");
            assert_eq!(answer.status(), 422, "{body}");
            let problem: Value = answer.json().expect("JSON");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        assert_eq!(counts(&db.store), before);
    }

    fn a_bank_is_not_told_which_banks_an_enterprise_deals_with(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, bank) = (app.sign_in("owner"), app.sign_in("banka"));
        authorise(&owner, &json!(["bank"]));
        app.service
            .store
            .write(|conn| {
                let mut form = crate::support::samples::product_form("PS", "BANKA", "open");
                let criterion = json!({"fact": "settlement_inflow_fen", "op": "at_least", "value": 100});
                form.criteria = vec![serde_json::from_value(criterion).expect("a criterion")];
                let product = rongqiao::domain::product::Product::parse(form).expect("valid");
                let bank = organisations::by_code(conn, "BANKA")?.id;
                rongqiao::store::products::put(conn, &product, bank, app.clock.as_ref())?;
                Ok::<(), StoreError>(())
            })
            .expect("the product is put");
        vouch(&app, "centre", &[(FactKey::SettlementInflowFen, Scalar::Number(70))], Some("BANKA"));
        vouch(&app, "BANKB", &[(FactKey::SettlementInflowFen, Scalar::Number(60))], Some("BANKB"));
        let (referral, _) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PS");
        let answer = bank.get(&format!("/api/v1/referrals/{referral}/credit-profile")).text().expect("a body");
        assert!(!answer.contains("BANKB"), "{answer}");
        let profile: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!((profile["facts"].as_array().expect("facts").len(), &profile["facts"][0]["value"]), (1, &json!(130)));
    }

    fn threat_01_nobody_is_shown_another_tenants_rows(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, other) = (app.sign_in("owner"), app.sign_in("other"));
        let request = owner.open_fitting(USCCS[0]);
        let foreign = other.open_fitting(USCCS[1]);
        let (referral, consent) = owner.refer(&request, "BANKA", "PA");
        other.refer(&foreign, "BANKB", "PB");
        // What each tenant's rows hold and nobody else's: names, codes, and an amount that nobody else asks for.
        let canaries = [("0", "示例企业0有限公司"), ("0", USCCS[0]), ("0", request.as_str()), ("0", referral.as_str()), ("0", consent.as_str()),
            ("1", "示例企业1有限公司"), ("1", USCCS[1]), ("1", foreign.as_str()), ("a", "示例产品PD")];
        let may_see: [(&str, &[&str]); 9] = [("owner", &["0"]), ("member", &["0"]), ("reader", &["0"]), ("other", &["1"]), ("banka", &["0", "a"]),
            ("bankb", &["1"]), ("elsewhere", &[]), ("department", &[]), ("administrator", &[])];
        let one = ["", "/matches", "/matches/PA", "/matches/PB"].map(|tail| format!("/api/v1/requests/{request}{tail}"));
        let two = ["", "/matches", "/matches/PB"].map(|tail| format!("/api/v1/requests/{foreign}{tail}"));
        let mut paths: Vec<String> = ["products", "products/PA", "products/PD", "requests", "consents", "referrals"].map(|path| format!("/api/v1/{path}")).to_vec();
        for code in USCCS {
            paths.extend(["", "/facts", "/authorisation", "/access-log"].map(|tail| format!("/api/v1/enterprises/{code}{tail}")));
        }
        paths.extend(["", "/credit-profile"].map(|tail| format!("/api/v1/referrals/{referral}{tail}")));
        paths.extend(one.into_iter().chain(two));
        for (name, own) in may_see {
            let user = app.sign_in(name);
            let mut met = std::collections::BTreeSet::new();
            for path in &paths {
                let body = user.get(path).text().expect("a body");
                for (tenant, canary) in canaries {
                    let is_there = body.contains(canary);
                    assert!(!is_there || own.contains(&tenant), "{name} was shown {canary} by {path}");
                    if is_there {
                        met.insert(tenant);
                    }
                }
            }
            assert_eq!(met.into_iter().collect::<Vec<_>>(), own, "{name} is shown its own");
        }
    }

    fn threat_03_nothing_is_read_once_the_revocation_is_answered(db: &TestDb) {
        let app = TestApp::start(db);
        let beside = app.beside(db);
        let (owner, bank) = (app.sign_in("owner"), app.sign_in("banka"));
        let (older, its_consent) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        app.clock.advance(TimeDelta::seconds(1));
        let (referral, consent) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let first: Value = read(bank.get("/api/v1/referrals?limit=1"));
        assert_eq!(first["items"][0]["id"], *referral);
        let cursor = first["next"].as_str().expect("a cursor");
        // Two at each node, over and over, from before the revocation until a thousand have come after it.
        let path = format!("/api/v1/referrals/{referral}/credit-profile");
        let readers: Vec<Api<'_>> = [&app, &beside, &app, &beside].map(|node| node.with_tokens("banka", app.tokens("banka"))).into();
        let (answered, before, after) = (OnceLock::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for reader in &readers {
                scope.spawn(|| while after.load(Ordering::SeqCst) < READS {
                    let is_late = answered.get().is_some();
                    let status = reader.get(&path).status();
                    match (is_late, status.as_u16()) {
                        (true, 404) => { after.fetch_add(1, Ordering::SeqCst); }
                        (false, 200) => { before.fetch_add(1, Ordering::SeqCst); }
                        // Begun before, and too late.
                        (false, 404) => {}
                        other => {
                            after.store(READS, Ordering::SeqCst);
                            panic!("a read that began after the answer: {other:?}");
                        }
                    }
                });
            }
            let waited = Instant::now();
            while before.load(Ordering::SeqCst) < 20 {
                assert!(waited.elapsed() < Duration::from_mins(1), "the readers read");
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(owner.revoke(&consent).status(), 200);
            answered.set(()).expect("once");
        });
        println!("{} reads before, {} after", before.load(Ordering::SeqCst), after.load(Ordering::SeqCst));
        let logged = usize::try_from(rows(db, "profile_access")).expect("a number");
        assert_eq!(logged, before.load(Ordering::SeqCst), "the log has each that was answered, and no other");
        // What was begun before shows no more: the rest of a list, a copy that is asked for again.
        assert_eq!(owner.revoke(&its_consent).status(), 200);
        let rest = bank.get(&format!("/api/v1/referrals?limit=1&cursor={cursor}")).text().expect("a body");
        assert!(rest.contains(&older) && !rest.contains("示例企业0有限公司") && !rest.contains(USCCS[0]), "{rest}");
        let again = readers[1].request(&Method::GET, &path).header("If-None-Match", "*").send().expect("an answer");
        assert_eq!(again.status(), 404, "never 304");
        let broken = || {
            let checked = db.store.read(rongqiao::store::invariants::check).expect("they are counted");
            checked.iter().map(|one| one.broken).sum::<i64>()
        };
        assert_eq!(broken(), 0);
        // On PostgreSQL a read may begin while a revocation is being written down, and end after it.
        for (revoked_at, expected) in [("2026-11-01 01:59:30", false), ("2026-11-01 01:58:30", true)] {
            by_hand(&db.store, &format!("UPDATE consent SET revoked_at = '{revoked_at}'")).expect("it is set");
            assert_eq!(broken() > 0, expected, "{revoked_at}");
        }
    }

    fn threat_04_a_foreign_id_and_a_missing_one_are_answered_alike(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = owner.open_fitting(USCCS[0]);
        let (referral, consent) = owner.refer(&request, "BANKA", "PA");
        let missing = "00000000-0000-4000-8000-000000000000";
        let (bank, other) = (app.sign_in("bankb"), app.sign_in("other"));
        let answered = |user: &Api<'_>, method: &Method, path: &str| {
            let mut send = user.request(method, path);
            if path.ends_with("/referrals") {
                send = send.json(&usual_pick("BANKA", "PA"));
            }
            let answer = send.send().expect("an answer");
            let mut headers: Vec<String> = answer.headers().iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
            headers.retain(|line| !line.starts_with("date:"));
            (answer.status(), headers, answer.text().expect("a body"))
        };
        for (user, method, path, id) in [
            (&bank, Method::GET, "/api/v1/referrals/{}", &referral),
            (&bank, Method::GET, "/api/v1/referrals/{}/credit-profile", &referral),
            (&other, Method::POST, "/api/v1/consents/{}/revoke", &consent),
            (&other, Method::GET, "/api/v1/requests/{}", &request),
            (&other, Method::GET, "/api/v1/requests/{}/matches", &request),
            (&other, Method::POST, "/api/v1/requests/{}/referrals", &request),
        ] {
            let foreign = answered(user, &method, &path.replace("{}", id));
            assert_eq!(foreign.0, 404, "{path}");
            assert_eq!(foreign, answered(user, &method, &path.replace("{}", missing)), "{path}");
        }
    }

    fn threat_32_a_bank_receives_the_same_bytes_whatever_the_enterprise_would_pay_or_picks_besides(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, bank) = (app.sign_in("owner"), app.sign_in("banka"));
        owner.declare(USCCS[0], "tier", &json!("specialised"));
        let mut bodies = Vec::new();
        for (max_cost_bp, other_banks) in [(None, false), (Some(400), false), (Some(9_999), true), (None, true)] {
            let mut need = usual_need();
            if let Some(max) = max_cost_bp {
                need["max_cost_bp"] = json!(max);
            }
            let begun: Value = owner.post("/api/v1/requests", &need).json().expect("JSON");
            let (id, number) = (begun["id"].as_str().expect("an id"), begun["number"].as_str().expect("a number"));
            assert_eq!(owner.submit(id).status(), 200);
            if other_banks {
                owner.refer(id, "BANKB", "PB");
            }
            let (referral, consent) = owner.refer(id, "BANKA", "PA");
            let path = format!("/api/v1/referrals/{referral}");
            // The clock stands still, so a list is in the order of ids: only this one's row of it is looked at.
            let list = bank.get("/api/v1/referrals").text().expect("a body");
            let from = list.find(&format!("{{\"id\":\"{referral}\"")).expect("its row");
            let row = list[from..].split("},{").next().expect("a row").trim_end_matches("]}").trim_end_matches('}').to_owned();
            let bodies_of = [path.clone(), format!("{path}/credit-profile")].map(|path| bank.get(&path).text().expect("a body"));
            let received: Vec<String> = bodies_of.into_iter().chain([row]).map(|body| without_ids(&body.replace(number, "<number>"))).collect();
            assert!(received.iter().all(|body| !body.contains("max_cost") && !body.contains("BANKB")));
            assert_eq!(owner.revoke(&consent).status(), 200);
            bodies.push(received);
        }
        for received in &bodies {
            assert_eq!(received, &bodies[0]);
        }
    }

    fn of_two_revocations_one_succeeds(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        for _ in 0..8 {
            let (_, consent) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
            let before = rows(db, "audit");
            let statuses = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| owner.revoke(&consent).status().as_u16())).collect();
                threads.into_iter().map(|thread| thread.join().expect("it ends")).collect::<Vec<_>>()
            });
            assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
            assert!(statuses.iter().all(|status| matches!(status, 200 | 409 | 503)), "{statuses:?}");
            assert_eq!(rows(db, "audit") - before, 2, "one revocation and one cancellation");
        }
    }
}
