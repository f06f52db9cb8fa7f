//! One check in words: what is asked, what there is, how far apart they are, and who says so.

use super::source::{Known, Source};
use super::words;
use crate::domain::codes::{Code, ProductStatus};
use crate::domain::criteria::{CriterionForm, State};
use crate::domain::dates::Day;
use crate::domain::facts::{FactKey, FactType};
use crate::domain::product::{CONFIRMED_FOR_DAYS, CapBase, Renewal};
use crate::domain::request::Need;
use crate::domain::scalar::Scalar;
use crate::domain::sheet::ShownProduct;
use crate::domain::verdict::{BuiltIn, CheckOutcome, Figure};

/// What a check is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What was asked for.
    pub need: &'a Need,
    /// The product.
    pub product: &'a ShownProduct,
    /// What was known.
    pub known: Known<'a>,
}

impl Context<'_> {
    /// Whether the product takes only a verified value of this fact.
    #[must_use]
    pub fn must_be_verified(&self, key: FactKey) -> bool {
        let asks = |one: &CriterionForm| one.verified == Some(true) && one.fact.as_deref() == Some(key.code());
        let criteria = &self.product.form.criteria;
        criteria
            .iter()
            .any(|one| asks(one) || one.any.iter().flatten().any(asks))
    }

    /// Why a fact counts as unknown, and who could change that.
    #[must_use]
    pub fn why_unknown(&self, key: FactKey) -> String {
        self.known.why_unknown(key, self.must_be_verified(key))
    }
}

/// A check in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The fact's key or the check's code.
    pub check: String,
    /// What is looked at.
    pub label: String,
    /// What joins the two in a sentence.
    pub verb: &'static str,
    /// What is asked for.
    pub needed: String,
    /// What there is.
    pub actual: String,
    /// How far apart they are; empty where the check is met.
    pub gap: String,
    /// Who says what there is.
    pub source: Source,
    /// What it came to.
    pub state: State,
    /// When time alone will meet it.
    pub met_on: Option<Day>,
    /// The members of an `any`.
    pub members: Vec<Reason>,
}

impl Reason {
    /// The word for what it came to.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.state {
            State::Met => "满足",
            State::Unmet => "未满足",
            State::Unknown => "待补",
        }
    }

    /// The colour of that word's tag.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self.state {
            State::Met => "ok",
            State::Unmet => "near",
            State::Unknown => "need",
        }
    }

    /// The check in one line, for one that is met.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}{}，现为{}", self.label, self.asked(), self.found())
    }

    /// What is asked for, as it follows the label in a sentence.
    #[must_use]
    pub fn asked(&self) -> String {
        format!("{}{}", self.verb, spaced(&self.needed))
    }

    /// What there is, as it follows a word in a sentence.
    #[must_use]
    pub fn found(&self) -> String {
        spaced(&self.actual)
    }

    /// Puts a check into words.
    #[must_use]
    pub fn of(check: &CheckOutcome, context: &Context<'_>) -> Self {
        let mut reason = if let Some(built_in) = BuiltIn::find(&check.check) {
            built_in_reason(built_in, check, context)
        } else if let Some(key) = FactKey::find(&check.check) {
            fact_reason(key, check, context)
        } else {
            any_reason(check, context)
        };
        if reason.state == State::Met {
            reason.gap.clear();
        }
        reason
    }
}

/// With a space before a figure or a Latin letter, as Chinese text has it.
fn spaced(text: &str) -> String {
    let space = if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        " "
    } else {
        ""
    };
    format!("{space}{text}")
}

fn reason(check: &CheckOutcome, label: String, source: Source) -> Reason {
    Reason {
        check: check.check.clone(),
        label,
        verb: "",
        needed: String::new(),
        actual: String::new(),
        gap: String::new(),
        source,
        state: check.state,
        met_on: check.met_on,
        members: Vec::new(),
    }
}

fn from_request(context: &Context<'_>) -> Source {
    Source {
        name: "本次需求".to_owned(),
        date: context.known.as_of.to_string(),
        standing: None,
    }
}

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

fn built_in_reason(code: BuiltIn, check: &CheckOutcome, context: &Context<'_>) -> Reason {
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
        ..reason(check, BuiltIn::ProductOpen.label().to_owned(), from_bank(context))
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

fn any_reason(check: &CheckOutcome, context: &Context<'_>) -> Reason {
    let members: Vec<Reason> = check.members.iter().map(|member| Reason::of(member, context)).collect();
    let joined = |part: fn(&Reason) -> String, by: &str| members.iter().map(part).collect::<Vec<_>>().join(by);
    let source = members
        .first()
        .map_or_else(|| from_request(context), |first| first.source.clone());
    Reason {
        verb: "须满足：",
        needed: joined(|member| format!("{}{}", member.label, member.asked()), "，或"),
        actual: joined(|member| format!("{}{}", member.label, member.found()), "；"),
        gap: if check.state == State::Unmet {
            "一项都未满足".to_owned()
        } else {
            String::new()
        },
        members,
        ..reason(check, "其中一项".to_owned(), source)
    }
}

fn fact_reason(key: FactKey, check: &CheckOutcome, context: &Context<'_>) -> Reason {
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
        Some(Figure::Plain(scalar)) => kind.value(scalar).ok().map(|value| value.get()),
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
