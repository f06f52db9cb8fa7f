//! The bank's editor of an offer: what is typed, what it comes to, and what the desk will find.

use super::need::Line;
use super::offer::WorkedShown;
use super::shell::Shell;
use super::wrong::Wrongs;
use crate::domain::codes::{Bearer, Code, DayCount, FeeBasis, FeeKind, Guarantee, RateBase, Repayment};
use crate::domain::dates::Day;
use crate::domain::invalid::Problems;
use crate::domain::referral::PickedProduct;
use crate::domain::request::Need;
use crate::web::input::offer_form::{FEE_ROWS, FeeTyped, OfferTyped};
use askama::Template;

/// An entry of a list to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its code.
    pub code: String,
    /// What it says.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

fn choices<T: Code>(chosen: &str) -> Vec<Choice> {
    let all = T::ALL.iter();
    all.map(|code| Choice {
        code: code.code().to_owned(),
        label: code.label().to_owned(),
        chosen: code.code() == chosen,
    })
    .collect()
}

fn listed(entries: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let all = entries.iter();
    all.map(|(code, label)| Choice {
        code: (*code).to_owned(),
        label: (*label).to_owned(),
        chosen: *code == chosen,
    })
    .collect()
}

/// A row of fees with its lists.
#[derive(Clone, Debug)]
pub struct FeeRow {
    /// From 1.
    pub place: usize,
    /// What is typed.
    pub typed: FeeTyped,
    /// What it can be for.
    pub kinds: Vec<Choice>,
    /// What it can be measured on.
    pub bases: Vec<Choice>,
    /// Who can pay it.
    pub bearers: Vec<Choice>,
}

/// The editor.
#[derive(Template)]
#[template(path = "offer/edit.html")]
pub struct EditPage {
    /// Around it.
    pub shell: Shell,
    /// Where it posts.
    pub action: String,
    /// The page that it belongs to: address and words.
    pub back: (String, String),
    /// The number of the offer that is sent again; empty for a new one.
    pub number: String,
    /// Why it was given back; empty where it was not.
    pub return_reason: String,
    /// What is typed.
    pub typed: OfferTyped,
    /// The products that were picked.
    pub products: Vec<Choice>,
    /// What is asked for.
    pub need: Vec<Line>,
    /// What it comes to, once it was worked out.
    pub worked: Option<WorkedShown>,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl EditPage {
    /// The products to choose from.
    #[must_use]
    pub fn products(picked: &[PickedProduct], chosen: &str) -> Vec<Choice> {
        let all = picked.iter();
        all.map(|product| Choice {
            code: product.code.clone(),
            label: product.name.clone(),
            chosen: product.code == chosen,
        })
        .collect()
    }

    /// What the rate can stand on.
    #[must_use]
    pub fn bases(&self) -> Vec<Choice> {
        choices::<RateBase>(&self.typed.base)
    }

    /// The ways to repay.
    #[must_use]
    pub fn repayments(&self) -> Vec<Choice> {
        choices::<Repayment>(&self.typed.repayment)
    }

    /// The guarantees.
    #[must_use]
    pub fn guarantees(&self) -> Vec<Choice> {
        choices::<Guarantee>(&self.typed.guarantee)
    }

    /// How often payments fall due.
    #[must_use]
    pub fn cycles(&self) -> Vec<Choice> {
        listed(
            &[("1", "每月"), ("3", "每季"), ("6", "每半年"), ("12", "每年")],
            &self.typed.every,
        )
    }

    /// How days count.
    #[must_use]
    pub fn day_counts(&self) -> Vec<Choice> {
        let mut all = listed(&[("", "整月按年利率的十二分之一")], &self.typed.day_count);
        all.extend(choices::<DayCount>(&self.typed.day_count));
        all
    }

    /// The rows of fees.
    #[must_use]
    pub fn fees(&self) -> Vec<FeeRow> {
        let rows = (1..).zip(self.typed.fees());
        rows.map(|(place, typed)| FeeRow {
            place,
            kinds: choices::<FeeKind>(&typed.kind)
                .into_iter()
                .filter(|choice| choice.chosen || !is_forbidden(&choice.code))
                .collect(),
            bases: choices::<FeeBasis>(&typed.basis),
            bearers: choices::<Bearer>(&typed.bearer),
            typed,
        })
        .collect()
    }

    /// What is wrong with a row of fees.
    #[must_use]
    pub fn wrong_fee(&self, place: &usize) -> Option<&str> {
        self.wrongs.of(&format!("fee-{place}"))
    }
}

/// Kinds that exist only so that they can be refused are not offered to choose.
fn is_forbidden(kind: &str) -> bool {
    [
        FeeKind::FundManagement,
        FeeKind::EntrustedPayment,
        FeeKind::EarlyRepayment,
        FeeKind::LateDrawing,
        FeeKind::Commitment,
        FeeKind::Certificate,
    ]
    .iter()
    .any(|code| code.code() == kind)
}

/// How long a new offer holds, unless said otherwise, and when its loan would start.
const USUAL_DAYS: i64 = 30;

/// What an empty editor begins with: what the enterprise asks for.
#[must_use]
pub fn begun(need: &Need, picked: &[PickedProduct], today: Day) -> OfferTyped {
    let first = picked.first();
    let soon = today.plus_days(USUAL_DAYS).to_string();
    let code = |code: Option<&'static str>| code.unwrap_or_default().to_owned();
    let typed = OfferTyped {
        product: first.map_or_else(String::new, |product| product.code.clone()),
        amount: need.amount_fen.to_wan(),
        term_months: need.term_months.to_string(),
        base: RateBase::LprByTerm.code().to_owned(),
        repayment: code(first.and_then(|product| product.repayment).map(Code::code)),
        start_on: soon.clone(),
        every: "1".to_owned(),
        due_day: "20".to_owned(),
        day_count: DayCount::Act360.code().to_owned(),
        guarantee: code(need.guarantees.iter().next().map(Code::code)),
        valid_until: soon,
        ..OfferTyped::default()
    };
    with_rows(typed)
}

/// The same with some empty rows for fees.
#[must_use]
pub fn with_rows(mut typed: OfferTyped) -> OfferTyped {
    for _ in 0..FEE_ROWS {
        typed.fee_name.push(String::new());
        typed.fee_kind.push(FeeKind::Guarantee.code().to_owned());
        typed.fee_basis.push(FeeBasis::UpfrontRate.code().to_owned());
        typed.fee_value.push(String::new());
        typed.fee_payee.push(String::new());
        typed.fee_bearer.push(Bearer::Borrower.code().to_owned());
    }
    typed
}

/// The fields of the page in its order, with their labels; fees by their rows.
const LABELS: &[(&str, &str)] = &[
    ("product", "产品"),
    ("amount", "金额"),
    ("term_months", "期限"),
    ("base", "利率依据"),
    ("lpr_on", "LPR 公布日"),
    ("spread", "加减点"),
    ("fixed", "固定年利率"),
    ("repayment", "还款方式"),
    ("grace", "只还息的月数"),
    ("start_on", "计划放款日"),
    ("every", "结息周期"),
    ("due_day", "结息日"),
    ("day_count", "计息方式"),
    ("guarantee", "担保方式"),
    ("guarantee_text", "担保说明"),
    ("conditions", "放款条件"),
    ("early", "提前还款"),
    ("late", "逾期"),
    ("term_reason", "期限较长的说明"),
    ("fee_reason", "费用由企业承担的说明"),
    ("valid_until", "有效期"),
];

/// What is wrong, by the fields of the page.
#[must_use]
pub fn wrongs(problems: &Problems, typed: &OfferTyped) -> Wrongs {
    let mut on_page = Problems::default();
    for problem in problems.list() {
        on_page.add(field(&problem.field, typed), problem.rule.clone());
    }
    let rows = typed.fees().len();
    let fees: Vec<(String, String)> = (1..=rows)
        .map(|row| (format!("fee-{row}"), format!("第 {row} 项费用：")))
        .collect();
    let mut labels = LABELS.to_vec();
    labels.extend(fees.iter().map(|(field, label)| (field.as_str(), label.as_str())));
    Wrongs::new(&on_page, &labels)
}

/// The field of the page for one of an offer's form.
fn field(name: &str, typed: &OfferTyped) -> String {
    let place = name
        .strip_prefix("fees[")
        .and_then(|rest| rest.split_once(']'))
        .and_then(|(place, _)| place.parse().ok());
    if let Some(place) = place {
        return format!("fee-{}", typed.row_of_fee(place));
    }
    let is_fixed = typed.base == RateBase::Fixed.code();
    let named = match name {
        "amount_fen" => "amount",
        "rate.spread_bp" | "rate_bp" if is_fixed => "fixed",
        "rate.spread_bp" | "rate_bp" => "spread",
        "rate.lpr_on" => "lpr_on",
        "principal_grace_months" => "grace",
        "due_every_months" => "every",
        "start" | "end" | "first_due" => "start_on",
        "early_repayment" => "early",
        "late_repayment" => "late",
        "fees" => return format!("fee-{}", typed.row_of_fee(0)),
        other => other,
    };
    named.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::invalid::Rule;

    #[test]
    fn what_an_action_finds_stands_beside_the_field_that_was_typed() {
        let mut typed = with_rows(OfferTyped {
            base: "fixed".to_owned(),
            ..OfferTyped::default()
        });
        if let Some(name) = typed.fee_name.get_mut(1) {
            name.push_str("承诺费");
        }
        let mut problems = Problems::default();
        problems.add(
            "fees[0].kind",
            Rule::ForbiddenFee {
                fee: "透支承诺费",
                whom: "小微企业",
            },
        );
        problems.add("rate.spread_bp", Rule::OutOfRange { min: 0, max: 1 });
        problems.add("amount_fen", Rule::Required);
        let wrongs = wrongs(&problems, &typed);
        let fields: Vec<&str> = wrongs.0.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["amount", "fixed", "fee-2"]);
        assert_eq!(
            wrongs.of("fee-2"),
            Some("第 2 项费用：银保监发〔2020〕18号规定不得向小微企业收取透支承诺费")
        );
    }
}
