//! The log: on standard error, for people or as one JSON object a line. Each line of a request carries
//! its id.

use crate::config::{Log, LogFormat, LogLevel};
use std::io::IsTerminal;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// Starts the log. A second start in one process changes nothing.
pub fn start(log: &Log) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // Libraries below debug say what only their authors understand.
    let targets = Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_target("rongqiao", level);
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
}
