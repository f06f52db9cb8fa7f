//! One product of a result: every check, and the cost item by item with the schedule.

use super::need::Line;
use super::reason::{Context, Reason};
use super::result::Reader;
use super::shell::Shell;
use super::source::Known;
use super::words;
use crate::actions::matches::ProductSheet;
use crate::domain::codes::{Bearer, Code};
use crate::domain::criteria::State;
use crate::domain::link::path_segment;
use crate::domain::sheet::{CostBreakdown, FeeLine};
use crate::domain::verdict::Verdict;
use askama::Template;

/// An item of the cost.
#[derive(Clone, Debug)]
pub struct Item {
    /// As the bank calls it.
    pub name: String,
    /// How it is worked out.
    pub basis: String,
    /// Who receives it.
    pub payee: String,
    /// Who pays it.
    pub bearer: &'static str,
    /// What it comes to over the term, 元.
    pub total: String,
    /// A year's part, percent.
    pub annual: String,
}

/// A month of the schedule, 元.
#[derive(Clone, Debug)]
pub struct Month {
    /// From 1.
    pub period: u32,
    /// Principal paid.
    pub principal: String,
    /// Interest paid.
    pub interest: String,
    /// Both.
    pub payment: String,
    /// Principal still owed.
    pub balance: String,
}

/// What the product costs.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The annual cost.
    pub annual: String,
    /// The monthly internal rate times 12.
    pub nominal: String,
    /// The sum that the authorities' sheet shows.
    pub add_up: String,
    /// Each item.
    pub items: Vec<Item>,
    /// Interest and fees, 元.
    pub total: String,
    /// The same in 万元.
    pub total_wan: String,
    /// Each month.
    pub months: Vec<Month>,
}

/// The page.
#[derive(Template)]
#[template(path = "enterprise/explain.html")]
pub struct ExplainPage {
    /// Around it.
    pub shell: Shell,
    /// The list that the request belongs to: address and name.
    pub list: (&'static str, &'static str),
    /// The result's page.
    pub back: String,
    /// The request's number.
    pub number: String,
    /// The answer.
    pub heading: String,
    /// The bank.
    pub bank: String,
    /// The product.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// Its version.
    pub version: i32,
    /// The word for its verdict.
    pub verdict: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// Every check.
    pub checks: Vec<Reason>,
    /// What it would cost.
    pub cost: Option<Cost>,
    /// The terms that the cost stands on.
    pub terms: Vec<Line>,
    /// When it was matched.
    pub run_at: String,
    /// Whether facts link to the pages on which they can be declared.
    pub may_write: bool,
}

impl ExplainPage {
    /// The page of one product.
    #[must_use]
    pub fn new(shell: Shell, sheet: &ProductSheet, reader: Reader) -> Self {
        let (root, list) = if reader == Reader::Officer {
            ("/centre/requests", ("/centre/requests", "需求与产品"))
        } else {
            ("/enterprise/requests", ("/enterprise/requests", "我的需求"))
        };
        let context = Context {
            need: &sheet.need,
            product: &sheet.product,
            known: Known {
                facts: &sheet.known,
                as_of: sheet.as_of,
            },
        };
        let explained = &sheet.explanation;
        let checks: Vec<Reason> = explained
            .checks
            .iter()
            .map(|check| Reason::of(check, &context))
            .collect();
        Self {
            shell,
            list,
            back: format!("{root}/{}", sheet.request.id),
            number: sheet.request.number.clone(),
            heading: heading(&sheet.product.form.name, explained.verdict, &checks),
            bank: sheet.product.bank_name.clone(),
            name: sheet.product.form.name.clone(),
            kind: sheet.product.form.kind.label(),
            version: sheet.product.version,
            verdict: explained.verdict.label(),
            class: class(explained.verdict),
            checks,
            cost: sheet.cost.as_ref().map(cost),
            terms: terms(sheet),
            run_at: words::minute(sheet.run_at),
            may_write: reader == Reader::Enterprise { may_write: true },
        }
    }

    /// Where the check's fact can be looked at and declared, where it is one.
    #[must_use]
    pub fn fact_href(&self, check: &str) -> Option<String> {
        let key = crate::domain::facts::FactKey::find(check)?;
        self.may_write
            .then(|| format!("/enterprise/facts/{}", path_segment(key.code())))
    }
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Eligible => "ok",
        Verdict::Incomplete => "need",
        Verdict::Near => "near",
        Verdict::Ineligible => "off",
    }
}

fn heading(name: &str, verdict: Verdict, checks: &[Reason]) -> String {
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    match verdict {
        Verdict::Eligible => format!("{name}：{} 项条件全部满足", checks.len()),
        Verdict::Incomplete => format!("{name}：还有 {} 项待补", count(State::Unknown)),
        Verdict::Near => format!("{name}：差一项"),
        Verdict::Ineligible => format!("{name}：{} 项未满足", count(State::Unmet)),
    }
}

fn terms(sheet: &ProductSheet) -> Vec<Line> {
    use super::need::line;
    let rate_bp = sheet.explanation.rate_bp;
    let stands_on = words::rate_stands_on(&sheet.product.form.rate, rate_bp, sheet.lpr, sheet.need.term_months);
    vec![
        line("金额", words::wan(sheet.need.amount_fen.get())),
        line("期限", format!("{} 个月", sheet.need.term_months)),
        line(
            "还款方式",
            sheet.explanation.repayment.map_or("没有共同的还款方式", Code::label),
        ),
        line("利率", format!("{}（{stands_on}）", words::rate(rate_bp))),
        line("LPR 公布日", sheet.lpr.announced_on.to_string()),
    ]
}

fn cost(breakdown: &CostBreakdown) -> Cost {
    let figures = breakdown.figures;
    let interest = Item {
        name: "利息".to_owned(),
        basis: format!("年利率 {}，按月计息", words::rate(breakdown.rate_bp)),
        payee: "贷款银行".to_owned(),
        bearer: Bearer::Borrower.label(),
        total: words::plain_yuan(figures.interest_fen),
        annual: words::rate(breakdown.rate_bp),
    };
    let total = figures.interest_fen.saturating_add(figures.fees_fen);
    Cost {
        annual: words::cost(breakdown.annual_cost_pct),
        nominal: words::cost(breakdown.nominal_pct),
        add_up: words::cost(breakdown.add_up_total_pct),
        items: std::iter::once(interest)
            .chain(breakdown.fees.iter().map(item))
            .collect(),
        total: words::plain_yuan(total),
        total_wan: words::about_wan(total),
        months: breakdown
            .schedule
            .iter()
            .map(|month| Month {
                period: month.period,
                principal: words::plain_yuan(month.principal_fen),
                interest: words::plain_yuan(month.interest_fen),
                payment: words::plain_yuan(month.payment_fen),
                balance: words::plain_yuan(month.balance_fen),
            })
            .collect(),
    }
}

fn item(line: &FeeLine) -> Item {
    let fee = &line.fee;
    Item {
        name: fee.name.clone(),
        basis: format!("{}，{}", fee.basis.label(), words::fee_value(fee)),
        payee: fee.payee.clone().unwrap_or_else(|| "贷款银行".to_owned()),
        bearer: fee.borne_by.label(),
        total: words::plain_yuan(line.total_fen),
        annual: line.annual_pct.map_or_else(|| "—".to_owned(), words::cost),
    }
}
