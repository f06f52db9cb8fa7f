//! Loans, what was drawn and what was paid back. What changes a loan names the state and the version it was meant
//! for; where they have moved on it is [`StoreError::Stale`]. The sums stand in the loan's row, where the database
//! itself holds them against the contract, and the rows they are the sums of beside it.

use super::columns::{Civil, Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{disbursement, enterprise, loan, maturity_notice, organisation, product, repayment};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Guarantee, Kind, Repayment};
use crate::domain::dates::Day;
use crate::domain::loan::{LoanState, Sums};
use crate::domain::place::Place;
use crate::domain::uscc::Uscc;
use chrono::NaiveDateTime;
use chrono::{DateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// A loan as it stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLoan {
    /// Its id.
    pub id: Uuid,
    /// Its number for people: its request's.
    pub number: String,
    /// The offer that it was made of.
    pub offer_id: Uuid,
    /// The request that it serves.
    pub request_id: Uuid,
    /// The loan that it renews.
    pub follows_id: Option<Uuid>,
    /// The borrower.
    pub enterprise_id: Uuid,
    /// The borrower's organisation, where it has joined.
    pub borrower_id: Option<Uuid>,
    /// The district.
    pub district_code: String,
    /// The borrower's credit code.
    pub uscc: Uscc,
    /// The borrower's name.
    pub enterprise_name: String,
    /// The bank.
    pub bank_id: Uuid,
    /// The bank's name.
    pub bank_name: String,
    /// The product.
    pub product_id: Uuid,
    /// The product's code.
    pub product_code: String,
    /// What kind of product it is.
    pub kind: Kind,
    /// The bank's number of the contract.
    pub contract_number: String,
    /// Where it is in its life.
    pub state: LoanState,
    /// Raised by each change, from 1.
    pub version: i32,
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
    /// Since when the bank marks it as overdue.
    pub overdue_since: Option<Day>,
    /// When the bank let nothing more be drawn.
    pub drawing_closed_on: Option<Day>,
    /// When it was settled, renewed or cancelled.
    pub ended_on: Option<Day>,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// What was lent, drawn and paid back.
    pub sums: Sums,
}

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
    /// The accepted offer's terms, as JSON.
    pub terms: &'a str,
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

/// Money that went one way on a day; 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disbursement {
    /// The day.
    pub on: Day,
    /// How much.
    pub amount_fen: i64,
}

/// Money that came back on a day; 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaid {
    /// The day.
    pub on: Day,
    /// Of what was lent.
    pub principal_fen: i64,
    /// Interest.
    pub interest_fen: i64,
}

type Ids = (
    loan::id,
    loan::offer_id,
    loan::request_id,
    loan::follows_id,
    loan::district_code,
);
type Whose = (
    enterprise::id,
    enterprise::organisation_id,
    enterprise::uscc,
    enterprise::name,
    organisation::id,
    organisation::name,
);
type What = (
    loan::number,
    product::id,
    product::code,
    loan::kind,
    loan::contract_number,
);
type Terms = (
    loan::rate_bp,
    loan::annual_cost_pct,
    loan::term_months,
    loan::repayment,
    loan::guarantee,
);
type Stands = (loan::state, loan::version, loan::is_first, loan::registered_at);
type Days = (
    loan::signed_on,
    loan::matures_on,
    loan::overdue_since,
    loan::drawing_closed_on,
    loan::ended_on,
);
type Money = (loan::amount_fen, loan::drawn_fen, loan::repaid_fen);
const COLUMNS: (Ids, Whose, What, Terms, Stands, Days, Money) = (
    (
        loan::id,
        loan::offer_id,
        loan::request_id,
        loan::follows_id,
        loan::district_code,
    ),
    (
        enterprise::id,
        enterprise::organisation_id,
        enterprise::uscc,
        enterprise::name,
        organisation::id,
        organisation::name,
    ),
    (
        loan::number,
        product::id,
        product::code,
        loan::kind,
        loan::contract_number,
    ),
    (
        loan::rate_bp,
        loan::annual_cost_pct,
        loan::term_months,
        loan::repayment,
        loan::guarantee,
    ),
    (loan::state, loan::version, loan::is_first, loan::registered_at),
    (
        loan::signed_on,
        loan::matures_on,
        loan::overdue_since,
        loan::drawing_closed_on,
        loan::ended_on,
    ),
    (loan::amount_fen, loan::drawn_fen, loan::repaid_fen),
);
type Row = (
    (Parsed<Uuid>, Parsed<Uuid>, Parsed<Uuid>, Option<Parsed<Uuid>>, String),
    (
        Parsed<Uuid>,
        Option<Parsed<Uuid>>,
        Parsed<Uscc>,
        String,
        Parsed<Uuid>,
        String,
    ),
    (String, Parsed<Uuid>, String, Coded<Kind>, String),
    (i64, f64, i32, Coded<Repayment>, Coded<Guarantee>),
    (Coded<LoanState>, i32, bool, NaiveDateTime),
    (Civil, Civil, Option<Civil>, Option<Civil>, Option<Civil>),
    (i64, i64, i64),
);

fn read((ids, whose, what, terms, stands, days, money): Row) -> StoredLoan {
    let repayment = terms.3.0;
    StoredLoan {
        id: ids.0.0,
        number: what.0,
        offer_id: ids.1.0,
        request_id: ids.2.0,
        follows_id: ids.3.map(|id| id.0),
        enterprise_id: whose.0.0,
        borrower_id: whose.1.map(|id| id.0),
        district_code: ids.4,
        uscc: whose.2.0,
        enterprise_name: whose.3,
        bank_id: whose.4.0,
        bank_name: whose.5,
        product_id: what.1.0,
        product_code: what.2,
        kind: what.3.0,
        contract_number: what.4,
        state: stands.0.0,
        version: stands.1,
        rate_bp: terms.0,
        annual_cost_pct: terms.1,
        term_months: terms.2,
        repayment,
        guarantee: terms.4.0,
        signed_on: days.0.0,
        matures_on: days.1.0,
        is_first: stands.2,
        overdue_since: days.2.map(|day| day.0),
        drawing_closed_on: days.3.map(|day| day.0),
        ended_on: days.4.map(|day| day.0),
        registered_at: stands.3.and_utc(),
        sums: Sums {
            amount_fen: money.0,
            drawn_fen: money.1,
            repaid_fen: money.2,
            is_revolving: repayment == Repayment::OnDemand,
        },
    }
}

/// Whether a scope may see a loan, in a query that joins its enterprise: the borrower, its bank, its district.
#[auto_type(no_type_alias)]
fn visible<'a>(organisation: Option<String>, same: Option<String>, district: Option<&'a str>) -> _ {
    enterprise::organisation_id
        .eq(organisation)
        .or(loan::bank_id.nullable().eq(same))
        .or(loan::district_code.nullable().eq(district))
}

/// The loan with this id.
///
/// # Errors
/// [`StoreError::NotFound`] where the scope sees none.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredLoan, StoreError> {
    let row: Row = loan::table
        .inner_join(enterprise::table)
        .inner_join(organisation::table.on(loan::bank_id.eq(organisation::id)))
        .inner_join(product::table)
        .filter(loan::id.eq(id.to_string()))
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// Where a loan stands in a list: by when it was registered.
#[must_use]
pub const fn place_of(loan: &StoredLoan) -> Place {
    Place {
        at: loan.registered_at,
        id: loan.id,
    }
}

/// Loans, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    state: Option<LoanState>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredLoan>, StoreError> {
    let mut query = loan::table
        .inner_join(enterprise::table)
        .inner_join(organisation::table.on(loan::bank_id.eq(organisation::id)))
        .inner_join(product::table)
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .select(COLUMNS)
        .order((loan::registered_at.desc(), loan::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(loan::state.eq(state.code()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        query = query.filter(
            loan::registered_at
                .lt(at)
                .or(loan::registered_at.eq(at).and(loan::id.lt(id.to_string()))),
        );
    }
    Ok(query.load::<Row>(conn)?.into_iter().map(read).collect())
}

/// Registers a loan.
///
/// # Errors
/// [`StoreError::Duplicate`] where the offer has its contract, the bank has used the number, or the loan that it
/// follows is followed already.
pub fn insert(conn: &mut AnyConnection, new: &NewLoan<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
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
                loan::terms.eq(new.terms),
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
    /// It ends on a day: settled, renewed or cancelled.
    End(Day),
}

/// Moves a loan to `next` with what else changes; the caller has asked the state machine for it, and found the loan in
/// its scope.
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
            .set((moved, loan::ended_on.eq(day.naive())))
            .execute(conn)?,
    };
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    let recorded_at = clock.now().naive_utc();
    match what {
        LoanChange::Draw(Disbursement { on, amount_fen }) => {
            diesel::insert_into(disbursement::table)
                .values((
                    disbursement::id.eq(clock.new_id().to_string()),
                    disbursement::loan_id.eq(expected.id.to_string()),
                    disbursement::paid_on.eq(on.naive()),
                    disbursement::amount_fen.eq(amount_fen),
                    disbursement::recorded_at.eq(recorded_at),
                    disbursement::recorded_by.eq(by.to_string()),
                ))
                .execute(conn)?;
        }
        LoanChange::Repay(Repaid {
            on,
            principal_fen,
            interest_fen,
        }) => {
            diesel::insert_into(repayment::table)
                .values((
                    repayment::id.eq(clock.new_id().to_string()),
                    repayment::loan_id.eq(expected.id.to_string()),
                    repayment::paid_on.eq(on.naive()),
                    repayment::principal_fen.eq(principal_fen),
                    repayment::interest_fen.eq(interest_fen),
                    repayment::recorded_at.eq(recorded_at),
                    repayment::recorded_by.eq(by.to_string()),
                ))
                .execute(conn)?;
        }
        LoanChange::CloseDrawing(_) | LoanChange::Overdue(_) | LoanChange::End(_) => {}
    }
    Ok(())
}

/// What was drawn of a loan that the caller has seen, the earliest first.
///
/// # Errors
/// When the database fails.
pub fn disbursements(conn: &mut AnyConnection, loan_id: Uuid) -> Result<Vec<Disbursement>, StoreError> {
    let rows: Vec<(Civil, i64)> = disbursement::table
        .filter(disbursement::loan_id.eq(loan_id.to_string()))
        .select((disbursement::paid_on, disbursement::amount_fen))
        .order((disbursement::paid_on, disbursement::recorded_at, disbursement::id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(on, amount_fen)| Disbursement { on: on.0, amount_fen })
        .collect())
}

/// What was paid back of a loan that the caller has seen, the earliest first.
///
/// # Errors
/// When the database fails.
pub fn repayments(conn: &mut AnyConnection, loan_id: Uuid) -> Result<Vec<Repaid>, StoreError> {
    let rows: Vec<(Civil, i64, i64)> = repayment::table
        .filter(repayment::loan_id.eq(loan_id.to_string()))
        .select((repayment::paid_on, repayment::principal_fen, repayment::interest_fen))
        .order((repayment::paid_on, repayment::recorded_at, repayment::id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(on, principal_fen, interest_fen)| Repaid {
            on: on.0,
            principal_fen,
            interest_fen,
        })
        .collect())
}

/// Loans that are owed, mature from `from` to `to`, and whose people were not yet warned with `days` to go; the next
/// first, at most `limit`. For the job that warns, which no user's scope bounds.
///
/// # Errors
/// When the database fails.
pub fn to_be_warned(
    conn: &mut AnyConnection,
    (from, to): (Day, Day),
    days: u32,
    limit: i64,
) -> Result<Vec<StoredLoan>, StoreError> {
    let warned = maturity_notice::table
        .filter(maturity_notice::loan_id.eq(loan::id))
        .filter(maturity_notice::days.eq(days.cast_signed()));
    let rows: Vec<Row> = loan::table
        .inner_join(enterprise::table)
        .inner_join(organisation::table.on(loan::bank_id.eq(organisation::id)))
        .inner_join(product::table)
        .filter(loan::state.eq_any(LoanState::OWED.map(Code::code)))
        .filter(loan::matures_on.between(from.naive(), to.naive()))
        .filter(diesel::dsl::not(diesel::dsl::exists(warned)))
        .select(COLUMNS)
        .order((loan::matures_on, loan::id))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
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
