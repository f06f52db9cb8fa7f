//! The contract by plain means, which the engine's complete output is measured beside: each request is held against each
//! product, check by check, with the facts in a hash map; costs by bisection, sorting, and serde_json.

use crate::cost;
use crate::domain::codes::{Code, RateBase, Repayment, Tier};
use crate::domain::criteria::{Criterion, Plain as OneFact, State};
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, Fact};
use crate::domain::facts::{FACTS, FactKey};
use crate::domain::lpr::Lpr;
use crate::domain::product::{CapBase, Product};
use crate::domain::request::{Need, Request};
use crate::domain::scalar::Scalar;
use crate::domain::verdict::{BuiltIn, EligibleRow, Figure, IncompleteRow, MatchResult, NearRow};
use crate::finance::annual_cost::{FeeSum, Loan};
use std::collections::{BTreeMap, HashMap};

/// Costs closer than this are equal, in percentage points.
const SAME: f64 = 1e-9;
/// How close a cost has to be, for ties to be what they are.
const CLOSE: f64 = 1e-11;

/// An enterprise as it is known on the day.
pub struct Facts {
    known: HashMap<FactKey, Fact>,
    established_on: Option<Day>,
}

impl Facts {
    pub fn new(enterprise: &Enterprise, as_of: Day) -> Self {
        let known = FACTS.iter().map(|spec| spec.key);
        Self {
            known: known
                .filter_map(|key| Some((key, enterprise.fact_on(key, as_of)?)))
                .collect(),
            established_on: enterprise.established_on,
        }
    }
}

/// Something that a product asks for.
enum Check<'a> {
    BuiltIn(BuiltIn),
    Cap(CapBase, i64),
    Criterion(&'a Criterion, usize),
}

/// A catalogue of which nothing is prepared but which products are open.
pub struct Plain<'a> {
    products: Vec<(&'a Product, bool)>,
    lpr: Lpr,
    as_of: Day,
}

impl<'a> Plain<'a> {
    pub fn new(products: &'a [Product], lpr: Lpr, as_of: Day) -> Self {
        let products = products.iter();
        Self {
            products: products.map(|product| (product, product.is_open_on(as_of))).collect(),
            lpr,
            as_of,
        }
    }

    /// How many come to each verdict, every cost taken as within its limit: what `benches/baseline` counts.
    pub fn counts(&self, facts: &Facts, need: &Need) -> [usize; 4] {
        let mut counts = [0; 4];
        for (product, is_open) in &self.products {
            let (mut unmet, mut unknown) = (0, 0);
            self.hold(product, *is_open, facts, need, |_, state| {
                unmet += u32::from(state == State::Unmet);
                unknown += u32::from(state == State::Unknown);
            });
            counts[match (unmet, unknown) {
                (0, 0) => 0,
                (0, _) => 1,
                (1, _) => 2,
                _ => 3,
            }] += 1;
        }
        counts
    }

    /// The line of the contract.
    pub fn line(&self, facts: &Facts, request: &Request) -> serde_json::Result<String> {
        serde_json::to_string(&self.result(facts, request))
    }

    pub fn result(&self, facts: &Facts, request: &Request) -> MatchResult {
        let need = &request.need;
        let (mut eligible, mut incomplete, mut near) = (Vec::new(), BTreeMap::<usize, Vec<_>>::new(), Vec::new());
        let mut ineligible = 0;
        for (product, is_open) in &self.products {
            let (mut unmet, mut unknown) = (Vec::new(), Vec::new());
            self.hold(product, *is_open, facts, need, |check, state| match state {
                State::Met => {}
                State::Unmet => unmet.push(check),
                State::Unknown => unknown.push(check),
            });
            if unmet.len() > 1 {
                ineligible += 1;
                continue;
            }
            let terms = self.terms(product, facts, need);
            if !keeps_limit(product, need, terms.annual_cost_pct) {
                unmet.push(Check::BuiltIn(BuiltIn::MaxCost));
            }
            match unmet.as_slice() {
                [] if unknown.is_empty() => eligible.push(terms),
                [] => {
                    let unknown = keys(&unknown, facts);
                    incomplete
                        .entry(unknown.len())
                        .or_default()
                        .push(IncompleteRow { terms, unknown });
                }
                [check] => near.push(miss(check, product, terms, keys(&unknown, facts), facts, need)),
                _ => ineligible += 1,
            }
        }
        in_order(&mut eligible, |row| row);
        in_order(&mut near, |row| &row.terms);
        for same in incomplete.values_mut() {
            in_order(same, |row| &row.terms);
        }
        MatchResult {
            request: request.id.clone(),
            as_of: self.as_of,
            eligible,
            incomplete: incomplete.into_values().flatten().collect(),
            near,
            ineligible,
        }
    }

    /// All checks but that of the cost, in the contract's order.
    #[inline]
    fn hold<'p>(
        &self,
        product: &'p Product,
        is_open: bool,
        facts: &Facts,
        need: &Need,
        mut tell: impl FnMut(Check<'p>, State),
    ) {
        let mut built_in = |code, met: bool| {
            tell(Check::BuiltIn(code), if met { State::Met } else { State::Unmet });
        };
        let (amount, term) = (need.amount_fen.get(), need.term_months);
        built_in(BuiltIn::ProductOpen, is_open);
        built_in(BuiltIn::Kind, need.kinds.is_empty() || need.kinds.has(product.kind));
        built_in(BuiltIn::Purpose, product.purposes.has(need.purpose));
        built_in(BuiltIn::AmountMin, product.amount_fen.min.get() <= amount);
        built_in(BuiltIn::AmountMax, amount <= product.amount_fen.max.get());
        built_in(BuiltIn::TermMin, product.term_months.min <= term);
        built_in(BuiltIn::TermMax, term <= product.term_months.max);
        built_in(BuiltIn::Guarantee, !need.guarantees.both(product.guarantees).is_empty());
        built_in(
            BuiltIn::Repayment,
            need.repayment.is_empty() || !need.repayment.both(product.repayment).is_empty(),
        );
        if let Some(renewal) = product.renewal {
            let renews = need.existing_loan.as_ref().is_some_and(|loan| {
                (0..=i64::from(renewal.window_days)).contains(&loan.matures_on.days_since(self.as_of))
                    && amount <= loan.balance_fen.get()
                    && (!renewal.own_loans_only || loan.bank == product.bank)
            });
            built_in(BuiltIn::ExistingLoan, renews);
        }
        for cap in &product.amount_caps {
            let value = match cap.of {
                CapBase::Fact(key) => facts.known.get(&key).map(|fact| fact.value.get()),
                CapBase::ProjectCost => need.project_cost_fen.map(|cost| cost.get()),
            };
            let state = match value {
                None => State::Unknown,
                Some(value) if i128::from(amount) * 10_000 <= i128::from(value) * i128::from(cap.bp) => State::Met,
                Some(_) => State::Unmet,
            };
            tell(Check::Cap(cap.of, cap.bp), state);
        }
        for (place, criterion) in product.parsed_criteria().iter().enumerate() {
            let state = match criterion {
                Criterion::Plain(plain) => state_of(plain, facts),
                Criterion::Any(members) => {
                    let mut any = State::Unmet;
                    for member in members {
                        match state_of(member, facts) {
                            State::Met => {
                                any = State::Met;
                                break;
                            }
                            State::Unknown => any = State::Unknown,
                            State::Unmet => {}
                        }
                    }
                    any
                }
            };
            tell(Check::Criterion(criterion, place), state);
        }
    }

    fn terms(&self, product: &Product, facts: &Facts, need: &Need) -> EligibleRow {
        let rate = &product.rate;
        let base = match rate.base {
            RateBase::Lpr5y => self.lpr.five_year_bp,
            RateBase::LprByTerm if need.term_months > 60 => self.lpr.five_year_bp,
            RateBase::Lpr1y | RateBase::LprByTerm => self.lpr.one_year_bp,
            RateBase::Fixed => 0,
        };
        let tier = facts.known.get(&FactKey::Tier).filter(|tier| tier.verified);
        let up_to = tier.map_or(0, |tier| 1 + usize::try_from(tier.value.get()).unwrap_or(0));
        let discounts = Tier::ALL[..up_to].iter();
        let discount = discounts.filter_map(|tier| rate.tier_discount_bp.get(*tier)).max();
        let rate_bp = rate
            .floor_bp
            .unwrap_or(0)
            .max(base + rate.spread_bp - discount.copied().unwrap_or(0));
        let mut best: Option<(Repayment, f64)> = None;
        let fees = FeeSum::of(&product.fees);
        for method in methods(product, need) {
            let loan = Loan {
                amount_fen: need.amount_fen.get(),
                term_months: need.term_months,
                rate_bp,
                repayment: method,
            };
            if let Some(cost) = cost::bisected(&loan, &fees, CLOSE)
                && best.is_none_or(|(_, least)| cost < least - SAME)
            {
                best = Some((method, cost));
            }
        }
        EligibleRow {
            product: product.code.clone(),
            rate_bp,
            repayment: best.map(|(method, _)| method),
            annual_cost_pct: best.map(|(_, cost)| cost),
        }
    }
}

fn state_of(plain: &OneFact, facts: &Facts) -> State {
    match facts.known.get(&plain.fact) {
        Some(fact) if fact.verified || !plain.verified => {
            if plain.test.holds(fact.value) {
                State::Met
            } else {
                State::Unmet
            }
        }
        _ => State::Unknown,
    }
}

/// Those that both sides allow.
fn methods(product: &Product, need: &Need) -> impl Iterator<Item = Repayment> {
    let both = if need.repayment.is_empty() {
        product.repayment
    } else {
        need.repayment.both(product.repayment)
    };
    Repayment::ALL.iter().copied().filter(move |method| both.has(*method))
}

fn keeps_limit(product: &Product, need: &Need, cost: Option<f64>) -> bool {
    match cost {
        Some(cost) => need.max_cost_bp.is_none_or(|most| cost * 100.0 <= most as f64 + SAME),
        None => methods(product, need).next().is_none(),
    }
}

/// The keys of what is not known, each once.
fn keys(unknown: &[Check], facts: &Facts) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut add = |key: &str| {
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    };
    for check in unknown {
        match check {
            Check::BuiltIn(_) => {}
            Check::Cap(CapBase::Fact(key), _) => add(key.code()),
            Check::Cap(CapBase::ProjectCost, _) => add("project_cost_fen"),
            Check::Criterion(Criterion::Plain(plain), _) => add(plain.fact.code()),
            Check::Criterion(Criterion::Any(members), _) => {
                let unknown = members
                    .iter()
                    .filter(|member| state_of(member, facts) == State::Unknown);
                unknown.for_each(|member| add(member.fact.code()));
            }
        }
    }
    keys
}

fn miss(
    check: &Check,
    product: &Product,
    terms: EligibleRow,
    unknown: Vec<String>,
    facts: &Facts,
    need: &Need,
) -> NearRow {
    let number = |number: i64| Some(Figure::Plain(Scalar::Number(number)));
    let (amount, term) = (need.amount_fen.get(), i64::from(need.term_months));
    let months = |months: u32| number(i64::from(months));
    let mut met_on = None;
    let (unmet, needed, actual) = match check {
        Check::BuiltIn(code) => {
            let (needed, actual) = match code {
                BuiltIn::AmountMin => (number(product.amount_fen.min.get()), number(amount)),
                BuiltIn::AmountMax => (number(product.amount_fen.max.get()), number(amount)),
                BuiltIn::TermMin => (months(product.term_months.min), number(term)),
                BuiltIn::TermMax => (months(product.term_months.max), number(term)),
                BuiltIn::MaxCost => (
                    need.max_cost_bp.map(|most| Figure::Percent(most as f64 / 100.0)),
                    terms.annual_cost_pct.map(Figure::Percent),
                ),
                _ => (None, None),
            };
            (code.code(), needed, actual)
        }
        Check::Cap(of, bp) => {
            let value = match of {
                CapBase::Fact(key) => facts.known[key].value.get(),
                CapBase::ProjectCost => need.project_cost_fen.map_or(0, |cost| cost.get()),
            };
            let most = (i128::from(value) * i128::from(*bp)).div_euclid(10_000);
            (
                BuiltIn::AmountCap.code(),
                number(i64::try_from(most).unwrap_or(i64::MAX)),
                number(amount),
            )
        }
        Check::Criterion(Criterion::Plain(plain), place) => {
            if let ("at_least", Some(established)) = (plain.test.op(), facts.established_on)
                && plain.fact == FactKey::AgeMonths
                && let Some(Scalar::Number(asked)) = product.criteria[*place].value
            {
                met_on = u32::try_from(asked)
                    .ok()
                    .and_then(|months| established.reaches_months(months));
            }
            let actual = plain.fact.spec().kind.scalar(facts.known[&plain.fact].value);
            let needed = product.criteria[*place].value.clone().map(Figure::Plain);
            (plain.fact.code(), needed, Some(Figure::Plain(actual)))
        }
        Check::Criterion(Criterion::Any(_), _) => ("any", None, None),
    };
    NearRow {
        terms,
        unmet: unmet.to_owned(),
        needed,
        actual,
        met_on,
        unknown,
    }
}

/// By cost, those without one last; rows each a hair above the one before form a chain, where the code decides.
fn in_order<T>(rows: &mut [T], terms: impl Fn(&T) -> &EligibleRow) {
    let cost = |row: &T| terms(row).annual_cost_pct.unwrap_or(f64::INFINITY);
    rows.sort_by(|one, two| cost(one).total_cmp(&cost(two)));
    for chain in rows.chunk_by_mut(|one, two| cost(two) <= cost(one) + SAME) {
        chain.sort_by(|one, two| terms(one).product.cmp(&terms(two).product));
    }
}
