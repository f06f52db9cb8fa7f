//! Whether the service is ready, as `/readyz` tells whoever asks: from a check that is at most a second old, because it
//! writes to the disk and anybody may ask.

use super::cached::Cached;
use super::state::WebState;
use crate::actions::health::{self, NotReady};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// For how long a check is good.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// What is known of it.
pub struct Readiness {
    is_stopping: AtomicBool,
    checked: Cached<Vec<NotReady>>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self {
            is_stopping: AtomicBool::new(false),
            checked: Cached::new(GOOD_FOR),
        }
    }
}

impl Readiness {
    /// From now on it is not ready, whatever else.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// All that keeps the service from its work; nothing where it is ready.
    pub(super) async fn reasons(&self, state: &WebState) -> Vec<NotReady> {
        if self.is_stopping.load(Ordering::Relaxed) {
            return vec![NotReady::Stopping];
        }
        let check = async {
            let checked = state.run(|service| Ok(health::check(service))).await;
            // Only a check that panicked does not come to an end.
            checked.unwrap_or_else(|_| vec![NotReady::Unreadable])
        };
        self.checked.get(check).await
    }
}
