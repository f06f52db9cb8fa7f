//! 统一社会信用代码 (USCC), GB 32100-2015, with the organisation code's own check (GB 11714-1997).

use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;
use std::str::FromStr;

/// A credit code of 18 characters with both check digits right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc([u8; 18]);

/// Why a text is no credit code: the first reason that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum UsccError {
    /// Not 18 characters.
    Length,
    /// A character outside ASCII.
    NotAscii,
    /// Neither letter nor digit.
    NotAlphanumeric,
    /// A small letter.
    LowerCase,
    /// One of the letters that never occur: I, O, S, V, Z.
    Letter(char),
    /// Characters 3 to 8 are not all digits.
    RegionNotDigits,
    /// The first character is no registering authority.
    AuthorityCode,
    /// The second is no entity type of that authority.
    EntityTypeCode,
    /// The 18th character is wrong.
    CheckDigit,
    /// The 17th character, the organisation code's own check, is wrong.
    OrganisationCheck,
}

impl UsccError {
    /// The stable code of the reason.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::NotAscii => "not_ascii",
            Self::NotAlphanumeric => "not_alphanumeric",
            Self::LowerCase => "lower_case",
            Self::Letter('I') => "letter_I",
            Self::Letter('O') => "letter_O",
            Self::Letter('S') => "letter_S",
            Self::Letter('V') => "letter_V",
            Self::Letter(_) => "letter_Z",
            Self::RegionNotDigits => "region_not_digits",
            Self::AuthorityCode => "authority_code",
            Self::EntityTypeCode => "entity_type_code",
            Self::CheckDigit => "check_digit",
            Self::OrganisationCheck => "organisation_check",
        }
    }
}

/// GB 32100-2015's 31 characters; a character's value is its place.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Registering authorities with their entity types (the 9 of authority 9 is our reading of "other").
const AUTHORITIES: [(u8, &[u8]); 12] = [
    (b'1', b"1239"),
    (b'2', b"19"),
    (b'3', b"123459"),
    (b'4', b"19"),
    (b'5', b"1239"),
    (b'6', b"129"),
    (b'7', b"129"),
    (b'8', b"19"),
    (b'9', b"1239"),
    (b'A', b"19"),
    (b'N', b"1239"),
    (b'Y', b"1"),
];

impl Uscc {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code that begins with these 16 characters, both check characters computed.
    ///
    /// # Errors
    /// The first rule that the characters break.
    pub fn with_checks(start: &str) -> Result<Self, UsccError> {
        let mut code = [b'0'; 18];
        if start.len() != 16 {
            return Err(UsccError::Length);
        }
        code.iter_mut()
            .zip(start.bytes())
            .for_each(|(place, byte)| *place = byte);
        if !start.bytes().all(|byte| ALPHABET.contains(&byte)) {
            return str::from_utf8(&code).map_or(Err(UsccError::NotAscii), str::parse);
        }
        let organisation_check = organisation_check_character(&code);
        let [.., place, _] = &mut code;
        *place = organisation_check;
        let check = check_character(&code).ok_or(UsccError::CheckDigit)?;
        let [.., place] = &mut code;
        *place = check;
        str::from_utf8(&code).map_or(Err(UsccError::NotAscii), str::parse)
    }

    /// The code that a person typed: full-width characters folded, spaces dropped, upper-cased.
    ///
    /// # Errors
    /// The first rule that the code then breaks.
    pub fn from_typed(text: &str) -> Result<Self, UsccError> {
        let folded: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                other => other,
            })
            .collect();
        folded.to_ascii_uppercase().parse()
    }
}

/// The check character of the first 17: Σ value·3^(i−1) mod 31, subtracted from 31.
fn check_character(code: &[u8; 18]) -> Option<u8> {
    let mut weight = 1;
    let mut sum = 0;
    for byte in code.iter().take(17) {
        sum += ALPHABET.iter().position(|letter| letter == byte)? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.get((31 - sum % 31) % 31).copied()
}

/// The check character of the organisation code (characters 9 to 16): plain MOD 11, X for 10.
fn organisation_check_character(code: &[u8; 18]) -> u8 {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let value = |byte: u8| {
        u32::from(if byte.is_ascii_digit() {
            byte - b'0'
        } else {
            byte - b'A' + 10
        })
    };
    let sum: u32 = code
        .iter()
        .skip(8)
        .zip(weights)
        .map(|(byte, weight)| value(*byte) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).unwrap_or_default(),
    }
}

impl FromStr for Uscc {
    type Err = UsccError;

    fn from_str(text: &str) -> Result<Self, UsccError> {
        if text.chars().count() != 18 {
            return Err(UsccError::Length);
        }
        let code: [u8; 18] = match text.as_bytes().try_into() {
            Ok(code) if text.is_ascii() => code,
            _ => return Err(UsccError::NotAscii),
        };
        if !code.iter().all(u8::is_ascii_alphanumeric) {
            return Err(UsccError::NotAlphanumeric);
        }
        if code.iter().any(u8::is_ascii_lowercase) {
            return Err(UsccError::LowerCase);
        }
        if let Some(letter) = code.iter().find(|byte| !ALPHABET.contains(byte)) {
            return Err(UsccError::Letter(char::from(*letter)));
        }
        let [authority, entity, ..] = code;
        if !code.iter().skip(2).take(6).all(u8::is_ascii_digit) {
            return Err(UsccError::RegionNotDigits);
        }
        let Some((_, entities)) = AUTHORITIES.iter().find(|(code, _)| *code == authority) else {
            return Err(UsccError::AuthorityCode);
        };
        if !entities.contains(&entity) {
            return Err(UsccError::EntityTypeCode);
        }
        let [.., organisation_check, check] = code;
        if check_character(&code) != Some(check) {
            return Err(UsccError::CheckDigit);
        }
        if organisation_check_character(&code) != organisation_check {
            return Err(UsccError::OrganisationCheck);
        }
        Ok(Self(code))
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Uscc {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Uscc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Uscc;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a credit code of 18 characters")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Uscc, E> {
                text.parse()
                    .map_err(|reason| E::custom(format_args!("not a credit code: {reason}")))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_a_person_types() {
        assert_eq!(Uscc::from_typed(" 9111 0108595170040e"), "91110108595170040E".parse());
        assert_eq!(Uscc::from_typed("914101007９468583XE"), "9141010079468583XE".parse());
        assert!(Uscc::from_typed("914101007９468583XF").is_err());
    }

    #[test]
    fn completes_the_check_characters() {
        assert_eq!(Uscc::with_checks("9141010673119993"), "91410106731199930R".parse());
        assert_eq!(Uscc::with_checks("9141010693895279"), "91410106938952790R".parse());
        assert_eq!(Uscc::with_checks("914101069389527"), Err(UsccError::Length));
        assert_eq!(Uscc::with_checks("914101069389527O"), Err(UsccError::Letter('O')));
    }

    #[test]
    fn authority_and_entity_type_have_reasons_of_their_own() {
        assert_eq!("B1410106731199930R".parse::<Uscc>(), Err(UsccError::AuthorityCode));
        assert_eq!("97410106731199930R".parse::<Uscc>(), Err(UsccError::EntityTypeCode));
    }
}
