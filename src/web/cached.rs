//! What is asked for often and worked out seldom.

use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A value that is good for a while. Whoever comes while the next one is worked out waits for that.
pub struct Cached<T> {
    good_for: Duration,
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Cached<T> {
    /// Nothing yet.
    #[must_use]
    pub fn new(good_for: Duration) -> Self {
        Self {
            good_for,
            last: Mutex::new(None),
        }
    }

    /// The value; worked out where the last one is too old.
    pub async fn get(&self, work_out: impl Future<Output = T>) -> T {
        let mut last = self.last.lock().await;
        if let Some((at, value)) = last.as_ref()
            && at.elapsed() < self.good_for
        {
            return value.clone();
        }
        let value = work_out.await;
        *last = Some((Instant::now(), value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    #[actix_web::test]
    async fn a_value_is_good_for_its_time() {
        let cached = Cached::new(Duration::from_mins(1));
        assert_eq!(cached.get(ready(1)).await, 1);
        assert_eq!(cached.get(ready(2)).await, 1);
        let never = Cached::new(Duration::ZERO);
        assert_eq!(never.get(ready(1)).await, 1);
        assert_eq!(never.get(ready(2)).await, 2);
    }
}
