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
//! Requests of one enterprise stand together ([`Book::settle`]), so that from one to the next what is looked up lies near.
//! What changes is written where it stands, and nothing else of the book has to follow.

use super::applicant::{Applicant, bit};
use super::compile::position;
use super::cores;
use super::criteria::{Criteria, Step, StepKind};
use super::wish::{CodeBits, Wish};
use crate::domain::dates::Day;
use crate::domain::facts::{FACT_COUNT, FACTS, FactKey};
use crate::domain::money::Fen;
use crate::domain::request::Need;
use std::collections::HashMap;

const WORD_BITS: usize = u64::BITS as usize;

/// An enterprise's place in a book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firm(u32);

impl Firm {
    pub(super) const fn place(self) -> usize {
        self.0 as usize
    }
}

/// A request's number in a book, which stays when its place changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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

/// All requests, by their places. What each product is held against stands apart from the rest, which is seldom looked at.
pub(super) struct Requests<I> {
    pub firms: Vec<Firm>,
    pub amounts: Vec<i64>,
    pub terms: Vec<u16>,
    pub codes: Vec<CodeBits>,
    /// The most that each may cost a year, in bp; [`NO_LIMIT`] for any.
    pub limits: Vec<i32>,
    /// What the project of each costs; [`NO_COST`] where it does not say.
    pub project_costs: Vec<i64>,
    pub loans: Vec<Option<OldLoan>>,
    /// The number of each bank that has lent.
    banks: HashMap<String, u32>,
    pub entries: Vec<Entry>,
    /// The place of each entry.
    places: Vec<u32>,
    /// By entry; none where a request was taken out.
    pub ids: Vec<Option<I>>,
    free: Vec<Entry>,
}

/// A loan that a request is to follow: an [`ExistingLoan`] without a text.
///
/// [`ExistingLoan`]: crate::domain::request::ExistingLoan
#[derive(Clone, Copy)]
pub(super) struct OldLoan {
    pub matures_on: Day,
    pub balance_fen: i64,
    pub bank: u32,
}

/// No limit to what a request may cost.
pub(super) const NO_LIMIT: i32 = i32::MAX;

/// No project cost; a form takes none below 0.
const NO_COST: i64 = -1;

/// Puts at each place what stands at the place that `order` says.
fn arrange<T: Default>(column: &mut Vec<T>, order: &[u32]) {
    let arranged = order.iter().map(|place| std::mem::take(&mut column[*place as usize]));
    *column = arranged.collect();
}

impl<I> Requests<I> {
    fn place(&self, entry: Entry) -> usize {
        self.places[entry.0 as usize] as usize
    }

    /// The ids of the requests at these places, in the order in which they were added.
    pub(super) fn ids_at(&self, places: &[usize]) -> Vec<I>
    where
        I: Clone,
    {
        let mut entries: Vec<Entry> = places.iter().map(|place| self.entries[*place]).collect();
        entries.sort_unstable();
        let ids = entries.iter().filter_map(|entry| self.ids[entry.0 as usize].clone());
        ids.collect()
    }

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

    /// The number of a bank, where it has lent to somebody.
    pub(super) fn bank(&self, code: &str) -> Option<u32> {
        self.banks.get(code).copied()
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
                banks: HashMap::new(),
                entries: Vec::new(),
                places: Vec::new(),
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
            let entry = Entry(position(requests.ids.len()));
            requests.entries.push(entry);
            requests.places.push(entry.0);
            requests.ids.push(None);
            entry
        });
        let place = requests.place(entry);
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
        requests.loans[place] = need.existing_loan.map(|loan| {
            let bank = position(requests.banks.len());
            OldLoan {
                matures_on: loan.matures_on,
                balance_fen: loan.balance_fen.get(),
                bank: *requests.banks.entry(loan.bank).or_insert(bank),
            }
        });
        requests.ids[entry.0 as usize] = Some(id);
        entry
    }

    /// Puts the requests of each enterprise beside each other. What is added later stands behind, as good but slower to read.
    pub fn settle(&mut self) {
        let requests = &mut self.requests;
        let mut order: Vec<u32> = (0..position(requests.firms.len())).collect();
        order.sort_by_key(|place| requests.firms[*place as usize]);
        arrange(&mut requests.firms, &order);
        arrange(&mut requests.amounts, &order);
        arrange(&mut requests.terms, &order);
        arrange(&mut requests.codes, &order);
        arrange(&mut requests.limits, &order);
        arrange(&mut requests.project_costs, &order);
        arrange(&mut requests.loans, &order);
        arrange(&mut requests.entries, &order);
        for (place, entry) in requests.entries.iter().enumerate() {
            requests.places[entry.0 as usize] = position(place);
        }
    }

    /// Takes a request out. Its entry may be another's from then on.
    pub fn remove(&mut self, entry: Entry) {
        let place = self.requests.place(entry);
        if self.requests.ids[entry.0 as usize].take().is_some() {
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

/// How an enterprise stands to the criteria of a product: what is asked of it for each of its requests, in one byte, so that
/// those of 200,000 enterprises stay near the processor.
///
/// From the lowest bit: unmet ones, 0, 1, or 2 for more (2 bits); whether one is unknown (1 bit); one more than the tier that
/// discounts go by, as [`Applicant::verified_tier`], 0 for none.
#[derive(Clone, Copy, Default)]
pub(super) struct Standing(u8);

impl Standing {
    const UNKNOWN_BIT: u8 = 2;
    const TIER_BIT: u8 = 3;

    pub(super) const fn misses(self) -> u8 {
        self.0 & 0b11
    }

    pub(super) const fn is_unknown(self) -> bool {
        self.0 >> Self::UNKNOWN_BIT & 1 == 1
    }

    pub(super) fn tier(self) -> Option<usize> {
        usize::from(self.0 >> Self::TIER_BIT).checked_sub(1)
    }
}

/// How all enterprises stand.
pub(super) struct Standings {
    all: Vec<Standing>,
    /// Place of the first unmet one among the product's criteria.
    first: Vec<u16>,
}

impl Standings {
    #[inline]
    pub(super) fn of(&self, firm: Firm) -> Standing {
        self.all[firm.place()]
    }

    /// The one criterion that an enterprise does not meet, by its place.
    pub(super) fn missed(&self, firm: Firm) -> Option<u16> {
        (self.of(firm).misses() == 1).then(|| self.first[firm.place()])
    }
}

impl Firms {
    /// What the criteria with these numbers come to, enterprise by enterprise.
    pub(super) fn standings(&self, criteria: &Criteria, numbers: &[u32]) -> Standings {
        let mut all = vec![Standing::default(); self.count];
        let mut first = vec![0; self.count];
        let share = cores::share(self.count.div_ceil(WORD_BITS), LEAST_WORDS_A_THREAD);
        let parts = all
            .chunks_mut(share * WORD_BITS)
            .zip(first.chunks_mut(share * WORD_BITS));
        cores::spread(parts.enumerate().collect(), |(part, (all, first))| {
            let words = all.chunks_mut(WORD_BITS).zip(first.chunks_mut(WORD_BITS));
            for (word, (standings, first)) in words.enumerate() {
                self.stand(part * share + word, criteria, numbers, standings, first);
            }
        });
        Standings { all, first }
    }

    /// Holds the enterprises of a word against the criteria.
    fn stand(&self, word: usize, criteria: &Criteria, numbers: &[u32], standings: &mut [Standing], first: &mut [u16]) {
        let (mut ones, mut twos, mut any_unknown) = (0, 0, 0);
        for (place, number) in numbers.iter().enumerate() {
            let (unmet, unknown) = self.try_word(word, criteria, criteria.step(*number));
            let mut new = unmet & !ones;
            while new != 0 {
                // Behind the last enterprise there are bits, but no places.
                if let Some(first) = first.get_mut(new.trailing_zeros() as usize) {
                    *first = u16::try_from(place).unwrap_or(u16::MAX);
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
            let tier = at(told) * u8::try_from(tier + 1).unwrap_or(0);
            *standing = Standing(
                (at(ones) + at(twos)) | (at(any_unknown) << Standing::UNKNOWN_BIT) | (tier << Standing::TIER_BIT),
            );
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
