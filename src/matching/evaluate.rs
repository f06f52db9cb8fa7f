//! One request against every product: the verdicts, and the rows of those that miss at most one check.

use super::applicant::Applicant;
use super::compile::{Catalogue, position};
use super::cost::{AskedPrice, Memo, Terms, keeps_limit};
use super::criteria::States;
use super::planes::{Counted, Picked};
use super::rows::{Counts, Miss, Page, Row, Rows, UnknownKey};
use super::wish::Wish;
use crate::domain::request::Need;
use crate::domain::verdict::BuiltIn;
use crate::finance::cost_limit::CostLimit;

/// What a request leaves behind for the next one to reuse: no allocation per request, once warm.
#[derive(Default)]
pub struct Scratch {
    memo: Memo,
    picked: Picked,
    counted: Counted,
    left: Vec<Left>,
    states: States,
    eligible: Rows,
    incomplete: Rows,
    near: Rows,
    unknown: Vec<UnknownKey>,
}

/// A product that misses at most one check, its cost not looked at yet.
struct Left {
    product: u32,
    misses: bool,
    unknown: bool,
    asked: AskedPrice,
}

/// The ranked rows of one request.
pub struct MatchList<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) applicant: &'a Applicant,
    pub(super) need: &'a Need,
    pub(super) eligible: &'a Rows,
    pub(super) incomplete: &'a Rows,
    pub(super) near: &'a Rows,
    pub(super) unknown: &'a [UnknownKey],
}

impl MatchList<'_> {
    /// How many products come to each verdict, whatever page is wanted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.catalogue
            .counts([self.eligible, self.incomplete, self.near].map(Rows::len))
    }
}

impl Catalogue {
    /// Matches one request of one applicant, both looked at on the catalogue's day.
    pub fn match_one<'a>(
        &'a self,
        applicant: &'a Applicant,
        need: &'a Need,
        scratch: &'a mut Scratch,
    ) -> MatchList<'a> {
        self.match_page(applicant, need, Page::ALL, scratch)
    }

    /// As [`Catalogue::match_one`], but puts in order and explains only what a page shows of each list.
    pub fn match_page<'a>(
        &'a self,
        applicant: &'a Applicant,
        need: &'a Need,
        page: Page,
        scratch: &'a mut Scratch,
    ) -> MatchList<'a> {
        self.find_rows(applicant, need, page, scratch);
        let Scratch {
            eligible,
            incomplete,
            near,
            states,
            unknown,
            memo,
            ..
        } = scratch;
        let terms = self.terms(applicant.verified_tier(), Wish::of(need));
        let mut price = |row: &mut Row| {
            let asked = self.asked_price(&self.cards[row.product as usize], &terms);
            row.price(self.cheapest(&asked, &terms, memo));
        };
        for rows in [&mut *eligible, &mut *incomplete, &mut *near] {
            rows.arrange(page, &mut price);
        }
        near.each_wanted(|row| self.explain_row(row, applicant, need, states, unknown));
        MatchList {
            catalogue: self,
            applicant,
            need,
            eligible,
            incomplete,
            near,
            unknown,
        }
    }

    /// Only counts the verdicts.
    pub fn count_one(&self, applicant: &Applicant, need: &Need, scratch: &mut Scratch) -> Counts {
        let terms = self.sift_and_ask(applicant, need, scratch);
        let Scratch {
            memo, counted, left, ..
        } = scratch;
        let [mut eligible, mut incomplete, mut near] = counted.totals();
        memo.belong_to(self);
        let limit = CostLimit::new(need.max_cost_bp, need.term_months);
        for left in left {
            let least = memo.without_fees(&left.asked, need.term_months);
            if keeps_limit(&left.asked, least, need.max_cost_bp)
                && (left.asked.is_free_of_fees() || self.is_within_with_fees(&left.asked, &terms, &limit, memo))
            {
                continue;
            }
            match (left.misses, left.unknown) {
                (true, _) => near -= 1,
                (false, true) => (incomplete, near) = (incomplete - 1, near + 1),
                (false, false) => (eligible, near) = (eligible - 1, near + 1),
            }
        }
        self.counts([eligible, incomplete, near])
    }

    /// As [`Catalogue::count_one`], with every cost taken as within its limit.
    pub fn count_whatever_it_costs(&self, applicant: &Applicant, need: &Need, scratch: &mut Scratch) -> Counts {
        self.sift(applicant, need, scratch);
        self.counts(scratch.counted.totals())
    }

    fn counts(&self, [eligible, incomplete, near]: [usize; 3]) -> Counts {
        Counts {
            eligible,
            incomplete,
            near,
            ineligible: self.products.len() - eligible - incomplete - near,
        }
    }

    /// All checks of all products but that of the cost.
    fn sift(&self, applicant: &Applicant, need: &Need, scratch: &mut Scratch) {
        let Scratch { picked, counted, .. } = scratch;
        self.sieve.pick(applicant, need, self.as_of, &self.criteria, picked);
        self.sieve.count(picked, counted);
    }

    /// All checks of all products but that of the cost; then what there is to be priced of those that miss one at most.
    ///
    /// Both passes ask for nothing that would make the processor wait, so that it fetches many products at a time.
    fn sift_and_ask(&self, applicant: &Applicant, need: &Need, scratch: &mut Scratch) -> Terms {
        self.sift(applicant, need, scratch);
        let Scratch { counted, left, .. } = scratch;
        let terms = self.terms(applicant.verified_tier(), Wish::of(need));
        left.clear();
        counted.each(|product, misses, unknown| {
            left.push(Left {
                product,
                misses,
                unknown,
                asked: self.asked_price(&self.cards[product as usize], &terms),
            });
        });
        terms
    }

    fn find_rows(&self, applicant: &Applicant, need: &Need, page: Page, scratch: &mut Scratch) {
        let terms = self.sift_and_ask(applicant, need, scratch);
        let Scratch {
            memo,
            left,
            eligible,
            incomplete,
            near,
            states,
            unknown: keys,
            ..
        } = scratch;
        self.criteria.try_all(applicant, states);
        memo.belong_to(self);
        keys.clear();
        eligible.start(page, true);
        incomplete.start(page, false);
        near.start(page, true);
        let limit = CostLimit::new(need.max_cost_bp, need.term_months);
        for left in left {
            let asked = &left.asked;
            let is_priced = page == Page::ALL || asked.is_free_of_fees();
            let best = if is_priced {
                self.cheapest(asked, &terms, memo)
            } else {
                memo.without_fees(asked, need.term_months)
            };
            let is_within = keeps_limit(asked, best, need.max_cost_bp)
                && (is_priced || self.is_within_with_fees(asked, &terms, &limit, memo));
            if left.misses && !is_within {
                continue;
            }
            let cost = best.map_or(f64::INFINITY, |(_, cost)| cost);
            let is_near = left.misses || !is_within;
            let rows = match (is_near, left.unknown) {
                (true, _) => &mut *near,
                (false, true) => &mut *incomplete,
                (false, false) => &mut *eligible,
            };
            if !rows.takes(cost) {
                continue;
            }
            let mut row = Row {
                cost,
                rate_bp: asked.rate_bp,
                rank: self.cards[left.product as usize].rank,
                product: left.product,
                repayment: best.map(|(repayment, _)| repayment),
                is_priced,
                miss: if is_within {
                    Miss::None
                } else {
                    Miss::BuiltIn(BuiltIn::MaxCost)
                },
                unknown_from: 0,
                unknown_count: 0,
            };
            if left.unknown && !is_near {
                self.explain_row(&mut row, applicant, need, states, keys);
            }
            rows.push(row, page, self.products.len());
        }
    }

    fn explain_row(
        &self,
        row: &mut Row,
        applicant: &Applicant,
        need: &Need,
        states: &States,
        unknown: &mut Vec<UnknownKey>,
    ) {
        let from = unknown.len();
        let miss = self.reasons(row.product, applicant, need, states, unknown);
        if row.miss == Miss::None {
            row.miss = miss;
        }
        row.unknown_from = position(from);
        row.unknown_count = u8::try_from(unknown.len() - from).unwrap_or(u8::MAX);
    }
}
