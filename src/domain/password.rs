//! The rule for new passwords, in one function: length, what is guessed first, whose it is, and the kinds of
//! characters that 等保 2.0 (GB/T 22239-2019) has some sites ask for.
//!
//! Length and a list of what is common come first, as NIST SP 800-63B has it; kinds of characters are a
//! setting, and off unless a site is held to them. What was used before is the action's to check: only it
//! has the hashes.

use super::invalid::Rule;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The longest password in bytes; more is no password but a load.
pub const LONGEST_BYTES: usize = 1024;

/// Kinds of characters: lower case, upper case, digits, others.
pub const CLASSES: usize = 4;

/// The fewest letters of a name that a password may not hold; shorter ones are in many words.
const SHORTEST_NAME: usize = 4;

/// The most digits and signs that people put around a word; more is something of its own.
const ADDED_AT_MOST: usize = 12;

/// What a new password has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRule {
    /// Characters at least.
    pub min_length: usize,
    /// How many of the four kinds of characters at least; 0 or 1 asks for nothing.
    pub classes: usize,
}

/// Whose password it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    /// The address that the user signs in with.
    pub email: &'a str,
    /// The user's name.
    pub name: &'a str,
}

impl PasswordRule {
    /// Holds a new password against the rule. The length comes first, before anything reads the text.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self, password: &str, whose: Whose<'_>) -> Result<(), Rule> {
        let length = if password.len() > LONGEST_BYTES {
            usize::MAX
        } else {
            password.chars().count()
        };
        if length < self.min_length || length > LONGEST_BYTES {
            let bound = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
            return Err(Rule::OutOfRange {
                min: bound(self.min_length),
                max: bound(LONGEST_BYTES),
            });
        }
        let folded = password.to_lowercase();
        if names_its_owner(&folded, whose) {
            return Err(Rule::NamesOwner);
        }
        if is_common(&folded) {
            return Err(Rule::CommonPassword);
        }
        if classes(password) < self.classes {
            return Err(Rule::FewClasses(self.classes));
        }
        Ok(())
    }
}

/// How many of the four kinds of characters a text has.
fn classes(text: &str) -> usize {
    let kinds: [fn(char) -> bool; CLASSES] = [
        |c| c.is_lowercase(),
        |c| c.is_uppercase(),
        |c| c.is_ascii_digit(),
        |c| !c.is_lowercase() && !c.is_uppercase() && !c.is_ascii_digit(),
    ];
    kinds.iter().filter(|kind| text.chars().any(**kind)).count()
}

fn names_its_owner(folded: &str, whose: Whose<'_>) -> bool {
    let email = whose.email.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let name = whose.name.to_lowercase();
    // A Chinese name has two characters; nobody has them in a password by chance.
    let is_telling = |text: &str| text.chars().count() >= SHORTEST_NAME || (text.len() >= 2 && !text.is_ascii());
    [local, name.as_str()]
        .into_iter()
        .any(|text| is_telling(text) && folded.contains(text))
}

/// What is guessed first: entries of the list, also repeated and with digits and signs around them; and
/// characters that only run on.
fn is_common(folded: &str) -> bool {
    let is_sign = |c: char| !c.is_alphabetic();
    let bare = [folded.trim_end_matches(is_sign), folded.trim_matches(is_sign)];
    let length = folded.chars().count();
    let dressed = |word: &&str| !word.is_empty() && length - word.chars().count() <= ADDED_AT_MOST;
    is_guessed(folded) || bare.into_iter().filter(dressed).any(is_guessed)
}

fn is_guessed(text: &str) -> bool {
    let unit = unit(text);
    let is_short_repeated = unit.len() < text.len() && unit.chars().count() < 4;
    COMMON.contains(text) || COMMON.contains(unit) || is_short_repeated || runs_on(text)
}

/// The shortest beginning of which a text is a repetition; the text itself where it is none.
fn unit(text: &str) -> &str {
    let bytes = text.as_bytes();
    let ends = text.char_indices().map(|(at, _)| at).skip(1);
    ends.take_while(|end| end * 2 <= bytes.len())
        .find(|end| bytes.iter().zip(bytes.iter().skip(*end)).all(|(one, two)| one == two))
        .and_then(|end| text.get(..end))
        .unwrap_or(text)
}

/// Whether each character follows the one before it, up or down: `efghijkl`, `543210987654`.
fn runs_on(text: &str) -> bool {
    let places: Vec<u32> = text.chars().map(u32::from).collect();
    let steps = |up: bool| {
        places.windows(2).all(|pair| match *pair {
            [one, two] => {
                let (from, to) = if up { (one, two) } else { (two, one) };
                to == from + 1 || (from, to) == (u32::from('9'), u32::from('0'))
            }
            _ => true,
        })
    };
    places.len() > 3 && (steps(true) || steps(false))
}

/// The list; `config/common-passwords.txt` says what it is made of.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| entries().collect());

fn entries() -> impl Iterator<Item = &'static str> {
    include_str!("../../config/common-passwords.txt")
        .lines()
        .filter(|line| !line.starts_with("# "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: PasswordRule = PasswordRule {
        min_length: 12,
        classes: 0,
    };
    const WANG: Whose<'_> = Whose {
        email: "wang.fang@example.cn",
        name: "王芳",
    };

    fn check(password: &str) -> Result<(), Rule> {
        RULE.check(password, WANG)
    }

    #[test]
    fn the_length_has_a_lower_and_an_upper_bound() {
        let outside = Err(Rule::OutOfRange { min: 12, max: 1024 });
        assert_eq!(check("k7#mQ2vX9pL"), outside);
        assert_eq!(check("k7#mQ2vX9pLd"), Ok(()));
        assert_eq!(check(&"k7#mQ2vX9pLd".repeat(100)), outside);
        assert_eq!(check(&"x".repeat(1 << 20)), outside);
        assert_eq!(check("十二个汉字也可以作密码用"), Ok(()), "characters count, not bytes");
    }

    #[test]
    fn what_is_guessed_first_is_refused_however_it_is_dressed() {
        for common in [
            "password2024!",
            "Password@123456",
            "PASSWORDpassword",
            "woaini5201314",
            "!!WoAiNi1314520",
            "qwertyuiop123",
            "1qaz2wsx3edc4rfv",
            "qazwsxedcrfv",
            "123456789012",
            "210987654321",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123123123123123",
            "dragondragon",
            "zhangwei199001011",
            "iloveyouforever",
            "passwordadmin88",
        ] {
            assert_eq!(check(common), Err(Rule::CommonPassword), "{common}");
        }
        for good in [
            "a password for tests",
            "correct horse",
            "drei kleine birnen",
            "mima shi shenme ne",
            "a2026-11-26-0824-0371-88",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_name_and_the_address_are_no_secret() {
        for named in ["xx-wang.fang-2024", "WANG.FANG#9k2m", "我叫王芳住在上街区金屏路"] {
            assert_eq!(check(named), Err(Rule::NamesOwner), "{named}");
        }
        let short = Whose {
            email: "a@example.cn",
            name: "An",
        };
        assert_eq!(RULE.check("banana and peach", short), Ok(()));
    }

    #[test]
    fn kinds_of_characters_count_where_a_site_asks_for_them() {
        let strict = PasswordRule { classes: 3, ..RULE };
        let check = |text| strict.check(text, WANG);
        assert_eq!(check("drei kleine birnen"), Err(Rule::FewClasses(3)));
        assert_eq!(check("drei kleine Birnen"), Ok(()));
        assert_eq!(check("dreiKleineBirnen7"), Ok(()));
    }

    #[test]
    fn the_list_is_sorted_and_as_it_is_compared() {
        let list: Vec<_> = entries().collect();
        assert!(list.len() > 3_000, "{} entries", list.len());
        assert!(list.is_sorted_by(|one, two| one < two));
        assert!(list.iter().all(|entry| *entry == entry.to_lowercase().trim()));
    }
}
