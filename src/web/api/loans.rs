//! Loans: what was lent, drawn and paid back; what a bank registers of it.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::{Page, limit, place};
use crate::actions::loans::{self, Disbursement, Entered, Entry, LoanSheet, Repaid, StoredLoan, place_of};
use crate::domain::codes::{Guarantee, Kind, Repayment};
use crate::domain::dates::Day;
use crate::domain::loan::LoanState;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
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
    #[serde(skip)]
    place: String,
}

impl From<StoredLoan> for LoanView {
    fn from(loan: StoredLoan) -> Self {
        Self {
            place: place_of(&loan).to_string(),
            id: loan.id,
            number: loan.number,
            request: loan.request_id,
            offer: loan.offer_id,
            follows: loan.follows_id,
            uscc: loan.uscc.to_string(),
            enterprise_name: loan.enterprise_name,
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
    on: Day,
    /// How much, 分; at most what may be drawn.
    amount_fen: i64,
}

/// Money that came back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepaymentBody {
    /// The day, from the contract's to today.
    #[schema(value_type = String, format = Date)]
    on: Day,
    /// Of what was lent, 分; at most what is owed.
    principal_fen: i64,
    /// Interest, 分.
    interest_fen: i64,
}

/// On which day, from the contract's to today.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayBody {
    /// The day.
    #[schema(value_type = String, format = Date)]
    on: Day,
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
}

impl From<LoanSheet> for LoanSheetView {
    fn from(sheet: LoanSheet) -> Self {
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
            loan: sheet.loan.into(),
            disbursements: drawn.collect(),
            repayments: repaid.collect(),
        }
    }
}

/// What a loan has come to.
#[derive(Serialize, ToSchema)]
pub struct EnteredView {
    /// The loan.
    id: Uuid,
    /// Where it is in its life.
    state: LoanState,
}

/// Which loans.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those in this state.
    state: Option<LoanState>,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Loans, newest first: an enterprise's own, a bank's own, the district's.
#[utoipa::path(
    get,
    path = "/api/v1/loans",
    tag = "loans",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<LoanView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let (limit, before) = (limit(query.limit)?, place(query.cursor.as_deref())?);
    let rows = state
        .run(move |service| loans::list(service, &user, query.state, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(LoanView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &LoanView| &view.place)))
}

/// One loan, with what was drawn and paid back.
#[utoipa::path(
    get,
    path = "/api/v1/loans/{id}",
    tag = "loans",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = LoanSheetView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    let sheet = state.run(move |service| loans::show(service, &user, *id)).await?;
    Ok(HttpResponse::Ok().json(LoanSheetView::from(sheet)))
}

/// Register that money was drawn.
#[utoipa::path(
    post,
    path = "/api/v1/loans/{id}/disbursements",
    tag = "loans",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = DisbursementBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = EnteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "nothing is drawn in this state, or somebody was faster"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn disburse(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    key: IdempotencyKey,
    body: JsonBody<DisbursementBody>,
) -> Result<HttpResponse, ApiFailure> {
    let key = key.of(user.user_id, "/api/v1/loans/{id}/disbursements", format!("{} {id}", body.hash));
    let DisbursementBody { on, amount_fen } = body.value;
    let entry = Entry::Draw(Disbursement { on, amount_fen });
    let entered = state
        .run(move |service| loans::enter(service, &user, *id, entry, key.as_ref()))
        .await?;
    Ok(HttpResponse::Created().json(view(entered)))
}

/// Register that money was paid back.
#[utoipa::path(
    post,
    path = "/api/v1/loans/{id}/repayments",
    tag = "loans",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = RepaymentBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = EnteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "nothing is paid back in this state, or somebody was faster"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn repay(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    key: IdempotencyKey,
    body: JsonBody<RepaymentBody>,
) -> Result<HttpResponse, ApiFailure> {
    let key = key.of(user.user_id, "/api/v1/loans/{id}/repayments", format!("{} {id}", body.hash));
    let RepaymentBody {
        on,
        principal_fen,
        interest_fen,
    } = body.value;
    let entry = Entry::Repay(Repaid {
        on,
        principal_fen,
        interest_fen,
    });
    let entered = state
        .run(move |service| loans::enter(service, &user, *id, entry, key.as_ref()))
        .await?;
    Ok(HttpResponse::Created().json(view(entered)))
}

/// Let nothing more be drawn.
#[utoipa::path(
    post,
    path = "/api/v1/loans/{id}/close-drawing",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = DayBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = EnteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "not in this state"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn close_drawing(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<DayBody>,
) -> Result<HttpResponse, ApiFailure> {
    enter(&state, user, *id, Entry::CloseDrawing(body.value.on)).await
}

/// Mark a loan as overdue.
#[utoipa::path(
    post,
    path = "/api/v1/loans/{id}/overdue",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = DayBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = EnteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "not in this state"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn mark_overdue(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<DayBody>,
) -> Result<HttpResponse, ApiFailure> {
    enter(&state, user, *id, Entry::MarkOverdue(body.value.on)).await
}

/// Take the mark of an overdue loan away.
#[utoipa::path(
    delete,
    path = "/api/v1/loans/{id}/overdue",
    tag = "loans",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = EnteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "not in this state"),
    )
)]
pub async fn clear_overdue(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    enter(&state, user, *id, Entry::ClearOverdue).await
}

/// Register that everything is paid back.
#[utoipa::path(
    post,
    path = "/api/v1/loans/{id}/settle",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = DayBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = EnteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "not in this state"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "something is owed, or the day is none"),
    )
)]
pub async fn settle(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<DayBody>,
) -> Result<HttpResponse, ApiFailure> {
    enter(&state, user, *id, Entry::Settle(body.value.on)).await
}

/// These entries come to the same however often they are sent: the second is refused by the loan's state, or changes
/// nothing.
async fn enter(state: &WebState, user: ApiUser, id: Uuid, entry: Entry) -> Result<HttpResponse, ApiFailure> {
    let entered = state
        .run(move |service| loans::enter(service, &user, id, entry, None))
        .await?;
    Ok(HttpResponse::Ok().json(view(entered)))
}

fn view(entered: Entered) -> EnteredView {
    EnteredView {
        id: entered.id,
        state: entered.state,
    }
}
