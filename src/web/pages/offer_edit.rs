//! The bank's editor of an offer: worked out as often as it likes, then sent.

use super::users::BankUser;
use super::{render, render_as, see_other};
use crate::actions::ActionError;
use crate::actions::offers::{self, StoredOffer, Worked, making};
use crate::actions::queue::{self, ReferralSheet};
use crate::domain::invalid::Problems;
use crate::domain::offer::OfferState;
use crate::domain::offer_terms::OfferForm;
use crate::domain::referral::ReferralEvent;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::offer_form::OfferTyped;
use crate::web::state::WebState;
use crate::web::view::need;
use crate::web::view::offer::WorkedShown;
use crate::web::view::offer_edit::{EditPage, begun, with_rows, wrongs};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

const ENTRY: &str = "/bank/offers";

/// What an editor is for.
struct Editing {
    sheet: ReferralSheet,
    /// The offer that is sent again; none for a new one.
    old: Option<StoredOffer>,
}

impl Editing {
    fn referral_id(&self) -> Uuid {
        self.sheet.queued.referral.id
    }

    /// Where it leads when nothing is sent.
    fn back(&self) -> String {
        match &self.old {
            Some(old) => format!("{ENTRY}/{}", old.id),
            None => format!("/bank/referrals/{}", self.referral_id()),
        }
    }

    fn is_possible(&self) -> bool {
        let referral = &self.sheet.queued.referral;
        let may_offer = self.sheet.queued.shown.is_some() && referral.state.next(ReferralEvent::Offer).is_ok();
        let may_revise = self
            .old
            .as_ref()
            .is_none_or(|old| matches!(old.state, OfferState::Returned | OfferState::Lapsed));
        may_offer && may_revise
    }

    fn page(&self, state: &WebState, user: &BankUser, typed: OfferTyped) -> EditPage {
        let referral = &self.sheet.queued.referral;
        let shown = self.sheet.queued.shown.as_ref();
        let old_bank = self.sheet.old_bank.as_deref().unwrap_or(need::OTHER_BANK);
        let number = shown.map_or("", |shown| shown.number.as_str());
        EditPage {
            shell: user.shell(state, ENTRY),
            action: match &self.old {
                Some(old) => format!("{ENTRY}/{}/edit", old.id),
                None => format!("/bank/referrals/{}/offer", referral.id),
            },
            back: (self.back(), format!("需求 {number}")),
            number: self.old.as_ref().map_or_else(String::new, |old| old.number.clone()),
            return_reason: self
                .old
                .as_ref()
                .and_then(|old| old.return_reason.clone())
                .unwrap_or_default(),
            products: EditPage::products(&referral.products, &typed.product),
            typed,
            need: shown.map_or_else(Vec::new, |shown| need::lines(&shown.need, old_bank)),
            worked: None,
            wrongs: Wrongs::default(),
        }
    }
}

async fn of_referral(state: &WebState, user: &BankUser, id: Uuid) -> Result<Editing, PageFailure> {
    let actor = user.actor.clone();
    let sheet = state.run(move |service| queue::show(service, &actor, id)).await?;
    Ok(Editing { sheet, old: None })
}

async fn of_offer(state: &WebState, user: &BankUser, id: Uuid) -> Result<Editing, PageFailure> {
    let actor = user.actor.clone();
    let (sheet, old) = state
        .run(move |service| {
            let old = offers::show(service, &actor, id)?.offer;
            Ok((queue::show(service, &actor, old.referral_id)?, old))
        })
        .await?;
    Ok(Editing { sheet, old: Some(old) })
}

/// The editor of a new offer, begun with what the enterprise asks for.
pub async fn new(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let editing = of_referral(&state, &user, path.into_inner()).await?;
    let Some(shown) = editing.sheet.queued.shown.as_ref().filter(|_| editing.is_possible()) else {
        return Ok(see_other(&editing.back()));
    };
    let picked = &editing.sheet.queued.referral.products;
    let typed = begun(&shown.need, picked, state.service.clock.today());
    render(&editing.page(&state, &user, typed))
}

/// The editor of a new revision.
pub async fn edit(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let editing = of_offer(&state, &user, path.into_inner()).await?;
    let Some(old) = editing.old.as_ref().filter(|_| editing.is_possible()) else {
        return Ok(see_other(&editing.back()));
    };
    let typed = OfferTyped {
        version: old.version.to_string(),
        ..with_rows(OfferTyped::from(&old.terms))
    };
    render(&editing.page(&state, &user, typed))
}

/// Works a new offer out, or sends it.
pub async fn make(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
    form: PageForm<OfferTyped>,
) -> Result<HttpResponse, PageFailure> {
    let editing = of_referral(&state, &user, path.into_inner()).await?;
    posted(&state, &user, editing, form.0).await
}

/// Works a new revision out, or sends it.
pub async fn revise(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<Uuid>,
    form: PageForm<OfferTyped>,
) -> Result<HttpResponse, PageFailure> {
    let editing = of_offer(&state, &user, path.into_inner()).await?;
    posted(&state, &user, editing, form.0).await
}

async fn posted(
    state: &WebState,
    user: &BankUser,
    editing: Editing,
    typed: OfferTyped,
) -> Result<HttpResponse, PageFailure> {
    if !editing.is_possible() {
        return Ok(see_other(&editing.back()));
    }
    if typed.go == "more" {
        return render(&editing.page(state, user, with_rows(typed)));
    }
    let form = match typed.read() {
        Ok(form) => form,
        Err(problems) => return wrong(state, user, &editing, typed, &problems),
    };
    let outcome = if typed.go == "send" {
        send(state, user, &editing, &typed, form).await
    } else {
        work(state, user, &editing, form).await
    };
    match outcome {
        Ok(Posted::Sent(id)) => Ok(see_other(&format!("{ENTRY}/{id}"))),
        Ok(Posted::Worked(worked)) => {
            let mut page = editing.page(state, user, typed);
            page.worked = Some(WorkedShown::new(&worked, &editing.sheet.queued.referral.bank_name));
            render(&page)
        }
        Err(ActionError::Invalid(problems)) => wrong(state, user, &editing, typed, &problems),
        // A colleague was faster, or the request has ended: the page behind says which.
        Err(ActionError::Refused(_) | ActionError::Stale) => Ok(see_other(&editing.back())),
        Err(error) => Err(error.into()),
    }
}

/// What a post came to.
enum Posted {
    Sent(Uuid),
    Worked(Box<Worked>),
}

async fn work(state: &WebState, user: &BankUser, editing: &Editing, form: OfferForm) -> Result<Posted, ActionError> {
    let (actor, id) = (user.actor.clone(), editing.referral_id());
    let worked = state
        .run(move |service| making::preview(service, &actor, id, form))
        .await?;
    Ok(Posted::Worked(Box::new(worked)))
}

async fn send(
    state: &WebState,
    user: &BankUser,
    editing: &Editing,
    typed: &OfferTyped,
    form: OfferForm,
) -> Result<Posted, ActionError> {
    let (actor, id) = (user.actor.clone(), editing.referral_id());
    let Some(old) = &editing.old else {
        let made = state
            .run(move |service| making::submit(service, &actor, id, &form, None))
            .await?;
        return Ok(Posted::Sent(made));
    };
    // What can't be read is no version, and so an old one.
    let (old, version) = (old.id, typed.version.parse().unwrap_or(0));
    state
        .run(move |service| making::revise(service, &actor, old, Some(version), &form))
        .await?;
    Ok(Posted::Sent(old))
}

fn wrong(
    state: &WebState,
    user: &BankUser,
    editing: &Editing,
    typed: OfferTyped,
    problems: &Problems,
) -> Result<HttpResponse, PageFailure> {
    let wrongs = wrongs(problems, &typed);
    let mut page = editing.page(state, user, typed);
    page.wrongs = wrongs;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
