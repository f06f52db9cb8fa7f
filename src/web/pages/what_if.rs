//! An enterprise tries its request under other terms, on a page of its own. Nothing is kept, and nobody else sees it.

use super::facts::advice;
use super::requests::{edit_href, may_write};
use super::users::EnterpriseUser;
use super::{render, render_as, see_other};
use crate::actions::requests::{self, StoredRequest};
use crate::actions::what_if::{self, Otherwise};
use crate::actions::{ActionError, Service, products};
use crate::domain::request::Need;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::what_if::WhatIfForm;
use crate::web::state::WebState;
use crate::web::view::what_if::{Names, WhatIfPage};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

const SECTION: &str = "/enterprise/requests";

/// A request of one's own that may be tried, with what it asks for; none where it does not say yet.
async fn of_own(
    state: &WebState,
    user: &EnterpriseUser,
    id: Uuid,
) -> Result<Option<(StoredRequest, Need)>, PageFailure> {
    let actor = user.actor.clone();
    let stored = state.run(move |service| requests::show(service, &actor, id)).await?;
    may_write(user)?;
    let need = stored.need.clone();
    Ok(need.map(|need| (stored, need)))
}

/// The form, filled in with what is asked for.
pub async fn show(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    let Some((stored, need)) = of_own(&state, &user, id).await? else {
        return Ok(see_other(&edit_href(id, 1)));
    };
    let shell = user.shell(&state, SECTION);
    render(&WhatIfPage::new(shell, &stored, WhatIfForm::of(&need)))
}

/// The same with what would fit, or with the field of the fact that was chosen.
pub async fn look(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    form: PageForm<WhatIfForm>,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    let Some((stored, need)) = of_own(&state, &user, id).await? else {
        return Ok(see_other(&edit_href(id, 1)));
    };
    let (wants_field, read) = (form.0.wants_field(), form.0.read(&need));
    let page = WhatIfPage::new(user.shell(&state, SECTION), &stored, form.0);
    if wants_field {
        return render(&page);
    }
    let otherwise = match read {
        Ok(otherwise) => otherwise,
        Err(wrongs) => return render_as(StatusCode::UNPROCESSABLE_ENTITY, &page.with_wrongs(wrongs)),
    };
    let actor = user.actor.clone();
    let looked = state
        .run(move |service| {
            let now = what_if::look(service, &actor, id, &Otherwise::default())?;
            Ok((what_if::look(service, &actor, id, &otherwise)?, now, names(service)?))
        })
        .await;
    match looked {
        Ok((tried, now, names)) => render(&page.with_result(&tried, &now, &names)),
        // Terms were read already: what is left is a fact out of its bounds.
        Err(ActionError::Invalid(problems)) => {
            let wrongs = problems.list().iter().map(|one| ("value", advice(&one.rule)));
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page.with_wrongs(wrongs.collect()))
        }
        Err(error) => Err(error.into()),
    }
}

fn names(service: &Service) -> Result<Names, ActionError> {
    let on_offer = products::on_offer(service)?.into_iter().flat_map(|kind| kind.products);
    Ok(on_offer
        .map(|one| (one.form.code, (one.bank_name, one.form.name)))
        .collect())
}
