//! Offers as bank, enterprise and centre see them: the same pages under each one's path, with what each may do there.

use super::users::{BankUser, EnterpriseUser, Officer};
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::deadlines::Counting;
use crate::actions::offers::{self, OfferFilter, OfferSheet, accepting, desk, ending, place_of};
use crate::actions::{ActionError, requests};
use crate::domain::actor::Right;
use crate::domain::invalid::Problems;
use crate::domain::place::Place;
use crate::web::error::{Failure, PageFailure};
use crate::web::input::form::PageForm;
use crate::web::input::offer::{AcceptForm, OfferReasonForm, OffersForm};
use crate::web::session::PageUser;
use crate::web::state::WebState;
use crate::web::view::offer::OfferShown;
use crate::web::view::offer_pages::{AcceptPage, ComparePage, HeldPage, OfferList, OfferPage, Rights, SheetPage};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpResponse, web};
use serde::Deserialize;
use std::ops::Deref;
use uuid::Uuid;

/// Who looks at offers, with where the pages are.
pub trait OfferUser: FromRequest<Error = PageFailure> + Deref<Target = PageUser> + 'static {
    /// The path before `/offers`.
    const SECTION: &'static str;
    /// The entry of the navigation.
    const ENTRY: &'static str;
}

impl OfferUser for BankUser {
    const SECTION: &'static str = "/bank";
    const ENTRY: &'static str = "/bank/offers";
}

impl OfferUser for EnterpriseUser {
    const SECTION: &'static str = "/enterprise";
    const ENTRY: &'static str = "/enterprise/offers";
}

impl OfferUser for Officer {
    const SECTION: &'static str = "/centre";
    const ENTRY: &'static str = "/centre/offers";
}

fn rights(user: &PageUser) -> Rights {
    Rights {
        makes: user.has(Right::MakeOffers),
        decides: user.has(Right::DecideOffers),
        accepts: user.has(Right::AcceptOffers),
    }
}

/// Where a list goes on.
#[derive(Deserialize)]
pub struct Before {
    before: Option<String>,
}

/// A bank's offers, or those that an enterprise has got.
pub async fn list<U: OfferUser>(
    state: web::Data<WebState>,
    user: U,
    query: web::Query<Before>,
) -> Result<HttpResponse, PageFailure> {
    let before: Option<Place> = query.before.as_deref().and_then(|place| place.parse().ok());
    let actor = user.actor.clone();
    let (found, counting) = state
        .run_counting(move |service| offers::list(service, &actor, OfferFilter::default(), before, PAGE_ROWS + 1))
        .await?;
    let (found, more) = one_page(found);
    let last = found.last().filter(|_| more);
    render(&OfferList {
        shell: user.shell(&state, U::ENTRY),
        is_banks: user.has(Right::MakeOffers),
        next: last.map(|last| format!("{}?before={}", U::ENTRY, place_of(last))),
        rows: found
            .iter()
            .map(|offer| OfferShown::new(offer, U::SECTION, &counting))
            .collect(),
    })
}

async fn sheet_of(state: &WebState, user: &PageUser, id: Uuid) -> Result<(OfferSheet, Counting), PageFailure> {
    let actor = user.actor.clone();
    let found = state
        .run_counting(move |service| offers::show(service, &actor, id))
        .await?;
    Ok(found)
}

async fn page<U: OfferUser>(state: &WebState, user: &U, id: Uuid) -> Result<OfferPage, PageFailure> {
    let (sheet, counting) = sheet_of(state, user, id).await?;
    let shell = user.shell(state, U::ENTRY);
    Ok(OfferPage::new(shell, &sheet, U::SECTION, rights(user), &counting))
}

/// One offer.
pub async fn show<U: OfferUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    render(&page(&state, &user, path.into_inner()).await?)
}

/// 贷款明白纸 of an offer.
pub async fn sheet<U: OfferUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (sheet, counting) = sheet_of(&state, &user, path.into_inner()).await?;
    render(&SheetPage::new(
        user.shell(&state, U::ENTRY),
        &sheet,
        U::SECTION,
        &counting,
    ))
}

/// After a post: to the offer's page, where a colleague was faster too; or the page again, with what to put right.
async fn after<U: OfferUser>(
    state: &WebState,
    user: &U,
    id: Uuid,
    reason: String,
    outcome: Result<(), ActionError>,
) -> Result<HttpResponse, PageFailure> {
    match outcome {
        Ok(()) | Err(ActionError::Refused(_) | ActionError::Stale) => {
            Ok(see_other(&format!("{}/offers/{id}", U::SECTION)))
        }
        Err(ActionError::Invalid(problems)) => {
            let mut page = page(state, user, id).await?;
            page.wrongs = Wrongs::new(&problems, &OfferPage::LABELS);
            page.reason = reason;
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

macro_rules! posts {
    ($($(#[$meta:meta])* $name:ident($service:ident, $actor:ident, $id:ident, $form:ident) $body:expr;)+) => {$(
        $(#[$meta])*
        pub async fn $name<U: OfferUser>(
            state: web::Data<WebState>,
            user: U,
            path: web::Path<Uuid>,
            form: PageForm<OfferReasonForm>,
        ) -> Result<HttpResponse, PageFailure> {
            let ($id, $actor, $form) = (path.into_inner(), user.actor.clone(), form.0);
            let reason = $form.reason.clone();
            let outcome = state.run(move |$service| $body.map(drop)).await;
            after(&state, &user, $id, reason, outcome).await
        }
    )+};
}

posts! {
    /// Lets the enterprise see an offer.
    forward(service, actor, id, form) desk::forward(service, &actor, id, form.revision());
    /// Gives an offer back to its bank.
    give_back(service, actor, id, form) desk::give_back(service, &actor, id, form.revision(), &form.reason);
    /// Takes an offer back.
    withdraw(service, actor, id, form) ending::withdraw(service, &actor, id, Some(&form.reason));
    /// Does not take an offer.
    decline(service, actor, id, form) ending::decline(service, &actor, id, Some(&form.reason));
    /// Says that an accepted offer comes to no contract.
    fall_through(service, actor, id, form) ending::fall_through(service, &actor, id, &form.reason);
}

/// What the last post to the desk came to.
#[derive(Deserialize)]
pub struct Told {
    forwarded: Option<usize>,
}

/// How many offers the desk shows at a time.
const HELD: i64 = 200;

/// The offers that wait at the centre's desk, to forward many at once.
pub async fn held(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<Told>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let (found, counting) = state
        .run_counting(move |service| desk::held(service, &actor, HELD))
        .await?;
    let rows: Vec<OfferShown> = found
        .iter()
        .map(|offer| OfferShown::new(offer, Officer::SECTION, &counting))
        .collect();
    render(&HeldPage {
        shell: user.shell(&state, Officer::ENTRY),
        clean: rows.iter().filter(|row| row.failed == 0).count(),
        told: match query.forwarded {
            None => String::new(),
            Some(0) => "没有报价转出：没有勾选，或勾选的已经处理过。".to_owned(),
            Some(count) => format!("已把 {count} 份报价转给企业。"),
        },
        rows,
    })
}

/// Forwards those that were ticked and pass every check.
pub async fn forward_all(
    state: web::Data<WebState>,
    user: Officer,
    form: PageForm<OffersForm>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, ids) = (user.actor.clone(), form.0.ids());
    let results = state
        .run(move |service| desk::forward_all(service, &actor, &ids))
        .await?;
    let done = results.iter().filter(|one| one.done).count();
    Ok(see_other(&format!("{}?forwarded={done}", Officer::ENTRY)))
}

/// The offers for one request side by side.
pub async fn compare(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let ((request, found), counting) = state
        .run_counting(move |service| {
            let request = requests::show(service, &actor, id)?;
            let filter = OfferFilter {
                request_id: Some(id),
                ..OfferFilter::default()
            };
            Ok((request, offers::list(service, &actor, filter, None, HELD)?))
        })
        .await?;
    let shell = user.shell(&state, EnterpriseUser::ENTRY);
    let accepts = user.has(Right::AcceptOffers);
    let request = (request.id.to_string(), request.number);
    render(&ComparePage::new(
        shell,
        (&request.0, &request.1),
        &found,
        accepts,
        &counting,
    ))
}

async fn accept_page(state: &WebState, user: &EnterpriseUser, id: Uuid) -> Result<AcceptPage, PageFailure> {
    let actor = user.actor.clone();
    let (asking, counting) = state
        .run_counting(move |service| accepting::ask(service, &actor, id))
        .await?;
    let shell = user.shell(state, EnterpriseUser::ENTRY);
    Ok(AcceptPage::new(shell, &asking, &counting))
}

/// What accepting an offer would do.
pub async fn ask(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    match accept_page(&state, &user, id).await {
        Ok(page) => render(&page),
        Err(PageFailure(Failure::Action(ActionError::Refused(_)))) => {
            Ok(see_other(&format!("{}/{id}", EnterpriseUser::ENTRY)))
        }
        Err(failure) => Err(failure),
    }
}

/// Accepts an offer.
pub async fn accept(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    form: PageForm<AcceptForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor, form) = (path.into_inner(), user.actor.clone(), form.0);
    let back = see_other(&format!("{}/{id}", EnterpriseUser::ENTRY));
    let (revision, terms) = match form.read() {
        Ok(read) => read,
        Err((field, text)) => return again(&state, &user, id, &form, (field, text.to_owned())).await,
    };
    let outcome = state
        .run(move |service| accepting::accept(service, &actor, id, revision, terms))
        .await;
    match outcome {
        // A second click came first, or the offer has moved on: its page says which.
        Ok(_) | Err(ActionError::Refused(_) | ActionError::Stale) => Ok(back),
        Err(ActionError::Invalid(problems)) => again(&state, &user, id, &form, said(&problems)).await,
        Err(error) => Err(error.into()),
    }
}

fn said(problems: &Problems) -> (&'static str, String) {
    match problems.list().first() {
        Some(problem) if !problem.field.starts_with("consent.") => ("agree", format!("{}，暂不能接受", problem.rule)),
        _ => (
            "until",
            "授权期限请填今天起一年之内的日期；授权书有新版本时请重新看过".to_owned(),
        ),
    }
}

async fn again(
    state: &WebState,
    user: &EnterpriseUser,
    id: Uuid,
    form: &AcceptForm,
    error: (&'static str, String),
) -> Result<HttpResponse, PageFailure> {
    let page = accept_page(state, user, id).await?;
    render_as(
        StatusCode::UNPROCESSABLE_ENTITY,
        &AcceptPage {
            until: form.until.clone(),
            error: Some(error),
            ..page
        },
    )
}
