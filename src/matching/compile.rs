//! Products, flattened into what the evaluation reads.

use super::criteria::{Criteria, Eight, Numbering};
use super::filter::Filter;
use super::texts::Texts;
use crate::domain::codes::{Code, RateBase, Tier};
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
    pub base: RateBase,
    criteria_count: u16,
    caps_count: u16,
    /// Place of the first eight of its criteria in [`Catalogue::asked`].
    asked_from: u32,
    caps_from: u32,
    /// Place in [`Catalogue::renewals`]; 0 is none.
    pub renewal: u32,
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
    /// The places of its criteria, eight at a time.
    pub(super) fn asked(&self) -> Range<usize> {
        let eights = usize::from(self.criteria_count).div_ceil(8);
        self.asked_from as usize..self.asked_from as usize + eights
    }

    /// Whether it has amount caps or renews a loan.
    pub(super) const fn is_special(&self) -> bool {
        self.caps_count != 0 || self.renewal != 0
    }

    /// The places of its amount caps.
    pub(super) const fn caps(&self) -> Range<usize> {
        self.caps_from as usize..self.caps_from as usize + self.caps_count as usize
    }
}

/// The largest discount among the tiers up to each one, in bp.
pub(super) type Discounts = [i32; Tier::ALL.len()];

/// An amount cap.
pub(super) struct Cap {
    pub of: CapBase,
    pub bp: i64,
}

/// Which loans a product renews.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Renewal {
    pub window_days: u32,
    /// The product's own bank, where it renews no other's.
    pub own_bank: Option<String>,
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
    /// The criteria of product after product.
    pub(super) asked: Vec<Eight>,
    pub(super) criteria: Criteria,
    pub(super) renewals: Vec<Renewal>,
    pub(super) caps: Vec<Cap>,
    pub(super) discounts: Vec<Discounts>,
    pub(super) fees: Vec<FeeSum>,
    /// The products' codes, as JSON without its quotes.
    pub(super) codes: Texts,
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
            asked: Vec::new(),
            criteria: Criteria::default(),
            renewals: vec![Renewal::default()],
            caps: Vec::new(),
            discounts: vec![Discounts::default()],
            fees: vec![FeeSum::default()],
            codes: Texts::default(),
            filter: Filter::default(),
        };
        let mut known = Known {
            criteria: Numbering::new(),
            renewals: HashMap::new(),
            discounts: HashMap::from([(Discounts::default(), 0)]),
            fees: HashMap::from([(FeeSum::default(), 0)]),
        };
        for (product, rank) in products.iter().zip(ranks) {
            catalogue.add(product, rank, &mut known);
        }
        let (criteria, renumbered) = known.criteria.finish();
        for number in catalogue.asked.iter_mut().flat_map(|eight| &mut eight.0) {
            *number = renumbered[*number as usize];
        }
        catalogue.criteria = criteria;
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
        let asked_from = position(self.asked.len());
        let numbers = product.parsed_criteria().iter().zip(&product.criteria);
        let numbers: Vec<u32> = numbers
            .map(|(criterion, form)| known.criteria.number(criterion, form.value.as_ref()))
            .collect();
        self.asked.extend(numbers.chunks(8).map(Eight::of));
        let renewal = product.renewal.map_or(0, |renewal| {
            let renewal = Renewal {
                window_days: renewal.window_days,
                own_bank: renewal.own_loans_only.then(|| product.bank.clone()),
            };
            place_of(renewal, &mut known.renewals, &mut self.renewals)
        });
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
            base: product.rate.base,
            criteria_count: count(product.criteria.len()),
            caps_count: count(product.amount_caps.len()),
            asked_from,
            caps_from,
            renewal,
            spread_bp: bp(product.rate.spread_bp),
            floor_bp: bp(product.rate.floor_bp.unwrap_or(0)),
            discounts: place_of(discounts(product), &mut known.discounts, &mut self.discounts),
            fees: place_of(FeeSum::of(&product.fees), &mut known.fees, &mut self.fees),
            rank,
        });
        self.codes.add(&super::output::code_text(&product.code));
    }
}

/// Where each distinct value stands, while a catalogue is compiled.
struct Known {
    criteria: Numbering,
    renewals: HashMap<Renewal, u32>,
    discounts: HashMap<Discounts, u32>,
    fees: HashMap<FeeSum, u32>,
}

/// The place of a value among those kept, where it is put if it is new.
pub(super) fn place_of<T: Clone + Eq + Hash>(value: T, known: &mut HashMap<T, u32>, kept: &mut Vec<T>) -> u32 {
    *known.entry(value).or_insert_with_key(|value| {
        kept.push(value.clone());
        position(kept.len() - 1)
    })
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
pub(super) fn position(place: usize) -> u32 {
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
