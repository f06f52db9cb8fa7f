//! Jobs: one node at a time, in their turn, taken up again after a node died.

use crate::support::db::{TestDb, on_both};
use crate::support::mail::{clock, service, to_address, world};
use crate::support::samples::{add_organisation, product};
use chrono::TimeDelta;
use rongqiao::actions::measures;
use rongqiao::clock::Clock;
use rongqiao::domain::actor::OrganisationKind;
use rongqiao::domain::codes::Code;
use rongqiao::domain::job::JobKind;
use rongqiao::domain::lpr::Lpr;
use rongqiao::domain::message::MailState;
use rongqiao::jobs::ALL;
use rongqiao::jobs::following::Following;
use rongqiao::jobs::runner::{Running, run_once};
use rongqiao::mail::{Deliver, Letter, Memory, Undelivered};
use rongqiao::store::jobs::{self, Turn};
use rongqiao::store::{StoreError, lpr, outbox, products};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

on_both! {
    fn a_job_is_one_nodes_until_it_ends_or_its_lease_does(db: &TestDb) {
        let clock = clock();
        let take = |node: &str| {
            let now = clock.now();
            db.store.write(|conn| jobs::claim(conn, "seal", node, now, now + TimeDelta::minutes(2))).expect("asked")
        };
        assert!(take("one"));
        assert!(!take("two"), "the first holds it");
        clock.advance(TimeDelta::minutes(2));
        assert!(take("two"), "the first died");
        let turn = Turn { handled: 3, error: None, due_at: clock.now() + TimeDelta::seconds(10) };
        let finish = |node: &str, turn: &Turn<'_>| db.store.write(|conn| jobs::finish(conn, "seal", node, clock.now(), turn));
        assert!(finish("one", &turn).is_err(), "it is not the first one's any more");
        finish("two", &turn).expect("noted");
        assert!(!take("one"), "its turn has not come");
        clock.advance(TimeDelta::seconds(10));
        assert!(take("one"));
        let failed = Turn { handled: 0, error: Some("no"), due_at: clock.now() };
        finish("one", &failed).expect("noted");
        let listed = db.store.read(jobs::list).expect("listed");
        assert_eq!((listed[0].handled, listed[0].failures, listed[0].last_error.as_deref()), (3, 1, Some("no")));
        assert_eq!(listed[0].finished_at, Some(clock.now() - TimeDelta::seconds(10)), "when it last ended well");
        assert_eq!(listed[0].lease, None);
    }

    fn a_turn_does_what_waits_and_nothing_where_nothing_does(db: &TestDb) {
        let clock = clock();
        let service = service(db, &clock);
        let sent = Arc::new(Memory::default());
        let world = world(&service, "node", Arc::clone(&sent) as Arc<dyn Deliver>);
        let turns = || db.store.read(jobs::list).expect("listed");
        assert_eq!(run_once(&world), 1);
        assert_eq!(turns().iter().map(|job| &*job.name).collect::<Vec<_>>(), ["check_invariants"], "by time alone");
        let before = turns();
        assert_eq!(run_once(&world), 0);
        assert_eq!(turns(), before, "an idle service writes nothing");
        db.store.write(|conn| outbox::put(conn, &to_address("event", "a"), clock.as_ref())).expect("put");
        assert_eq!(run_once(&world), 1);
        assert_eq!(run_once(&world), 0);
        assert_eq!(sent.sent().len(), 1);
    }

    fn a_job_that_panics_is_noted_and_the_others_go_on(db: &TestDb) {
        struct Panics;
        impl Deliver for Panics {
            fn send(&self, _: &Letter) -> Result<(), Undelivered> {
                panic!("a fault of ours");
            }
        }
        let clock = clock();
        let service = service(db, &clock);
        db.store.write(|conn| outbox::put(conn, &to_address("event", "a"), clock.as_ref())).expect("put");
        let world = world(&service, "node", Arc::new(Panics));
        assert_eq!(run_once(&world), 1, "another job's");
        let listed = db.store.read(jobs::list).expect("listed");
        let failed = listed.iter().find(|job| job.failures > 0).expect("it is noted");
        assert_eq!((failed.name.as_str(), failed.failures), ("deliver_mail", 1));
    }

    fn a_catalogue_follows_what_another_node_published(db: &TestDb) {
        let clock = clock();
        let put = |code: &str, bank_id| {
            let put = db.store.write(|conn| products::put(conn, &product(code, "BANK", "open"), bank_id, clock.as_ref()));
            put.expect("it is put");
            db.store.read(products::catalogue_version).expect("it has a number")
        };
        let bank_id = db.store.write(|conn| {
            lpr::put(conn, &Lpr::parse("2026-10-20", "3.00", "3.50").expect("valid"))?;
            Ok::<_, StoreError>(add_organisation(conn, "BANK", OrganisationKind::Bank, clock.as_ref()))
        });
        let bank_id = bank_id.expect("it is added");
        let before = put("P1", bank_id);

        let mut node = service(db, &clock);
        node.store = db.of_another_node();
        // On PostgreSQL nothing but the news can bring it: the next poll is an hour away.
        let poll = if db.url.starts_with("postgres") { Duration::from_hours(1) } else { Duration::from_millis(20) };
        let following = Following::start(node.clone(), poll).expect("it starts");
        let wait_for = |version: i64| {
            let started = Instant::now();
            while node.catalogue.version() != Some(version) {
                assert!(started.elapsed() < Duration::from_secs(20), "it arrives within moments");
                std::thread::sleep(Duration::from_millis(1));
            }
            started.elapsed()
        };
        wait_for(before);
        for code in ["P2", "P3", "P4"] {
            let version = put(code, bank_id);
            println!("a publication reached the other node after {:?}", wait_for(version));
        }
        drop(following);
        let after = put("P5", bank_id);
        std::thread::sleep(Duration::from_millis(100));
        assert_ne!(node.catalogue.version(), Some(after), "nobody follows any more");
    }

    fn what_waits_is_measured(db: &TestDb) {
        let clock = clock();
        let service = service(db, &clock);
        let taken = || measures::take(&service).expect("it is measured");
        assert_eq!(taken().oldest_mail_seconds, 0);
        for event in ["one", "two"] {
            db.store.write(|conn| outbox::put(conn, &to_address(event, "a"), clock.as_ref())).expect("put");
            clock.advance(TimeDelta::seconds(30));
        }
        let taken = taken();
        assert_eq!(taken.oldest_mail_seconds, 60);
        assert_eq!(taken.mails.iter().find(|(state, _)| *state == MailState::Waiting), Some(&(MailState::Waiting, 2)));
        let mail = taken.jobs.iter().find(|job| job.kind == JobKind::DeliverMail).expect("it is there");
        assert!(mail.waiting == 2 && mail.is_overdue(), "{mail:?}");
    }
}

#[test]
fn every_job_has_its_turn() {
    let turns: Vec<JobKind> = ALL.iter().map(|job| job.kind).collect();
    assert_eq!(turns, JobKind::ALL);
}

#[test]
fn the_runner_works_by_itself_and_ends_when_it_is_dropped() {
    let db = TestDb::sqlite();
    let clock = clock();
    let service = service(&db, &clock);
    let sent = Arc::new(Memory::default());
    let running = Running::start(world(&service, "node", Arc::clone(&sent) as Arc<dyn Deliver>)).expect("it starts");
    db.store
        .write(|conn| outbox::put(conn, &to_address("event", "a"), clock.as_ref()))
        .expect("put");
    let started = Instant::now();
    while sent.sent().is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "it is delivered within seconds"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(running);
}

#[test]
fn a_turn_that_takes_too_long_is_not_waited_for() {
    struct Slow(Mutex<Sender<()>>);
    impl Deliver for Slow {
        fn send(&self, _: &Letter) -> Result<(), Undelivered> {
            let begun = self.0.lock().expect("no test has failed").send(());
            begun.expect("the test waits");
            std::thread::sleep(Duration::from_secs(5));
            Ok(())
        }
    }
    let db = TestDb::sqlite();
    let clock = clock();
    let service = service(&db, &clock);
    db.store
        .write(|conn| outbox::put(conn, &to_address("event", "a"), clock.as_ref()))
        .expect("put");
    let (sender, at_it) = channel();
    let running = Running::start(world(&service, "node", Arc::new(Slow(Mutex::new(sender))))).expect("it starts");
    at_it.recv().expect("its turn comes");
    let began = Instant::now();
    running.end(Duration::from_millis(100));
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(100) && took < Duration::from_secs(4),
        "{took:?}"
    );
}
