//! The sieve: for every check of a catalogue, the products that it keeps out.
//!
//! The values that make a difference to a check cut the number line into few intervals, and inside one of them the same
//! products miss it; each interval has a plane ([`super::planes`]) of them. With three products
//!
//! ```text
//!            P0: revenue ≥ 300   P1: revenue ≥ 500   P2: —          cuts: 300, 500
//!            revenue < 300: 011      300 … 499: 010      500 and more: 000
//! ```
//!
//! an applicant of 400 picks the plane `010`. What a request picks for each check is then counted, 64 products a
//! step, and the count is the verdict: no product is looked at by itself.

use super::applicant::{Applicant, bit};
use super::compile::Renewal;
use super::criteria::Criteria;
use super::planes::{Counted, Picked, Plane, Planes};
use super::prices::Ways;
use super::reasons::{cap_state, cap_value};
use crate::domain::codes::{Code, Guarantee, Kind, Purpose, Repayment, Set};
use crate::domain::criteria::{Criterion, Plain, State, Test};
use crate::domain::dates::Day;
use crate::domain::facts::{FACT_COUNT, FACTS, FactKey, FactValue};
use crate::domain::product::{AmountCap, Product};
use crate::domain::request::Need;
use crate::finance::annual_cost::FeeSum;
use crate::finance::cost_limit::has_cost_for_sure;
use std::array;
use std::collections::BTreeMap;

/// A bound has no more cuts than this; what is between two of them is looked at one by one.
const MOST_CUTS: usize = 64;

/// The products that miss a check, by what is held against it: a code's place, or the bits of a set of codes.
#[derive(Clone)]
struct ByPlace(Vec<Plane>);

impl ByPlace {
    fn new(planes: &mut Planes, count: usize) -> Self {
        Self((0..count).map(|_| planes.add()).collect())
    }

    fn mark(&self, planes: &mut Planes, product: u32, misses: impl Fn(usize) -> bool, there: bool) {
        for (place, plane) in self.0.iter().enumerate() {
            if misses(place) {
                planes.set(*plane, product, there);
            }
        }
    }

    fn pick(&self, place: usize, picked: &mut Picked) {
        picked.unmet(self.0[place]);
    }
}

/// The products that ask for at least so much.
///
/// "At most" is "at least" of the complement: `!` turns the order of whole numbers around.
#[derive(Clone)]
struct Least(Vec<Cut>);

#[derive(Clone)]
struct Cut {
    from: i64,
    /// Those that ask for this much or more.
    plane: Plane,
    /// Those that ask for less, but for more than the cut before, and what each asks for.
    below: Vec<(i64, u32)>,
}

impl Least {
    fn new(planes: &mut Planes) -> Self {
        Self(vec![Cut {
            from: i64::MAX,
            plane: planes.add(),
            below: Vec::new(),
        }])
    }

    fn mark(&mut self, planes: &mut Planes, product: u32, least: i64, there: bool) {
        let at = self.0.partition_point(|cut| cut.from < least);
        for cut in self.0.iter().take(at + 1).filter(|cut| cut.from <= least) {
            planes.set(cut.plane, product, there);
        }
        let Some(cut) = self.0.get_mut(at).filter(|cut| cut.from != least) else {
            return;
        };
        if there {
            cut.below.push((least, product));
        } else {
            cut.below.retain(|one| *one != (least, product));
        }
    }

    /// Makes the cuts, where there is only the last one yet.
    fn settle(&mut self, planes: &mut Planes) {
        let Some(mut last) = self.0.pop() else { return };
        last.below.sort_unstable();
        let mut distinct: Vec<&[(i64, u32)]> = last.below.chunk_by(|one, two| one.0 == two.0).collect();
        let enough = if distinct.len() <= MOST_CUTS {
            1
        } else {
            last.below.len().div_ceil(MOST_CUTS)
        };
        // From the highest down, so that each plane is the one above it and what is new.
        let mut plane = last.plane;
        let mut cuts = Vec::new();
        let mut between: Vec<(i64, u32)> = Vec::new();
        while let Some(same) = distinct.pop() {
            between.extend_from_slice(same);
            if between.len() < enough {
                continue;
            }
            let from = same[0].0;
            let upper = plane;
            plane = planes.add_copy(upper);
            for (_, product) in &between {
                planes.set(plane, *product, true);
            }
            between.retain(|(least, _)| *least != from);
            cuts.push((from, plane, std::mem::take(&mut between)));
        }
        // What stands between two cuts belongs to the upper one.
        let mut below = between;
        let mut all = Vec::new();
        while let Some((from, plane, above)) = cuts.pop() {
            all.push(Cut { from, plane, below });
            below = above;
        }
        last.below = below;
        all.push(last);
        self.0 = all;
    }

    fn pick(&self, value: i64, picked: &mut Picked) {
        let at = self.0.partition_point(|cut| cut.from <= value);
        if let Some(cut) = self.0.get(at) {
            picked.unmet(cut.plane);
            picked.unmet_alone(
                cut.below
                    .iter()
                    .filter(|(least, _)| *least > value)
                    .map(|(_, product)| *product),
            );
        }
    }
}

/// Products that share a check which many do not have.
#[derive(Clone, Default)]
struct Members {
    /// Where there are many.
    plane: Option<Plane>,
    list: Vec<u32>,
}

impl Members {
    fn mark(&mut self, planes: &mut Planes, product: u32, there: bool) {
        match self.plane {
            Some(plane) => planes.set(plane, product, there),
            None if there => self.list.push(product),
            None => self.list.retain(|other| *other != product),
        }
    }

    /// Makes a plane of a long list.
    fn settle(&mut self, planes: &mut Planes) {
        /// A plane of so many products is read as fast as one of them is counted alone.
        const PRODUCTS: usize = 128;
        if self.plane.is_none() && self.list.len() > planes.room() / PRODUCTS {
            let plane = planes.add();
            for product in std::mem::take(&mut self.list) {
                planes.set(plane, product, true);
            }
            self.plane = Some(plane);
        }
    }

    fn pick(&self, state: State, picked: &mut Picked) {
        let list = self.list.iter().copied();
        match state {
            State::Met => {}
            State::Unmet => {
                picked.unmet_alone(list);
                self.plane.into_iter().for_each(|plane| picked.unmet(plane));
            }
            State::Unknown => {
                picked.unknown_alone(list);
                self.plane.into_iter().for_each(|plane| picked.unknown(plane));
            }
        }
    }
}

/// The plain criteria on one fact that have comparison and demand for proof in common: no product has two of them.
#[derive(Clone)]
struct Column {
    op: &'static str,
    verified: bool,
    asking: Plane,
    misses: Misses,
}

#[derive(Clone)]
enum Misses {
    AtLeast(Least),
    AtMost(Least),
    ByPlace(ByPlace),
}

impl Column {
    fn new(planes: &mut Planes, plain: &Plain) -> Self {
        Self {
            op: plain.test.op(),
            verified: plain.verified,
            asking: planes.add(),
            misses: match plain.test {
                Test::AtLeast(_) => Misses::AtLeast(Least::new(planes)),
                Test::AtMost(_) => Misses::AtMost(Least::new(planes)),
                _ => Misses::ByPlace(ByPlace::new(planes, values_of(plain.fact))),
            },
        }
    }

    fn mark(&mut self, planes: &mut Planes, product: u32, test: Test, there: bool) {
        planes.set(self.asking, product, there);
        match (&mut self.misses, test) {
            (Misses::AtLeast(least), Test::AtLeast(value)) => least.mark(planes, product, value.get(), there),
            (Misses::AtMost(least), Test::AtMost(value)) => least.mark(planes, product, !value.get(), there),
            (Misses::ByPlace(by_place), test) => {
                by_place.mark(planes, product, |place| !test.holds(value_at(place)), there);
            }
            _ => {}
        }
    }

    fn pick(&self, value: i64, picked: &mut Picked) {
        match &self.misses {
            Misses::AtLeast(least) => least.pick(value, picked),
            Misses::AtMost(least) => least.pick(!value, picked),
            Misses::ByPlace(by_place) => by_place.pick(usize::try_from(value).unwrap_or(0), picked),
        }
    }
}

/// How many values a fact of codes, of a set of codes or of yes and no has.
fn values_of(fact: FactKey) -> usize {
    usize::try_from(fact.spec().kind.value_count()).unwrap_or(0)
}

fn value_at(place: usize) -> FactValue {
    FactValue(i64::try_from(place).unwrap_or(i64::MAX))
}

/// The planes of a catalogue, by check.
#[derive(Clone)]
pub(super) struct Sieve {
    planes: Planes,
    /// Where there is no product.
    absent: Plane,
    closed: Plane,
    purposes: ByPlace,
    /// By the bits of the set that is asked for, as are the two below.
    kinds: ByPlace,
    guarantees: ByPlace,
    repayments: ByPlace,
    /// Those that may be repaid by bullet, those that have fees, and those with such fees that not every loan has a cost for
    /// sure.
    bullet: Plane,
    charging: Plane,
    charging_much: Plane,
    amount_min: Least,
    amount_max: Least,
    term_min: Least,
    term_max: Least,
    /// Those that renew a loan, and each way to do so.
    renewing: Plane,
    renewals: BTreeMap<Renewal, Members>,
    caps: BTreeMap<AmountCap, Members>,
    /// By number.
    anys: BTreeMap<u32, Members>,
    facts: [Vec<Column>; FACT_COUNT],
}

impl Sieve {
    /// One for so many products, none of which is in it yet.
    pub(super) fn with_room_for(products: usize) -> Self {
        let mut planes = Planes::with_room_for(products);
        let absent = planes.add();
        for product in 0..super::compile::position(planes.room()) {
            planes.set(absent, product, true);
        }
        let mut by_place = |places| ByPlace::new(&mut planes, places);
        let purposes = by_place(Purpose::ALL.len());
        let kinds = by_place(1 << Kind::ALL.len());
        let guarantees = by_place(1 << Guarantee::ALL.len());
        let repayments = by_place(1 << Repayment::ALL.len());
        let mut least = || Least::new(&mut planes);
        Self {
            purposes,
            kinds,
            guarantees,
            repayments,
            amount_min: least(),
            amount_max: least(),
            term_min: least(),
            term_max: least(),
            absent,
            bullet: planes.add(),
            charging: planes.add(),
            charging_much: planes.add(),
            closed: planes.add(),
            renewing: planes.add(),
            renewals: BTreeMap::new(),
            caps: BTreeMap::new(),
            anys: BTreeMap::new(),
            facts: array::from_fn(|_| Vec::new()),
            planes,
        }
    }

    /// How many products it has room for.
    pub(super) const fn room(&self) -> usize {
        self.planes.room()
    }

    /// Puts a product into its place, or takes it away. `anys` are the numbers of its `any` criteria.
    pub(super) fn mark(&mut self, place: u32, product: &Product, as_of: Day, anys: &[u32], there: bool) {
        let planes = &mut self.planes;
        planes.set(self.absent, place, !there);
        planes.set(self.bullet, place, there && product.repayment.has(Repayment::Bullet));
        let fees = FeeSum::of(&product.fees);
        planes.set(self.charging, place, there && !fees.is_nothing());
        planes.set(self.charging_much, place, there && !has_cost_for_sure(0, 0, &fees));
        planes.set(self.closed, place, there && !product.is_open_on(as_of));
        let lacks = |having: u8| move |wanted: usize| wanted != 0 && usize::from(having) & wanted == 0;
        self.purposes.mark(
            planes,
            place,
            |code| usize::from(product.purposes.bits()) >> code & 1 == 0,
            there,
        );
        self.kinds.mark(planes, place, lacks(1 << product.kind.index()), there);
        self.guarantees
            .mark(planes, place, lacks(product.guarantees.bits()), there);
        self.repayments
            .mark(planes, place, lacks(product.repayment.bits()), there);
        self.amount_min.mark(planes, place, product.amount_fen.min.get(), there);
        self.amount_max
            .mark(planes, place, !product.amount_fen.max.get(), there);
        self.term_min
            .mark(planes, place, i64::from(product.term_months.min), there);
        self.term_max
            .mark(planes, place, !i64::from(product.term_months.max), there);
        if let Some(renewal) = Renewal::of(product) {
            planes.set(self.renewing, place, there);
            self.renewals.entry(renewal).or_default().mark(planes, place, there);
        }
        for cap in &product.amount_caps {
            self.caps.entry(*cap).or_default().mark(planes, place, there);
        }
        for any in anys {
            self.anys.entry(*any).or_default().mark(planes, place, there);
        }
        for criterion in product.parsed_criteria() {
            if let Criterion::Plain(plain) = criterion {
                let columns = &mut self.facts[plain.fact as usize];
                let at = columns
                    .iter()
                    .position(|column| column.op == plain.test.op() && column.verified == plain.verified);
                let at = at.unwrap_or_else(|| {
                    columns.push(Column::new(planes, plain));
                    columns.len() - 1
                });
                columns[at].mark(planes, place, plain.test, there);
            }
        }
    }

    /// Arranges what many products were put into, for it to be picked from fast.
    pub(super) fn settle(&mut self) {
        let planes = &mut self.planes;
        for least in [
            &mut self.amount_min,
            &mut self.amount_max,
            &mut self.term_min,
            &mut self.term_max,
        ] {
            least.settle(planes);
        }
        for column in self.facts.iter_mut().flatten() {
            if let Misses::AtLeast(least) | Misses::AtMost(least) = &mut column.misses {
                least.settle(planes);
            }
        }
        let members = self
            .renewals
            .values_mut()
            .chain(self.caps.values_mut())
            .chain(self.anys.values_mut());
        members.for_each(|members| members.settle(planes));
        planes.settle();
    }

    /// Picks what counts for a request, all checks but that of the cost.
    pub(super) fn pick(
        &self,
        applicant: &Applicant,
        need: &Need,
        as_of: Day,
        criteria: &Criteria,
        picked: &mut Picked,
    ) {
        picked.start(self.absent);
        picked.unmet(self.closed);
        self.purposes.pick(need.purpose.index(), picked);
        self.guarantees.pick(usize::from(need.guarantees.bits()), picked);
        if !need.kinds.is_empty() {
            self.kinds.pick(usize::from(need.kinds.bits()), picked);
        }
        if !need.repayment.is_empty() {
            self.repayments.pick(usize::from(need.repayment.bits()), picked);
        }
        let (amount, term) = (need.amount_fen.get(), i64::from(need.term_months));
        self.amount_min.pick(amount, picked);
        self.amount_max.pick(!amount, picked);
        self.term_min.pick(term, picked);
        self.term_max.pick(!term, picked);
        if need.existing_loan.is_none() {
            picked.unmet(self.renewing);
        } else {
            for (renewal, members) in &self.renewals {
                members.pick(renewal.state(need.existing_loan.as_ref(), amount, as_of), picked);
            }
        }
        for (cap, members) in &self.caps {
            members.pick(
                cap_state(cap, cap_value(cap.of, applicant, need), need.amount_fen.get()),
                picked,
            );
        }
        for (number, members) in &self.anys {
            members.pick(criteria.state(criteria.step(*number), applicant), picked);
        }
        for (columns, spec) in self.facts.iter().zip(&FACTS) {
            let value = applicant.value(spec.key);
            let verified = applicant.verified & bit(spec.key) != 0;
            let mut is_first = true;
            for column in columns {
                match value.filter(|_| verified || !column.verified) {
                    Some(value) => column.pick(value, picked),
                    None if std::mem::take(&mut is_first) => picked.unknown_fact(column.asking),
                    None => picked.unknown(column.asking),
                }
            }
        }
    }

    /// How the products of a word can be repaid, of the ways that a request allows.
    #[inline]
    pub(super) fn ways(&self, allowed: Set<Repayment>, word: usize) -> Ways {
        let of = |plane: &Plane| self.planes.word(*plane, word);
        Ways {
            // One that names none allows more than there are planes for.
            none: self.repayments.0.get(usize::from(allowed.bits())).map_or(0, of),
            bullet: if allowed.has(Repayment::Bullet) {
                of(&self.bullet)
            } else {
                0
            },
        }
    }

    /// Those of a word that have fees.
    pub(super) fn charging(&self, word: usize) -> u64 {
        self.planes.word(self.charging, word)
    }

    /// Those of a word with such fees that, at an ordinary rate, not every loan has a cost for sure.
    pub(super) fn charging_much(&self, word: usize) -> u64 {
        self.planes.word(self.charging_much, word)
    }

    /// Counts what was picked.
    pub(super) fn count(&self, picked: &Picked, counted: &mut Counted) {
        self.planes.count(picked, counted);
    }

    /// Reads what was picked.
    pub(super) fn read(&self, picked: &Picked) -> u64 {
        self.planes.read(picked)
    }
}
