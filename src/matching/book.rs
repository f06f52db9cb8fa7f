//! The book: open requests and what is known of their enterprises, in columns, for one product to be tried on all.
//!
//! It is the forward match turned around. A product has few criteria, so each is tried on all enterprises at once, on the
//! one column that it asks about; what an enterprise comes to is then looked up by each of its requests:
//!
//! ```text
//! enterprises   revenue   150 420 600   ── revenue ≥ 300 ──►  standing: [misses it, fits, fits]
//! requests      of        0   1   1   2                       own checks, then standing[of]
//! ```
//!
//! Nearly all requests are out after that; only what misses at most one check is looked at by itself (`reverse`).
//! What changes is written where it stands, and nothing else of the book has to follow.

use super::applicant::{Applicant, bit};
use super::compile::position;
use super::cores;
use super::criteria::{Criteria, Step, StepKind};
use super::wish::{CodeBits, Wish};
use crate::domain::facts::{FACT_COUNT, FACTS, FactKey};
use crate::domain::money::Fen;
use crate::domain::request::{ExistingLoan, Need};

const WORD_BITS: usize = u64::BITS as usize;

/// An enterprise's place in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firm(u32);

impl Firm {
    pub(super) const fn place(self) -> usize {
        self.0 as usize
    }
}

/// A request's place in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry(u32);

/// Requests, each with its id, and the facts of their enterprises, each held once.
pub struct Book<I> {
    pub(super) firms: Firms,
    pub(super) requests: Requests<I>,
}

/// One fact of all enterprises.
#[derive(Clone, Default)]
struct Column {
    values: Vec<i64>,
    /// A bit each.
    known: Vec<u64>,
    verified: Vec<u64>,
}

/// The facts of all enterprises.
pub(super) struct Firms {
    columns: Vec<Column>,
    count: usize,
}

/// All requests. What each product is held against stands apart from the rest, which is seldom looked at.
pub(super) struct Requests<I> {
    pub firms: Vec<Firm>,
    pub amounts: Vec<i64>,
    pub terms: Vec<u16>,
    pub codes: Vec<CodeBits>,
    /// The most that each may cost a year, in bp; [`NO_LIMIT`] for any.
    pub limits: Vec<i32>,
    /// What the project of each costs; [`NO_COST`] where it does not say.
    pub project_costs: Vec<i64>,
    pub loans: Vec<Option<Box<ExistingLoan>>>,
    /// None where a request was taken out.
    pub ids: Vec<Option<I>>,
    free: Vec<Entry>,
}

/// No limit to what a request may cost.
pub(super) const NO_LIMIT: i32 = i32::MAX;

/// No project cost; a form takes none below 0.
const NO_COST: i64 = -1;

impl<I> Requests<I> {
    /// What the request at a place asks for.
    pub(super) fn wish(&self, place: usize) -> Wish {
        Wish {
            amount_fen: self.amounts[place],
            term_months: u32::from(self.terms[place]),
            codes: self.codes[place],
        }
    }

    /// What the project of the request at a place costs.
    pub(super) fn project_cost_fen(&self, place: usize) -> Option<i64> {
        let cost = self.project_costs[place];
        (cost != NO_COST).then_some(cost)
    }

    /// The limit of the request at a place.
    pub(super) fn limit_bp(&self, place: usize) -> Option<i64> {
        let limit = self.limits[place];
        (limit != NO_LIMIT).then_some(i64::from(limit))
    }
}

impl Default for Firms {
    fn default() -> Self {
        Self {
            columns: vec![Column::default(); FACT_COUNT],
            count: 0,
        }
    }
}

impl<I> Default for Book<I> {
    fn default() -> Self {
        Self {
            firms: Firms::default(),
            requests: Requests {
                firms: Vec::new(),
                amounts: Vec::new(),
                terms: Vec::new(),
                codes: Vec::new(),
                limits: Vec::new(),
                project_costs: Vec::new(),
                loans: Vec::new(),
                ids: Vec::new(),
                free: Vec::new(),
            },
        }
    }
}

impl<I> Book<I> {
    /// Adds an enterprise, as its facts hold on the day of the book.
    pub fn add_firm(&mut self, applicant: &Applicant) -> Firm {
        let firm = Firm(position(self.firms.count));
        self.firms.count += 1;
        for column in &mut self.firms.columns {
            column.values.push(0);
            let words = self.firms.count.div_ceil(WORD_BITS);
            column.known.resize(words, 0);
            column.verified.resize(words, 0);
        }
        self.change_firm(firm, applicant);
        firm
    }

    /// Writes down what is known of an enterprise now.
    pub fn change_firm(&mut self, firm: Firm, applicant: &Applicant) {
        let (word, place) = (firm.0 as usize / WORD_BITS, firm.0 as usize % WORD_BITS);
        let put =
            |words: &mut [u64], there: bool| words[word] = words[word] & !(1 << place) | u64::from(there) << place;
        for (column, spec) in self.firms.columns.iter_mut().zip(&FACTS) {
            column.values[firm.0 as usize] = applicant.values[spec.key as usize];
            put(&mut column.known, applicant.known & bit(spec.key) != 0);
            put(&mut column.verified, applicant.verified & bit(spec.key) != 0);
        }
    }

    /// Adds a request of an enterprise.
    pub fn add(&mut self, id: I, firm: Firm, need: Need) -> Entry {
        let requests = &mut self.requests;
        let entry = requests.free.pop().unwrap_or_else(|| {
            requests.firms.push(firm);
            requests.amounts.push(0);
            requests.terms.push(0);
            requests.codes.push(CodeBits::NONE);
            requests.limits.push(NO_LIMIT);
            requests.project_costs.push(NO_COST);
            requests.loans.push(None);
            requests.ids.push(None);
            Entry(position(requests.ids.len() - 1))
        });
        let place = entry.0 as usize;
        let wish = Wish::of(&need);
        requests.firms[place] = firm;
        requests.amounts[place] = wish.amount_fen;
        requests.terms[place] = u16::try_from(wish.term_months).unwrap_or(u16::MAX);
        requests.codes[place] = wish.codes;
        // A form takes none above 10,000 %.
        requests.limits[place] = need
            .max_cost_bp
            .map_or(NO_LIMIT, |limit| i32::try_from(limit).unwrap_or(NO_LIMIT));
        requests.project_costs[place] = need.project_cost_fen.map_or(NO_COST, Fen::get);
        requests.loans[place] = need.existing_loan.map(Box::new);
        requests.ids[place] = Some(id);
        entry
    }

    /// Takes a request out. Its place may be another's from then on.
    pub fn remove(&mut self, entry: Entry) {
        let place = entry.0 as usize;
        if self.requests.ids[place].take().is_some() {
            self.requests.codes[place] = CodeBits::NONE;
            self.requests.free.push(entry);
        }
    }

    /// How many requests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests.ids.len() - self.requests.free.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A fact of an enterprise, where it is known.
    pub(super) fn value(&self, firm: Firm, fact: FactKey) -> Option<i64> {
        let (word, place) = (firm.0 as usize / WORD_BITS, firm.0 as usize % WORD_BITS);
        let column = &self.firms.columns[fact as usize];
        (column.known[word] >> place & 1 == 1).then(|| column.values[firm.0 as usize])
    }
}

/// Words of 64 enterprises; fewer are not worth another thread.
const LEAST_WORDS_A_THREAD: usize = 256;

/// How an enterprise stands to the criteria of a product: all that is asked of it for each of its requests, in four bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Standing {
    /// Place of the first unmet one among the product's criteria.
    first: u16,
    /// One more than the tier that discounts go by, as [`Applicant::verified_tier`]; 0 for none.
    tier: u8,
    /// Unmet ones, 0, 1, or 2 for more; and [`Standing::UNKNOWN`] where one is unknown.
    found: u8,
}

impl Standing {
    const UNKNOWN: u8 = 0x80;

    pub(super) const fn misses(self) -> u8 {
        self.found & !Self::UNKNOWN
    }

    pub(super) const fn is_unknown(self) -> bool {
        self.found & Self::UNKNOWN != 0
    }

    /// The one criterion that is unmet, by its place.
    pub(super) fn missed(self) -> Option<u16> {
        (self.misses() == 1).then_some(self.first)
    }

    pub(super) fn tier(self) -> Option<usize> {
        usize::from(self.tier).checked_sub(1)
    }
}

impl Firms {
    /// What the criteria with these numbers come to, enterprise by enterprise.
    pub(super) fn standings(&self, criteria: &Criteria, numbers: &[u32]) -> Vec<Standing> {
        let mut standings = vec![Standing::default(); self.count];
        let share = cores::share(self.count.div_ceil(WORD_BITS), LEAST_WORDS_A_THREAD);
        let parts = standings.chunks_mut(share * WORD_BITS).enumerate().collect();
        cores::spread(parts, |(part, standings): (usize, &mut [Standing])| {
            for (word, standings) in standings.chunks_mut(WORD_BITS).enumerate() {
                self.stand(part * share + word, criteria, numbers, standings);
            }
        });
        standings
    }

    /// Holds the enterprises of a word against the criteria.
    fn stand(&self, word: usize, criteria: &Criteria, numbers: &[u32], standings: &mut [Standing]) {
        let (mut ones, mut twos, mut any_unknown) = (0, 0, 0);
        for (place, number) in numbers.iter().enumerate() {
            let (unmet, unknown) = self.try_word(word, criteria, criteria.step(*number));
            let mut new = unmet & !ones;
            while new != 0 {
                // Behind the last enterprise there are bits, but no places.
                if let Some(standing) = standings.get_mut(new.trailing_zeros() as usize) {
                    standing.first = u16::try_from(place).unwrap_or(u16::MAX);
                }
                new &= new - 1;
            }
            twos |= ones & unmet;
            ones |= unmet;
            any_unknown |= unknown;
        }
        let tiers = &self.columns[FactKey::Tier as usize];
        let told = tiers.known[word] & tiers.verified[word];
        for (firm, (standing, tier)) in standings.iter_mut().zip(&tiers.values[word * WORD_BITS..]).enumerate() {
            let at = |bits: u64| (bits >> firm & 1) as u8;
            standing.found = at(ones) + at(twos) + at(any_unknown) * Standing::UNKNOWN;
            standing.tier = at(told) * u8::try_from(tier + 1).unwrap_or(0);
        }
    }

    /// Which of the 64 enterprises of a word do not meet a criterion, and of which it is not known.
    fn try_word(&self, word: usize, criteria: &Criteria, step: Step) -> (u64, u64) {
        if step.kind != StepKind::Any {
            let (known, holds) = self.try_plain(word, criteria, step);
            return (known & !holds, !known);
        }
        let (mut met, mut unknown) = (0, 0);
        for member in criteria.members_of(step) {
            let (known, holds) = self.try_plain(word, criteria, *member);
            met |= known & holds;
            unknown |= !known;
        }
        (!met & !unknown, !met & unknown)
    }

    /// Of which the fact is known well enough, and for which the comparison holds.
    fn try_plain(&self, word: usize, criteria: &Criteria, step: Step) -> (u64, u64) {
        let column = &self.columns[step.fact as usize];
        let known = column.known[word] & if step.verified { column.verified[word] } else { u64::MAX };
        let from = word * WORD_BITS;
        let values = &column.values[from..self.count.min(from + WORD_BITS)];
        // One loop a comparison, so that none asks in it which it is.
        let holds = match step.kind {
            StepKind::AtLeast => each_bit(values, |value| value >= step.value),
            StepKind::AtMost => each_bit(values, |value| value <= step.value),
            _ => each_bit(values, |value| criteria.holds(step, value)),
        };
        (known, holds)
    }
}

/// A bit for each value.
fn each_bit(values: &[i64], holds: impl Fn(i64) -> bool) -> u64 {
    let bits = values
        .iter()
        .enumerate()
        .map(|(place, value)| u64::from(holds(*value)) << place);
    bits.fold(0, |all, bit| all | bit)
}
