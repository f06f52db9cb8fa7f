//! What a catalogue refuses at save beyond the form: products that no enterprise could ever meet, and
//! discounts that can never apply.
//!
//! The match over files takes such products, because the contract does; a bank that saves one has
//! made a mistake.

use super::criteria::{Criterion, Plain, Test};
use super::facts::{FactKey, FactType, FactValue};
use super::invalid::{Problems, Rule};
use super::product::Product;
use super::reference::{INDUSTRIES, TOWNS};

/// Notes everything that makes the product useless.
///
/// # Errors
/// Each fault, with the path of its field.
pub fn check(product: &Product) -> Result<(), Problems> {
    let mut problems = Problems::default();
    // The contract's form rule too; but the large workload holds such a product, so the match over
    // files takes it as one that is never open.
    let never_open = product.from.zip(product.to).is_some_and(|(from, to)| from > to);
    problems.check(never_open, "to", || Rule::Inverted);
    check_criteria(product.parsed_criteria(), &mut problems);
    check_discounts(product, &mut problems);
    problems.or(())
}

/// The criterion that closes the last way for a fact is the one that is named.
fn check_criteria(criteria: &[Criterion], problems: &mut Problems) {
    let mut asked: Vec<Plain> = Vec::with_capacity(criteria.len());
    for (at, criterion) in criteria.iter().enumerate() {
        if let Criterion::Plain(plain) = criterion {
            if can_be_met(plain, &asked) {
                asked.push(*plain);
            } else {
                problems.add(format!("criteria[{at}]"), contradiction(plain.fact));
            }
        }
    }
    for (at, criterion) in criteria.iter().enumerate() {
        if let Criterion::Any(members) = criterion
            && let Some(first) = members.first()
            && !members.iter().any(|member| can_be_met(member, &asked))
        {
            problems.add(format!("criteria[{at}].any"), contradiction(first.fact));
        }
    }
}

fn contradiction(fact: FactKey) -> Rule {
    Rule::Contradiction(fact.label().to_owned())
}

/// Whether some value of the fact meets `plain` together with what is asked already.
fn can_be_met(plain: &Plain, asked: &[Plain]) -> bool {
    let others = asked
        .iter()
        .filter(|other| other.fact == plain.fact)
        .map(|other| other.test);
    let tests: Vec<Test> = others.chain([plain.test]).collect();
    let holds =
        |place: usize| i64::try_from(place).is_ok_and(|place| tests.iter().all(|test| test.holds(FactValue(place))));
    match plain.fact.spec().kind {
        FactType::Ordinal(table) => (0..table.len()).any(holds),
        FactType::Industry => (0..INDUSTRIES.len()).any(holds),
        FactType::Town => (0..TOWNS.len()).any(holds),
        FactType::Flag => (0..2).any(holds),
        // A set that holds every code meets every `includes_any`.
        FactType::Set(_) => true,
        FactType::Integer { .. } | FactType::Money { .. } | FactType::Bp { .. } => {
            let at_least = tests.iter().filter_map(|test| match test {
                Test::AtLeast(bound) => Some(*bound),
                _ => None,
            });
            let at_most = tests.iter().filter_map(|test| match test {
                Test::AtMost(bound) => Some(*bound),
                _ => None,
            });
            at_least
                .max()
                .zip(at_most.min())
                .is_none_or(|(least, most)| least <= most)
        }
    }
}

/// A tier takes the largest discount of those up to its own, so a smaller one above never applies.
fn check_discounts(product: &Product, problems: &mut Problems) {
    let mut largest = 0;
    for (tier, discount) in product.rate.tier_discount_bp.iter() {
        problems.check(*discount < largest, &format!("rate.tier_discount_bp.{tier}"), || {
            Rule::FallingDiscount
        });
        largest = largest.max(*discount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::product::ProductForm;
    use serde_json::{Value, json};

    fn faults(criteria: &Value, discounts: &Value) -> Vec<String> {
        let form: ProductForm = serde_json::from_value(json!({
            "code": "P1", "bank": "B1", "name": "示例", "kind": "specialised", "status": "open",
            "amount_fen": {"min": 1, "max": 2}, "term_months": {"min": 1, "max": 12},
            "purposes": ["research"], "guarantees": ["credit"], "repayment": ["bullet"],
            "rate": {"base": "lpr_1y", "spread_bp": 0, "tier_discount_bp": discounts},
            "fees": [], "criteria": criteria,
        }))
        .expect("the form's shape");
        let product = Product::parse(form).expect("the form's rules");
        match check(&product) {
            Ok(()) => Vec::new(),
            Err(problems) => problems
                .into_iter()
                .map(|problem| format!("{} {}", problem.field, problem.rule.code()))
                .collect(),
        }
    }

    fn criterion(fact: &str, op: &str, value: impl Into<Value>) -> Value {
        json!({"fact": fact, "op": op, "value": value.into()})
    }

    #[test]
    fn what_can_be_met_passes() {
        let criteria = json!([
            criterion("employees", "at_least", 10),
            criterion("employees", "at_most", 10),
            criterion("tier", "at_least", "innovative"),
            criterion("tier", "one_of", json!(["candidate", "specialised"])),
            criterion("tier", "none_of", json!(["candidate"])),
            criterion("industry", "one_of", json!(["35", "36"])),
            criterion("industry", "none_of", json!(["36"])),
            criterion("tax_arrears", "is", false),
            {"any": [criterion("employees", "at_least", 11), criterion("ip_class1", "at_least", 1)]},
        ]);
        assert_eq!(
            faults(&criteria, &json!({"candidate": 5, "innovative": 5, "little_giant": 9})),
            [""; 0]
        );
    }

    #[test]
    fn contradictions_are_named_where_they_close_the_last_way() {
        let pairs = [
            (
                criterion("employees", "at_least", 11),
                criterion("employees", "at_most", 10),
            ),
            (
                criterion("tier", "at_least", "specialised"),
                criterion("tier", "one_of", json!(["none", "candidate"])),
            ),
            (
                criterion("tier", "one_of", json!(["none"])),
                criterion("tier", "none_of", json!(["none"])),
            ),
            (
                criterion("industry", "one_of", json!(["35"])),
                criterion("industry", "none_of", json!(["35", "36"])),
            ),
            (
                criterion("size", "at_most", "micro"),
                criterion("size", "none_of", json!(["micro"])),
            ),
            (
                criterion("revenue_growth_bp", "at_least", 0),
                criterion("revenue_growth_bp", "at_most", -1),
            ),
        ];
        for (one, two) in pairs {
            let other = criterion("ip_class1", "at_least", 1);
            assert_eq!(
                faults(&json!([one, other, two]), &json!({})),
                ["criteria[2] contradiction"],
                "{one} {two}"
            );
        }
        let every_tier = json!(["none", "candidate", "innovative", "specialised", "little_giant"]);
        assert_eq!(
            faults(&json!([criterion("tier", "none_of", every_tier)]), &json!({})),
            ["criteria[0] contradiction"]
        );
    }

    #[test]
    fn an_any_needs_one_member_that_can_be_met() {
        let any = json!({"any": [criterion("tax_arrears", "is", true), criterion("employees", "at_least", 20)]});
        let criteria = json!([
            any,
            criterion("tax_arrears", "is", false),
            criterion("employees", "at_most", 19)
        ]);
        assert_eq!(faults(&criteria, &json!({})), ["criteria[0].any contradiction"]);
    }

    #[test]
    fn a_discount_does_not_fall_as_the_tier_rises() {
        let discounts = json!({"innovative": 20, "specialised": 10, "little_giant": 20});
        assert_eq!(
            faults(&json!([]), &discounts),
            ["rate.tier_discount_bp.specialised falling_discount"]
        );
    }
}
