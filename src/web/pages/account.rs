//! One's own account: where one is signed in, and the password.

use super::joining::password_hint;
use super::{entered, render, render_as, see_other};
use crate::actions::password_change::{self, PasswordChange};
use crate::actions::{ActionError, sessions as own};
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::joining::DoneQuery;
use crate::web::input::sign_in::{Empty, PasswordForm};
use crate::web::session::{PageUser, browser};
use crate::web::state::WebState;
use crate::web::view::account::{PasswordPage, SessionsPage};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

/// Where one is signed in.
pub async fn sessions(
    state: web::Data<WebState>,
    user: PageUser,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, this) = (user.actor.clone(), user.session_id);
    let found = state.run(move |service| own::list(service, &actor)).await?;
    let shell = user.shell(&state, own::PAGE);
    render(&SessionsPage::new(
        shell,
        &found,
        this,
        &state.service.settings.auth,
        &query.done,
    ))
}

/// Ends one session; the one that asks is signed out.
pub async fn end(
    state: web::Data<WebState>,
    user: PageUser,
    id: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    state.run(move |service| own::end(service, &user.actor, id)).await?;
    Ok(see_other("/account/sessions?done=ended"))
}

/// Ends every session but the one that asks.
pub async fn end_others(
    state: web::Data<WebState>,
    user: PageUser,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    state
        .run(move |service| own::end_others(service, &user.actor, user.session_id))
        .await?;
    Ok(see_other("/account/sessions?done=others"))
}

async fn password_page(state: &WebState, user: &PageUser, wrongs: Wrongs) -> Result<PasswordPage, ActionError> {
    let actor = user.actor.clone();
    let email = state
        .run(move |service| password_change::address(service, &actor))
        .await?;
    Ok(PasswordPage {
        shell: user.shell(state, own::PAGE),
        email: email.to_string(),
        password_hint: password_hint(state),
        wrongs,
    })
}

/// The form of a new password.
pub async fn password(state: web::Data<WebState>, user: PageUser) -> Result<HttpResponse, PageFailure> {
    render(&password_page(&state, &user, Wrongs::default()).await?)
}

/// Changes the password: the browser goes on with a new session, and every other one has ended.
pub async fn change_password(
    state: web::Data<WebState>,
    request: HttpRequest,
    user: PageUser,
    form: PageForm<PasswordForm>,
) -> Result<HttpResponse, PageFailure> {
    let typed = PasswordChange {
        current: form.0.current,
        password: form.0.password,
        again: form.0.again,
    };
    let (actor, browser) = (user.actor.clone(), browser(&request));
    let changed = state
        .run_password(move |service| password_change::change(service, &actor, &typed, browser.as_deref()))
        .await;
    match changed {
        Ok(opened) => entered(&state, "/account/sessions?done=password", &opened.token),
        Err(ActionError::Invalid(problems)) => {
            let wrongs = Wrongs::new(&problems, &PasswordPage::LABELS);
            let page = password_page(&state, &user, wrongs).await?;
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
