//! The jobs as they stand: what waits for each, when it had its turn, what it failed with.
//!
//! Administrators, the command line and the measures read it here, so that they tell the same. What a job does in its
//! turn, and how often it has one, is `jobs`'.

use super::loans::watching;
use super::offers::ending;
use super::{ActionError, Service, closing, joining, may_see, product_cycle, publications, reminders, reroute};
use crate::domain::actor::{Actor, Right};
use crate::domain::codes::Code;
use crate::domain::job::JobKind;
use crate::store::{AnyConnection, Store, StoreError, audit_log, guesses, jobs, matches, post, sessions};
use chrono::{DateTime, Utc};

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStanding {
    /// Which one.
    pub kind: JobKind,
    /// How much waits to be done.
    pub waiting: i64,
    /// When its next turn comes.
    pub turn: NextTurn,
    /// When it last ended well.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// When it began last.
    pub started_at: Option<DateTime<Utc>>,
    /// How much it did in all its turns.
    pub handled: i64,
    /// How often in a row it failed.
    pub failures: i32,
    /// What it failed with.
    pub last_error: Option<String>,
}

impl JobStanding {
    /// Whether something waits although the job's turn has come and no node is at it: for a second or two that is so each
    /// time, for longer only where no node runs the jobs, or others take their time.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.waiting > 0 && self.turn == NextTurn::WhenSomethingWaits
    }
}

/// When a job's next turn comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextTurn {
    /// A node is at it.
    Running {
        /// Which node.
        node: String,
    },
    /// Not before then.
    At(DateTime<Utc>),
    /// As soon as something waits.
    WhenSomethingWaits,
}

/// How much waits for a job.
///
/// # Errors
/// When the database fails.
pub fn waiting(kind: JobKind, conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    match kind {
        JobKind::DeliverMail => post::count_due(conn, now),
        JobKind::SealAudit => audit_log::count_unsealed(conn),
        JobKind::ForgetSessions => sessions::count_ended(conn, now),
        JobKind::ForgetGuesses => guesses::count_forgotten(conn, now),
        JobKind::ForgetJoining => joining::over(conn, now),
        JobKind::TellReminders => reminders::waiting(conn, now),
        JobKind::MatchAgain => matches::count_outdated(conn),
        JobKind::ExpireRequests => closing::waiting(conn, now),
        JobKind::ExpireReferrals => reroute::waiting(conn, now),
        JobKind::ExpireOffers => ending::waiting(conn, now),
        JobKind::MatchPublished => publications::waiting(conn, now),
        JobKind::TellNewlyEligible => publications::to_tell(conn, now),
        JobKind::RemindConfirmation => product_cycle::to_remind(conn, now),
        JobKind::WarnOfMaturity => watching::waiting(conn, now),
        // Nothing calls for it but time.
        JobKind::CheckInvariants => Ok(jobs::is_due(conn, kind.code(), now)?.into()),
    }
}

/// Every job.
///
/// # Errors
/// When the database fails.
pub fn standing(store: &Store, now: DateTime<Utc>) -> Result<Vec<JobStanding>, StoreError> {
    store.read(|conn| of(conn, now))
}

/// As [`standing`], among other queries.
pub(super) fn of(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<Vec<JobStanding>, StoreError> {
    let ran = jobs::list(conn)?;
    let of = |kind: &JobKind| {
        let stored = ran.iter().find(|stored| stored.name == kind.code());
        Ok(stand(*kind, waiting(*kind, conn, now)?, stored, now))
    };
    JobKind::ALL.iter().map(of).collect()
}

/// Every job, for who may see them.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not.
pub fn list(service: &Service, actor: &Actor) -> Result<Vec<JobStanding>, ActionError> {
    may_see(actor, Right::ViewJobs)?;
    Ok(standing(&service.store, service.clock.now())?)
}

fn stand(kind: JobKind, waiting: i64, stored: Option<&jobs::StoredJob>, now: DateTime<Utc>) -> JobStanding {
    let lease = stored.and_then(|stored| stored.lease.as_ref());
    let due_at = stored.map(|stored| stored.due_at);
    let turn = match (lease, due_at) {
        (Some((node, until)), _) if *until > now => NextTurn::Running { node: node.clone() },
        (_, Some(due_at)) if due_at > now => NextTurn::At(due_at),
        _ => NextTurn::WhenSomethingWaits,
    };
    JobStanding {
        kind,
        waiting,
        turn,
        succeeded_at: stored.and_then(|stored| stored.finished_at),
        started_at: stored.and_then(|stored| stored.started_at),
        handled: stored.map_or(0, |stored| stored.handled),
        failures: stored.map_or(0, |stored| stored.failures),
        last_error: stored.and_then(|stored| stored.last_error.clone()),
    }
}
