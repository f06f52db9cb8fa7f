//! Who says what is known of an enterprise, since when, and for how long it holds.

use crate::domain::codes::Code;
use crate::domain::criteria::State;
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::sheet::KnownFact;
use crate::domain::verdict::CheckOutcome;

/// How far a value can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its owner vouches for it.
    Verified,
    /// The enterprise says so itself.
    Declared,
    /// It holds no longer.
    Expired,
    /// Nothing is known.
    Missing,
}

impl Standing {
    /// What a page calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Verified => "已核验",
            Self::Declared => "自行填报",
            Self::Expired => "已过期",
            Self::Missing => "尚无",
        }
    }

    /// The colour of its tag.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Verified => "ok",
            Self::Declared => "need",
            Self::Expired => "near",
            Self::Missing => "off",
        }
    }

    /// That of a value on `day`.
    #[must_use]
    pub fn of(fact: &KnownFact, day: Day) -> Self {
        match (fact.holds_on(day), fact.verified) {
            (false, _) => Self::Expired,
            (true, true) => Self::Verified,
            (true, false) => Self::Declared,
        }
    }
}

/// Where a check's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Who says so.
    pub name: String,
    /// The day for which it was true, or on which it was looked at.
    pub date: String,
    /// How far it can be relied on, where it is a fact.
    pub standing: Option<Standing>,
}

/// What a match knew of an enterprise, on its day.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Every value with its source.
    pub facts: &'a [KnownFact],
    /// The day of the match.
    pub as_of: Day,
}

impl<'a> Known<'a> {
    /// The values that count for a fact: those that hold, verified before declared; else the newest.
    #[must_use]
    pub fn counting(&self, key: FactKey) -> Vec<&'a KnownFact> {
        let of_key = || self.facts.iter().filter(move |fact| fact.key == key);
        for verified in [true, false] {
            let holding: Vec<_> = of_key()
                .filter(|fact| fact.verified == verified && fact.holds_on(self.as_of))
                .collect();
            if !holding.is_empty() {
                return holding;
            }
        }
        let newest = of_key().max_by_key(|fact| (fact.observed_on, fact.verified));
        newest.into_iter().collect()
    }

    /// How far what counts for a fact can be relied on.
    #[must_use]
    pub fn standing(&self, key: FactKey) -> Standing {
        if key == FactKey::AgeMonths {
            return Standing::Verified;
        }
        let counting = self.counting(key);
        counting
            .first()
            .map_or(Standing::Missing, |fact| Standing::of(fact, self.as_of))
    }

    /// Who says so, since when.
    #[must_use]
    pub fn source(&self, key: FactKey) -> Source {
        let owner = key.spec().owner.label();
        if key == FactKey::AgeMonths {
            return Source {
                name: format!("{owner}登记的成立日期"),
                date: self.as_of.to_string(),
                standing: Some(Standing::Verified),
            };
        }
        let counting = self.counting(key);
        let mut names: Vec<&str> = counting.iter().map(|fact| fact.source.as_str()).collect();
        names.dedup();
        Source {
            name: if names.is_empty() {
                owner.to_owned()
            } else {
                names.join("、")
            },
            date: counting
                .iter()
                .map(|fact| fact.observed_on)
                .min()
                .map_or_else(String::new, |day| day.to_string()),
            standing: Some(self.standing(key)),
        }
    }

    /// Why a fact counts as unknown, and who could change that.
    #[must_use]
    pub fn why_unknown(&self, key: FactKey, must_be_verified: bool) -> String {
        let owner = key.spec().owner.label();
        let who = if must_be_verified {
            format!("须由{owner}核验")
        } else {
            "可以自行填报".to_owned()
        };
        let counting = self.counting(key);
        let until = counting.iter().filter_map(|fact| fact.valid_until).min();
        match (self.standing(key), until) {
            (Standing::Expired, Some(until)) => format!("{until} 已过期，{who}"),
            (Standing::Declared, _) => format!("只有自行填报的，{who}"),
            _ => format!("尚无，{who}"),
        }
    }
}

/// The checks that are not met or not known, with the members of an `any` left inside it.
#[must_use]
pub fn unmet(checks: &[CheckOutcome]) -> Vec<&CheckOutcome> {
    checks.iter().filter(|check| check.state == State::Unmet).collect()
}
