//! A thread that does one step after another until it is dropped.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it is looked whether the thread has ended.
const GLANCE: Duration = Duration::from_millis(20);

/// The thread. Dropping it waits until the step that is under way is done.
pub(super) struct Background {
    bell: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts with the first step; each gives how long to rest before the next.
    pub(super) fn start(name: &str, mut step: impl FnMut() -> Duration + Send + 'static) -> std::io::Result<Self> {
        let (bell, door) = channel();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || while door.recv_timeout(step()) == Err::<(), _>(RecvTimeoutError::Timeout) {})?;
        Ok(Self {
            bell: Some(bell),
            thread: Some(thread),
        })
    }

    /// Ends it, and waits no longer than `patience` until the step that is under way is done; tells whether it is.
    pub(super) fn end(mut self, patience: Duration) -> bool {
        self.bell = None;
        let until = Instant::now() + patience;
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            if Instant::now() >= until {
                self.thread = None;
                return false;
            }
            std::thread::sleep(GLANCE);
        }
        true
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(thread) = self.thread.take() {
            let name = thread.thread().name().unwrap_or_default().to_owned();
            if thread.join().is_err() {
                tracing::error!(name, "a thread ended badly");
            }
        }
    }
}
