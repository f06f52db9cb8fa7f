//! The rows behind a figure of the monitor, with the figure again as a check.

use super::monitor::narrowing;
use super::monitor_figures::{address, amount};
use super::shell::Shell;
use super::words;
use crate::actions::monitor::Rows;
use crate::domain::codes::{Code, Set};
use crate::domain::monitor::series::Tally;
use crate::domain::monitor::{Entry, What};
use crate::domain::request::UnservedReason;
use crate::web::input::monitor::{MonitorQuery, RowsQuery};
use askama::Template;

/// How many rows a page has.
const PAGE_ROWS: usize = 50;

/// The rows behind a figure.
#[derive(Template)]
#[template(path = "centre/monitor_rows.html")]
pub struct MonitorRowsPage {
    /// Around it.
    pub shell: Shell,
    /// What the rows are counted as.
    pub measure: &'static str,
    /// The period, and what narrows beside it.
    pub narrowing: String,
    /// How many rows.
    pub number: i64,
    /// What they add up to.
    pub amount: String,
    /// What a weighted average of them is, where it is one.
    pub averages: String,
    /// The rows of this page.
    pub rows: Vec<RowLine>,
    /// Where it came from.
    pub back: String,
    /// The rows as a file.
    pub file: String,
    /// The page before.
    pub newer: String,
    /// The page after.
    pub older: String,
}

/// A row.
#[derive(Clone, Debug)]
pub struct RowLine {
    /// When it counts.
    pub on: String,
    /// Its number.
    pub number: String,
    /// Where it is shown.
    pub href: String,
    /// The enterprise.
    pub enterprise: String,
    /// Whose it is.
    pub whose: Whose,
    /// What it adds.
    pub amount: String,
    /// What else matters of it.
    pub note: String,
}

/// The bank, the kinds and the guarantee classes of a row; `—` where it has none.
#[derive(Clone, Debug)]
pub struct Whose {
    /// The bank's name.
    pub bank: String,
    /// The kinds of its products.
    pub kinds: String,
    /// Its guarantee classes.
    pub guarantees: String,
}

impl Whose {
    /// Of a row.
    #[must_use]
    pub fn of(entry: &Entry<'_>) -> Self {
        const NONE: &str = "—";
        let (bank, kinds, guarantees) = match entry.what {
            What::Request => (NONE, Set::EMPTY, entry.case.guarantees),
            What::Referral(referral) => (referral.bank.name.as_str(), referral.kinds, entry.case.guarantees),
            What::Offer(offer) => {
                let (kind, class) = (Set::EMPTY.with(offer.kind), Set::EMPTY.with(offer.guarantee));
                (offer.bank.name.as_str(), kind, class)
            }
            What::Loan(loan) => {
                let (kind, class) = (Set::EMPTY.with(loan.kind), Set::EMPTY.with(loan.guarantee));
                (loan.bank.name.as_str(), kind, class)
            }
        };
        Self {
            bank: bank.to_owned(),
            kinds: words::labels(kinds, NONE),
            guarantees: words::labels(guarantees, NONE),
        }
    }
}

impl MonitorRowsPage {
    /// The page of rows.
    #[must_use]
    pub fn new(shell: Shell, rows: &Rows, page: usize) -> Self {
        let entries = rows.entries();
        let tally = Tally::of(&entries);
        let page = page.max(1);
        let first = (page - 1).saturating_mul(PAGE_ROWS);
        let query = RowsQuery::of(&rows.slice, rows.measure);
        let at = |page: usize| {
            let there = RowsQuery {
                page: Some(page),
                ..query.clone()
            };
            address("/centre/monitor/rows", &there)
        };
        let there_is = |is: bool, page: usize| if is { at(page) } else { String::new() };
        Self {
            shell,
            measure: rows.measure.label(),
            narrowing: narrowing(&rows.slice),
            number: tally.number,
            amount: amount(tally.amount_fen),
            averages: averages(rows, &entries),
            rows: entries
                .iter()
                .skip(first)
                .take(PAGE_ROWS)
                .map(|entry| line(rows, entry))
                .collect(),
            back: address("/centre/monitor", &MonitorQuery::of(&rows.slice)),
            file: address("/centre/monitor/rows.csv", &query),
            newer: there_is(page > 1, page.saturating_sub(1)),
            older: there_is(entries.len() > first.saturating_add(PAGE_ROWS), page.saturating_add(1)),
        }
    }
}

/// The weighted averages of rows that are disbursements.
fn averages(rows: &Rows, entries: &[Entry<'_>]) -> String {
    let averages = rows.averages(entries);
    let mut words = Vec::new();
    if let Some(rate_bp) = averages.rate_bp {
        words.push(format!("加权平均利率 {}", words::rate(rate_bp)));
    }
    if let Some(spread_bp) = averages.spread_bp {
        words.push(format!("较 {}", words::spread("LPR", spread_bp)));
    }
    if let Some(cost_bp) = averages.cost_bp {
        words.push(format!("年化综合成本 {}", words::rate(cost_bp)));
    }
    words.join("，")
}

fn line(rows: &Rows, entry: &Entry<'_>) -> RowLine {
    let case = entry.case;
    let request = format!("/centre/requests/{}", case.request_id);
    let (number, href, note) = match entry.what {
        What::Request => (&case.number, request, unserved(case.unserved.map(|(_, reason)| reason))),
        What::Referral(referral) => {
            let days = referral.answered_within(&rows.book.calendar);
            let answered = days.map(|days| format!("{days} 个工作日答复"));
            let late = match referral.is_late {
                Some(true) => "，逾期",
                Some(false) => "，按时",
                None => "",
            };
            let state = || referral.state.label().to_owned();
            (
                &case.number,
                request,
                format!("{}{late}", answered.unwrap_or_else(state)),
            )
        }
        What::Offer(offer) => {
            let note = match (offer.forwarded_on, offer.accepted_on) {
                (_, Some(day)) => format!("{day} 接受"),
                (Some(day), None) => format!("{day} 转给企业"),
                (None, None) => String::new(),
            };
            (&offer.number, format!("/centre/offers/{}", offer.id), note)
        }
        What::Loan(loan) => {
            let first = if loan.is_first { "，首贷户" } else { "" };
            let note = format!("{}，{} 个月{first}", words::rate(loan.rate_bp), loan.term_months);
            (&loan.number, request, note)
        }
    };
    RowLine {
        on: entry.on.to_string(),
        number: number.clone(),
        href,
        enterprise: case.enterprise.clone(),
        whose: Whose::of(entry),
        amount: amount(entry.amount_fen),
        note,
    }
}

fn unserved(reason: Option<UnservedReason>) -> String {
    reason.map_or_else(String::new, |reason| format!("未承接：{}", reason.label()))
}
