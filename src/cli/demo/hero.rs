//! The enterprise that the demo signs in as: what its match page is to show, fact by fact.
//!
//! For 500万元 over 12 months it fits the products of four banks, and the one with the lowest rate is not
//! the cheapest, because of its guarantee fee. Each near product misses another thing: revenue by a
//! little, age by three months, the term, the amount, the guarantee, the tier, the trade. Two facts need
//! their owner: the tax grade is only declared, the insured headcount has passed its shelf life.

use super::company::{WAN, place};
use super::known::{rating, valid_until};
use super::{DemoEnterprise, DemoFact, DemoRequest, Source};
use crate::domain::codes::{Code, Guarantee, ListingStage, Owner, Purpose, Set, Size, TaxGrade, Tier, Title};
use crate::domain::dates::Day;
use crate::domain::enterprise::Fact;
use crate::domain::facts::{FactKey, FactValue};
use crate::domain::money::Fen;
use crate::domain::profile::Held;
use crate::domain::request::{Need, RequestState};
use crate::domain::uscc::{Uscc, UsccError};

/// Its credit code without the two check characters.
const START: &str = "91410106XY888888";
/// Its credit code.
pub const HERO: &str = "91410106XY88888882";
/// Its name.
pub const HERO_NAME: &str = "河南宏锐精密机械（示例）有限公司";

/// Its days of life: 57 months and some days, whatever the months.
const DAYS_OLD: i64 = 57 * 365 / 12 + 14;

/// Who says a value of the hero, and when.
#[derive(Clone, Copy)]
enum Said {
    /// The fact's owner, so many days ago.
    Owner(i64),
    /// Its own declaration, so many days ago.
    Itself(i64),
    /// The yearly rating, declared by itself.
    DeclaredRating,
    /// A bank, so many days ago.
    Bank(&'static str, i64),
}

/// The hero with its facts.
///
/// # Errors
/// Never: a test holds its credit code right.
pub(super) fn enterprise(today: Day) -> Result<DemoEnterprise, UsccError> {
    Ok(DemoEnterprise {
        uscc: Uscc::with_checks(START)?,
        name: HERO_NAME.to_owned(),
        established_on: today.plus_days(-DAYS_OLD),
        facts: facts(today),
    })
}

fn facts(today: Day) -> Vec<DemoFact> {
    let position = |key: FactKey, code| (key, key.spec().kind.position(code).map_or(0, FactValue::get));
    let titles: Set<Title> = [Title::HighTech, Title::TechSme].into_iter().collect();
    let values = [
        ((FactKey::Tier, place(Tier::Specialised)), Said::Owner(166)),
        ((FactKey::Titles, i64::from(titles.bits())), Said::Owner(330)),
        ((FactKey::Size, place(Size::Small)), Said::Owner(176)),
        (position(FactKey::Industry, "34"), Said::Owner(700)),
        (position(FactKey::Town, "410106004"), Said::Owner(700)),
        ((FactKey::RepAge, 46), Said::Owner(300)),
        ((FactKey::ListingStage, place(ListingStage::Reformed)), Said::Owner(120)),
        ((FactKey::Employees, 86), Said::Owner(150)),
        ((FactKey::Employees, 92), Said::Itself(20)),
        ((FactKey::InsuredHeadcount, 79), Said::Owner(118)),
        ((FactKey::InsuredMonths, 41), Said::Owner(26)),
        ((FactKey::RevenueFen, 2_860 * WAN), Said::Owner(176)),
        ((FactKey::RevenueGrowthBp, 1_260), Said::Owner(176)),
        ((FactKey::MainBusinessBp, 9_240), Said::Owner(176)),
        ((FactKey::TotalAssetsFen, 3_180 * WAN), Said::Owner(176)),
        ((FactKey::EquityFen, 1_650 * WAN), Said::Owner(176)),
        ((FactKey::DebtRatioBp, 4_811), Said::Owner(176)),
        ((FactKey::RdExpenseFen, 149 * WAN), Said::Owner(176)),
        ((FactKey::TaxGrade, place(TaxGrade::A)), Said::DeclaredRating),
        ((FactKey::TaxPaidFen, 118 * WAN), Said::Owner(38)),
        ((FactKey::TaxArrears, 0), Said::Owner(12)),
        ((FactKey::RdIntensityBp, 521), Said::Owner(166)),
        ((FactKey::InventionPatents, 6), Said::Owner(166)),
        ((FactKey::IpClass1, 6), Said::Owner(166)),
        ((FactKey::IpClass2, 14), Said::Itself(60)),
        ((FactKey::SegmentMonths, 55), Said::Itself(60)),
        ((FactKey::SettlementInflowFen, 1_730 * WAN), Said::Bank("wuyun", 16)),
        ((FactKey::SettlementInflowFen, 680 * WAN), Said::Bank("songyue", 20)),
        ((FactKey::SettlementActiveMonths, 12), Said::Bank("wuyun", 16)),
        ((FactKey::SettlementActiveMonths, 9), Said::Bank("songyue", 20)),
        ((FactKey::OverdueDays, 0), Said::Bank("wuyun", 9)),
        ((FactKey::OverdueDays, 0), Said::Bank("songyue", 9)),
        ((FactKey::PlantM2, 0), Said::Owner(210)),
        ((FactKey::LandM2, 0), Said::Owner(210)),
        ((FactKey::CourtEnforcement, 0), Said::Owner(6)),
    ];
    values
        .into_iter()
        .map(|((key, value), said)| fact(key, value, said, today))
        .collect()
}

fn fact(key: FactKey, value: i64, said: Said, today: Day) -> DemoFact {
    let owner = key.spec().owner.code();
    let (observed_on, source, bank) = match said {
        Said::Owner(days) => (today.plus_days(-days), Source::Organisation(owner), None),
        Said::Itself(days) => (today.plus_days(-days), Source::Itself, None),
        Said::DeclaredRating => (rating(today, false), Source::Itself, None),
        Said::Bank(bank, days) => {
            let centre = Source::Organisation(Owner::Centre.code());
            (today.plus_days(-days), centre, Some(bank))
        }
    };
    DemoFact {
        held: Held {
            key,
            fact: Fact {
                value: FactValue(value),
                verified: source != Source::Itself,
                valid_until: valid_until(key, value, observed_on),
            },
            observed_on,
        },
        source,
        bank,
    }
}

/// What it asks for: `wan` 万元 for a year of daily business, on credit or with a guarantor.
pub(super) fn need(wan: i64) -> Need {
    Need {
        amount_fen: Fen::new(wan * WAN).unwrap_or_default(),
        term_months: 12,
        purpose: Purpose::WorkingCapital,
        guarantees: [Guarantee::Credit, Guarantee::Guarantor].into_iter().collect(),
        kinds: Set::EMPTY,
        repayment: Set::EMPTY,
        max_cost_bp: None,
        project_cost_fen: None,
        existing_loan: None,
    }
}

/// One open request and one draft.
pub(super) fn requests(uscc: Uscc, today: Day) -> [DemoRequest; 2] {
    [
        DemoRequest {
            uscc,
            need: need(500),
            state: RequestState::Open,
            created_on: today.plus_days(-1),
            submitted_on: Some(today),
        },
        DemoRequest {
            uscc,
            need: need(300),
            state: RequestState::Draft,
            created_on: today,
            submitted_on: None,
        },
    ]
}
