//! Products, flattened into what the evaluation reads.

use super::filter::Filter;
use crate::domain::codes::{Code, RateBase, Tier};
use crate::domain::criteria::{Criterion, Plain, Test};
use crate::domain::dates::Day;
use crate::domain::enterprise::Enterprise;
use crate::domain::facts::{FACT_COUNT, FACTS, FactKey};
use crate::domain::lpr::{Lpr, LprTable};
use crate::domain::product::{CapBase, Product};
use crate::finance::annual_cost::FeeSum;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The as-of date is before the first LPR of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no LPR was announced on or before {0}")]
pub struct NoLpr(pub Day);

/// What the engine reads of one product: bounds, code sets and price, in one cache line.
#[repr(align(64))]
pub(super) struct Card {
    pub amount_min: i64,
    pub amount_max: i64,
    pub term_min: u16,
    pub term_max: u16,
    /// Bit of [`BuiltIn::ProductOpen`] where it is not open on the day, else 0.
    ///
    /// [`BuiltIn::ProductOpen`]: crate::domain::verdict::BuiltIn::ProductOpen
    pub closed: u16,
    pub kind: u8,
    pub purposes: u8,
    pub guarantees: u8,
    pub repayment: u8,
    /// Whether it has amount caps or renews a loan.
    pub special: bool,
    pub base: RateBase,
    steps_count: u16,
    caps_count: u16,
    steps_from: u32,
    caps_from: u32,
    pub spread_bp: i32,
    pub floor_bp: i32,
    /// Place in [`Catalogue::discounts`]; 0 is no discount.
    pub discounts: u32,
    /// Place of its fees in [`Catalogue::fees`]; 0 is no fee.
    pub fees: u32,
    /// Place of its code among all codes in order.
    pub rank: u32,
}

impl Card {
    /// The places of its criteria.
    pub(super) const fn steps(&self) -> Range<usize> {
        self.steps_from as usize..self.steps_from as usize + self.steps_count as usize
    }

    /// The places of its amount caps.
    pub(super) const fn caps(&self) -> Range<usize> {
        self.caps_from as usize..self.caps_from as usize + self.caps_count as usize
    }
}

/// The largest discount among the tiers up to each one, in bp.
pub(super) type Discounts = [i32; Tier::ALL.len()];

/// What a step does with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    /// fact ≥ value
    AtLeast,
    /// fact ≤ value
    AtMost,
    /// bit `fact` of the 64 bits in value is set
    InBits,
    /// bit `fact` of the list is set
    InList,
    /// the fact's bits and value's share one
    Overlap,
    /// one of its members is met
    Any,
}

/// One criterion: 8 bytes, since few values are asked for by many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub fact: FactKey,
    pub kind: StepKind,
    pub verified: bool,
    /// Place in [`Catalogue::values`]; of a list too long for it, in [`Catalogue::lists`]; of an `any`, in
    /// [`Catalogue::anys`].
    pub place: u32,
}

/// An amount cap.
pub(super) struct Cap {
    pub of: CapBase,
    pub bp: i64,
}

/// A catalogue compiled for one day.
///
/// Holds the products themselves too: pages and explanations read their names and forms.
pub struct Catalogue {
    /// Unlike any other catalogue's of this process: what was remembered of another does not hold here.
    pub(super) number: u64,
    pub(super) as_of: Day,
    pub(super) lpr: Lpr,
    pub(super) products: Vec<Product>,
    pub(super) cards: Vec<Card>,
    pub(super) steps: Vec<Step>,
    pub(super) values: Vec<i64>,
    pub(super) lists: Vec<u128>,
    /// Places in members.
    pub(super) anys: Vec<Range<u32>>,
    pub(super) members: Vec<Step>,
    pub(super) caps: Vec<Cap>,
    pub(super) discounts: Vec<Discounts>,
    pub(super) fees: Vec<FeeSum>,
    /// `{"product":"…","rate_bp":` of every product, one after the other.
    pub(super) heads: Vec<u8>,
    pub(super) head_ends: Vec<u32>,
    /// `,"unmet":"…","needed":…,"actual":` of every criterion, one after the other.
    pub(super) misses: Vec<u8>,
    pub(super) miss_ends: Vec<u32>,
    pub(super) filter: Filter,
}

/// How many catalogues this process has compiled.
static COMPILED: AtomicU64 = AtomicU64::new(0);

impl Catalogue {
    /// Compiles the products for one day. Their codes must be unlike each other.
    ///
    /// # Errors
    /// [`NoLpr`] where the table begins after the day.
    pub fn compile(products: Vec<Product>, lpr: &LprTable, as_of: Day) -> Result<Self, NoLpr> {
        let lpr = lpr.on(as_of).ok_or(NoLpr(as_of))?;
        let ranks = ranks(&products);
        let mut catalogue = Self {
            number: COMPILED.fetch_add(1, Ordering::Relaxed) + 1,
            as_of,
            lpr,
            products: Vec::new(),
            cards: Vec::with_capacity(products.len()),
            steps: Vec::new(),
            values: Vec::new(),
            lists: Vec::new(),
            anys: Vec::new(),
            members: Vec::new(),
            caps: Vec::new(),
            discounts: vec![Discounts::default()],
            fees: vec![FeeSum::default()],
            heads: Vec::new(),
            head_ends: Vec::with_capacity(products.len()),
            misses: Vec::new(),
            miss_ends: Vec::new(),
            filter: Filter::default(),
        };
        let mut known = Known {
            values: HashMap::new(),
            lists: HashMap::new(),
            discounts: HashMap::from([(Discounts::default(), 0)]),
            fees: HashMap::from([(FeeSum::default(), 0)]),
        };
        for (product, rank) in products.iter().zip(ranks) {
            catalogue.add(product, rank, &mut known);
        }
        catalogue.products = products;
        catalogue.filter = Filter::new(&catalogue);
        Ok(catalogue)
    }

    /// The day it is compiled for.
    #[must_use]
    pub const fn as_of(&self) -> Day {
        self.as_of
    }

    /// The LPR that its rates stand on.
    #[must_use]
    pub const fn lpr(&self) -> Lpr {
        self.lpr
    }

    /// The products, in the order given.
    #[must_use]
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    fn add(&mut self, product: &Product, rank: u32, known: &mut Known) {
        let steps_from = position(self.steps.len());
        for (criterion, form) in product.parsed_criteria().iter().zip(&product.criteria) {
            let step = match criterion {
                Criterion::Plain(plain) => self.step(plain, known),
                Criterion::Any(members) => {
                    let first = position(self.members.len());
                    for member in members {
                        let step = self.step(member, known);
                        self.members.push(step);
                    }
                    self.anys.push(first..position(self.members.len()));
                    any_step(self.anys.len() - 1)
                }
            };
            self.steps.push(step);
            super::output::push_miss_head(&mut self.misses, criterion, form.value.as_ref());
            self.miss_ends.push(position(self.misses.len()));
        }
        let caps_from = position(self.caps.len());
        self.caps
            .extend(product.amount_caps.iter().map(|cap| Cap { of: cap.of, bp: cap.bp }));
        self.cards.push(Card {
            amount_min: product.amount_fen.min.get(),
            amount_max: product.amount_fen.max.get(),
            term_min: count(product.term_months.min as usize),
            term_max: count(product.term_months.max as usize),
            closed: u16::from(!product.is_open_on(self.as_of)),
            kind: 1 << product.kind.index(),
            purposes: product.purposes.bits(),
            guarantees: product.guarantees.bits(),
            repayment: product.repayment.bits(),
            special: !product.amount_caps.is_empty() || product.renewal.is_some(),
            base: product.rate.base,
            steps_count: count(product.criteria.len()),
            caps_count: count(product.amount_caps.len()),
            steps_from,
            caps_from,
            spread_bp: bp(product.rate.spread_bp),
            floor_bp: bp(product.rate.floor_bp.unwrap_or(0)),
            discounts: place_of(discounts(product), &mut known.discounts, &mut self.discounts),
            fees: place_of(FeeSum::of(&product.fees), &mut known.fees, &mut self.fees),
            rank,
        });
        super::output::push_head(&mut self.heads, &product.code);
        self.head_ends.push(position(self.heads.len()));
    }

    fn step(&mut self, plain: &Plain, known: &mut Known) -> Step {
        let in_list = |list: u128| match i64::try_from(list) {
            Ok(bits) => (StepKind::InBits, bits, 0),
            Err(_) => (StepKind::InList, 0, list),
        };
        let (kind, value, list) = match plain.test {
            Test::AtLeast(bound) => (StepKind::AtLeast, bound.get(), 0),
            Test::AtMost(bound) => (StepKind::AtMost, bound.get(), 0),
            Test::OneOf(list) => in_list(list),
            Test::NoneOf(list) => in_list(!list),
            Test::Is(flag) => (StepKind::InBits, if flag { 0b10 } else { 0b01 }, 0),
            Test::IncludesAny(list) => (StepKind::Overlap, i64::try_from(list).unwrap_or(i64::MAX), 0),
        };
        Step {
            fact: plain.fact,
            kind,
            verified: plain.verified,
            place: if kind == StepKind::InList {
                place_of(list, &mut known.lists, &mut self.lists)
            } else {
                place_of(value, &mut known.values, &mut self.values)
            },
        }
    }
}

/// Where each distinct value stands, while a catalogue is compiled.
struct Known {
    values: HashMap<i64, u32>,
    lists: HashMap<u128, u32>,
    discounts: HashMap<Discounts, u32>,
    fees: HashMap<FeeSum, u32>,
}

/// The place of a value among those kept, where it is put if it is new.
fn place_of<T: Copy + Eq + Hash>(value: T, known: &mut HashMap<T, u32>, kept: &mut Vec<T>) -> u32 {
    *known.entry(value).or_insert_with(|| {
        kept.push(value);
        position(kept.len() - 1)
    })
}

/// An `any`. Its fact says nothing.
fn any_step(place: usize) -> Step {
    Step {
        fact: FactKey::Tier,
        kind: StepKind::Any,
        verified: false,
        place: position(place),
    }
}

/// A term, or how many criteria or caps one product has: a form of a line holds no more.
fn count(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// Bp of a product, which its parsing keeps far inside 32 bits.
fn bp(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

fn discounts(product: &Product) -> Discounts {
    let mut largest = 0;
    let mut discounts = Discounts::default();
    for (slot, tier) in discounts.iter_mut().zip(Tier::ALL) {
        largest = largest.max(bp(product.rate.tier_discount_bp.get(*tier).copied().unwrap_or(0)));
        *slot = largest;
    }
    discounts
}

/// The place of each product's code among all codes in byte order.
fn ranks(products: &[Product]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..products.len()).collect();
    order.sort_unstable_by(|one, two| products[*one].code.as_bytes().cmp(products[*two].code.as_bytes()));
    let mut ranks = vec![0; products.len()];
    for (rank, product) in order.into_iter().enumerate() {
        ranks[product] = position(rank);
    }
    ranks
}

/// A place in one of the arrays. Four billion products are beyond any catalogue that fits in memory.
fn position(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// An enterprise as the engine sees it on one day: every fact as a number, known or not.
#[derive(Clone, Debug)]
pub struct Applicant {
    pub(super) values: [i64; FACT_COUNT],
    pub(super) known: u64,
    pub(super) verified: u64,
    pub(super) established_on: Option<Day>,
}

impl Applicant {
    /// The facts of an enterprise as they hold on a day.
    #[must_use]
    pub fn new(enterprise: &Enterprise, as_of: Day) -> Self {
        let mut applicant = Self {
            values: [0; FACT_COUNT],
            known: 0,
            verified: 0,
            established_on: enterprise.established_on,
        };
        for (spec, slot) in FACTS.iter().zip(&mut applicant.values) {
            if let Some(fact) = enterprise.fact_on(spec.key, as_of) {
                *slot = fact.value.get();
                applicant.known |= bit(spec.key);
                applicant.verified |= if fact.verified { bit(spec.key) } else { 0 };
            }
        }
        applicant
    }

    /// The value of a fact, where it is known.
    pub(super) fn value(&self, fact: FactKey) -> Option<i64> {
        (self.known & bit(fact) != 0).then(|| self.values[fact as usize])
    }

    /// The tier that discounts go by: none where it is not known, or only declared.
    pub(super) fn verified_tier(&self) -> Option<usize> {
        if self.known & self.verified & bit(FactKey::Tier) == 0 {
            return None;
        }
        usize::try_from(self.values[FactKey::Tier as usize]).ok()
    }
}

/// The bit of a fact among known and verified.
pub(super) const fn bit(fact: FactKey) -> u64 {
    1 << fact as u8
}
