//! The service while it runs: its listeners, its jobs, and the signals that end it or change its log.

use super::failure::Failure;
use super::logging::Level;
use crate::config::Config;
use crate::jobs::World;
use crate::jobs::following::{self, Following};
use crate::jobs::runner::Running;
use crate::web::state::WebState;
use crate::web::{app, metrics};
use actix_web::dev::ServerHandle;
use actix_web::rt::time::sleep;
use std::future::pending;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What runs.
pub(super) struct Parts {
    /// Where people reach it.
    pub listener: TcpListener,
    /// Where it is measured.
    pub metrics: Option<TcpListener>,
    /// What the handlers reach.
    pub state: WebState,
    /// What the jobs reach.
    pub world: World,
    /// For how long it goes on serving after it was told to stop.
    pub drain: Duration,
    /// What SIGHUP does; without it SIGHUP ends the program.
    pub reread: Option<Reread>,
}

/// Reads the log's level anew.
pub(super) struct Reread {
    /// The file of `--config`.
    pub file: Option<PathBuf>,
    /// The log's level.
    pub level: Level,
}

/// The listener of the measures, where there is to be one.
///
/// # Errors
/// An address that can't be used.
pub(super) fn metrics_listener(config: &Config) -> Result<Option<TcpListener>, Failure> {
    let bind =
        |listen| TcpListener::bind(listen).map_err(|error| Failure::Other(format!("metrics.listen {listen}: {error}")));
    config.metrics.listen.map(bind).transpose()
}

/// Serves until SIGTERM or Ctrl-C; requests and jobs that are under way are finished.
///
/// # Errors
/// A listener that can't be served on.
pub(super) fn run(parts: Parts) -> Result<(), Failure> {
    let patience = Duration::from_secs(parts.state.stop_seconds.into());
    let jobs_end = Arc::clone(&parts.world.ending);
    let following = Following::start(parts.world.service.clone(), following::POLL)?;
    let jobs = Running::start(parts.world)?;
    let (listener, state) = (parts.listener, parts.state);
    let (address, metrics) = (listener.local_addr()?, parts.metrics);
    actix_web::rt::System::new().block_on(async {
        let server = app::serve(listener, state.clone())?;
        if let Some(listener) = metrics {
            let address = listener.local_addr()?;
            tracing::info!(metrics = %address, "measured");
            actix_web::rt::spawn(metrics::serve(listener, state.clone())?);
        }
        let signals = Signals::new(parts.reread)?;
        let stopped = Stopped {
            server: server.handle(),
            state,
            jobs_end,
            drain: parts.drain,
        };
        actix_web::rt::spawn(stopped.by(signals));
        tracing::info!(%address, "serving");
        server.await
    })?;
    drop(following);
    jobs.end(patience);
    tracing::info!("stopped");
    Ok(())
}

/// The signals that are listened to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Option<(Signal, Reread)>,
}

impl Signals {
    fn new(reread: Option<Reread>) -> io::Result<Self> {
        let hangup = |reread| signal(SignalKind::hangup()).map(|hangup| (hangup, reread));
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: reread.map(hangup).transpose()?,
        })
    }

    /// Until the program is told to end; meanwhile the log's level is read anew as often as asked.
    async fn end(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                () = hung_up(&mut self.hangup) => {}
            }
        }
    }
}

async fn hung_up(hangup: &mut Option<(Signal, Reread)>) {
    let Some((hangup, reread)) = hangup else {
        return pending().await;
    };
    hangup.recv().await;
    let file = reread.file.clone();
    let read = actix_web::web::block(move || Config::load(file.as_deref()).map(|config| config.log.level)).await;
    match read {
        Ok(Ok(level)) => reread.level.set(level),
        Ok(Err(error)) => tracing::error!(%error, "the level of the log stays"),
        Err(error) => tracing::error!(%error, "the level of the log stays"),
    }
}

/// What is done when it ends.
struct Stopped {
    server: ServerHandle,
    state: WebState,
    jobs_end: Arc<AtomicBool>,
    drain: Duration,
}

impl Stopped {
    async fn by(self, mut signals: Signals) {
        signals.end().await;
        tracing::info!("stopping");
        self.state.readiness.stop();
        sleep(self.drain).await;
        self.jobs_end.store(true, Ordering::Relaxed);
        self.server.stop(true).await;
    }
}
