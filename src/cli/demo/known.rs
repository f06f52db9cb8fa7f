//! Who knows what of a company: from the truth to facts with source, age and verification.
//!
//! Departments and banks hand in what they own; some of it a company has only declared; some has
//! passed its shelf life; some nobody has handed in.

use super::company::{Care, Company};
use super::random::Random;
use super::{DemoEnterprise, DemoFact, Source};
use crate::domain::codes::{Code, Owner, Tier};
use crate::domain::dates::Day;
use crate::domain::enterprise::Fact;
use crate::domain::facts::{Combine, FactKey, FactValue, ShelfLife};
use crate::domain::profile::Held;
use chrono::Datelike;

/// The enterprise as the service knows it on `today`.
pub(super) fn known(company: Company, today: Day, random: &mut Random) -> DemoEnterprise {
    let mut facts = Vec::new();
    for (key, value) in &company.values {
        let (known, verified) = chances(*key);
        if !random.chance(with_care(company.care, known)) {
            continue;
        }
        let stale = match company.care {
            Care::Thorough => 4,
            Care::Ordinary => 10,
            Care::Sparse => 24,
        };
        let view = View {
            key: *key,
            observed_on: observed(*key, random.chance(stale), today, random),
            verified: random.chance(verified),
        };
        if key.spec().owner == Owner::Bank {
            bank_facts(&company, &view, *value, random, &mut facts);
        } else {
            facts.push(view.fact(*value, None));
            facts.extend(corrected(&view, *value, today, random));
        }
    }
    DemoEnterprise {
        uscc: company.uscc,
        name: company.name,
        established_on: company.established_on,
        facts,
    }
}

/// How often of a hundred a fact is known of an ordinary company, and how often then from its owner.
const fn chances(key: FactKey) -> (i64, i64) {
    match key {
        FactKey::Industry | FactKey::Town => (99, 100),
        FactKey::Tier | FactKey::CourtEnforcement => (95, 96),
        FactKey::Size => (95, 92),
        FactKey::Titles => (85, 75),
        FactKey::TaxGrade | FactKey::TaxArrears | FactKey::TaxPaidFen => (90, 92),
        FactKey::RevenueFen | FactKey::Employees => (94, 76),
        FactKey::InsuredHeadcount | FactKey::InsuredMonths => (88, 100),
        FactKey::SettlementInflowFen | FactKey::SettlementActiveMonths => (86, 100),
        FactKey::OverdueDays | FactKey::RepAge => (92, 100),
        FactKey::LoanToSalesBp => (62, 100),
        FactKey::TradeValueFen | FactKey::CustomsGrade => (88, 95),
        FactKey::DebtRatioBp | FactKey::RevenueGrowthBp | FactKey::TotalAssetsFen | FactKey::EquityFen => (84, 68),
        FactKey::LandM2 | FactKey::PlantM2 => (72, 70),
        FactKey::ListingStage => (66, 100),
        _ => (68, 50),
    }
}

const fn with_care(care: Care, percent: i64) -> i64 {
    match care {
        Care::Thorough => percent + (100 - percent) * 3 / 4,
        Care::Ordinary => percent,
        Care::Sparse => percent * 3 / 4,
    }
}

/// The day of observation: within the shelf life, or, where `stale`, before it.
fn observed(key: FactKey, stale: bool, today: Day, random: &mut Random) -> Day {
    let days_ago = match key.spec().shelf_life {
        ShelfLife::Days(days) => {
            let days = i64::from(days);
            if stale {
                days + random.between(4, 50)
            } else {
                random.between(2, days * 2 / 3)
            }
        }
        ShelfLife::Months(months) => {
            let days = i64::from(months) * 30;
            if stale {
                days + random.between(15, 120)
            } else {
                random.between(60, days / 2)
            }
        }
        ShelfLife::NextRating => return rating(today, stale),
        ShelfLife::OwnEnd => random.between(40, 900),
    };
    today.plus_days(-days_ago)
}

/// The last yearly rating of tax credit, or the one before.
pub(super) fn rating(today: Day, stale: bool) -> Day {
    let this_year = Day::from_ymd(today.naive().year(), 4, 30).unwrap_or(today);
    let years_back = i64::from(this_year > today) + i64::from(stale);
    Day::from_ymd(today.naive().year() - i32::try_from(years_back).unwrap_or(0), 4, 30).unwrap_or(today)
}

/// A title holds for three years from its recognition; the other facts by their shelf life.
pub(super) fn valid_until(key: FactKey, value: i64, observed_on: Day) -> Option<Day> {
    let titled = match key {
        FactKey::Tier => usize::try_from(value).is_ok_and(|level| level >= Tier::Innovative.index()),
        FactKey::Titles => value != 0,
        _ => false,
    };
    if titled {
        Some(observed_on.plus_months(36))
    } else {
        key.spec().shelf_life.ends(observed_on)
    }
}

/// A fact as one side sees it.
struct View {
    key: FactKey,
    observed_on: Day,
    verified: bool,
}

impl View {
    fn fact(&self, value: i64, bank: Option<&'static str>) -> DemoFact {
        let source = match (self.verified, self.key.spec().owner) {
            (false, _) => Source::Itself,
            // Banks deliver their facts to the centre, which hands them in.
            (true, Owner::Bank) => Source::Organisation(Owner::Centre.code()),
            (true, owner) => Source::Organisation(owner.code()),
        };
        DemoFact {
            held: Held {
                key: self.key,
                fact: Fact {
                    value: FactValue(value),
                    verified: self.verified,
                    valid_until: valid_until(self.key, value, self.observed_on),
                },
                observed_on: self.observed_on,
            },
            source,
            bank,
        }
    }
}

/// What a growing company declares beside a verified figure that it holds to be old.
fn corrected(view: &View, value: i64, today: Day, random: &mut Random) -> Option<DemoFact> {
    let figure = matches!(view.key, FactKey::RevenueFen | FactKey::Employees);
    if !figure || !view.verified || !random.chance(10) {
        return None;
    }
    let declared = View {
        key: view.key,
        observed_on: today.plus_days(-random.between(3, 40)),
        verified: false,
    };
    Some(declared.fact(value / 100 * random.between(103, 118), None))
}

/// What each of the company's banks says; a sum is split between them.
fn bank_facts(company: &Company, view: &View, value: i64, random: &mut Random, facts: &mut Vec<DemoFact>) {
    let (main, second) = company.banks;
    let Some(second) = second else {
        facts.push(view.fact(value, Some(main)));
        return;
    };
    let part = match view.key.spec().combine {
        Combine::Sum => value / 100 * random.between(15, 45),
        Combine::Max | Combine::Newest => value * random.between(40, 100) / 100,
    };
    let rest = if view.key.spec().combine == Combine::Sum {
        value - part
    } else {
        value
    };
    facts.push(view.fact(rest, Some(main)));
    facts.push(view.fact(part, Some(second)));
}
