//! What changes a loan. Each change names the state and the version that it was meant for; where they have moved on it
//! is [`StoreError::Stale`]. The sums stand in the loan's row, where the database itself holds them against the
//! contract, and the rows that they are the sums of beside it. The caller has seen the loan in its scope and asked the
//! state machine.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::loans::{Disbursement, Repaid, StoredLoan};
use super::schema::{disbursement, loan, maturity_notice, repayment};
use crate::clock::Clock;
use crate::domain::codes::{Code, Guarantee, Kind, Repayment};
use crate::domain::dates::Day;
use crate::domain::loan::LoanState;
use crate::domain::offer_terms::OfferForm;
use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

/// The state and the version of a loan that a change was meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The loan.
    pub id: Uuid,
    /// The state that the change starts from.
    pub state: LoanState,
    /// The version that the change starts from.
    pub version: i32,
}

impl From<&StoredLoan> for Expected {
    fn from(loan: &StoredLoan) -> Self {
        Self {
            id: loan.id,
            state: loan.state,
            version: loan.version,
        }
    }
}

/// A loan to be registered.
#[derive(Clone, Copy, Debug)]
pub struct NewLoan<'a> {
    /// Its number for people.
    pub number: &'a str,
    /// The offer that it was made of.
    pub offer_id: Uuid,
    /// The request that it serves.
    pub request_id: Uuid,
    /// The loan that it renews.
    pub follows_id: Option<Uuid>,
    /// The borrower.
    pub enterprise_id: Uuid,
    /// The borrower's district.
    pub district_code: &'a str,
    /// The bank.
    pub bank_id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// What kind of product it is.
    pub kind: Kind,
    /// The bank's number of the contract.
    pub contract_number: &'a str,
    /// The accepted offer's terms.
    pub terms: &'a OfferForm,
    /// How much, in 分.
    pub amount_fen: i64,
    /// Its yearly rate in bp.
    pub rate_bp: i64,
    /// What a year costs with every fee, in percent.
    pub annual_cost_pct: f64,
    /// For how many months.
    pub term_months: i32,
    /// How it is paid back.
    pub repayment: Repayment,
    /// What mainly secures it.
    pub guarantee: Guarantee,
    /// The day of the contract.
    pub signed_on: Day,
    /// The day by which it must be paid back.
    pub matures_on: Day,
    /// Whether the bank states that the borrower had no loan before.
    pub is_first: bool,
    /// Who registers it, and states that.
    pub by: Uuid,
}

/// Registers a loan.
///
/// # Errors
/// [`StoreError::Duplicate`] where the offer has its contract, the bank has used the number, or the loan that it
/// follows is followed already.
pub fn insert(conn: &mut AnyConnection, new: &NewLoan<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    let terms = serde_json::to_string(new.terms).map_err(StoreError::database)?;
    diesel::insert_into(loan::table)
        .values((
            (
                loan::id.eq(id.to_string()),
                loan::number.eq(new.number),
                loan::offer_id.eq(new.offer_id.to_string()),
                loan::request_id.eq(new.request_id.to_string()),
                loan::follows_id.eq(new.follows_id.map(|id| id.to_string())),
                loan::enterprise_id.eq(new.enterprise_id.to_string()),
                loan::district_code.eq(new.district_code),
                loan::bank_id.eq(new.bank_id.to_string()),
                loan::product_id.eq(new.product_id.to_string()),
                loan::kind.eq(new.kind.code()),
            ),
            (
                loan::version.eq(1),
                loan::state.eq(LoanState::Registered.code()),
                loan::contract_number.eq(new.contract_number),
                loan::terms.eq(terms),
                loan::amount_fen.eq(new.amount_fen),
                loan::rate_bp.eq(new.rate_bp),
                loan::annual_cost_pct.eq(new.annual_cost_pct),
                loan::term_months.eq(new.term_months),
                loan::repayment.eq(new.repayment.code()),
                loan::guarantee.eq(new.guarantee.code()),
            ),
            (
                loan::signed_on.eq(new.signed_on.naive()),
                loan::matures_on.eq(new.matures_on.naive()),
                loan::is_first.eq(new.is_first),
                loan::stated_by.eq(new.by.to_string()),
                loan::registered_at.eq(clock.now().naive_utc()),
            ),
        ))
        .execute(conn)?;
    Ok(id)
}

/// What changes in a loan beside its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoanChange {
    /// Money is drawn.
    Draw(Disbursement),
    /// Money is paid back.
    Repay(Repaid),
    /// Nothing more may be drawn.
    CloseDrawing(Day),
    /// The bank marks it as overdue since a day, or takes the mark away.
    Overdue(Option<Day>),
    /// It ends on a day, settled or renewed; a mark is a matter of the past then.
    End(Day),
    /// It ends on a day without a draw. What it was to renew can be renewed by another.
    Cancel(Day),
}

/// Moves a loan to `next` with what else changes.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn change(
    conn: &mut AnyConnection,
    expected: Expected,
    next: LoanState,
    what: LoanChange,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let this = loan::table
        .filter(loan::id.eq(expected.id.to_string()))
        .filter(loan::state.eq(expected.state.code()))
        .filter(loan::version.eq(expected.version));
    let moved = (loan::state.eq(next.code()), loan::version.eq(expected.version + 1));
    let changed = match what {
        LoanChange::Draw(Disbursement { amount_fen, .. }) => diesel::update(this)
            .set((moved, loan::drawn_fen.eq(loan::drawn_fen + amount_fen)))
            .execute(conn)?,
        LoanChange::Repay(Repaid { principal_fen, .. }) => diesel::update(this)
            .set((moved, loan::repaid_fen.eq(loan::repaid_fen + principal_fen)))
            .execute(conn)?,
        LoanChange::CloseDrawing(day) => diesel::update(this)
            .set((moved, loan::drawing_closed_on.eq(day.naive())))
            .execute(conn)?,
        LoanChange::Overdue(since) => diesel::update(this)
            .set((moved, loan::overdue_since.eq(since.map(Day::naive))))
            .execute(conn)?,
        LoanChange::End(day) => diesel::update(this)
            .set((
                moved,
                loan::ended_on.eq(day.naive()),
                loan::overdue_since.eq(None::<NaiveDate>),
            ))
            .execute(conn)?,
        LoanChange::Cancel(day) => diesel::update(this)
            .set((moved, loan::ended_on.eq(day.naive()), loan::follows_id.eq(None::<&str>)))
            .execute(conn)?,
    };
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    match what {
        LoanChange::Draw(drawn) => keep_disbursement(conn, expected.id, drawn, by, clock),
        LoanChange::Repay(repaid) => keep_repayment(conn, expected.id, repaid, by, clock),
        LoanChange::CloseDrawing(_) | LoanChange::Overdue(_) | LoanChange::End(_) | LoanChange::Cancel(_) => Ok(()),
    }
}

fn keep_disbursement(
    conn: &mut AnyConnection,
    loan_id: Uuid,
    drawn: Disbursement,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    diesel::insert_into(disbursement::table)
        .values((
            disbursement::id.eq(clock.new_id().to_string()),
            disbursement::loan_id.eq(loan_id.to_string()),
            disbursement::paid_on.eq(drawn.on.naive()),
            disbursement::amount_fen.eq(drawn.amount_fen),
            disbursement::recorded_at.eq(clock.now().naive_utc()),
            disbursement::recorded_by.eq(by.to_string()),
        ))
        .execute(conn)?;
    Ok(())
}

fn keep_repayment(
    conn: &mut AnyConnection,
    loan_id: Uuid,
    repaid: Repaid,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    diesel::insert_into(repayment::table)
        .values((
            repayment::id.eq(clock.new_id().to_string()),
            repayment::loan_id.eq(loan_id.to_string()),
            repayment::paid_on.eq(repaid.on.naive()),
            repayment::principal_fen.eq(repaid.principal_fen),
            repayment::interest_fen.eq(repaid.interest_fen),
            repayment::recorded_at.eq(clock.now().naive_utc()),
            repayment::recorded_by.eq(by.to_string()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes that a loan's people were warned with `days` to go.
///
/// # Errors
/// [`StoreError::Duplicate`] where they were warned before.
pub fn note_warned(conn: &mut AnyConnection, loan_id: Uuid, days: u32, clock: &dyn Clock) -> Result<(), StoreError> {
    diesel::insert_into(maturity_notice::table)
        .values((
            maturity_notice::loan_id.eq(loan_id.to_string()),
            maturity_notice::days.eq(days.cast_signed()),
            maturity_notice::told_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}
