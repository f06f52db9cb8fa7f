//! For anyone: the first page, signing in and out.

use super::second_factor::code_page;
use super::{entered, known, render, render_as, see_other, shell_for, site};
use crate::actions::{ActionError, products, records, second_factor, sessions, sign_in};
use crate::config::Secret;
use crate::domain::actor::Role;
use crate::domain::session::SessionKind;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::joining::DoneQuery;
use crate::web::input::sign_in::{Empty, SignInForm};
use crate::web::session::{PageUser, Visitor, browser, cookie, cookie_name, origin};
use crate::web::state::WebState;
use crate::web::view::product::ProductPage;
use crate::web::view::public::{HomePage, LoginPage};
use crate::web::view::record::RecordRow;
use crate::web::view::shell::{Shell, start_of};
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// What it is, and what is on offer.
pub async fn home(state: web::Data<WebState>, visitor: Visitor) -> Result<HttpResponse, PageFailure> {
    let on_offer = match state.run(products::on_offer).await {
        // Before the first LPR nothing can be worked out, and nothing is on offer.
        Err(ActionError::NoLpr(_)) => Vec::new(),
        other => other?,
    };
    let records = state.run(records::all).await?;
    render(&HomePage::new(shell_for(&state, &visitor), &on_offer, &records))
}

/// A product on offer, with what to hand in and whom to ask.
pub async fn product(
    state: web::Data<WebState>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let code = path.into_inner();
    let ((stored, record), counting) = state
        .run_counting(move |service| {
            let stored = products::public(service, &code)?;
            let record = records::of_bank(service, &stored.product.bank)?;
            Ok((stored, record))
        })
        .await?;
    let page = ProductPage::new(shell_for(&state, &visitor), &stored, &counting, ("/", "首页"));
    render(&ProductPage {
        record: Some(RecordRow::new(&stored.bank_name, &record)),
        ..page
    })
}

/// The sign-in form; who is signed in already goes on.
pub async fn login(
    state: web::Data<WebState>,
    visitor: Visitor,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, PageFailure> {
    if let Some(actor) = visitor.actor() {
        return Ok(see_other(start_of(actor.role)));
    }
    let mut page = login_page(&state, &visitor.csrf, "", None);
    page.notice = match query.done.as_str() {
        "joined" => Some("已加入，请用邮箱和刚才设的密码登录。"),
        "late" => Some("时间太久了，请重新登录。"),
        "reset" => Some("密码已重设，请用新密码登录。"),
        _ => None,
    };
    known(&state, visitor, render(&page)?)
}

fn login_page(state: &WebState, csrf: &str, email: &str, error: Option<String>) -> LoginPage {
    LoginPage {
        shell: Shell::public(site(state)),
        csrf: csrf.to_owned(),
        email: email.to_owned(),
        error,
        notice: None,
    }
}

/// Signs in: a new session; the one that the browser had before ends.
pub async fn sign_in(
    state: web::Data<WebState>,
    request: HttpRequest,
    visitor: Visitor,
    form: PageForm<SignInForm>,
) -> Result<HttpResponse, PageFailure> {
    let SignInForm { email, password } = form.0;
    let (typed, origin, browser) = (email.clone(), origin(&request), browser(&request));
    let held = visitor.cookie.clone();
    let found = state
        .run_password(move |service| {
            let user = sign_in::by_password(service, &email, &password, origin.as_deref())?;
            match second_factor::check(service, &user, None) {
                Err(ActionError::SecondFactorNeeded) => {
                    let ticket = second_factor::ticket(service, &user, &held)?;
                    return Ok(Next::Code(ticket));
                }
                other => other?,
            }
            let opened = sign_in::open(service, &user, SessionKind::Page, browser.as_deref(), Some(&held))?;
            Ok(Next::In(user.actor.role, opened.token))
        })
        .await;
    let (status, error) = match found {
        Ok(Next::In(role, token)) => return entered(&state, start_of(role), &token),
        Ok(Next::Code(ticket)) => return code_page(&state, &visitor.csrf, &ticket, None),
        Err(ActionError::SignInFailed) => (StatusCode::UNAUTHORIZED, "邮箱或密码不对，请再试一次".to_owned()),
        Err(ActionError::TooManyTries { seconds }) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("输错次数太多，请 {seconds} 秒后再试；忘记密码的，可以现在就重设"),
        ),
        Err(error) => return Err(error.into()),
    };
    render_as(status, &login_page(&state, &visitor.csrf, &typed, Some(error)))
}

/// What follows a right password.
enum Next {
    /// Nothing more.
    In(Role, Secret),
    /// The code of the second factor; the ticket says that the password was right.
    Code(Secret),
}

/// Signs out: the session ends at once.
pub async fn sign_out(
    state: web::Data<WebState>,
    user: PageUser,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    state
        .run(move |service| sessions::close(service, &user.actor, SessionKind::Page, user.session_id))
        .await?;
    let mut response = see_other("/");
    let mut gone: Cookie<'static> = cookie(&state, String::new());
    gone.set_name(cookie_name(state.is_secure()));
    gone.make_removal();
    response.add_cookie(&gone).map_err(ActionError::internal)?;
    Ok(response)
}
