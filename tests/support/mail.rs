//! Messages in the outbox, and the jobs that deliver them, as tests need them.

use super::app::TestApp;
use super::db::TestDb;
use super::samples;
use argon2::Params;
use diesel::connection::SimpleConnection;
use rongqiao::actions::password::Passwords;
use rongqiao::actions::{Service, chain};
use rongqiao::clock::FixedClock;
use rongqiao::config::AuditAlgorithm;
use rongqiao::domain::email::Email;
use rongqiao::domain::message::{Message, Recipient, Topic};
use rongqiao::jobs::World;
use rongqiao::jobs::post::Rules;
use rongqiao::mail::{Deliver, Writer};
use rongqiao::store::{AnyConnection, Store, StoreError, accounts, mail_hold, outbox};
use std::sync::Arc;

/// A message about the request `event` to an address or a user.
pub fn message(event: &str, to: Recipient) -> Message {
    let parameters = [("number", event), ("enterprise", "示例企业"), ("until", "2027-01-30")];
    Message {
        event: event.to_owned(),
        to,
        topic: Topic::RequestSubmitted,
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        link: Some("/enterprise/requests".to_owned()),
    }
}

/// A message to the address `to@example.com`.
pub fn to_address(event: &str, to: &str) -> Message {
    message(event, Recipient::Address(format!("{to}@example.com")))
}

/// Runs SQL as somebody with the database's own client would.
pub fn by_hand(store: &Store, sql: &str) -> Result<(), StoreError> {
    store.write(|conn: &mut AnyConnection| Ok(conn.batch_execute(sql)?))
}

/// The actions' world without a server.
pub fn service(db: &TestDb, clock: &Arc<FixedClock>) -> Service {
    let cheap = Params::new(8, 1, 1, None).expect("a low cost");
    Service {
        store: db.store.clone(),
        clock: Arc::clone(clock) as Arc<_>,
        catalogue: Arc::default(),
        open_requests: Arc::default(),
        passwords: Arc::new(Passwords::with_cost(samples::policy(), cheap).expect("set up")),
        sealer: Arc::new(samples::sealer()),
        settings: Arc::new(samples::config()),
    }
}

/// The jobs' world of a node, with a way for its letters and four tries for each.
pub fn world(service: &Service, node: &str, way: Arc<dyn Deliver>) -> World {
    World {
        service: service.clone(),
        way,
        writer: Writer::new("融桥", "https://rong.example"),
        rules: Rules::new(4, 1),
        algorithm: chain::of_setting(AuditAlgorithm::Sha256),
        node: node.into(),
        ending: Arc::default(),
    }
}

/// The clock that tests share with what they test.
pub fn clock() -> Arc<FixedClock> {
    Arc::new(samples::clock())
}

/// Two mails to the owner of the first enterprise, one given up and one sent: their ids.
pub fn mails(app: &TestApp) -> (String, String) {
    let email: Email = "owner@example.com".parse().expect("an address");
    let put = |event: &str, state: &str| {
        let service = &app.service;
        let put = service.store.write(|conn| {
            let owner = accounts::by_email(conn, &email)?.actor.user_id;
            outbox::put(conn, &message(event, Recipient::Account(owner)), service.clock.as_ref())?;
            outbox::of_account(conn, owner, None, 100)
        });
        let listed = put.expect("it is put");
        let found = listed
            .iter()
            .find(|found| found.parameters["number"] == event)
            .expect("it is there");
        let id = found.id.to_string();
        let sql = format!("UPDATE outbox SET state = '{state}', last_error = '550 no such user' WHERE id = '{id}'");
        by_hand(&service.store, &sql).expect("it is set");
        id
    };
    (put("a dead one", "dead"), put("a sent one", "sent"))
}

/// Holds mail, as in a database that was restored.
pub fn hold(app: &TestApp) {
    let service = &app.service;
    let held = service.store.write(|conn| mail_hold::hold(conn, service.clock.now()));
    held.expect("it is held");
}
