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

use super::compile::{Applicant, bit, place_of, position};
use super::texts::Texts;
use crate::domain::criteria::{Criterion, Plain, State, Test};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::scalar::Scalar;
use std::collections::HashMap;
use std::ops::Range;

/// What a step does with its value. Criteria are numbered in this order, so that like stands beside like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Default)]
pub(super) struct Criteria {
    steps: Vec<Step>,
    /// What a run of numbers has in common: kind, fact and whether it must be verified.
    groups: Vec<Range<usize>>,
    /// Those of numbered criteria stand in the order of their numbers.
    lists: Vec<List>,
    /// Places in members.
    anys: Vec<Range<u32>>,
    members: Vec<Step>,
    /// `,"unmet":"…","needed":…,"actual":` of each.
    pub misses: Texts,
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

/// Numbers the criteria of product after product while a catalogue is compiled.
pub(super) struct Numbering {
    kept: Vec<(Step, Box<[u8]>)>,
    known: HashMap<(Step, Box<[u8]>), u32>,
    lists: Vec<u128>,
    known_lists: HashMap<u128, u32>,
    anys: Vec<Range<u32>>,
    known_anys: HashMap<Vec<Step>, u32>,
    members: Vec<Step>,
}

impl Numbering {
    pub(super) fn new() -> Self {
        let mut numbering = Self {
            kept: Vec::new(),
            known: HashMap::new(),
            lists: Vec::new(),
            known_lists: HashMap::new(),
            anys: Vec::new(),
            known_anys: HashMap::new(),
            members: Vec::new(),
        };
        place_of(
            (Step::NOTHING, Box::default()),
            &mut numbering.known,
            &mut numbering.kept,
        );
        numbering
    }

    /// A number for a criterion, that of an equal one where there is one.
    ///
    /// `value` is as the product's form writes it: what a row needs is shown in that order.
    pub(super) fn number(&mut self, criterion: &Criterion, value: Option<&Scalar>) -> u32 {
        let step = match criterion {
            Criterion::Plain(plain) => self.step(plain),
            Criterion::Any(members) => {
                let members: Vec<Step> = members.iter().map(|member| self.step(member)).collect();
                Step {
                    kind: StepKind::Any,
                    value: i64::from(self.any(members)),
                    ..Step::NOTHING
                }
            }
        };
        let mut miss = Vec::new();
        super::output::push_miss_head(&mut miss, criterion, value);
        place_of((step, miss.into()), &mut self.known, &mut self.kept)
    }

    /// The criteria, put in order, and what has become of each number.
    pub(super) fn finish(self) -> (Criteria, Vec<u32>) {
        let mut order: Vec<usize> = (0..self.kept.len()).collect();
        order.sort_unstable_by_key(|old| &self.kept[*old]);
        let mut criteria = Criteria {
            anys: self.anys,
            ..Criteria::default()
        };
        let mut listed = |step: Step| {
            if step.kind != StepKind::InList {
                return step;
            }
            criteria.lists.push(List::of(self.lists[step.list()]));
            Step {
                value: i64::from(position(criteria.lists.len() - 1)),
                ..step
            }
        };
        let mut renumbered = vec![0; order.len()];
        for (new, old) in order.into_iter().enumerate() {
            let (step, miss) = &self.kept[old];
            criteria.steps.push(listed(*step));
            criteria.misses.add(miss);
            renumbered[old] = position(new);
        }
        criteria.members = self.members.into_iter().map(listed).collect();
        let alike = |one: &Step, two: &Step| (one.kind, one.fact, one.verified) == (two.kind, two.fact, two.verified);
        for group in criteria.steps.chunk_by(alike) {
            let start = criteria.groups.last().map_or(0, |last| last.end);
            criteria.groups.push(start..start + group.len());
        }
        (criteria, renumbered)
    }

    fn any(&mut self, members: Vec<Step>) -> u32 {
        let Self { anys, members: all, .. } = self;
        *self.known_anys.entry(members).or_insert_with_key(|members| {
            let first = position(all.len());
            all.extend_from_slice(members);
            anys.push(first..position(all.len()));
            position(anys.len() - 1)
        })
    }

    fn step(&mut self, plain: &Plain) -> Step {
        let mut in_list = |list: u128| {
            let place = place_of(list, &mut self.known_lists, &mut self.lists);
            (StepKind::InList, i64::from(place))
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
}
