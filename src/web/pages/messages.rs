//! A user's messages.

use super::{PAGE_ROWS, render, see_other};
use crate::actions::messages;
use crate::domain::codes::Code;
use crate::domain::invalid::Rule;
use crate::domain::message::MailChoice;
use crate::web::error::{Failure, PageFailure};
use crate::web::input::form::PageForm;
use crate::web::session::PageUser;
use crate::web::state::WebState;
use crate::web::view::messages::MessagesPage;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use validator::Validate;

/// Where the list goes on, and whether the choice was just saved.
#[derive(Deserialize)]
pub struct ShowQuery {
    before: Option<String>,
    saved: Option<String>,
}

/// The messages; to see them is to have read them.
pub async fn show(
    state: web::Data<WebState>,
    user: PageUser,
    query: web::Query<ShowQuery>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let before = query.before.as_deref().and_then(|place| place.parse().ok());
    let shown = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let opened = state
        .run(move |service| messages::open(service, &actor, before, shown, PAGE_ROWS + 1))
        .await?;
    let shell = user.shell(&state, "/messages");
    render(&MessagesPage::new(shell, &opened, shown, query.saved.is_some()))
}

/// Which messages go by mail too.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct MailsForm {
    #[validate(length(max = 20))]
    mails: String,
}

/// Keeps which messages go by mail too.
pub async fn choose(
    state: web::Data<WebState>,
    user: PageUser,
    form: PageForm<MailsForm>,
) -> Result<HttpResponse, PageFailure> {
    let choice = MailChoice::find(&form.0.mails);
    let choice = choice.ok_or_else(|| Failure::field("mails", Rule::UnknownCode(form.0.mails)))?;
    state
        .run(move |service| messages::choose(service, &user.actor, choice))
        .await?;
    Ok(see_other("/messages?saved=1"))
}
