//! Work that is spread over the cores within one call.

use std::thread;

/// How many of `count` things each core takes, at least `least`: fewer are not worth a thread.
pub(super) fn share(count: usize, least: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    count.div_ceil(cores).max(least)
}

/// Does each part of some work, at the same time where there is more than one.
pub(super) fn spread<T: Send>(mut parts: Vec<T>, work: impl Fn(T) + Sync) {
    let Some(own) = parts.pop() else { return };
    let work = &work;
    thread::scope(|scope| {
        for part in parts {
            scope.spawn(move || work(part));
        }
        work(own);
    });
}
