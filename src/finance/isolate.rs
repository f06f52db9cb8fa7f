//! Brackets for every root in a range, where flows change sign more than once.
//!
//! On one side of zero the worth of the receipts and that of the payments each move one way only, so
//! their values at the ends of an interval bound the whole between. Where the bounds leave out 0 there
//! is no root; where the same holds for the slope there is at most one; else the interval is halved.

use super::irr::{IrrError, Npv};

/// Intervals looked at before the roots count as too close to tell apart.
const MAX_INTERVALS: u32 = 4_096;

/// One bracket for each root between `low` < 0 and `high` > 0.
pub(super) fn isolate(npv: &Npv, low: f64, high: f64) -> Result<Vec<(f64, f64)>, IrrError> {
    let mut open = vec![(low, 0.0), (0.0, high)];
    let mut found = Vec::new();
    for _ in 0..MAX_INTERVALS {
        let Some((from, to)) = open.pop() else {
            return Ok(found);
        };
        let above_zero = to > 0.0;
        let (start, end) = (Parts::at(npv, from, above_zero), Parts::at(npv, to, above_zero));
        if start.worth.excludes_zero(&end.worth) {
            continue;
        }
        if start.slope.excludes_zero(&end.slope) {
            // 0 counts as positive, so that a root on a shared end is counted once.
            if (start.worth.difference() >= 0.0) != (end.worth.difference() >= 0.0) {
                found.push((from, to));
            }
            continue;
        }
        let middle = f64::midpoint(from, to);
        open.extend([(from, middle), (middle, to)]);
    }
    Err(IrrError::NoConvergence)
}

/// What receipts and payments add to a sum, both as positive numbers.
#[derive(Default)]
struct Balance {
    received: f64,
    paid: f64,
}

impl Balance {
    fn add(&mut self, amount: f64, weight: f64) {
        if amount > 0.0 {
            self.received += amount * weight;
        } else {
            self.paid -= amount * weight;
        }
    }

    fn difference(&self) -> f64 {
        self.received - self.paid
    }

    /// Whether the difference cannot be 0 between two points, each part moving one way only.
    fn excludes_zero(&self, other: &Self) -> bool {
        self.received.min(other.received) > self.paid.max(other.paid)
            || self.received.max(other.received) < self.paid.min(other.paid)
    }
}

/// The worth of flows at one rate and, up to sign, its slope.
#[derive(Default)]
struct Parts {
    worth: Balance,
    slope: Balance,
}

impl Parts {
    fn at(npv: &Npv, x: f64, above_zero: bool) -> Self {
        let anchor = npv.anchor(above_zero);
        let mut parts = Self::default();
        for flow in npv.flows() {
            let time = flow.time - anchor;
            let factor = (-x * time).exp();
            parts.worth.add(flow.amount, factor);
            parts.slope.add(flow.amount, factor * time.abs());
        }
        parts
    }
}
