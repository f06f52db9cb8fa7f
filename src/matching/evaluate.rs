//! One request against every product: the verdicts, and the rows of those that miss at most one check.

use super::compile::{Applicant, Card, Catalogue, position};
use super::cost::{AskedPrice, Memo, Quote};
use super::criteria::{States, Step, StepKind};
use super::filter::Counters;
use super::rank::{self, Ranked};
use crate::domain::codes::{Code, Repayment, Set};
use crate::domain::criteria::State;
use crate::domain::facts::FACTS;
use crate::domain::product::CapBase;
use crate::domain::request::Need;
use crate::domain::verdict::BuiltIn;

/// What a request leaves behind for the next one to reuse: no allocation per request, once warm.
#[derive(Default)]
pub struct Scratch {
    memo: Memo,
    counters: Counters,
    states: States,
    candidates: Vec<u32>,
    found: Vec<Found>,
    prices: Vec<AskedPrice>,
    eligible: Rows,
    incomplete: Rows,
    near: Rows,
    unknown: Vec<UnknownKey>,
}

/// The rows of one verdict as they were found, and their order.
#[derive(Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    order: Vec<Ranked>,
}

impl Rows {
    /// The rows in their order.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.order.iter().map(|ranked| &self.rows[ranked.place()])
    }

    pub(super) fn first(&self) -> Option<&Row> {
        self.iter().next()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Something that is not known: a fact, or the request's project cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnknownKey(u8);

impl UnknownKey {
    /// Place 63 is no fact's: there are fewer.
    const PROJECT_COST: Self = Self(63);

    const fn of(base: CapBase) -> Self {
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
    /// Place among the product's caps.
    Cap(u16),
    /// Number of the criterion.
    Criterion(u32),
}

/// A product that misses at most one check, its cost not looked at yet.
#[derive(Clone, Copy)]
struct Found {
    product: u32,
    miss: Miss,
    unknown_from: u32,
    unknown_count: u32,
}

/// A product that misses at most one check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Percent; infinite where there is none, so that it sorts last.
    pub cost: f64,
    pub rank: u32,
    pub product: u32,
    pub rate_bp: i64,
    pub repayment: Option<Repayment>,
    pub miss: Miss,
    pub unknown_from: u32,
    pub unknown_count: u32,
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
    pub(super) ineligible: usize,
}

/// The checks of one product so far.
struct Tally {
    unmet: u32,
    miss: Miss,
    seen: u64,
}

impl Tally {
    fn miss(&mut self, miss: Miss) {
        self.unmet += 1;
        self.miss = miss;
    }

    fn unknown(&mut self, key: UnknownKey, keys: &mut Vec<UnknownKey>) {
        if self.seen & (1 << key.0) == 0 {
            self.seen |= 1 << key.0;
            keys.push(key);
        }
    }
}

impl MatchList<'_> {
    /// How many products fit.
    #[must_use]
    pub fn eligible_count(&self) -> usize {
        self.eligible.rows.len()
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
        self.criteria.try_all(applicant, &mut scratch.states);
        self.filter.count(applicant, need, &mut scratch.counters);
        self.fetch_candidates(&scratch.counters.twos, &mut scratch.candidates);
        self.check_candidates(applicant, need, scratch);
        self.price_found(applicant, need, scratch);
        rank::by_cost(&scratch.eligible.rows, &mut scratch.eligible.order);
        rank::by_unknown_then_cost(&scratch.incomplete.rows, &mut scratch.incomplete.order);
        rank::by_cost(&scratch.near.rows, &mut scratch.near.order);
        let rows = scratch.eligible.rows.len() + scratch.incomplete.rows.len() + scratch.near.rows.len();
        MatchList {
            catalogue: self,
            applicant,
            need,
            eligible: &scratch.eligible,
            incomplete: &scratch.incomplete,
            near: &scratch.near,
            unknown: &scratch.unknown,
            ineligible: self.cards.len() - rows,
        }
    }

    /// The products that the filter left, none of `out`.
    ///
    /// Something is read of each, so that it is in the cache when its turn comes: here nothing waits for what is
    /// read, so that the processor fetches many at a time.
    fn fetch_candidates(&self, out: &[u64], candidates: &mut Vec<u32>) {
        candidates.clear();
        let mut read = 0;
        for (word, out) in out.iter().enumerate() {
            let mut left = !out;
            while left != 0 {
                let product = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                // The last word has bits behind the last product.
                let Some(card) = self.cards.get(product) else { break };
                candidates.push(position(product));
                read ^= self.asked.get(card.asked().start).map_or(0, |eight| eight.0[0]);
            }
        }
        std::hint::black_box(read);
    }

    /// Finds those of the candidates that miss at most one check.
    fn check_candidates(&self, applicant: &Applicant, need: &Need, scratch: &mut Scratch) {
        scratch.found.clear();
        scratch.unknown.clear();
        for &product in &scratch.candidates {
            let first_unknown = scratch.unknown.len();
            let tally = self.check(product, applicant, need, &scratch.states, &mut scratch.unknown);
            if tally.unmet > 1 {
                scratch.unknown.truncate(first_unknown);
                continue;
            }
            scratch.found.push(Found {
                product,
                miss: tally.miss,
                unknown_from: position(first_unknown),
                unknown_count: tally.seen.count_ones(),
            });
        }
    }

    /// The checks of one product but for its cost, as far as it takes to find two that are unmet.
    #[inline]
    fn check(
        &self,
        product: u32,
        applicant: &Applicant,
        need: &Need,
        states: &States,
        unknown: &mut Vec<UnknownKey>,
    ) -> Tally {
        let card = &self.cards[product as usize];
        let misses = card_misses(card, need);
        let miss = Code::ALL.get(misses.trailing_zeros() as usize);
        let mut tally = Tally {
            unmet: misses.count_ones(),
            miss: miss.map_or(Miss::None, |code| Miss::BuiltIn(*code)),
            seen: 0,
        };
        if card.is_special() {
            self.special_checks(card, applicant, need, &mut tally, unknown);
        }
        for &eight in &self.asked[card.asked()] {
            let states = states.of(eight);
            for place in states.unmet() {
                tally.miss(Miss::Criterion(eight.0[place]));
            }
            if tally.unmet > 1 {
                break;
            }
            for place in states.unknown() {
                self.note_unknown(eight.0[place], applicant, &mut tally, unknown);
            }
        }
        tally
    }

    /// Prices what was found, and makes the rows of it.
    fn price_found(&self, applicant: &Applicant, need: &Need, scratch: &mut Scratch) {
        let Scratch {
            memo, found, prices, ..
        } = scratch;
        memo.belong_to(self);
        let terms = self.terms(applicant, need);
        prices.clear();
        prices.extend(
            found
                .iter()
                .map(|found| self.asked_price(&self.cards[found.product as usize], &terms)),
        );
        // As in `fetch_candidates`.
        std::hint::black_box(prices.iter().fold(0, |read, asked| read ^ memo.fetch(asked)));

        for rows in [&mut scratch.eligible, &mut scratch.incomplete, &mut scratch.near] {
            rows.rows.clear();
        }
        for (found, asked) in found.iter().zip(prices) {
            let quote = self.quote(asked, need, memo);
            let miss = match found.miss {
                miss if within_max_cost(need, asked.methods, &quote) => miss,
                Miss::None => Miss::BuiltIn(BuiltIn::MaxCost),
                _ => continue,
            };
            let rows = match miss {
                Miss::None if found.unknown_count == 0 => &mut scratch.eligible,
                Miss::None => &mut scratch.incomplete,
                _ => &mut scratch.near,
            };
            rows.rows.push(Row {
                cost: quote.best.map_or(f64::INFINITY, |(_, cost)| cost),
                rank: self.cards[found.product as usize].rank,
                product: found.product,
                rate_bp: quote.rate_bp,
                repayment: quote.best.map(|(repayment, _)| repayment),
                miss,
                unknown_from: found.unknown_from,
                unknown_count: found.unknown_count,
            });
        }
    }

    /// Amount caps and the existing loan, which few products have.
    fn special_checks(
        &self,
        card: &Card,
        applicant: &Applicant,
        need: &Need,
        tally: &mut Tally,
        unknown: &mut Vec<UnknownKey>,
    ) {
        if self.existing_loan_state(card, need) == State::Unmet {
            tally.miss(Miss::BuiltIn(BuiltIn::ExistingLoan));
        }
        let caps = &self.caps[card.caps()];
        for (place, cap) in caps.iter().enumerate() {
            match cap_value(cap.of, applicant, need) {
                None => tally.unknown(UnknownKey::of(cap.of), unknown),
                Some(value) if over_cap(need, value, cap.bp) => {
                    tally.miss(Miss::Cap(u16::try_from(place).unwrap_or(u16::MAX)));
                }
                Some(_) => {}
            }
        }
    }

    /// Whether the request has a loan that this product renews; met where it renews none.
    pub(super) fn existing_loan_state(&self, card: &Card, need: &Need) -> State {
        if card.renewal == 0 {
            return State::Met;
        }
        let Some(loan) = &need.existing_loan else {
            return State::Unmet;
        };
        let renewal = &self.renewals[card.renewal as usize];
        let days_left = loan.matures_on.days_since(self.as_of);
        let renews = (0..=i64::from(renewal.window_days)).contains(&days_left)
            && need.amount_fen <= loan.balance_fen
            && renewal.own_bank.as_ref().is_none_or(|bank| *bank == loan.bank);
        if renews { State::Met } else { State::Unmet }
    }

    /// The numbers of a product's criteria, in its order; behind them, 0 for nothing.
    pub(super) fn numbers(&self, card: &Card) -> impl Iterator<Item = u32> {
        self.asked[card.asked()].iter().flat_map(|eight| eight.0)
    }

    /// The criteria of a product, in its order.
    pub(super) fn steps(&self, card: &Card) -> impl Iterator<Item = Step> {
        let steps = self.numbers(card).map(|number| self.criteria.step(number));
        steps.filter(|step| step.kind != StepKind::Nothing)
    }

    /// Notes the fact of an unknown criterion, or those of an `any`'s unknown members.
    fn note_unknown(&self, number: u32, applicant: &Applicant, tally: &mut Tally, unknown: &mut Vec<UnknownKey>) {
        let step = self.criteria.step(number);
        if step.kind != StepKind::Any {
            tally.unknown(UnknownKey(step.fact as u8), unknown);
            return;
        }
        for &member in self.criteria.members_of(step) {
            if self.criteria.state(member, applicant) == State::Unknown {
                tally.unknown(UnknownKey(member.fact as u8), unknown);
            }
        }
    }
}

/// The built-in checks that a card alone settles, a bit for each that is unmet by its place in [`BuiltIn`].
pub(super) fn card_misses(card: &Card, need: &Need) -> u16 {
    const fn at(code: BuiltIn, unmet: bool) -> u16 {
        (unmet as u16) << code as u16
    }
    let amount = need.amount_fen.get();
    let term = need.term_months;
    let kinds = need.kinds.bits();
    let repayment = need.repayment.bits();
    card.closed
        | at(BuiltIn::Kind, kinds != 0 && kinds & card.kind == 0)
        | at(BuiltIn::Purpose, card.purposes & (1 << need.purpose.index()) == 0)
        | at(BuiltIn::AmountMin, amount < card.amount_min)
        | at(BuiltIn::AmountMax, amount > card.amount_max)
        | at(BuiltIn::TermMin, term < u32::from(card.term_min))
        | at(BuiltIn::TermMax, term > u32::from(card.term_max))
        | at(BuiltIn::Guarantee, card.guarantees & need.guarantees.bits() == 0)
        | at(BuiltIn::Repayment, repayment != 0 && repayment & card.repayment == 0)
}

/// What an amount cap is a share of, where it is known.
pub(super) fn cap_value(of: CapBase, applicant: &Applicant, need: &Need) -> Option<i64> {
    match of {
        CapBase::Fact(fact) => applicant.value(fact),
        CapBase::ProjectCost => need.project_cost_fen.map(crate::domain::money::Fen::get),
    }
}

/// Whether amount × 10,000 > value × bp.
pub(super) fn over_cap(need: &Need, value: i64, bp: i64) -> bool {
    i128::from(need.amount_fen.get()) * 10_000 > i128::from(value) * i128::from(bp)
}

/// The check `max_cost`: without a common method met; with methods of which none has a cost unmet.
pub(super) fn within_max_cost(need: &Need, methods: Set<Repayment>, quote: &Quote) -> bool {
    match (quote.best, need.max_cost_bp) {
        (None, _) => methods.is_empty(),
        (Some(_), None) => true,
        #[expect(clippy::cast_precision_loss, reason = "a cost limit is far below 2^52")]
        (Some((_, cost)), Some(max)) => cost * 100.0 <= max as f64 + 1e-9,
    }
}
