//! What products charge, in columns.
//!
//! Of a request a rate depends on two things: the verified tier, and whether the term goes by the five-year LPR. So all
//! rates are worked out beforehand, a column for each pair of these, and a request reads one of them. With an LPR of 3.00 %
//! and 3.50 %
//!
//! ```text
//!                                                   no tier, short   specialised, short   no tier, long   …
//! P0: 1-year LPR + 1.00 %, specialised − 0.20 %          400                380                400
//! P1: LPR by term + 1.00 %, at least 4.20 %              420                420                450
//! ```

use super::ladder::{Ladder, RateLimit};
use super::planes::{Plane, Planes};
use crate::domain::codes::{Code, Repayment, Set, Tier};
use crate::domain::lpr::{Lpr, ONE_YEAR_UP_TO_MONTHS};
use crate::domain::product::Product;
use crate::finance::annual_cost::FeeSum;
use std::array;
use std::collections::HashMap;

/// A column of rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column(usize);

impl Column {
    /// No tier or one of them, each for short and for long terms.
    const COUNT: usize = 2 * (1 + Tier::ALL.len());

    /// That of an enterprise of this verified tier, for this term.
    pub(super) fn of(tier: Option<usize>, term_months: u32) -> Self {
        let long = usize::from(term_months > ONE_YEAR_UP_TO_MONTHS);
        Self(2 * tier.map_or(0, |tier| 1 + tier) + long)
    }

    /// The tiers up to its own, and a term that it is for.
    fn stands_for(self) -> (&'static [Tier], u32) {
        (
            &Tier::ALL[..self.0 / 2],
            ONE_YEAR_UP_TO_MONTHS + u32::from(self.0 % 2 == 1),
        )
    }
}

/// [`MostRates`] on the ladder of a column.
pub(super) struct RateLimits {
    level: RateLimit,
    bullet: RateLimit,
}

/// How a product may be repaid, and what it charges beside its rate.
#[derive(Clone, Copy)]
pub(super) struct Tariff {
    pub methods: Set<Repayment>,
    /// Place in [`Prices::fees`]; 0 is none.
    pub fees: u32,
}

/// The prices of a catalogue's products, by their places.
#[derive(Clone)]
pub(super) struct Prices {
    /// In bp.
    rates: [Vec<i32>; Column::COUNT],
    /// No rate of a column is above it.
    highest: [i32; Column::COUNT],
    /// A ladder of each column.
    ladders: [Ladder; Column::COUNT],
    planes: Planes,
    tariffs: Vec<Tariff>,
    /// The distinct ones.
    fees: Vec<FeeSum>,
}

/// Where fees stand that are in already.
pub(super) type KnownFees = HashMap<FeeSum, u32>;

impl Prices {
    /// For so many products, of which none is in it yet.
    pub(super) fn with_room_for(products: usize) -> Self {
        Self {
            rates: array::from_fn(|_| Vec::with_capacity(products)),
            highest: [0; Column::COUNT],
            ladders: array::from_fn(|_| Ladder::default()),
            planes: Planes::with_room_for(products),
            tariffs: Vec::with_capacity(products),
            fees: vec![FeeSum::default()],
        }
    }

    /// Puts down a product's price at its place: that of another, or the next free one.
    pub(super) fn put(&mut self, place: usize, product: &Product, lpr: Lpr, known: &mut KnownFees) {
        let fees = FeeSum::of(&product.fees);
        let tariff = Tariff {
            methods: product.repayment,
            fees: if fees.is_nothing() {
                0
            } else {
                super::compile::place_of(fees, known, &mut self.fees)
            },
        };
        put(&mut self.tariffs, place, tariff);
        for (column, (rates, highest)) in self.rates.iter_mut().zip(&mut self.highest).enumerate() {
            let rate = rate_bp(product, lpr, Column(column));
            put(rates, place, rate);
            *highest = rate.max(*highest);
            self.ladders[column].mark(&mut self.planes, super::compile::position(place), Some(rate));
        }
    }

    /// Makes the ladders of what was put down; what comes later is put on them.
    pub(super) fn settle(&mut self) {
        for (ladder, rates) in self.ladders.iter_mut().zip(&self.rates) {
            *ladder = Ladder::of(rates, &mut self.planes);
        }
        self.planes.settle();
    }

    /// Takes a product's price out; that of the last product moves to its place.
    pub(super) fn swap_remove(&mut self, place: usize) {
        self.tariffs.swap_remove(place);
        for (rates, ladder) in self.rates.iter_mut().zip(&self.ladders) {
            rates.swap_remove(place);
            for product in [place, rates.len()] {
                ladder.mark(
                    &mut self.planes,
                    super::compile::position(product),
                    rates.get(product).copied(),
                );
            }
        }
    }

    /// No rate of the column is above it.
    pub(super) const fn highest(&self, column: Column) -> i32 {
        self.highest[column.0]
    }

    pub(super) fn rate_bp(&self, column: Column, product: u32) -> i64 {
        i64::from(self.rates[column.0][product as usize])
    }

    /// The largest rates that keep to something, placed on the ladder of a column.
    pub(super) fn limits(&self, column: Column, most: MostRates) -> RateLimits {
        let ladder = &self.ladders[column.0];
        RateLimits {
            level: ladder.limit(most.level_bp),
            bullet: ladder.limit(most.bullet_bp),
        }
    }

    /// Which of some products of a word have a rate above the limit of the ways in which they can be repaid.
    #[inline]
    pub(super) fn dearer(&self, column: Column, word: usize, limits: &RateLimits, ways: Ways, some: u64) -> u64 {
        let rates = &self.rates[column.0];
        let some = some & !ways.none;
        let level = limits.level.broken(&self.planes, rates, word, some & !ways.bullet);
        if some & ways.bullet == 0 {
            return level;
        }
        level | limits.bullet.broken(&self.planes, rates, word, some & ways.bullet)
    }

    /// The rungs to look on for the cheapest `wanted` of so many products, as [`Ladder::climb`].
    pub(super) fn climb(&self, column: Column, wanted: usize, of: usize) -> impl Iterator<Item = Plane> {
        self.ladders[column.0].climb(wanted, of)
    }

    /// Those of a word that stand on a rung.
    pub(super) fn on_rung(&self, rung: Plane, word: usize) -> u64 {
        self.planes.word(rung, word)
    }

    pub(super) fn tariff(&self, product: u32) -> Tariff {
        self.tariffs[product as usize]
    }

    pub(super) fn fees(&self, place: u32) -> &FeeSum {
        &self.fees[place as usize]
    }
}

/// The largest rates that keep to something, of loans without fees: those of all methods but bullet cost the same.
#[derive(Clone, Copy)]
pub(super) struct MostRates {
    pub level_bp: i32,
    pub bullet_bp: i32,
}

/// Which of the 64 products of a word can be repaid how, of the ways that a request allows; a bit each.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    /// In no way.
    pub none: u64,
    /// At the end, interest and all: nothing costs less at the same rate.
    pub bullet: u64,
}

fn put<T>(column: &mut Vec<T>, place: usize, value: T) {
    match column.get_mut(place) {
        Some(slot) => *slot = value,
        None => column.push(value),
    }
}

/// Far inside 32 bits: parsing keeps each part of a rate there.
fn rate_bp(product: &Product, lpr: Lpr, column: Column) -> i32 {
    let (tiers, term_months) = column.stands_for();
    let rate = &product.rate;
    let discounts = tiers.iter().filter_map(|tier| rate.tier_discount_bp.get(*tier));
    let discount = discounts.copied().max().unwrap_or(0);
    let bp = lpr.base_bp(rate.base, term_months) + rate.spread_bp - discount;
    i32::try_from(bp.max(rate.floor_bp.unwrap_or(0))).unwrap_or(i32::MAX)
}
