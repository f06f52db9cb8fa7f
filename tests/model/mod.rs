//! Random events of random actors, step by step through the actions; after each, what must never be is looked for.
//!
//! Every sequence has a number, which is the seed of its chances: `RONGQIAO_MODEL_SEED=17 RONGQIAO_MODEL_SEQUENCES=1`
//! runs the 17th once more. A sequence that fails is cut down to the steps that matter, and those are told.

mod doing;
mod lending;
mod never;
mod offering;
mod plans;
mod products;
mod races;
mod requesting;
mod rows;
mod shown;
mod world;

use crate::support::db::TestDb;
use chrono::TimeDelta;
use doing::{Doing, Done, Step};
use never::Wrong;
use plans::{By, PLANS};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rows::{Digest, Standing, Table};
use shown::Secrets;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use world::World;

/// In so many sequences every event succeeds now and then.
const ENOUGH: u64 = 200;
/// Steps of a sequence.
const STEPS: usize = 40;

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// How often an event succeeded, and how often it was refused or found nothing to do.
type Tally = BTreeMap<&'static str, (u64, u64)>;

/// A sequence under way.
struct Run {
    world: World,
    digest: Digest,
    before: (Vec<Table>, Standing),
    secrets: Secrets,
    tally: Tally,
    told: String,
}

impl Run {
    fn begin(db: &TestDb, auto_forward: bool) -> Self {
        let world = World::begin(&db.store, |config| {
            config.desk.auto_forward = auto_forward;
            config.desk.open_per_purpose = 3;
        });
        let digest = Digest::of(&db.store);
        let standing = Standing::of(&db.store);
        let mut secrets = Secrets::default();
        secrets.learn(&standing);
        Self {
            before: (digest.read(&db.store), standing),
            world,
            digest,
            secrets,
            tally: Tally::new(),
            told: String::new(),
        }
    }

    fn take(&mut self, step: Step) -> Result<(), Wrong> {
        let Some(doing) = Doing::of(step, &self.world, &self.before.1) else {
            return Ok(());
        };
        // No two things happen at the same instant.
        self.world.clock.advance(TimeDelta::minutes(1));
        let told = doing.told();
        let came = (doing.plan.act)(&doing);
        let is_done = matches!(came, Ok(Done::Something | Done::Shown(_)));
        let _ = writeln!(
            self.told,
            "{told}: {}",
            match &came {
                Ok(done) =>
                    if is_done {
                        "done".to_owned()
                    } else {
                        format!("{done:?}")
                    },
                Err(error) => format!("{error}"),
            }
        );
        let counted = self.tally.entry(doing.plan.name).or_default();
        let has_passed = is_done || (doing.plan.name == "days pass");
        *(if has_passed { &mut counted.0 } else { &mut counted.1 }) += 1;
        if let Err(error @ rongqiao::actions::ActionError::Internal(_)) = &came {
            return Err(format!("a fault: {error:?}"));
        }
        let store = &self.world.service.store;
        let after = self.digest.read(store);
        // What the service does by itself may be done with a queue in which nothing was to be done.
        let is_done = is_done || (doing.plan.by == By::Nobody && after != self.before.0);
        if !is_done {
            let changed = after.iter().zip(&self.before.0).find(|(new, old)| new != old);
            return match changed {
                Some((new, _)) => Err(format!("it changed {} though it did nothing", new.name)),
                None => Ok(()),
            };
        }
        never::is_the_right_one(&doing)?;
        let standing = Standing::of(store);
        never::look(&self.world, &mut self.secrets, &self.before.1, &standing)?;
        if let Ok(Done::Shown(shown)) = &came
            && doing.plan.by == By::Bank
        {
            self.secrets.look_at(&standing, doing.person.organisation, shown)?;
        }
        self.before = (after, standing);
        Ok(())
    }
}

/// Runs a sequence; on the way its events are counted, and at a fault what was done is told.
fn run(fresh: fn() -> TestDb, steps: &[Step], auto_forward: bool) -> (Tally, Result<(), String>) {
    let db = fresh();
    let mut run = Run::begin(&db, auto_forward);
    let came = steps.iter().try_for_each(|step| run.take(*step));
    let came = came.and_then(|()| run.secrets.look(&run.world, &run.before.1, |_| true));
    (run.tally, came.map_err(|wrong| format!("{wrong}\nafter\n{}", run.told)))
}

/// Leaves out of a sequence that fails whatever it fails without.
fn cut_down(fresh: fn() -> TestDb, mut steps: Vec<Step>, auto_forward: bool) -> Vec<Step> {
    let mut size = steps.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..steps.len().min(at + size));
            if run(fresh, &fewer, auto_forward).1.is_err() {
                steps = fewer;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    steps
}

/// The steps of a sequence, by its number.
fn sequence(seed: u64) -> Vec<Step> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let chances = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), chances);
    let tree = doing::steps(STEPS).new_tree(&mut runner);
    tree.expect("there are steps").current()
}

/// Runs one sequence; a fault is told with the fewest steps that lead to it.
fn play_one(fresh: fn() -> TestDb, seed: u64) -> Result<Tally, String> {
    let auto_forward = seed.is_multiple_of(3);
    let steps = sequence(seed);
    let (tally, came) = run(fresh, &steps, auto_forward);
    let Err(wrong) = came else { return Ok(tally) };
    println!("sequence {seed} is being cut down: {wrong}");
    let fewest = run(fresh, &cut_down(fresh, steps, auto_forward), auto_forward).1;
    Err(format!("sequence {seed}: {}", fewest.expect_err("it fails still")))
}

/// Runs as many sequences as asked for, some at a time, and tells what happened in them.
fn play(fresh: fn() -> TestDb, usually: u64) {
    let first = number_from("RONGQIAO_MODEL_SEED").unwrap_or(1);
    let count = number_from("RONGQIAO_MODEL_SEQUENCES").unwrap_or(usually);
    let next = AtomicU64::new(first);
    let all = Mutex::new(Ok(Tally::new()));
    let work = || {
        while all.lock().expect("no worker has failed").is_ok() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return;
            }
            let came = play_one(fresh, seed);
            let mut all = all.lock().expect("no worker has failed");
            match (came, all.as_mut()) {
                (Ok(tally), Ok(all)) => add(all, tally),
                (Err(wrong), Ok(_)) => *all = Err(wrong),
                (_, Err(_)) => {}
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let all = all.into_inner().expect("no worker has failed");
    let all = all.unwrap_or_else(|wrong| panic!("{wrong}"));
    println!("{count} sequences of {STEPS}: how often each event succeeded, and was refused or found nothing to do");
    for (event, (done, not)) in &all {
        println!("{event:20} {done:6} {not:6}");
    }
    let succeeded = |name: &str| all.get(name).is_some_and(|(done, _)| *done > 0);
    // A loan must come near its end for its people to be warned, which few sequences are long enough for.
    let is_wanted = |name: &&str| ![plans::ONWARD, "warn of maturity"].contains(name);
    let events = PLANS.iter().map(|plan| plan.name).filter(is_wanted);
    let never: Vec<&str> = events.filter(|name| !succeeded(name)).collect();
    assert!(never.is_empty() || count < ENOUGH, "these never succeeded: {never:?}");
}

fn add(all: &mut Tally, more: Tally) {
    for (event, (done, not)) in more {
        let counted = all.entry(event).or_default();
        *counted = (counted.0 + done, counted.1 + not);
    }
}

mod sqlite {
    use super::*;

    #[test]
    fn random_events_of_random_actors_break_nothing() {
        play(TestDb::unsynchronised_sqlite, ENOUGH);
    }
}

mod postgres {
    use super::*;

    #[test]
    fn random_events_of_random_actors_break_nothing() {
        play(TestDb::postgres, 60);
    }
}
