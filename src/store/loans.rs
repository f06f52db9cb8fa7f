//! Loans, what was drawn and what was paid back, read by the three sides that may see them. What changes them is
//! `loan_moves`'.

use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{disbursement, enterprise, loan, maturity_notice, organisation, product, repayment};
use super::tenant::Tenant;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Guarantee, Kind, Repayment};
use crate::domain::dates::Day;
use crate::domain::loan::{LoanState, Sums};
use crate::domain::offer_terms::OfferForm;
use crate::domain::place::Place;
use crate::domain::uscc::Uscc;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
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
    /// The district.
    pub district_code: String,
    /// The borrower's credit code.
    pub uscc: Uscc,
    /// The borrower's name.
    pub enterprise_name: String,
    /// The bank.
    pub bank_id: Uuid,
    /// The bank's code.
    pub bank_code: String,
    /// The bank's name.
    pub bank_name: String,
    /// Whom to call there.
    pub bank_contact: Option<String>,
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
    /// The accepted offer's terms.
    pub terms: OfferForm,
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
    (enterprise::id, enterprise::uscc, enterprise::name),
    (
        organisation::id,
        organisation::code,
        organisation::name,
        organisation::contact,
    ),
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
    loan::terms,
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
        (enterprise::id, enterprise::uscc, enterprise::name),
        (
            organisation::id,
            organisation::code,
            organisation::name,
            organisation::contact,
        ),
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
        loan::terms,
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
        (Parsed<Uuid>, Parsed<Uscc>, String),
        (Parsed<Uuid>, String, String, Option<String>),
    ),
    (String, Parsed<Uuid>, String, Coded<Kind>, String),
    (i64, f64, i32, Coded<Repayment>, Coded<Guarantee>, Json<OfferForm>),
    (Coded<LoanState>, i32, bool, NaiveDateTime),
    (Civil, Civil, Option<Civil>, Option<Civil>, Option<Civil>),
    (i64, i64, i64),
);

fn read((ids, (enterprise, bank), what, terms, stands, days, money): Row) -> StoredLoan {
    let repayment = terms.3.0;
    StoredLoan {
        id: ids.0.0,
        number: what.0,
        offer_id: ids.1.0,
        request_id: ids.2.0,
        follows_id: ids.3.map(|id| id.0),
        enterprise_id: enterprise.0.0,
        district_code: ids.4,
        uscc: enterprise.1.0,
        enterprise_name: enterprise.2,
        bank_id: bank.0.0,
        bank_code: bank.1,
        bank_name: bank.2,
        bank_contact: bank.3,
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
        terms: terms.5.0,
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

/// A loan with all that it is told with.
#[auto_type(no_type_alias)]
fn joined() -> _ {
    loan::table
        .inner_join(enterprise::table)
        .inner_join(organisation::table.on(loan::bank_id.eq(organisation::id)))
        .inner_join(product::table)
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
    let row: Row = joined()
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

/// Which loans a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoanFilter {
    /// Only those in this state.
    pub state: Option<LoanState>,
    /// Only those of this borrower.
    pub enterprise_id: Option<Uuid>,
    /// Only those that are owed and mature on this day or before.
    pub matures_by: Option<Day>,
}

/// Loans, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    filter: LoanFilter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredLoan>, StoreError> {
    let mut query = joined()
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .select(COLUMNS)
        .order((loan::registered_at.desc(), loan::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(loan::state.eq(state.code()));
    }
    if let Some(id) = filter.enterprise_id {
        query = query.filter(loan::enterprise_id.eq(id.to_string()));
    }
    if let Some(day) = filter.matures_by {
        query = query
            .filter(loan::state.eq_any(LoanState::OWED.map(Code::code)))
            .filter(loan::matures_on.le(day.naive()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = loan::registered_at.eq(at).and(loan::id.lt(id.to_string()));
        query = query.filter(loan::registered_at.lt(at).or(earlier));
    }
    Ok(query.load::<Row>(conn)?.into_iter().map(read).collect())
}

/// Loans that are owed and mature on `until` or before, those first that mature first: at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn maturing(
    conn: &mut AnyConnection,
    scope: &Scope,
    until: Day,
    limit: i64,
) -> Result<Vec<StoredLoan>, StoreError> {
    let rows: Vec<Row> = joined()
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .filter(loan::state.eq_any(LoanState::OWED.map(Code::code)))
        .filter(loan::matures_on.le(until.naive()))
        .select(COLUMNS)
        .order((loan::matures_on, loan::id))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The loan that renews this one, where there is one that the scope sees.
///
/// # Errors
/// When the database fails.
pub fn follower(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<Option<StoredLoan>, StoreError> {
    let row: Option<Row> = joined()
        .filter(loan::follows_id.eq(id.to_string()))
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)
        .optional()?;
    Ok(row.map(read))
}

/// The loan that was made of an offer, where there is one that the scope sees.
///
/// # Errors
/// When the database fails.
pub fn of_offer(conn: &mut AnyConnection, scope: &Scope, offer_id: Uuid) -> Result<Option<StoredLoan>, StoreError> {
    let row: Option<Row> = joined()
        .filter(loan::offer_id.eq(offer_id.to_string()))
        .filter(visible(scope.organisation(), scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)
        .optional()?;
    Ok(row.map(read))
}

/// Whether a bank has registered a contract with this number.
///
/// # Errors
/// When the database fails.
pub fn has_contract(conn: &mut AnyConnection, bank_id: Uuid, contract_number: &str) -> Result<bool, StoreError> {
    let of_bank = loan::table
        .filter(loan::bank_id.eq(bank_id.to_string()))
        .filter(loan::contract_number.eq(contract_number));
    Ok(diesel::select(diesel::dsl::exists(of_bank)).get_result(conn)?)
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

/// Owed, maturing within a span, and not yet warned of with so many days to go.
#[auto_type(no_type_alias)]
fn is_to_be_warned(from: NaiveDate, to: NaiveDate, days: i32) -> _ {
    let owed: diesel::dsl::EqAny<loan::state, [&'static str; 2]> = loan::state.eq_any(LoanState::OWED.map(Code::code));
    let warned = maturity_notice::table
        .filter(maturity_notice::loan_id.eq(loan::id))
        .filter(maturity_notice::days.eq(days));
    owed.and(loan::matures_on.between(from, to))
        .and(diesel::dsl::not(diesel::dsl::exists(warned)))
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
    let rows: Vec<Row> = joined()
        .filter(is_to_be_warned(from.naive(), to.naive(), days.cast_signed()))
        .select(COLUMNS)
        .order((loan::matures_on, loan::id))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// How many those are.
///
/// # Errors
/// When the database fails.
pub fn count_to_be_warned(conn: &mut AnyConnection, (from, to): (Day, Day), days: u32) -> Result<i64, StoreError> {
    let due = loan::table.filter(is_to_be_warned(from.naive(), to.naive(), days.cast_signed()));
    Ok(due.count().get_result(conn)?)
}
