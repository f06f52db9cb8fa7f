//! Financing requests: the form that files and the API carry, and the request that can be matched.

use super::codes::{Guarantee, Kind, Purpose, Repayment, Set, codes};
use super::dates::Day;
use super::invalid::{Problems, Rule};
use super::machine::machine;
use super::money::Fen;
use super::product::{CODE_CHARS, TERM_LIMIT};
use super::rate::LIMIT_BP;
use super::uscc::Uscc;
use serde::{Deserialize, Serialize};

/// The loan that a request would renew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExistingLoan {
    /// Code of the bank's organisation.
    pub bank: String,
    /// When it must be paid back.
    pub matures_on: Day,
    /// What is still owed, in 分.
    pub balance_fen: Fen,
}

/// What an enterprise asks for, without whose and which it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// How much, in 分.
    pub amount_fen: Fen,
    /// For how many months.
    pub term_months: u32,
    /// What for.
    pub purpose: Purpose,
    /// How it could be secured.
    pub guarantees: Set<Guarantee>,
    /// Only these kinds of product; none named: all.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub kinds: Set<Kind>,
    /// Only these ways of repaying; none named: all.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub repayment: Set<Repayment>,
    /// The most it may cost a year, in bp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_bp: Option<i64>,
    /// Price of the equipment or investment of the project, in 分.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_cost_fen: Option<Fen>,
    /// The loan that it would renew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing_loan: Option<ExistingLoan>,
}

impl Need {
    /// Notes each rule that it breaks.
    pub fn check(&self, problems: &mut Problems) {
        problems.range("amount_fen", self.amount_fen.get(), 1, Fen::LIMIT);
        problems.range("term_months", i64::from(self.term_months), 1, i64::from(TERM_LIMIT));
        problems.check(self.guarantees.is_empty(), "guarantees", || Rule::Empty);
        if let Some(max_cost) = self.max_cost_bp {
            problems.range("max_cost_bp", max_cost, 0, LIMIT_BP);
        }
        if let Some(cost) = self.project_cost_fen {
            problems.range("project_cost_fen", cost.get(), 0, Fen::LIMIT);
        }
        if let Some(loan) = &self.existing_loan {
            problems.text("existing_loan.bank", &loan.bank, CODE_CHARS);
            problems.range("existing_loan.balance_fen", loan.balance_fen.get(), 0, Fen::LIMIT);
        }
    }
}

/// A request as it stands in files.
///
/// It repeats the fields of [`Need`] because serde's `flatten` cannot refuse unknown keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestForm {
    /// Its id, unlike any other's.
    pub id: String,
    /// Whose it is.
    pub uscc: String,
    /// How much, in 分.
    pub amount_fen: Fen,
    /// For how many months.
    pub term_months: u32,
    /// What for.
    pub purpose: Purpose,
    /// How it could be secured.
    pub guarantees: Set<Guarantee>,
    /// Only these kinds of product.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub kinds: Set<Kind>,
    /// Only these ways of repaying.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub repayment: Set<Repayment>,
    /// The most it may cost a year, in bp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_bp: Option<i64>,
    /// Price of the equipment or investment of the project, in 分.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_cost_fen: Option<Fen>,
    /// The loan that it would renew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing_loan: Option<ExistingLoan>,
}

/// A request whose form holds every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub uscc: Uscc,
    /// What is asked for.
    pub need: Need,
}

impl Request {
    /// Holds the form against every rule.
    ///
    /// # Errors
    /// Each rule that is broken, with the path of its field.
    pub fn parse(form: RequestForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.text("id", &form.id, CODE_CHARS);
        let uscc = problems.take(
            "uscc",
            form.uscc.parse::<Uscc>().map_err(|reason| Rule::Uscc(reason.code())),
        );
        let need = Need {
            amount_fen: form.amount_fen,
            term_months: form.term_months,
            purpose: form.purpose,
            guarantees: form.guarantees,
            kinds: form.kinds,
            repayment: form.repayment,
            max_cost_bp: form.max_cost_bp,
            project_cost_fen: form.project_cost_fen,
            existing_loan: form.existing_loan,
        };
        need.check(&mut problems);
        match uscc {
            Some(uscc) => problems.or(Self {
                id: form.id,
                uscc,
                need,
            }),
            None => Err(problems),
        }
    }
}

codes! {
    /// Where a request is in its life.
    RequestState {
        Draft = "draft" "草稿",
        Open = "open" "已提交",
        Accepted = "accepted" "已接受报价",
        Closed = "closed" "已结束",
    }
}

codes! {
    /// Why a request ended.
    RequestEnd {
        Fulfilled = "fulfilled" "已签合同",
        Withdrawn = "withdrawn" "企业撤回",
        Expired = "expired" "到期未延",
        Unserved = "unserved" "未承接",
    }
}

codes! {
    /// Why nobody could serve a request.
    UnservedReason {
        NoProduct = "no_product" "没有合适的产品",
        Amount = "amount" "金额不合适",
        Term = "term" "期限不合适",
        Credit = "credit" "信用状况",
        Collateral = "collateral" "担保不足",
        Industry = "industry" "行业限制",
        Materials = "materials" "材料不全",
        Other = "other" "其他",
    }
}

machine! {
    /// What can happen to a request.
    RequestEvent of RequestState {
        /// The enterprise changes what it asks for.
        Edit: Draft => Draft;
        /// The enterprise submits it: it is matched, and the result stored.
        Submit: Draft => Open;
        /// The enterprise brings it before a bank, or has it matched once more.
        Refer: Open => Open;
        /// The enterprise keeps it open for longer.
        Extend: Open => Open;
        /// The enterprise accepts an offer.
        Accept: Open => Accepted;
        /// The accepted offer falls through: it is open again.
        FallThrough: Accepted => Open;
        /// The contract of the accepted offer is registered.
        Fulfil: Accepted => Closed;
        /// The enterprise no longer wants it.
        Withdraw: Open => Closed;
        /// Its time is over.
        Expire: Open => Closed;
        /// An officer ends it: nobody can serve it.
        MarkUnserved: Open => Closed;
    }
}
