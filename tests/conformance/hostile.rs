//! What no catalogue should hold and one day some will: variations that bend a generated scenario.

use super::generator::{GUARANTEES, PURPOSES, Random, TIERS, TITLES, day, enterprise, product, request};
use serde_json::{Value, json};

/// 10^15 分, the most that the forms take.
const MOST: i64 = 1_000_000_000_000_000;
/// 10,000 %, the highest rate or share that the forms take.
const MOST_BP: i64 = 1_000_000;

/// A catalogue, and requests each with the enterprise that makes it.
#[derive(Debug)]
pub struct Scenario {
    pub products: Vec<Value>,
    pub requests: Vec<(Value, Value)>,
}

/// Bends a scenario.
pub type Variation = fn(&mut Scenario, &mut Random);

/// Every variation by its name.
pub const VARIATIONS: &[(&str, Variation)] = &[
    ("calm", calm),
    ("nothing known", nothing_known),
    ("expired", expired),
    ("only declared", only_declared),
    ("equal costs", equal_costs),
    ("extreme money", extreme_money),
    ("strange rates", strange_rates),
    ("heavy fees", heavy_fees),
    ("near the highest cost", near_the_highest_cost),
    ("exact cost limits", exact_cost_limits),
    ("same thresholds", same_thresholds),
    ("many thresholds", many_thresholds),
    ("caps on negative equity", caps_on_negative_equity),
    ("any of much", any_of_much),
    ("renewals at their edges", renewals_at_their_edges),
    ("dates at their edges", dates_at_their_edges),
    ("ages at their edges", ages_at_their_edges),
    ("odd codes", odd_codes),
];

impl Scenario {
    pub fn new(random: &mut Random, products: usize, requests: usize) -> Self {
        let products = (1..=products).map(|number| product(random, number)).collect();
        let requests = (1..=requests)
            .map(|number| {
                let enterprise = enterprise(random, number);
                (request(random, number, &enterprise), enterprise)
            })
            .collect();
        Self { products, requests }
    }
}

fn remove(form: &mut Value, keys: &[&str]) {
    let form = form.as_object_mut().expect("a form");
    for key in keys {
        form.remove(*key);
    }
}

/// Wide open, so that costs and what is unknown decide.
fn widen(product: &mut Value, random: &mut Random) {
    remove(product, &["from", "to", "confirmed_on", "renewal", "amount_caps"]);
    product["status"] = json!("open");
    product["amount_fen"] = json!({"min": 0, "max": MOST});
    product["term_months"] = json!({"min": 0, "max": 360});
    product["purposes"] = json!(PURPOSES);
    product["guarantees"] = json!(GUARANTEES);
    let criteria = product["criteria"].as_array_mut().expect("criteria");
    criteria.retain(|_| random.chance(0.1));
}

/// Widens most products.
fn calm(scenario: &mut Scenario, random: &mut Random) {
    for product in &mut scenario.products {
        if random.chance(0.8) {
            widen(product, random);
        }
    }
}

fn nothing_known(scenario: &mut Scenario, _: &mut Random) {
    for (_, enterprise) in &mut scenario.requests {
        enterprise["facts"] = json!({});
        remove(enterprise, &["established_on"]);
    }
}

fn each_fact(scenario: &mut Scenario, mut change: impl FnMut(&mut Value)) {
    for (_, enterprise) in &mut scenario.requests {
        let facts = enterprise["facts"].as_object_mut().expect("facts");
        facts.values_mut().for_each(&mut change);
    }
}

/// Most facts ended yesterday, the others end today.
fn expired(scenario: &mut Scenario, random: &mut Random) {
    each_fact(scenario, |fact| {
        fact["valid_until"] = day(if random.chance(0.7) { -1 } else { 0 });
    });
}

fn only_declared(scenario: &mut Scenario, random: &mut Random) {
    each_fact(scenario, |fact| fact["verified"] = json!(false));
    for product in &mut scenario.products {
        for criterion in product["criteria"].as_array_mut().expect("criteria") {
            if criterion.get("any").is_none() {
                criterion["verified"] = json!(random.chance(0.5));
            }
        }
    }
}

/// The same rate and fees everywhere, reached in several ways, with codes in no order.
fn equal_costs(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    let fees = if random.chance(0.5) {
        json!([])
    } else {
        json!([{"name": "费", "basis": "upfront_rate", "value": 100}])
    };
    let mut codes: Vec<Value> = scenario
        .products
        .iter()
        .map(|product| product["code"].clone())
        .collect();
    random.shuffle(&mut codes);
    for (product, code) in scenario.products.iter_mut().zip(codes) {
        product["code"] = code;
        product["fees"] = fees.clone();
        product["rate"] = random
            .pick(&[
                r#"{"base": "fixed", "spread_bp": 400}"#,
                r#"{"base": "lpr_1y", "spread_bp": 100}"#,
                r#"{"base": "fixed", "spread_bp": -400, "floor_bp": 400}"#,
            ])
            .parse()
            .expect("a rate");
    }
}

fn extreme_money(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    let extremes = [0, 1, 2, MOST - 1, MOST];
    for (request, enterprise) in &mut scenario.requests {
        request["amount_fen"] = json!(random.pick(&extremes[1..]));
        request["project_cost_fen"] = json!(random.pick(&extremes));
        for key in ["revenue_fen", "equity_fen"] {
            enterprise["facts"][key] = json!({"value": random.pick(&extremes), "verified": true});
        }
    }
    for product in &mut scenario.products {
        if random.chance(0.3) {
            product["amount_fen"] = random
                .pick(&[[0, 1], [1, 1], [1, MOST], [MOST, MOST]])
                .map(|bound| json!(bound))
                .into_iter()
                .zip(["min", "max"])
                .map(|(bound, key)| (key.to_owned(), bound))
                .collect();
        }
        let of = ["revenue_fen", "equity_fen", "project_cost_fen"];
        let caps = random.subset(&of, 0, 2).into_iter();
        let caps = caps.map(|of| json!({"of": of, "bp": random.pick(&[0, 1, 3_333, 10_000, MOST_BP])}));
        product["amount_caps"] = caps.collect();
        if random.chance(0.3) {
            product["fees"] = json!([{"name": "费", "basis": "upfront_fixed", "value": random.pick(&extremes)}]);
        }
    }
}

fn strange_rates(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    for product in &mut scenario.products {
        let spread = random.pick(&[0, 1, -300, -301, -MOST_BP, 50_000, 560_000, MOST_BP]);
        product["rate"]["spread_bp"] = json!(spread);
        if random.chance(0.2) {
            product["rate"]["floor_bp"] = json!(random.pick(&[0, 1, MOST_BP]));
            product["rate"]["tier_discount_bp"] = json!({"none": random.pick(&[0, 1, MOST_BP]), "specialised": 7});
        }
    }
    for (request, _) in &mut scenario.requests {
        request["term_months"] = json!(random.pick(&[1, 2, 12, 13, 60, 61, 360]));
    }
}

/// Fees of every basis, up to and beyond the whole amount.
fn heavy_fees(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    let basis = [
        "upfront_rate",
        "upfront_fixed",
        "annual_rate",
        "annual_on_balance",
        "monthly_rate",
    ];
    let amount = scenario
        .requests
        .first()
        .map_or(1, |(request, _)| request["amount_fen"].as_i64().expect("money"));
    for product in &mut scenario.products {
        let fees = random.subset(&basis, 1, 3).into_iter();
        let fees = fees.map(|basis| {
            let value = match basis {
                "upfront_fixed" => (random.pick(&[amount / 3, amount]) + random.range(-1, 1)).clamp(0, MOST),
                _ => random.pick(&[0, 1, 100, 3_333, 6_667, 9_999, 10_000, 50_000]),
            };
            json!({"name": "费", "basis": basis, "value": value})
        });
        product["fees"] = fees.collect();
    }
    for (request, _) in &mut scenario.requests {
        request["term_months"] = json!(random.pick(&[1, 11, 12, 13, 24, 25, 36, 360]));
    }
}

/// Costs a hair below, at and above 10,000 % a year.
fn near_the_highest_cost(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    let by_fee = random.chance(0.5);
    for (request, _) in &mut scenario.requests {
        remove(request, &["repayment", "kinds"]);
        request["term_months"] = json!(12);
        request["amount_fen"] = json!(101 * 1_000_000);
    }
    for product in &mut scenario.products {
        product["repayment"] = json!(["bullet"]);
        let off = random.pick(&[-1_000, -1, 0, 0, 1, 1_000]);
        if by_fee {
            // What is left of 101 is 1, and 101 is to be paid back after a year.
            product["rate"] = json!({"base": "fixed", "spread_bp": 0});
            let fee = 100 * 1_000_000 + off;
            product["fees"] = json!([{"name": "费", "basis": "upfront_fixed", "value": fee}]);
        } else {
            product["rate"] = json!({"base": "fixed", "spread_bp": (MOST_BP + off).min(MOST_BP)});
            product["fees"] = json!([]);
        }
    }
}

/// A loan repaid whole after a year costs its own rate: the limit is met to the digit, or missed by 1 bp.
fn exact_cost_limits(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    let rates = [0, 1, 345, 400, 12_345];
    for (request, _) in &mut scenario.requests {
        remove(request, &["repayment", "kinds"]);
        request["term_months"] = json!(12);
        request["max_cost_bp"] = json!((random.pick(&rates) + random.range(-1, 1)).max(0));
    }
    for product in &mut scenario.products {
        product["repayment"] = json!(["bullet"]);
        product["fees"] = json!([]);
        product["rate"] = json!({"base": "fixed", "spread_bp": random.pick(&rates)});
    }
}

/// Every product asks for the same, and the enterprise has just that, one less or one more.
fn same_thresholds(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    for product in &mut scenario.products {
        product["criteria"] = json!([
            {"fact": "employees", "op": "at_least", "value": 50},
            {"fact": "employees", "op": "at_most", "value": random.pick(&[49, 50, 51])},
            {"fact": "equity_fen", "op": "at_least", "value": 0},
            {"fact": "tier", "op": random.pick(&["at_least", "at_most"]), "value": random.pick(&TIERS)},
            {"fact": "tier", "op": random.pick(&["one_of", "none_of"]), "value": random.subset(&TIERS, 1, 5)},
            {"fact": "titles", "op": "includes_any", "value": random.subset(&TITLES, 1, 5)},
            {"fact": "tax_arrears", "op": "is", "value": random.chance(0.5), "verified": random.chance(0.5)},
        ]);
        let criteria = product["criteria"].as_array_mut().expect("criteria");
        criteria.retain(|_| random.chance(0.5));
    }
    for (_, enterprise) in &mut scenario.requests {
        for (key, middle) in [("employees", 50), ("equity_fen", 0)] {
            let value = middle + random.range(-1, 1);
            enterprise["facts"][key] = json!({"value": value, "verified": random.chance(0.5)});
        }
    }
}

/// More different bounds of one fact, of the amount and of the term than anything can table.
fn many_thresholds(scenario: &mut Scenario, random: &mut Random) {
    for product in &mut scenario.products {
        widen(product, random);
        let (low, high) = (random.range(0, MOST / 2), random.range(MOST / 2, MOST));
        product["amount_fen"] = json!({"min": low, "max": high});
        product["criteria"] = json!([
            {"fact": "revenue_fen", "op": "at_least", "value": random.range(0, MOST)},
            {"fact": "revenue_fen", "op": "at_most", "value": random.range(0, MOST), "verified": random.chance(0.5)},
        ]);
    }
    for (request, enterprise) in &mut scenario.requests {
        request["amount_fen"] = json!(random.range(1, MOST));
        enterprise["facts"]["revenue_fen"] = json!({"value": random.range(0, MOST), "verified": random.chance(0.5)});
    }
}

fn caps_on_negative_equity(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    for product in &mut scenario.products {
        product["amount_caps"] = json!([
            {"of": "equity_fen", "bp": random.pick(&[0, 1, 3_333, 10_001])},
            {"of": "revenue_fen", "bp": random.pick(&[1, 10_000])},
        ]);
    }
    for (_, enterprise) in &mut scenario.requests {
        let equity = random.pick(&[-1, -3, -7_777, -MOST]);
        enterprise["facts"]["equity_fen"] = json!({"value": equity, "verified": true});
        if random.chance(0.5) {
            remove(&mut enterprise["facts"], &["revenue_fen"]);
        }
    }
}

#[rustfmt::skip]
const MEASURED: [&str; 8] =
    ["employees", "ip_class1", "ip_class2", "equity_fen", "rep_age", "age_months", "land_m2", "plant_m2"];

/// Groups of up to eight members, many of them on facts that are not known.
fn any_of_much(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    for product in &mut scenario.products {
        let members = random.subset(&MEASURED, 2, 8).into_iter();
        let members = members.map(|fact| {
            let (op, value) = (random.pick(&["at_least", "at_most"]), random.range(0, 100));
            json!({"fact": fact, "op": op, "value": value, "verified": random.chance(0.5)})
        });
        let group = json!({"any": members.collect::<Vec<_>>()});
        product["criteria"].as_array_mut().expect("criteria").push(group);
    }
    for (_, enterprise) in &mut scenario.requests {
        let hidden = random.subset(&MEASURED, 2, 8);
        remove(&mut enterprise["facts"], &hidden);
    }
}

fn renewals_at_their_edges(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    for product in &mut scenario.products {
        product["bank"] = json!(random.pick(&["BANK001", "BANK002"]));
        let window = random.pick(&[0, 30, 3660]);
        product["renewal"] = json!({"window_days": window, "own_loans_only": random.chance(0.5)});
    }
    for (request, _) in &mut scenario.requests {
        let balance = (request["amount_fen"].as_i64().expect("money") + random.range(-1, 1)).min(MOST);
        let matures_on = day(random.pick(&[-1, 0, 1, 29, 30, 31, 3660, 3661]));
        request["existing_loan"] = json!({"bank": "BANK001", "matures_on": matures_on, "balance_fen": balance});
    }
}

/// First and last days yesterday, today and tomorrow, the last before the first too.
fn dates_at_their_edges(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    for product in &mut scenario.products {
        for key in ["from", "to"] {
            if random.chance(0.7) {
                product[key] = day(random.range(-1, 1));
            }
        }
        if random.chance(0.7) {
            product["confirmed_on"] = day(random.pick(&[-91, -90, -89, 1]));
        }
        product["status"] = json!(random.pick(&["open", "open", "open", "closed", "draft"]));
    }
}

/// Firms founded on the last days of months, tomorrow, or long ago, and ages that none reaches.
fn ages_at_their_edges(scenario: &mut Scenario, random: &mut Random) {
    calm(scenario, random);
    let founded = [
        "2024-02-29",
        "2025-08-31",
        "2025-10-31",
        "2025-11-01",
        "2025-11-02",
        "2026-11-01",
        "2026-11-02",
        "1900-01-01",
    ];
    for (_, enterprise) in &mut scenario.requests {
        enterprise["established_on"] = json!(random.pick(&founded));
    }
    for product in &mut scenario.products {
        let months = random.pick(&[0, 1, 6, 11, 12, 13, 14, 32, 33, 3_000, 4_799, 1_000_000, MOST]);
        let op = random.pick(&["at_least", "at_least", "at_most"]);
        product["criteria"] = json!([{"fact": "age_months", "op": op, "value": months}]);
    }
}

/// Codes whose order as bytes is not that of their letters, and which JSON has to escape.
fn odd_codes(scenario: &mut Scenario, random: &mut Random) {
    equal_costs(scenario, random);
    let heads = ["p", "P", "P1", "Z", "产品", "é", "\"", "\\", "~", "😀"];
    for (number, product) in scenario.products.iter_mut().enumerate() {
        product["code"] = json!(format!("{}{number:03}", random.pick(&heads)));
    }
}
