//! The criteria of a catalogue, each distinct one kept, and tried, once.
//!
//! Banks ask for the same things: 10,000 products hold 54,000 criteria, of which 5,000 are unlike each other.
//! They are numbered, and a product is a list of numbers, eight at a time:
//!
//! ```text
//! criteria   1: size ≤ small   2: tax_grade ≥ B   3: town in {…001, …003}
//! products   P0: 2             P1: 1 2 3          P2: 1 3
//! ```
//!
//! A request first tries every criterion, which leaves one byte each; these fit into the innermost cache. What
//! a product comes to is then looked up: eight bytes, side by side in one `u64`. Number 0 asks for nothing and
//! fills up the last eight.

use super::applicant::{Applicant, bit};
use super::compile::position;
use super::texts::Texts;
use crate::domain::criteria::{Criterion, Plain, State, Test};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::scalar::Scalar;
use std::collections::HashMap;
use std::ops::Range;

/// What a step does with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StepKind {
    /// nothing: always met
    Nothing,
    /// fact ≥ value
    AtLeast,
    /// fact ≤ value
    AtMost,
    /// bit `fact` of the list at place value is set
    InList,
    /// the fact's bits and value's share one
    Overlap,
    /// one of the members at place value is met
    Any,
}

/// One criterion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub kind: StepKind,
    /// Says nothing of an `any`.
    pub fact: FactKey,
    pub verified: bool,
    pub value: i64,
}

impl Step {
    const NOTHING: Self = Self {
        kind: StepKind::Nothing,
        fact: FactKey::Tier,
        verified: false,
        value: 0,
    };

    /// What the applicant has of its fact; none where that is not known, or not well enough.
    fn value_of(self, applicant: &Applicant) -> Option<i64> {
        let declared_only = self.verified && applicant.verified & bit(self.fact) == 0;
        applicant.value(self.fact).filter(|_| !declared_only)
    }

    /// The date on which a criterion on the age will be met by time alone.
    pub(super) fn met_on(self, applicant: &Applicant) -> Option<Day> {
        if self.fact != FactKey::AgeMonths || self.kind != StepKind::AtLeast {
            return None;
        }
        let months = u32::try_from(self.value).ok()?;
        applicant.established_on?.reaches_months(months)
    }

    /// What it has in common with others that can be tried together.
    const fn alike(self) -> (StepKind, FactKey, bool) {
        (self.kind, self.fact, self.verified)
    }

    fn with_list(self, place: usize) -> Self {
        Self {
            value: i64::from(position(place)),
            ..self
        }
    }

    /// The place of its list.
    fn list(self) -> usize {
        usize::try_from(self.value).unwrap_or(usize::MAX)
    }
}

/// Positions in the table of a fact, a bit each: two words rather than one, of which a look takes one.
#[derive(Clone, Copy)]
struct List([u64; 2]);

impl List {
    #[expect(clippy::cast_possible_truncation, reason = "the low and the high half")]
    const fn of(bits: u128) -> Self {
        Self([bits as u64, (bits >> 64) as u64])
    }

    /// Whether a position below 128 is in it.
    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "a position is small and not negative"
    )]
    const fn has(self, position: i64) -> bool {
        self.0[position as usize / 64 % 2] >> (position % 64) & 1 == 1
    }
}

/// Numbers of criteria. None crosses a cache line.
#[derive(Clone, Copy)]
#[repr(align(32))]
pub(super) struct Eight(pub [u32; 8]);

impl Eight {
    /// These numbers, at most eight.
    pub(super) fn of(numbers: &[u32]) -> Self {
        let mut eight = [0; 8];
        for (slot, number) in eight.iter_mut().zip(numbers) {
            *slot = *number;
        }
        Self(eight)
    }
}

/// The distinct criteria of a catalogue, by number.
#[derive(Clone)]
pub(super) struct Criteria {
    steps: Vec<Step>,
    /// What a run of numbers has in common: kind, fact and whether it must be verified. Their lists stand in a run too.
    groups: Vec<Range<usize>>,
    lists: Vec<List>,
    /// Places in members.
    anys: Vec<Range<u32>>,
    members: Vec<Step>,
    /// `,"unmet":"…","needed":…,"actual":` of each.
    pub misses: Texts,
}

/// The numbers of criteria that are in already.
pub(super) type KnownCriteria = HashMap<(Criterion, Box<[u8]>), u32>;

impl Default for Criteria {
    fn default() -> Self {
        let mut criteria = Self {
            steps: Vec::new(),
            groups: Vec::new(),
            lists: Vec::new(),
            anys: Vec::new(),
            members: Vec::new(),
            misses: Texts::default(),
        };
        criteria.push(Step::NOTHING, &[]);
        criteria
    }
}

impl Criteria {
    /// The criterion with this number.
    pub(super) fn step(&self, number: u32) -> Step {
        self.steps[number as usize]
    }

    /// The members of an `any`.
    pub(super) fn members_of(&self, step: Step) -> &[Step] {
        usize::try_from(step.value).map_or(&[], |place| {
            let range = &self.anys[place];
            &self.members[range.start as usize..range.end as usize]
        })
    }

    /// The number of a criterion: that of an equal one that is known, else a new one.
    ///
    /// `value` is as the product's form writes it: what a row needs is shown in that order.
    pub(super) fn number(&mut self, criterion: &Criterion, value: Option<&Scalar>, known: &mut KnownCriteria) -> u32 {
        let mut miss = Vec::new();
        super::output::push_miss_head(&mut miss, criterion, value);
        *known
            .entry((criterion.clone(), miss.into()))
            .or_insert_with_key(|(criterion, miss)| {
                let step = self.step_of(criterion);
                self.push(step, miss)
            })
    }

    fn push(&mut self, step: Step, miss: &[u8]) -> u32 {
        let place = self.steps.len();
        self.steps.push(step);
        self.groups.push(place..place + 1);
        self.misses.add(miss);
        position(place)
    }

    /// Puts like criteria beside each other, so that they are tried together; gives each number's new one.
    pub(super) fn settle(&mut self) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.steps.len()).collect();
        order.sort_by_key(|old| self.steps[*old].alike());
        let old = std::mem::take(self);
        let mut renumbered = vec![0; order.len()];
        let mut lists = Vec::with_capacity(old.lists.len());
        let mut moved = |step: Step| {
            if step.kind != StepKind::InList {
                return step;
            }
            lists.push(old.lists[step.list()]);
            step.with_list(lists.len() - 1)
        };
        self.steps.clear();
        self.groups.clear();
        self.misses = Texts::default();
        for place in order {
            renumbered[place] = position(self.steps.len());
            self.steps.push(moved(old.steps[place]));
            self.misses.copy(&old.misses, place);
        }
        self.members = old.members.iter().map(|member| moved(*member)).collect();
        self.lists = lists;
        self.anys = old.anys;
        for group in self.steps.chunk_by(|one, two| one.alike() == two.alike()) {
            let start = self.groups.last().map_or(0, |last| last.end);
            self.groups.push(start..start + group.len());
        }
        renumbered
    }

    fn step_of(&mut self, criterion: &Criterion) -> Step {
        match criterion {
            Criterion::Plain(plain) => self.plain(plain),
            Criterion::Any(members) => {
                let first = position(self.members.len());
                for member in members {
                    let member = self.plain(member);
                    self.members.push(member);
                }
                self.anys.push(first..position(self.members.len()));
                Step {
                    kind: StepKind::Any,
                    value: i64::from(position(self.anys.len() - 1)),
                    ..Step::NOTHING
                }
            }
        }
    }

    fn plain(&mut self, plain: &Plain) -> Step {
        let mut in_list = |list: u128| {
            self.lists.push(List::of(list));
            (StepKind::InList, i64::from(position(self.lists.len() - 1)))
        };
        let (kind, value) = match plain.test {
            Test::AtLeast(bound) => (StepKind::AtLeast, bound.get()),
            Test::AtMost(bound) => (StepKind::AtMost, bound.get()),
            Test::OneOf(list) => in_list(list),
            Test::NoneOf(list) => in_list(!list),
            Test::Is(flag) => in_list(if flag { 0b10 } else { 0b01 }),
            Test::IncludesAny(list) => (StepKind::Overlap, i64::try_from(list).unwrap_or(i64::MAX)),
        };
        Step {
            kind,
            fact: plain.fact,
            verified: plain.verified,
            value,
        }
    }

    /// Tries every criterion on an applicant.
    pub(super) fn try_all(&self, applicant: &Applicant, states: &mut States) {
        states.0.clear();
        for group in &self.groups {
            self.try_group(&self.steps[group.clone()], applicant, &mut states.0);
        }
    }

    /// Tries criteria that differ in their value only: what they share is looked at once.
    fn try_group(&self, steps: &[Step], applicant: &Applicant, states: &mut Vec<u8>) {
        let Some(&first) = steps.first() else { return };
        let unmet = |unmet: bool| if unmet { State::Unmet as u8 } else { State::Met as u8 };
        if matches!(first.kind, StepKind::Nothing | StepKind::Any) {
            states.extend(steps.iter().map(|&step| self.state(step, applicant) as u8));
            return;
        }
        let Some(value) = first.value_of(applicant) else {
            states.resize(states.len() + steps.len(), State::Unknown as u8);
            return;
        };
        match first.kind {
            StepKind::AtLeast => states.extend(steps.iter().map(|step| unmet(value < step.value))),
            StepKind::AtMost => states.extend(steps.iter().map(|step| unmet(value > step.value))),
            StepKind::InList => {
                let lists = &self.lists[first.list()..first.list() + steps.len()];
                states.extend(lists.iter().map(|list| unmet(!list.has(value))));
            }
            _ => states.extend(steps.iter().map(|&step| unmet(!self.holds(step, value)))),
        }
    }

    /// What one criterion comes to.
    #[inline]
    pub(super) fn state(&self, step: Step, applicant: &Applicant) -> State {
        match step.kind {
            StepKind::Nothing => State::Met,
            StepKind::Any => self.any_state(step, applicant),
            _ => match step.value_of(applicant) {
                None => State::Unknown,
                Some(value) if self.holds(step, value) => State::Met,
                Some(_) => State::Unmet,
            },
        }
    }

    fn any_state(&self, step: Step, applicant: &Applicant) -> State {
        let mut state = State::Unmet;
        for &member in self.members_of(step) {
            match self.state(member, applicant) {
                State::Met => return State::Met,
                State::Unknown => state = State::Unknown,
                State::Unmet => {}
            }
        }
        state
    }

    /// Whether a known value meets a plain criterion.
    #[inline]
    pub(super) fn holds(&self, step: Step, value: i64) -> bool {
        match step.kind {
            StepKind::AtLeast => value >= step.value,
            StepKind::AtMost => value <= step.value,
            StepKind::InList => self.lists[step.list()].has(value),
            StepKind::Overlap => value & step.value != 0,
            StepKind::Nothing | StepKind::Any => false,
        }
    }
}

/// What each criterion came to, by number: a [`State`] a byte.
#[derive(Default)]
pub(super) struct States(Vec<u8>);

/// What eight criteria came to.
#[derive(Clone, Copy)]
pub(super) struct EightStates(u64);

impl States {
    #[inline]
    pub(super) fn of(&self, eight: Eight) -> EightStates {
        EightStates(u64::from_le_bytes(eight.0.map(|number| self.0[number as usize])))
    }
}

impl EightStates {
    /// Which of the eight are unmet.
    #[inline]
    pub(super) const fn unmet(self) -> Marks {
        self.marks(State::Unmet)
    }

    /// Which of the eight are unknown.
    #[inline]
    pub(super) const fn unknown(self) -> Marks {
        self.marks(State::Unknown)
    }

    const fn marks(self, state: State) -> Marks {
        const {
            assert!(
                State::Met as u8 == 0 && State::Unmet as u8 & State::Unknown as u8 == 0,
                "a bit each"
            );
        };
        Marks(self.0 & (state as u64 * 0x0101_0101_0101_0101))
    }
}

/// Some of eight, as bytes that are not 0. Gives their places, in order.
pub(super) struct Marks(u64);

impl Iterator for Marks {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let place = self.0.trailing_zeros() as usize / 8;
        self.0 &= self.0 - 1;
        Some(place)
    }
}
