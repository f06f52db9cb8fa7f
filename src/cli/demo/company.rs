//! Invented companies: what is true of them, before it is asked who knows it.
//!
//! Figures hang together as they do in life: people make revenue, revenue makes tax and settlement,
//! technical firms of some size carry titles and patents.

use super::random::Random;
use super::trades::{BRANDS, PREFIXES, TRADES, Technical, Trade};
use crate::domain::codes::{Code, CustomsGrade, ListingStage, Set, Size, TaxGrade, Tier, Title};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::uscc::{Uscc, UsccError};
use std::collections::HashSet;

/// 分 in one 万元.
pub(super) const WAN: i64 = 1_000_000;

/// How carefully a company and the departments keep what is known of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    Thorough,
    Ordinary,
    Sparse,
}

/// A company as it really is.
pub(super) struct Company {
    pub uscc: Uscc,
    pub name: String,
    pub established_on: Day,
    pub care: Care,
    pub makes_things: bool,
    pub owns_plant: bool,
    pub revenue_wan: i64,
    /// The bank of its main account, and a second one where it has one.
    pub banks: (&'static str, Option<&'static str>),
    pub values: Vec<(FactKey, i64)>,
}

const BANKS: (i64, &str) = (24, "wuyun");
const OTHER_BANKS: &[(i64, &str)] = &[
    (16, "songyue"),
    (14, "sishui"),
    (13, "heluo"),
    (12, "zhongzhou"),
    (9, "lvdu"),
    (7, "guangwu"),
    (5, "tonghang"),
];
const TOWNS: &[(i64, &str)] = &[
    (14, "410106001"),
    (16, "410106002"),
    (15, "410106003"),
    (11, "410106005"),
    (20, "410106100"),
];

/// The companies of the district, but for the hero.
///
/// # Errors
/// Where a code is no credit code; the tests hold that it never is.
pub(super) fn companies(today: Day) -> Result<Vec<Company>, UsccError> {
    let mut random = Random::new(410_106);
    let mut names = HashSet::new();
    let mut companies = Vec::new();
    for trade in TRADES {
        for _ in 0..trade.count {
            let number = i64::try_from(companies.len()).unwrap_or(0);
            companies.push(company(trade, number, today, &mut names, &mut random)?);
        }
    }
    // Codes are scattered, so this mixes the trades.
    companies.sort_by_key(|company| company.uscc);
    Ok(companies)
}

fn company(
    trade: &Trade,
    number: i64,
    today: Day,
    names: &mut HashSet<String>,
    random: &mut Random,
) -> Result<Company, UsccError> {
    let months = random.weighted((10, (7, 23)), &[(24, (24, 59)), (42, (60, 150)), (24, (151, 320))]);
    let days_old = random.between(months.0, months.1) * 30 + random.between(0, 29);
    let mut values = Vec::new();
    let scale = scale(trade, days_old / 30, &mut values, random);
    let rank = standing(trade, &scale, days_old / 30, &mut values, random);
    money(&scale, rank, &mut values, random);
    credit(&scale, days_old / 30, &mut values, random);
    let makes_things = ("13".."44").contains(&trade.division);
    let owns_plant = premises(trade, &scale, makes_things, &mut values, random);
    let main = random.weighted(BANKS, OTHER_BANKS);
    let second = random.weighted(BANKS, OTHER_BANKS);
    Ok(Company {
        uscc: uscc(number, random)?,
        name: name(trade, names, random),
        established_on: today.plus_days(-days_old),
        care: random.weighted((45, Care::Thorough), &[(37, Care::Ordinary), (18, Care::Sparse)]),
        makes_things,
        owns_plant,
        revenue_wan: scale.revenue_fen / WAN,
        banks: (main, (second != main && random.chance(45)).then_some(second)),
        values,
    })
}

/// A code of the district that no real company has: organisation codes do not begin with XY.
fn uscc(number: i64, random: &mut Random) -> Result<Uscc, UsccError> {
    // The leading digits scatter the codes, the last three keep them apart.
    Uscc::with_checks(&format!("91410106XY{:03}{number:03}", random.between(0, 999)))
}

fn name(trade: &Trade, names: &mut HashSet<String>, random: &mut Random) -> String {
    loop {
        let (prefix, brand, word) = (random.pick(PREFIXES), random.pick(BRANDS), random.pick(trade.words));
        let name = format!("{prefix}{brand}{word}有限公司");
        // A brand stands for one company of a trade, whatever the prefix.
        if names.insert(format!("{brand}{word}")) {
            return name;
        }
    }
}

/// How large a company is.
struct Scale {
    employees: i64,
    revenue_fen: i64,
    size: Size,
}

fn scale(trade: &Trade, months: i64, values: &mut Vec<(FactKey, i64)>, random: &mut Random) -> Scale {
    let heads = random.weighted(
        (24, (4, 19)),
        &[
            (34, (20, 60)),
            (24, (61, 150)),
            (10, (151, 299)),
            (7, (300, 620)),
            (1, (1_010, 1_300)),
        ],
    );
    // Trade, transport and services do with fewer people, and so does who began not long ago.
    let divisor = if trade.technical == Technical::Low { 3 } else { 1 };
    let divisor = divisor * if months < 48 { 3 } else { 1 };
    let employees = (random.between(heads.0, heads.1) / divisor).max(2);
    let per_head = random.between(trade.revenue_per_head_wan.0, trade.revenue_per_head_wan.1);
    let revenue_fen = employees * per_head * WAN + random.between(-400_000, 400_000) * 100 / 97;
    let size = size_of(trade, employees, revenue_fen / WAN);
    let town = random.weighted((24, "410106004"), TOWNS);
    for (key, code) in [(FactKey::Industry, trade.division), (FactKey::Town, town)] {
        if let Ok(place) = key.spec().kind.position(code) {
            values.push((key, place.get()));
        }
    }
    values.push((FactKey::Size, place(size)));
    values.push((FactKey::Employees, employees));
    values.push((FactKey::InsuredHeadcount, employees * random.between(72, 100) / 100));
    values.push((FactKey::RevenueFen, revenue_fen));
    values.push((FactKey::RepAge, random.between(29, 68)));
    Scale {
        employees,
        revenue_fen,
        size,
    }
}

/// The class of the size standard: the last whose bounds are both reached.
fn size_of(trade: &Trade, employees: i64, revenue_wan: i64) -> Size {
    let reached = trade
        .size_steps
        .iter()
        .take_while(|(people, wan)| employees >= *people && revenue_wan >= *wan);
    Size::ALL.get(reached.count()).copied().unwrap_or(Size::Micro)
}

/// Tier, titles and what they rest on. Gives the tier.
fn standing(trade: &Trade, scale: &Scale, months: i64, values: &mut Vec<(FactKey, i64)>, random: &mut Random) -> Tier {
    let weights = match (trade.technical, scale.size) {
        (Technical::Low, _) => [88, 10, 2, 0, 0],
        (Technical::Middle, Size::Micro) => [74, 18, 8, 0, 0],
        (Technical::Middle, _) => [38, 26, 20, 14, 2],
        (Technical::High, Size::Micro) => [54, 24, 19, 3, 0],
        (Technical::High, _) => [20, 22, 26, 26, 6],
    };
    let mut options = weights.into_iter().zip(Tier::ALL.iter().copied());
    let first = options.next().unwrap_or((1, Tier::None));
    let others: Vec<_> = options.collect();
    let drawn = random.weighted(first, &others);
    // The titles have their own bounds: years in the segment, and revenue.
    let revenue_wan = scale.revenue_fen / WAN;
    let tier = match drawn {
        Tier::LittleGiant if revenue_wan < 5_000 || months < 48 => Tier::Specialised,
        Tier::Specialised if revenue_wan < 1_500 || months < 36 => Tier::Innovative,
        other => other,
    };
    let level = place(tier);
    let rd_bp = level * random.between(90, 170) + random.between(0, 120);
    values.push((FactKey::Tier, level));
    values.push((FactKey::Titles, i64::from(titles(level, random).bits())));
    values.push((FactKey::RdIntensityBp, rd_bp));
    values.push((FactKey::RdExpenseFen, scale.revenue_fen / 10_000 * rd_bp));
    values.push((
        FactKey::InventionPatents,
        level * random.between(0, 4) + random.between(0, 1),
    ));
    values.push((FactKey::IpClass1, level * random.between(0, 4) + random.between(0, 1)));
    values.push((FactKey::IpClass2, level * random.between(1, 7) + random.between(0, 4)));
    values.push((FactKey::SegmentMonths, months * random.between(70, 100) / 100));
    values.push((FactKey::MainBusinessBp, random.between(6_200, 8_600) + level * 330));
    let stage = random.weighted(
        (100 - level * 6, ListingStage::None),
        &[(level * 4, ListingStage::Reformed), (level * 2, ListingStage::Neeq)],
    );
    values.push((FactKey::ListingStage, place(stage)));
    tier
}

fn titles(level: i64, random: &mut Random) -> Set<Title> {
    let chances = [
        (Title::HighTech, level * 21),
        (Title::TechSme, level * 19),
        (Title::Champion, (level - 2).max(0) * 6),
        (Title::IpModel, (level - 1).max(0) * 6),
        (Title::Gazelle, level * 3),
    ];
    chances
        .into_iter()
        .filter(|(_, percent)| random.chance(*percent))
        .map(|(title, _)| title)
        .collect()
}

fn money(scale: &Scale, tier: Tier, values: &mut Vec<(FactKey, i64)>, random: &mut Random) {
    let percent = |share: i64| scale.revenue_fen / 100 * share;
    let assets = percent(random.between(65, 165));
    let debt_bp = random.weighted(
        (25, (1_900, 3_999)),
        &[(45, (4_000, 5_999)), (22, (6_000, 7_400)), (8, (7_401, 9_400))],
    );
    let debt_bp = random.between(debt_bp.0, debt_bp.1);
    let trade_share = random.weighted((66, (0, 0)), &[(24, (2, 18)), (10, (19, 55))]);
    let trade_share = random.between(trade_share.0, trade_share.1);
    let loans_bp = random.weighted((18, (0, 0)), &[(58, (600, 4_200)), (24, (4_201, 7_800))]);
    values.push((
        FactKey::RevenueGrowthBp,
        random.between(-1_400, 2_000) + place(tier) * 180,
    ));
    values.push((FactKey::TotalAssetsFen, assets));
    values.push((FactKey::DebtRatioBp, debt_bp));
    values.push((FactKey::EquityFen, assets / 10_000 * (10_000 - debt_bp)));
    values.push((FactKey::TaxPaidFen, scale.revenue_fen / 1_000 * random.between(12, 48)));
    values.push((FactKey::SettlementInflowFen, percent(random.between(55, 108))));
    values.push((
        FactKey::SettlementActiveMonths,
        random.weighted((62, 12), &[(20, 11), (10, 9), (8, 6)]),
    ));
    values.push((FactKey::LoanToSalesBp, random.between(loans_bp.0, loans_bp.1)));
    if trade_share > 0 {
        let grade = random.weighted(
            (88, CustomsGrade::Registered),
            &[(11, CustomsGrade::Advanced), (1, CustomsGrade::Dishonest)],
        );
        values.push((FactKey::TradeValueFen, percent(trade_share)));
        values.push((FactKey::CustomsGrade, place(grade)));
    }
}

fn credit(scale: &Scale, months: i64, values: &mut Vec<(FactKey, i64)>, random: &mut Random) {
    let grade = if months < 36 {
        random.weighted((70, TaxGrade::M), &[(26, TaxGrade::B), (4, TaxGrade::C)])
    } else {
        let rated = &[(46, TaxGrade::B), (14, TaxGrade::M), (8, TaxGrade::C), (2, TaxGrade::D)];
        random.weighted((30, TaxGrade::A), rated)
    };
    let in_trouble = random.chance(if scale.size == Size::Micro { 6 } else { 3 });
    let overdue_days = if in_trouble || random.chance(2) {
        random.between(3, 95)
    } else {
        0
    };
    values.push((FactKey::TaxGrade, place(grade)));
    values.push((
        FactKey::TaxArrears,
        i64::from(in_trouble && random.chance(60) || random.chance(2)),
    ));
    values.push((FactKey::CourtEnforcement, i64::from(in_trouble && random.chance(60))));
    values.push((FactKey::OverdueDays, overdue_days));
    values.push((FactKey::InsuredMonths, months * random.between(55, 100) / 100));
}

/// Land and plant. Gives whether the plant is its own.
fn premises(
    trade: &Trade,
    scale: &Scale,
    makes_things: bool,
    values: &mut Vec<(FactKey, i64)>,
    random: &mut Random,
) -> bool {
    let owns = makes_things && random.chance(if scale.size == Size::Micro { 12 } else { 46 });
    let roomy = if trade.technical == Technical::Middle { 2 } else { 1 };
    let plant = if owns {
        scale.employees * random.between(25, 60) * roomy
    } else {
        0
    };
    values.push((FactKey::PlantM2, plant));
    values.push((FactKey::LandM2, plant * random.between(130, 220) / 100));
    owns
}

/// The place of a code in its list, as facts hold it.
pub(super) fn place(code: impl Code) -> i64 {
    i64::try_from(code.index()).unwrap_or(0)
}
