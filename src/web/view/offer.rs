//! An offer in words: what is offered, what it costs, when what falls due, and what the desk found.

use super::deadline::Deadline;
use super::need::{Line, line};
use super::words;
use crate::actions::deadlines::Counting;
use crate::actions::offers::{StoredOffer, StoredRevision, Worked};
use crate::domain::codes::{Code, RateBase};
use crate::domain::offer::OfferState;
use crate::domain::offer_checks::CheckLine;
use crate::domain::offer_figures::OfferFigures;
use crate::domain::offer_terms::{OfferForm, OfferRate};
use crate::domain::rate::percent;
use uuid::Uuid;

/// One item of the cost: the interest, or a fee.
#[derive(Clone, Debug)]
pub struct CostItem {
    /// What is charged.
    pub name: String,
    /// How and how often.
    pub basis: String,
    /// Who receives it.
    pub payee: String,
    /// Who pays it.
    pub bearer: &'static str,
    /// Over the term, in 元.
    pub total: String,
    /// Its yearly rate.
    pub annual: String,
}

/// A payment of the schedule.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// From 1.
    pub period: u32,
    /// When it falls due.
    pub due_on: String,
    /// In 元.
    pub principal: String,
    /// In 元.
    pub interest: String,
    /// In 元.
    pub payment: String,
    /// In 元.
    pub balance: String,
}

/// A check of the desk.
#[derive(Clone, Debug)]
pub struct CheckRow {
    /// What was looked at.
    pub label: &'static str,
    /// What the offer says.
    pub found: String,
    /// What it should be.
    pub wanted: String,
    /// Whether it is.
    pub passed: bool,
}

impl From<&CheckLine> for CheckRow {
    fn from(line: &CheckLine) -> Self {
        Self {
            label: line.check.label(),
            found: line.found.clone(),
            wanted: line.wanted.clone(),
            passed: line.passed,
        }
    }
}

/// What an offer costs.
#[derive(Clone, Debug)]
pub struct CostShown {
    /// The effective cost of a year: the largest figure on every page.
    pub annual: String,
    /// By which method.
    pub method: &'static str,
    /// The monthly rate times 12.
    pub nominal: String,
    /// 贷款明白纸's total.
    pub add_up: String,
    /// What a period asks for.
    pub payment: String,
    /// Interest and fees, in 万元.
    pub charges: String,
    /// Interest and fees, in 元.
    pub charges_yuan: String,
    /// Everything that is paid, in 元.
    pub total: String,
    /// Interest and each fee.
    pub items: Vec<CostItem>,
    /// The schedule.
    pub schedule: Vec<DueRow>,
}

impl CostShown {
    /// Of figures; `bank` receives what names nobody else.
    #[must_use]
    pub fn new(figures: &OfferFigures, bank: &str) -> Self {
        let interest = CostItem {
            name: "利息".to_owned(),
            basis: format!("年利率 {}，按余额", words::rate(figures.rate_bp)),
            payee: bank.to_owned(),
            bearer: "企业承担",
            total: words::plain_yuan(figures.interest_fen),
            annual: words::rate(figures.rate_bp),
        };
        let fees = figures.fees.iter().map(|one| CostItem {
            name: one.fee.name.clone(),
            basis: words::fee_value(&one.fee),
            payee: one.fee.payee.clone().unwrap_or_else(|| bank.to_owned()),
            bearer: one.fee.borne_by.label(),
            total: words::plain_yuan(one.total_fen),
            annual: one.annual_pct.map_or_else(|| "—".to_owned(), words::cost),
        });
        let charges = figures.interest_fen.saturating_add(figures.fees_fen);
        Self {
            annual: words::cost(figures.annual_cost_pct),
            method: if figures.by_month {
                "内部收益率法，按月复利"
            } else {
                "内部收益率法，按实际日期，复利"
            },
            nominal: words::cost(figures.nominal_pct),
            add_up: words::cost(figures.add_up_total_pct),
            payment: words::about_wan(figures.payment_fen),
            charges: words::about_wan(charges),
            charges_yuan: words::plain_yuan(charges),
            total: words::plain_yuan(figures.total_fen),
            items: std::iter::once(interest).chain(fees).collect(),
            schedule: figures
                .schedule
                .iter()
                .map(|row| DueRow {
                    period: row.period,
                    due_on: row.due_on.to_string(),
                    principal: words::plain_yuan(row.principal_fen),
                    interest: words::plain_yuan(row.interest_fen),
                    payment: words::plain_yuan(row.payment_fen),
                    balance: words::plain_yuan(row.balance_fen),
                })
                .collect(),
        }
    }
}

/// A text of an offer under its heading.
#[derive(Clone, Debug)]
pub struct Said {
    /// What it is about.
    pub name: &'static str,
    /// The words, with line breaks.
    pub text: String,
}

/// The texts of an offer, those that are there.
#[must_use]
pub fn said(terms: &OfferForm) -> Vec<Said> {
    let texts = [
        ("担保说明", terms.guarantee_text.as_deref()),
        ("放款条件", terms.conditions.as_deref()),
        ("提前还款", Some(terms.early_repayment.as_str())),
        ("逾期", Some(terms.late_repayment.as_str())),
        ("期限较长的说明", terms.term_reason.as_deref()),
        ("费用由企业承担的说明", terms.fee_reason.as_deref()),
    ];
    let there = texts
        .into_iter()
        .filter_map(|(name, text)| text.map(|text| (name, text)));
    there
        .map(|(name, text)| Said {
            name,
            text: text.to_owned(),
        })
        .collect()
}

/// What a rate stands on: `LPR（2026-10-20）+40 基点`.
#[must_use]
pub fn stands_on(rate: &OfferRate) -> String {
    match (rate.base, rate.lpr_on) {
        (RateBase::Fixed, _) | (_, None) => RateBase::Fixed.label().to_owned(),
        (base, Some(day)) => words::spread(&format!("{}（{day} 公布）", base.label()), rate.spread_bp),
    }
}

/// When payments fall due, and how days count.
#[must_use]
pub fn due(terms: &OfferForm) -> String {
    let every = match terms.due_every_months {
        1 => "每月".to_owned(),
        3 => "每季".to_owned(),
        months => format!("每 {months} 个月"),
    };
    let day = terms
        .due_day
        .map_or_else(|| "按放款日对日".to_owned(), |day| format!("{day} 日"));
    let count = terms.day_count.map_or("按月计息", Code::label);
    format!("{every} {day}，{count}")
}

/// The lines of the terms.
#[must_use]
pub fn lines(terms: &OfferForm, rate_bp: i64) -> Vec<Line> {
    let mut lines = vec![
        line("金额", words::wan(terms.amount_fen.get())),
        line("期限", format!("{} 个月", terms.term_months)),
        line("年利率", words::rate(rate_bp)),
        line("利率依据", stands_on(&terms.rate)),
        line("还款方式", terms.repayment.label()),
        line("担保方式", terms.guarantee.label()),
        line("计划放款日", terms.start_on.to_string()),
        line("结息", due(terms)),
        line("报价有效期至", terms.valid_until.to_string()),
    ];
    if terms.principal_grace_months > 0 {
        lines.insert(
            5,
            line("只还息不还本", format!("前 {} 个月", terms.principal_grace_months)),
        );
    }
    lines
}

/// The colour of an offer's state.
#[must_use]
pub const fn class(state: OfferState) -> &'static str {
    match state {
        OfferState::Submitted => "need",
        OfferState::Returned => "near",
        OfferState::Forwarded | OfferState::Accepted | OfferState::Signed => "ok",
        OfferState::Declined | OfferState::Withdrawn | OfferState::Lapsed | OfferState::FellThrough => "",
    }
}

/// An offer on a page.
#[derive(Clone, Debug)]
pub struct OfferShown {
    /// Its id.
    pub id: Uuid,
    /// Its page.
    pub href: String,
    /// Its number.
    pub number: String,
    /// The request's number.
    pub request: String,
    /// Who asks; empty for banks.
    pub enterprise: String,
    /// The bank.
    pub bank: String,
    /// Whom to call there.
    pub contact: String,
    /// The product.
    pub product: String,
    /// Its kind.
    pub kind: &'static str,
    /// The word for its state.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// How often it was sent.
    pub revision: i32,
    /// The amount.
    pub amount: String,
    /// The term.
    pub term: String,
    /// The rate, with what it comes to in percent.
    pub rate: String,
    /// When it was last sent.
    pub submitted_at: String,
    /// The last day on which it can be accepted.
    pub valid_until: Deadline,
    /// The terms as lines.
    pub terms: Vec<Line>,
    /// The texts.
    pub said: Vec<Said>,
    /// What it costs.
    pub cost: CostShown,
    /// The desk's checks.
    pub checks: Vec<CheckRow>,
    /// How many of them failed.
    pub failed: usize,
    /// Why it was given back; empty where it was not.
    pub return_reason: String,
    /// How it ended; empty where it has not.
    pub end: String,
    /// The last day for the contract, where one is due.
    pub sign_by: Option<Deadline>,
}

impl OfferShown {
    /// Under a section of the pages.
    #[must_use]
    pub fn new(offer: &StoredOffer, section: &str, counting: &Counting) -> Self {
        let checks: Vec<CheckRow> = offer.checks.iter().map(CheckRow::from).collect();
        Self {
            id: offer.id,
            href: format!("{section}/offers/{}", offer.id),
            number: offer.number.clone(),
            request: offer.request_number.clone(),
            enterprise: if section == "/bank" {
                String::new()
            } else {
                offer.enterprise_name.clone()
            },
            bank: offer.bank_name.clone(),
            contact: offer.bank_contact.clone().unwrap_or_default(),
            product: offer.product_name.clone(),
            kind: offer.kind.label(),
            state: offer.state.label(),
            class: class(offer.state),
            revision: offer.revision,
            amount: words::wan(offer.terms.amount_fen.get()),
            term: format!("{} 个月", offer.terms.term_months),
            rate: percent(offer.figures.rate_bp),
            submitted_at: words::minute(offer.submitted_at),
            valid_until: Deadline::of_day(Some(offer.terms.valid_until), counting.of_validity(offer)),
            terms: lines(&offer.terms, offer.figures.rate_bp),
            said: said(&offer.terms),
            cost: CostShown::new(&offer.figures, &offer.bank_name),
            failed: checks.iter().filter(|check| !check.passed).count(),
            checks,
            return_reason: offer.return_reason.clone().unwrap_or_default(),
            end: end(offer),
            sign_by: counting.of_signing(offer).map(Deadline::marked),
        }
    }
}

fn end(offer: &StoredOffer) -> String {
    let why = match offer.state {
        OfferState::Lapsed => offer.lapse_reason.map_or("", Code::label),
        OfferState::FellThrough => offer.fallen_by.map_or("", Code::label),
        OfferState::Declined | OfferState::Withdrawn => offer.state.label(),
        _ => return String::new(),
    };
    match &offer.end_text {
        Some(text) => format!("{why}：{text}"),
        None => why.to_owned(),
    }
}

/// A revision that was sent before.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// From 1.
    pub revision: i32,
    /// When it was sent.
    pub at: String,
    /// The rate.
    pub rate: String,
    /// The yearly cost.
    pub annual: String,
    /// Why it was given back.
    pub reason: String,
}

impl From<&StoredRevision> for RevisionRow {
    fn from(revision: &StoredRevision) -> Self {
        Self {
            revision: revision.revision,
            at: words::minute(revision.submitted_at),
            rate: words::rate(revision.figures.rate_bp),
            annual: words::cost(revision.figures.annual_cost_pct),
            reason: revision.return_reason.clone().unwrap_or_default(),
        }
    }
}

/// An offer that was worked out and not sent.
#[derive(Clone, Debug)]
pub struct WorkedShown {
    /// The terms as lines.
    pub terms: Vec<Line>,
    /// What it costs.
    pub cost: CostShown,
    /// The desk's checks.
    pub checks: Vec<CheckRow>,
    /// How many of them would fail.
    pub failed: usize,
}

impl WorkedShown {
    /// For this bank.
    #[must_use]
    pub fn new(worked: &Worked, bank: &str) -> Self {
        let checks: Vec<CheckRow> = worked.checks.iter().map(CheckRow::from).collect();
        Self {
            terms: lines(&worked.terms, worked.figures.rate_bp),
            cost: CostShown::new(&worked.figures, bank),
            failed: checks.iter().filter(|check| !check.passed).count(),
            checks,
        }
    }
}
