//! What the service does by itself: delivers mail, seals the audit log, forgets what has ended.
//!
//! A job is a line in [`ALL`]. Each turn does one bounded batch, and doing it twice changes nothing
//! more; a job whose work must not run twice at a time is held by one node's lease (`store::jobs`). The
//! runner has a thread of its own. Deliberately absent: what a web request waits for.

mod background;
pub mod following;
pub mod post;
pub mod runner;

use crate::actions::chain::ChainHash;
use crate::actions::loans::watching;
use crate::actions::offers::ending;
use crate::actions::{
    ActionError, Service, audit, closing, guesses, health, joining, product_cycle, publications, rematch, reminders,
    reroute, sessions,
};
use crate::domain::job::JobKind;
use crate::mail::{Deliver, Writer};
use chrono::TimeDelta;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything that a job needs. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// The actions' world.
    pub service: Service,
    /// The way on which letters leave.
    pub way: Arc<dyn Deliver>,
    /// Writes the letters.
    pub writer: Writer,
    /// How letters are tried.
    pub rules: post::Rules,
    /// What the audit log is sealed with.
    pub algorithm: &'static dyn ChainHash,
    /// This process among those that share the database.
    pub node: Arc<str>,
    /// Set when the service ends: what is under way is finished and nothing more begun.
    pub ending: Arc<AtomicBool>,
}

impl World {
    /// Whether the service ends.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

/// A job.
#[derive(Clone, Copy)]
pub struct Job {
    /// Which one; what waits for it is [`crate::actions::jobs`]'s to say.
    pub kind: JobKind,
    /// How much one turn does at most; where it did so much, the next turn comes at once.
    pub batch: i64,
    /// The time from a turn that left nothing over to the next.
    pub pause: TimeDelta,
    /// For how long a node may hold it; none where nodes share its work row by row.
    pub lease: Option<TimeDelta>,
    /// Does one batch, and tells how much that was.
    pub run: fn(&World) -> Result<i64, ActionError>,
}

/// Rows that are sealed in one turn.
const SEALED_AT_A_TIME: i64 = 500;

/// Every job.
pub const ALL: &[Job] = &[
    Job {
        kind: JobKind::DeliverMail,
        batch: post::AT_A_TIME,
        pause: TimeDelta::seconds(1),
        lease: None,
        run: post::deliver,
    },
    Job {
        kind: JobKind::SealAudit,
        batch: SEALED_AT_A_TIME,
        pause: TimeDelta::seconds(2),
        lease: Some(TimeDelta::minutes(2)),
        run: |world| audit::seal(&world.service, world.algorithm, SEALED_AT_A_TIME),
    },
    Job {
        kind: JobKind::ForgetSessions,
        batch: sessions::FORGOTTEN_AT_A_TIME,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        run: |world| sessions::forget_ended(&world.service),
    },
    Job {
        kind: JobKind::ForgetGuesses,
        batch: i64::MAX,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        run: |world| guesses::forget(&world.service),
    },
    Job {
        kind: JobKind::ForgetJoining,
        batch: i64::MAX,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        run: |world| joining::forget(&world.service),
    },
    Job {
        kind: JobKind::TellReminders,
        batch: reminders::TOLD_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| reminders::tell(&world.service),
    },
    Job {
        kind: JobKind::MatchAgain,
        batch: rematch::MATCHED_AT_A_TIME,
        pause: TimeDelta::seconds(10),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| rematch::after_changes(&world.service),
    },
    Job {
        kind: JobKind::ExpireRequests,
        batch: closing::EXPIRED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| closing::expire(&world.service),
    },
    Job {
        kind: JobKind::ExpireReferrals,
        batch: reroute::EXPIRED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| reroute::expire(&world.service),
    },
    Job {
        kind: JobKind::ExpireOffers,
        batch: ending::ENDED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| ending::expire(&world.service),
    },
    Job {
        kind: JobKind::MatchPublished,
        batch: 1,
        pause: TimeDelta::seconds(2),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| publications::run(&world.service),
    },
    Job {
        kind: JobKind::TellNewlyEligible,
        batch: publications::TOLD_AT_A_TIME,
        pause: TimeDelta::seconds(30),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| publications::tell(&world.service),
    },
    Job {
        kind: JobKind::RemindConfirmation,
        batch: product_cycle::REMINDED_AT_A_TIME,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        run: |world| product_cycle::remind(&world.service),
    },
    Job {
        kind: JobKind::WarnOfMaturity,
        batch: watching::WARNED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        run: |world| watching::warn(&world.service),
    },
    Job {
        kind: JobKind::CheckInvariants,
        batch: i64::MAX,
        pause: TimeDelta::hours(1),
        lease: Some(TimeDelta::minutes(30)),
        run: |world| health::check_invariants(&world.service),
    },
];
