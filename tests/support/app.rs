//! The whole service on a free port, over a test's database, with a clock that stands still.

use super::db::TestDb;
use super::samples::{self, DISTRICT, ELSEWHERE, USCCS};
use actix_web::dev::ServerHandle;
use argon2::Params;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::redirect::Policy;
use rongqiao::actions::Service;
use rongqiao::actions::password::{self, Passwords};
use rongqiao::actions::users::{self, NewUser};
use rongqiao::cli::demo::{self, Account};
use rongqiao::clock::{Clock, FixedClock};
use rongqiao::config::{Config, Secret};
use rongqiao::domain::actor::{OrganisationKind, Role};
use rongqiao::domain::lpr::Lpr;
use rongqiao::domain::organisation::{Organisation, OrganisationForm};
use rongqiao::store::{StoreError, enterprises, lpr, organisations, products};
use rongqiao::web::app;
use rongqiao::web::keys::{OldSigningKey, SigningKeys};
use rongqiao::web::state::WebState;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The password of everyone in tests.
pub const PASSWORD: &str = "a password for tests";

/// What its tokens are signed with.
pub const KEY: &[u8] = b"a key of thirty-two bytes for tests";
/// What they were signed with until before.
pub const OLD_KEY: &[u8] = b"the old key of thirty-two bytes for tests";
/// Until when the old key is believed, from the start of the clock.
pub const OLD_KEY_MINUTES: i64 = 10;

fn keys() -> SigningKeys {
    SigningKeys {
        current: KEY.to_vec(),
        old: vec![OldSigningKey {
            key: OLD_KEY.to_vec(),
            until: samples::clock().now() + TimeDelta::minutes(OLD_KEY_MINUTES),
        }],
    }
}

/// The service, running.
pub struct TestApp {
    /// Scheme, host and port.
    pub base_url: String,
    /// The actions' world, for setting up and looking.
    pub service: Service,
    /// The clock of both.
    pub clock: Arc<FixedClock>,
    client: Client,
    server: Option<(ServerHandle, JoinHandle<()>)>,
}

impl TestApp {
    /// Two enterprises, two banks with a product each, the centre, another district's centre, a
    /// department; a user `NAME@example.com` of each.
    pub fn start(db: &TestDb) -> Self {
        Self::filled(db, fill)
    }

    /// The demo's district, with its account of each actor.
    pub fn start_demo(db: &TestDb) -> (Self, Vec<Account>) {
        Self::start_demo_at(db, samples::clock())
    }

    /// As [`TestApp::start_demo`], at another time.
    pub fn start_demo_at(db: &TestDb, clock: FixedClock) -> (Self, Vec<Account>) {
        let mut accounts = Vec::new();
        let app = Self::filled_at(db, samples::config(), clock, |service| {
            let demo = demo::demo(service.clock.today()).expect("the demo is sound");
            accounts = demo::fill(service, &demo).expect("it is stored");
        });
        (app, accounts)
    }

    /// As [`TestApp::start`], with other settings.
    pub fn start_with(db: &TestDb, set: impl FnOnce(&mut Config)) -> Self {
        let mut config = samples::config();
        set(&mut config);
        Self::filled_with(db, config, fill)
    }

    fn filled(db: &TestDb, fill: impl FnOnce(&Service)) -> Self {
        Self::filled_with(db, samples::config(), fill)
    }

    fn filled_with(db: &TestDb, config: Config, fill: impl FnOnce(&Service)) -> Self {
        Self::filled_at(db, config, samples::clock(), fill)
    }

    fn filled_at(db: &TestDb, config: Config, clock: FixedClock, fill: impl FnOnce(&Service)) -> Self {
        let clock = Arc::new(clock);
        let cheap = Params::new(8, 1, 1, None).expect("a low cost");
        let service = Service {
            store: db.store.clone(),
            clock: Arc::clone(&clock) as Arc<_>,
            catalogue: Arc::default(),
            open_requests: Arc::default(),
            passwords: Arc::new(Passwords::with_cost(password::Policy::of(&config.auth), cheap).expect("set up")),
            sealer: Arc::new(samples::sealer()),
            settings: Arc::new(config),
        };
        fill(&service);
        Self::serve(service, clock, None)
    }

    /// Another node of the same site, over the same database; it remembers nothing yet.
    pub fn beside(&self, db: &TestDb) -> Self {
        let service = Service {
            store: db.of_another_node(),
            catalogue: Arc::default(),
            open_requests: Arc::default(),
            ..self.service.clone()
        };
        Self::serve(service, Arc::clone(&self.clock), Some(&self.base_url))
    }

    fn serve(service: Service, clock: Arc<FixedClock>, site: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut config = (*service.settings).clone();
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        site.unwrap_or(&base_url).clone_into(&mut config.server.base_url);
        let state = WebState::new(service.clone(), &config, &keys());
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = app::serve(listener, state).expect("it serves");
                sender.send(server.handle()).expect("the test waits");
                server.await.expect("it serves until stopped");
            });
        });
        let handle = receiver.recv().expect("the server starts");
        Self {
            base_url,
            service,
            clock,
            client: Client::builder().redirect(Policy::none()).build().expect("a client"),
            server: Some((handle, thread)),
        }
    }

    /// A request to a path, as nobody.
    pub fn anonymous(&self, method: &Method, path: &str) -> RequestBuilder {
        self.client.request(method.clone(), format!("{}{path}", self.base_url))
    }

    /// Posts JSON as nobody.
    pub fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.anonymous(&Method::POST, path).json(body);
        request.send().expect("an answer")
    }

    /// Signs in to the API as `name@example.com`.
    pub fn sign_in(&self, name: &str) -> Api<'_> {
        self.with_tokens(name, self.tokens(name))
    }

    /// A user who signed in to another node of the same site.
    pub fn with_tokens(&self, name: &str, tokens: Tokens) -> Api<'_> {
        Api {
            app: self,
            name: name.to_owned(),
            tokens: Mutex::new(tokens),
        }
    }

    /// What the API gives for the password of `name@example.com`.
    pub fn tokens(&self, name: &str) -> Tokens {
        self.tokens_for(&format!("{name}@example.com"), PASSWORD)
    }

    /// Signs in to the API as the demo's account of an actor.
    pub fn sign_in_as(&self, accounts: &[Account], role: &str) -> Api<'_> {
        let account = accounts
            .iter()
            .find(|account| account.role == role)
            .expect("an account");
        self.with_tokens(role, self.tokens_for(&account.email, &account.password))
    }

    fn tokens_for(&self, email: &str, password: &str) -> Tokens {
        let answer = self.post("/api/v1/sessions", &json!({"email": email, "password": password}));
        assert_eq!(answer.status(), 200, "{email} signs in");
        Tokens::of(answer, self.clock.now())
    }

    /// The next tokens for a refresh token.
    pub fn refresh(&self, refresh: &str) -> Response {
        self.post("/api/v1/sessions/refresh", &json!({"refresh_token": refresh}))
    }

    /// What the API answers to an access token.
    pub fn status_with(&self, access: &str) -> u16 {
        let request = self.anonymous(&Method::GET, "/api/v1/messages").bearer_auth(access);
        request.send().expect("an answer").status().as_u16()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            drop(handle.stop(false));
            if !std::thread::panicking() {
                thread.join().expect("the server ends well");
            }
        }
    }
}

/// The tokens of a session.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    /// When the access token ends.
    pub until: DateTime<Utc>,
}

impl Tokens {
    /// Those of an answer that came at this time.
    pub fn of(answer: Response, now: DateTime<Utc>) -> Self {
        let body: Value = answer.json().expect("JSON");
        let text = |field: &str| body[field].as_str().expect("a token").to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            until: now + TimeDelta::seconds(body["expires_in"].as_i64().expect("seconds")),
        }
    }
}

/// A signed-in user of the API, who signs in again when the token has ended.
pub struct Api<'a> {
    app: &'a TestApp,
    name: String,
    tokens: Mutex<Tokens>,
}

impl Api<'_> {
    /// A request with the user's token.
    pub fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        self.app.anonymous(method, path).bearer_auth(self.token())
    }

    fn token(&self) -> String {
        let mut tokens = self.tokens.lock().expect("no test has failed");
        if self.app.clock.now() >= tokens.until {
            *tokens = self.app.tokens(&self.name);
        }
        tokens.access.clone()
    }

    /// Reads a path.
    pub fn get(&self, path: &str) -> Response {
        self.request(&Method::GET, path).send().expect("an answer")
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.request(&Method::POST, path).json(body).send().expect("an answer")
    }

    /// Begins a request of the usual need: its id.
    pub fn begin(&self) -> String {
        let answer = self.post("/api/v1/requests", &usual_need());
        assert_eq!(answer.status(), 201);
        let request: Value = answer.json().expect("JSON");
        request["id"].as_str().expect("an id").to_owned()
    }

    /// Puts a value of an enterprise's fact.
    pub fn declare(&self, uscc: &str, key: &str, value: &Value) {
        let put = self.request(&Method::PUT, &format!("/api/v1/enterprises/{uscc}/facts/{key}"));
        assert_eq!(
            put.json(&json!({"value": value})).send().expect("an answer").status(),
            204
        );
    }

    /// An open request that the products of both banks fit: its id.
    pub fn open_fitting(&self, uscc: &str) -> String {
        self.declare(uscc, "tier", &json!("specialised"));
        let id = self.begin();
        assert_eq!(self.submit(&id).status(), 200);
        id
    }

    /// Picks a bank's product for a request, with a consent of some weeks.
    pub fn pick(&self, request: &str, bank: &str, product: &str) -> Response {
        self.post(
            &format!("/api/v1/requests/{request}/referrals"),
            &usual_pick(bank, product),
        )
    }

    /// Picks a bank's product for a request: the referral's id and the consent's.
    pub fn refer(&self, request: &str, bank: &str, product: &str) -> (String, String) {
        let answer = self.pick(request, bank, product);
        assert_eq!(answer.status(), 201, "{request} {bank}");
        let sent: Value = answer.json().expect("JSON");
        let text = |field: &str| sent[field].as_str().expect("an id").to_owned();
        (text("id"), text("consent"))
    }

    /// Makes the usual offer of a product for a referral: its id.
    pub fn offer(&self, referral: &str, product: &str) -> String {
        let answer = self.post(&format!("/api/v1/referrals/{referral}/offers"), &usual_offer(product));
        assert_eq!(answer.status(), 201, "{referral} {product}");
        let made: Value = answer.json().expect("JSON");
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Does something with an offer: `forward`, `accept`, …
    pub fn on_offer(&self, id: &str, verb: &str, body: &Value) -> Response {
        self.post(&format!("/api/v1/offers/{id}/{verb}"), body)
    }

    /// Keeps a bank in reserve for a request: the referral's id.
    pub fn keep(&self, request: &str, bank: &str, product: &str) -> String {
        let mut body = usual_pick(bank, product);
        body["reserve"] = json!(true);
        let answer = self.post(&format!("/api/v1/requests/{request}/referrals"), &body);
        assert_eq!(answer.status(), 201, "{request} {bank}");
        let kept: Value = answer.json().expect("JSON");
        kept["id"].as_str().expect("an id").to_owned()
    }

    /// Proposes a bank for a request as an officer: the referral's id.
    pub fn propose(&self, request: &str, bank: &str, product: &str) -> String {
        let body = json!({"bank": bank, "products": [product], "reason": "这家银行熟悉这个行业"});
        let answer = self.post(&format!("/api/v1/desk/request-{request}/refer"), &body);
        assert_eq!(answer.status(), 201, "{request} {bank}");
        let proposed: Value = answer.json().expect("JSON");
        proposed["id"].as_str().expect("an id").to_owned()
    }

    /// How the referral of a request with a bank stands.
    pub fn standing(&self, request: &str, bank: &str) -> Value {
        let list: Value = self
            .get(&format!("/api/v1/requests/{request}/referrals"))
            .json()
            .expect("JSON");
        let items = list["items"].as_array().expect("referrals");
        let found = items.iter().find(|one| one["bank"] == bank);
        found.cloned().unwrap_or(Value::Null)
    }

    /// Takes a consent back.
    pub fn revoke(&self, consent: &str) -> Response {
        let request = self.request(&Method::POST, &format!("/api/v1/consents/{consent}/revoke"));
        request.send().expect("an answer")
    }

    /// Submits a request.
    pub fn submit(&self, id: &str) -> Response {
        self.request(&Method::POST, &format!("/api/v1/requests/{id}/submit"))
            .send()
            .expect("an answer")
    }
}

/// What the tests' enterprises ask for.
pub fn usual_need() -> Value {
    json!({"amount_fen": 100_000_000, "term_months": 12, "purpose": "working_capital", "guarantees": ["credit"]})
}

/// An offer that passes every check of the desk.
pub fn usual_offer(product: &str) -> Value {
    json!({
        "product": product, "amount_fen": 100_000_000, "term_months": 12,
        "rate": {"base": "lpr_1y", "spread_bp": 40}, "repayment": "interest_only",
        "start_on": "2026-11-20", "due_every_months": 1, "due_day": 20, "day_count": "act/360",
        "guarantee": "credit", "early_repayment": "可提前还款，不收违约金",
        "late_repayment": "逾期部分按合同利率上浮五成计息", "valid_until": "2026-12-10",
    })
}

/// An acceptance of an offer's revision, with its consent.
pub fn acceptance(revision: i32) -> Value {
    json!({"revision": revision, "consent": {"text_version": 1, "until": "2027-03-31"}})
}

/// A pick of one product, with a consent to the newest text.
pub fn usual_pick(bank: &str, product: &str) -> Value {
    json!({"bank": bank, "products": [product], "consent": {"text_version": 1, "until": "2026-12-20"}})
}

fn fill(service: &Service) {
    let clock = service.clock.as_ref();
    service
        .store
        .write(|conn| {
            for (place, text) in USCCS.iter().enumerate() {
                let form = OrganisationForm {
                    code: format!("E{place}"),
                    kind: OrganisationKind::Enterprise,
                    name: format!("示例企业{place}有限公司"),
                    district_code: DISTRICT.to_owned(),
                    uscc: Some((*text).to_owned()),
                    contact: None,
                };
                organisations::put(conn, &Organisation::parse(form).expect("valid"), clock)?;
                let mut enterprise = samples::enterprise(place);
                enterprise.established_on = Some(samples::day("2015-02-22"));
                enterprises::put(conn, &enterprise, DISTRICT, clock)?;
            }
            for (code, kind, district) in [
                ("BANKA", OrganisationKind::Bank, DISTRICT),
                ("BANKB", OrganisationKind::Bank, DISTRICT),
                ("centre", OrganisationKind::Centre, DISTRICT),
                ("elsewhere", OrganisationKind::Centre, ELSEWHERE),
                ("tax", OrganisationKind::Department, DISTRICT),
            ] {
                organisations::put(conn, &samples::organisation(code, kind, district), clock)?;
            }
            for (code, bank, status) in [
                ("PA", "BANKA", "open"),
                ("PB", "BANKB", "open"),
                ("PD", "BANKA", "draft"),
            ] {
                let id = organisations::by_code(conn, bank)?.id;
                products::put(conn, &samples::product(code, bank, status), id, clock)?;
            }
            lpr::put(conn, &Lpr::parse("2025-05-20", "3.00", "3.50").expect("valid"))?;
            Ok::<(), StoreError>(())
        })
        .expect("the rows are put");
    let password = Secret::new(PASSWORD.to_owned());
    for (name, organisation, role) in USERS {
        let email = format!("{name}@example.com");
        users::add(
            service,
            NewUser {
                organisation,
                email: &email,
                name,
                role,
                password: &password,
            },
        )
        .expect("added");
    }
}

/// One user of each kind.
pub const USERS: [(&str, &str, Role); 10] = [
    ("owner", "E0", Role::Owner),
    ("member", "E0", Role::Member),
    ("reader", "E0", Role::Reader),
    ("other", "E1", Role::Owner),
    ("banka", "BANKA", Role::BankUser),
    ("bankb", "BANKB", Role::BankUser),
    ("officer", "centre", Role::Officer),
    ("elsewhere", "elsewhere", Role::Officer),
    ("department", "tax", Role::DepartmentUser),
    ("administrator", "centre", Role::Administrator),
];
