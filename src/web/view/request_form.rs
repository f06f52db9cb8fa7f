//! The request form: four short pages over one draft.

use super::need::{self, Line};
use super::profile::{self, FactRow};
use super::shell::Shell;
use super::words;
use crate::actions::enterprises::Profile;
use crate::actions::requests::StoredRequest;
use crate::domain::codes::{Code, Guarantee, Kind, Purpose, Repayment};
use crate::domain::dates::Day;
use crate::domain::request::Need;
use crate::web::input::draft::{Draft, FieldError};
use askama::Template;

/// Something that can be ticked.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its code.
    pub code: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it means, where that is not plain.
    pub hint: &'static str,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// A step in the bar.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number in the address.
    pub number: u8,
    /// What it asks for.
    pub label: &'static str,
    /// Whether it comes before the present one.
    pub is_done: bool,
    /// Whether it is the present one.
    pub is_current: bool,
}

/// A bank that a loan can be of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bank {
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
}

/// The page.
#[derive(Template)]
#[template(path = "enterprise/request.html")]
pub struct RequestFormPage {
    /// Around it.
    pub shell: Shell,
    /// Where the form is posted to.
    pub action: String,
    /// The request's own page; empty before the first save.
    pub base: String,
    /// Its number; empty before the first save.
    pub number: String,
    /// The version that is shown.
    pub version: i32,
    /// The step that is shown.
    pub step: u8,
    /// The steps that this request has.
    pub steps: Vec<Step>,
    /// What was typed.
    pub draft: Draft,
    /// What is to be put right, in this step or, on the last one, in all.
    pub errors: Vec<FieldError>,
    /// What it can be for.
    pub purposes: Vec<Choice>,
    /// Kinds of product.
    pub kinds: Vec<Choice>,
    /// Ways to secure it.
    pub guarantees: Vec<Choice>,
    /// Ways to repay it.
    pub repayments: Vec<Choice>,
    /// Banks that an old loan can be of.
    pub banks: Vec<Bank>,
    /// On the last step: what was typed, in words.
    pub review: Vec<(u8, Vec<Line>)>,
    /// On the last step: what is known and is not asked again.
    pub known: Vec<FactRow>,
    /// A word on what happened.
    pub notice: Option<&'static str>,
}

/// What a page of the form is made from.
pub struct Material<'a> {
    /// The request, once there is one.
    pub request: Option<&'a StoredRequest>,
    /// What was typed.
    pub draft: Draft,
    /// Banks that an old loan can be of.
    pub banks: Vec<Bank>,
    /// On the last step: what is known.
    pub profile: Option<&'a Profile>,
    /// Today.
    pub today: Day,
    /// Whether the fields of this step are to be checked.
    pub check: bool,
    /// A word on what happened.
    pub notice: Option<&'static str>,
}

impl RequestFormPage {
    /// The page of a step.
    #[must_use]
    pub fn new(shell: Shell, step: u8, material: Material<'_>) -> Self {
        let Material { request, draft, .. } = material;
        let need = Need::try_from(&draft);
        let all_errors = need.as_ref().err().cloned().unwrap_or_default();
        let errors = all_errors
            .into_iter()
            .filter(|error| step == LAST || (material.check && error.step == step))
            .collect();
        let base = request.map_or_else(String::new, |request| format!("/enterprise/requests/{}", request.id));
        let bank = |code: &str| {
            let known = material.banks.iter().find(|bank| bank.code == code);
            known.map_or_else(|| need::OTHER_BANK.to_owned(), |bank| bank.name.clone())
        };
        let review = need
            .as_ref()
            .map_or_else(|_| Vec::new(), |need| review(need, &bank(&draft.loan_bank)));
        Self {
            shell,
            action: if base.is_empty() {
                "/enterprise/requests/new".to_owned()
            } else {
                format!("{base}/edit?step={step}")
            },
            base,
            number: request.map_or_else(String::new, |request| request.number.clone()),
            version: request.map_or(0, |request| request.version),
            step,
            steps: steps(&draft, step),
            errors,
            purposes: choices::<Purpose>(std::slice::from_ref(&draft.purpose), purpose_hint),
            kinds: choices::<Kind>(&draft.kinds, |_| ""),
            guarantees: choices::<Guarantee>(&draft.guarantees, guarantee_hint),
            repayments: choices::<Repayment>(&draft.repayment, repayment_hint),
            banks: material.banks,
            review,
            known: material
                .profile
                .map_or_else(Vec::new, |profile| profile::known_rows(profile, material.today)),
            notice: material.notice,
            draft,
        }
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|error| error.field == field);
        found.map(|error| error.message.as_str())
    }

    /// The place of the step among those that this request has.
    #[must_use]
    pub fn place(&self) -> usize {
        self.steps
            .iter()
            .position(|step| step.is_current)
            .map_or(1, |place| place + 1)
    }

    /// What the page asks for.
    #[must_use]
    pub fn heading(&self) -> &'static str {
        label(self.step)
    }

    /// The address of an error's field, on this page or on its own.
    #[must_use]
    pub fn error_href(&self, error: &FieldError) -> String {
        if error.step == self.step {
            format!("#{}", error.field)
        } else {
            format!("{}/edit?step={}&check=1#{}", self.base, error.step, error.field)
        }
    }
}

/// The step on which everything is looked at once more.
pub const LAST: u8 = 4;

const fn label(step: u8) -> &'static str {
    match step {
        1 => "用途与金额",
        2 => "期限、还款、担保",
        3 => "已有贷款",
        _ => "核对并提交",
    }
}

/// The numbers of the steps that a draft has.
#[must_use]
pub fn numbers(draft: &Draft, current: u8) -> Vec<u8> {
    let has_loan = draft.is_renewal() || current == 3;
    (1..=LAST).filter(|number| *number != 3 || has_loan).collect()
}

/// The step after or before one.
#[must_use]
pub fn beside(draft: &Draft, step: u8, forward: bool) -> u8 {
    let numbers = numbers(draft, step);
    let mut later = numbers.iter().copied().filter(|number| *number > step);
    let earlier = numbers.iter().copied().rfind(|number| *number < step);
    let next = if forward { later.next() } else { earlier };
    next.unwrap_or(step)
}

fn steps(draft: &Draft, current: u8) -> Vec<Step> {
    let step = |number| Step {
        number,
        label: label(number),
        is_done: number < current,
        is_current: number == current,
    };
    numbers(draft, current).into_iter().map(step).collect()
}

/// The codes of a list, with what each means.
pub(super) fn choices<T: Code>(ticked: &[String], hint: impl Fn(T) -> &'static str) -> Vec<Choice> {
    let choice = |code: &T| Choice {
        code: code.code(),
        label: code.label(),
        hint: hint(*code),
        ticked: ticked.iter().any(|one| one == code.code()),
    };
    T::ALL.iter().map(choice).collect()
}

const fn purpose_hint(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::WorkingCapital => "进货、发工资、付日常开支",
        Purpose::Research => "研发投入",
        Purpose::TechUpgrade => "更新设备、改造生产线",
        Purpose::Commercialisation => "把研发成果做成产品",
        Purpose::FixedAssets => "买设备、建厂房",
        Purpose::Refinancing => "到期贷款接续",
    }
}

/// What a guarantee means.
pub(super) const fn guarantee_hint(guarantee: Guarantee) -> &'static str {
    match guarantee {
        Guarantee::Credit => "不用抵押，不用担保",
        Guarantee::Guarantor => "担保公司、股东或其他企业担保",
        Guarantee::Mortgage => "厂房、土地、设备",
        Guarantee::Pledge => "应收账款、知识产权、存单",
    }
}

const fn repayment_hint(repayment: Repayment) -> &'static str {
    match repayment {
        Repayment::EqualInstalment => "每月还一样多",
        Repayment::EqualPrincipal => "每月还一样多的本金",
        Repayment::InterestOnly => "每月付息，到期还本",
        Repayment::Bullet => "到期一次还本付息",
        Repayment::OnDemand => "额度内随用随还",
    }
}

/// What was typed, in words, by the step in which it can be changed.
fn review(need: &Need, bank: &str) -> Vec<(u8, Vec<Line>)> {
    let (mut first, mut second, mut third) = (Vec::new(), Vec::new(), Vec::new());
    for line in need::lines(need, bank) {
        match line.name {
            "金额" | "用途" | "项目总投资" | "产品类别" => first.push(line),
            "期限" | "还款方式" | "担保方式" | "最高成本" => second.push(line),
            _ => third.push(line),
        }
    }
    if let Some(amount) = first.first_mut() {
        amount.value = format!("{}（{}）", amount.value, words::yuan(need.amount_fen.get()));
    }
    [(1, first), (2, second), (3, third)]
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .collect()
}
