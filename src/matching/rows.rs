//! The rows of a match: which products, in which order, and why they stand there.

use super::cost::{Best, SAME_COST_PCT};
use super::rank::{self, Ranked};
use crate::domain::codes::Repayment;
use crate::domain::facts::FACTS;
use crate::domain::product::CapBase;
use crate::domain::verdict::BuiltIn;
use std::ops::Range;

/// Which rows of each list are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows of the list come before.
    pub after: usize,
    /// How many are wanted.
    pub limit: usize,
}

impl Page {
    /// Every row.
    pub const ALL: Self = Self {
        after: 0,
        limit: usize::MAX,
    };

    /// How many rows of a list are at its end or before.
    pub(super) const fn end(self) -> usize {
        self.after.saturating_add(self.limit)
    }

    /// The places in a list of so many rows.
    fn of(self, rows: usize) -> Range<usize> {
        self.after.min(rows)..self.end().min(rows)
    }
}

/// How many products come to each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nothing unmet, nothing unknown.
    pub eligible: usize,
    /// Nothing unmet, something unknown.
    pub incomplete: usize,
    /// One check unmet.
    pub near: usize,
    /// More unmet.
    pub ineligible: usize,
}

/// Something that is not known: a fact, or the request's project cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnknownKey(pub u8);

impl UnknownKey {
    /// Place 63 is no fact's: there are fewer.
    const PROJECT_COST: Self = Self(63);

    pub(super) const fn of(base: CapBase) -> Self {
        match base {
            CapBase::Fact(fact) => Self(fact as u8),
            CapBase::ProjectCost => Self::PROJECT_COST,
        }
    }

    pub(super) fn code(self) -> &'static str {
        FACTS
            .get(usize::from(self.0))
            .map_or("project_cost_fen", |spec| spec.code)
    }
}

/// The one check that a near product misses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    None,
    BuiltIn(BuiltIn),
    /// Place among the catalogue's caps.
    Cap(u32),
    /// Number of the criterion.
    Criterion(u32),
}

/// A product that misses at most one check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Percent; infinite where there is none, so that it sorts last.
    pub cost: f64,
    pub rate_bp: i64,
    pub rank: u32,
    pub product: u32,
    pub repayment: Option<Repayment>,
    /// Whether its fees are in the cost and its unknown keys counted; else both are the least that they can be.
    pub is_placed: bool,
    /// Of a near one, told only where the row is wanted.
    pub miss: Miss,
    /// Keys that are not known, as `miss`; of an incomplete one told with its price: they decide its place.
    pub unknown_from: u32,
    pub unknown_count: u8,
}

impl Row {
    /// Takes the cost that it was found to have.
    pub(super) fn place(&mut self, best: Best) {
        self.cost = best.map_or(f64::INFINITY, |(_, cost)| cost);
        self.repayment = best.map(|(repayment, _)| repayment);
        self.is_placed = true;
    }
}

/// The rows of one verdict as they were found, and the order of those that are wanted.
#[derive(Default)]
pub(super) struct Rows {
    found: Vec<Row>,
    /// How many there are, with those that were found not to be on the page.
    count: usize,
    /// Costs, while one of them is looked for.
    costs: Vec<f64>,
    order: Vec<Ranked>,
    wanted: Range<usize>,
}

impl Rows {
    /// Starts anew, with so many to come.
    pub(super) fn start(&mut self, count: usize) {
        self.found.clear();
        self.count = count;
    }

    #[inline]
    pub(super) fn push(&mut self, row: Row) {
        self.found.push(row);
    }

    /// How many were found yet of those that stand first: with no more than one key that is not known.
    pub(super) fn held_first(&self) -> usize {
        self.found.iter().filter(|row| row.unknown_count <= 1).count()
    }

    /// The cost of the `wanted`th of those, in a catalogue of so many products, and of all that may belong to its chain: what
    /// costs more does not stand before it. None where any may.
    pub(super) fn cost_of_place(&mut self, wanted: usize, products: usize) -> Option<f64> {
        let last = wanted.checked_sub(1)?;
        let first = self.found.iter().filter(|row| row.unknown_count <= 1);
        self.costs.clear();
        self.costs.extend(first.map(|row| row.cost));
        if last >= self.costs.len() {
            return None;
        }
        let (_, cost, _) = self.costs.select_nth_unstable_by(last, f64::total_cmp);
        // With a link for each product a chain is no longer than this.
        #[expect(clippy::cast_precision_loss, reason = "products fit into memory")]
        let chain = (products + 1) as f64 * SAME_COST_PCT;
        Some(*cost + chain).filter(|cost| cost.is_finite())
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// Puts those of a page in order; asks for the price of those that may be on it.
    pub(super) fn arrange(&mut self, page: Page, price: &mut impl FnMut(&mut Row)) {
        self.wanted = page.of(self.len());
        rank::first(&mut self.found, self.wanted.end, &mut self.order, price);
    }

    /// Calls back with each wanted row, in any order.
    pub(super) fn each_wanted(&mut self, mut tell: impl FnMut(&mut Row)) {
        if self.wanted.len() == self.len() {
            // In the order of the products: what is read of one then stands beside what was read of the last.
            self.found.iter_mut().for_each(tell);
        } else {
            for ranked in &self.order[self.wanted.clone()] {
                tell(&mut self.found[ranked.place()]);
            }
        }
    }

    /// The wanted rows in their order.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.order[self.wanted.clone()]
            .iter()
            .map(|ranked| &self.found[ranked.place()])
    }
}
