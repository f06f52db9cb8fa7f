//! For who is not there yet: registering, accepting an invitation, setting a forgotten password anew.
//!
//! What a link lets in is in its query, which no log of ours holds. The pages behind a link send no address on
//! but the site's own (`Referrer-Policy: strict-origin`); `no-referrer` would make browsers send
//! `Origin: null` with the form, and the form would be taken for another site's.

use super::{known, render, render_as, see_other, shell_for};
use crate::actions::registrations::{self, Submission};
use crate::actions::{ActionError, invitations, resets};
use crate::config::Secret;
use crate::domain::codes::Code;
use crate::domain::invalid::{Problems, Rule};
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::joining::{AcceptForm, AddressForm, DoneQuery, NewPasswordForm, RegisterForm, TokenQuery};
use crate::web::input::upload::PageUpload;
use crate::web::session::{Visitor, origin};
use crate::web::state::WebState;
use crate::web::view::consents::Paper;
use crate::web::view::joining::{AddressFor, AddressPage, GonePage, InvitationPage, NewPasswordPage, RegisterFormPage};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, web};

const ADDRESS: [(&str, &str); 1] = [("email", "邮箱")];
const ACCEPT: [(&str, &str); 3] = [("email", "邮箱"), ("name", "姓名"), ("password", "密码")];

/// The answer sends no token on.
fn discreet(mut response: HttpResponse) -> HttpResponse {
    let policy = HeaderValue::from_static("strict-origin");
    response.headers_mut().insert(REFERRER_POLICY, policy);
    response
}

/// What a new password must be, in words.
pub(super) fn password_hint(state: &WebState) -> String {
    let least = state.service.settings.auth.password_min_length;
    format!("至少 {least} 个字符，可以用一句话")
}

fn address(state: &WebState, visitor: &Visitor, what: AddressFor, done: &str) -> AddressPage {
    AddressPage {
        shell: shell_for(state, visitor),
        csrf: visitor.csrf.clone(),
        what,
        email: String::new(),
        wrongs: Wrongs::default(),
        sent: done == "sent",
        done: done == "submitted",
    }
}

/// Where an enterprise begins to register: its address.
pub async fn register(
    state: web::Data<WebState>,
    visitor: Visitor,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, PageFailure> {
    let page = address(&state, &visitor, AddressFor::Registration, &query.done);
    known(&state, visitor, render(&page)?)
}

/// Where a new password begins: its account's address.
pub async fn reset(
    state: web::Data<WebState>,
    visitor: Visitor,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, PageFailure> {
    let page = address(&state, &visitor, AddressFor::Reset, &query.done);
    known(&state, visitor, render(&page)?)
}

/// What a posted address came to: the same for every one.
fn asked(
    state: &WebState,
    visitor: &Visitor,
    what: AddressFor,
    typed: String,
    outcome: Result<(), ActionError>,
) -> Result<HttpResponse, PageFailure> {
    match outcome {
        Ok(()) => Ok(see_other(&format!("{}?done=sent", what.path()))),
        Err(ActionError::Invalid(problems)) => {
            let mut page = address(state, visitor, what, "");
            page.email = typed;
            page.wrongs = Wrongs::new(&problems, &ADDRESS);
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// Mails a link to an address that wants to register.
pub async fn begin(
    state: web::Data<WebState>,
    request: HttpRequest,
    visitor: Visitor,
    form: PageForm<AddressForm>,
) -> Result<HttpResponse, PageFailure> {
    let (email, origin) = (form.0.email.clone(), origin(&request));
    let outcome = state
        .run(move |service| registrations::begin(service, &email, origin.as_deref()))
        .await;
    asked(&state, &visitor, AddressFor::Registration, form.0.email, outcome)
}

/// Mails a link to an account whose password was forgotten.
pub async fn ask_reset(
    state: web::Data<WebState>,
    request: HttpRequest,
    visitor: Visitor,
    form: PageForm<AddressForm>,
) -> Result<HttpResponse, PageFailure> {
    let (email, origin) = (form.0.email.clone(), origin(&request));
    let outcome = state
        .run(move |service| resets::ask(service, &email, origin.as_deref()))
        .await;
    asked(&state, &visitor, AddressFor::Reset, form.0.email, outcome)
}

/// What a link is no good for any more.
fn gone(state: &WebState, visitor: &Visitor, what: Option<AddressFor>) -> Result<HttpResponse, PageFailure> {
    let (advice, label) = match what {
        Some(AddressFor::Registration) => ("请重新发一封验证邮件。", "重新注册"),
        Some(AddressFor::Reset) => ("请重新发一封重设密码的邮件。", "重设密码"),
        None => ("请邀请您的人再发一次邀请。", ""),
    };
    let page = GonePage {
        shell: shell_for(state, visitor),
        advice,
        href: what.map_or("", AddressFor::path),
        label,
    };
    Ok(discreet(render_as(StatusCode::NOT_FOUND, &page)?))
}

fn register_page(
    state: &WebState,
    visitor: &Visitor,
    email: String,
    typed: RegisterForm,
    wrongs: Option<Wrongs>,
) -> RegisterFormPage {
    let is_new = wrongs.is_none();
    let mut page = RegisterFormPage {
        shell: shell_for(state, visitor),
        csrf: visitor.csrf.clone(),
        email,
        token: typed.token.expose().to_owned(),
        typed,
        industries: Vec::new(),
        towns: Vec::new(),
        owners: Vec::new(),
        latest: String::new(),
        paper: Paper::from(crate::domain::consent::authorisation_text()),
        files: String::new(),
        password_hint: password_hint(state),
        wrongs: wrongs.unwrap_or_default(),
    };
    let district = &state.service.settings.site.district_code;
    page.choices(district, state.service.clock.today(), is_new);
    page
}

/// The form of a registration, behind the link.
pub async fn register_form(
    state: web::Data<WebState>,
    visitor: Visitor,
    query: web::Query<TokenQuery>,
) -> Result<HttpResponse, PageFailure> {
    let token = query.into_inner().token;
    let looked_up = token.clone();
    let email = match state
        .run(move |service| registrations::proven(service, &looked_up))
        .await
    {
        Err(ActionError::NotFound) => return gone(&state, &visitor, Some(AddressFor::Registration)),
        other => other?,
    };
    let typed = RegisterForm {
        token,
        ..RegisterForm::default()
    };
    let page = register_page(&state, &visitor, email.to_string(), typed, None);
    known(&state, visitor, discreet(render(&page)?))
}

/// Takes a registration.
pub async fn submit(
    state: web::Data<WebState>,
    request: HttpRequest,
    visitor: Visitor,
    upload: PageUpload<RegisterForm>,
) -> Result<HttpResponse, PageFailure> {
    let PageUpload(mut upload) = upload;
    let submission = Submission {
        token: upload.form.token.clone(),
        form: upload.form.asked(),
        password: upload.form.password.clone(),
        licence: upload.take("licence"),
        letter: upload.take("letter"),
    };
    let (typed, origin) = (upload.form, origin(&request));
    let token = typed.token.clone();
    let outcome = state
        .run_password(move |service| {
            let email = registrations::proven(service, &token)?.to_string();
            Ok((email, registrations::submit(service, submission, origin.as_deref())))
        })
        .await;
    match outcome {
        Ok((_, Ok(_))) => Ok(see_other("/register?done=submitted")),
        Ok((email, Err(ActionError::Invalid(problems)))) => {
            let wrongs = Wrongs::new(&problems, &RegisterFormPage::LABELS);
            let page = register_page(&state, &visitor, email, typed, Some(wrongs));
            Ok(discreet(render_as(status(&problems), &page)?))
        }
        Err(ActionError::NotFound) | Ok((_, Err(ActionError::NotFound))) => {
            gone(&state, &visitor, Some(AddressFor::Registration))
        }
        Ok((_, Err(error))) | Err(error) => Err(error.into()),
    }
}

/// The status of a form that comes back.
fn status(problems: &Problems) -> StatusCode {
    let too_large = problems.list().iter().any(|one| matches!(one.rule, Rule::FileSize(_)));
    if too_large {
        StatusCode::PAYLOAD_TOO_LARGE
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

async fn invitation_page(
    state: &WebState,
    visitor: &Visitor,
    token: Secret,
    name: String,
    wrongs: Wrongs,
) -> Result<InvitationPage, ActionError> {
    let looked_up = token.clone();
    let stored = state
        .run(move |service| invitations::opened(service, &looked_up))
        .await?;
    Ok(InvitationPage {
        shell: shell_for(state, visitor),
        csrf: visitor.csrf.clone(),
        token: token.expose().to_owned(),
        organisation: stored.organisation_name,
        role: stored.role.label(),
        email: stored.email.to_string(),
        name,
        password_hint: password_hint(state),
        wrongs,
    })
}

/// An invitation, behind its link.
pub async fn invitation(
    state: web::Data<WebState>,
    visitor: Visitor,
    query: web::Query<TokenQuery>,
) -> Result<HttpResponse, PageFailure> {
    let token = query.into_inner().token;
    match invitation_page(&state, &visitor, token, String::new(), Wrongs::default()).await {
        Ok(page) => known(&state, visitor, discreet(render(&page)?)),
        Err(ActionError::NotFound) => gone(&state, &visitor, None),
        Err(error) => Err(error.into()),
    }
}

/// Accepts an invitation.
pub async fn accept(
    state: web::Data<WebState>,
    request: HttpRequest,
    visitor: Visitor,
    form: PageForm<AcceptForm>,
) -> Result<HttpResponse, PageFailure> {
    let AcceptForm { token, name, password } = form.0;
    let (used, typed, origin) = (token.clone(), name.clone(), origin(&request));
    let outcome = state
        .run_password(move |service| invitations::accept(service, &used, &name, &password, origin.as_deref()))
        .await;
    let wrongs = match outcome {
        Ok(()) => return Ok(see_other("/login?done=joined")),
        Err(ActionError::NotFound) => return gone(&state, &visitor, None),
        Err(ActionError::Invalid(problems)) => Wrongs::new(&problems, &ACCEPT),
        Err(error) => return Err(error.into()),
    };
    let page = invitation_page(&state, &visitor, token, typed, wrongs).await?;
    Ok(discreet(render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)?))
}

fn password_page(state: &WebState, visitor: &Visitor, token: &Secret, wrongs: Wrongs) -> NewPasswordPage {
    NewPasswordPage {
        shell: shell_for(state, visitor),
        csrf: visitor.csrf.clone(),
        token: token.expose().to_owned(),
        password_hint: password_hint(state),
        wrongs,
    }
}

/// A new password, behind the link.
pub async fn new_password(
    state: web::Data<WebState>,
    visitor: Visitor,
    query: web::Query<TokenQuery>,
) -> Result<HttpResponse, PageFailure> {
    let token = query.into_inner().token;
    let looked_up = token.clone();
    match state.run(move |service| resets::opened(service, &looked_up)).await {
        Err(ActionError::NotFound) => return gone(&state, &visitor, Some(AddressFor::Reset)),
        other => other?,
    }
    let page = password_page(&state, &visitor, &token, Wrongs::default());
    known(&state, visitor, discreet(render(&page)?))
}

/// Sets a new password.
pub async fn set_password(
    state: web::Data<WebState>,
    request: HttpRequest,
    visitor: Visitor,
    form: PageForm<NewPasswordForm>,
) -> Result<HttpResponse, PageFailure> {
    let NewPasswordForm { token, password } = form.0;
    let (used, origin) = (token.clone(), origin(&request));
    let outcome = state
        .run_password(move |service| resets::complete(service, &used, &password, origin.as_deref()))
        .await;
    match outcome {
        Ok(()) => Ok(see_other("/login?done=reset")),
        Err(ActionError::NotFound) => gone(&state, &visitor, Some(AddressFor::Reset)),
        Err(ActionError::Invalid(problems)) => {
            let wrongs = Wrongs::new(&problems, &[("password", "密码")]);
            let page = password_page(&state, &visitor, &token, wrongs);
            Ok(discreet(render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)?))
        }
        Err(error) => Err(error.into()),
    }
}
