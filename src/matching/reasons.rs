//! The checks of one product, one by one: why it stands where it does.

use super::applicant::Applicant;
use super::compile::{Card, Catalogue, position};
use super::criteria::{States, StepKind};
use super::rows::{Miss, UnknownKey};
use super::wish::Wish;
use crate::domain::codes::Code;
use crate::domain::criteria::State;
use crate::domain::money::Fen;
use crate::domain::product::{AmountCap, CapBase};
use crate::domain::request::{ExistingLoan, Need};
use crate::domain::verdict::BuiltIn;

/// Keys, each once, behind those of other products.
struct Keys<'k> {
    seen: u64,
    keys: &'k mut Vec<UnknownKey>,
}

impl Keys<'_> {
    fn note(&mut self, key: UnknownKey) {
        if self.seen & (1 << key.0) == 0 {
            self.seen |= 1 << key.0;
            self.keys.push(key);
        }
    }
}

impl Catalogue {
    /// Which check a product misses, its cost aside, where it misses no more than one; adds the keys that are not known.
    pub(super) fn reasons(
        &self,
        product: u32,
        applicant: &Applicant,
        need: &Need,
        states: &States,
        unknown: &mut Vec<UnknownKey>,
    ) -> Miss {
        let card = &self.cards[product as usize];
        let misses = card_misses(card, &Wish::of(need));
        let built_in = Code::ALL.get(misses.trailing_zeros() as usize);
        let mut miss = built_in.map_or(Miss::None, |code| Miss::BuiltIn(*code));
        let mut keys = Keys { seen: 0, keys: unknown };
        if self.renewal_state(card, need.existing_loan.as_ref(), need.amount_fen.get()) == State::Unmet {
            miss = Miss::BuiltIn(BuiltIn::ExistingLoan);
        }
        for place in card.caps() {
            let cap = &self.caps[place];
            match cap_state(cap, cap_value(cap.of, applicant, need), need.amount_fen.get()) {
                State::Met => {}
                State::Unmet => miss = Miss::Cap(position(place)),
                State::Unknown => keys.note(UnknownKey::of(cap.of)),
            }
        }
        for &eight in &self.asked[card.asked()] {
            let states = states.of(eight);
            for place in states.unmet() {
                miss = Miss::Criterion(eight.0[place]);
            }
            for place in states.unknown() {
                self.note_unknown(eight.0[place], applicant, &mut keys);
            }
        }
        miss
    }

    /// Whether the request has a loan that the product renews; met where it renews none.
    pub(super) fn renewal_state(&self, card: &Card, loan: Option<&ExistingLoan>, amount_fen: i64) -> State {
        if card.renewal == 0 {
            return State::Met;
        }
        self.renewals[card.renewal as usize].state(loan, amount_fen, self.as_of)
    }

    /// Notes the fact of an unknown criterion, or those of an `any`'s unknown members.
    fn note_unknown(&self, number: u32, applicant: &Applicant, keys: &mut Keys<'_>) {
        let step = self.criteria.step(number);
        if step.kind != StepKind::Any {
            keys.note(UnknownKey(step.fact as u8));
            return;
        }
        for &member in self.criteria.members_of(step) {
            if self.criteria.state(member, applicant) == State::Unknown {
                keys.note(UnknownKey(member.fact as u8));
            }
        }
    }
}

/// The built-in checks that a card alone settles, a bit for each that is unmet by its place in [`BuiltIn`].
pub(super) fn card_misses(card: &Card, wish: &Wish) -> u16 {
    const fn at(code: BuiltIn, unmet: bool) -> u16 {
        (unmet as u16) << code as u16
    }
    let [purpose, guarantee, kind, repayment] = card.codes.shared(wish.codes);
    card.closed
        | at(BuiltIn::Kind, kind == 0)
        | at(BuiltIn::Purpose, purpose == 0)
        | at(BuiltIn::AmountMin, wish.amount_fen < card.amount_min)
        | at(BuiltIn::AmountMax, wish.amount_fen > card.amount_max)
        | at(BuiltIn::TermMin, wish.term_months < u32::from(card.term_min))
        | at(BuiltIn::TermMax, wish.term_months > u32::from(card.term_max))
        | at(BuiltIn::Guarantee, guarantee == 0)
        | at(BuiltIn::Repayment, repayment == 0)
}

/// What an amount cap is a share of, where it is known.
pub(super) fn cap_value(of: CapBase, applicant: &Applicant, need: &Need) -> Option<i64> {
    match of {
        CapBase::Fact(fact) => applicant.value(fact),
        CapBase::ProjectCost => need.project_cost_fen.map(Fen::get),
    }
}

/// Met where amount × 10,000 ≤ value × bp.
pub(super) fn cap_state(cap: &AmountCap, value: Option<i64>, amount_fen: i64) -> State {
    match value {
        None => State::Unknown,
        Some(value) if i128::from(amount_fen) * 10_000 <= i128::from(value) * i128::from(cap.bp) => State::Met,
        Some(_) => State::Unmet,
    }
}
