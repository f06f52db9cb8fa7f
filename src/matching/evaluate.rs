//! One request against every product: the verdicts, and the rows of those that miss at most one check.

use super::applicant::Applicant;
use super::compile::{Catalogue, position};
use super::cost::{Memo, Terms, is_within};
use super::criteria::States;
use super::planes::{Counted, Listed, Picked, WORD_BITS, products};
use super::rows::{Counts, Miss, Page, Row, Rows, UnknownKey};
use super::wish::Wish;
use crate::domain::request::Need;
use crate::domain::verdict::BuiltIn;
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
        self.judge(applicant, need, &terms, page == Page::ALL, scratch);
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
        self.find_rows(Listed::Eligible, &terms, page, counted, memo, eligible);
        self.find_rows(Listed::Incomplete, &terms, page, counted, memo, incomplete);
        self.find_rows(Listed::Near, &terms, page, counted, memo, near);
        let mut price = |row: &mut Row| {
            let asked = self.asked_price(row.product, &terms);
            row.price(self.cheapest(&asked, &terms, memo));
        };
        eligible.arrange(page, &mut price);
        near.arrange(page, &mut price);
        incomplete.arrange(page, &mut |row| {
            self.explain_row(row, applicant, need, states, unknown);
            price(row);
        });
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
        let terms = Terms::new(applicant.verified_tier(), Wish::of(need));
        self.judge(applicant, need, &terms, false, scratch);
        self.counts(scratch.counted.totals())
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

    /// All checks of all products.
    ///
    /// Whether a product without fees keeps the limit of the cost, its rate says; so does it of one with fees that breaks it
    /// without them. Only the others are looked at one by one.
    fn judge(&self, applicant: &Applicant, need: &Need, terms: &Terms, every_cost: bool, scratch: &mut Scratch) {
        self.sift(applicant, need, scratch);
        let Scratch { counted, memo, .. } = scratch;
        memo.belong_to(self);
        let limit = CostLimit::new(need.max_cost_bp, need.term_months);
        let most = memo.most_rates(limit.pct(), need.term_months, |cost| {
            is_within_bp(cost, need.max_cost_bp)
        });
        let highest = self.prices.highest(terms.column);
        let some_are_dear = highest > most.level_bp.min(most.bullet_bp);
        // Without a limit only those are looked at that may have no cost at all.
        let rates_have_a_cost = need.max_cost_bp.is_none() && i64::from(highest) <= ORDINARY_RATE_BP;
        for word in 0..counted.len() {
            let left = counted.left(word);
            let ways = self.sieve.ways(terms.wish.codes.methods(), word);
            let mut dear = 0;
            if left != 0 {
                if some_are_dear {
                    dear = left & self.prices.dearer(terms.column, word, most, ways);
                }
                let charging = if rates_have_a_cost {
                    self.sieve.charging_much(word)
                } else {
                    self.sieve.charging(word)
                };
                for product in products(word, left & !dear & !ways.none & charging) {
                    let asked = self.asked_price(product, terms);
                    // Where every row is wanted, so is its cost, which says more than the limit needs.
                    let keeps = if every_cost {
                        is_within(&asked, self.cheapest(&asked, terms, memo), need.max_cost_bp)
                    } else {
                        self.keeps_limit(&asked, terms, &limit, memo)
                    };
                    dear |= u64::from(!keeps) << (product as usize % WORD_BITS);
                }
            }
            counted.miss_cost(dear);
        }
    }

    /// The rows of one list, as far as they may be on the page.
    fn find_rows(&self, list: Listed, terms: &Terms, page: Page, counted: &Counted, memo: &mut Memo, rows: &mut Rows) {
        let term_months = terms.wish.term_months;
        rows.start(counted.total(list), page, list != Listed::Incomplete);
        let mut most = None;
        for word in 0..counted.len() {
            let mut listed = counted.listed(list, word);
            if let Some(most) = most.filter(|_| listed != 0) {
                let ways = self.sieve.ways(terms.wish.codes.methods(), word);
                listed &= !ways.none & !self.prices.dearer(terms.column, word, most, ways);
            }
            for product in products(word, listed) {
                let asked = self.asked_price(product, terms);
                // Of an incomplete one it takes more to tell its place: the keys that are not known.
                let is_priced = list != Listed::Incomplete && (page == Page::ALL || asked.is_free_of_fees());
                let best = if is_priced {
                    self.cheapest(&asked, terms, memo)
                } else {
                    memo.without_fees(&asked, term_months)
                };
                let is_dear = counted.dear(word) >> (product as usize % WORD_BITS) & 1 == 1;
                let is_full = rows.push(Row {
                    cost: best.map_or(f64::INFINITY, |(_, cost)| cost),
                    rate_bp: asked.rate_bp,
                    rank: self.ranks[product as usize],
                    product,
                    repayment: best.map(|(repayment, _)| repayment),
                    is_priced,
                    miss: if is_dear {
                        Miss::BuiltIn(BuiltIn::MaxCost)
                    } else {
                        Miss::None
                    },
                    unknown_from: 0,
                    unknown_count: u8::from(list == Listed::Incomplete),
                });
                if is_full && let Some(cost) = rows.let_go(page, self.products.len()) {
                    most = Some(memo.most_rates(cost, term_months, |other| other <= cost));
                }
            }
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
