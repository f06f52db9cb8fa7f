//! Money: whole 分, within ±10^15 (ten trillion 元), so that sums and products have room.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;

/// An amount of money in 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Fen(i64);

impl Fen {
    /// The largest amount, 10^15 分.
    pub const LIMIT: i64 = 1_000_000_000_000_000;
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount, if within ±[`Fen::LIMIT`].
    #[must_use]
    pub const fn new(fen: i64) -> Option<Self> {
        if fen >= -Self::LIMIT && fen <= Self::LIMIT {
            Some(Self(fen))
        } else {
            None
        }
    }

    /// The number of 分.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// As 万元 with thousands commas and only the decimals it needs (at most six): `1,234.5`.
    #[must_use]
    pub fn to_wan(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        let decimals = format!("{:06}", fen % 1_000_000);
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        format!("{sign}{}{point}{decimals}", thousands(fen / 1_000_000))
    }
}

/// A whole number with a comma every three digits.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fen = i64::deserialize(deserializer)?;
        Self::new(fen).ok_or_else(|| de::Error::custom("money beyond 10^15 fen"))
    }
}

#[cfg(test)]
mod tests {
    use super::Fen;

    #[test]
    fn shows_wan_without_needless_decimals() {
        let wan = |fen| Fen::new(fen).map(Fen::to_wan);
        assert_eq!(wan(500_000_000).as_deref(), Some("500"));
        assert_eq!(wan(1_234_567_800_000).as_deref(), Some("1,234,567.8"));
        assert_eq!(wan(-1).as_deref(), Some("-0.000001"));
    }

    #[test]
    fn refuses_what_is_beyond_the_limit() {
        assert!(Fen::new(Fen::LIMIT).is_some());
        assert!(Fen::new(Fen::LIMIT + 1).is_none());
        assert!(Fen::new(i64::MIN).is_none());
    }
}
