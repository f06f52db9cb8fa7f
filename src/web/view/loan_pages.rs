//! The pages of loans: lists with what matures soon, one loan with what may be entered, and the form of a contract.

use super::loan::{History, LoanShown, RenewalRow};
use super::need::Line;
use super::offer::{self, OfferShown};
use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::deadlines::Counting;
use crate::actions::loans::contract::Asking;
use crate::actions::loans::{LoanSheet, RenewalProduct, StoredLoan};
use crate::domain::dates::Day;
use crate::domain::invalid::Problems;
use crate::domain::loan::{LoanEvent, LoanState};
use crate::web::input::loan::{ContractForm, EntryForm, EntryKind};
use askama::Template;

/// A list of loans.
#[derive(Template)]
#[template(path = "loan/list.html")]
pub struct LoanList {
    /// Around it.
    pub shell: Shell,
    /// Its heading.
    pub heading: &'static str,
    /// What is said where there is none.
    pub none: &'static str,
    /// Whether the borrower is named.
    pub names_borrower: bool,
    /// Whether the bank is named.
    pub names_bank: bool,
    /// What matures soon, the next first.
    pub maturing: Vec<LoanShown>,
    /// The loans, newest first.
    pub rows: Vec<LoanShown>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// What a bank may enter of a loan.
#[derive(Clone, Debug, Default)]
pub struct MayEnter(Vec<LoanEvent>);

impl MayEnter {
    /// What its state allows; nothing for who is not its bank.
    #[must_use]
    pub fn of(loan: &StoredLoan, keeps: bool) -> Self {
        let is_marked = loan.overdue_since.is_some();
        let may = |event: &LoanEvent| {
            loan.state.next(*event).is_ok()
                && match event {
                    LoanEvent::Draw => loan.sums.drawable_fen() > 0,
                    LoanEvent::MarkOverdue => !is_marked,
                    LoanEvent::ClearOverdue => is_marked,
                    LoanEvent::Settle => loan.sums.balance_fen() == 0,
                    LoanEvent::Repay | LoanEvent::CloseDrawing | LoanEvent::Cancel => true,
                    // These follow from a draw.
                    LoanEvent::DrawAll | LoanEvent::Renew => false,
                }
        };
        let allowed = LoanEvent::ALL.iter().copied().filter(may);
        Self(if keeps { allowed.collect() } else { Vec::new() })
    }

    /// Whether a form is shown.
    #[must_use]
    pub fn enter(&self, kind: EntryKind) -> bool {
        let event = match kind {
            EntryKind::Draw => LoanEvent::Draw,
            EntryKind::Repay => LoanEvent::Repay,
            EntryKind::CloseDrawing => LoanEvent::CloseDrawing,
            EntryKind::MarkOverdue => LoanEvent::MarkOverdue,
            EntryKind::ClearOverdue => LoanEvent::ClearOverdue,
            EntryKind::Settle => LoanEvent::Settle,
            EntryKind::Cancel => LoanEvent::Cancel,
        };
        self.0.contains(&event)
    }
}

/// One loan.
#[derive(Template)]
#[template(path = "loan/show.html")]
pub struct LoanPage {
    /// Around it.
    pub shell: Shell,
    /// The loan.
    pub loan: LoanShown,
    /// What moved.
    pub history: History,
    /// Where the reader came from: address and words.
    pub list: (&'static str, &'static str),
    /// Whether the reader is its bank.
    pub is_banks: bool,
    /// What may be entered.
    pub may: MayEnter,
    /// The renewal products that fit; none where nothing is owed or the reader is a bank.
    pub renewals: Option<Vec<RenewalRow>>,
    /// Whether the reader may begin a request to renew it.
    pub may_renew: bool,
    /// Today, as fields begin.
    pub today: String,
    /// What was posted, where something is wrong with it.
    pub posted: Option<(EntryKind, EntryForm)>,
    /// What is wrong with it.
    pub wrongs: Wrongs,
    /// Why nothing was entered, where that is no field's fault.
    pub notice: &'static str,
}

impl LoanPage {
    /// The page for a reader with these rights.
    #[must_use]
    pub fn new(
        shell: Shell,
        sheet: &LoanSheet,
        (section, list): (&'static str, (&'static str, &'static str)),
        (keeps, writes): (bool, bool),
        renewals: Option<&[RenewalProduct]>,
        today: Day,
    ) -> Self {
        let loan = &sheet.loan;
        let is_owed = LoanState::OWED.contains(&loan.state) && loan.sums.balance_fen() > 0;
        let may_renew = writes && is_owed && sheet.followed_by.is_none() && loan.matures_on > today;
        Self {
            shell,
            loan: LoanShown::new(loan, section, today),
            history: History::new(sheet, section),
            list,
            is_banks: keeps,
            may: MayEnter::of(loan, keeps),
            renewals: renewals.map(|found| found.iter().map(RenewalRow::from).collect()),
            may_renew,
            today: today.to_string(),
            posted: None,
            wrongs: Wrongs::default(),
            notice: "",
        }
    }

    /// With what was posted, and what is wrong with it beside the fields of its form.
    #[must_use]
    pub fn with_problems(mut self, kind: EntryKind, form: EntryForm, problems: &Problems) -> Self {
        self.wrongs = wrongs(kind, problems);
        self.posted = Some((kind, form));
        self
    }

    /// Whether something stands beside the loan: forms, or what could renew it.
    #[must_use]
    pub fn has_aside(&self) -> bool {
        !self.may.0.is_empty() || self.renewals.is_some()
    }

    fn typed(&self, kind: EntryKind) -> Option<&EntryForm> {
        let (posted, form) = self.posted.as_ref()?;
        (*posted == kind).then_some(form)
    }

    /// Whether a form stands open: it was posted, or is the one to come.
    #[must_use]
    pub fn is_open(&self, kind: EntryKind) -> bool {
        match &self.posted {
            Some((posted, _)) => *posted == kind,
            None => kind == EntryKind::Draw,
        }
    }

    /// The day of a form: as typed, or today.
    #[must_use]
    pub fn on(&self, kind: EntryKind) -> &str {
        self.typed(kind).map_or(&self.today, |form| &form.on)
    }

    /// An amount of a form, as typed.
    #[must_use]
    pub fn amount(&self, kind: EntryKind, field: &str) -> &str {
        self.typed(kind).map_or("", |form| match field {
            "amount" => &form.amount,
            "principal" => &form.principal,
            "interest" => &form.interest,
            _ => &form.reason,
        })
    }
}

/// The fields of the forms, in their order.
const ENTRY_LABELS: [(&str, &str); 9] = [
    ("draw-amount", "放款金额"),
    ("draw-on", "放款日"),
    ("repay-principal", "归还本金"),
    ("repay-interest", "利息"),
    ("repay-on", "还款日"),
    ("close-on", "结束放款日"),
    ("overdue-on", "逾期起始日"),
    ("settle-on", "结清日"),
    ("cancel-reason", "原因"),
];

fn wrongs(kind: EntryKind, problems: &Problems) -> Wrongs {
    let mut on_page = Problems::default();
    for problem in problems.list() {
        let field = match problem.field.as_str() {
            "amount_fen" => "amount",
            "principal_fen" => "principal",
            "interest_fen" => "interest",
            // That something is owed stands beside the only field of the settlement.
            "balance_fen" => "on",
            other => other,
        };
        on_page.add(format!("{}-{field}", kind.form()), problem.rule.clone());
    }
    Wrongs::new(&on_page, &ENTRY_LABELS)
}

/// A loan that a contract may renew.
#[derive(Clone, Debug)]
pub struct OldLoan {
    /// Its id.
    pub id: String,
    /// Its number, and what is owed until when.
    pub label: String,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// The form of a contract.
#[derive(Template)]
#[template(path = "loan/contract.html")]
pub struct ContractPage {
    /// Around it.
    pub shell: Shell,
    /// The accepted offer.
    pub offer: OfferShown,
    /// What was accepted, and so is in the contract.
    pub terms: Vec<Line>,
    /// The first and the last day on which it can have been signed.
    pub span: (String, String),
    /// The loans that it may renew; empty where there is none, or the product renews none.
    pub renewable: Vec<OldLoan>,
    /// What was typed.
    pub typed: ContractForm,
    /// What is wrong with it.
    pub wrongs: Wrongs,
}

impl ContractPage {
    const LABELS: [(&'static str, &'static str); 5] = [
        ("contract_number", "合同编号"),
        ("signed_on", "签订日"),
        ("matures_on", "到期日"),
        ("follows", "续的贷款"),
        ("is_first", "是否首贷户"),
    ];

    /// The form as it begins, or as it was typed.
    #[must_use]
    pub fn new(shell: Shell, asking: &Asking, typed: Option<ContractForm>, counting: &Counting) -> Self {
        let typed = typed.unwrap_or_else(|| ContractForm {
            signed_on: asking.until.to_string(),
            matures_on: asking.matures_on.to_string(),
            ..ContractForm::default()
        });
        let old = asking.renewable.iter().map(|loan| OldLoan {
            id: loan.id.to_string(),
            label: format!(
                "{}，余额 {}，{} 到期",
                loan.number,
                words::wan(loan.sums.balance_fen()),
                loan.matures_on
            ),
            chosen: loan.id.to_string() == typed.follows,
        });
        Self {
            shell,
            offer: OfferShown::new(&asking.offer, "/bank", counting),
            terms: offer::lines(&asking.offer.terms, asking.offer.figures.rate_bp),
            span: (asking.from.to_string(), asking.until.to_string()),
            renewable: old.collect(),
            typed,
            wrongs: Wrongs::default(),
        }
    }

    /// With what is wrong.
    #[must_use]
    pub fn with_problems(mut self, problems: &Problems) -> Self {
        self.wrongs = Wrongs::new(problems, &Self::LABELS);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::invalid::Rule;

    #[test]
    fn what_is_wrong_stands_beside_the_field_of_its_form() {
        let mut problems = Problems::default();
        problems.add("on", Rule::Date);
        problems.add(
            "amount_fen",
            Rule::OutOfRange {
                min: 1,
                max: 40_000_000,
            },
        );
        let wrongs = wrongs(EntryKind::Draw, &problems);
        assert_eq!(wrongs.of("draw-amount"), Some("放款金额请填 0.000001 至 40 万元之间"));
        assert_eq!(wrongs.0.first().map(|one| one.field.as_str()), Some("draw-amount"));
        let mut owed = Problems::default();
        owed.add("balance_fen", Rule::StillOwed);
        let wrongs = super::wrongs(EntryKind::Settle, &owed);
        assert_eq!(wrongs.of("settle-on"), Some("还有本金没有还清，请先登记还款"));
    }
}
