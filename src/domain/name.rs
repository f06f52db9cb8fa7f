//! Names of people and of enterprises, as somebody outside types them.
//!
//! A name is looked at by people who decide by it, so it must not look like another one: composed (NFC),
//! without control characters and marks that hide or turn text, and of Han and Latin letters only. A Cyrillic
//! or Greek letter that looks like a Latin one has no place in a name that this district's papers show.

use super::invalid::{Rule, is_invisible};
use std::fmt;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

/// The longest name, in characters.
pub const LONGEST: usize = 100;

/// A name that reads as what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let text = text.trim_matches([' ', '\u{3000}']);
        if text.is_empty() {
            return Err(Rule::Required);
        }
        // Before it is composed, so that a long text is no work.
        if text.chars().count() > LONGEST {
            return Err(Rule::TooLong(LONGEST));
        }
        if text.chars().any(is_invisible) {
            return Err(Rule::BadCharacter);
        }
        let name: String = text.nfc().collect();
        if !name.chars().all(is_of_papers) || !name.chars().any(char::is_alphanumeric) {
            return Err(Rule::ForeignLetter);
        }
        Ok(Self(name))
    }
}

/// Han and Latin letters, and what all scripts share: digits, points, brackets, spaces.
fn is_of_papers(letter: char) -> bool {
    matches!(
        letter.script(),
        Script::Han | Script::Latin | Script::Common | Script::Inherited
    )
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_papers_are_taken() {
        for text in [
            "王芳",
            "买买提·吐尔逊",
            "示例（上街）铝业有限公司",
            "ABB 示例 3 号有限公司",
            "Zoë Müller",
        ] {
            assert_eq!(text.parse::<Name>().map(|name| name.to_string()), Ok(text.to_owned()));
        }
        let composed = "e\u{301}mile".parse::<Name>().expect("a name");
        assert_eq!(composed.as_str(), "émile", "two spellings of one name are equal");
        assert_eq!("\u{3000}王芳 ".parse::<Name>().expect("a name").as_str(), "王芳");
    }

    #[test]
    fn what_hides_turns_or_looks_like_another_is_refused() {
        for text in [
            "王\0芳",
            "王\r\n芳",
            "王\u{202e}芳",
            "王\u{200b}芳",
            "王\u{2028}芳",
            "王\u{ad}芳",
            "\u{feff}王芳",
            "王\u{e0041}芳",
        ] {
            assert_eq!(text.parse::<Name>(), Err(Rule::BadCharacter), "{text:?}");
        }
        // Cyrillic а, Greek Ο, Armenian օ; and marks alone.
        for text in ["аlpha 有限公司", "示例Ο有限公司", "示例օ", "（）", "\u{301}"] {
            assert_eq!(text.parse::<Name>(), Err(Rule::ForeignLetter), "{text:?}");
        }
        assert_eq!("  ".parse::<Name>(), Err(Rule::Required));
        assert_eq!("长".repeat(101).parse::<Name>(), Err(Rule::TooLong(LONGEST)));
    }
}
