//! Loans as bank, borrower and centre see them, and the bank's forms about them.

use super::offers::OfferUser;
use super::users::{BankUser, EnterpriseUser, Officer};
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::ActionError;
use crate::actions::loans::{self, LoanFilter, contract, entering, place_of, renewals};
use crate::domain::actor::Right;
use crate::domain::invalid::Problems;
use crate::domain::loan::LoanState;
use crate::domain::place::Place;
use crate::web::error::{Failure, PageFailure};
use crate::web::input::draft::Draft;
use crate::web::input::form::PageForm;
use crate::web::input::loan::{ContractForm, EntryForm, EntryKind};
use crate::web::input::sign_in::Empty;
use crate::web::state::WebState;
use crate::web::view::loan::LoanShown;
use crate::web::view::loan_pages::{ContractPage, LoanList, LoanPage};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

/// Who looks at loans, with where the pages are.
pub trait LoanUser: OfferUser {
    /// The entry of the navigation, and the list's address.
    const LIST: &'static str;
    /// What the list is called.
    const HEADING: &'static str;
    /// What is said where there is none.
    const NONE: &'static str;
}

impl LoanUser for BankUser {
    const LIST: &'static str = "/bank/loans";
    const HEADING: &'static str = "本行的贷款";
    const NONE: &'static str = "还没有贷款。报价被企业接受后，在报价页登记合同，贷款就在这里。";
}

impl LoanUser for EnterpriseUser {
    const LIST: &'static str = "/enterprise/loans";
    const HEADING: &'static str = "我的贷款";
    const NONE: &'static str = "还没有贷款。接受报价、签订合同之后，由银行登记在这里。";
}

impl LoanUser for Officer {
    const LIST: &'static str = "/centre/loans";
    const HEADING: &'static str = "贷款与到期";
    const NONE: &'static str = "还没有贷款。";
}

/// Where a list goes on.
#[derive(Deserialize)]
pub struct Before {
    before: Option<String>,
}

/// How many loans that mature soon a list shows.
const MATURING: i64 = 200;

/// Loans, with those on top that mature soon.
pub async fn list<U: LoanUser>(
    state: web::Data<WebState>,
    user: U,
    query: web::Query<Before>,
) -> Result<HttpResponse, PageFailure> {
    let before: Option<Place> = query.before.as_deref().and_then(|place| place.parse().ok());
    let actor = user.actor.clone();
    let (maturing, found) = state
        .run(move |service| {
            let filter = LoanFilter::default();
            let found = loans::list(service, &actor, filter, before, PAGE_ROWS + 1)?;
            Ok((loans::maturing(service, &actor, MATURING)?, found))
        })
        .await?;
    let (found, more) = one_page(found);
    let last = found.last().filter(|_| more);
    let today = state.service.clock.today();
    let row = |loan| LoanShown::new(loan, U::SECTION, today);
    render(&LoanList {
        shell: user.shell(&state, U::LIST),
        heading: U::HEADING,
        none: U::NONE,
        names_borrower: U::SECTION != EnterpriseUser::SECTION,
        names_bank: U::SECTION != BankUser::SECTION,
        next: last.map(|last| format!("{}?before={}", U::LIST, place_of(last))),
        maturing: maturing.iter().map(row).collect(),
        rows: found.iter().map(row).collect(),
    })
}

async fn page<U: LoanUser>(state: &WebState, user: &U, id: Uuid) -> Result<LoanPage, PageFailure> {
    let actor = user.actor.clone();
    let keeps = user.has(Right::KeepLoans);
    let (sheet, renewals) = state
        .run(move |service| {
            let sheet = loans::show(service, &actor, id)?;
            let is_owed = LoanState::OWED.contains(&sheet.loan.state);
            let found = (is_owed && !keeps).then(|| renewals::of_loan(service, &actor, id));
            Ok((sheet, found.transpose()?))
        })
        .await?;
    let rights = (keeps, user.has(Right::WriteRequests));
    let place = (U::SECTION, (U::LIST, U::HEADING));
    let today = state.service.clock.today();
    let shell = user.shell(state, U::LIST);
    Ok(LoanPage::new(shell, &sheet, place, rights, renewals.as_deref(), today))
}

/// One loan.
pub async fn show<U: LoanUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    render(&page(&state, &user, path.into_inner()).await?)
}

async fn enter(
    state: &WebState,
    user: &BankUser,
    id: Uuid,
    kind: EntryKind,
    form: EntryForm,
) -> Result<HttpResponse, PageFailure> {
    let outcome = match form.read(kind) {
        Err(problems) => Err(problems.into()),
        Ok(entry) => {
            let (actor, seen) = (user.actor.clone(), form.version());
            state
                .run(move |service| entering::enter(service, &actor, id, &entry, Some(seen), None))
                .await
        }
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("{}/{id}", BankUser::LIST))),
        Err(ActionError::Invalid(problems)) => again(state, user, id, (kind, form), &problems).await,
        // Another click or a colleague came first: what was typed stays, to be held against what stands there now.
        Err(ActionError::Stale | ActionError::Refused(_)) => {
            let page = page(state, user, id).await?;
            let page = page.with_problems(kind, form, &Problems::default());
            let notice = "这笔贷款刚刚有变动，没有登记。请核对下面的记录，确实还要登记的，再提交一次。";
            render_as(StatusCode::CONFLICT, &LoanPage { notice, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(
    state: &WebState,
    user: &BankUser,
    id: Uuid,
    (kind, form): (EntryKind, EntryForm),
    problems: &Problems,
) -> Result<HttpResponse, PageFailure> {
    let page = page(state, user, id).await?;
    render_as(
        StatusCode::UNPROCESSABLE_ENTITY,
        &page.with_problems(kind, form, problems),
    )
}

macro_rules! entries {
    ($($(#[$meta:meta])* $name:ident = $kind:ident;)+) => {$(
        $(#[$meta])*
        pub async fn $name(
            state: web::Data<WebState>,
            user: BankUser,
            path: web::Path<Uuid>,
            form: PageForm<EntryForm>,
        ) -> Result<HttpResponse, PageFailure> {
            enter(&state, &user, path.into_inner(), EntryKind::$kind, form.0).await
        }
    )+};
}

entries! {
    /// Registers a draw.
    disburse = Draw;
    /// Registers a repayment.
    repay = Repay;
    /// Lets nothing more be drawn.
    close_drawing = CloseDrawing;
    /// Marks it as overdue.
    mark_overdue = MarkOverdue;
    /// Takes that mark away.
    clear_overdue = ClearOverdue;
    /// Registers that everything is paid back.
    settle = Settle;
    /// Cancels what was not drawn.
    cancel = Cancel;
}

async fn contract_page(
    state: &WebState,
    user: &BankUser,
    id: Uuid,
    typed: Option<ContractForm>,
) -> Result<ContractPage, PageFailure> {
    let actor = user.actor.clone();
    let (asking, counting) = state
        .run_counting(move |service| contract::ask(service, &actor, id))
        .await?;
    let shell = user.shell(state, <BankUser as OfferUser>::ENTRY);
    Ok(ContractPage::new(shell, &asking, typed, &counting))
}

fn offer_href(id: Uuid) -> String {
    format!("{}/{id}", <BankUser as OfferUser>::ENTRY)
}

/// The form of a contract.
pub async fn ask(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    match contract_page(&state, &user, id, None).await {
        Ok(page) => render(&page),
        // It is registered, or the time for that is over: the offer's page says which.
        Err(PageFailure(Failure::Action(ActionError::Refused(_)))) => Ok(see_other(&offer_href(id))),
        Err(failure) => Err(failure),
    }
}

/// Registers a contract.
pub async fn register(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
    form: PageForm<ContractForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, form) = (path.into_inner(), form.0);
    let outcome = match form.read() {
        Err(problems) => Err(problems.into()),
        Ok(signed) => {
            let actor = user.actor.clone();
            state
                .run(move |service| contract::register(service, &actor, id, &signed, None))
                .await
        }
    };
    match outcome {
        Ok(registered) => Ok(see_other(&format!("{}/{}", BankUser::LIST, registered.id))),
        // A second click or a colleague came first: the offer's page leads to the loan.
        Err(ActionError::Refused(_) | ActionError::Stale) => Ok(see_other(&offer_href(id))),
        Err(ActionError::Invalid(problems)) => {
            let page = contract_page(&state, &user, id, Some(form)).await?;
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page.with_problems(&problems))
        }
        Err(error) => Err(error.into()),
    }
}

/// Begins a request to renew a loan, filled in as far as the loan says.
pub async fn renew(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let loan = state.run(move |service| loans::show(service, &actor, id)).await?.loan;
    super::requests::may_write(&user)?;
    let actor = user.actor.clone();
    let begun = state
        .run(move |service| super::requests::begin(service, &actor, &Draft::from(&renewals::need_of(&loan))))
        .await?;
    Ok(see_other(&super::requests::edit_href(begun.id, 1)))
}
