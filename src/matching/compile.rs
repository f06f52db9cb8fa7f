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
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The as-of date is before the first LPR of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no LPR was announced on or before {0}")]
pub struct NoLpr(pub Day);

/// The bounds and code sets of one product.
pub(super) struct Gate {
    pub amount_min: i64,
    pub amount_max: i64,
    pub term_min: u16,
    pub term_max: u16,
    pub kind: u8,
    pub purposes: u8,
    pub guarantees: u8,
    pub repayment: u8,
    /// Bit of [`BuiltIn::ProductOpen`] where it is not open on the day, else 0.
    pub closed: u16,
    /// Whether it has amount caps or renews a loan.
    pub special: bool,
}

/// What a step does with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    /// fact ≥ value
    AtLeast,
    /// fact ≤ value
    AtMost,
    /// bit `fact` of the 64 bits in value is set
    InBits,
    /// bit `fact` of list number value is set
    InList,
    /// the fact's bits and value's share one
    Overlap,
    /// value holds first member and count of an `any`
    Any,
}

/// One criterion: 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub fact: FactKey,
    pub kind: StepKind,
    pub verified: bool,
    pub value: i64,
}

/// An amount cap.
pub(super) struct Cap {
    pub of: CapBase,
    pub bp: i64,
}

/// What is read of a product only when at most one check is unmet so far.
pub(super) struct Detail {
    pub steps: Range<u32>,
    pub caps: Range<u32>,
    pub base: RateBase,
    pub spread_bp: i64,
    pub floor_bp: i64,
    /// The largest discount among the tiers up to each one.
    pub discount_bp: [i64; Tier::ALL.len()],
    /// Place of its fees in [`Catalogue::fees`]; 0 is no fee.
    pub fees: u32,
    /// Place of its code among all codes in order.
    pub rank: u32,
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
    pub(super) gates: Vec<Gate>,
    pub(super) details: Vec<Detail>,
    pub(super) steps: Vec<Step>,
    pub(super) members: Vec<Step>,
    pub(super) lists: Vec<u128>,
    pub(super) caps: Vec<Cap>,
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
            gates: Vec::with_capacity(products.len()),
            details: Vec::with_capacity(products.len()),
            steps: Vec::new(),
            members: Vec::new(),
            lists: Vec::new(),
            caps: Vec::new(),
            fees: vec![FeeSum::default()],
            heads: Vec::new(),
            head_ends: Vec::with_capacity(products.len()),
            misses: Vec::new(),
            miss_ends: Vec::new(),
            filter: Filter::default(),
        };
        let mut known_fees = HashMap::from([(FeeSum::default(), 0)]);
        let mut known_lists = HashMap::new();
        for (product, rank) in products.iter().zip(ranks) {
            catalogue.add(product, rank, &mut known_fees, &mut known_lists);
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

    fn add(
        &mut self,
        product: &Product,
        rank: u32,
        known_fees: &mut HashMap<FeeSum, u32>,
        known_lists: &mut HashMap<u128, i64>,
    ) {
        self.gates.push(gate(product, self.as_of));
        let first_step = position(self.steps.len());
        for (criterion, form) in product.parsed_criteria().iter().zip(&product.criteria) {
            let step = match criterion {
                Criterion::Plain(plain) => self.step(plain, known_lists),
                Criterion::Any(members) => {
                    let first = self.members.len();
                    for member in members {
                        let step = self.step(member, known_lists);
                        self.members.push(step);
                    }
                    any_step(first, members.len())
                }
            };
            self.steps.push(step);
            super::output::push_miss_head(&mut self.misses, criterion, form.value.as_ref());
            self.miss_ends.push(position(self.misses.len()));
        }
        let first_cap = position(self.caps.len());
        self.caps
            .extend(product.amount_caps.iter().map(|cap| Cap { of: cap.of, bp: cap.bp }));
        let sum = FeeSum::of(&product.fees);
        let fees = *known_fees.entry(sum).or_insert_with(|| {
            self.fees.push(sum);
            position(self.fees.len() - 1)
        });
        self.details.push(Detail {
            steps: first_step..position(self.steps.len()),
            caps: first_cap..position(self.caps.len()),
            base: product.rate.base,
            spread_bp: product.rate.spread_bp,
            floor_bp: product.rate.floor_bp.unwrap_or(0),
            discount_bp: discounts(product),
            fees,
            rank,
        });
        super::output::push_head(&mut self.heads, &product.code);
        self.head_ends.push(position(self.heads.len()));
    }

    fn step(&mut self, plain: &Plain, known_lists: &mut HashMap<u128, i64>) -> Step {
        let mut in_list = |list: u128| {
            if let Ok(bits) = i64::try_from(list) {
                return (StepKind::InBits, bits);
            }
            let place = *known_lists.entry(list).or_insert_with(|| {
                self.lists.push(list);
                i64::from(position(self.lists.len() - 1))
            });
            (StepKind::InList, place)
        };
        let (kind, value) = match plain.test {
            Test::AtLeast(bound) => (StepKind::AtLeast, bound.get()),
            Test::AtMost(bound) => (StepKind::AtMost, bound.get()),
            Test::OneOf(list) => in_list(list),
            Test::NoneOf(list) => in_list(!list),
            Test::Is(flag) => (StepKind::InBits, if flag { 0b10 } else { 0b01 }),
            Test::IncludesAny(list) => (StepKind::Overlap, i64::try_from(list).unwrap_or(i64::MAX)),
        };
        Step {
            fact: plain.fact,
            kind,
            verified: plain.verified,
            value,
        }
    }
}

/// An `any`: its first member's place and how many there are. Its fact says nothing.
fn any_step(first: usize, count: usize) -> Step {
    let value = (i64::from(position(first)) << 8) | i64::from(position(count));
    Step {
        fact: FactKey::Tier,
        kind: StepKind::Any,
        verified: false,
        value,
    }
}

impl Step {
    /// The places of an `any`'s members.
    #[expect(clippy::cast_sign_loss, reason = "any_step made it of two u32")]
    pub(super) const fn member_range(&self) -> Range<usize> {
        let first = (self.value >> 8) as usize;
        first..first + (self.value & 0xff) as usize
    }
}

fn gate(product: &Product, as_of: Day) -> Gate {
    Gate {
        amount_min: product.amount_fen.min.get(),
        amount_max: product.amount_fen.max.get(),
        term_min: u16::try_from(product.term_months.min).unwrap_or(u16::MAX),
        term_max: u16::try_from(product.term_months.max).unwrap_or(u16::MAX),
        kind: 1 << product.kind.index(),
        purposes: product.purposes.bits(),
        guarantees: product.guarantees.bits(),
        repayment: product.repayment.bits(),
        closed: u16::from(!product.is_open_on(as_of)),
        special: !product.amount_caps.is_empty() || product.renewal.is_some(),
    }
}

fn discounts(product: &Product) -> [i64; Tier::ALL.len()] {
    let mut largest = 0;
    let mut discounts = [0; Tier::ALL.len()];
    for (slot, tier) in discounts.iter_mut().zip(Tier::ALL) {
        largest = largest.max(product.rate.tier_discount_bp.get(*tier).copied().unwrap_or(0));
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
