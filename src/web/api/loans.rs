//! Loans: what was lent, drawn and paid back; what a bank registers of it.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::loan_views::{DayBody, DisbursementBody, LoanSheetView, LoanView, RepaymentBody};
use super::page::{Page, limit, place};
use crate::actions::loans::{self, Disbursement, Entered, Entry, LoanFilter, Repaid, contract, entering};
use crate::domain::dates::Day;
use crate::domain::loan::{Contract, LoanState};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

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
    /// Only those that are owed and mature on this day or before.
    #[param(value_type = Option<String>, format = Date)]
    matures_by: Option<Day>,
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
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
    let filter = LoanFilter {
        state: query.state,
        matures_by: query.matures_by,
        enterprise_id: None,
    };
    let (rows, counting) = state
        .run_counting(move |service| loans::list(service, &user, filter, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(|one| LoanView::new(one, &counting)).collect();
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
    let (sheet, counting) = state
        .run_counting(move |service| loans::show(service, &user, *id))
        .await?;
    Ok(HttpResponse::Ok().json(LoanSheetView::new(sheet, &counting)))
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
    let key = key.of(
        user.user_id,
        "/api/v1/loans/{id}/disbursements",
        format!("{} {id}", body.hash),
    );
    let DisbursementBody { on, amount_fen } = body.value;
    let entry = Entry::Draw(Disbursement { on, amount_fen });
    let entered = state
        .run(move |service| entering::enter(service, &user, *id, &entry, None, key.as_ref()))
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
    let key = key.of(
        user.user_id,
        "/api/v1/loans/{id}/repayments",
        format!("{} {id}", body.hash),
    );
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
        .run(move |service| entering::enter(service, &user, *id, &entry, None, key.as_ref()))
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

/// Why a contract comes to nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// In words, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Cancel a loan of which nothing was drawn. The product's quota is given back.
#[utoipa::path(
    post,
    path = "/api/v1/loans/{id}/cancel",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = CancelBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = EnteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "something was drawn, or it is cancelled"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn cancel(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    body: JsonBody<CancelBody>,
) -> Result<HttpResponse, ApiFailure> {
    enter(&state, user, *id, Entry::Cancel(body.value.reason)).await
}

/// A signed contract. What it lends, at what rate and how, is what was accepted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractBody {
    /// The bank's number, unlike any other of its own.
    #[schema(min_length = 1, max_length = 64)]
    contract_number: String,
    /// The day on which it was signed: from the acceptance to the last day for that, not after today.
    #[schema(value_type = String, format = Date)]
    signed_on: Day,
    /// When it must be paid back; as the term says where none is given.
    #[schema(value_type = Option<String>, format = Date)]
    matures_on: Option<Day>,
    /// The bank states that the borrower had no loan before (首贷户).
    is_first: bool,
    /// The loan that it renews: the borrower's at this bank.
    follows: Option<Uuid>,
}

/// A loan that was registered.
#[derive(Serialize, ToSchema)]
pub struct RegisteredView {
    /// Its id.
    id: Uuid,
    /// Its number for people: its request's.
    number: String,
}

/// Register the contract of an accepted offer. The offer is signed, and the request fulfilled.
#[utoipa::path(
    post,
    path = "/api/v1/offers/{id}/contract",
    tag = "loans",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = ContractBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = RegisteredView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "it is not accepted, its contract is registered, or the time for that is over"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn register(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    key: IdempotencyKey,
    body: JsonBody<ContractBody>,
) -> Result<HttpResponse, ApiFailure> {
    let key = key.of(
        user.user_id,
        "/api/v1/offers/{id}/contract",
        format!("{} {id}", body.hash),
    );
    let ContractBody {
        contract_number,
        signed_on,
        matures_on,
        is_first,
        follows,
    } = body.value;
    let contract = Contract {
        number: contract_number,
        signed_on,
        matures_on,
        is_first,
        follows,
    };
    let registered = state
        .run(move |service| contract::register(service, &user, *id, &contract, key.as_ref()))
        .await?;
    Ok(HttpResponse::Created().json(RegisteredView {
        id: registered.id,
        number: registered.number,
    }))
}

/// These entries come to the same however often they are sent: the second is refused by the loan's state, or changes
/// nothing.
async fn enter(state: &WebState, user: ApiUser, id: Uuid, entry: Entry) -> Result<HttpResponse, ApiFailure> {
    let entered = state
        .run(move |service| entering::enter(service, &user, id, &entry, None, None))
        .await?;
    Ok(HttpResponse::Ok().json(view(entered)))
}

fn view(entered: Entered) -> EnteredView {
    EnteredView {
        id: entered.id,
        state: entered.state,
    }
}
