//! What an enterprise agrees to: the platform's use of departments' facts, and a bank's reading of some.
//!
//! Both name the version of the text that was agreed to, have an end, and are taken back at once. The
//! texts stand under `config/texts`; a new one is a new file and a new line here, and the old ones stay,
//! so that what was agreed to can always be read again.

use super::codes::{Code, Owner, codes};
use super::criteria::Criterion;
use super::dates::Day;
use super::facts::{FACTS, FactKey};
use super::invalid::{Problems, Rule};
use super::product::{CapBase, Product};
use super::sheet::KnownFact;
use std::collections::BTreeSet;

codes! {
    /// What the platform uses departments' facts for.
    AuthorisationPurpose {
        Matching = "matching" "融资需求匹配与融资服务",
    }
}

codes! {
    /// What a bank reads facts for.
    ConsentPurpose {
        Application = "application" "审核本次融资需求",
        Contract = "contract" "履行融资合同",
    }
}

codes! {
    /// What was read of an enterprise.
    Reading {
        Profile = "profile" "企业资料",
        MatchResult = "match_result" "匹配结果",
        CreditProfile = "credit_profile" "信用资料",
    }
}

/// A text that is agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// From 1.
    pub version: i32,
    /// Its heading and its paragraphs, as Markdown.
    pub body: &'static str,
}

/// The authorisation's texts, oldest first.
static AUTHORISATION_TEXTS: [Text; 1] = [Text {
    version: 1,
    body: include_str!("../../config/texts/authorisation-1.md"),
}];

/// The consent's texts, oldest first.
static CONSENT_TEXTS: [Text; 1] = [Text {
    version: 1,
    body: include_str!("../../config/texts/consent-1.md"),
}];

/// The texts of the consent that goes with the acceptance of an offer, oldest first.
static CONTRACT_TEXTS: [Text; 1] = [Text {
    version: 1,
    body: include_str!("../../config/texts/contract-1.md"),
}];

/// The text to which an authorisation is given today.
#[must_use]
pub fn authorisation_text() -> Text {
    let [.., newest] = AUTHORISATION_TEXTS;
    newest
}

/// The text to which a consent is given today.
#[must_use]
pub fn consent_text() -> Text {
    let [.., newest] = CONSENT_TEXTS;
    newest
}

/// The text to which the consent that goes with an acceptance is given today.
#[must_use]
pub fn contract_text() -> Text {
    let [.., newest] = CONTRACT_TEXTS;
    newest
}

/// How long what is agreed to may hold at most: after a year it is asked again.
pub const LONGEST_DAYS: i64 = 366;
/// How long a consent holds unless said otherwise: as long as a request stays open.
pub const USUAL_DAYS: i64 = 90;

/// What is agreed to, as it comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The text that was shown.
    pub text_version: i32,
    /// The last day on which it holds.
    pub until: Day,
}

impl Terms {
    /// Notes each rule that they break; `path` leads to their fields.
    pub fn check(self, text: Text, today: Day, path: &str, problems: &mut Problems) {
        problems.check(
            self.text_version != text.version,
            &format!("{path}text_version"),
            || Rule::UnknownCode(self.text_version.to_string()),
        );
        let last = today.plus_days(LONGEST_DAYS);
        problems.check(self.until < today || self.until > last, &format!("{path}until"), || {
            Rule::DayOutOfRange { min: today, max: last }
        });
    }
}

/// The facts that a product looks at: its criteria, its caps, and the tier where that lowers its rate.
/// In the order of the vocabulary.
#[must_use]
pub fn facts_checked(product: &Product) -> BTreeSet<FactKey> {
    let criteria = product.parsed_criteria().iter().flat_map(|criterion| match criterion {
        Criterion::Plain(one) => std::slice::from_ref(one),
        Criterion::Any(members) => members.as_slice(),
    });
    let caps = product.amount_caps.iter().filter_map(|cap| match cap.of {
        CapBase::Fact(key) => Some(key),
        CapBase::ProjectCost => None,
    });
    let tier = (!product.rate.tier_discount_bp.is_empty()).then_some(FactKey::Tier);
    criteria.map(|plain| plain.fact).chain(caps).chain(tier).collect()
}

/// The facts of these owners, by their keys.
#[must_use]
pub fn keys_of(owners: &[Owner]) -> Vec<&'static str> {
    let of_them = FACTS.iter().filter(|spec| owners.contains(&spec.owner));
    of_them.map(|spec| spec.code).collect()
}

/// What a bank is shown of the facts in the scope of its consent. Values that came per bank are one
/// value, combined as the engine does it: which other banks an enterprise deals with is not told.
#[must_use]
pub fn disclosed(known: Vec<KnownFact>, today: Day) -> Vec<KnownFact> {
    let (per_bank, mut shown): (Vec<_>, Vec<_>) = known
        .into_iter()
        .partition(|fact| fact.verified && fact.key.spec().owner == Owner::Bank);
    let keys: BTreeSet<FactKey> = per_bank.iter().map(|fact| fact.key).collect();
    for key in keys {
        let of_key: Vec<&KnownFact> = per_bank.iter().filter(|fact| fact.key == key).collect();
        let holding: Vec<&KnownFact> = of_key.iter().copied().filter(|fact| fact.holds_on(today)).collect();
        let counting = if holding.is_empty() { of_key } else { holding };
        shown.extend(combined(key, &counting));
    }
    shown.sort_by_key(|fact| (fact.key, !fact.verified));
    shown
}

/// One value of several, as old as the oldest of them.
fn combined(key: FactKey, values: &[&KnownFact]) -> Option<KnownFact> {
    let held = values.iter().filter_map(|fact| {
        let value = key.value(&fact.value).ok()?;
        Some(super::profile::Held {
            key,
            fact: super::enterprise::Fact {
                value,
                verified: fact.verified,
                valid_until: fact.valid_until,
            },
            observed_on: fact.observed_on,
        })
    });
    let held: Vec<_> = held.collect();
    let fact = super::profile::combine(key.spec(), held.iter())?;
    Some(KnownFact {
        key,
        value: key.spec().kind.scalar(fact.value),
        verified: fact.verified,
        observed_on: held.iter().map(|one| one.observed_on).min()?,
        valid_until: fact.valid_until,
        source: format!("{}，合并计算", Owner::Bank.label()),
        bank: None,
    })
}

/// A person's name with all but the first character hidden.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let first = name.chars().next();
    first.map_or_else(|| "**".to_owned(), |first| format!("{first}**"))
}

/// An address with all but the first character of the mailbox and the last label of the host hidden.
#[must_use]
pub fn masked_email(email: &str) -> String {
    let first = email.chars().next().unwrap_or('*');
    let last = email.rsplit('.').next().unwrap_or_default();
    format!("{first}***@***.{last}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scalar::Scalar;

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    fn inflow(bank: &str, value: i64, until: &str) -> KnownFact {
        KnownFact {
            key: FactKey::SettlementInflowFen,
            value: Scalar::Number(value),
            verified: true,
            observed_on: day("2026-10-01"),
            valid_until: Some(day(until)),
            source: "示例中心".to_owned(),
            bank: Some(bank.to_owned()),
        }
    }

    #[test]
    fn a_bank_sees_the_banks_values_as_one_without_their_names() {
        let known = vec![
            inflow("甲", 100, "2026-12-01"),
            inflow("乙", 30, "2026-11-20"),
            inflow("丙", 7, "2026-10-30"),
        ];
        let shown = disclosed(known, day("2026-11-01"));
        let [one] = shown.as_slice() else { panic!("{shown:?}") };
        assert_eq!((&one.value, one.bank.as_deref()), (&Scalar::Number(130), None));
        assert_eq!(one.valid_until, Some(day("2026-11-20")));
        assert!(!one.source.contains(['甲', '乙', '丙']));
    }

    #[test]
    fn terms_hold_for_the_newest_text_from_today_for_a_year() {
        let today = day("2026-11-01");
        let broken = |version, until: &str| {
            let mut problems = Problems::default();
            let terms = Terms {
                text_version: version,
                until: day(until),
            };
            terms.check(consent_text(), today, "", &mut problems);
            problems.list().iter().map(|one| one.field.clone()).collect::<Vec<_>>()
        };
        assert!(broken(1, "2026-11-01").is_empty() && broken(1, "2027-11-02").is_empty());
        assert_eq!(broken(1, "2026-10-31"), ["until"]);
        assert_eq!(broken(2, "2027-11-03"), ["text_version", "until"]);
    }

    #[test]
    fn every_text_has_its_version_in_its_heading() {
        for text in AUTHORISATION_TEXTS.iter().chain(&CONSENT_TEXTS) {
            let heading = text.body.lines().next().expect("a heading");
            assert!(heading.ends_with(&format!("（第 {} 版）", text.version)), "{heading}");
        }
    }

    #[test]
    fn a_masked_contact_tells_nobody() {
        assert_eq!(masked_name("李会计"), "李**");
        assert_eq!(masked_email("enterprise@demo.example"), "e***@***.example");
    }
}
