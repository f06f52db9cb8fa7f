//! Mail: every message of a committed change arrives, none of one that was undone, whatever the server
//! and the node do.

use crate::support::db::{TestDb, on_both, settings};
use crate::support::mail::{clock, message, service, to_address, world};
use crate::support::samples::{add_account, add_organisation};
use crate::support::smtp::{Manner, SmtpServer};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use rongqiao::actions::ActionError;
use rongqiao::clock::{Clock, FixedClock};
use rongqiao::config::MailTls;
use rongqiao::domain::actor::{OrganisationKind, Role};
use rongqiao::domain::message::{MailState, Message, Recipient};
use rongqiao::jobs::World;
use rongqiao::jobs::post::deliver;
use rongqiao::mail::deliver::SmtpSettings;
use rongqiao::mail::{Deliver, Letter, Memory, Smtp, Undelivered};
use rongqiao::store::{Store, StoreError, outbox, post};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

fn put(store: &Store, clock: &FixedClock, addresses: &[String]) {
    store
        .write(|conn| {
            addresses
                .iter()
                .try_for_each(|to| outbox::put(conn, &to_address(&format!("event of {to}"), to), clock))
        })
        .expect("they are put");
}

fn smtp(server: &SmtpServer) -> Arc<Smtp> {
    let settings = SmtpSettings {
        host: "127.0.0.1",
        port: server.port,
        tls: MailTls::None,
        credentials: None,
        timeout: Duration::from_secs(1),
    };
    Arc::new(Smtp::new(&settings, "融桥 <rong@example.com>").expect("a way"))
}

/// Delivers until nothing waits, moving the clock to when the next is due.
fn deliver_all(world: &World, clock: &FixedClock) {
    for _ in 0..60 {
        while deliver(world).expect("a turn") > 0 {}
        clock.advance(TimeDelta::hours(5));
        let counts = world.service.store.read(post::counts).expect("counted");
        if counts.contains(&(MailState::Waiting, 0)) {
            return;
        }
    }
    panic!("mails wait for ever");
}

fn state_of(store: &Store, state: MailState) -> i64 {
    let counts: BTreeMap<&str, i64> = store
        .read(post::counts)
        .expect("counted")
        .into_iter()
        .map(|(state, count)| (rongqiao::domain::codes::Code::code(state), count))
        .collect();
    counts[rongqiao::domain::codes::Code::code(state)]
}

/// What the address says that its server does, on the first tries.
fn manner(to: &str, tried: usize) -> Manner {
    match to.split('-').next() {
        Some("later") if tried < 2 => Manner::PutOff,
        Some("refused") if tried < 1 => Manner::Refuse,
        Some("hangs") if tried < 1 => Manner::Hang,
        Some("drops") if tried < 1 => Manner::Drop,
        Some("twice") if tried < 1 => Manner::TakeAndDrop,
        _ => Manner::Take,
    }
}

on_both! {
    fn threat_08_every_mail_of_a_committed_change_arrives_and_none_of_an_undone_one(db: &TestDb) {
        let clock = clock();
        let service = service(db, &clock);
        let server = SmtpServer::start(manner);
        let world = world(&service, "node", smtp(&server));
        let kinds = ["taken", "later", "refused", "hangs", "drops", "twice"];
        let addresses: Vec<String> = (0..2).flat_map(|n| kinds.map(|kind| format!("{kind}-{n}"))).collect();
        put(&db.store, &clock, &addresses);
        let undone: Result<(), StoreError> = db.store.write(|conn| {
            outbox::put(conn, &to_address("undone", "undone"), clock.as_ref())?;
            Err(StoreError::Stale)
        });
        assert!(undone.is_err());

        deliver_all(&world, &clock);
        assert_eq!(state_of(&db.store, MailState::Dead), 2, "an address that is refused is not tried for days");
        let dead: Vec<_> = dead(&db.store);
        for mail in &dead {
            assert!(mail.email.starts_with("refused") && mail.tries == 1);
            assert!(mail.last_error.as_deref().is_some_and(|why| why.contains("550") || why.contains("no such user")), "{mail:?}");
        }
        for mail in dead {
            db.store.write(|conn| post::resend(conn, mail.id, MailState::Dead, clock.now())).expect("it is sent again");
        }
        deliver_all(&world, &clock);

        let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for kept in server.kept() {
            let head = kept.text.split("\n\n").next().expect("a head");
            for line in ["Subject: =?utf-8?", "Auto-Submitted: auto-generated", "Content-Type: multipart/alternative"] {
                assert!(head.contains(line), "{line}: {head}");
            }
            arrived.entry(kept.to).or_default().push(kept.message_id);
        }
        let expected: BTreeSet<String> = addresses.iter().map(|to| format!("{to}@example.com")).collect();
        assert_eq!(arrived.keys().cloned().collect::<BTreeSet<_>>(), expected);
        for (to, ids) in arrived {
            let different: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(different.len(), 1, "{to}: one Message-ID, however often");
            assert_eq!(ids.len(), if to.starts_with("twice") { 2 } else { 1 }, "{to}");
        }
        assert_eq!(state_of(&db.store, MailState::Sent), 12);
    }

    fn threat_08_a_node_that_dies_loses_nothing(db: &TestDb) {
        let clock = clock();
        let service = service(db, &clock);
        let addresses: Vec<String> = (0..6).map(|n| format!("to-{n}")).collect();
        put(&db.store, &clock, &addresses);
        let sent = Arc::new(Memory::default());
        let mut died = 0;
        for (node, point) in [("one", Point::BeforeSend), ("two", Point::After250)] {
            let way = Dies { sent: Arc::clone(&sent), at: "to-3@example.com", point };
            let dying = world(&service, node, Arc::new(way));
            let end = catch_unwind(AssertUnwindSafe(|| deliver(&dying)));
            died += usize::from(end.is_err());
            // What it had claimed is nobody else's until the claim ends.
            let other = world(&service, "other", Arc::clone(&sent) as Arc<dyn Deliver>);
            assert_eq!(deliver(&other).expect("a turn"), 0);
            clock.advance(TimeDelta::seconds(16));
        }
        assert_eq!(died, 2);
        let last = world(&service, "last", Arc::clone(&sent) as Arc<dyn Deliver>);
        deliver_all(&last, &clock);
        let letters = sent.sent();
        let to = |letter: &Letter| letter.to.clone();
        let arrived: BTreeSet<String> = letters.iter().map(to).collect();
        assert_eq!(arrived.len(), addresses.len());
        assert_eq!(letters.len(), addresses.len() + 1, "the one that was taken before the node died came twice");
        let ids: BTreeSet<&String> = letters.iter().map(|letter| &letter.message_id).collect();
        assert_eq!(ids.len(), addresses.len(), "under one Message-ID");
    }

    fn threat_09_two_nodes_send_nothing_twice(db: &TestDb) {
        const MAILS: usize = 1_000;
        let clock = clock();
        let addresses: Vec<String> = (0..MAILS).map(|n| format!("to-{n}")).collect();
        put(&db.store, &clock, &addresses);
        let sent = Arc::new(Memory::default());
        let shares: Vec<i64> = std::thread::scope(|scope| {
            let node = |name: &'static str| {
                let (clock, sent) = (&clock, &sent);
                scope.spawn(move || {
                    // A pool of connections of its own, as another program has.
                    let mut service = service(db, clock);
                    if db.url.starts_with("postgres") {
                        service.store = Store::open(db.store.url(), &settings()).expect("it opens");
                    }
                    let world = world(&service, name, Arc::clone(sent) as Arc<dyn Deliver>);
                    let mut share = 0;
                    while state_of(&service.store, MailState::Waiting) > 0 {
                        match deliver(&world) {
                            Ok(tried) => share += tried,
                            Err(ActionError::Busy) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                    share
                })
            };
            let nodes = [node("one"), node("two")];
            nodes.map(|node| node.join().expect("it ends")).to_vec()
        });
        println!("two nodes sent {shares:?}");
        let letters = sent.sent();
        let ids: BTreeSet<&String> = letters.iter().map(|letter| &letter.message_id).collect();
        assert_eq!((letters.len(), ids.len()), (MAILS, MAILS));
    }

    fn a_mail_that_is_put_off_too_often_is_given_up_and_can_be_sent_again(db: &TestDb) {
        let clock = clock();
        let service = service(db, &clock);
        put(&db.store, &clock, &["a".to_owned()]);
        let down = world(&service, "node", Arc::new(Down));
        for tries in 1..=4 {
            assert_eq!(deliver(&down).expect("a turn"), 1, "try {tries}");
            // Half a minute, doubled each time, a quarter more at most.
            clock.advance(TimeDelta::milliseconds(22_400) * 2_i32.pow(tries - 1));
            assert_eq!(deliver(&down).expect("a turn"), 0, "not before three quarters of the pause");
            clock.advance(TimeDelta::seconds(15) * 2_i32.pow(tries - 1));
        }
        let given_up = dead(&db.store);
        assert_eq!((given_up.len(), given_up[0].tries), (1, 4));
        assert_eq!(given_up[0].last_error.as_deref(), Some("down"));
        db.store.write(|conn| post::resend(conn, given_up[0].id, MailState::Dead, clock.now())).expect("it is sent again");
        let again = db.store.write(|conn| post::resend(conn, given_up[0].id, MailState::Dead, clock.now()));
        assert!(matches!(again, Err(StoreError::Stale)), "twice at a time does nothing twice");
        let up = Arc::new(Memory::default());
        deliver_all(&world(&service, "node", Arc::clone(&up) as Arc<dyn Deliver>), &clock);
        assert_eq!(up.sent().len(), 1);
    }

    fn a_node_that_ends_gives_back_what_it_has_not_tried(db: &TestDb) {
        let clock = clock();
        let service = service(db, &clock);
        put(&db.store, &clock, &["a".to_owned(), "b".to_owned()]);
        let sent = Arc::new(Memory::default());
        let ending = world(&service, "one", Arc::clone(&sent) as Arc<dyn Deliver>);
        ending.ending.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(deliver(&ending).expect("a turn"), 0);
        let next = world(&service, "two", Arc::clone(&sent) as Arc<dyn Deliver>);
        assert_eq!(deliver(&next).expect("a turn"), 2, "at once, without waiting for the claim to end");
        assert_eq!(sent.sent().len(), 2);
    }

    fn a_link_that_lets_in_is_in_the_mail_only_and_gone_once_it_is_sent(db: &TestDb) {
        let clock = clock();
        let service = service(db, &clock);
        let owner = db.store.write(|conn| {
            let bank = add_organisation(conn, "BANK1", OrganisationKind::Bank, clock.as_ref());
            let owner = add_account(conn, bank, "wang", Role::BankUser, clock.as_ref());
            for (event, link) in [("secret", "/password/new?token=5f0c"), ("plain", "/bank/products")] {
                let told = Message { link: Some(link.to_owned()), ..message(event, Recipient::Account(owner)) };
                outbox::put(conn, &told, clock.as_ref())?;
            }
            Ok::<_, StoreError>(owner)
        });
        let owner = owner.expect("they are put");
        let links = || {
            let listed = db.store.read(|conn| outbox::of_account(conn, owner, None, 10)).expect("listed");
            listed.into_iter().filter_map(|message| message.link).collect::<Vec<_>>()
        };
        assert_eq!(links(), ["/bank/products"]);
        let sent = Arc::new(Memory::default());
        assert_eq!(deliver(&world(&service, "node", Arc::clone(&sent) as Arc<dyn Deliver>)).expect("a turn"), 2);
        assert!(sent.sent().iter().any(|letter| letter.text.contains("https://rong.example/password/new?token=5f0c")));
        assert_eq!(links(), ["/bank/products"]);
        let kept = db.store.write(|conn| {
            // As if it had not been sent, to see what would be claimed.
            conn.batch_execute("UPDATE outbox SET state = 'waiting'")?;
            let lease = post::Lease { node: "look", until: clock.now() };
            post::claim(conn, lease, clock.now(), 10)
        });
        let kept: Vec<_> = kept.expect("claimed").into_iter().filter_map(|mail| mail.link).collect();
        assert_eq!(kept, ["/bank/products"], "the secret is no longer in the database");
    }

    fn an_event_tells_each_address_once(db: &TestDb) {
        let clock = clock();
        for _ in 0..2 {
            put(&db.store, &clock, &["a".to_owned()]);
        }
        assert_eq!(state_of(&db.store, MailState::Waiting), 1);
    }
}

fn dead(store: &Store) -> Vec<post::StoredMail> {
    let scope = rongqiao::domain::actor::Scope::District("410106".to_owned());
    let found = store.read(|conn| post::list(conn, &scope, Some(MailState::Dead), None, 100));
    found.expect("listed")
}

/// A server that is down.
struct Down;

impl Deliver for Down {
    fn send(&self, _: &Letter) -> Result<(), Undelivered> {
        Err(Undelivered::Later("down".to_owned()))
    }
}

/// Where a node dies.
enum Point {
    BeforeSend,
    After250,
}

/// A way on which the node dies at one letter.
struct Dies {
    sent: Arc<Memory>,
    at: &'static str,
    point: Point,
}

impl Deliver for Dies {
    fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        if letter.to == self.at {
            if matches!(self.point, Point::After250) {
                self.sent.send(letter)?;
            }
            panic!("the node dies here");
        }
        self.sent.send(letter)
    }
}
