//! A bank's criterion about one fact, in words.

use super::{Context, Reason, reason};
use crate::domain::criteria::State;
use crate::domain::facts::{FactKey, FactType, FactValue};
use crate::domain::scalar::Scalar;
use crate::domain::verdict::{CheckOutcome, Figure};
use crate::web::view::words;

pub(super) fn fact_reason(key: FactKey, check: &CheckOutcome, context: &Context<'_>) -> Reason {
    let kind = key.spec().kind;
    let unknown = check.state == State::Unknown;
    let actual = match (&check.actual, unknown) {
        (Some(figure), false) => show(kind, figure),
        (Some(figure), true) => format!("{}，{}", show(kind, figure), context.why_unknown(key)),
        (None, _) => context.why_unknown(key),
    };
    let mut needed = fact_needed(kind, check);
    if check.must_be_verified {
        needed.push_str("（须已核验）");
    }
    let gap = if check.state == State::Unmet {
        fact_gap(kind, check)
    } else {
        String::new()
    };
    Reason {
        verb: if matches!(kind, FactType::Ordinal(_)) {
            "须为"
        } else {
            ""
        },
        needed,
        actual,
        gap,
        ..reason(check, key.label().to_owned(), context.known.source(key))
    }
}

/// A value of a fact, or a list of them, in Chinese.
fn show(kind: FactType, figure: &Figure) -> String {
    match figure {
        Figure::Percent(pct) => words::cost(*pct),
        Figure::Plain(Scalar::List(codes)) if !codes.is_empty() => {
            let labels: Vec<String> = codes.iter().map(|code| one_code(kind, code)).collect();
            labels.join("、")
        }
        Figure::Plain(scalar) => kind
            .value(scalar)
            .map_or_else(|_| "—".to_owned(), |value| kind.show(value)),
    }
}

fn one_code(kind: FactType, code: &str) -> String {
    let scalar = match kind {
        FactType::Set(_) => Scalar::List(vec![code.to_owned()]),
        _ => Scalar::Text(code.to_owned()),
    };
    kind.value(&scalar)
        .map_or_else(|_| code.to_owned(), |value| kind.show(value))
}

fn fact_needed(kind: FactType, check: &CheckOutcome) -> String {
    let value = check
        .needed
        .as_ref()
        .map_or_else(|| "—".to_owned(), |figure| show(kind, figure));
    match (check.op, kind) {
        (Some("at_least"), FactType::Ordinal(_)) => format!("{value}及以上"),
        (Some("at_most"), FactType::Ordinal(_)) => format!("{value}及以下"),
        (Some("at_least"), _) => format!("至少 {value}"),
        (Some("at_most"), _) => format!("最多 {value}"),
        (Some("one_of"), _) => format!("属于{value}"),
        (Some("none_of"), _) => format!("不属于{value}"),
        (Some("includes_any"), _) => format!("至少有其一：{value}"),
        _ => format!("须为“{value}”"),
    }
}

fn fact_gap(kind: FactType, check: &CheckOutcome) -> String {
    let value = |figure: Option<&Figure>| match figure {
        Some(Figure::Plain(scalar)) => kind.value(scalar).ok().map(FactValue::get),
        _ => None,
    };
    let (needed, actual) = (value(check.needed.as_ref()), value(check.actual.as_ref()));
    let apart = match (needed, actual) {
        (Some(needed), Some(actual)) => needed.saturating_sub(actual).saturating_abs(),
        _ => 0,
    };
    let verb = if check.op == Some("at_most") { "超出" } else { "差" };
    match (check.op, kind) {
        (Some("at_least" | "at_most"), FactType::Money { .. }) => format!("{verb} {}", words::wan(apart)),
        (Some("at_least" | "at_most"), FactType::Bp { .. }) => format!("{verb} {}", words::points(apart)),
        (Some("at_least" | "at_most"), FactType::Integer { unit, .. }) => format!("{verb} {apart} {unit}"),
        (Some("at_least"), FactType::Ordinal(_)) => format!("差 {apart} 级"),
        (Some("at_most"), FactType::Ordinal(_)) => format!("高 {apart} 级"),
        (Some("one_of"), _) => "不在范围内".to_owned(),
        (Some("none_of"), _) => "在排除范围内".to_owned(),
        (Some("includes_any"), _) => "一项都没有".to_owned(),
        _ => "与要求相反".to_owned(),
    }
}
