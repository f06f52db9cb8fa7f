//! The demo holds every rule, and shows what it is made to show.

use super::*;
use crate::domain::actor::OrganisationKind;
use crate::domain::codes::{Code, Kind, Owner, ProductStatus, Purpose, Size};
use crate::domain::criteria::{Criterion, Plain, Test};
use crate::domain::enterprise::Enterprise;
use crate::domain::facts::{FACTS, FactKey};
use crate::domain::invalid::Problems;
use crate::domain::lpr::{Lpr, LprTable};
use crate::domain::organisation::Organisation;
use crate::domain::product::Product;
use crate::domain::reference;
use crate::domain::scalar::Scalar;
use crate::domain::verdict::{Figure, MatchResult, NearRow};
use crate::matching::{Applicant, Catalogue, Scratch};
use std::collections::{HashMap, HashSet};

/// Days on which the demo may be started: also around the yearly rating and the end of a month.
const DAYS: [&str; 5] = ["2026-11-01", "2026-12-31", "2027-02-28", "2027-04-30", "2028-02-29"];

fn days() -> impl Iterator<Item = Day> {
    DAYS.iter().map(|text| text.parse().expect("a date"))
}

fn parsed(demo: &Demo) -> Vec<Product> {
    let parse = |form| Product::parse(form).expect("a valid product");
    demo.products.iter().cloned().map(parse).collect()
}

/// The demo's catalogue and its enterprises, ready to be matched.
struct Engine {
    catalogue: Catalogue,
    applicants: HashMap<Uscc, Applicant>,
}

impl Engine {
    fn new(demo: &Demo, today: Day) -> Self {
        let row = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            Lpr::parse(cells[0], cells[1], cells[2]).expect("a row of the table")
        };
        let rows = include_str!("../../../config/lpr.csv").lines().skip(1).map(row);
        let lpr = LprTable::new(rows.collect()).expect("ascending");
        let applicant = |enterprise: &DemoEnterprise| {
            let enterprise = Enterprise::parse(enterprise.form(today)).expect("a valid enterprise");
            (enterprise.uscc, Applicant::new(&enterprise, today))
        };
        Self {
            catalogue: Catalogue::compile(parsed(demo), &lpr, today).expect("an LPR"),
            applicants: demo.enterprises.iter().map(applicant).collect(),
        }
    }

    fn matched(&self, uscc: Uscc, need: &Need) -> MatchResult {
        let mut line = Vec::new();
        let mut scratch = Scratch::default();
        let list = self.catalogue.match_one(&self.applicants[&uscc], need, &mut scratch);
        list.write_json("demo", &mut line);
        serde_json::from_slice(&line).expect("a line of the contract")
    }
}

#[test]
fn organisations_hold_every_rule() {
    let forms = organisations().expect("whole");
    let of_kind = |kind| forms.iter().filter(|form| form.kind == kind).count();
    assert_eq!(of_kind(OrganisationKind::Bank), 8);
    assert_eq!(of_kind(OrganisationKind::Leasing), 1);
    assert_eq!(of_kind(OrganisationKind::Centre), 1);
    let codes: HashSet<&str> = forms.iter().map(|form| form.code.as_str()).collect();
    assert_eq!(codes.len(), forms.len());
    for owner in Owner::ALL.iter().filter(|owner| **owner != Owner::Bank) {
        assert!(codes.contains(owner.code()), "{owner} is missing");
    }
    for form in forms {
        assert!(form.name.contains("示例"), "{} could be real", form.name);
        assert_eq!(form.district_code, DISTRICT);
        Organisation::parse(form).expect("a valid organisation");
    }
}

#[test]
fn products_hold_every_rule_and_leave_no_kind_or_bank_out() {
    let organisations = organisations().expect("whole");
    let lenders: HashSet<&str> = organisations
        .iter()
        .filter(|form| form.kind.lends())
        .map(|form| form.code.as_str())
        .collect();
    for today in days() {
        let products = parsed(&demo(today).expect("whole"));
        let codes: HashSet<&str> = products.iter().map(|product| product.code.as_str()).collect();
        assert_eq!((products.len(), codes.len()), (60, 60));
        let open: Vec<&Product> = products.iter().filter(|product| product.is_open_on(today)).collect();
        for kind in Kind::ALL {
            assert!(open.iter().any(|product| product.kind == *kind), "{kind}");
        }
        let offering: HashSet<&str> = open.iter().map(|product| product.bank.as_str()).collect();
        assert_eq!(offering, lenders);
        for status in ProductStatus::ALL {
            assert!(products.iter().any(|product| product.status == *status), "{status}");
        }
        for product in &products {
            assert!(!contradicts(product), "{} can never match", product.code);
            let mut highest = 0;
            for (tier, discount) in product.rate.tier_discount_bp.iter() {
                assert!(*discount >= highest, "{} falls at {tier}", product.code);
                highest = *discount;
            }
        }
    }
}

/// Whether two plain criteria leave no value between them.
fn contradicts(product: &Product) -> bool {
    let plain: Vec<&Plain> = product
        .parsed_criteria()
        .iter()
        .filter_map(|criterion| match criterion {
            Criterion::Plain(plain) => Some(plain),
            Criterion::Any(_) => None,
        })
        .collect();
    plain.iter().any(|low| {
        plain.iter().any(|high| match (low.test, high.test) {
            (Test::AtLeast(least), Test::AtMost(most)) => low.fact == high.fact && least > most,
            _ => false,
        })
    })
}

#[test]
fn enterprises_hold_every_rule_and_are_like_a_district() {
    for today in days() {
        let enterprises = demo(today).expect("whole").enterprises;
        let codes: HashSet<Uscc> = enterprises.iter().map(|enterprise| enterprise.uscc).collect();
        let names: HashSet<&str> = enterprises.iter().map(|enterprise| enterprise.name.as_str()).collect();
        assert_eq!((enterprises.len(), codes.len(), names.len()), (300, 300, 300));
        let mut seen = HashSet::new();
        for enterprise in &enterprises {
            assert!(enterprise.name.contains("示例"), "{} could be real", enterprise.name);
            assert!(
                enterprise.uscc.as_str()[8..].starts_with("XY"),
                "{} could be real",
                enterprise.uscc
            );
            assert!(enterprise.established_on < today);
            let parsed = Enterprise::parse(enterprise.form(today)).expect("a valid enterprise");
            seen.extend(parsed.facts.iter().map(|(key, _)| key));
            // The store keeps one current value of each.
            let slots: HashSet<_> = enterprise
                .facts
                .iter()
                .map(|fact| (fact.held.key, fact.held.fact.verified, fact.bank))
                .collect();
            assert_eq!(slots.len(), enterprise.facts.len(), "{}", enterprise.uscc);
        }
        assert_eq!(
            seen.len(),
            FACTS.len() - 1,
            "every fact but the derived one is known of somebody"
        );
    }
}

#[test]
fn a_verified_value_comes_from_its_owner_and_a_declared_one_from_the_enterprise() {
    let today = days().next().expect("a day");
    for enterprise in demo(today).expect("whole").enterprises {
        for fact in enterprise.facts {
            let owner = fact.held.key.spec().owner;
            let expected = match (fact.held.fact.verified, owner) {
                (false, _) => Source::Itself,
                (true, Owner::Bank) => Source::Organisation(Owner::Centre.code()),
                (true, owner) => Source::Organisation(owner.code()),
            };
            assert_eq!(fact.source, expected);
            assert_eq!(fact.bank.is_some(), owner == Owner::Bank);
            assert!(fact.held.observed_on <= today);
        }
    }
}

#[test]
fn facts_are_of_mixed_completeness_age_and_verification() {
    let today = days().next().expect("a day");
    let enterprises = demo(today).expect("whole").enterprises;
    let facts = || enterprises.iter().flat_map(|enterprise| &enterprise.facts);
    let all = facts().count();
    let share = |count: usize, of: usize| count * 100 / of;
    let expired = facts().filter(|fact| !fact.held.fact.holds_on(today)).count();
    let declared = facts().filter(|fact| !fact.held.fact.verified).count();
    assert!(
        (5..20).contains(&share(expired, all)),
        "{expired} of {all} have expired"
    );
    assert!(
        (10..35).contains(&share(declared, all)),
        "{declared} of {all} are declared"
    );
    let known: usize = enterprises.iter().map(|one| one.form(today).facts.iter().count()).sum();
    let slots = enterprises.len() * (FACTS.len() - 1);
    assert!((65..90).contains(&share(known, slots)), "{known} of {slots} are held");
    let of_size = |size: Size| {
        let is =
            |fact: &&DemoFact| fact.held.key == FactKey::Size && fact.held.fact.value.get() == company::place(size);
        facts().filter(is).count()
    };
    assert!(of_size(Size::Micro) > 40 && of_size(Size::Small) > 100 && of_size(Size::Medium) > 10);
}

#[test]
fn the_trades_have_the_bounds_of_the_size_standard() {
    let standard = include_str!("../../../config/size-classes.csv");
    for trade in trades::TRADES {
        let (_, industry) = reference::industry(trade.division).expect("a division");
        let [group] = industry.size_groups[..] else {
            panic!("{} is of several groups", trade.division);
        };
        for (place, metric) in ["employees", "revenue"].into_iter().enumerate() {
            let row = standard.lines().map(|line| line.split(',').collect::<Vec<_>>());
            let row = row.into_iter().find(|cells| cells[0] == group && cells[2] == metric);
            // large, medium and small stand in columns 5 to 7; a metric that the group lacks bounds nothing.
            let bounds = row.map_or([0; 3], |cells| {
                [7, 6, 5].map(|at| cells[at].parse::<i64>().expect("a bound"))
            });
            let steps = trade.size_steps.map(|(people, wan)| [people, wan][place]);
            assert_eq!(steps, bounds, "{} by {metric}", trade.division);
        }
    }
}

#[test]
fn requests_hold_every_rule() {
    for today in days() {
        let demo = demo(today).expect("whole");
        let in_state = |state| demo.requests.iter().filter(|request| request.state == state).count();
        assert_eq!(in_state(RequestState::Draft), 15);
        assert!((400..700).contains(&in_state(RequestState::Open)), "of a year");
        let lenders: HashSet<&str> = demo
            .organisations
            .iter()
            .filter(|form| form.kind.lends())
            .map(|form| form.code.as_str())
            .collect();
        for request in &demo.requests {
            let mut problems = Problems::default();
            request.need.check(&mut problems);
            assert!(problems.list().is_empty(), "{problems}");
            assert_eq!(request.submitted_on.is_some(), request.state == RequestState::Open);
            let submitted_on = request.submitted_on.unwrap_or(today);
            assert!(request.created_on <= submitted_on && submitted_on <= today);
            assert!(today.days_since(request.created_on) <= 372, "of the past year");
            if let Some(loan) = &request.need.existing_loan {
                assert!(lenders.contains(loan.bank.as_str()) && loan.matures_on > today);
            }
        }
        for purpose in Purpose::ALL {
            assert!(
                demo.requests.iter().any(|request| request.need.purpose == *purpose),
                "{purpose}"
            );
        }
        let heros: Vec<_> = demo
            .requests
            .iter()
            .filter(|request| request.uscc.as_str() == HERO)
            .map(|request| request.state)
            .collect();
        assert_eq!(heros, [RequestState::Open, RequestState::Draft]);
    }
}

fn near<'a>(result: &'a MatchResult, product: &str) -> &'a NearRow {
    let row = result.near.iter().find(|row| row.terms.product == product);
    row.unwrap_or_else(|| panic!("{product} is near"))
}

#[test]
fn the_heros_match_tells_its_story_on_any_day() {
    for today in days() {
        let demo = demo(today).expect("whole");
        assert_eq!(
            (demo.enterprises[0].uscc.as_str(), demo.enterprises[0].name.as_str()),
            (HERO, HERO_NAME)
        );
        let result = Engine::new(&demo, today).matched(demo.enterprises[0].uscc, &hero::need(500));
        let eligible: Vec<&str> = result.eligible.iter().map(|row| row.product.as_str()).collect();
        assert_eq!(
            eligible[..4],
            [
                "songyue-zjtx-credit",
                "sishui-zjtx-credit",
                "heluo-kechuang",
                "zhongzhou-revolving-guarantee"
            ]
        );
        let costs: Vec<_> = result
            .eligible
            .iter()
            .map(|row| format!("{:.2}", row.annual_cost_pct.expect("a cost")))
            .collect();
        assert_eq!(costs[..4], ["3.20", "3.35", "3.51", "3.62"]);
        // The lowest rate has a guarantee fee, and is not the cheapest.
        let lowest = result.eligible.iter().min_by_key(|row| row.rate_bp).expect("a row");
        assert_eq!(
            (lowest.product.as_str(), lowest.rate_bp),
            ("zhongzhou-revolving-guarantee", 295)
        );
        assert!((1..=3).contains(&result.incomplete.len()));
        let tax = result
            .incomplete
            .iter()
            .find(|row| row.terms.product == "tonghang-tax")
            .expect("incomplete");
        assert_eq!(tax.unknown, ["tax_grade", "insured_headcount"]);
        let revenue = near(&result, "heluo-zjtx-premium");
        assert_eq!(revenue.unmet, "revenue_fen");
        assert_eq!(revenue.actual, Some(Figure::Plain(Scalar::Number(2_860_000_000))));
        let age = near(&result, "sishui-growth");
        assert!(age.unmet == "age_months" && age.met_on.is_some_and(|day| (60..100).contains(&day.days_since(today))));
        assert_eq!(near(&result, "songyue-tech-upgrade").unmet, "term_min");
        let reasons: HashSet<&str> = result.near.iter().map(|row| row.unmet.as_str()).collect();
        for reason in [
            "amount_max",
            "amount_cap",
            "guarantee",
            "term_max",
            "tier",
            "employees",
            "industry",
            "total_assets_fen",
        ] {
            assert!(reasons.contains(reason), "nothing is near by {reason}");
        }
        assert!(result.near.len() <= 18 && result.ineligible >= 30, "too long a page");
        assert!(!reasons.contains("product_open"), "what is not on offer is not near");
    }
}

#[test]
fn for_less_money_the_hero_has_more_to_choose_from() {
    for today in days() {
        let demo = demo(today).expect("whole");
        let engine = Engine::new(&demo, today);
        let hero = demo.enterprises[0].uscc;
        let (less, more) = (
            engine.matched(hero, &hero::need(300)),
            engine.matched(hero, &hero::need(500)),
        );
        assert!(less.eligible.len() >= more.eligible.len() + 4);
        assert_eq!(less.eligible[0].product, "guangwu-equity");
        assert_eq!(near(&more, "guangwu-equity").unmet, "amount_cap");
    }
}

#[test]
fn verdicts_over_the_open_requests_are_spread() {
    for today in days() {
        let demo = demo(today).expect("whole");
        let engine = Engine::new(&demo, today);
        let (mut eligible, mut incomplete, mut near, mut all) = (0, 0, 0, 0);
        for request in demo
            .requests
            .iter()
            .filter(|request| request.state == RequestState::Open)
        {
            let result = engine.matched(request.uscc, &request.need);
            eligible += result.eligible.len() * 1_000;
            incomplete += result.incomplete.len() * 1_000;
            near += result.near.len() * 1_000;
            all += demo.products.len();
        }
        let per_mille = (eligible / all, incomplete / all, near / all);
        assert!((30..100).contains(&per_mille.0), "{today}: {per_mille:?}");
        assert!((20..100).contains(&per_mille.1), "{today}: {per_mille:?}");
        assert!((140..300).contains(&per_mille.2), "{today}: {per_mille:?}");
    }
}

#[test]
fn the_district_is_the_same_every_time() {
    let today = days().next().expect("a day");
    let (one, two) = (demo(today).expect("whole"), demo(today).expect("whole"));
    assert_eq!((one.enterprises, one.requests), (two.enterprises, two.requests));
}
