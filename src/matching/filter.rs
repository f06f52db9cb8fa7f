//! The filter: which products miss two or more checks for sure, found 64 products at a time.
//!
//! A *plane* is one bit a product. For every fact that criteria ask about, the values that make a
//! difference cut the number line into few intervals, and inside one interval the same criteria are
//! unmet; so each interval has a plane of the products that it makes miss. With three products
//!
//! ```text
//!            P0: revenue ≥ 300   P1: revenue ≥ 500   P2: —          cuts: 300, 500
//!            revenue < 300: 011      300 … 499: 010      500 and more: 000
//! ```
//!
//! an applicant of 400 adds the plane `010`. Adding planes needs no numbers, only "one" and "two or
//! more": `twos |= ones & plane; ones |= plane`. What is left out of `twos` is looked at one by one
//! (`evaluate`), which alone decides: the filter may keep too many, never drop one.
//! It therefore leaves out what is rare or unwieldy: `any`, amount caps, which loan is renewed, the cost, and facts
//! with more than [`MOST_CUTS`] cuts, so that no catalogue makes it grow beyond its products.

use super::compile::{Applicant, Card, Catalogue, bit};
use super::criteria::{Step, StepKind};
use crate::domain::codes::{Code, Guarantee, Kind, Purpose, Repayment, Set};
use crate::domain::facts::{FACTS, FactKey, FactType};
use crate::domain::request::Need;

/// A fact or bound with more cuts than this stays out of the filter.
const MOST_CUTS: usize = 256;

/// One bit a product.
type Plane = Vec<u64>;

/// The products that miss one check, and those that miss two, in one interval.
struct Misses {
    one: Plane,
    /// Empty where no product does, as nearly everywhere.
    two: Plane,
}

/// The intervals of one value.
struct Column {
    /// Where a new interval begins.
    cuts: Vec<i64>,
    /// One more than cuts.
    intervals: Vec<Misses>,
}

/// The intervals of one fact: as it misses when only declared, and when verified.
struct FactColumns {
    fact: FactKey,
    declared: Column,
    verified: Column,
}

/// The planes of a catalogue.
#[derive(Default)]
pub(super) struct Filter {
    closed: Plane,
    /// Those that renew a loan.
    renewals: Plane,
    kinds: Vec<Plane>,
    purposes: Vec<Plane>,
    guarantees: Vec<Plane>,
    repayments: Vec<Plane>,
    amount: Option<Column>,
    term: Option<Column>,
    facts: Vec<FactColumns>,
}

/// The two counters, reused from request to request.
#[derive(Default)]
pub(super) struct Counters {
    ones: Plane,
    pub twos: Plane,
}

impl Counters {
    fn add(&mut self, plane: &[u64]) {
        for ((one, two), miss) in self.ones.iter_mut().zip(&mut self.twos).zip(plane) {
            *two |= *one & miss;
            *one |= miss;
        }
    }

    fn add_column(&mut self, column: &Column, value: i64) {
        let misses = &column.intervals[column.cuts.partition_point(|cut| *cut <= value)];
        self.add(&misses.one);
        for (two, miss) in self.twos.iter_mut().zip(&misses.two) {
            *two |= miss;
        }
    }

    /// Adds the products that have none of the planes of `wanted`.
    fn add_without<T: Code>(&mut self, planes: &[Plane], wanted: Set<T>) {
        for (word, (one, two)) in self.ones.iter_mut().zip(&mut self.twos).enumerate() {
            let having = wanted
                .iter()
                .fold(0, |having, code| having | planes[code.index()][word]);
            *two |= *one & !having;
            *one |= !having;
        }
    }
}

impl Filter {
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        let cards = &catalogue.cards;
        let by_code = |count: usize, has: &dyn Fn(&Card, usize) -> bool| -> Vec<Plane> {
            (0..count)
                .map(|code| plane(cards.iter().map(|card| has(card, code))))
                .collect()
        };
        Self {
            closed: plane(cards.iter().map(|card| card.closed != 0)),
            renewals: plane(cards.iter().map(|card| card.renewal != 0)),
            kinds: by_code(Kind::ALL.len(), &|card, code| card.kind >> code & 1 == 1),
            purposes: by_code(Purpose::ALL.len(), &|card, code| card.purposes >> code & 1 == 1),
            guarantees: by_code(Guarantee::ALL.len(), &|card, code| card.guarantees >> code & 1 == 1),
            repayments: by_code(Repayment::ALL.len(), &|card, code| card.repayment >> code & 1 == 1),
            amount: bounds_column(cards, |card| (card.amount_min, card.amount_max)),
            term: bounds_column(cards, |card| (i64::from(card.term_min), i64::from(card.term_max))),
            facts: FACTS
                .iter()
                .filter_map(|spec| fact_columns(catalogue, spec.key))
                .collect(),
        }
    }

    /// Counts the misses of every product, up to two.
    pub(super) fn count(&self, applicant: &Applicant, need: &Need, counters: &mut Counters) {
        for counter in [&mut counters.ones, &mut counters.twos] {
            counter.clear();
            counter.resize(self.closed.len(), 0);
        }
        counters.add(&self.closed);
        if need.existing_loan.is_none() {
            counters.add(&self.renewals);
        }
        counters.add_without(&self.purposes, Set::EMPTY.with(need.purpose));
        counters.add_without(&self.guarantees, need.guarantees);
        if !need.kinds.is_empty() {
            counters.add_without(&self.kinds, need.kinds);
        }
        if !need.repayment.is_empty() {
            counters.add_without(&self.repayments, need.repayment);
        }
        if let Some(column) = &self.amount {
            counters.add_column(column, need.amount_fen.get());
        }
        if let Some(column) = &self.term {
            counters.add_column(column, i64::from(need.term_months));
        }
        for columns in &self.facts {
            if applicant.known & bit(columns.fact) != 0 {
                let verified = applicant.verified & bit(columns.fact) != 0;
                let column = if verified { &columns.verified } else { &columns.declared };
                counters.add_column(column, applicant.values[columns.fact as usize]);
            }
        }
    }
}

fn plane(bits: impl ExactSizeIterator<Item = bool>) -> Plane {
    let mut plane = vec![0; bits.len().div_ceil(64)];
    for (product, bit) in bits.enumerate() {
        plane[product / 64] |= u64::from(bit) << (product % 64);
    }
    plane
}

/// The intervals of an amount or a term against each product's bounds.
fn bounds_column(cards: &[Card], bounds: impl Fn(&Card) -> (i64, i64)) -> Option<Column> {
    let cuts = cards.iter().flat_map(|card| {
        let (min, max) = bounds(card);
        [min, max.saturating_add(1)]
    });
    column(cuts.collect(), cards.len(), |value, miss| {
        for (product, card) in cards.iter().enumerate() {
            let (min, max) = bounds(card);
            if value < min || value > max {
                miss(product);
            }
        }
    })
}

/// The intervals of one fact against each product's plain criteria on it; none where no product asks.
fn fact_columns(catalogue: &Catalogue, fact: FactKey) -> Option<FactColumns> {
    let mut asked: Vec<(usize, Step)> = Vec::new();
    for (product, card) in catalogue.cards.iter().enumerate() {
        asked.extend(
            catalogue
                .steps(card)
                .filter(|step| step.kind != StepKind::Any && step.fact == fact)
                .map(|step| (product, step)),
        );
    }
    if asked.is_empty() {
        return None;
    }
    let cuts: Vec<i64> = match fact.spec().kind {
        FactType::Integer { .. } | FactType::Money { .. } | FactType::Bp { .. } => asked
            .iter()
            .map(|&(_, step)| {
                if step.kind == StepKind::AtMost {
                    step.value.saturating_add(1)
                } else {
                    step.value
                }
            })
            .collect(),
        kind => (1..kind.value_count()).collect(),
    };
    let build = |with_verified: bool| {
        column(cuts.clone(), catalogue.products.len(), |value, miss| {
            for &(product, step) in &asked {
                if (with_verified || !step.verified) && !catalogue.criteria.holds(step, value) {
                    miss(product);
                }
            }
        })
    };
    Some(FactColumns {
        fact,
        declared: build(false)?,
        verified: build(true)?,
    })
}

/// Builds the planes of each interval; `misses` calls back for every check that a value misses.
fn column(mut cuts: Vec<i64>, products: usize, misses: impl Fn(i64, &mut dyn FnMut(usize))) -> Option<Column> {
    cuts.sort_unstable();
    cuts.dedup();
    if cuts.len() > MOST_CUTS {
        return None;
    }
    // Below the first cut any value will do; the other intervals are stood for by their first value.
    let first = cuts.first().map_or(0, |cut| cut.saturating_sub(1));
    let intervals = std::iter::once(first).chain(cuts.iter().copied()).map(|value| {
        let mut found = Misses {
            one: vec![0; products.div_ceil(64)],
            two: vec![0; products.div_ceil(64)],
        };
        misses(value, &mut |product| {
            let (word, bit) = (product / 64, 1 << (product % 64));
            found.two[word] |= found.one[word] & bit;
            found.one[word] |= bit;
        });
        if found.two.iter().all(|word| *word == 0) {
            found.two = Plane::new();
        }
        found
    });
    let intervals = intervals.collect();
    Some(Column { cuts, intervals })
}
