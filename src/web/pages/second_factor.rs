//! The second factor: its step of signing in, and where users keep their own.

use super::{entered, render, render_as, see_other, site};
use crate::actions::second_factor::{self, Enrolment};
use crate::actions::{ActionError, sessions, sign_in};
use crate::config::Secret;
use crate::domain::session::SessionKind;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::joining::DoneQuery;
use crate::web::input::sign_in::{CodeForm, CurrentForm, NewCodeForm};
use crate::web::session::{PageUser, Visitor, browser, origin};
use crate::web::state::WebState;
use crate::web::view::second_factor::{CodePage, CodesPage, FactorPage, Shown};
use crate::web::view::shell::{Shell, start_of};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// The page that asks for a code after the password.
pub(super) fn code_page(
    state: &WebState,
    csrf: &str,
    ticket: &Secret,
    outcome: Option<&ActionError>,
) -> Result<HttpResponse, PageFailure> {
    let (status, error) = match outcome {
        None => (StatusCode::OK, None),
        Some(ActionError::TooManyTries { seconds }) => (
            StatusCode::TOO_MANY_REQUESTS,
            Some(format!("输错次数太多，请 {seconds} 秒后再试")),
        ),
        Some(_) => (
            StatusCode::UNAUTHORIZED,
            Some("验证码不对，或已经用过；请等下一个再试".to_owned()),
        ),
    };
    let page = CodePage {
        shell: Shell::public(site(state)),
        csrf: csrf.to_owned(),
        ticket: ticket.expose().to_owned(),
        error,
    };
    render_as(status, &page)
}

/// The second step of signing in.
pub async fn enter(
    state: web::Data<WebState>,
    request: HttpRequest,
    visitor: Visitor,
    form: PageForm<CodeForm>,
) -> Result<HttpResponse, PageFailure> {
    let CodeForm { ticket, code } = form.0;
    let (shown, origin, browser) = (ticket.clone(), origin(&request), browser(&request));
    let held = visitor.cookie.clone();
    let found = state
        .run(move |service| {
            let user = second_factor::by_ticket(service, &shown, &held, origin.as_deref())?;
            second_factor::check(service, &user, Some(&code))?;
            let opened = sign_in::open(service, &user, SessionKind::Page, browser.as_deref(), Some(&held))?;
            Ok((user.actor.role, opened.token))
        })
        .await;
    match found {
        Ok((role, token)) => entered(&state, start_of(role), &token),
        Err(ActionError::NotFound) => Ok(see_other("/login?done=late")),
        Err(error @ (ActionError::SecondFactorFailed | ActionError::TooManyTries { .. })) => {
            code_page(&state, &visitor.csrf, &ticket, Some(&error))
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    state: &WebState,
    user: &PageUser,
    shown: Option<Shown>,
    confirms: bool,
    wrongs: Wrongs,
) -> Result<FactorPage, ActionError> {
    let actor = user.actor.clone();
    let standing = state
        .run(move |service| second_factor::standing(service, &actor))
        .await?;
    let mut page = FactorPage::new(user.shell(state, sessions::PAGE), &standing);
    page.shown = shown;
    page.confirms = confirms;
    page.wrongs = wrongs;
    Ok(page)
}

/// How one's own stands.
pub async fn show(
    state: web::Data<WebState>,
    user: PageUser,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, PageFailure> {
    let mut page = page(&state, &user, None, false, Wrongs::default()).await?;
    page.notice = match query.done.as_str() {
        "off" => Some("双因素验证已关闭。"),
        _ => None,
    };
    render(&page)
}

/// Makes a secret, and shows it this once.
pub async fn begin(
    state: web::Data<WebState>,
    user: PageUser,
    form: PageForm<CurrentForm>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let outcome = state
        .run_password(move |service| second_factor::begin(service, &actor, &form.0.current))
        .await;
    match outcome {
        Ok(Enrolment { uri, typed }) => {
            let shown = Shown::new(&uri, &typed).map_err(ActionError::internal)?;
            render(&page(&state, &user, Some(shown), true, Wrongs::default()).await?)
        }
        Err(error) => wrong(&state, &user, false, error).await,
    }
}

/// Back to the page, with what is to be put right.
async fn wrong(
    state: &WebState,
    user: &PageUser,
    confirms: bool,
    error: ActionError,
) -> Result<HttpResponse, PageFailure> {
    let ActionError::Invalid(problems) = error else {
        return Err(error.into());
    };
    let wrongs = Wrongs::new(&problems, &FactorPage::LABELS);
    let page = page(state, user, None, confirms, wrongs).await?;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn codes(state: &WebState, user: &PageUser, codes: &[String], begins: bool) -> Result<HttpResponse, PageFailure> {
    let shell = user.shell(state, sessions::PAGE);
    render(&CodesPage::new(shell, codes, begins, start_of(user.actor.role)))
}

/// Makes the secret guard, and shows the recovery codes this once.
pub async fn confirm(
    state: web::Data<WebState>,
    user: PageUser,
    form: PageForm<NewCodeForm>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let outcome = state
        .run(move |service| second_factor::confirm(service, &actor, &form.0.code))
        .await;
    match outcome {
        Ok(made) => codes(&state, &user, &made, true),
        Err(error) => wrong(&state, &user, true, error).await,
    }
}

/// Other recovery codes, shown this once.
pub async fn renew(
    state: web::Data<WebState>,
    user: PageUser,
    form: PageForm<CurrentForm>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let outcome = state
        .run_password(move |service| second_factor::renew_codes(service, &actor, &form.0.current))
        .await;
    match outcome {
        Ok(made) => codes(&state, &user, &made, false),
        Err(error) => wrong(&state, &user, false, error).await,
    }
}

/// Takes it away.
pub async fn disable(
    state: web::Data<WebState>,
    user: PageUser,
    form: PageForm<CurrentForm>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let outcome = state
        .run_password(move |service| second_factor::disable(service, &actor, &form.0.current))
        .await;
    match outcome {
        Ok(()) => Ok(see_other("/account/second-factor?done=off")),
        Err(error) => wrong(&state, &user, false, error).await,
    }
}
