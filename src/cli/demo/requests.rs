//! Requests of the drawn companies: amounts that fit their revenue, purposes that fit their trade.

use super::DemoRequest;
use super::company::{Care, Company, WAN};
use super::random::Random;
use crate::domain::codes::{Guarantee, Kind, Purpose, Repayment, Set};
use crate::domain::dates::Day;
use crate::domain::money::Fen;
use crate::domain::request::{ExistingLoan, Need, RequestState};

/// Open requests beside the hero's one.
const OPEN: usize = 39;
/// Drafts beside the hero's one.
const DRAFTS: usize = 14;
/// Of the companies that could, every so many one does.
const EVERY: usize = 3;

/// Amounts that people ask for, in 万元.
const AMOUNTS_WAN: &[i64] = &[20, 30, 50, 80, 100, 150, 200, 300, 500, 800, 1_000, 1_500, 2_000, 3_000];

pub(super) fn requests(companies: &[Company], today: Day, random: &mut Random) -> Vec<DemoRequest> {
    let asking = companies.iter().filter(|company| asks(company)).step_by(EVERY);
    asking
        .take(OPEN + DRAFTS)
        .enumerate()
        .map(|(number, company)| {
            // Spreads exactly DRAFTS drafts among them: the two counts share no divisor.
            let draft = number * DRAFTS % (OPEN + DRAFTS) < DRAFTS;
            request(company, draft, today, random)
        })
        .collect()
}

/// The purposes of the past year, in turn.
const BEFORE: [Purpose; 5] = [
    Purpose::WorkingCapital,
    Purpose::TechUpgrade,
    Purpose::Research,
    Purpose::FixedAssets,
    Purpose::Commercialisation,
];
/// Days from one request of a company to its next.
const APART: i64 = 70;

/// The requests of the past year, of companies that have none of [`requests`]: each of another purpose than the
/// company's others, so that none stands in another's way.
pub(super) fn before(companies: &[Company], today: Day, random: &mut Random) -> Vec<DemoRequest> {
    let others = companies.iter().filter(|company| asks(company)).enumerate();
    let others = others
        .filter(|(number, _)| number % EVERY != 0)
        .map(|(_, company)| company);
    let mut all = Vec::new();
    for company in others {
        let mut created_on = today.plus_days(-random.between(250, 372));
        let invests = company.makes_things;
        let purposes = BEFORE
            .iter()
            .filter(|purpose| invests || !matches!(purpose, Purpose::TechUpgrade | Purpose::FixedAssets));
        for purpose in purposes {
            all.push(DemoRequest {
                uscc: company.uscc,
                need: need(company, *purpose, today, random),
                state: RequestState::Open,
                created_on,
                submitted_on: Some(created_on.plus_days(random.between(0, 2)).min(today)),
            });
            created_on = created_on.plus_days(random.between(APART, APART + 40));
            if created_on > today {
                break;
            }
        }
    }
    all
}

/// Who writes a request keeps its data in some order; the smallest and the largest go other ways.
fn asks(company: &Company) -> bool {
    company.care != Care::Sparse && (300..30_000).contains(&company.revenue_wan)
}

fn request(company: &Company, draft: bool, today: Day, random: &mut Random) -> DemoRequest {
    let purpose = purpose(company, random);
    // A loan that must be renewed is near its end, so the request is new.
    let oldest = match (draft, purpose) {
        (true, _) | (_, Purpose::Refinancing) => 20,
        _ => 85,
    };
    let created_on = today.plus_days(-random.between(3, oldest));
    DemoRequest {
        uscc: company.uscc,
        need: need(company, purpose, today, random),
        state: if draft { RequestState::Draft } else { RequestState::Open },
        created_on,
        submitted_on: (!draft).then(|| created_on.plus_days(random.between(0, 2))),
    }
}

fn purpose(company: &Company, random: &mut Random) -> Purpose {
    let others = [
        (19, Purpose::Refinancing),
        (if company.makes_things { 13 } else { 2 }, Purpose::TechUpgrade),
        (if company.makes_things { 10 } else { 4 }, Purpose::FixedAssets),
        (8, Purpose::Research),
        (4, Purpose::Commercialisation),
    ];
    random.weighted((50, Purpose::WorkingCapital), &others)
}

fn need(company: &Company, purpose: Purpose, today: Day, random: &mut Random) -> Need {
    let invests = matches!(purpose, Purpose::TechUpgrade | Purpose::FixedAssets);
    let wish = company.revenue_wan * random.between(4, if invests { 20 } else { 13 }) / 100;
    let amount = AMOUNTS_WAN
        .iter()
        .rev()
        .find(|wan| **wan <= wish)
        .copied()
        .unwrap_or(20)
        * WAN;
    let term_months = match purpose {
        Purpose::FixedAssets => random.pick(&[36, 60, 60, 84, 120]),
        Purpose::TechUpgrade => random.pick(&[24, 36, 36, 60]),
        Purpose::Research | Purpose::Commercialisation => random.pick(&[12, 12, 24, 36]),
        Purpose::WorkingCapital | Purpose::Refinancing => random.pick(&[6, 6, 6, 12, 12, 12, 24]),
    };
    Need {
        amount_fen: Fen::new(amount).unwrap_or_default(),
        term_months,
        purpose,
        guarantees: guarantees(company, invests, amount / WAN, random),
        kinds: kinds(purpose, random),
        repayment: repayment(random),
        max_cost_bp: random.chance(30).then(|| random.between(38, 66) * 10),
        project_cost_fen: invests
            .then(|| Fen::new(amount / 100 * random.between(135, 210)))
            .flatten(),
        existing_loan: (purpose == Purpose::Refinancing).then(|| ExistingLoan {
            bank: company.banks.0.to_owned(),
            matures_on: today.plus_days(random.between(6, 36)),
            balance_fen: Fen::new(amount).unwrap_or_default(),
        }),
    }
}

fn guarantees(company: &Company, invests: bool, wan: i64, random: &mut Random) -> Set<Guarantee> {
    let mortgage = company.owns_plant && random.chance(60) || invests && random.chance(50);
    // Nobody expects so much on credit alone.
    let guarantor = wan > 500 || random.chance(55);
    let pledge = random.chance(8);
    let credit = random.chance(80) || !(mortgage || guarantor || pledge);
    [
        (credit, Guarantee::Credit),
        (guarantor, Guarantee::Guarantor),
        (mortgage, Guarantee::Mortgage),
        (pledge, Guarantee::Pledge),
    ]
    .into_iter()
    .filter_map(|(has, guarantee)| has.then_some(guarantee))
    .collect()
}

fn kinds(purpose: Purpose, random: &mut Random) -> Set<Kind> {
    if !random.chance(12) {
        return Set::EMPTY;
    }
    let kinds: &[Kind] = match purpose {
        Purpose::TechUpgrade | Purpose::FixedAssets => &[Kind::TechUpgrade, Kind::Plant, Kind::FinanceLease],
        Purpose::Refinancing => &[Kind::Relay, Kind::AnnualReview],
        _ => &[Kind::Specialised, Kind::Revolving],
    };
    kinds.iter().copied().collect()
}

fn repayment(random: &mut Random) -> Set<Repayment> {
    if !random.chance(14) {
        return Set::EMPTY;
    }
    [Repayment::InterestOnly, Repayment::OnDemand].into_iter().collect()
}
