//! What a bank is told of a simulation.
//!
//! Exact counts and ids would let a bank find out an enterprise's facts by moving a threshold one step at a time. So a
//! bank hears counts only, rounded to five and silent below five, and only so often a day.

use super::verdict::{KeepsOut, Simulation};
use serde::Serialize;

/// Counts are rounded to this, and not told below it.
pub const STEP: u64 = 5;

/// A product against the open requests, as its bank is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoughSimulation {
    /// How many requests it fits; none below five.
    pub eligible: Option<u64>,
    /// How many it may fit.
    pub incomplete: Option<u64>,
    /// How many miss one check.
    pub near: Option<u64>,
    /// How many miss more.
    pub ineligible: Option<u64>,
    /// Which check alone keeps out how many; those that keep out fewer than five are left out.
    pub keeps_out: Vec<KeepsOut>,
}

/// The nearest multiple of five; none below five.
const fn rough(count: u64) -> Option<u64> {
    if count < STEP {
        None
    } else {
        Some(count.saturating_add(STEP / 2) / STEP * STEP)
    }
}

impl<I> From<&Simulation<I>> for RoughSimulation {
    fn from(exact: &Simulation<I>) -> Self {
        let told = |one: &KeepsOut| {
            Some(KeepsOut {
                requests: rough(one.requests)?,
                ..one.clone()
            })
        };
        let mut keeps_out: Vec<_> = exact.keeps_out.iter().filter_map(told).collect();
        // By their exact numbers they would stand in an order that tells more than the rounded ones do.
        keeps_out.sort_by(|one, two| {
            let by_number = two.requests.cmp(&one.requests);
            by_number.then_with(|| (&one.check, one.op).cmp(&(&two.check, two.op)))
        });
        Self {
            eligible: rough(exact.eligible),
            incomplete: rough(exact.incomplete),
            near: rough(exact.near),
            ineligible: rough(exact.ineligible),
            keeps_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_rounded_and_small_ones_hidden() {
        let told: Vec<_> = [0, 4, 5, 7, 8, 12, 13, u64::MAX].into_iter().map(rough).collect();
        let max = Some(u64::MAX / 5 * 5);
        assert_eq!(told, [None, None, Some(5), Some(5), Some(10), Some(10), Some(15), max]);
    }

    #[test]
    fn neither_ids_nor_the_order_tell_more() {
        let alone = |check: &str, requests| KeepsOut {
            check: check.to_owned(),
            op: None,
            requests,
        };
        let exact = Simulation {
            eligible: 6,
            incomplete: 0,
            near: 17,
            ineligible: 3,
            eligible_ids: vec!["r1"],
            keeps_out: vec![alone("tier", 7), alone("age_months", 6), alone("town", 4)],
        };
        let told = serde_json::to_value(RoughSimulation::from(&exact)).expect("JSON");
        assert_eq!(
            told,
            serde_json::json!({
                "eligible": 5, "incomplete": null, "near": 15, "ineligible": null,
                "keeps_out": [{"check": "age_months", "requests": 5}, {"check": "tier", "requests": 5}]
            })
        );
    }
}
