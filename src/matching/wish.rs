//! What a request asks for by itself, as numbers and bits.

use crate::domain::codes::{Code, Repayment, Set};
use crate::domain::product::Product;
use crate::domain::request::Need;

/// Amount, term and codes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub amount_fen: i64,
    pub term_months: u32,
    pub codes: CodeBits,
}

impl Wish {
    pub(super) const fn of(need: &Need) -> Self {
        Self {
            amount_fen: need.amount_fen.get(),
            term_months: need.term_months,
            codes: CodeBits::wanted(need),
        }
    }
}

/// Purposes, guarantees, kinds and ways of repaying of a request or of a product: four sets in one word.
///
/// A request and a product go together where they share one of each; a request that names none of kinds or ways of
/// repaying has all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CodeBits(u32);

impl CodeBits {
    /// Shares nothing with anything.
    pub(super) const NONE: Self = Self(0);

    const fn wanted(need: &Need) -> Self {
        const fn or_any(bits: u8) -> u8 {
            if bits == 0 { u8::MAX } else { bits }
        }
        Self(u32::from_le_bytes([
            1 << need.purpose as u8,
            need.guarantees.bits(),
            or_any(need.kinds.bits()),
            or_any(need.repayment.bits()),
        ]))
    }

    pub(super) fn offered(product: &Product) -> Self {
        Self(u32::from_le_bytes([
            product.purposes.bits(),
            product.guarantees.bits(),
            1 << product.kind.index(),
            product.repayment.bits(),
        ]))
    }

    /// What both have, as sets in the same order.
    pub(super) const fn shared(self, other: Self) -> [u8; 4] {
        (self.0 & other.0).to_le_bytes()
    }

    /// The ways of repaying.
    pub(super) const fn methods(self) -> Set<Repayment> {
        let [_, _, _, repayment] = self.0.to_le_bytes();
        Set::from_bits(repayment)
    }

    /// In how many of the four the two share nothing.
    #[inline(always)]
    pub(super) const fn misses(self, other: Self) -> u8 {
        const LOW: u32 = 0x7f7f_7f7f;
        let shared = self.0 & other.0;
        // The high bit of each byte that is not 0: adding 127 carries into it where one of the low bits is set.
        let filled = ((((shared & LOW) + LOW) | shared) & !LOW) >> 7;
        let pairs = filled + (filled >> 16);
        4 - (pairs + (pairs >> 8)).to_le_bytes()[0]
    }
}
