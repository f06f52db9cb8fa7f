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
    ActionError, Service, audit, closing, guesses, joining, product_cycle, publications, rematch, reminders, reroute,
    sessions,
};
use crate::mail::{Deliver, Writer};
use crate::store::{
    AnyConnection, StoreError, audit_log, guesses as store_guesses, matches as store_matches, post as store_post,
    sessions as store_sessions,
};
use chrono::{DateTime, TimeDelta, Utc};
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
    /// Its name.
    pub name: &'static str,
    /// What it does, for people.
    pub label: &'static str,
    /// How much one turn does at most; where it did so much, the next turn comes at once.
    pub batch: i64,
    /// The time from a turn that left nothing over to the next.
    pub pause: TimeDelta,
    /// For how long a node may hold it; none where nodes share its work row by row.
    pub lease: Option<TimeDelta>,
    /// How much waits to be done.
    pub waiting: fn(&mut AnyConnection, DateTime<Utc>) -> Result<i64, StoreError>,
    /// Does one batch, and tells how much that was.
    pub run: fn(&World) -> Result<i64, ActionError>,
}

/// Rows that are sealed in one turn.
const SEALED_AT_A_TIME: i64 = 500;

/// Every job.
pub const ALL: &[Job] = &[
    Job {
        name: "deliver_mail",
        label: "发送邮件",
        batch: post::AT_A_TIME,
        pause: TimeDelta::seconds(1),
        lease: None,
        waiting: store_post::count_due,
        run: post::deliver,
    },
    Job {
        name: "seal_audit",
        label: "封存审计日志",
        batch: SEALED_AT_A_TIME,
        pause: TimeDelta::seconds(2),
        lease: Some(TimeDelta::minutes(2)),
        waiting: |conn, _| audit_log::count_unsealed(conn),
        run: |world| audit::seal(&world.service, world.algorithm, SEALED_AT_A_TIME),
    },
    Job {
        name: "forget_sessions",
        label: "清除已结束的会话",
        batch: sessions::FORGOTTEN_AT_A_TIME,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        waiting: store_sessions::count_ended,
        run: |world| sessions::forget_ended(&world.service),
    },
    Job {
        name: "forget_guesses",
        label: "清除过期的输错次数",
        batch: i64::MAX,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        waiting: store_guesses::count_forgotten,
        run: |world| guesses::forget(&world.service),
    },
    Job {
        name: "forget_joining",
        label: "清除过期的链接、邀请和退回的注册申请",
        batch: i64::MAX,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        waiting: joining::over,
        run: |world| joining::forget(&world.service),
    },
    Job {
        name: "tell_reminders",
        label: "到期提醒企业",
        batch: reminders::TOLD_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        waiting: reminders::waiting,
        run: |world| reminders::tell(&world.service),
    },
    Job {
        name: "match_again",
        label: "资料变动后重新匹配",
        batch: rematch::MATCHED_AT_A_TIME,
        pause: TimeDelta::seconds(10),
        lease: Some(TimeDelta::minutes(5)),
        waiting: |conn, _| store_matches::count_outdated(conn),
        run: |world| rematch::after_changes(&world.service),
    },
    Job {
        name: "expire_requests",
        label: "结束到期未延的需求",
        batch: closing::EXPIRED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        waiting: closing::waiting,
        run: |world| closing::expire(&world.service),
    },
    Job {
        name: "expire_referrals",
        label: "标记逾期未答复的推送，转给备选银行",
        batch: reroute::EXPIRED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        waiting: reroute::waiting,
        run: |world| reroute::expire(&world.service),
    },
    Job {
        name: "expire_offers",
        label: "失效到期的报价，收回逾期未签约的",
        batch: ending::ENDED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        waiting: ending::waiting,
        run: |world| ending::expire(&world.service),
    },
    Job {
        name: "match_published",
        label: "产品有变动，重新匹配受影响的需求",
        batch: 1,
        pause: TimeDelta::seconds(2),
        lease: Some(TimeDelta::minutes(5)),
        waiting: publications::waiting,
        run: |world| publications::run(&world.service),
    },
    Job {
        name: "tell_newly_eligible",
        label: "告知企业新符合的产品",
        batch: publications::TOLD_AT_A_TIME,
        pause: TimeDelta::seconds(30),
        lease: Some(TimeDelta::minutes(5)),
        waiting: publications::to_tell,
        run: |world| publications::tell(&world.service),
    },
    Job {
        name: "remind_confirmation",
        label: "提醒银行确认产品",
        batch: product_cycle::REMINDED_AT_A_TIME,
        pause: TimeDelta::minutes(10),
        lease: Some(TimeDelta::minutes(2)),
        waiting: product_cycle::to_remind,
        run: |world| product_cycle::remind(&world.service),
    },
    Job {
        name: "warn_of_maturity",
        label: "贷款到期前 60、30、15 天提醒",
        batch: watching::WARNED_AT_A_TIME,
        pause: TimeDelta::minutes(1),
        lease: Some(TimeDelta::minutes(5)),
        waiting: watching::waiting,
        run: |world| watching::warn(&world.service),
    },
];
