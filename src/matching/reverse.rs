//! The reverse: one product against a book of requests, exactly as matching each request forward would say.

use super::book::{Book, Firm, OldLoan, Standings};
use super::compile::{Card, Catalogue};
use super::cores;
use super::cost::{Memo, Terms, is_within};
use super::reasons::{cap_state, card_misses};
use super::wide::{Work, widest};
use super::wish::CodeBits;
use crate::domain::codes::Code;
use crate::domain::criteria::{Criterion, State};
use crate::domain::dates::Day;
use crate::domain::product::CapBase;
use crate::domain::verdict::{BuiltIn, KeepsOut, Simulation};
use std::ops::{Range, RangeInclusive};

/// What becomes of the most that an enterprise wants to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// It counts, as in a match.
    Kept,
    /// It counts as met, so that nothing of it can be found out.
    TakenAsMet,
}

/// How many requests are looked at together: their counters fit into the processor's innermost cache.
const BLOCK: usize = 512;
/// Fewer requests than this are not worth another thread.
const LEAST_A_THREAD: usize = 50_000;

impl<I: Clone + Sync> Book<I> {
    /// Tries the only product of a catalogue on every request.
    #[must_use]
    pub fn simulate(&self, catalogue: &Catalogue, limits: Limits) -> Simulation<I> {
        let Some(card) = catalogue.cards.first() else {
            return Tally::new(0).told(self, catalogue);
        };
        let numbers: Vec<u32> = catalogue.numbers(card).filter(|number| *number != 0).collect();
        let trial = Trial {
            book: self,
            catalogue,
            card,
            standings: self.firms.standings(&catalogue.criteria, &numbers),
            renewal: (card.renewal != 0).then(|| {
                let renewal = &catalogue.renewals[card.renewal as usize];
                OldLoans {
                    window: renewal.window(catalogue.as_of),
                    lender: match &renewal.own_bank {
                        None => Lender::Anybody,
                        Some(bank) => self.requests.bank(bank).map_or(Lender::Nobody, Lender::Bank),
                    },
                }
            }),
            limits,
        };
        let requests = self.requests.entries.len();
        let share = cores::share(requests, LEAST_A_THREAD).next_multiple_of(BLOCK);
        let starts: Vec<usize> = (0..requests).step_by(share).collect();
        let mut tallies: Vec<Tally> = starts.iter().map(|_| Tally::new(numbers.len())).collect();
        cores::spread(starts.iter().zip(&mut tallies).collect(), |(start, tally)| {
            trial.run(*start..(start + share).min(requests), tally);
        });
        let tally = tallies.into_iter().fold(Tally::new(numbers.len()), Tally::plus);
        tally.told(self, catalogue)
    }
}

/// A product that is tried.
struct Trial<'a, I> {
    book: &'a Book<I>,
    catalogue: &'a Catalogue,
    card: &'a Card,
    /// By enterprise.
    standings: Standings,
    renewal: Option<OldLoans>,
    limits: Limits,
}

/// The loans that a product renews.
struct OldLoans {
    window: RangeInclusive<Day>,
    lender: Lender,
}

/// Who may have lent before.
enum Lender {
    Anybody,
    /// The bank with this number.
    Bank(u32),
    /// A bank that has lent to nobody.
    Nobody,
}

impl OldLoans {
    fn have(&self, loan: OldLoan, amount_fen: i64) -> bool {
        self.window.contains(&loan.matures_on)
            && amount_fen <= loan.balance_fen
            && match self.lender {
                Lender::Anybody => true,
                Lender::Bank(number) => number == loan.bank,
                Lender::Nobody => false,
            }
    }
}

/// The one check that keeps a request out.
enum Alone {
    BuiltIn(BuiltIn),
    /// Place among the product's criteria.
    Criterion(u16),
}

/// What a request misses, as far as it was looked at.
struct Missed {
    count: u8,
    /// None where the request's own terms are all that is missed.
    last: Option<Alone>,
}

impl Missed {
    const fn add(&mut self, code: BuiltIn) {
        self.count = self.count.saturating_add(1);
        self.last = Some(Alone::BuiltIn(code));
    }
}

impl<I> Trial<'_, I> {
    fn run(&self, requests: Range<usize>, tally: &mut Tally) {
        let mut memo = Memo::small();
        let (mut misses, mut left) = ([0; BLOCK], [0; BLOCK]);
        for start in requests.clone().step_by(BLOCK) {
            let block = start..requests.end.min(start + BLOCK);
            let misses = &mut misses[..block.len()];
            let requests = &self.book.requests;
            widest(OwnMisses {
                card: self.card,
                codes: &requests.codes[block.clone()],
                terms: &requests.terms[block.clone()],
                amounts: &requests.amounts[block.clone()],
                misses,
            });
            let firms = &requests.firms[block];
            // Twice without a branch, that a processor could not foresee: who is left by its own terms, who by its facts.
            let mut own = 0;
            for (place, misses) in misses.iter().enumerate() {
                left[own] = place;
                own += usize::from(*misses <= 1);
            }
            let mut both = 0;
            for at in 0..own {
                let place = left[at];
                left[both] = place;
                misses[place] += self.standings.of(firms[place]).misses();
                both += usize::from(misses[place] <= 1);
            }
            for &place in &left[..both] {
                self.look(start + place, misses[place], &mut memo, tally);
            }
        }
    }

    /// The checks that few requests come to, and what the request comes to with them.
    fn look(&self, place: usize, misses: u8, memo: &mut Memo, tally: &mut Tally) {
        let (requests, catalogue, card) = (&self.book.requests, self.catalogue, self.card);
        let (firm, wish) = (requests.firms[place], requests.wish(place));
        let standing = self.standings.of(firm);
        let mut unmet = Missed {
            count: misses,
            last: self.standings.missed(firm).map(Alone::Criterion),
        };
        let mut unknown = standing.is_unknown();
        if card.is_special() {
            self.special_checks(place, firm, wish.amount_fen, &mut unmet, &mut unknown);
        }
        if unmet.count <= 1 {
            let terms = Terms::new(standing.tier(), wish);
            let asked = catalogue.asked_price(0, &terms);
            let limit = requests.limit_bp(place).filter(|_| self.limits == Limits::Kept);
            let is_kept = limit.is_none() && catalogue.has_cost_for_sure(&asked, &terms)
                || is_within(&asked, catalogue.cheapest(&asked, &terms, memo), limit);
            if !is_kept {
                unmet.add(BuiltIn::MaxCost);
            }
        }
        match (unmet.count, unmet.last) {
            (0, _) if unknown => tally.incomplete += 1,
            (0, _) => tally.eligible.push(place),
            (1, Some(Alone::BuiltIn(code))) => tally.built_in[code.index()] += 1,
            (1, Some(Alone::Criterion(place))) => tally.criteria[usize::from(place)] += 1,
            (1, None) => tally.built_in[card_misses(card, &wish).trailing_zeros() as usize] += 1,
            _ => {}
        }
    }

    /// Amount caps and the existing loan.
    fn special_checks(&self, place: usize, firm: Firm, amount_fen: i64, missed: &mut Missed, unknown: &mut bool) {
        let (requests, catalogue, card) = (&self.book.requests, self.catalogue, self.card);
        if let Some(renewal) = &self.renewal
            && !requests.loans[place].is_some_and(|loan| renewal.have(loan, amount_fen))
        {
            missed.add(BuiltIn::ExistingLoan);
        }
        for cap in &catalogue.caps[card.caps()] {
            let value = match cap.of {
                CapBase::Fact(fact) => self.book.value(firm, fact),
                CapBase::ProjectCost => requests.project_cost_fen(place),
            };
            match cap_state(cap, value, amount_fen) {
                State::Met => {}
                State::Unmet => missed.add(BuiltIn::AmountCap),
                State::Unknown => *unknown = true,
            }
        }
    }
}

/// Counts what requests miss by what they say themselves, one check after the other over all of them.
struct OwnMisses<'a> {
    card: &'a Card,
    codes: &'a [CodeBits],
    terms: &'a [u16],
    amounts: &'a [i64],
    misses: &'a mut [u8],
}

impl Work for OwnMisses<'_> {
    type Done = ();

    #[expect(clippy::inline_always, reason = "compiled once for each width of register")]
    #[inline(always)]
    fn work(self) {
        let Self { card, misses, .. } = self;
        let closed = u8::from(card.closed != 0);
        // The least is not above the most, so at most one of the two is missed; what is below the least becomes, less it, a
        // number without sign above all: one comparison for both.
        for (misses, codes) in misses.iter_mut().zip(self.codes) {
            *misses = closed + codes.misses(card.codes);
        }
        for (misses, term) in misses.iter_mut().zip(self.terms) {
            *misses += u8::from(term.wrapping_sub(card.term_min) > card.term_max - card.term_min);
        }
        let span = card.amount_max.abs_diff(card.amount_min);
        for (misses, amount) in misses.iter_mut().zip(self.amounts) {
            *misses += u8::from(amount.wrapping_sub(card.amount_min).cast_unsigned() > span);
        }
    }
}

/// What became of requests.
struct Tally {
    /// Places of those that fit.
    eligible: Vec<usize>,
    incomplete: u64,
    /// Those that one check alone keeps out: by place in [`BuiltIn`]'s table, and by place of the criterion.
    built_in: [u64; BuiltIn::ALL.len()],
    criteria: Vec<u64>,
}

impl Tally {
    fn new(criteria: usize) -> Self {
        Self {
            eligible: Vec::new(),
            incomplete: 0,
            built_in: [0; BuiltIn::ALL.len()],
            criteria: vec![0; criteria],
        }
    }

    fn plus(mut self, other: Self) -> Self {
        self.eligible.extend(other.eligible);
        self.incomplete += other.incomplete;
        let others = other.built_in.iter().chain(&other.criteria);
        for (sum, other) in self.built_in.iter_mut().chain(&mut self.criteria).zip(others) {
            *sum += other;
        }
        self
    }

    fn told<I: Clone>(self, book: &Book<I>, catalogue: &Catalogue) -> Simulation<I> {
        let eligible = self.eligible.len() as u64;
        let near = self.built_in.iter().chain(&self.criteria).sum();
        Simulation {
            eligible,
            incomplete: self.incomplete,
            near,
            ineligible: book.len() as u64 - eligible - self.incomplete - near,
            eligible_ids: book.requests.ids_at(&self.eligible),
            keeps_out: self.keeps_out(catalogue),
        }
    }

    /// Most first; a check by its name and, for a criterion, its comparison.
    fn keeps_out(&self, catalogue: &Catalogue) -> Vec<KeepsOut> {
        let built_in = BuiltIn::ALL.iter().map(|code| (code.code(), None));
        let criteria = catalogue.products.first().map(|product| product.parsed_criteria());
        let criteria = criteria.unwrap_or_default().iter().map(|criterion| match criterion {
            Criterion::Plain(plain) => (plain.fact.code(), Some(plain.test.op())),
            Criterion::Any(_) => ("any", None),
        });
        let mut names: Vec<((&str, Option<&'static str>), u64)> = built_in
            .chain(criteria)
            .zip(self.built_in.iter().chain(&self.criteria).copied())
            .collect();
        // Several `any` have one name.
        names.sort_by_key(|(name, _)| *name);
        names.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            earlier.1 += if same { later.1 } else { 0 };
            same
        });
        names.retain(|(_, requests)| *requests > 0);
        names.sort_by_key(|(_, requests)| std::cmp::Reverse(*requests));
        let told = names.into_iter().map(|((check, op), requests)| KeepsOut {
            check: check.to_owned(),
            op,
            requests,
        });
        told.collect()
    }
}
