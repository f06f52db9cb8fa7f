//! The checks that every product has, in words.

use super::{Context, Reason, from_request, reason};
use crate::domain::codes::{Code, ProductStatus};
use crate::domain::criteria::State;
use crate::domain::product::{CONFIRMED_FOR_DAYS, CapBase, Renewal};
use crate::domain::scalar::Scalar;
use crate::domain::verdict::{BuiltIn, CheckOutcome, Figure};
use crate::web::view::source::Source;
use crate::web::view::words;

fn from_bank(context: &Context<'_>) -> Source {
    let confirmed = context.product.form.confirmed_on.unwrap_or(context.known.as_of);
    Source {
        name: context.product.bank_name.clone(),
        date: confirmed.to_string(),
        standing: None,
    }
}

fn number(figure: Option<&Figure>) -> Option<i64> {
    match figure {
        Some(Figure::Plain(Scalar::Number(number))) => Some(*number),
        _ => None,
    }
}

fn percent(figure: Option<&Figure>) -> Option<f64> {
    match figure {
        Some(Figure::Percent(pct)) => Some(*pct),
        _ => None,
    }
}

pub(super) fn built_in_reason(code: BuiltIn, check: &CheckOutcome, context: &Context<'_>) -> Reason {
    let (form, need) = (&context.product.form, context.need);
    let new = reason(check, label_of(code).to_owned(), from_request(context));
    let (needed, actual, gap) = match code {
        BuiltIn::ProductOpen => return on_offer_reason(check, context),
        BuiltIn::AmountCap => return cap_reason(check, context),
        BuiltIn::MaxCost => return max_cost_reason(check, new),
        BuiltIn::ExistingLoan => return loan_reason(new, context),
        BuiltIn::Kind => (
            form.kind.label().to_owned(),
            words::labels(need.kinds, "不限"),
            "不在所选类别内".to_owned(),
        ),
        BuiltIn::Purpose => (
            words::labels(form.purposes, ""),
            need.purpose.label().to_owned(),
            "用途不在范围内".to_owned(),
        ),
        BuiltIn::Guarantee => (
            words::labels(form.guarantees, ""),
            words::labels(need.guarantees, ""),
            "没有共同的担保方式".to_owned(),
        ),
        BuiltIn::Repayment => (
            words::labels(form.repayment, ""),
            words::labels(need.repayment, "不限"),
            "没有共同的还款方式".to_owned(),
        ),
        BuiltIn::AmountMin | BuiltIn::AmountMax => {
            let bound = number(check.needed.as_ref()).unwrap_or_default();
            bound_words(code == BuiltIn::AmountMin, bound, need.amount_fen.get(), words::wan)
        }
        BuiltIn::TermMin | BuiltIn::TermMax => {
            let bound = number(check.needed.as_ref()).unwrap_or_default();
            let months = |months: i64| format!("{months} 个月");
            bound_words(code == BuiltIn::TermMin, bound, i64::from(need.term_months), months)
        }
    };
    let is_bound = matches!(
        code,
        BuiltIn::AmountMin | BuiltIn::AmountMax | BuiltIn::TermMin | BuiltIn::TermMax
    );
    Reason {
        verb: if is_bound { "" } else { "须为" },
        needed,
        actual,
        gap,
        ..new
    }
}

/// What a check looks at; both ends of a range look at the same.
fn label_of(code: BuiltIn) -> &'static str {
    match code {
        BuiltIn::AmountMin | BuiltIn::AmountMax | BuiltIn::AmountCap => "金额",
        BuiltIn::TermMin | BuiltIn::TermMax => "期限",
        BuiltIn::MaxCost => "年化综合成本",
        other => other.label(),
    }
}

/// What is asked, what there is, and the difference, for a least or a most.
fn bound_words(is_least: bool, bound: i64, actual: i64, show: impl Fn(i64) -> String) -> (String, String, String) {
    let gap = show(bound.saturating_sub(actual).saturating_abs());
    if is_least {
        (format!("至少 {}", show(bound)), show(actual), format!("差 {gap}"))
    } else {
        (format!("最多 {}", show(bound)), show(actual), format!("超出 {gap}"))
    }
}

fn on_offer_reason(check: &CheckOutcome, context: &Context<'_>) -> Reason {
    let (form, day) = (&context.product.form, context.known.as_of);
    let lapsed = form.confirmed_on.map(|on| on.plus_days(CONFIRMED_FOR_DAYS));
    let (actual, gap) = match (form.status, form.from, form.to, lapsed) {
        (status, ..) if status != ProductStatus::Open => (status.label().to_owned(), "暂不办理".to_owned()),
        (_, Some(from), ..) if from > day => ("尚未开始办理".to_owned(), format!("{from} 起办理")),
        (_, _, Some(to), _) if to < day => (format!("{to} 已停止办理"), "不再办理".to_owned()),
        (.., Some(until)) if until < day => (format!("银行的确认到 {until} 为止"), "待银行重新确认".to_owned()),
        _ => ("在售".to_owned(), String::new()),
    };
    Reason {
        verb: "须",
        needed: "在售，且银行 90 天内确认过".to_owned(),
        actual,
        gap,
        ..reason(check, "产品".to_owned(), from_bank(context))
    }
}

fn cap_reason(check: &CheckOutcome, context: &Context<'_>) -> Reason {
    let of = check.of.unwrap_or_default();
    let cap = context.product.form.amount_caps.iter().find(|cap| cap.of.code() == of);
    let share = cap.map_or_else(String::new, |cap| {
        format!("{}的 {}", cap.of.label(), words::share(cap.bp))
    });
    let source = match cap.map(|cap| cap.of) {
        Some(CapBase::Fact(key)) => context.known.source(key),
        _ => from_request(context),
    };
    let (needed, gap) = match (number(check.needed.as_ref()), check.state) {
        (Some(most), state) if state != State::Unknown => (
            format!("不超过{share}，即 {}", words::wan(most)),
            format!(
                "超出 {}",
                words::wan(context.need.amount_fen.get().saturating_sub(most))
            ),
        ),
        _ => (format!("不超过{share}"), String::new()),
    };
    let known_of = match cap.map(|cap| cap.of) {
        Some(CapBase::Fact(key)) => context.why_unknown(key),
        _ => "未填项目总投资".to_owned(),
    };
    let actual = if check.state == State::Unknown {
        known_of
    } else {
        words::wan(context.need.amount_fen.get())
    };
    Reason {
        needed,
        actual,
        gap,
        ..reason(check, label_of(BuiltIn::AmountCap).to_owned(), source)
    }
}

fn max_cost_reason(check: &CheckOutcome, new: Reason) -> Reason {
    let (most, cost) = (percent(check.needed.as_ref()), percent(check.actual.as_ref()));
    let gap = match (most, cost) {
        (Some(most), Some(cost)) => format!("高 {:.2} 个百分点", cost - most),
        _ => "无法测算成本".to_owned(),
    };
    Reason {
        needed: most.map_or_else(|| "不限".to_owned(), |most| format!("不高于 {}", words::cost(most))),
        actual: cost.map_or_else(|| "无法测算".to_owned(), words::cost),
        gap,
        ..new
    }
}

fn loan_reason(new: Reason, context: &Context<'_>) -> Reason {
    let form = &context.product.form;
    let Renewal {
        window_days,
        own_loans_only,
    } = form.renewal.unwrap_or(Renewal {
        window_days: 0,
        own_loans_only: false,
    });
    let whose = if own_loans_only { "本行的" } else { "" };
    let needed = format!("{whose}贷款，{window_days} 天内到期，余额不少于所需金额");
    let Some(loan) = &context.need.existing_loan else {
        return Reason {
            verb: "须是",
            needed,
            actual: "未填写已有贷款".to_owned(),
            gap: "缺已有贷款".to_owned(),
            ..new
        };
    };
    let day = context.known.as_of;
    let left = loan.matures_on.days_since(day);
    let gap = if own_loans_only && loan.bank != form.bank {
        "不是本行的贷款".to_owned()
    } else if left < 0 {
        "已经到期".to_owned()
    } else if left > i64::from(window_days) {
        let opens = loan.matures_on.plus_days(-i64::from(window_days));
        format!("{opens} 起可办")
    } else {
        let over = context.need.amount_fen.get().saturating_sub(loan.balance_fen.get());
        format!("超出余额 {}", words::wan(over))
    };
    Reason {
        verb: "须是",
        needed,
        actual: format!("余额 {}，{} 到期", words::wan(loan.balance_fen.get()), loan.matures_on),
        gap,
        ..new
    }
}
