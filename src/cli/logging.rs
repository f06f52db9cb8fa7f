//! The log: on standard error, for people or as one JSON object a line. Each line of a request carries
//! its id.

use crate::config::{Log, LogFormat, LogLevel};
use std::io::IsTerminal;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt, registry, reload};

/// The level of the log that was started, to be changed while it goes on.
pub struct Level(reload::Handle<Targets, Registry>);

impl Level {
    /// From now on lines from this level on are written.
    pub fn set(&self, level: LogLevel) {
        let level = filter(level);
        let changed = self.0.modify(|targets| *targets = of(level));
        match changed {
            Ok(()) => tracing::warn!(%level, "the log goes on at this level"),
            Err(error) => tracing::error!(%error, "the level of the log stays"),
        }
    }
}

const fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// Libraries below debug say what only their authors understand.
fn of(level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_target("rongqiao", level)
}

/// Starts the log. A second start in one process changes nothing.
pub fn start(log: &Log) -> Level {
    let (targets, level) = reload::Layer::new(of(filter(log.level)));
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Human => lines.boxed(),
        LogFormat::Json => lines.json().with_current_span(false).boxed(),
    };
    if registry().with(lines.with_filter(targets)).try_init().is_err() {
        tracing::debug!("the log is already started");
    }
    Level(level)
}
