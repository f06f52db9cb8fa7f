//! The request form: four steps of one draft, kept exactly as typed until it is whole.

use super::form::many;
use crate::domain::codes::{Code, Kind, Purpose, Set};
use crate::domain::money::Fen;
use crate::domain::product::TERM_LIMIT;
use crate::domain::rate::LIMIT_BP;
use crate::domain::request::{ExistingLoan, Need};
use crate::domain::typed::{self, NoAmount};
use serde::{Deserialize, Serialize};
use validator::Validate;

/// Everything that the four steps ask for, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Draft {
    /// 万元.
    pub amount: String,
    /// Code of the purpose.
    pub purpose: String,
    /// 万元; may be left empty.
    pub project_cost: String,
    /// Codes of the kinds; none: all.
    pub kinds: Vec<String>,
    /// Months.
    pub term_months: String,
    /// Codes of the guarantees.
    pub guarantees: Vec<String>,
    /// Codes of the ways to repay; none: all.
    pub repayment: Vec<String>,
    /// Percent; may be left empty.
    pub max_cost: String,
    /// Code of the bank of the loan that is renewed.
    pub loan_bank: String,
    /// Its maturity.
    pub loan_matures_on: String,
    /// What is still owed, 万元.
    pub loan_balance: String,
}

/// One posted step. Fields of the other steps may not come.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct StepForm {
    #[validate(length(max = 64))]
    amount: String,
    #[validate(length(max = 64))]
    purpose: String,
    #[validate(length(max = 64))]
    project_cost: String,
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    kinds: Vec<String>,
    #[validate(length(max = 64))]
    term_months: String,
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    guarantees: Vec<String>,
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    repayment: Vec<String>,
    #[validate(length(max = 64))]
    max_cost: String,
    #[validate(length(max = 64))]
    loan_bank: String,
    #[validate(length(max = 64))]
    loan_matures_on: String,
    #[validate(length(max = 64))]
    loan_balance: String,
    /// The version that was reviewed, on the last step.
    #[validate(length(max = 12))]
    pub version: String,
    /// Which button was pressed.
    #[validate(length(max = 8))]
    go: String,
}

/// Where a posted step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// To the next step, when this one is right.
    Next,
    /// To the step before, whatever stands here.
    Back,
    /// Nowhere: it is only kept.
    Stay,
}

impl StepForm {
    /// Which button was pressed.
    #[must_use]
    pub fn go(&self) -> Go {
        match self.go.as_str() {
            "back" => Go::Back,
            "save" => Go::Stay,
            _ => Go::Next,
        }
    }

    /// The draft with this step's fields in place of the old ones.
    #[must_use]
    pub fn over(self, step: u8, draft: Draft) -> Draft {
        match step {
            1 => Draft {
                amount: self.amount,
                purpose: self.purpose,
                project_cost: self.project_cost,
                kinds: self.kinds,
                ..draft
            },
            2 => Draft {
                term_months: self.term_months,
                guarantees: self.guarantees,
                repayment: self.repayment,
                max_cost: self.max_cost,
                ..draft
            },
            3 => Draft {
                loan_bank: self.loan_bank,
                loan_matures_on: self.loan_matures_on,
                loan_balance: self.loan_balance,
                ..draft
            },
            _ => draft,
        }
    }
}

/// Something to be put right: which field, in which step, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The step it stands in.
    pub step: u8,
    /// The field.
    pub field: &'static str,
    /// What to do.
    pub message: String,
}

/// Gathers what is to be put right.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add<T>(&mut self, step: u8, field: &'static str, message: impl Into<String>) -> Option<T> {
        self.0.push(FieldError {
            step,
            field,
            message: message.into(),
        });
        None
    }

    fn amount(&mut self, step: u8, field: &'static str, what: &str, text: &str) -> Option<Fen> {
        match typed::fen_of_wan(text) {
            Ok(fen) if fen.get() > 0 => Some(fen),
            Err(NoAmount::Missing) => self.add(step, field, format!("{what}请填万元数，例如 500")),
            Err(NoAmount::TooFine) => self.add(step, field, format!("{what}最多六位小数（精确到分）")),
            Err(NoAmount::TooLarge) => self.add(step, field, format!("{what}请填 1,000,000,000 万元以内")),
            Ok(_) => self.add(step, field, format!("{what}请填大于 0 的万元数")),
            Err(NoAmount::NotANumber) => self.add(step, field, format!("{what}请只填数字，例如 500 或 12.5")),
        }
    }

    /// The codes that were ticked; a code that is none of the list can only come from a broken page.
    fn codes<T: Code>(&mut self, step: u8, field: &'static str, ticked: &[String]) -> Set<T> {
        let known: Set<T> = ticked.iter().filter_map(|code| T::find(code)).collect();
        if ticked.iter().any(|code| T::find(code).is_none()) {
            self.add::<()>(step, field, "请重新勾选");
        }
        known
    }
}

impl Draft {
    /// The draft of a request: as typed, or made from what it asks for.
    #[must_use]
    pub fn of(typed: Option<&str>, need: Option<&Need>) -> Self {
        let kept = typed.and_then(|json| serde_json::from_str(json).ok());
        kept.or_else(|| need.map(Self::from)).unwrap_or_default()
    }

    /// As it is kept.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether nothing was typed yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the step about the loan that is renewed belongs to it.
    #[must_use]
    pub fn is_renewal(&self) -> bool {
        let typed = [&self.loan_bank, &self.loan_matures_on, &self.loan_balance];
        self.purpose == Purpose::Refinancing.code() || typed.iter().any(|text| !text.trim().is_empty())
    }

    fn existing_loan(&self, errors: &mut Errors) -> Option<ExistingLoan> {
        if !self.is_renewal() {
            return None;
        }
        let bank = match self.loan_bank.trim() {
            "" => errors.add(3, "loan_bank", "请选贷款银行"),
            bank => Some(bank.to_owned()),
        };
        let matures_on = match typed::day(&self.loan_matures_on) {
            Some(day) => Some(day),
            None => errors.add(3, "loan_matures_on", "到期日请写作 2026-11-23"),
        };
        let balance_fen = errors.amount(3, "loan_balance", "贷款余额", &self.loan_balance);
        Some(ExistingLoan {
            bank: bank?,
            matures_on: matures_on?,
            balance_fen: balance_fen?,
        })
    }

    fn term(&self, errors: &mut Errors) -> Option<u32> {
        let months = typed::whole(&self.term_months).and_then(|months| u32::try_from(months).ok());
        match months.filter(|months| (1..=TERM_LIMIT).contains(months)) {
            Some(months) => Some(months),
            None => errors.add(2, "term_months", format!("期限请填 1 至 {TERM_LIMIT} 的整数（月）")),
        }
    }

    fn max_cost(&self, errors: &mut Errors) -> Option<i64> {
        if self.max_cost.trim().is_empty() {
            return None;
        }
        match typed::bp_of_percent(&self.max_cost).filter(|bp| (0..=LIMIT_BP).contains(bp)) {
            Some(bp) => Some(bp),
            None => errors.add(
                2,
                "max_cost",
                "最高成本请填百分数，最多两位小数，例如 4.5；不限可以不填",
            ),
        }
    }
}

impl TryFrom<&Draft> for Need {
    type Error = Vec<FieldError>;

    fn try_from(draft: &Draft) -> Result<Self, Vec<FieldError>> {
        let mut errors = Errors::default();
        let amount = errors.amount(1, "amount", "金额", &draft.amount);
        let purpose = match Purpose::find(&draft.purpose) {
            Some(purpose) => Some(purpose),
            None => errors.add(1, "purpose", "请选用途"),
        };
        let project_cost_fen = if draft.project_cost.trim().is_empty() {
            None
        } else {
            errors.amount(1, "project_cost", "项目总投资", &draft.project_cost)
        };
        let kinds: Set<Kind> = errors.codes(1, "kinds", &draft.kinds);
        let term = draft.term(&mut errors);
        let repayment = errors.codes(2, "repayment", &draft.repayment);
        let guarantees = errors.codes(2, "guarantees", &draft.guarantees);
        if draft.guarantees.is_empty() {
            errors.add::<()>(2, "guarantees", "担保方式请至少勾选一种，没有抵押物可选“信用”");
        }
        let max_cost_bp = draft.max_cost(&mut errors);
        let existing_loan = draft.existing_loan(&mut errors);
        match (amount, term, purpose) {
            (Some(amount_fen), Some(term_months), Some(purpose)) if errors.0.is_empty() => Ok(Self {
                amount_fen,
                term_months,
                purpose,
                guarantees,
                kinds,
                repayment,
                max_cost_bp,
                project_cost_fen,
                existing_loan,
            }),
            _ => Err(errors.0),
        }
    }
}

impl From<&Need> for Draft {
    fn from(need: &Need) -> Self {
        fn codes<T: Code>(set: Set<T>) -> Vec<String> {
            set.iter().map(|code| code.code().to_owned()).collect()
        }
        let loan = need.existing_loan.as_ref();
        Self {
            amount: need.amount_fen.to_wan(),
            purpose: need.purpose.code().to_owned(),
            project_cost: need.project_cost_fen.map_or_else(String::new, Fen::to_wan),
            kinds: codes(need.kinds),
            term_months: need.term_months.to_string(),
            guarantees: codes(need.guarantees),
            repayment: codes(need.repayment),
            max_cost: need.max_cost_bp.map_or_else(String::new, |bp| {
                crate::domain::rate::percent(bp).trim_end_matches('%').to_owned()
            }),
            loan_bank: loan.map_or_else(String::new, |loan| loan.bank.clone()),
            loan_matures_on: loan.map_or_else(String::new, |loan| loan.matures_on.to_string()),
            loan_balance: loan.map_or_else(String::new, |loan| loan.balance_fen.to_wan()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Draft {
        Draft {
            amount: "５００".to_owned(),
            purpose: "working_capital".to_owned(),
            term_months: "12".to_owned(),
            guarantees: vec!["credit".to_owned()],
            ..Draft::default()
        }
    }

    fn fields(draft: &Draft) -> Vec<&'static str> {
        Need::try_from(draft).map_or_else(
            |errors| errors.iter().map(|error| error.field).collect(),
            |_| Vec::new(),
        )
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        assert_eq!(
            fields(&Draft::default()),
            ["amount", "purpose", "term_months", "guarantees"]
        );
        let renewal = Draft {
            purpose: "refinancing".to_owned(),
            max_cost: "很低".to_owned(),
            project_cost: "0".to_owned(),
            ..whole()
        };
        let wrong = [
            "project_cost",
            "max_cost",
            "loan_bank",
            "loan_matures_on",
            "loan_balance",
        ];
        assert_eq!(fields(&renewal), wrong);
    }

    #[test]
    fn a_need_reads_back_from_its_own_draft() {
        let need = Need::try_from(&whole()).expect("it is whole");
        assert_eq!(need.amount_fen.get(), 500_000_000);
        assert_eq!(Need::try_from(&Draft::from(&need)), Ok(need));
    }

    #[test]
    fn a_step_changes_its_own_fields_only() {
        let step = StepForm {
            term_months: "24".to_owned(),
            amount: "1".to_owned(),
            ..StepForm::default()
        };
        let draft = step.over(2, whole());
        assert_eq!((draft.amount.as_str(), draft.term_months.as_str()), ("５００", "24"));
        assert!(draft.guarantees.is_empty());
    }
}
