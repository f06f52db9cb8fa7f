//! Many at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

/// Something that is done at the same time as others, and tells the status that it came to.
pub type Task<'a> = Box<dyn FnOnce() -> u16 + Send + 'a>;

/// Rounds of each race; more by the environment, for `scripts` that run long.
pub fn rounds() -> usize {
    let more = std::env::var("RONGQIAO_RACE_ROUNDS").ok();
    more.and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// Runs these at once; each tells the status that it came to. Also how many were under way together at most.
pub fn at_once(tasks: Vec<Task<'_>>) -> (Vec<u16>, usize) {
    let start = Barrier::new(tasks.len());
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let statuses = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for task in tasks {
            let (start, running, most, statuses) = (&start, &running, &most, &statuses);
            scope.spawn(move || {
                start.wait();
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let status = task();
                running.fetch_sub(1, Ordering::SeqCst);
                statuses.lock().expect("no task has failed").push(status);
            });
        }
    });
    (statuses.into_inner().expect("no task has failed"), most.into_inner())
}
