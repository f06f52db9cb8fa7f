//! Runs the jobs, in turn, on a thread of its own, until it is told to end.

use super::background::Background;
use super::{ALL, Job, World};
use crate::actions::{ActionError, jobs as standing};
use crate::domain::codes::Code;
use crate::domain::message_text::one_line;
use crate::store::StoreError;
use crate::store::jobs::{self, Turn};
use chrono::TimeDelta;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long the runner rests when nothing was to be done.
const REST: Duration = Duration::from_secs(1);
/// The longest pause of a job that fails again and again.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// The jobs, running. Dropping it ends them and waits until what is under way is done.
pub struct Running {
    world: World,
    thread: Option<Background>,
}

impl Running {
    /// Starts them.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(world: World) -> std::io::Result<Self> {
        let inside = world.clone();
        let thread = Background::start(
            "jobs",
            move || if run_once(&inside) > 0 { Duration::ZERO } else { REST },
        )?;
        Ok(Self {
            world,
            thread: Some(thread),
        })
    }

    /// Ends them, and waits for what is under way, but no longer than `patience`: what is left then ends with the
    /// process, its transaction undone, and is taken up again when its lease ends.
    pub fn end(mut self, patience: Duration) {
        self.tell();
        if self.thread.take().is_some_and(|thread| !thread.end(patience)) {
            tracing::warn!("a job's turn is left unfinished");
        }
    }

    fn tell(&self) {
        self.world.ending.store(true, Ordering::Relaxed);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tell();
    }
}

/// Gives each job its turn, where one is due; tells how much was done in all.
#[must_use]
pub fn run_once(world: &World) -> i64 {
    ALL.iter()
        .map(|job| {
            turn(world, job).unwrap_or_else(|error| {
                tracing::error!(
                    job = job.kind.code(),
                    cause = &error as &dyn std::error::Error,
                    "a job could not have its turn"
                );
                0
            })
        })
        .sum()
}

/// A job's turn: nothing where nothing waits, or another node has it.
fn turn(world: &World, job: &Job) -> Result<i64, StoreError> {
    let (store, clock) = (&world.service.store, world.service.clock.as_ref());
    let (name, now) = (job.kind.code(), clock.now());
    let waits = store.read(|conn| {
        Ok::<_, StoreError>(jobs::is_due(conn, name, now)? && standing::waiting(job.kind, conn, now)? > 0)
    })?;
    if !waits || world.is_ending() {
        return Ok(0);
    }
    // Where nodes share the work, the lease ends at once: it only notes that a turn began.
    let until = now + job.lease.unwrap_or(TimeDelta::zero());
    if !store.write(|conn| jobs::claim(conn, name, &world.node, now, until))? {
        return Ok(0);
    }
    let (handled, error) = match catch_unwind(AssertUnwindSafe(|| (job.run)(world))) {
        Ok(Ok(handled)) => (handled, None),
        Ok(Err(error)) => (0, Some(said(&error))),
        Err(_) => (0, Some("it panicked".to_owned())),
    };
    if let Some(why) = &error {
        tracing::error!(job = name, why, "a job failed");
    }
    finish(world, job, handled, error.as_deref())?;
    Ok(handled)
}

fn finish(world: &World, job: &Job, handled: i64, error: Option<&str>) -> Result<(), StoreError> {
    let now = world.service.clock.now();
    let pause = match error {
        Some(_) => LONGEST_PAUSE.min(job.pause * 30),
        None if handled >= job.batch => TimeDelta::zero(),
        None => job.pause,
    };
    let turn = Turn {
        handled,
        error,
        due_at: now + pause,
    };
    let finished = world
        .service
        .store
        .write(|conn| jobs::finish(conn, job.kind.code(), &world.node, now, &turn));
    match finished {
        // Nodes that share the work note their turns over each other's.
        Err(StoreError::Stale) => {
            if job.lease.is_some() {
                tracing::warn!(job = job.kind.code(), "a job took longer than its lease");
            }
            Ok(())
        }
        other => other,
    }
}

/// The error with its causes, on one line.
fn said(error: &ActionError) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    one_line(&words, 500)
}
