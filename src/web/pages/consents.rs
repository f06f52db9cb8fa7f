//! What an enterprise has agreed to: consents, the platform's authorisation, and who has read what.

use super::users::EnterpriseUser;
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::access::{self, StoredAccess};
use crate::actions::authorisation::{self, StoredAuthorisation};
use crate::actions::consents::{self, StoredConsent};
use crate::actions::deadlines::Counting;
use crate::actions::{ActionError, enterprises};
use crate::domain::actor::Right;
use crate::domain::place::Place;
use crate::web::error::{Failure, PageFailure};
use crate::web::input::consent::PlatformForm as PlatformInput;
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::consents::{AccessRow, ConsentRow, ConsentsPage, PlatformForm, RevokePage};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

const SECTION: &str = "/enterprise/consents";
/// How many consents the page shows; the API has them all.
const CONSENTS: i64 = 200;

/// Where the log goes on, and what was just done.
#[derive(Deserialize)]
pub struct Parts {
    before: Option<String>,
    done: Option<String>,
}

/// Everything on the page.
struct Material {
    consents: Vec<StoredConsent>,
    authorised: Option<StoredAuthorisation>,
    log: Vec<StoredAccess>,
}

async fn material(
    state: &WebState,
    user: &EnterpriseUser,
    before: Option<Place>,
) -> Result<(Material, Counting), PageFailure> {
    let actor = user.actor.clone();
    let loaded = state
        .run_counting(move |service| {
            let uscc = enterprises::own(service, &actor)?.stored.enterprise.uscc;
            Ok(Material {
                consents: consents::list(service, &actor, None, CONSENTS)?,
                authorised: authorisation::show(service, &actor, uscc)?,
                log: access::log(service, &actor, uscc, before, PAGE_ROWS + 1)?,
            })
        })
        .await?;
    Ok(loaded)
}

fn page(
    state: &WebState,
    user: &EnterpriseUser,
    (material, counting): (Material, Counting),
    notice: Option<&'static str>,
) -> ConsentsPage {
    let today = counting.today();
    let (log, more) = one_page(material.log);
    let row = |consent| ConsentRow::new(consent, &counting);
    let (live, ended): (Vec<_>, Vec<_>) = material.consents.iter().partition(|one| one.is_live(today));
    let older = log.last().filter(|_| more).map(|last| {
        let place = Place {
            at: last.at,
            id: last.id,
        };
        format!("{SECTION}?before={place}#log")
    });
    ConsentsPage {
        shell: user.shell(state, SECTION),
        live: live.into_iter().map(row).collect(),
        ended: ended.into_iter().map(row).collect(),
        platform: PlatformForm::new(material.authorised.as_ref(), today),
        log: log.iter().map(AccessRow::from).collect(),
        older,
        may_give: user.has(Right::GiveConsent),
        notice,
    }
}

/// What was agreed to, and who has read what.
pub async fn list(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    query: web::Query<Parts>,
) -> Result<HttpResponse, PageFailure> {
    let before = place(query.before.as_deref())?;
    let notice = match query.done.as_deref() {
        Some("revoked") => Some("授权已撤回，立即生效：该银行不能再查看，这份需求推送已取消。"),
        Some("authorised") => Some("对平台的授权已保存。未结束的需求会自动重新匹配，符合的产品有增加会通知您。"),
        Some("taken") => Some("对平台的授权已撤回，立即生效：各部门的数据不再用于匹配，也不再显示。"),
        _ => None,
    };
    let material = material(&state, &user, before).await?;
    render(&page(&state, &user, material, notice))
}

/// A place that an address names; what is none is not there.
pub(super) fn place(text: Option<&str>) -> Result<Option<Place>, Failure> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_no_place| ActionError::NotFound.into())
}

/// Authorises the platform, or takes that back.
pub async fn authorise(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    form: PageForm<PlatformInput>,
) -> Result<HttpResponse, PageFailure> {
    let terms = match form.0.terms() {
        Ok(terms) => terms,
        Err(advice) => return again(&state, &user, &form.0, advice).await,
    };
    let (actor, done) = (user.actor.clone(), if terms.is_some() { "authorised" } else { "taken" });
    let put = state
        .run(move |service| {
            let uscc = enterprises::own(service, &actor)?.stored.enterprise.uscc;
            let (owners, terms) = terms.map_or_else(|| (Vec::new(), None), |(owners, terms)| (owners, Some(terms)));
            authorisation::put(service, &actor, uscc, &owners, terms)
        })
        .await;
    match put {
        Ok(_) => Ok(see_other(&format!("{SECTION}?done={done}#platform"))),
        Err(ActionError::Invalid(_)) => {
            let advice = "授权期限请填今天起一年之内的日期；授权书有新版本时请重新看过";
            again(&state, &user, &form.0, advice).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(
    state: &WebState,
    user: &EnterpriseUser,
    form: &PlatformInput,
    advice: &'static str,
) -> Result<HttpResponse, PageFailure> {
    if !user.has(Right::GiveConsent) {
        return Err(ActionError::Forbidden.into());
    }
    let material = material(state, user, None).await?;
    let mut page = page(state, user, material, None);
    page.platform = page.platform.again(&form.departments, &form.until, advice);
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// What taking a consent back would do.
pub async fn ask(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let (consent, counting) = state
        .run_counting(move |service| consents::show(service, &actor, id))
        .await?;
    if !user.has(Right::GiveConsent) {
        return Err(ActionError::Forbidden.into());
    }
    if !consent.is_live(counting.today()) {
        return Ok(see_other(SECTION));
    }
    render(&RevokePage {
        shell: user.shell(&state, SECTION),
        row: ConsentRow::new(&consent, &counting),
    })
}

/// A form that says nothing but that it was sent.
#[derive(Deserialize, validator::Validate)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Takes a consent back.
pub async fn revoke(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    _form: PageForm<Nothing>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    match state.run(move |service| consents::revoke(service, &actor, id)).await {
        // A second click came first.
        Ok(_) | Err(ActionError::Stale) => Ok(see_other(&format!("{SECTION}?done=revoked"))),
        Err(error) => Err(error.into()),
    }
}
