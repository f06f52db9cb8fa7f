//! Which rows of a list may be on a page.
//!
//! Lists are ordered by what a row costs, the incomplete ones by how many keys are not known before that. Both take work to
//! find out, and a page shows a few rows. But the rate alone tells the least that a row can cost, and the rates stand on a ladder
//! ([`super::ladder`]). For a page of 20 rows out of 1,000
//!
//! 1. the lowest rungs are climbed until 20 rows are found, and their costs worked out: the 20th of them costs 4.37;
//! 2. of all others only those may stand before it whose rate by itself costs no more than that; most do not.
//!
//! Which of these really do is left to the order (`rank`), which asks for the price of a row only where that decides.

use super::applicant::Applicant;
use super::compile::{Catalogue, position};
use super::cost::{Memo, Terms};
use super::criteria::States;
use super::planes::{Counted, Listed, Plane, WORD_BITS, products};
use super::rows::{Miss, Page, Row, Rows, UnknownKey};
use crate::domain::request::Need;
use crate::domain::verdict::BuiltIn;

/// One request, of which the verdicts are known.
pub(super) struct Search<'a> {
    pub catalogue: &'a Catalogue,
    pub applicant: &'a Applicant,
    pub need: &'a Need,
    pub terms: &'a Terms,
    pub counted: &'a Counted,
    pub states: &'a States,
    pub page: Page,
}

/// What is found on the way and kept.
pub(super) struct Found<'a> {
    pub memo: &'a mut Memo,
    pub unknown: &'a mut Vec<UnknownKey>,
}

impl Search<'_> {
    /// Finds the rows of a list, of which it is told how many there are, and puts those of the page in order, each explained.
    pub(super) fn list(&self, list: Listed, rows: &mut Rows, found: &mut Found<'_>) {
        self.find(list, rows, found);
        rows.arrange(self.page, &mut |row| self.place(list, row, found));
        if list == Listed::Near {
            rows.each_wanted(|row| self.explain(row, found.unknown));
        }
    }

    fn find(&self, list: Listed, rows: &mut Rows, found: &mut Found<'_>) {
        let (words, wanted) = (0..self.counted.len(), self.page.end());
        if wanted == 0 {
            return;
        }
        if wanted >= rows.len() {
            words.for_each(|word| self.put(list, word, self.counted.listed(list, word), true, rows, found));
            return;
        }
        let prices = &self.catalogue.prices;
        let first = |word| self.counted.listed_first(list, word);
        let ways = |word| self.catalogue.sieve.ways(self.terms.wish.codes.methods(), word);
        let on = |rung: Option<Plane>, word| rung.map_or(0, |rung| prices.on_rung(rung, word));
        let mut climbed = None;
        for rung in prices.climb(self.terms.column, wanted, rows.len()) {
            for word in words.clone() {
                let new = first(word) & on(Some(rung), word) & !on(climbed, word);
                if new != 0 {
                    self.put(list, word, new & !ways(word).none, true, rows, found);
                }
            }
            climbed = Some(rung);
            if rows.held_first() >= wanted {
                break;
            }
        }
        let most = rows.cost_of_place(wanted, self.catalogue.products.len());
        let term_months = self.terms.wish.term_months;
        let most = most.map(|cost| found.memo.most_rates(cost, term_months, |other| other <= cost));
        let limits = most.map(|most| prices.limits(self.terms.column, most));
        for word in words {
            let ways = ways(word);
            let seen = first(word) & on(climbed, word) & !ways.none;
            let others = match &limits {
                // Enough rows were found that stand before whatever does not belong to the first ones.
                Some(limits) => {
                    let others = first(word) & !seen & !ways.none;
                    others & !prices.dearer(self.terms.column, word, limits, ways, others)
                }
                None => self.counted.listed(list, word) & !seen,
            };
            self.put(list, word, others, false, rows, found);
        }
    }

    /// Adds the rows of products of a word, each in its place where that is wanted at once.
    fn put(&self, list: Listed, word: usize, some: u64, at_once: bool, rows: &mut Rows, found: &mut Found<'_>) {
        for product in products(word, some) {
            let mut row = self.row(list, product, found.memo);
            if at_once && !row.is_placed {
                self.place(list, &mut row, found);
            }
            rows.push(row);
        }
    }

    /// A product's row, with the least that it can cost and the fewest keys that can be unknown.
    fn row(&self, list: Listed, product: u32, memo: &mut Memo) -> Row {
        let asked = self.catalogue.asked_price(product, self.terms);
        let best = memo.without_fees(&asked, self.terms.wish.term_months);
        let (word, bit) = (product as usize / WORD_BITS, product as usize % WORD_BITS);
        let is_dear = self.counted.dear(word) >> bit & 1 == 1;
        Row {
            cost: best.map_or(f64::INFINITY, |(_, cost)| cost),
            rate_bp: asked.rate_bp,
            rank: self.catalogue.ranks[product as usize],
            product,
            repayment: best.map(|(repayment, _)| repayment),
            is_placed: asked.is_free_of_fees() && list != Listed::Incomplete,
            miss: if is_dear {
                Miss::BuiltIn(BuiltIn::MaxCost)
            } else {
                Miss::None
            },
            unknown_from: 0,
            unknown_count: if list == Listed::Incomplete {
                1 + (self.counted.many_unknown(word) >> bit & 1) as u8
            } else {
                0
            },
        }
    }

    /// Finds out what decides a row's place: its whole cost and, of an incomplete one, how many keys are not known.
    fn place(&self, list: Listed, row: &mut Row, found: &mut Found<'_>) {
        if list == Listed::Incomplete {
            self.explain(row, found.unknown);
        }
        let asked = self.catalogue.asked_price(row.product, self.terms);
        row.place(self.catalogue.cheapest(&asked, self.terms, found.memo));
    }

    fn explain(&self, row: &mut Row, unknown: &mut Vec<UnknownKey>) {
        let from = unknown.len();
        let reasons = self
            .catalogue
            .reasons(row.product, self.applicant, self.need, self.states, unknown);
        if row.miss == Miss::None {
            row.miss = reasons;
        }
        row.unknown_from = position(from);
        row.unknown_count = u8::try_from(unknown.len() - from).unwrap_or(u8::MAX);
    }
}
