//! What the service does by itself, as administrators see it.

use super::shell::Shell;
use crate::actions::jobs::{JobStanding, NextTurn};
use crate::clock::civil_minute;
use crate::domain::codes::Code;
use askama::Template;

/// A job.
#[derive(Clone, Debug)]
pub struct JobLine {
    /// What it does.
    pub label: &'static str,
    /// What it is called in the log and among the measures.
    pub name: &'static str,
    /// How it does.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// How much waits to be done.
    pub waiting: i64,
    /// How much it did in all.
    pub handled: i64,
    /// When it last ended well.
    pub succeeded: String,
    /// When its next turn comes.
    pub turn: String,
    /// How often in a row it failed.
    pub failures: i32,
    /// What it failed with; empty where it did not.
    pub error: String,
}

impl From<&JobStanding> for JobLine {
    fn from(job: &JobStanding) -> Self {
        let (state, class) = match &job.turn {
            _ if job.failures > 0 => ("失败", "bad"),
            NextTurn::Running { .. } => ("进行中", "near"),
            _ if job.started_at.is_none() => ("还没有运行过", "off"),
            _ => ("正常", "ok"),
        };
        Self {
            label: job.kind.label(),
            name: job.kind.code(),
            state,
            class,
            waiting: job.waiting,
            handled: job.handled,
            succeeded: job.succeeded_at.map_or_else(|| "—".to_owned(), civil_minute),
            turn: match &job.turn {
                NextTurn::Running { .. } => "正在进行".to_owned(),
                NextTurn::At(due_at) => civil_minute(*due_at),
                NextTurn::WhenSomethingWaits if job.waiting > 0 => "几秒内".to_owned(),
                NextTurn::WhenSomethingWaits => "有待办时".to_owned(),
            },
            failures: job.failures,
            error: job.last_error.clone().unwrap_or_default(),
        }
    }
}

/// The jobs.
#[derive(Template)]
#[template(path = "admin/jobs.html")]
pub struct JobsPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: String,
    /// Every job.
    pub rows: Vec<JobLine>,
}
