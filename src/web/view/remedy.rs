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
    let label = match standing {
        Standing::Verified => "数据不对？",
        Standing::Declared => "更正填报",
        Standing::Expired => "重新填报",
        Standing::Missing => "现在填报",
    };
    Remedy::Look {
        label: label.to_owned(),
        href: fact_path(key),
    }
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
    let remedy = if context.must_be_verified(fact) {
        Remedy::Look {
            label: "查看这项资料".to_owned(),
            href: fact_path(fact),
        }
    } else {
        look_at_fact(fact, context.known.standing(fact))
    };
    Missing {
        key: key.to_owned(),
        label: fact.label().to_owned(),
        why: context.why_unknown(fact),
        remedy,
    }
}
