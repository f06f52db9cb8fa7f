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

use super::planes::WORD_BITS;
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
    tariffs: Vec<Tariff>,
    /// The distinct ones.
    fees: Vec<FeeSum>,
}

/// Where fees stand that are in already.
pub(super) type KnownFees = HashMap<FeeSum, u32>;

impl Prices {
    pub(super) fn with_room_for(products: usize) -> Self {
        Self {
            rates: array::from_fn(|_| Vec::with_capacity(products)),
            highest: [0; Column::COUNT],
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
        }
    }

    /// Takes a product's price out; that of the last product moves to its place.
    pub(super) fn swap_remove(&mut self, place: usize) {
        self.tariffs.swap_remove(place);
        for rates in &mut self.rates {
            rates.swap_remove(place);
        }
    }

    /// No rate of the column is above it.
    pub(super) const fn highest(&self, column: Column) -> i32 {
        self.highest[column.0]
    }

    pub(super) fn rate_bp(&self, column: Column, product: u32) -> i64 {
        i64::from(self.rates[column.0][product as usize])
    }

    /// Which of the 64 products of a word have a rate above `most`, where they are repaid so.
    #[inline]
    pub(super) fn dearer(&self, column: Column, word: usize, most: MostRates, ways: Ways) -> u64 {
        let rates = &self.rates[column.0];
        let from = word * WORD_BITS;
        let part = &rates[from.min(rates.len())..rates.len().min(from + WORD_BITS)];
        let mut padded = [0; WORD_BITS];
        let rates = part.first_chunk().unwrap_or_else(|| {
            padded[..part.len()].copy_from_slice(part);
            &padded
        });
        let mut dearer = above(rates, most.level_bp) & !ways.bullet;
        if ways.bullet != 0 {
            dearer |= above(rates, most.bullet_bp) & ways.bullet;
        }
        dearer & !ways.none
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

/// A bit for each rate above `most`.
///
/// The comparisons stand in a loop of their own, which the compiler makes four at a time; they leave a byte of 0 or 1 each. Of
/// eight such bytes the product with a number that has a 1 every seven bits holds the eight bits side by side at its top.
#[inline(never)]
fn above(rates: &[i32; WORD_BITS], most: i32) -> u64 {
    let mut bytes = [0_u8; WORD_BITS];
    for (byte, rate) in bytes.iter_mut().zip(rates) {
        *byte = u8::from(*rate > most);
    }
    let (eights, _) = bytes.as_chunks::<8>();
    let bits = eights
        .iter()
        .enumerate()
        .map(|(place, eight)| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56 << (8 * place));
    bits.fold(0, |all, eight| all | eight)
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
