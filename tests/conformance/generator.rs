//! Random catalogues, enterprises and requests of the distributions of `benches/generate.py`, as forms.

use chrono::{Days, NaiveDate};
use rongqiao::domain::uscc::Uscc;
use serde_json::{Map, Value, json};

pub const TIERS: [&str; 5] = ["none", "candidate", "innovative", "specialised", "little_giant"];
const SIZES: [&str; 4] = ["micro", "small", "medium", "large"];
const GRADES: [&str; 5] = ["D", "C", "M", "B", "A"];
const CUSTOMS: [&str; 3] = ["dishonest", "registered", "advanced"];
const LISTING: [&str; 5] = ["none", "reformed", "neeq", "bse", "main_board"];
pub const TITLES: [&str; 5] = ["high_tech", "tech_sme", "champion", "ip_model", "gazelle"];
#[rustfmt::skip]
const KINDS: [&str; 7] =
    ["specialised", "plant", "tech_upgrade", "finance_lease", "relay", "annual_review", "revolving"];
#[rustfmt::skip]
pub const PURPOSES: [&str; 6] =
    ["working_capital", "research", "tech_upgrade", "commercialisation", "fixed_assets", "refinancing"];
const LONG_PURPOSES: [&str; 3] = ["tech_upgrade", "fixed_assets", "commercialisation"];
pub const GUARANTEES: [&str; 4] = ["credit", "mortgage", "pledge", "guarantor"];
pub const METHODS: [&str; 5] = [
    "equal_instalment",
    "equal_principal",
    "interest_only",
    "bullet",
    "on_demand",
];
#[rustfmt::skip]
const DIVISIONS: [&str; 43] = [
    "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
    "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "51", "52", "54", "58", "59", "63", "64",
    "65", "72", "73", "74", "75",
];
#[rustfmt::skip]
const TOWNS: [&str; 6] = ["410106001", "410106002", "410106003", "410106004", "410106005", "410106100"];

/// A day, counted from the as-of date of all cases.
pub fn day(offset: i64) -> Value {
    let as_of = as_of();
    let days = Days::new(offset.unsigned_abs());
    json!(if offset < 0 { as_of - days } else { as_of + days })
}

/// The day on which everything is looked at.
pub fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).expect("a date")
}

/// `SplitMix64`: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to one below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number with both ends in it.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        let count = high.abs_diff(low).wrapping_add(1);
        low.wrapping_add((self.next() % count.max(1)).cast_signed())
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.next() % from.len() as u64).expect("a place")]
    }

    fn weighted<T: Copy>(&mut self, from: &[T], weights: &[i64]) -> T {
        let mut left = self.range(0, weights.iter().sum::<i64>() - 1);
        for (one, weight) in from.iter().zip(weights) {
            left -= weight;
            if left < 0 {
                return *one;
            }
        }
        from[0]
    }

    /// Some of a list, in its order.
    pub fn subset(&mut self, from: &[&'static str], least: usize, most: usize) -> Vec<&'static str> {
        let most = i64::try_from(most.min(from.len())).expect("a short list");
        let mut wanted = self.range(i64::try_from(least).expect("a short list"), most);
        let mut left = i64::try_from(from.len()).expect("a short list");
        let mut chosen = Vec::new();
        for one in from {
            if self.range(1, left) <= wanted {
                chosen.push(*one);
                wanted -= 1;
            }
            left -= 1;
        }
        chosen
    }

    fn log_normal(&mut self, mean: f64, deviation: f64) -> f64 {
        // Box and Muller's way to a normal deviate.
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        (mean + deviation * radius * (std::f64::consts::TAU * self.unit()).cos()).exp()
    }

    fn exponential(&mut self, rate: f64) -> f64 {
        -(1.0 - self.unit()).ln() / rate
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            let other = usize::try_from(self.next() % (place as u64 + 1)).expect("a place");
            items.swap(place, other);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "as Python's int() does")]
fn whole(number: f64) -> i64 {
    number as i64
}

pub fn product(random: &mut Random, number: usize) -> Value {
    let kind = random.weighted(&KINDS, &[30, 12, 12, 8, 10, 8, 20]);
    let long = ["plant", "tech_upgrade", "finance_lease"].contains(&kind);
    let amount_min = random.pick(&[5_i64, 10, 20, 50, 100]) * 1_000_000;
    let amount_max = amount_min * random.pick(&[10, 20, 50, 100]);
    let (term_min, term_max) = if long {
        (random.pick(&[12, 24, 36]), random.pick(&[60, 84, 120, 180]))
    } else {
        (random.pick(&[1, 3, 6]), random.pick(&[12, 12, 24, 36]))
    };
    let purposes = match kind {
        "relay" => vec!["refinancing"],
        "annual_review" => random.subset(&PURPOSES, 2, 5),
        _ if long => random.subset(&LONG_PURPOSES, 1, 3),
        _ => random.subset(&PURPOSES[..5], 2, 5),
    };
    let guarantees = if kind != "specialised" || random.chance(0.4) {
        random.subset(&GUARANTEES, 1, 3)
    } else {
        vec!["credit"]
    };
    let repayment = match kind {
        "revolving" => vec!["on_demand"],
        _ if long => random.subset(&METHODS[..3], 1, 3),
        _ => random.subset(&METHODS, 1, 3),
    };
    let mut product = json!({
        "code": format!("P{number:06}"), "bank": bank(random), "name": format!("示例产品{number}"), "kind": kind,
        "status": random.weighted(&["open", "suspended"], &[97, 3]),
        "amount_fen": {"min": amount_min, "max": amount_max}, "term_months": {"min": term_min, "max": term_max},
        "purposes": purposes, "guarantees": guarantees, "repayment": repayment, "rate": rate(random, long),
        "fees": fees(random), "criteria": criteria(random, kind),
    });
    if random.chance(0.9) {
        product["from"] = day(-random.range(0, 900));
    }
    if random.chance(0.7) {
        product["to"] = day(random.range(-20, 900));
    }
    if random.chance(0.4) {
        product["confirmed_on"] = day(-random.range(0, 95));
    }
    if kind == "relay" || (kind == "annual_review" && random.chance(0.6)) {
        product["renewal"] = json!({"window_days": random.pick(&[30, 60, 90]), "own_loans_only": random.chance(0.6)});
    }
    let caps = amount_caps(random, long);
    if !caps.is_empty() {
        product["amount_caps"] = json!(caps);
    }
    product
}

fn bank(random: &mut Random) -> String {
    format!("BANK{:03}", random.range(1, 60))
}

fn rate(random: &mut Random, long: bool) -> Value {
    let own = if long { "lpr_5y" } else { "lpr_1y" };
    let base = random.weighted(&[own, "lpr_by_term", "fixed"], &[3, 1, 1]);
    let spread = if base == "fixed" {
        random.range(60, 123) * 5
    } else {
        random.range(-8, 51) * 5
    };
    let mut rate = json!({"base": base, "spread_bp": spread});
    if random.chance(0.6) {
        let mut discounts = [0; 3].map(|_: i32| random.range(0, 11) * 5);
        discounts.sort_unstable();
        let [innovative, specialised, giant] = discounts;
        rate["tier_discount_bp"] = json!({"innovative": innovative, "specialised": specialised, "little_giant": giant});
    }
    if random.chance(0.5) {
        rate["floor_bp"] = json!(random.pick(&[200, 250, 280, 300]));
    }
    rate
}

fn fees(random: &mut Random) -> Vec<Value> {
    let fixed: &[i64] = if random.chance(0.15) {
        &[100_000, 300_000, 500_000, 60_000_000]
    } else {
        &[100_000, 300_000, 500_000]
    };
    let guarantee = random.pick(&["annual_rate", "annual_on_balance"]);
    let table: [(&str, &str, &str, &[i64], f64); 4] = [
        ("评估费", "appraisal", "upfront_fixed", fixed, 0.15),
        ("担保费", "guarantee", guarantee, &[50, 80, 100, 150], 0.2),
        ("手续费", "handling", "upfront_rate", &[10, 20, 50, 100], 0.12),
        ("服务费", "intermediary", "monthly_rate", &[1, 2, 5], 0.04),
    ];
    let mut fees = Vec::new();
    for (name, kind, basis, values, probability) in table {
        if random.chance(probability) {
            let mut fee = json!({"name": name, "kind": kind, "basis": basis, "value": random.pick(values)});
            if random.chance(0.15) {
                fee["borne_by"] = json!("bank");
            }
            fees.push(fee);
        }
    }
    fees
}

fn amount_caps(random: &mut Random, long: bool) -> Vec<Value> {
    let mut caps = Vec::new();
    if random.chance(0.15) {
        caps.push(json!({"of": "revenue_fen", "bp": random.pick(&[1000, 2000, 3000, 5000])}));
    }
    if random.chance(0.04) {
        caps.push(json!({"of": "equity_fen", "bp": random.pick(&[5000, 10_000])}));
    }
    if long && random.chance(0.35) {
        caps.push(json!({"of": "project_cost_fen", "bp": random.pick(&[6000, 7000, 8000])}));
    }
    caps
}

/// One plain criterion as the table below has it: probability, fact, op, value, probability of `verified`.
type Asked = (f64, &'static str, &'static str, Value, f64);

#[rustfmt::skip]
fn asked(random: &mut Random, kind: &str) -> Vec<Asked> {
    fn of(random: &mut Random, from: &[i64]) -> Value { json!(random.pick(from)) }
    fn million(random: &mut Random, from: &[i64]) -> Value { json!(random.pick(from) * 1_000_000) }
    let r = random;
    let mut asked: Vec<Asked> = vec![
        (if kind == "specialised" { 0.75 } else { 0.3 }, "tier", "at_least", json!(r.weighted(&TIERS[1..], &[3, 4, 4, 1])), 0.8),
        (0.5, "size", "at_most", json!(r.pick(&["small", "medium", "medium"])), 0.2),
    ];
    match r.range(0, 3) {
        0 => asked.push((2.0, "industry", "one_of", json!(r.subset(&DIVISIONS, 8, 24)), 0.0)),
        1 => asked.push((2.0, "industry", "none_of", json!(r.subset(&DIVISIONS, 1, 6)), 0.0)),
        _ => {}
    }
    asked.extend([
        (0.15, "town", "one_of", json!(r.subset(&TOWNS, 2, 5)), 0.0),
        (0.7, "age_months", "at_least", of(r, &[6, 12, 12, 24, 24, 36]), 0.0),
        (0.05, "listing_stage", "one_of", json!(r.subset(&LISTING, 1, 3)), 0.2),
        (0.45, "revenue_fen", "at_least", million(r, &[100, 300, 500, 1000, 2000]), 0.2),
        (0.1, "revenue_fen", "at_most", million(r, &[10_000, 40_000]), 0.2),
        (0.2, "employees", "at_least", of(r, &[5, 10, 20, 50]), 0.2),
        (0.2, "rd_intensity_bp", "at_least", of(r, &[100, 200, 300, 500]), 0.2),
        (0.2, "invention_patents", "at_least", of(r, &[1, 1, 2, 5]), 0.2),
        (0.4, "settlement_inflow_fen", "at_least", million(r, &[50, 100, 300, 500, 1000]), 0.2),
        (0.2, "settlement_active_months", "at_least", of(r, &[3, 6, 9, 12]), 0.2),
        (0.55, "tax_grade", "at_least", json!(r.weighted(&GRADES[1..], &[1, 4, 6, 2])), 0.6),
        (0.3, "tax_paid_fen", "at_least", million(r, &[1, 5, 10, 20, 50]), 0.6),
        (0.4, "tax_arrears", "is", json!(false), 0.5),
        (0.35, "insured_headcount", "at_least", of(r, &[3, 5, 10, 20, 30]), 0.2),
        (0.15, "insured_months", "at_least", of(r, &[6, 12, 24]), 0.2),
        (if kind == "plant" { 0.7 } else { 0.05 }, "land_m2", "at_least", of(r, &[1000, 3000, 5000, 10_000]), 0.2),
        (if ["plant", "finance_lease"].contains(&kind) { 0.3 } else { 0.03 }, "plant_m2", "at_least", of(r, &[500, 1000, 3000]), 0.2),
        (0.08, "trade_value_fen", "at_least", million(r, &[50, 100, 500]), 0.2),
        (0.05, "customs_grade", "at_least", json!(r.pick(&CUSTOMS[1..])), 0.2),
        (0.8, "court_enforcement", "is", json!(false), 0.7),
        (0.6, "overdue_days", "at_most", of(r, &[0, 0, 0, 30]), 0.6),
        (0.3, "debt_ratio_bp", "at_most", of(r, &[6000, 6500, 7000, 8000]), 0.2),
        (0.06, "segment_months", "at_least", of(r, &[24, 36]), 0.2),
        (0.05, "main_business_bp", "at_least", of(r, &[5000, 7000, 8000]), 0.2),
        (0.06, "revenue_growth_bp", "at_least", of(r, &[0, 500, 1000]), 0.2),
        (0.04, "rd_expense_fen", "at_least", million(r, &[50, 100, 300]), 0.2),
        (0.03, "total_assets_fen", "at_least", million(r, &[500, 1000]), 0.2),
        (0.05, "equity_fen", "at_least", million(r, &[100, 500, 5000]), 0.2),
        (0.08, "loan_to_sales_bp", "at_most", of(r, &[3000, 5000]), 0.2),
        (0.1, "rep_age", "at_most", of(r, &[60, 65]), 0.2),
        (0.08, "titles", "includes_any", json!(r.subset(&TITLES, 1, 3)), 0.5),
    ]);
    asked
}

fn criteria(random: &mut Random, kind: &str) -> Vec<Value> {
    let mut criteria = Vec::new();
    for (probability, fact, op, value, verified) in asked(random, kind) {
        // 2 stands for "always"; all others are thinned out.
        if random.chance(if probability > 1.0 { 1.0 } else { probability * 0.6 }) {
            let mut criterion = json!({"fact": fact, "op": op, "value": value});
            if random.chance(verified) {
                criterion["verified"] = json!(true);
            }
            criteria.push(criterion);
        }
    }
    random.shuffle(&mut criteria);
    if random.chance(0.15) {
        let place = random.range(0, i64::try_from(criteria.len()).expect("few criteria"));
        criteria.insert(usize::try_from(place).expect("a place"), any(random));
    }
    criteria
}

fn any(random: &mut Random) -> Value {
    let at_least = |fact: &str, value: i64| json!({"fact": fact, "op": "at_least", "value": value});
    let grade = json!({"fact": "tax_grade", "op": "at_least", "value": "A", "verified": true});
    let titles = json!({"fact": "titles", "op": "includes_any", "value": random.subset(&TITLES, 1, 3)});
    let tier = json!({"fact": "tier", "op": "at_least", "value": random.pick(&TIERS[2..]), "verified": true});
    json!({"any": match random.range(0, 3) {
        0 => vec![titles, tier],
        1 => vec![at_least("ip_class1", 1), at_least("ip_class2", random.pick(&[2, 4]))],
        2 => vec![
            at_least("revenue_growth_bp", 1000),
            at_least("rd_intensity_bp", 500),
            at_least("invention_patents", 3),
        ],
        _ => vec![grade, at_least("settlement_active_months", 10)],
    }})
}

#[rustfmt::skip]
pub fn enterprise(random: &mut Random, number: usize) -> Value {
    let r = random;
    let scale = r.log_normal(0.0, 1.1);
    let money = |yuan: f64| json!(whole(yuan * scale));
    let up_to = |r: &mut Random, rate: f64| json!(whole(r.exponential(rate)));
    let half = |r: &mut Random, rate: f64| if r.chance(0.5) { up_to(r, rate) } else { json!(0) };
    let (share, inflow) = (r.unit(), 0.5 + r.unit());
    let table: Vec<(&str, Value, f64, f64)> = vec![
        ("tier", json!(r.weighted(&TIERS, &[35, 20, 22, 19, 4])), 0.95, 0.9),
        ("size", json!(r.weighted(&SIZES, &[40, 42, 16, 2])), 0.97, 0.85),
        ("industry", json!(r.pick(&DIVISIONS)), 0.99, 1.0),
        ("town", json!(r.pick(&TOWNS)), 0.99, 1.0),
        ("listing_stage", json!(r.weighted(&LISTING, &[88, 6, 4, 1, 1])), 0.6, 0.85),
        ("revenue_fen", money(2e9), 0.9, 0.85),
        ("employees", json!(whole(45.0 * scale).max(1)), 0.9, 0.85),
        ("rd_intensity_bp", json!(r.range(0, 900)), 0.6, 0.5),
        ("invention_patents", up_to(r, 0.35), 0.7, 0.6),
        ("settlement_inflow_fen", money(1.5e9 * inflow), 0.8, 0.85),
        ("settlement_active_months", json!(r.pick(&[6, 8, 10, 11, 12, 12, 12, 12])), 0.8, 0.85),
        ("tax_grade", json!(r.weighted(&GRADES, &[3, 6, 22, 39, 30])), 0.9, 0.9),
        ("tax_paid_fen", money(8e7 * (0.3 + 1.4 * share)), 0.9, 0.9),
        ("tax_arrears", json!(r.chance(0.05)), 0.9, 0.9),
        ("insured_headcount", json!(whole(38.0 * scale)), 0.85, 0.85),
        ("insured_months", json!(r.range(0, 120)), 0.8, 0.85),
        ("land_m2", half(r, 1.0 / 6000.0), 0.7, 0.85),
        ("plant_m2", half(r, 1.0 / 3000.0), 0.7, 0.85),
        ("trade_value_fen", if r.chance(0.3) { money(3e8) } else { json!(0) }, 0.6, 0.85),
        ("customs_grade", json!(r.weighted(&CUSTOMS, &[2, 85, 13])), 0.35, 0.85),
        ("court_enforcement", json!(r.chance(0.03)), 0.95, 0.95),
        ("overdue_days", json!(if r.chance(0.06) { r.pick(&[5, 20, 45, 120]) } else { 0 }), 0.9, 0.9),
        ("debt_ratio_bp", json!(r.range(1500, 9500)), 0.75, 0.85),
        ("titles", json!(r.subset(&TITLES, 0, 3)), 0.85, 0.85),
        ("segment_months", json!(r.range(0, 180)), 0.6, 0.85),
        ("main_business_bp", json!(r.range(4000, 10_000)), 0.6, 0.85),
        ("revenue_growth_bp", json!(r.range(-3000, 4000)), 0.7, 0.85),
        ("rd_expense_fen", money(9e7 * share), 0.6, 0.85),
        ("ip_class1", up_to(r, 0.6), 0.6, 0.85),
        ("ip_class2", up_to(r, 0.2), 0.6, 0.85),
        ("total_assets_fen", money(1e8 * (5.0 + 25.0 * share)), 0.7, 0.85),
        ("equity_fen", money(1e8 * (12.0 * share - 2.0)), 0.7, 0.85),
        ("loan_to_sales_bp", json!(r.range(0, 9000)), 0.6, 0.85),
        ("rep_age", json!(r.range(24, 74)), 0.8, 0.85),
    ];
    let mut facts = Map::new();
    for (key, value, known, verified) in table {
        if r.chance(known + (1.0 - known) * 0.4) {
            let mut fact = json!({"value": value, "verified": r.chance(verified)});
            if r.chance(0.3) { fact["valid_until"] = day(r.range(-30, 400)); }
            facts.insert(key.to_owned(), fact);
        }
    }
    let mut enterprise = json!({"uscc": uscc(number), "name": format!("示例企业{number}有限公司"), "facts": facts});
    if r.chance(0.99) { enterprise["established_on"] = day(-whole(r.log_normal(7.6, 0.7)).min(40_000)); }
    enterprise
}

fn uscc(number: usize) -> String {
    Uscc::with_checks(&format!("91410106{number:08}"))
        .expect("a code")
        .to_string()
}

pub fn request(random: &mut Random, number: usize, enterprise: &Value) -> Value {
    let purpose = random.weighted(&PURPOSES, &[45, 10, 12, 5, 13, 15]);
    let for_long = LONG_PURPOSES.contains(&purpose);
    let amount = random.pick(&[10_i64, 20, 30, 50, 80, 100, 150, 200, 300, 500, 800, 1000, 2000]) * 1_000_000;
    let term = if for_long && random.chance(0.7) {
        random.pick(&[24, 36, 48, 60, 84, 120])
    } else {
        random.pick(&[3, 6, 6, 9, 12, 12, 12, 18, 24])
    };
    let mut request = json!({
        "id": format!("R{number:06}"), "uscc": enterprise["uscc"], "amount_fen": amount, "term_months": term,
        "purpose": purpose, "guarantees": random.subset(&GUARANTEES, 1, 3),
    });
    if for_long && random.chance(0.75) {
        request["project_cost_fen"] = json!(amount + random.range(0, amount * 6 / 5));
    }
    if random.chance(0.2) {
        request["kinds"] = json!(random.subset(&KINDS, 1, 3));
    }
    if random.chance(0.3) {
        request["repayment"] = json!(random.subset(&METHODS, 1, 3));
    }
    if random.chance(0.4) {
        request["max_cost_bp"] = json!(random.range(33, 69) * 10);
    }
    if purpose == "refinancing" && random.chance(0.95) {
        let balance = amount / 2 * random.pick(&[1, 2, 2, 2, 3]);
        request["existing_loan"] =
            json!({"bank": bank(random), "matures_on": day(random.range(-10, 120)), "balance_fen": balance});
    }
    request
}
