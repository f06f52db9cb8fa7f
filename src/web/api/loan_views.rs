//! How loans stand in the API.

use super::deadline::DeadlineView;
use crate::actions::deadlines::Counting;
use crate::actions::loans::{LoanSheet, StoredLoan, place_of};
use crate::domain::codes::{Guarantee, Kind, Repayment};
use crate::domain::dates::Day;
use crate::domain::loan::LoanState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A loan.
#[derive(Serialize, ToSchema)]
pub struct LoanView {
    /// Its id.
    id: Uuid,
    /// Its number for people: its request's.
    number: String,
    /// The request that it serves.
    request: Uuid,
    /// The accepted offer.
    offer: Uuid,
    /// The loan that it renews.
    follows: Option<Uuid>,
    /// The borrower's credit code.
    uscc: String,
    /// The borrower's name.
    enterprise_name: String,
    /// The bank's code.
    bank: String,
    /// The bank's name.
    bank_name: String,
    /// The product's code.
    product: String,
    /// What kind of product it is.
    kind: Kind,
    /// The bank's number of the contract.
    contract_number: String,
    /// Where it is in its life.
    state: LoanState,
    /// How much, 分.
    amount_fen: i64,
    /// All that was drawn, 分.
    drawn_fen: i64,
    /// All principal that was paid back, 分.
    repaid_fen: i64,
    /// What is owed, 分.
    balance_fen: i64,
    /// What may still be drawn, 分.
    drawable_fen: i64,
    /// Its yearly rate, bp.
    rate_bp: i64,
    /// What a year costs with every fee, percent.
    annual_cost_pct: f64,
    /// For how many months.
    term_months: i32,
    /// How it is paid back.
    repayment: Repayment,
    /// What mainly secures it.
    guarantee: Guarantee,
    /// The day of the contract.
    #[schema(value_type = String, format = Date)]
    signed_on: Day,
    /// The day by which it must be paid back.
    #[schema(value_type = String, format = Date)]
    matures_on: Day,
    /// How long that is, while something is owed.
    deadline: Option<DeadlineView>,
    /// The bank states that the borrower had no loan before.
    is_first: bool,
    /// Since when the bank marks it as overdue.
    #[schema(value_type = Option<String>, format = Date)]
    overdue_since: Option<Day>,
    /// When the bank let nothing more be drawn.
    #[schema(value_type = Option<String>, format = Date)]
    drawing_closed_on: Option<Day>,
    /// When it was settled, renewed or cancelled.
    #[schema(value_type = Option<String>, format = Date)]
    ended_on: Option<Day>,
    /// Where it stands in a list.
    #[serde(skip)]
    pub(super) place: String,
}

impl LoanView {
    pub(super) fn new(loan: StoredLoan, counting: &Counting) -> Self {
        Self {
            deadline: counting.of_loan(&loan).map(DeadlineView::from),
            place: place_of(&loan).to_string(),
            id: loan.id,
            number: loan.number,
            request: loan.request_id,
            offer: loan.offer_id,
            follows: loan.follows_id,
            uscc: loan.uscc.to_string(),
            enterprise_name: loan.enterprise_name,
            bank: loan.bank_code,
            bank_name: loan.bank_name,
            product: loan.product_code,
            kind: loan.kind,
            contract_number: loan.contract_number,
            state: loan.state,
            amount_fen: loan.sums.amount_fen,
            drawn_fen: loan.sums.drawn_fen,
            repaid_fen: loan.sums.repaid_fen,
            balance_fen: loan.sums.balance_fen(),
            drawable_fen: loan.sums.drawable_fen(),
            rate_bp: loan.rate_bp,
            annual_cost_pct: loan.annual_cost_pct,
            term_months: loan.term_months,
            repayment: loan.repayment,
            guarantee: loan.guarantee,
            signed_on: loan.signed_on,
            matures_on: loan.matures_on,
            is_first: loan.is_first,
            overdue_since: loan.overdue_since,
            drawing_closed_on: loan.drawing_closed_on,
            ended_on: loan.ended_on,
        }
    }
}

/// Money that was drawn.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisbursementBody {
    /// The day, from the contract's to today.
    #[schema(value_type = String, format = Date)]
    pub(super) on: Day,
    /// How much, 分; at most what may be drawn.
    pub(super) amount_fen: i64,
}

/// Money that came back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepaymentBody {
    /// The day, from the contract's to today.
    #[schema(value_type = String, format = Date)]
    pub(super) on: Day,
    /// Of what was lent, 分; at most what is owed.
    pub(super) principal_fen: i64,
    /// Interest, 分.
    pub(super) interest_fen: i64,
}

/// On which day, from the contract's to today.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayBody {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub(super) on: Day,
}

/// A loan with what was drawn and paid back, the earliest first.
#[derive(Serialize, ToSchema)]
pub struct LoanSheetView {
    /// The loan.
    #[serde(flatten)]
    loan: LoanView,
    /// What was drawn.
    disbursements: Vec<DisbursementBody>,
    /// What was paid back.
    repayments: Vec<RepaymentBody>,
    /// The loan that renews it.
    followed_by: Option<Uuid>,
}

impl LoanSheetView {
    pub(super) fn new(sheet: LoanSheet, counting: &Counting) -> Self {
        let drawn = sheet.disbursements.into_iter().map(|one| DisbursementBody {
            on: one.on,
            amount_fen: one.amount_fen,
        });
        let repaid = sheet.repayments.into_iter().map(|one| RepaymentBody {
            on: one.on,
            principal_fen: one.principal_fen,
            interest_fen: one.interest_fen,
        });
        Self {
            loan: LoanView::new(sheet.loan, counting),
            disbursements: drawn.collect(),
            repayments: repaid.collect(),
            followed_by: sheet.followed_by.map(|loan| loan.id),
        }
    }
}
