//! How a bank keeps a product: the editor, the differences before it is published, and what else can be done with it.
//!
//! A button that adds a row or takes one away comes back with everything as it was typed, and keeps nothing. A draft
//! that holds the rules is kept, even where it could never fit anybody: that is said beside the field, and it is not
//! published before it is put right.

use super::users::BankUser;
use super::{render, render_as, see_other};
use crate::actions::product_cycle;
use crate::actions::product_drafts::{self, KeptProduct};
use crate::actions::simulations;
use crate::actions::{ActionError, Service};
use crate::domain::actor::Actor;
use crate::domain::machine::Refused;
use crate::domain::product::ProductEvent;
use crate::web::error::PageFailure;
use crate::web::input::form::{PageFields, PageForm};
use crate::web::input::product::{Go, Mistake, Posted, Typed};
use crate::web::input::sign_in::Empty;
use crate::web::state::WebState;
use crate::web::view::lists::bank_sheet;
use crate::web::view::product::{PublishPage, SimulationPage};
use crate::web::view::product_editor::{EditorPage, Material};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use validator::Validate;

const SECTION: &str = "/bank/products";
const NEW: &str = "/bank/new-product";

fn edit_href(code: &str) -> String {
    format!("{}/edit", bank_sheet(code))
}

/// The editor with what stands in it.
fn editor(state: &WebState, user: &BankUser, typed: &Typed, of: Option<(&str, i32)>) -> EditorPage {
    let material = Material {
        typed,
        code: of.map(|(code, _)| code),
        action: of.map_or_else(|| NEW.to_owned(), |(code, _)| edit_href(code)),
        edition: of.map(|(_, edition)| edition),
        district: &user.actor.district_code,
    };
    EditorPage::new(user.shell(state, SECTION), &material)
}

/// The editor of a product that is not begun yet.
pub async fn new(state: web::Data<WebState>, user: BankUser) -> Result<HttpResponse, PageFailure> {
    render(&editor(&state, &user, &Typed::default(), None))
}

/// The problems of a draft that was not kept, beside their fields; other failures are those of the page.
fn mistakes(typed: &Typed, error: ActionError) -> Result<Vec<Mistake>, PageFailure> {
    match error {
        ActionError::Invalid(problems) => Ok(problems.list().iter().map(|one| typed.mistake(one)).collect()),
        other => Err(other.into()),
    }
}

/// Where a draft that was kept leads.
fn leads_to(kept: &KeptProduct, go: Go) -> String {
    let code = &kept.stored.product.code;
    match go {
        Go::Review if kept.draft.is_none() => format!("{}?done=same", bank_sheet(code)),
        Go::Review if kept.findings().list().is_empty() => format!("{}/publish", bank_sheet(code)),
        _ => format!("{}?done=saved", edit_href(code)),
    }
}

/// Begins a product with what was typed, or comes back with a row more or less.
pub async fn create(
    state: web::Data<WebState>,
    user: BankUser,
    fields: PageFields,
) -> Result<HttpResponse, PageFailure> {
    let Posted { typed, go, .. } = Posted::read(fields.0)?;
    if matches!(go, Go::Add(_) | Go::Drop(..)) {
        return render(&editor(&state, &user, &typed, None));
    }
    let (actor, content) = (user.actor.clone(), typed.clone());
    let kept = state
        .run(move |service| {
            let bank = product_drafts::own_bank(service, &actor)?;
            Ok(match content.form(&bank) {
                Ok(form) => Ok(product_drafts::create(service, &actor, &form, None)),
                Err(wrong) => Err(wrong),
            })
        })
        .await?;
    let wrong = match kept {
        Ok(Ok(kept)) => return Ok(see_other(&leads_to(&kept, go))),
        Ok(Err(error)) => mistakes(&typed, error)?,
        Err(wrong) => wrong,
    };
    let page = editor(&state, &user, &typed, None).with_mistakes(wrong);
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// What was just done.
#[derive(Deserialize)]
pub struct Done {
    done: Option<String>,
}

/// The editor of a product; what keeps the draft from being published stands beside its fields.
pub async fn edit(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    query: web::Query<Done>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, code) = (user.actor.clone(), path.into_inner());
    let kept = state
        .run(move |service| product_drafts::show(service, &actor, &code))
        .await?;
    let stored = &kept.stored;
    stored.product.status.next(ProductEvent::Edit).map_err(refused)?;
    let typed = Typed::from(&**kept.draft.as_ref().unwrap_or(&stored.product));
    let found = kept.findings();
    let mut page = editor(&state, &user, &typed, Some((&stored.product.code, stored.edition)))
        .with_mistakes(found.list().iter().map(|one| typed.mistake(one)).collect());
    page.is_kept = true;
    page.notice = query.done.as_deref().map(|_| "草稿已保存。");
    render(&page)
}

fn refused(refused: Refused) -> PageFailure {
    ActionError::from(refused).into()
}

/// Keeps the draft with what was typed, or comes back with a row more or less.
pub async fn save(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    fields: PageFields,
) -> Result<HttpResponse, PageFailure> {
    let code = path.into_inner();
    let Posted { typed, go, edition } = Posted::read(fields.0)?;
    let (actor, wanted) = (user.actor.clone(), code.clone());
    let old = state
        .run(move |service| product_drafts::show(service, &actor, &wanted))
        .await?;
    let opened = edition.unwrap_or(old.stored.edition);
    if matches!(go, Go::Add(_) | Go::Drop(..)) {
        return render(&editor(&state, &user, &typed, Some((&code, opened))));
    }
    let wrong = match typed.form(&old.stored.product.bank) {
        Err(wrong) => wrong,
        Ok(form) => {
            let (actor, wanted) = (user.actor.clone(), code.clone());
            let saved = state
                .run(move |service| product_drafts::save(service, &actor, &wanted, Some(opened), &form))
                .await;
            match saved {
                Ok(kept) => return Ok(see_other(&leads_to(&kept, go))),
                Err(ActionError::Stale) => {
                    let mut page = editor(&state, &user, &typed, Some((&code, old.stored.edition)));
                    page.notice =
                        Some("在您填写期间，同事改过这份草稿。您填的都在下面，还没有保存；再点保存会盖掉对方的改动。");
                    return render_as(StatusCode::CONFLICT, &page);
                }
                Err(error) => mistakes(&typed, error)?,
            }
        }
    };
    let page = editor(&state, &user, &typed, Some((&code, opened))).with_mistakes(wrong);
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// What would be published, beside what is.
pub async fn review(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    query: web::Query<Done>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, code) = (user.actor.clone(), path.into_inner());
    let kept = state
        .run(move |service| product_drafts::show(service, &actor, &code))
        .await?;
    let status = kept.stored.product.status;
    status.next(ProductEvent::Publish).map_err(refused)?;
    match PublishPage::new(user.shell(&state, SECTION), &kept) {
        Some(page) => render(&PublishPage {
            notice: query
                .done
                .as_deref()
                .map(|_| "在您核对期间，草稿有改动。请再核对一遍再发布。"),
            ..page
        }),
        None => Ok(see_other(&format!(
            "{}?done=same",
            bank_sheet(&kept.stored.product.code)
        ))),
    }
}

/// The edition that was reviewed.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PublishForm {
    #[validate(length(max = 12))]
    edition: String,
}

/// Publishes what was reviewed.
pub async fn publish(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    form: PageForm<PublishForm>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, code) = (user.actor.clone(), path.into_inner());
    let sheet = bank_sheet(&code);
    // What is no edition is none that was reviewed.
    let reviewed = form.0.edition.parse().unwrap_or(0);
    let published = state
        .run(move |service| product_cycle::publish(service, &actor, &code, Some(reviewed)))
        .await;
    match published {
        Ok(_) => Ok(see_other(&format!("{sheet}?done=published"))),
        Err(ActionError::Stale | ActionError::Invalid(_)) => Ok(see_other(&format!("{sheet}/publish?done=changed"))),
        Err(error) => Err(error.into()),
    }
}

/// Tries the draft on the open requests. The page is the answer: each look is a try.
pub async fn simulate(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, code) = (user.actor.clone(), path.into_inner());
    let (kept, simulated) = state
        .run(move |service| {
            let kept = product_drafts::show(service, &actor, &code)?;
            Ok((kept, simulations::run(service, &actor, &code)?))
        })
        .await?;
    let page = SimulationPage::new(user.shell(&state, SECTION), &kept, &simulated);
    render(&page.ok_or(ActionError::NotFound)?)
}

type Verb = fn(&Service, &Actor, &str) -> Result<KeptProduct, ActionError>;

async fn done(
    state: web::Data<WebState>,
    user: BankUser,
    code: String,
    verb: Verb,
    word: &str,
) -> Result<HttpResponse, PageFailure> {
    let href = format!("{}?done={word}", bank_sheet(&code));
    let actor = user.actor.clone();
    state.run(move |service| verb(service, &actor, &code)).await?;
    Ok(see_other(&href))
}

/// Takes it out of the matching for a while.
pub async fn suspend(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    done(state, user, path.into_inner(), product_cycle::suspend, "suspended").await
}

/// Brings it back.
pub async fn resume(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    done(state, user, path.into_inner(), product_cycle::resume, "resumed").await
}

/// Says that its terms still hold.
pub async fn confirm(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    done(state, user, path.into_inner(), product_cycle::confirm, "confirmed").await
}

/// Closes it for good.
pub async fn close(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    done(state, user, path.into_inner(), product_cycle::close, "closed").await
}
