//! Products, flattened into what the evaluation reads.

use super::criteria::{Criteria, Eight, KnownCriteria, StepKind};
use super::prices::{KnownFees, Prices};
use super::sieve::Sieve;
use super::texts::Texts;
use super::wish::CodeBits;
use crate::domain::criteria::State;
use crate::domain::dates::Day;
use crate::domain::lpr::{Lpr, LprTable};
use crate::domain::product::{AmountCap, Product};
use crate::domain::request::ExistingLoan;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The as-of date is before the first LPR of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no LPR was announced on or before {0}")]
pub struct NoLpr(pub Day);

/// What the engine reads of one product, its price aside: bounds and code sets, in one cache line.
#[derive(Clone)]
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
    pub codes: CodeBits,
    criteria_count: u16,
    caps_count: u16,
    /// Place of the first eight of its criteria in [`Catalogue::asked`].
    asked_from: u32,
    caps_from: u32,
    /// Place in [`Catalogue::renewals`]; 0 is none.
    pub renewal: u32,
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

/// Which loans a product renews.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Renewal {
    window_days: u32,
    /// The product's own bank, where it renews no other's.
    pub own_bank: Option<String>,
}

impl Renewal {
    /// None where the product renews no loan.
    pub(super) fn of(product: &Product) -> Option<Self> {
        let renewal = product.renewal?;
        Some(Self {
            window_days: renewal.window_days,
            own_bank: renewal.own_loans_only.then(|| product.bank.clone()),
        })
    }

    /// Whether the request has a loan that is renewed so.
    pub(super) fn state(&self, loan: Option<&ExistingLoan>, amount_fen: i64, as_of: Day) -> State {
        let renews = loan.is_some_and(|loan| {
            self.window(as_of).contains(&loan.matures_on)
                && amount_fen <= loan.balance_fen.get()
                && self.own_bank.as_ref().is_none_or(|bank| *bank == loan.bank)
        });
        if renews { State::Met } else { State::Unmet }
    }

    /// The days on which the loan may mature.
    pub(super) fn window(&self, as_of: Day) -> RangeInclusive<Day> {
        as_of..=as_of.plus_days(i64::from(self.window_days))
    }
}

/// A catalogue compiled for one day.
///
/// Holds the products themselves too: pages and explanations read their names and forms. It never changes:
/// [`Catalogue::changed`] makes another one of it.
#[derive(Clone)]
pub struct Catalogue {
    /// Unlike any other catalogue's of this process: what was remembered of another does not hold here.
    pub(super) number: u64,
    pub(super) as_of: Day,
    pub(super) lpr: Lpr,
    pub(super) products: Vec<Arc<Product>>,
    /// Places of the products, in the order of their codes.
    by_code: Vec<u32>,
    /// Place of each product's code among all codes in order.
    pub(super) ranks: Vec<u32>,
    pub(super) cards: Vec<Card>,
    /// The criteria of product after product.
    pub(super) asked: Vec<Eight>,
    pub(super) criteria: Criteria,
    pub(super) renewals: Vec<Renewal>,
    pub(super) caps: Vec<AmountCap>,
    pub(super) prices: Prices,
    /// The products' codes as JSON.
    pub(super) codes: Texts,
    pub(super) sieve: Sieve,
    /// How many products were changed since it was compiled.
    changes: usize,
}

/// How many catalogues this process has made.
static MADE: AtomicU64 = AtomicU64::new(0);

fn next_number() -> u64 {
    MADE.fetch_add(1, Ordering::Relaxed) + 1
}

impl Catalogue {
    /// Compiles the products for one day. Their codes must be unlike each other.
    ///
    /// # Errors
    /// [`NoLpr`] where the table begins after the day.
    pub fn compile(products: Vec<Product>, lpr: &LprTable, as_of: Day) -> Result<Self, NoLpr> {
        let lpr = lpr.on(as_of).ok_or(NoLpr(as_of))?;
        Ok(Self::of(products.into_iter().map(Arc::new).collect(), lpr, as_of))
    }

    fn of(products: Vec<Arc<Product>>, lpr: Lpr, as_of: Day) -> Self {
        let mut catalogue = Self {
            number: next_number(),
            as_of,
            lpr,
            by_code: (0..position(products.len())).collect(),
            ranks: Vec::new(),
            cards: Vec::with_capacity(products.len()),
            asked: Vec::new(),
            criteria: Criteria::default(),
            renewals: vec![Renewal::default()],
            caps: Vec::new(),
            prices: Prices::with_room_for(products.len() + SPARE_ROOM),
            codes: Texts::default(),
            sieve: Sieve::with_room_for(products.len() + SPARE_ROOM),
            changes: 0,
            products: Vec::new(),
        };
        let mut known = Known::default();
        for (place, product) in products.iter().enumerate() {
            let card = catalogue.card(product, &mut known);
            catalogue.cards.push(card);
            catalogue.prices.put(place, product, lpr, &mut known.fees);
            catalogue.codes.add(&super::output::code_text(&product.code));
        }
        drop(known);
        catalogue.prices.settle();
        catalogue.asked.shrink_to_fit();
        let renumbered = catalogue.criteria.settle();
        for number in catalogue.asked.iter_mut().flat_map(|eight| &mut eight.0) {
            *number = renumbered[*number as usize];
        }
        for (place, product) in products.iter().enumerate() {
            catalogue.mark(place, product, true);
        }
        catalogue.sieve.settle();
        let by_code = &mut catalogue.by_code;
        by_code.sort_unstable_by_key(|place| products[*place as usize].code.as_bytes());
        catalogue.products = products;
        catalogue.rank();
        catalogue
    }

    /// The catalogue with some products added, or in another version, and some taken out, no code twice among them: what compiling them all would
    /// give, but for the order of [`Catalogue::products`], at a fraction of the work.
    #[must_use]
    pub fn changed(&self, put: Vec<Product>, gone: &[String]) -> Self {
        let changes = self.changes + put.len() + gone.len();
        if changes > MOST_CHANGES || self.products.len() + put.len() > self.sieve.room() {
            // What is added later is neither shared nor arranged as well as what was compiled at once.
            let replaced: HashSet<&str> = put.iter().map(|product| product.code.as_str()).collect();
            let gone: HashSet<&str> = gone.iter().map(String::as_str).collect();
            let stays = |code: &str| !replaced.contains(code) && !gone.contains(code);
            let kept = self.products.iter().filter(|product| stays(&product.code)).cloned();
            let all = kept.chain(put.iter().cloned().map(Arc::new)).collect();
            return Self::of(all, self.lpr, self.as_of);
        }
        let mut catalogue = self.clone();
        catalogue.number = next_number();
        catalogue.changes = changes;
        for code in gone {
            catalogue.take_out(code);
        }
        for product in put {
            catalogue.put(&Arc::new(product));
        }
        catalogue.rank();
        catalogue
    }

    fn put(&mut self, product: &Arc<Product>) {
        let mut known = Known::default();
        let card = self.card(product, &mut known);
        let place = match self.place(&product.code) {
            Ok(place) => {
                let old = Arc::clone(&self.products[place]);
                self.mark(place, &old, false);
                self.cards[place] = card;
                self.products[place] = Arc::clone(product);
                place
            }
            Err(rank) => {
                let place = self.products.len();
                self.by_code.insert(rank, position(place));
                self.cards.push(card);
                self.codes.add(&super::output::code_text(&product.code));
                self.products.push(Arc::clone(product));
                place
            }
        };
        self.prices.put(place, product, self.lpr, &mut known.fees);
        self.mark(place, product, true);
    }

    /// Takes a product out; the last one moves to its place.
    fn take_out(&mut self, code: &str) {
        let Ok(place) = self.place(code) else { return };
        let last = self.products.len() - 1;
        for marked in [place, last] {
            let product = Arc::clone(&self.products[marked]);
            self.mark(marked, &product, false);
        }
        self.by_code.retain(|other| *other as usize != place);
        for other in self.by_code.iter_mut().filter(|other| **other as usize == last) {
            *other = position(place);
        }
        self.cards.swap_remove(place);
        self.prices.swap_remove(place);
        self.products.swap_remove(place);
        self.codes = Texts::default();
        for product in &self.products {
            self.codes.add(&super::output::code_text(&product.code));
        }
        if let Some(moved) = self.products.get(place).cloned() {
            self.mark(place, &moved, true);
        }
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

    /// The products; as they came, where the catalogue was compiled at once.
    #[must_use]
    pub fn products(&self) -> &[Arc<Product>] {
        &self.products
    }

    /// The place of a product, or that of its code among all codes where there is none.
    pub(super) fn place(&self, code: &str) -> Result<usize, usize> {
        let code_at = |place: &u32| self.products[*place as usize].code.as_bytes();
        let found = self
            .by_code
            .binary_search_by(|place| code_at(place).cmp(code.as_bytes()));
        found.map(|rank| self.by_code[rank] as usize)
    }

    /// The numbers of a product's criteria, in its order; behind them, 0 for nothing.
    pub(super) fn numbers(&self, card: &Card) -> impl Iterator<Item = u32> {
        self.asked[card.asked()].iter().flat_map(|eight| eight.0)
    }

    /// Turns [`Catalogue::by_code`] around.
    fn rank(&mut self) {
        self.ranks.resize(self.products.len(), 0);
        for (rank, place) in self.by_code.iter().enumerate() {
            self.ranks[*place as usize] = position(rank);
        }
    }

    /// Puts a product whose card is there into the sieve, or takes it out.
    fn mark(&mut self, place: usize, product: &Product, there: bool) {
        let anys: Vec<u32> = self
            .numbers(&self.cards[place])
            .filter(|number| self.criteria.step(*number).kind == StepKind::Any)
            .collect();
        self.sieve.mark(position(place), product, self.as_of, &anys, there);
    }

    /// The card of a product; what it points to is added where it is not known yet.
    fn card(&mut self, product: &Product, known: &mut Known) -> Card {
        let asked_from = position(self.asked.len());
        let criteria = product.parsed_criteria().iter().zip(&product.criteria);
        let numbers: Vec<u32> = criteria
            .map(|(criterion, form)| {
                self.criteria
                    .number(criterion, form.value.as_ref(), &mut known.criteria)
            })
            .collect();
        self.asked.extend(numbers.chunks(8).map(Eight::of));
        let caps_from = position(self.caps.len());
        self.caps.extend_from_slice(&product.amount_caps);
        let renewal = Renewal::of(product).unwrap_or_default();
        Card {
            amount_min: product.amount_fen.min.get(),
            amount_max: product.amount_fen.max.get(),
            term_min: count(product.term_months.min as usize),
            term_max: count(product.term_months.max as usize),
            closed: u16::from(!product.is_open_on(self.as_of)),
            codes: CodeBits::offered(product),
            criteria_count: count(product.criteria.len()),
            caps_count: count(product.amount_caps.len()),
            asked_from,
            caps_from,
            renewal: if product.renewal.is_some() {
                place_of(renewal, &mut known.renewals, &mut self.renewals)
            } else {
                0
            },
        }
    }
}

/// Products that may come later without compiling anew.
const SPARE_ROOM: usize = 64;
/// After so many changes to a catalogue the next one compiles it anew.
const MOST_CHANGES: usize = 256;

/// Where each distinct value stands, while products are added.
#[derive(Default)]
struct Known {
    criteria: KnownCriteria,
    renewals: HashMap<Renewal, u32>,
    fees: KnownFees,
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

/// A place in one of the arrays. Four billion products are beyond any catalogue that fits in memory.
pub(super) fn position(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
