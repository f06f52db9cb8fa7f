//! What a bank registers of a loan after its contract: drawing, repayment, overdue or not, its end.

use super::super::once::{self, OnceKey};
use super::super::{ActionError, Service, may_do, may_see};
use super::noting::{Told, note};
use super::{Disbursement, Repaid, StoredLoan, loans};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::AuditAction;
use crate::domain::dates::Day;
use crate::domain::dispute::checked_text;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::loan::{LoanEvent, LoanState};
use crate::domain::message::Topic;
use crate::domain::money::Fen;
use crate::store::loan_moves::{self, LoanChange};
use crate::store::{AnyConnection, StoreError, consents, offers, quota};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a bank registers.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Nothing was drawn, and nothing will be; why.
    Cancel(String),
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

/// Registers an entry, once for each key. `seen` is the version of the loan that it was made from; none: the newest.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such loan, [`ActionError::Forbidden`] where it is not its bank,
/// [`ActionError::Refused`] where the loan's state does not allow it, [`ActionError::Stale`] where a colleague was
/// faster or there is no mark to take away, [`ActionError::Invalid`] for a day that can't be, for more than may be
/// drawn, for more principal than is owed, and for a settlement while something is owed.
pub fn enter(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    entry: &Entry,
    seen: Option<i32>,
    key: Option<&OnceKey>,
) -> Result<Entered, ActionError> {
    let visible = may_see(actor, Right::ViewLoans)?;
    let (clock, today) = (service.clock.as_ref(), service.clock.today());
    once::write(service, key, |conn| {
        let loan = loans::by_id(conn, &visible, id)?;
        let bank = may_do(actor, Right::KeepLoans)?;
        let next = loan.state.next(event(&loan, entry))?;
        if seen.is_some_and(|seen| seen != loan.version) {
            return Err(ActionError::Stale);
        }
        check(&loan, entry, (first_day(conn, &loan, entry)?, today))?;
        loan_moves::change(conn, (&loan).into(), next, change(entry, today), actor.user_id, clock)?;
        let (action, what) = words(entry);
        note(conn, actor, &loan, (action, next), what, clock)?;
        tell(conn, &loan, (entry, what), clock)?;
        match entry {
            Entry::Draw(drawn) if loan.state == LoanState::Registered => {
                renew_old(conn, actor, &bank, &loan, *drawn, clock)?;
            }
            Entry::Cancel(_) => give_back(conn, actor, &bank, &loan, clock)?,
            _ => {}
        }
        Ok(Entered {
            id,
            state: next,
            version: loan.version + 1,
        })
    })
}

fn event(loan: &StoredLoan, entry: &Entry) -> LoanEvent {
    match entry {
        Entry::Draw(drawn) => loan.sums.drawing(drawn.amount_fen),
        Entry::Repay(_) => LoanEvent::Repay,
        Entry::CloseDrawing(_) => LoanEvent::CloseDrawing,
        Entry::MarkOverdue(_) => LoanEvent::MarkOverdue,
        Entry::ClearOverdue => LoanEvent::ClearOverdue,
        Entry::Settle(_) => LoanEvent::Settle,
        Entry::Cancel(_) => LoanEvent::Cancel,
    }
}

const fn change(entry: &Entry, today: Day) -> LoanChange {
    match entry {
        Entry::Draw(drawn) => LoanChange::Draw(*drawn),
        Entry::Repay(repaid) => LoanChange::Repay(*repaid),
        Entry::CloseDrawing(day) => LoanChange::CloseDrawing(*day),
        Entry::MarkOverdue(since) => LoanChange::Overdue(Some(*since)),
        Entry::ClearOverdue => LoanChange::Overdue(None),
        Entry::Settle(day) => LoanChange::End(*day),
        Entry::Cancel(_) => LoanChange::Cancel(today),
    }
}

/// The first day on which it can have been: nothing is owed, and so neither paid back nor overdue, before the first draw.
fn first_day(conn: &mut AnyConnection, loan: &StoredLoan, entry: &Entry) -> Result<Day, StoreError> {
    match entry {
        Entry::Repay(_) | Entry::MarkOverdue(_) | Entry::Settle(_) => {
            let draws = loans::disbursements(conn, loan.id)?;
            Ok(draws.first().map_or(loan.signed_on, |first| first.on))
        }
        Entry::Draw(_) | Entry::CloseDrawing(_) | Entry::ClearOverdue | Entry::Cancel(_) => Ok(loan.signed_on),
    }
}

fn check(loan: &StoredLoan, entry: &Entry, (min, today): (Day, Day)) -> Result<(), ActionError> {
    let mut problems = Problems::default();
    let sums = loan.sums;
    let mut last = today;
    let day = match entry {
        Entry::Draw(drawn) => {
            problems.range("amount_fen", drawn.amount_fen, 1, sums.drawable_fen());
            last = today.min(loan.matures_on.plus_days(-1));
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
            problems.check(sums.balance_fen() != 0, "balance_fen", || Rule::StillOwed);
            Some(*day)
        }
        Entry::CloseDrawing(day) | Entry::MarkOverdue(day) => Some(*day),
        Entry::ClearOverdue if loan.overdue_since.is_none() => return Err(ActionError::Stale),
        Entry::ClearOverdue => None,
        Entry::Cancel(reason) => {
            checked_text("reason", reason)?;
            None
        }
    };
    if let Some(day) = day {
        problems.check(day < min || day > last, "on", || Rule::DayOutOfRange { min, max: last });
    }
    Ok(problems.or(())?)
}

/// The first draw of a contract that renews a loan settles that loan, so it is what is owed of it at least.
fn renew_old(
    conn: &mut AnyConnection,
    actor: &Actor,
    bank: &Scope,
    loan: &StoredLoan,
    drawn: Disbursement,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let Some(id) = loan.follows_id else {
        return Ok(());
    };
    let old = loans::by_id(conn, bank, id)?;
    // It was paid back by other means meanwhile, and settled.
    let Ok(next) = old.state.next(LoanEvent::Renew) else {
        return Ok(());
    };
    let mut problems = Problems::default();
    problems.range(
        "amount_fen",
        drawn.amount_fen,
        old.sums.balance_fen(),
        loan.sums.drawable_fen(),
    );
    problems.or(())?;
    loan_moves::change(
        conn,
        (&old).into(),
        next,
        LoanChange::End(drawn.on),
        actor.user_id,
        clock,
    )?;
    let by = format!("by loan:{}", loan.id);
    note(conn, actor, &old, (AuditAction::LoanRenewed, next), &by, clock)?;
    let words = [("what", format!("由贷款 {} 续贷", loan.number))];
    let told = Told {
        event: format!("{}:renewed", old.version + 1),
        topic: Topic::LoanChanged,
        words: &words,
    };
    Ok(told.borrower(conn, &old, clock)?)
}

/// What an undrawn contract held comes free: the product's quota, and the consent that was given for the contract.
fn give_back(
    conn: &mut AnyConnection,
    actor: &Actor,
    bank: &Scope,
    loan: &StoredLoan,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    quota::give_back(conn, loan.product_id, loan.sums.amount_fen)?;
    let offer = offers::by_id(conn, bank, loan.offer_id)?;
    if let Some(id) = offer.contract_consent_id {
        consents::end(conn, id, Some(actor.user_id), clock)?;
    }
    Ok(())
}

/// What the audit calls it, and what the borrower is told.
const fn words(entry: &Entry) -> (AuditAction, &'static str) {
    match entry {
        Entry::Draw(_) => (AuditAction::LoanDrawn, "放款"),
        Entry::Repay(_) => (AuditAction::LoanRepaid, "还款"),
        Entry::CloseDrawing(_) => (AuditAction::DrawingClosed, "结束放款"),
        Entry::MarkOverdue(_) => (AuditAction::LoanOverdue, "标记逾期"),
        Entry::ClearOverdue => (AuditAction::LoanOverdueCleared, "解除逾期标记"),
        Entry::Settle(_) => (AuditAction::LoanSettled, "结清"),
        Entry::Cancel(_) => (AuditAction::LoanCancelled, "取消"),
    }
}

/// Tells the borrower; of what the centre watches also the officers.
fn tell(
    conn: &mut AnyConnection,
    loan: &StoredLoan,
    (entry, what): (&Entry, &str),
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    let (topic, words, for_officers) = match entry {
        Entry::MarkOverdue(since) => (Topic::LoanOverdue, [("since", since.to_string())], true),
        Entry::Cancel(reason) => (Topic::LoanCancelled, [("reason", reason.clone())], true),
        _ => (Topic::LoanChanged, [("what", what.to_owned())], false),
    };
    let told = Told {
        event: format!("{}:{topic}", loan.version + 1),
        topic,
        words: &words,
    };
    told.borrower(conn, loan, clock)?;
    if for_officers {
        told.officers(conn, loan, clock)?;
    }
    Ok(())
}
