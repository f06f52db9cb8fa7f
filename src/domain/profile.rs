//! From every value held of an enterprise to the one value a fact that the engine sees.
//!
//! A declared value never overwrites a verified one: both are held. The verified one counts while it
//! holds, then the declared one while it holds. Bank-owned facts come per bank and combine by the
//! rule in the table of facts. Where nothing holds any more the newest value stays, expired, so that
//! a page can say what was known and until when.

use super::dates::Day;
use super::enterprise::Fact;
use super::facts::{Combine, FACTS, FactKey, FactSpec, FactValue};
use super::maps::UniqueMap;
use super::money::Fen;

/// A value held of an enterprise: one fact, verified or declared, from one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it says something about.
    pub key: FactKey,
    /// The value.
    pub fact: Fact,
    /// The day for which it was true.
    pub observed_on: Day,
}

/// The values that the engine sees on `day`.
#[must_use]
pub fn engine_facts(held: &[Held], day: Day) -> UniqueMap<FactKey, Fact> {
    let mut facts = UniqueMap::default();
    for spec in &FACTS {
        let of_key = || held.iter().filter(|one| one.key == spec.key);
        let holding = |verified| of_key().filter(move |one| one.fact.verified == verified && one.fact.holds_on(day));
        let value = combine(spec, holding(true))
            .or_else(|| combine(spec, holding(false)))
            .or_else(|| newest(of_key()).map(|one| one.fact));
        if let Some(fact) = value {
            facts.set(spec.key, fact);
        }
    }
    facts
}

fn newest<'a>(held: impl Iterator<Item = &'a Held>) -> Option<&'a Held> {
    held.max_by_key(|one| (one.observed_on, one.fact.verified))
}

/// One value of several; it holds no longer than the first of them to end.
pub(super) fn combine<'a>(spec: &FactSpec, held: impl Iterator<Item = &'a Held> + Clone) -> Option<Fact> {
    let fact = newest(held.clone())?.fact;
    let values = || held.clone().map(|one| one.fact.value.get());
    let value = match spec.combine {
        Combine::Newest => return Some(fact),
        Combine::Sum => values().fold(0, i64::saturating_add).min(Fen::LIMIT),
        Combine::Max => values().max()?,
    };
    Some(Fact {
        value: FactValue(value),
        verified: fact.verified,
        valid_until: held.filter_map(|one| one.fact.valid_until).min(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    fn held(key: FactKey, value: i64, verified: bool, until: Option<&str>, observed: &str) -> Held {
        Held {
            key,
            fact: Fact {
                value: FactValue(value),
                verified,
                valid_until: until.map(day),
            },
            observed_on: day(observed),
        }
    }

    fn seen(values: &[Held], key: FactKey) -> Option<(i64, bool)> {
        let facts = engine_facts(values, day("2026-11-01"));
        facts.get(key).map(|fact| (fact.value.get(), fact.verified))
    }

    #[test]
    fn a_verified_value_counts_while_it_holds_then_the_declared_one() {
        let declared = held(FactKey::Employees, 50, false, None, "2026-10-01");
        let verified = held(FactKey::Employees, 40, true, Some("2026-11-01"), "2026-05-01");
        assert_eq!(seen(&[declared, verified], FactKey::Employees), Some((40, true)));
        let expired = held(FactKey::Employees, 40, true, Some("2026-10-31"), "2026-05-01");
        assert_eq!(seen(&[expired, declared], FactKey::Employees), Some((50, false)));
        assert_eq!(seen(&[expired], FactKey::Employees), Some((40, true)));
    }

    #[test]
    fn banks_values_combine_by_the_rule_of_the_fact() {
        let inflow = |value, until| held(FactKey::SettlementInflowFen, value, true, Some(until), "2026-10-01");
        let values = [
            inflow(100, "2026-12-01"),
            inflow(30, "2026-11-20"),
            inflow(7, "2026-10-30"),
        ];
        let facts = engine_facts(&values, day("2026-11-01"));
        let sum = facts.get(FactKey::SettlementInflowFen).expect("known");
        assert_eq!((sum.value.get(), sum.valid_until), (130, Some(day("2026-11-20"))));
        let overdue = |value| held(FactKey::OverdueDays, value, true, None, "2026-10-01");
        assert_eq!(
            seen(&[overdue(3), overdue(12), overdue(0)], FactKey::OverdueDays),
            Some((12, true))
        );
    }

    #[test]
    fn a_declared_bank_value_is_not_added_to_verified_ones() {
        let verified = held(FactKey::SettlementInflowFen, 100, true, None, "2026-10-01");
        let declared = held(FactKey::SettlementInflowFen, 900, false, None, "2026-10-20");
        assert_eq!(
            seen(&[verified, declared], FactKey::SettlementInflowFen),
            Some((100, true))
        );
    }
}
