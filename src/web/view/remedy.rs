//! The one thing to do about a check that is not met: change the request, or look at the fact.

use super::reason::{Context, Reason};
use super::source::Standing;
use crate::domain::codes::{Code, Set};
use crate::domain::criteria::State;
use crate::domain::facts::FactKey;
use crate::domain::money::Fen;
use crate::domain::product::CapBase;
use crate::domain::scalar::Scalar;
use crate::domain::verdict::{BuiltIn, CheckOutcome, Figure};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Begin a copy of the request with one field changed; opens the given step of its form.
    Change {
        /// What the button says.
        label: String,
        /// The field of the form; empty where only the step is opened.
        field: &'static str,
        /// Its new value as it would be typed.
        value: String,
        /// The step that opens.
        step: u8,
    },
    /// Another page.
    Look {
        /// What the link says.
        label: String,
        /// Where it leads.
        href: String,
    },
}

const REVIEW: u8 = 4;

fn change(label: String, field: &'static str, value: impl Into<String>) -> Remedy {
    Remedy::Change {
        label,
        field,
        value: value.into(),
        step: REVIEW,
    }
}

fn open(label: &str, step: u8) -> Remedy {
    Remedy::Change {
        label: label.to_owned(),
        field: "",
        value: String::new(),
        step,
    }
}

/// What to do about a near product's one unmet check.
#[must_use]
pub fn of_miss(check: &CheckOutcome, reason: &Reason, context: &Context<'_>, detail: &str) -> Remedy {
    let (form, need) = (&context.product.form, context.need);
    let Some(code) = BuiltIn::find(&check.check) else {
        return of_fact(check, reason);
    };
    match code {
        BuiltIn::ProductOpen => Remedy::Look {
            label: "查看逐项核对".to_owned(),
            href: detail.to_owned(),
        },
        BuiltIn::Kind => change(format!("加上{}再匹配", form.kind.label()), "kinds", form.kind.code()),
        BuiltIn::Purpose => open("修改用途", 1),
        BuiltIn::AmountMin => to_amount(form.amount_fen.min),
        BuiltIn::AmountMax => to_amount(form.amount_fen.max),
        BuiltIn::TermMin => to_term(form.term_months.min),
        BuiltIn::TermMax => to_term(form.term_months.max),
        BuiltIn::Guarantee => add_one(form.guarantees, "guarantees", "修改担保方式"),
        BuiltIn::Repayment => add_one(form.repayment, "repayment", "修改还款方式"),
        BuiltIn::ExistingLoan if need.existing_loan.is_none() => open("填写已有贷款", 3),
        BuiltIn::ExistingLoan => open("修改已有贷款", 3),
        BuiltIn::AmountCap => of_cap(check, context),
        BuiltIn::MaxCost => to_cost(check),
    }
}

fn to_amount(amount: Fen) -> Remedy {
    let typed = amount.to_wan();
    change(format!("改为 {typed} 万元再匹配"), "amount", typed)
}

fn to_term(months: u32) -> Remedy {
    change(format!("改为 {months} 个月再匹配"), "term_months", months.to_string())
}

/// Adds the product's way where it has only one; else there is a choice to make.
fn add_one<T: Code>(allowed: Set<T>, field: &'static str, choose: &str) -> Remedy {
    let mut codes = allowed.iter();
    match (codes.next(), codes.next()) {
        (Some(only), None) => change(format!("加上{}再匹配", only.label()), field, only.code()),
        _ => open(choose, 2),
    }
}

/// The most that the cap leaves, in whole 万元, where the product lends so little.
fn of_cap(check: &CheckOutcome, context: &Context<'_>) -> Remedy {
    const WAN: i64 = 1_000_000;
    let most = match &check.needed {
        Some(Figure::Plain(Scalar::Number(most))) => *most,
        _ => 0,
    };
    let whole = if most >= WAN { most - most % WAN } else { most };
    if whole > 0 && whole >= context.product.form.amount_fen.min.get() {
        return Fen::new(whole).map_or_else(|| open("修改金额", 1), to_amount);
    }
    let caps = &context.product.form.amount_caps;
    match caps
        .iter()
        .find(|cap| Some(cap.of.code()) == check.of)
        .map(|cap| cap.of)
    {
        Some(CapBase::Fact(key)) => look_at_fact(key, context.known.standing(key)),
        _ => open("修改项目总投资", 1),
    }
}

/// The cost as a limit in whole basis points, rounded up so that it is met.
fn to_cost(check: &CheckOutcome) -> Remedy {
    let Some(Figure::Percent(cost)) = check.actual else {
        return open("修改还款方式", 2);
    };
    let typed = format!("{:.2}", (cost * 100.0).ceil() / 100.0);
    change(format!("最高成本改为 {typed}% 再匹配"), "max_cost", typed)
}

fn of_fact(check: &CheckOutcome, reason: &Reason) -> Remedy {
    let first = || check.members.iter().find(|member| member.state == State::Unmet);
    let key = FactKey::find(&check.check).or_else(|| first().and_then(|member| FactKey::find(&member.check)));
    match key {
        Some(key) => look_at_fact(key, reason.source.standing.unwrap_or(Standing::Missing)),
        None => open("修改需求", 1),
    }
}

/// The page of a fact, by what can be done there.
#[must_use]
pub fn look_at_fact(key: FactKey, standing: Standing) -> Remedy {
    match standing {
        Standing::Verified => look("数据不对？", dispute_path(key)),
        Standing::Declared => look("更正填报", fact_path(key)),
        Standing::Expired => look("重新填报", fact_path(key)),
        Standing::Missing => look("现在填报", fact_path(key)),
    }
}

fn look(label: &str, href: String) -> Remedy {
    Remedy::Look {
        label: label.to_owned(),
        href,
    }
}

/// Where something is said of a fact to its owner.
fn dispute_path(key: FactKey) -> String {
    format!("{}#disputes", fact_path(key))
}

/// Where a fact is looked at and declared.
#[must_use]
pub fn fact_path(key: FactKey) -> String {
    format!("/enterprise/facts/{key}")
}

/// What an incomplete product lacks: the state of a fact and where to do something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The fact's key or the request's field.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// Why it counts as unknown, and who could change that.
    pub why: String,
    /// What to do.
    pub remedy: Remedy,
}

/// What is to be done about a key that is not known.
#[must_use]
pub fn of_unknown(key: &str, context: &Context<'_>) -> Missing {
    let Some(fact) = FactKey::find(key) else {
        return Missing {
            key: key.to_owned(),
            label: CapBase::ProjectCost.label().to_owned(),
            why: "需求里没有填".to_owned(),
            remedy: open("补填", 1),
        };
    };
    // What only its owner can say is no use to declare.
    let remedy = match (context.must_be_verified(fact), context.known.standing(fact)) {
        (true, Standing::Declared) => look("申请核验", dispute_path(fact)),
        (true, _) => look("查看这项资料", fact_path(fact)),
        (false, standing) => look_at_fact(fact, standing),
    };
    Missing {
        key: key.to_owned(),
        label: fact.label().to_owned(),
        why: context.why_unknown(fact),
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::Need;
    use crate::domain::sheet::{KnownFact, ShownProduct};
    use crate::web::view::source::Known;
    use serde_json::json;

    fn product() -> ShownProduct {
        let form = json!({
            "code": "P", "bank": "B", "name": "示例贷", "kind": "specialised", "status": "open",
            "amount_fen": {"min": 100_000_000, "max": 300_000_000}, "term_months": {"min": 24, "max": 36},
            "amount_caps": [{"of": "equity_fen", "bp": 3000}],
            "purposes": ["working_capital"], "guarantees": ["mortgage"], "repayment": ["interest_only", "bullet"],
            "rate": {"base": "lpr_1y", "spread_bp": 50}, "fees": [],
            "renewal": {"window_days": 60, "own_loans_only": true},
            "criteria": [{"fact": "tax_grade", "op": "at_least", "value": "B", "verified": true}],
        });
        ShownProduct {
            form: serde_json::from_value(form).expect("a form"),
            version: 1,
            bank_name: "示例银行".to_owned(),
        }
    }

    /// The check in words, and what to do about it.
    fn told(check: &serde_json::Value, need: &serde_json::Value) -> (Reason, Remedy) {
        let figure =
            |value: &serde_json::Value| serde_json::from_value::<Option<Figure>>(value.clone()).expect("a figure");
        let check = CheckOutcome {
            check: check["check"].as_str().expect("a code").to_owned(),
            op: None,
            of: check["of"].as_str().map(|_| "equity_fen"),
            state: State::Unmet,
            needed: figure(&check["needed"]),
            actual: figure(&check["actual"]),
            must_be_verified: false,
            met_on: None,
            members: Vec::new(),
        };
        let mut whole = json!({
            "amount_fen": 500_000_000, "term_months": 12, "purpose": "working_capital", "guarantees": ["credit"],
        });
        for (key, value) in need.as_object().expect("fields") {
            whole[key] = value.clone();
        }
        let need: Need = serde_json::from_value(whole).expect("a need");
        let product = product();
        let context = Context {
            need: &need,
            product: &product,
            known: Known {
                facts: &[],
                as_of: "2026-11-01".parse().expect("a date"),
            },
        };
        let reason = Reason::of(&check, &context);
        let remedy = of_miss(&check, &reason, &context, "/detail");
        (reason, remedy)
    }

    fn changed(remedy: Remedy) -> (&'static str, String) {
        match remedy {
            Remedy::Change { field, value, .. } => (field, value),
            Remedy::Look { href, .. } => ("", href),
        }
    }

    #[test]
    fn bounds_lead_to_the_bound() {
        let (reason, remedy) = told(
            &json!({"check": "amount_max", "needed": 300_000_000, "actual": 500_000_000}),
            &json!({}),
        );
        assert_eq!(reason.line(), "金额最多 300 万元，现为 500 万元");
        assert_eq!(reason.gap, "超出 200 万元");
        assert_eq!(changed(remedy), ("amount", "300".to_owned()));
        let (reason, remedy) = told(&json!({"check": "term_min", "needed": 24, "actual": 12}), &json!({}));
        assert_eq!(reason.gap, "差 12 个月");
        assert_eq!(changed(remedy), ("term_months", "24".to_owned()));
    }

    #[test]
    fn a_cap_leads_to_whole_wan_below_it_or_to_the_fact() {
        let cap = |most: i64| {
            told(
                &json!({"check": "amount_cap", "of": "equity_fen", "needed": most, "actual": 500_000_000}),
                &json!({}),
            )
        };
        let (reason, remedy) = cap(495_600_000);
        assert_eq!(reason.needed, "不超过净资产的 30%，即 495.6 万元");
        assert_eq!(changed(remedy), ("amount", "495".to_owned()));
        assert_eq!(changed(cap(-5).1), ("", "/enterprise/facts/equity_fen".to_owned()));
    }

    #[test]
    fn a_cost_leads_to_a_limit_that_it_meets() {
        let (reason, remedy) = told(
            &json!({"check": "max_cost", "needed": 3.5, "actual": 3.5567}),
            &json!({"max_cost_bp": 350}),
        );
        assert_eq!(reason.gap, "高 0.06 个百分点");
        assert_eq!(changed(remedy), ("max_cost", "3.56".to_owned()));
    }

    #[test]
    fn the_only_way_is_added_and_a_choice_is_opened() {
        let (reason, remedy) = told(&json!({"check": "guarantee"}), &json!({}));
        assert_eq!(reason.line(), "担保方式须为抵押，现为信用");
        assert_eq!(changed(remedy), ("guarantees", "mortgage".to_owned()));
        assert_eq!(
            changed(told(&json!({"check": "repayment"}), &json!({"repayment": ["on_demand"]})).1),
            ("", String::new())
        );
    }

    #[test]
    fn an_old_loan_is_told_apart_by_what_it_misses() {
        let gap = |bank: &str, matures_on: &str, balance_fen: i64| {
            let loan = json!({"bank": bank, "matures_on": matures_on, "balance_fen": balance_fen});
            told(&json!({"check": "existing_loan"}), &json!({"existing_loan": loan}))
                .0
                .gap
        };
        assert_eq!(gap("other", "2026-12-01", 500_000_000), "不是本行的贷款");
        assert_eq!(gap("B", "2026-10-31", 500_000_000), "已经到期");
        assert_eq!(gap("B", "2027-02-01", 500_000_000), "2026-12-03 起可办");
        assert_eq!(gap("B", "2026-12-01", 400_000_000), "超出余额 100 万元");
        assert_eq!(told(&json!({"check": "existing_loan"}), &json!({})).0.gap, "缺已有贷款");
    }

    #[test]
    fn what_is_not_known_says_who_can_change_that() {
        let product = product();
        let need: Need = serde_json::from_value(json!({
            "amount_fen": 1, "term_months": 1, "purpose": "research", "guarantees": ["credit"],
        }))
        .expect("a need");
        let fact = |key, valid_until: Option<&str>| KnownFact {
            key,
            value: Scalar::Text("A".to_owned()),
            verified: false,
            observed_on: "2026-05-01".parse().expect("a date"),
            valid_until: valid_until.map(|day| day.parse().expect("a date")),
            source: "示例企业".to_owned(),
            bank: None,
        };
        let facts = [
            fact(FactKey::TaxGrade, None),
            fact(FactKey::Employees, Some("2026-10-31")),
        ];
        let context = Context {
            need: &need,
            product: &product,
            known: Known {
                facts: &facts,
                as_of: "2026-11-01".parse().expect("a date"),
            },
        };
        let told = |key| {
            let missing = of_unknown(key, &context);
            let Remedy::Look { label, .. } = missing.remedy else {
                panic!("{key} leads to its page")
            };
            format!("{}：{}。{label}", missing.label, missing.why)
        };
        assert_eq!(
            told("tax_grade"),
            "纳税信用等级：只有自行填报的，须由税务局核验。申请核验"
        );
        assert_eq!(told("employees"), "从业人数：2026-10-31 已过期，可以自行填报。重新填报");
        assert_eq!(told("land_m2"), "土地使用权面积：尚无，可以自行填报。现在填报");
        assert_eq!(of_unknown("project_cost_fen", &context).label, "项目总投资");
    }
}
