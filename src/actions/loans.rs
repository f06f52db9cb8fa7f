//! What a bank registers of a loan after its contract: drawing, repayment, its end. And the warning before it matures.

use super::consents::{Telling, tell};
use super::once::{self, OnceKey};
use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::dates::Day;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::loan::{LoanEvent, LoanState, NOTICES};
use crate::domain::message::Topic;
use crate::domain::money::Fen;
use crate::domain::place::Place;
use crate::store::loans::{self, LoanChange};
use crate::store::{AnyConnection, StoreError, audit, organisations};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

pub use crate::store::loans::{Disbursement, Repaid, StoredLoan, place_of};

/// A loan with what was drawn and paid back.
#[derive(Clone, Debug, PartialEq)]
pub struct LoanSheet {
    /// The loan.
    pub loan: StoredLoan,
    /// What was drawn, the earliest first.
    pub disbursements: Vec<Disbursement>,
    /// What was paid back, the earliest first.
    pub repayments: Vec<Repaid>,
}

/// Loans that the actor may see, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] where it sees none.
pub fn list(
    service: &Service,
    actor: &Actor,
    state: Option<LoanState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredLoan>, ActionError> {
    let scope = may_see(actor, Right::ViewLoans)?;
    Ok(service
        .store
        .read(|conn| loans::list(conn, &scope, state, before, limit))?)
}

/// One loan.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this id.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<LoanSheet, ActionError> {
    let scope = may_see(actor, Right::ViewLoans)?;
    Ok(service.store.read(|conn| {
        Ok::<_, StoreError>(LoanSheet {
            loan: loans::by_id(conn, &scope, id)?,
            disbursements: loans::disbursements(conn, id)?,
            repayments: loans::repayments(conn, id)?,
        })
    })?)
}

/// What a bank registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Money is drawn.
    Draw(Disbursement),
    /// Money is paid back.
    Repay(Repaid),
    /// Nothing more may be drawn, from this day on.
    CloseDrawing(Day),
    /// It is overdue since this day.
    MarkOverdue(Day),
    /// It is overdue no more.
    ClearOverdue,
    /// Everything is paid back, and was on this day.
    Settle(Day),
}

/// What a loan has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// The loan.
    pub id: Uuid,
    /// Where it is in its life.
    pub state: LoanState,
    /// Its version.
    pub version: i32,
}

/// Registers an entry, once for each key.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such loan, [`ActionError::Forbidden`] where it is not its bank,
/// [`ActionError::Refused`] where the loan's state does not allow it, [`ActionError::Invalid`] for a day before the
/// contract or after today, for more than may be drawn, for more principal than is owed, and for a settlement while
/// something is owed.
pub fn enter(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    entry: Entry,
    key: Option<&OnceKey>,
) -> Result<Entered, ActionError> {
    let visible = may_see(actor, Right::ViewLoans)?;
    let today = service.clock.today();
    once::write(service, key, |conn| {
        let loan = loans::by_id(conn, &visible, id)?;
        may_do(actor, Right::KeepLoans)?;
        check(&loan, entry, today)?;
        let next = loan.state.next(event(&loan, entry))?;
        let clock = service.clock.as_ref();
        loans::change(conn, (&loan).into(), next, change(entry, today), actor.user_id, clock)?;
        let (action, what) = words(entry);
        let noted = AuditEntry {
            action,
            subject: format!("loan:{id}"),
            before: Some(loan.state.to_string()),
            after: Some(format!("{next} {what}")),
        };
        audit::append(conn, actor, &noted, clock)?;
        if let Some(borrower) = loan.borrower_id {
            tell(conn, borrower, &told(&loan, entry, what), clock)?;
        }
        Ok(Entered {
            id,
            state: next,
            version: loan.version + 1,
        })
    })
}

fn event(loan: &StoredLoan, entry: Entry) -> LoanEvent {
    match entry {
        Entry::Draw(drawn) => loan.sums.drawing(drawn.amount_fen),
        Entry::Repay(_) => LoanEvent::Repay,
        Entry::CloseDrawing(_) => LoanEvent::CloseDrawing,
        Entry::MarkOverdue(_) => LoanEvent::MarkOverdue,
        Entry::ClearOverdue => LoanEvent::ClearOverdue,
        Entry::Settle(_) => LoanEvent::Settle,
    }
}

fn change(entry: Entry, today: Day) -> LoanChange {
    match entry {
        Entry::Draw(drawn) => LoanChange::Draw(drawn),
        Entry::Repay(repaid) => LoanChange::Repay(repaid),
        Entry::CloseDrawing(day) => LoanChange::CloseDrawing(day),
        Entry::MarkOverdue(since) => LoanChange::Overdue(Some(since)),
        Entry::ClearOverdue => LoanChange::Overdue(None),
        Entry::Settle(day) => LoanChange::End(day.min(today)),
    }
}

fn check(loan: &StoredLoan, entry: Entry, today: Day) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let sums = loan.sums;
    let day = match entry {
        Entry::Draw(drawn) => {
            problems.range("amount_fen", drawn.amount_fen, 1, sums.drawable_fen());
            Some(drawn.on)
        }
        Entry::Repay(repaid) => {
            problems.range("principal_fen", repaid.principal_fen, 0, sums.balance_fen());
            problems.range("interest_fen", repaid.interest_fen, 0, Fen::LIMIT);
            let nothing = repaid.principal_fen == 0 && repaid.interest_fen == 0;
            problems.check(nothing, "principal_fen", || Rule::Required);
            Some(repaid.on)
        }
        Entry::Settle(day) => {
            problems.range("balance_fen", sums.balance_fen(), 0, 0);
            Some(day)
        }
        Entry::CloseDrawing(day) | Entry::MarkOverdue(day) => Some(day),
        Entry::ClearOverdue => None,
    };
    if let Some(day) = day {
        let (min, max) = (loan.signed_on, today);
        problems.check(day < min || day > max, "on", || Rule::DayOutOfRange { min, max });
    }
    problems.or(())
}

/// What the audit calls it, and what the borrower is told.
const fn words(entry: Entry) -> (AuditAction, &'static str) {
    match entry {
        Entry::Draw(_) => (AuditAction::LoanDrawn, "放款"),
        Entry::Repay(_) => (AuditAction::LoanRepaid, "还款"),
        Entry::CloseDrawing(_) => (AuditAction::DrawingClosed, "结束放款"),
        Entry::MarkOverdue(_) => (AuditAction::LoanOverdue, "标记逾期"),
        Entry::ClearOverdue => (AuditAction::LoanOverdueCleared, "解除逾期标记"),
        Entry::Settle(_) => (AuditAction::LoanSettled, "结清"),
    }
}

/// Without a figure: what goes by mail says where to look, not how much.
fn told(loan: &StoredLoan, entry: Entry, what: &str) -> Telling {
    let mut parameters = BTreeMap::from([
        ("number".to_owned(), loan.number.clone()),
        ("bank".to_owned(), loan.bank_name.clone()),
    ]);
    let topic = if let Entry::MarkOverdue(since) = entry {
        parameters.insert("since".to_owned(), since.to_string());
        Topic::LoanOverdue
    } else {
        parameters.insert("what".to_owned(), what.to_owned());
        Topic::LoanChanged
    };
    Telling {
        event: format!("loan:{}:{}", loan.id, loan.version + 1),
        topic,
        parameters,
        link: format!("/enterprise/loans/{}", loan.id),
    }
}

/// Warns of loans that mature soon, each once for each of the [`NOTICES`]; tells how many it told of. At most `batch`.
///
/// # Errors
/// When the database fails.
pub fn warn(service: &Service, batch: i64) -> Result<i64, ActionError> {
    let today = service.clock.today();
    let mut told = 0;
    for (days, least) in NOTICES {
        let span = (today.plus_days(i64::from(least)), today.plus_days(i64::from(days)));
        let due = service
            .store
            .read(|conn| loans::to_be_warned(conn, span, days, batch - told))?;
        for loan in due {
            match service.store.write(|conn| Ok(warn_of(service, conn, &loan, days)?)) {
                // Another node was faster.
                Ok(()) | Err(ActionError::Stale) => told += 1,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(told)
}

fn warn_of(service: &Service, conn: &mut AnyConnection, loan: &StoredLoan, days: u32) -> Result<(), StoreError> {
    let clock = service.clock.as_ref();
    loans::note_warned(conn, loan.id, days, clock)?;
    let left = loan.matures_on.days_since(clock.today());
    let mut telling = Telling {
        event: format!("loan:{}:matures:{days}", loan.id),
        topic: Topic::LoanMatures,
        parameters: BTreeMap::from([
            ("number".to_owned(), loan.number.clone()),
            ("bank".to_owned(), loan.bank_name.clone()),
            ("enterprise".to_owned(), loan.enterprise_name.clone()),
            ("matures".to_owned(), loan.matures_on.to_string()),
            ("left".to_owned(), left.to_string()),
        ]),
        link: format!("/enterprise/loans/{}", loan.id),
    };
    if let Some(borrower) = loan.borrower_id {
        tell(conn, borrower, &telling, clock)?;
    }
    telling.link = format!("/centre/loans/{}", loan.id);
    match organisations::centre(conn, &loan.district_code) {
        Ok(centre) => tell(conn, centre.id, &telling, clock),
        // A district is warned once it has a centre.
        Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
