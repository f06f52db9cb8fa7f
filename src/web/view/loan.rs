//! A loan in words: what was agreed, what was drawn and paid back, and how long until it matures.

use super::need::{Line, line};
use super::offer;
use super::words;
use crate::actions::loans::{LoanSheet, RenewalProduct, StoredLoan};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::loan::{LoanEvent, LoanState, WATCHED_DAYS};

/// The colour of a loan's state.
#[must_use]
pub const fn class(state: LoanState) -> &'static str {
    match state {
        LoanState::Registered => "need",
        LoanState::Disbursing | LoanState::Outstanding => "ok",
        LoanState::Settled | LoanState::Renewed | LoanState::Cancelled => "",
    }
}

/// How long until a loan matures that is owed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// In words; empty where nothing is owed.
    pub words: String,
    /// Their colour.
    pub class: &'static str,
}

impl Left {
    fn of(loan: &StoredLoan, today: Day) -> Self {
        if !LoanState::OWED.contains(&loan.state) {
            return Self::default();
        }
        let days = loan.matures_on.days_since(today);
        let words = match days {
            0 => "今天到期".to_owned(),
            days if days < 0 => format!("已过期 {} 天", days.unsigned_abs()),
            days => format!("还有 {days} 天"),
        };
        let class = match days {
            days if days <= 15 => "late",
            days if days <= WATCHED_DAYS => "soon",
            _ => "",
        };
        Self { words, class }
    }
}

/// Money that went one way.
#[derive(Clone, Debug)]
pub struct Movement {
    /// The day.
    pub on: String,
    /// What was drawn, or the principal that came back; 元.
    pub principal: String,
    /// Interest that came in; 元.
    pub interest: String,
}

/// Another loan, by its number.
#[derive(Clone, Debug)]
pub struct Other {
    /// Its page.
    pub href: String,
    /// Its number.
    pub number: String,
}

impl Other {
    fn new(loan: &StoredLoan, section: &str) -> Self {
        Self {
            href: format!("{section}/loans/{}", loan.id),
            number: loan.number.clone(),
        }
    }
}

/// A loan on a page.
#[derive(Clone, Debug)]
pub struct LoanShown {
    /// Its page.
    pub href: String,
    /// Its offer's page.
    pub offer_href: String,
    /// Its number.
    pub number: String,
    /// The borrower.
    pub enterprise: String,
    /// The bank.
    pub bank: String,
    /// Whom to call there.
    pub contact: String,
    /// Its kind of product.
    pub kind: &'static str,
    /// The word for its state.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// Since when it is overdue; empty where it is not.
    pub overdue_since: String,
    /// Its version.
    pub version: i32,
    /// What the contract is about.
    pub amount: String,
    /// What was drawn.
    pub drawn: String,
    /// What was paid back.
    pub repaid: String,
    /// What is owed.
    pub balance: String,
    /// What may still be drawn.
    pub drawable: String,
    /// The day of the contract.
    pub signed_on: String,
    /// The yearly cost.
    pub annual: String,
    /// The rate.
    pub rate: String,
    /// The day by which it must be paid back.
    pub matures_on: String,
    /// How long that is.
    pub left: Left,
    /// The contract in lines.
    pub lines: Vec<Line>,
}

impl LoanShown {
    /// Under a section of the pages.
    #[must_use]
    pub fn new(loan: &StoredLoan, section: &str, today: Day) -> Self {
        let sums = loan.sums;
        Self {
            href: format!("{section}/loans/{}", loan.id),
            offer_href: format!("{section}/offers/{}", loan.offer_id),
            number: loan.number.clone(),
            enterprise: loan.enterprise_name.clone(),
            bank: loan.bank_name.clone(),
            contact: loan.bank_contact.clone().unwrap_or_default(),
            kind: loan.kind.label(),
            state: loan.state.label(),
            class: class(loan.state),
            overdue_since: loan.overdue_since.map_or_else(String::new, |day| day.to_string()),
            version: loan.version,
            amount: words::wan(sums.amount_fen),
            drawn: words::wan(sums.drawn_fen),
            repaid: words::wan(sums.repaid_fen),
            balance: words::wan(sums.balance_fen()),
            drawable: if loan.state.next(LoanEvent::Draw).is_ok() {
                words::wan(sums.drawable_fen())
            } else {
                "—".to_owned()
            },
            signed_on: loan.signed_on.to_string(),
            annual: words::cost(loan.annual_cost_pct),
            rate: words::rate(loan.rate_bp),
            matures_on: loan.matures_on.to_string(),
            left: Left::of(loan, today),
            lines: lines(loan),
        }
    }
}

fn lines(loan: &StoredLoan) -> Vec<Line> {
    let mut lines = vec![
        line("合同编号", loan.contract_number.clone()),
        line("签订日", loan.signed_on.to_string()),
        line("到期日", loan.matures_on.to_string()),
        line("金额", words::wan(loan.sums.amount_fen)),
        line("期限", format!("{} 个月", loan.term_months)),
        line("年利率", words::rate(loan.rate_bp)),
        line("利率依据", offer::stands_on(&loan.terms.rate)),
        line("还款方式", loan.repayment.label()),
        line("担保方式", loan.guarantee.label()),
        line("首贷户", if loan.is_first { "是（银行声明）" } else { "否" }),
    ];
    if let Some(day) = loan.drawing_closed_on {
        lines.push(line("结束放款", day.to_string()));
    }
    if let Some(day) = loan.ended_on {
        lines.push(line(loan.state.label(), day.to_string()));
    }
    lines
}

/// What moved, and what stands before and after a loan.
#[derive(Clone, Debug)]
pub struct History {
    /// What was drawn.
    pub drawn: Vec<Movement>,
    /// What was paid back.
    pub repaid: Vec<Movement>,
    /// The loan that it renews.
    pub follows: Option<Other>,
    /// The loan that renews it.
    pub followed_by: Option<Other>,
}

impl History {
    /// Of a loan under a section of the pages.
    #[must_use]
    pub fn new(sheet: &LoanSheet, section: &str) -> Self {
        let drawn = sheet.disbursements.iter().map(|one| Movement {
            on: one.on.to_string(),
            principal: words::plain_yuan(one.amount_fen),
            interest: String::new(),
        });
        let repaid = sheet.repayments.iter().map(|one| Movement {
            on: one.on.to_string(),
            principal: words::plain_yuan(one.principal_fen),
            interest: words::plain_yuan(one.interest_fen),
        });
        Self {
            drawn: drawn.collect(),
            repaid: repaid.collect(),
            follows: sheet.follows.as_ref().map(|loan| Other::new(loan, section)),
            followed_by: sheet.followed_by.as_ref().map(|loan| Other::new(loan, section)),
        }
    }
}

/// A product that would renew a loan.
#[derive(Clone, Debug)]
pub struct RenewalRow {
    /// The bank.
    pub bank: String,
    /// The product.
    pub name: String,
    /// The yearly cost.
    pub annual: String,
}

impl From<&RenewalProduct> for RenewalRow {
    fn from(product: &RenewalProduct) -> Self {
        Self {
            bank: product.bank_name.clone(),
            name: product.name.clone(),
            annual: product.annual_cost_pct.map_or_else(|| "—".to_owned(), words::cost),
        }
    }
}
