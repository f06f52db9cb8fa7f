//! One request against every product: the verdicts, and then the rows of those that miss at most one check.

use super::applicant::Applicant;
use super::compile::Catalogue;
use super::cost::{Memo, Terms};
use super::criteria::States;
use super::planes::{Counted, Listed, Picked, WORD_BITS, products};
use super::rows::{Counts, Page, Rows, UnknownKey};
use super::search::{Found, Search};
use super::wish::Wish;
use crate::domain::request::Need;
use crate::finance::cost_limit::{CostLimit, ORDINARY_RATE_BP, is_within_bp};

/// What a request leaves behind for the next one to reuse: no allocation per request, once warm.
#[derive(Default)]
pub struct Scratch {
    memo: Memo,
    picked: Picked,
    counted: Counted,
    states: States,
    eligible: Rows,
    incomplete: Rows,
    near: Rows,
    unknown: Vec<UnknownKey>,
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
        let terms = Terms::new(applicant.verified_tier(), Wish::of(need));
        self.judge(applicant, need, &terms, scratch);
        let Scratch {
            eligible,
            incomplete,
            near,
            states,
            unknown,
            memo,
            counted,
            ..
        } = scratch;
        self.criteria.try_all(applicant, states);
        unknown.clear();
        for (rows, count) in [&mut *eligible, &mut *incomplete, &mut *near]
            .into_iter()
            .zip(counted.totals())
        {
            rows.start(count);
        }
        let search = Search {
            catalogue: self,
            applicant,
            need,
            terms: &terms,
            counted,
            states,
            page,
        };
        let mut found = Found { memo, unknown };
        search.list(Listed::Eligible, eligible, &mut found);
        search.list(Listed::Incomplete, incomplete, &mut found);
        search.list(Listed::Near, near, &mut found);
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
        let terms = Terms::new(applicant.verified_tier(), Wish::of(need));
        self.judge(applicant, need, &terms, scratch);
        self.counts(scratch.counted.totals())
    }

    /// As [`Catalogue::count_one`], with every cost taken as within its limit.
    pub fn count_whatever_it_costs(&self, applicant: &Applicant, need: &Need, scratch: &mut Scratch) -> Counts {
        self.sift(applicant, need, scratch);
        self.counts(scratch.counted.totals())
    }

    /// Reads once more, and only reads, what the last count read of the planes: no count can be faster. It is what
    /// `benches/engine` holds the counts against.
    #[must_use]
    pub fn read_planes_again(&self, scratch: &Scratch) -> u64 {
        self.sieve.read(&scratch.picked)
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

    /// All checks of all products.
    ///
    /// Whether a product without fees keeps the limit of the cost, its rate says; so does it of one with fees that breaks it
    /// without them. Only the others are looked at one by one.
    fn judge(&self, applicant: &Applicant, need: &Need, terms: &Terms, scratch: &mut Scratch) {
        self.sift(applicant, need, scratch);
        let Scratch { counted, memo, .. } = scratch;
        memo.belong_to(self);
        let limit = CostLimit::new(need.max_cost_bp, need.term_months);
        let most = memo.most_rates(limit.pct(), need.term_months, |cost| {
            is_within_bp(cost, need.max_cost_bp)
        });
        let highest = self.prices.highest(terms.column);
        let some_are_dear = highest > most.level_bp.min(most.bullet_bp);
        let limits = self.prices.limits(terms.column, most);
        // Without a limit only those are looked at that may have no cost at all.
        let rates_have_a_cost = need.max_cost_bp.is_none() && i64::from(highest) <= ORDINARY_RATE_BP;
        for word in 0..counted.len() {
            let left = counted.left(word);
            let ways = self.sieve.ways(terms.wish.codes.methods(), word);
            let mut dear = 0;
            if left != 0 {
                if some_are_dear {
                    dear = self.prices.dearer(terms.column, word, &limits, ways, left);
                }
                let charging = if rates_have_a_cost {
                    self.sieve.charging_much(word)
                } else {
                    self.sieve.charging(word)
                };
                for product in products(word, left & !dear & !ways.none & charging) {
                    let asked = self.asked_price(product, terms);
                    let keeps = self.keeps_limit(&asked, terms, &limit, memo);
                    dear |= u64::from(!keeps) << (product as usize % WORD_BITS);
                }
            }
            counted.miss_cost(dear);
        }
    }
}
