//! Keeps the compiled catalogue in step with the database before anybody asks for it.
//!
//! Whoever matches asks the database for the catalogue's number anyway, so that nobody ever matches with an old one; but
//! then the first one after a publication waits until the new one is compiled. Here it is made as soon as the database
//! tells of the change, whichever node made it. The number is asked for every few seconds as well: news is lost where a
//! connection breaks, a SQLite file sends none, and a day that begins needs a new catalogue without any.

use super::background::Background;
use crate::actions::{ActionError, Service, catalogue};
use std::time::{Duration, Instant};

/// How long news lies before it is looked at. Looking asks the connection's buffer, not the server.
const REST: Duration = Duration::from_millis(20);
/// How often the number is asked for without any news.
pub const POLL: Duration = Duration::from_secs(5);

/// The catalogue, being followed. Dropping it ends that.
pub struct Following {
    _thread: Background,
}

impl Following {
    /// Starts; without any news the database is asked every `poll`.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(service: Service, poll: Duration) -> std::io::Result<Self> {
        let mut news = service.store.catalogue_news();
        let mut asked: Option<Instant> = None;
        let thread = Background::start("catalogue", move || {
            let came = news.came().unwrap_or_else(|error| {
                // No news until the next poll, which tells what is wrong.
                tracing::debug!(cause = &error as &dyn std::error::Error, "no news of the catalogue");
                false
            });
            if came || asked.is_none_or(|asked| asked.elapsed() >= poll) {
                asked = Some(Instant::now());
                follow(&service);
            }
            REST.min(poll)
        })?;
        Ok(Self { _thread: thread })
    }
}

fn follow(service: &Service) {
    let before = service.catalogue.version();
    match catalogue::follow(service) {
        Ok(()) if service.catalogue.version() != before => {
            tracing::info!(version = service.catalogue.version(), "the catalogue has changed");
        }
        // Without an LPR nothing can be matched, and nothing has to be ready.
        Ok(()) | Err(ActionError::NoLpr(_)) => {}
        Err(error) => {
            tracing::warn!(
                cause = &error as &dyn std::error::Error,
                "the catalogue cannot be followed"
            );
        }
    }
}
