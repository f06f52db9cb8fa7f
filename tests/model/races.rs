//! Many at once, through two nodes where the database has several: whatever races, one story is told in the end.

use super::never::holds;
use super::world::{AMOUNT, BANKS, World};
use crate::support::app::usual_offer;
use crate::support::db::{TestDb, execute, number, on_both};
use crate::support::mail;
use crate::support::races::{Task, at_once, rounds};
use crate::support::samples;
use chrono::{DateTime, TimeDelta, Utc};
use rongqiao::actions::referrals::{Pick, Sent};
use rongqiao::actions::requests::DraftContent;
use rongqiao::actions::{
    ActionError, Service, closing, consents, loans, matches, offers, product_cycle, publications, referrals, requests,
    reroute,
};
use rongqiao::clock::{Clock, FixedClock};
use rongqiao::domain::actor::Actor;
use rongqiao::domain::consent::Terms;
use rongqiao::domain::loan::Contract;
use rongqiao::domain::product::Product;
use rongqiao::jobs::runner::run_once;
use rongqiao::mail::Memory;
use rongqiao::store::{StoreError, organisations, products};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

/// How many accept at once.
const MANY: usize = 64;

/// What the web would answer.
fn status<T>(came: Result<T, ActionError>) -> u16 {
    match came {
        Ok(_) => 200,
        Err(ActionError::Refused(_) | ActionError::Stale) => 409,
        Err(ActionError::Invalid(_)) => 422,
        Err(ActionError::Busy) => 503,
        Err(other) => panic!("a fault: {other:?}"),
    }
}

fn wins(statuses: &[u16]) -> usize {
    statuses.iter().filter(|status| **status == 200).count()
}

/// A clock that is a day ahead of another.
struct Ahead(Arc<FixedClock>);

impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        self.0.now() + TimeDelta::days(1)
    }

    fn random_bytes(&self) -> [u8; 32] {
        self.0.random_bytes()
    }
}

struct Race<'a> {
    db: &'a TestDb,
    world: World,
    nodes: [Service; 2],
}

impl<'a> Race<'a> {
    fn new(db: &'a TestDb) -> Self {
        let world = World::begin(&db.store, |config| config.desk.open_per_purpose = 10_000);
        let other = Service {
            store: db.of_another_node(),
            ..world.service.clone()
        };
        Self {
            db,
            nodes: [world.service.clone(), other],
            world,
        }
    }

    fn of(&self, organisation: &str) -> &Actor {
        &self.world.person_of(organisation).actor
    }

    /// An open request of the first enterprise.
    fn open(&self) -> Uuid {
        let draft = self.draft();
        requests::submit(&self.world.service, self.of("E0"), draft).expect("it is submitted");
        draft
    }

    fn draft(&self) -> Uuid {
        let need = samples::need(AMOUNT);
        let content = DraftContent {
            need: Some(&need),
            typed: None,
        };
        let begun = requests::begin(&self.world.service, self.of("E0"), None, content, None);
        begun.expect("it is begun").id
    }

    fn terms(&self, days: i64) -> Terms {
        Terms {
            text_version: 1,
            until: self.world.clock.today().plus_days(days),
        }
    }

    fn refer(&self, request: Uuid, bank: &str, products: &[String], is_kept: bool) -> Sent {
        let pick = Pick {
            bank: bank.to_owned(),
            products: products.to_vec(),
            is_kept,
        };
        let sent = referrals::send(
            &self.world.service,
            self.of("E0"),
            request,
            &[pick],
            self.terms(300),
            None,
        );
        sent.expect("it is sent").remove(0)
    }

    /// An offer for a month that is submitted, and holds for so many days.
    fn offer(&self, bank: &str, referral: Uuid, product: &str, days: i64) -> Uuid {
        let mut form = usual_offer(product);
        let today = self.world.clock.today();
        form["amount_fen"] = json!(AMOUNT / 2);
        form["term_months"] = json!(1);
        form["start_on"] = json!(today.to_string());
        form["valid_until"] = json!(today.plus_days(days).to_string());
        form.as_object_mut().expect("an object").remove("due_day");
        let form = serde_json::from_value(form).expect("the sample has the shape of its form");
        let made = offers::making::submit(&self.world.service, self.of(bank), referral, &form, None);
        made.expect("it is sent")
    }

    fn forward(&self, offer: Uuid) {
        offers::desk::forward(&self.world.service, self.of("CENTRE"), offer, 1).expect("it is forwarded");
    }

    /// A new request's forwarded offer of bank A, with the consent under which it was made.
    fn forwarded(&self, days: i64) -> (Uuid, Uuid) {
        let sent = self.refer(self.open(), "BANKA", &["PA-QUOTA".to_owned()], false);
        let offer = self.offer("BANKA", sent.id, "PA-QUOTA", days);
        self.forward(offer);
        (offer, sent.consent_id)
    }

    fn accept(&self, node: usize, offer: Uuid) -> u16 {
        let terms = self.terms(150);
        status(offers::accepting::accept(
            &self.nodes[node % 2],
            self.of("E0"),
            offer,
            1,
            terms,
        ))
    }

    fn fall_through(&self, offer: Uuid) {
        let fallen = offers::ending::fall_through(&self.world.service, self.of("E0"), offer, "重来");
        fallen.expect("it falls through");
    }

    fn state(&self, offer: Uuid) -> String {
        let shown = offers::show(&self.world.service, self.of("BANKA"), offer);
        shown.expect("its bank sees it").offer.state.to_string()
    }

    /// Tells how many were under way at once at most; on PostgreSQL they must have been.
    fn tell(&self, what: &str, most: usize) {
        println!("{what}: {} rounds, {most} at once", rounds());
        assert!(most > 1 || self.db.url.starts_with("sqlite"), "{what}: nothing raced");
        holds(&self.world).expect("nothing is broken");
    }

    /// Four accepts of an offer race with what else happens to it: in the end it is accepted, or in one of the states
    /// that the others lead to. How often it was accepted is told.
    fn accepts_against(
        &self,
        what: &str,
        lost: &[&str],
        rivals: impl for<'b> Fn(&'b Self, Uuid, Uuid) -> Vec<Task<'b>>,
    ) {
        let (mut most, mut won) = (0, 0);
        for round in 0..rounds() {
            let (offer, consent) = self.forwarded(0);
            let mut tasks = rivals(self, offer, consent);
            let taken = AtomicUsize::new(0);
            for node in 0..4 {
                let taken = &taken;
                tasks.push(Box::new(move || {
                    let came = self.accept(node, offer);
                    taken.fetch_add(usize::from(came == 200), Ordering::SeqCst);
                    came
                }));
            }
            let (statuses, together) = at_once(tasks);
            most = most.max(together);
            let (state, taken) = (self.state(offer), taken.into_inner());
            let is_good = (state == "accepted" && taken == 1) || (lost.contains(&state.as_str()) && taken == 0);
            assert!(is_good, "{what}, round {round}: {state} after {statuses:?}");
            if state == "accepted" {
                won += 1;
                self.fall_through(offer);
            }
        }
        println!("{what}: accepted {won} times of {}", rounds());
        self.tell(what, most);
    }
}

on_both! {
    fn of_64_accepts_of_different_offers_one_binds(db: &TestDb) {
        let race = Race::new(db);
        let codes: Vec<(String, &str)> = (0..MANY).map(|place| (format!("X-{place:02}"), BANKS[place % 3])).collect();
        let put = db.store.write(|conn| {
            for (code, bank) in &codes {
                let id = organisations::by_code(conn, bank)?.id;
                let form = samples::product_form(code, bank, "open");
                products::put(conn, &Product::parse(form).expect("valid"), id, race.world.clock.as_ref())?;
            }
            Ok::<_, StoreError>(())
        });
        put.expect("they are put");
        let request = race.open();
        let mut all = Vec::new();
        for bank in BANKS {
            let own: Vec<String> = codes.iter().filter(|(_, of)| *of == bank).map(|(code, _)| code.clone()).collect();
            let sent = race.refer(request, bank, &own, false);
            all.extend(own.iter().map(|code| race.offer(bank, sent.id, code, 20)));
        }
        for offer in &all {
            race.forward(*offer);
        }
        let mut most = 0;
        for round in 0..rounds() {
            let tasks = all.iter().enumerate().map(|(node, offer)| {
                let race = &race;
                Box::new(move || race.accept(node, *offer)) as Task<'_>
            });
            let (statuses, together) = at_once(tasks.collect());
            most = most.max(together);
            assert_eq!(wins(&statuses), 1, "round {round}: {statuses:?}");
            assert_eq!(number(&db.store, "SELECT count(*) AS n FROM offer WHERE state = 'accepted'"), 1, "round {round}");
            assert_eq!(number(&db.store, "SELECT count(*) AS n FROM offer WHERE state = 'lapsed'"), 63, "round {round}");
            holds(&race.world).expect("nothing is broken");
            // As it was before.
            execute(&db.store, "UPDATE offer SET state = 'forwarded', version = version + 1, accepted_at = NULL, sign_by = NULL, \
                contract_consent_id = NULL, ended_at = NULL, lapse_reason = NULL");
            execute(&db.store, "UPDATE request SET state = 'open', version = version + 1");
            execute(&db.store, "UPDATE product SET quota_taken_fen = 0");
            execute(&db.store, "UPDATE consent SET revoked_at = given_at, version = version + 1 WHERE purpose = 'contract'");
        }
        race.tell("64 accepts", most);
    }

    fn accepts_against_withdrawals(db: &TestDb) {
        Race::new(db).accepts_against("accept against withdraw", &["withdrawn"], |race, offer, _| {
            let withdraw = move |node: usize| status(offers::ending::withdraw(&race.nodes[node], race.of("BANKA"), offer, None));
            (0..2).map(|node| Box::new(move || withdraw(node)) as Task<'_>).collect()
        });
    }

    fn accepts_against_the_end_of_validity(db: &TestDb) {
        // For the second node midnight is over already.
        let race = Race::new(db);
        let late = Service {
            clock: Arc::new(Ahead(Arc::clone(&race.world.clock))),
            ..race.nodes[1].clone()
        };
        race.accepts_against("accept against lapse", &["lapsed"], |_, _, _| {
            let late = late.clone();
            vec![Box::new(move || status(offers::ending::expire(&late)))]
        });
    }

    fn accepts_against_returns(db: &TestDb) {
        // Sent once more it comes to the desk while the enterprise still looks at what it was.
        let race = Race::new(db);
        let (mut most, mut told) = (0, std::collections::BTreeMap::<String, usize>::new());
        for round in 0..rounds() {
            let sent = race.refer(race.open(), "BANKA", &["PA-QUOTA".to_owned()], false);
            let offer = race.offer("BANKA", sent.id, "PA-QUOTA", 20);
            let (race, desk) = (&race, race.of("CENTRE"));
            let give_back = move || status(offers::desk::give_back(&race.nodes[1], desk, offer, 1, "请补充材料"));
            let forward = move || status(offers::desk::forward(&race.nodes[0], desk, offer, 1));
            // Until it is forwarded the enterprise sees none.
            let accept = move |node: usize| {
                let accepted = offers::accepting::accept(&race.nodes[node], race.of("E0"), offer, 1, race.terms(150));
                if matches!(accepted, Err(ActionError::NotFound)) { 404 } else { status(accepted) }
            };
            let mut tasks: Vec<Task<'_>> = vec![Box::new(give_back), Box::new(forward)];
            tasks.extend((0..6).map(|at| Box::new(move || accept(at % 2)) as Task<'_>));
            let (statuses, together) = at_once(tasks);
            most = most.max(together);
            let state = race.state(offer);
            assert!(matches!(state.as_str(), "returned" | "forwarded" | "accepted"), "round {round}: {state} {statuses:?}");
            assert_eq!(wins(&statuses), if state == "accepted" { 2 } else { 1 }, "round {round}: {state} {statuses:?}");
            if state == "accepted" {
                race.fall_through(offer);
            }
            *told.entry(state).or_default() += 1;
        }
        println!("accept against return: {told:?}");
        race.tell("accept against return", most);
    }

    fn accepts_against_revocations(db: &TestDb) {
        Race::new(db).accepts_against("accept against revoke", &["lapsed"], |race, _, consent| {
            let revoke = move |node: usize| status(consents::revoke(&race.nodes[node], race.of("E0"), consent));
            (0..2).map(|node| Box::new(move || revoke(node)) as Task<'_>).collect()
        });
    }

    fn of_accepts_that_exceed_the_quota_as_many_pass_as_it_lends(db: &TestDb) {
        let race = Race::new(db);
        let mut most = 0;
        for round in 0..rounds() {
            let all: Vec<Uuid> = (0..8).map(|_| race.forwarded(20).0).collect();
            let tasks = all.iter().enumerate().map(|(node, offer)| {
                let race = &race;
                Box::new(move || race.accept(node, *offer)) as Task<'_>
            });
            let (statuses, together) = at_once(tasks.collect());
            most = most.max(together);
            // The quota is three halves of the amount, and each takes a half.
            let accepted: Vec<Uuid> = all.iter().copied().filter(|offer| race.state(*offer) == "accepted").collect();
            assert_eq!(accepted.len(), wins(&statuses), "round {round}: {statuses:?}");
            assert!(accepted.len() == 3 || (accepted.len() < 3 && statuses.contains(&503)), "round {round}: {statuses:?}");
            let taken = number(&db.store, "SELECT quota_taken_fen AS n FROM product WHERE code = 'PA-QUOTA'");
            assert_eq!(taken, i64::try_from(accepted.len()).expect("few") * AMOUNT / 2, "round {round}");
            for offer in &accepted {
                race.fall_through(*offer);
            }
            for offer in all.iter().filter(|offer| !accepted.contains(offer)) {
                offers::ending::decline(&race.world.service, race.of("E0"), *offer, None).expect("it is declined");
            }
        }
        race.tell("accepts against a quota", most);
    }

    fn what_is_submitted_while_a_product_comes_back_is_matched_with_it(db: &TestDb) {
        let race = Race::new(db);
        let (bank, enterprise, service) = (race.of("BANKC"), race.of("E0"), &race.world.service);
        let mut most = 0;
        for round in 0..rounds() {
            product_cycle::suspend(service, bank, "PC-FREE").expect("it is suspended");
            let drafts: Vec<Uuid> = (0..6).map(|_| race.draft()).collect();
            let submit = |node: usize, draft: Uuid| status(requests::submit(&race.nodes[node % 2], enterprise, draft));
            // The job goes through the open requests once, while others are still being submitted.
            let resume = || {
                let came = status(product_cycle::resume(service, bank, "PC-FREE"));
                while publications::run(service).expect("the job runs") > 0 {}
                came
            };
            let mut tasks: Vec<Task<'_>> = vec![Box::new(resume)];
            tasks.extend(drafts.iter().enumerate().map(|(node, draft)| Box::new(move || submit(node, *draft)) as Task<'_>));
            let (statuses, together) = at_once(tasks);
            most = most.max(together);
            assert_eq!(wins(&statuses), statuses.len(), "round {round}: {statuses:?}");
            let fits = |draft: &&Uuid| {
                let sheet = matches::of_request(service, enterprise, **draft).expect("it was matched");
                sheet.result.eligible.iter().any(|row| row.product == "PC-FREE")
            };
            assert_eq!(drafts.iter().filter(fits).count(), drafts.len(), "round {round}");
            for draft in drafts {
                closing::withdraw(service, enterprise, draft).expect("it is withdrawn");
            }
        }
        race.tell("submissions against a product's return", most);
    }

    fn of_two_nodes_each_deadline_is_acted_on_once(db: &TestDb) {
        let race = Race::new(db);
        // The rounds go on for longer than the banks' confirmations, and lend more than a quota.
        execute(&db.store, "UPDATE product SET confirmed_until = '2099-12-31', quota_fen = NULL");
        let mut most = 0;
        for round in 0..rounds().div_ceil(4) {
            for place in 0..3 {
                let silent = race.open();
                race.refer(silent, "BANKA", &["PA-QUOTA".to_owned()], false);
                race.refer(silent, "BANKC", &["PC-FREE".to_owned()], true);
                race.forwarded(20);
                let unsigned = race.forwarded(20).0;
                assert_eq!(race.accept(0, unsigned), 200, "round {round}");
                if place == 0 {
                    lend(&race, unsigned, round);
                }
            }
            // What answers and validity end by; then what loans and requests do.
            for days in [22, 90] {
                race.world.clock.advance(TimeDelta::days(days));
                let worlds = [0, 1].map(|node| mail::world(&race.nodes[node], &format!("node-{node}"), Arc::new(Memory::default())));
                // With the leases that share the work out, and as if each had lost its own.
                let mut tasks: Vec<Task<'_>> = worlds.iter().map(|world| Box::new(move || { u16::from(run_once(world) >= 0) }) as Task<'_>).collect();
                for node in &race.nodes {
                    for turn in [reroute::expire, offers::ending::expire, closing::expire, loans::watching::warn] {
                        tasks.push(Box::new(move || status(turn(node))));
                    }
                }
                most = most.max(at_once(tasks).1);
                // What was called from the reserve, or was put off because somebody was busy, waits for its own turn.
                while worlds.iter().map(run_once).sum::<i64>() > 0 {}
            }
            once_each(db);
        }
        race.tell("two nodes' jobs", most);
    }
}

/// The contract of an accepted offer, drawn.
fn lend(race: &Race<'_>, offer: Uuid, round: usize) {
    let (service, bank, today) = (&race.world.service, race.of("BANKA"), race.world.clock.today());
    let contract = Contract {
        number: format!("C-{round}"),
        signed_on: today,
        matures_on: None,
        is_first: false,
        follows: None,
    };
    let made = loans::contract::register(service, bank, offer, &contract, None).expect("it is registered");
    let drawn = loans::Entry::Draw(loans::Disbursement {
        on: today,
        amount_fen: AMOUNT / 2,
    });
    loans::entering::enter(service, bank, made.id, &drawn, None, None).expect("it is drawn");
}

/// Nothing was noted or told twice, and everything that was due was done.
#[track_caller]
fn once_each(db: &TestDb) {
    let done = [
        (
            "referral_overdue",
            "SELECT count(*) AS n FROM referral WHERE state = 'overdue' OR due_on < '2026-11-02'",
        ),
        (
            "offer_lapsed",
            "SELECT count(*) AS n FROM offer WHERE lapse_reason = 'validity'",
        ),
        (
            "offer_fell_through",
            "SELECT count(*) AS n FROM offer WHERE fallen_by = 'deadline'",
        ),
    ];
    for (action, sql) in done {
        let noted = number(
            &db.store,
            &format!("SELECT count(*) AS n FROM audit WHERE action = '{action}'"),
        );
        let subjects = number(
            &db.store,
            &format!("SELECT count(DISTINCT subject) AS n FROM audit WHERE action = '{action}'"),
        );
        assert_eq!(noted, subjects, "{action} was noted once for each");
        assert!(noted > 0 && number(&db.store, sql) <= noted, "{action}");
    }
    let told = |topic: &str| {
        let of = |what: &str| {
            number(
                &db.store,
                &format!("SELECT count({what}) AS n FROM outbox WHERE topic = '{topic}'"),
            )
        };
        (of("*"), of("DISTINCT event || email"))
    };
    for topic in [
        "referral_overdue",
        "referral_unanswered",
        "referral_called",
        "offer_lapsed",
        "offer_fell_through",
        "request_closed",
        "loan_matures",
    ] {
        let (all, different) = told(topic);
        assert!(all > 0, "{topic} was told");
        assert_eq!(all, different, "{topic} was told once to each");
    }
}
