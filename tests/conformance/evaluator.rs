//! The matching contract as a plain program: one product at a time, one check after the other, costs by
//! bisection over month-by-month flows. Slow, simple, and written from the contract's text alone: it
//! shares no line with `src/matching` and `src/finance`, so that a mistake is not made twice.

mod cost;

use chrono::{Datelike, Days, NaiveDate};
use cost::{annual_cost, float};
use serde_json::{Value, json};
use std::collections::HashMap;

/// What everything is looked at against: the LPR as (date, 1-year bp, 5-year bp), and the day.
pub struct Market {
    pub lpr: Vec<(NaiveDate, i64, i64)>,
    pub as_of: NaiveDate,
}

/// A value that is known on the day.
struct Known {
    value: Value,
    verified: bool,
}

type Facts = HashMap<String, Known>;

#[derive(Clone, Copy, PartialEq, Debug)]
enum State {
    Met,
    Unmet,
    Unknown,
}

/// A check that is unmet: its code, what was needed, what there is.
struct Miss {
    code: String,
    needed: Value,
    actual: Value,
    met_on: Option<NaiveDate>,
}

/// The line for one request; products and enterprise in the forms of the contract.
pub fn evaluate(products: &[Value], enterprise: &Value, request: &Value, market: &Market) -> Value {
    let facts = known_facts(enterprise, market.as_of);
    let (mut eligible, mut incomplete, mut near) = (Vec::new(), Vec::new(), Vec::new());
    let mut ineligible = 0;
    for product in products {
        let (mut misses, unknown) = checks(product, enterprise, &facts, request, market);
        if misses.len() > 1 {
            ineligible += 1;
            continue;
        }
        let rate_bp = rate_bp(product, &facts, request, market);
        let methods = common_methods(product, request);
        let best = cheapest(product, request, rate_bp, &methods);
        if let Some(miss) = max_cost(request, &methods, best.as_ref().map(|(_, cost)| *cost)) {
            misses.push(miss);
        }
        let mut row = json!({
            "product": product["code"], "rate_bp": rate_bp,
            "repayment": best.as_ref().map(|(method, _)| *method),
            "annual_cost_pct": best.as_ref().map(|(_, cost)| *cost),
        });
        match misses.as_slice() {
            [] if unknown.is_empty() => eligible.push(row),
            [] => {
                row["unknown"] = json!(unknown);
                incomplete.push(row);
            }
            [miss] => {
                row["unmet"] = json!(miss.code);
                row["needed"] = miss.needed.clone();
                row["actual"] = miss.actual.clone();
                if let Some(day) = miss.met_on {
                    row["met_on"] = json!(day.to_string());
                }
                row["unknown"] = json!(unknown);
                near.push(row);
            }
            _ => ineligible += 1,
        }
    }
    json!({
        "request": request["id"], "as_of": market.as_of.to_string(),
        "eligible": by_cost(eligible), "incomplete": by_unknown_then_cost(incomplete), "near": by_cost(near),
        "ineligible": ineligible,
    })
}

fn date(value: &Value) -> Option<NaiveDate> {
    value.as_str().map(|text| text.parse().expect("a date"))
}

fn int(value: &Value) -> i128 {
    i128::from(value.as_i64().expect("a whole number"))
}

fn has(list: &Value, code: &Value) -> bool {
    list.as_array().expect("a list").contains(code)
}

fn share_one(one: &Value, two: &Value) -> bool {
    one.as_array().expect("a list").iter().any(|code| has(two, code))
}

/// A list of a request that may be absent, where empty is the same as absent.
fn named<'r>(request: &'r Value, list: &str) -> Option<&'r Value> {
    request
        .get(list)
        .filter(|list| !list.as_array().expect("a list").is_empty())
}

fn known_facts(enterprise: &Value, as_of: NaiveDate) -> Facts {
    let mut facts = Facts::new();
    for (key, fact) in enterprise["facts"].as_object().expect("facts") {
        if date(&fact["valid_until"]).is_none_or(|until| until >= as_of) {
            let known = Known {
                value: fact["value"].clone(),
                verified: fact["verified"] == true,
            };
            facts.insert(key.clone(), known);
        }
    }
    if let Some(established) = date(&enterprise["established_on"]) {
        let known = Known {
            value: json!(age_months(established, as_of)),
            verified: true,
        };
        facts.insert("age_months".to_owned(), known);
    }
    facts
}

/// Whole calendar months: the day of the month not yet reached, one less; never below 0.
fn age_months(established: NaiveDate, day: NaiveDate) -> i32 {
    let months = (day.year() - established.year()) * 12 + day.month0().cast_signed()
        - established.month0().cast_signed()
        - i32::from(day.day() < established.day());
    months.max(0)
}

/// The first date at which the age is reached, found by looking at each day of the month in question.
/// The house's dates end with 9999: what comes later has no date.
fn date_of_age(established: NaiveDate, months: i64) -> Option<NaiveDate> {
    let months = u32::try_from(months).ok()?;
    let first_of_month = established
        .with_day(1)?
        .checked_add_months(chrono::Months::new(months))?;
    first_of_month
        .iter_days()
        .find(|day| i64::from(age_months(established, *day)) >= i64::from(months))
        .filter(|day| day.year() < 10_000)
}

/// Every check but `max_cost`: what is unmet, and the keys of what is unknown, in the contract's order.
fn checks(
    product: &Value,
    enterprise: &Value,
    facts: &Facts,
    request: &Value,
    market: &Market,
) -> (Vec<Miss>, Vec<String>) {
    let mut misses = built_in_misses(product, request, market.as_of);
    let mut unknown = Vec::new();
    for cap in product["amount_caps"].as_array().into_iter().flatten() {
        let of = cap["of"].as_str().expect("a name");
        let value = match of {
            "project_cost_fen" => request.get(of),
            fact => facts.get(fact).map(|known| &known.value),
        };
        let Some(value) = value else {
            unknown.push(of.to_owned());
            continue;
        };
        let most = int(value) * int(&cap["bp"]);
        if int(&request["amount_fen"]) * 10_000 > most {
            let needed = i64::try_from(most.div_euclid(10_000)).expect("within the bounds of the forms");
            misses.push(miss("amount_cap", json!(needed), request["amount_fen"].clone()));
        }
    }
    for criterion in product["criteria"].as_array().expect("criteria") {
        match state(criterion, facts) {
            State::Met => {}
            State::Unmet => misses.push(criterion_miss(criterion, enterprise, facts)),
            State::Unknown => {
                let alone = [criterion.clone()];
                let members = criterion["any"].as_array().map_or(alone.as_slice(), Vec::as_slice);
                let members = members.iter().filter(|member| state(member, facts) == State::Unknown);
                unknown.extend(members.map(|member| member["fact"].as_str().expect("a fact").to_owned()));
            }
        }
    }
    let mut once: Vec<String> = Vec::new();
    for key in unknown {
        if !once.contains(&key) {
            once.push(key);
        }
    }
    (misses, once)
}

fn miss(code: &str, needed: Value, actual: Value) -> Miss {
    Miss {
        code: code.to_owned(),
        needed,
        actual,
        met_on: None,
    }
}

fn built_in_misses(product: &Value, request: &Value, as_of: NaiveDate) -> Vec<Miss> {
    let mut misses = Vec::new();
    let mut check = |code: &str, met: bool, needed: &Value, actual: &Value| {
        if !met {
            misses.push(miss(code, needed.clone(), actual.clone()));
        }
    };
    let none = &Value::Null;
    let open = product["status"] == "open"
        && date(&product["from"]).is_none_or(|from| from <= as_of)
        && date(&product["to"]).is_none_or(|to| as_of <= to)
        && date(&product["confirmed_on"]).is_none_or(|confirmed| as_of <= confirmed + Days::new(90));
    check("product_open", open, none, none);
    let kind = named(request, "kinds").is_none_or(|kinds| has(kinds, &product["kind"]));
    check("kind", kind, none, none);
    check("purpose", has(&product["purposes"], &request["purpose"]), none, none);
    for (of, min, max) in [
        ("amount_fen", "amount_min", "amount_max"),
        ("term_months", "term_min", "term_max"),
    ] {
        let (bounds, asked) = (&product[of], &request[of]);
        check(min, int(&bounds["min"]) <= int(asked), &bounds["min"], asked);
        check(max, int(asked) <= int(&bounds["max"]), &bounds["max"], asked);
    }
    let guarantee = share_one(&request["guarantees"], &product["guarantees"]);
    check("guarantee", guarantee, none, none);
    let repayment = named(request, "repayment").is_none_or(|methods| share_one(methods, &product["repayment"]));
    check("repayment", repayment, none, none);
    if let Some(renewal) = product.get("renewal") {
        let renews = request.get("existing_loan").is_some_and(|loan| {
            let left = (date(&loan["matures_on"]).expect("a date") - as_of).num_days();
            0 <= left
                && i128::from(left) <= int(&renewal["window_days"])
                && int(&request["amount_fen"]) <= int(&loan["balance_fen"])
                && (renewal["own_loans_only"] == false || loan["bank"] == product["bank"])
        });
        check("existing_loan", renews, none, none);
    }
    misses
}

fn criterion_miss(criterion: &Value, enterprise: &Value, facts: &Facts) -> Miss {
    let Some(fact) = criterion["fact"].as_str() else {
        return miss("any", Value::Null, Value::Null);
    };
    let met_on = match (fact, criterion["op"].as_str()) {
        ("age_months", Some("at_least")) => date(&enterprise["established_on"])
            .zip(criterion["value"].as_i64())
            .and_then(|(established, months)| date_of_age(established, months)),
        _ => None,
    };
    Miss {
        met_on,
        ..miss(fact, criterion["value"].clone(), facts[fact].value.clone())
    }
}

/// The ranked facts, low to high.
fn levels(fact: &str) -> Option<&'static [&'static str]> {
    match fact {
        "tier" => Some(&["none", "candidate", "innovative", "specialised", "little_giant"]),
        "size" => Some(&["micro", "small", "medium", "large"]),
        "listing_stage" => Some(&["none", "reformed", "neeq", "bse", "main_board"]),
        "tax_grade" => Some(&["D", "C", "M", "B", "A"]),
        "customs_grade" => Some(&["dishonest", "registered", "advanced"]),
        _ => None,
    }
}

/// A number, or the rank of a level.
fn magnitude(fact: &str, value: &Value) -> i128 {
    match levels(fact) {
        Some(levels) => {
            let rank = levels.iter().position(|level| value == level).expect("a level");
            i128::try_from(rank).expect("few levels")
        }
        None => int(value),
    }
}

fn state(criterion: &Value, facts: &Facts) -> State {
    if let Some(members) = criterion["any"].as_array() {
        let states: Vec<State> = members.iter().map(|member| state(member, facts)).collect();
        return [State::Met, State::Unknown]
            .into_iter()
            .find(|state| states.contains(state))
            .unwrap_or(State::Unmet);
    }
    let fact = criterion["fact"].as_str().expect("a fact");
    let Some(known) = facts
        .get(fact)
        .filter(|known| known.verified || criterion["verified"] != true)
    else {
        return State::Unknown;
    };
    let (value, asked) = (&known.value, &criterion["value"]);
    let met = match criterion["op"].as_str().expect("an op") {
        "at_least" => magnitude(fact, value) >= magnitude(fact, asked),
        "at_most" => magnitude(fact, value) <= magnitude(fact, asked),
        "one_of" => has(asked, value),
        "none_of" => !has(asked, value),
        "includes_any" => share_one(value, asked),
        "is" => value == asked,
        op => panic!("no such op: {op}"),
    };
    if met { State::Met } else { State::Unmet }
}

fn rate_bp(product: &Value, facts: &Facts, request: &Value, market: &Market) -> i64 {
    let rate = &product["rate"];
    let announced = market.lpr.iter().rev().find(|(day, ..)| *day <= market.as_of);
    let (_, one_year, five_year) = *announced.expect("an LPR");
    let base = match rate["base"].as_str().expect("a base") {
        "lpr_5y" => five_year,
        "lpr_by_term" if int(&request["term_months"]) > 60 => five_year,
        "lpr_1y" | "lpr_by_term" => one_year,
        _ => 0,
    };
    let tier = facts.get("tier").filter(|tier| tier.verified);
    let reached = tier.map_or(-1, |tier| magnitude("tier", &tier.value));
    let discounts = rate["tier_discount_bp"].as_object().into_iter().flatten();
    let discount = discounts
        .filter(|(tier, _)| magnitude("tier", &json!(tier)) <= reached)
        .map(|(_, bp)| bp.as_i64().expect("bp"))
        .max()
        .unwrap_or(0);
    let floor = rate["floor_bp"].as_i64().unwrap_or(0);
    floor.max(base + rate["spread_bp"].as_i64().expect("bp") - discount)
}

/// The methods that both allow, in the order of the contract's table.
fn common_methods(product: &Value, request: &Value) -> Vec<&'static str> {
    const TABLE: [&str; 5] = [
        "equal_instalment",
        "equal_principal",
        "interest_only",
        "bullet",
        "on_demand",
    ];
    let asked = named(request, "repayment").unwrap_or(&product["repayment"]);
    let both = |method: &&str| has(&product["repayment"], &json!(method)) && has(asked, &json!(method));
    TABLE.into_iter().filter(both).collect()
}

/// The cheapest method and its cost; a later one must be cheaper by more than 1e-9.
fn cheapest(product: &Value, request: &Value, rate_bp: i64, methods: &[&'static str]) -> Option<(&'static str, f64)> {
    let mut best: Option<(&'static str, f64)> = None;
    for method in methods {
        if let Some(cost) = annual_cost(product, request, rate_bp, method)
            && best.is_none_or(|(_, least)| cost < least - 1e-9)
        {
            best = Some((method, cost));
        }
    }
    best
}

fn max_cost(request: &Value, methods: &[&str], cost: Option<f64>) -> Option<Miss> {
    let most = request["max_cost_bp"].as_i64().map(float);
    let met = match (methods, cost, most) {
        ([], ..) | (_, Some(_), None) => true,
        (_, None, _) => false,
        (_, Some(cost), Some(most)) => cost * 100.0 <= most + 1e-9,
    };
    (!met).then(|| miss("max_cost", json!(most.map(|most| most / 100.0)), json!(cost)))
}

/// Sorted by cost, those without one last; rows each at most 1e-9 above the one before form a chain,
/// and inside a chain the code decides.
fn by_cost(mut rows: Vec<Value>) -> Vec<Value> {
    let cost = |row: &Value| row["annual_cost_pct"].as_f64().unwrap_or(f64::INFINITY);
    let code = |row: &Value| row["product"].as_str().expect("a code").as_bytes().to_vec();
    rows.sort_by(|one, two| cost(one).total_cmp(&cost(two)));
    let mut sorted: Vec<Value> = Vec::new();
    let mut chain: Vec<Value> = Vec::new();
    for row in rows {
        if let Some(last) = chain.last()
            && cost(&row) > cost(last) + 1e-9
        {
            chain.sort_by_key(code);
            sorted.append(&mut chain);
        }
        chain.push(row);
    }
    chain.sort_by_key(code);
    sorted.append(&mut chain);
    sorted
}

fn by_unknown_then_cost(rows: Vec<Value>) -> Vec<Value> {
    let mut by_count: std::collections::BTreeMap<usize, Vec<Value>> = std::collections::BTreeMap::new();
    for row in rows {
        let unknown = row["unknown"].as_array().expect("a list").len();
        by_count.entry(unknown).or_default().push(row);
    }
    by_count.into_values().flat_map(by_cost).collect()
}
