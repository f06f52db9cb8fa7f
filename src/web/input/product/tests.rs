//! The editor there and back.

use super::*;
use crate::domain::product::ProductForm;
use serde_json::json;

fn form() -> ProductForm {
    serde_json::from_value(json!({
        "code": "P1", "bank": "B", "name": "产品", "family": "F", "kind": "plant", "status": "draft", "from": "2026-11-01",
        "amount_fen": {"min": 1_000_000, "max": 300_000_000}, "term_months": {"min": 1, "max": 36},
        "amount_caps": [{"of": "revenue_fen", "bp": 3050}], "purposes": ["research", "fixed_assets"],
        "guarantees": ["credit"], "repayment": ["bullet"],
        "rate": {"base": "lpr_1y", "spread_bp": -5, "tier_discount_bp": {"specialised": 20}, "floor_bp": 250},
        "fees": [
            {"name": "评估费", "kind": "appraisal", "basis": "upfront_fixed", "value": 123_456, "payee": "某评估公司"},
            {"name": "担保费", "kind": "guarantee", "basis": "annual_rate", "value": 80, "borne_by": "bank"},
        ],
        "renewal": {"window_days": 60, "own_loans_only": true},
        "criteria": [
            {"fact": "tier", "op": "at_least", "value": "innovative", "verified": true},
            {"any": [{"fact": "revenue_fen", "op": "at_least", "value": 500_000_000}, {"fact": "titles", "op": "includes_any", "value": ["high_tech"]}]},
            {"fact": "tax_arrears", "op": "is", "value": false},
            {"fact": "debt_ratio_bp", "op": "at_most", "value": 7050},
            {"fact": "industry", "op": "none_of", "value": ["06", "07"]},
        ],
        "summary": "简介", "materials": ["营业执照", "财务报表"], "contact": "王经理", "quota_fen": 500_000_000,
    }))
    .expect("a form")
}

fn names(row: &Fields, prefix: &str) -> Vec<(String, String)> {
    let pairs = row
        .0
        .iter()
        .flat_map(|(name, texts)| texts.iter().map(move |text| (name, text)));
    pairs
        .map(|(name, text)| (format!("{prefix}{name}"), text.clone()))
        .collect()
}

/// As a browser sends it.
fn sent(typed: &Typed, go: &str) -> Vec<(String, String)> {
    let mut fields = names(&typed.single, "");
    for list in List::ALL {
        for (place, row) in typed.rows(list).iter().enumerate() {
            fields.extend(names(row, &format!("{}[{place}].", list.name())));
        }
    }
    fields.push(("go".to_owned(), go.to_owned()));
    fields
}

#[test]
fn a_form_comes_back_from_the_page_as_it_was() {
    let typed = Typed::from(&form());
    let posted = Posted::read(sent(&typed, "save")).expect("read");
    assert_eq!(posted.typed.form("B"), Ok(form()));
    assert_eq!(posted.go, Go::Save);
}

#[test]
fn buttons_add_and_take_away_rows_and_lose_nothing() {
    let typed = Typed::from(&form());
    let dropped = Posted::read(sent(&typed, "drop:criteria.1")).expect("read").typed;
    assert_eq!(dropped.criteria.len(), typed.criteria.len() - 1);
    assert_eq!((&dropped.single, &dropped.fees), (&typed.single, &typed.fees));
    let mut fields = sent(&typed, "add:criteria");
    fields.push(("new_fact".to_owned(), "employees".to_owned()));
    let added = Posted::read(fields).expect("read").typed;
    assert_eq!(added.criteria.last().map(|row| row.text("fact")), Some("employees"));
    let mistakes = added.form("B").expect_err("it says nothing yet");
    assert_eq!(
        mistakes,
        [("criteria[6].op".to_owned(), "从业人数：请选怎样比较".to_owned())]
    );
    for bad in ["drop:fees.9", "add:criteria"] {
        let same = Posted::read(sent(&typed, bad)).expect("read").typed;
        assert_eq!(same, typed, "{bad}");
    }
}

#[test]
fn a_problem_stands_beside_its_field() {
    let typed = Typed::from(&form());
    for (path, field) in [
        ("criteria[0].value", "criteria[0].value"),
        ("criteria[1].any[1].value", "criteria[2].value"),
        ("criteria[1].any", "criteria[1]"),
        ("criteria[2]", "criteria[3]"),
        ("criteria[4].value", "criteria[5].value"),
        ("materials[1]", "materials"),
        ("fees[1].value", "fees[1].value"),
        ("rate.tier_discount_bp.specialised", "rate.tier_discount_bp.specialised"),
    ] {
        assert_eq!(typed.field_of(path), field, "{path}");
    }
    let contradiction = Problem {
        field: "criteria[2]".to_owned(),
        rule: Rule::Contradiction("欠税".to_owned()),
    };
    assert!(typed.mistake(&contradiction).1.starts_with("欠税："));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mistakes = Typed::default().form("B").expect_err("nothing is typed");
    let fields: Vec<_> = mistakes.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "code",
            "name",
            "amount_fen.min",
            "amount_fen.max",
            "term_months.min",
            "term_months.max",
            "kind",
            "purposes",
            "guarantees",
            "repayment",
            "rate.base",
            "rate.spread_bp"
        ]
    );
}

#[test]
fn what_the_page_does_not_have_is_refused() {
    for name in [
        "status",
        "fees[0].code",
        "fees[100].name",
        "criteria[x].fact",
        "rate.tier_discount_bp.gold",
    ] {
        assert!(Posted::read(vec![(name.to_owned(), String::new())]).is_err(), "{name}");
    }
}
