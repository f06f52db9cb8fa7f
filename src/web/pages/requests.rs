//! An enterprise's request: its form, step by step, and its result.
//!
//! Each posted step keeps the draft as typed and then leads on, so that nothing is lost by going back,
//! and what is wrong is shown from the draft. Two who write one draft at a time each change the fields
//! of their step only; what is submitted is what was reviewed, by its version.

use super::users::EnterpriseUser;
use super::{render, see_other};
use crate::actions::requests::{self, DraftContent, StoredRequest};
use crate::actions::{ActionError, Service, enterprises, matches, products, referrals, reminders};
use crate::domain::actor::{Actor, Right};
use crate::domain::request::{Need, RequestState};
use crate::web::error::PageFailure;
use crate::web::input::copy::CopyForm;
use crate::web::input::draft::{Draft, Go, StepForm};
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::explain::ExplainPage;
use crate::web::view::request_form::{Bank, LAST, Material, RequestFormPage, beside};
use crate::web::view::result::{Reader, ResultPage};
use crate::web::view::words;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

const SECTION: &str = "/enterprise/requests";

/// Which step, and whether its fields are to be checked.
#[derive(Deserialize)]
pub struct StepQuery {
    step: Option<u8>,
    check: Option<u8>,
    changed: Option<u8>,
    taken: Option<u8>,
}

impl StepQuery {
    /// Why the draft was not submitted.
    fn notice(&self) -> Option<&'static str> {
        if self.changed.is_some() {
            return Some("这份草稿在您核对期间有改动，请再核对一遍再提交。");
        }
        self.taken
            .map(|_| "同样用途的需求已有一份还没有结束：请先撤回那一份，或改这份需求的用途，再提交。")
    }
}

impl StepQuery {
    fn step(&self) -> Result<u8, PageFailure> {
        let step = self.step.unwrap_or(1);
        if (1..=LAST).contains(&step) {
            Ok(step)
        } else {
            Err(ActionError::NotFound.into())
        }
    }
}

pub(super) fn edit_href(id: Uuid, step: u8) -> String {
    format!("/enterprise/requests/{id}/edit?step={step}")
}

fn draft_of(request: &StoredRequest) -> Draft {
    Draft::of(request.draft.as_deref(), request.need.as_ref())
}

pub(super) fn may_write(user: &EnterpriseUser) -> Result<(), PageFailure> {
    if user.has(Right::WriteRequests) {
        Ok(())
    } else {
        Err(ActionError::Forbidden.into())
    }
}

/// The first step of a request that is not begun yet.
pub async fn new(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    query: web::Query<StepQuery>,
) -> Result<HttpResponse, PageFailure> {
    may_write(&user)?;
    let material = Material {
        request: None,
        draft: Draft::default(),
        banks: Vec::new(),
        profile: None,
        today: state.service.clock.today(),
        check: query.check.is_some(),
        notice: None,
    };
    render(&RequestFormPage::new(user.shell(&state, SECTION), 1, material))
}

/// Begins a draft; the same one a second time is the first one again.
pub(super) fn begin(service: &Service, actor: &Actor, draft: &Draft) -> Result<StoredRequest, ActionError> {
    let drafts = requests::list(service, actor, Some(RequestState::Draft), None, super::PAGE_ROWS)?;
    if let Some(same) = drafts.into_iter().find(|request| draft_of(request) == *draft) {
        return Ok(same);
    }
    let (need, typed) = (Need::try_from(draft).ok(), draft.json());
    let content = DraftContent {
        need: need.as_ref(),
        typed: Some(&typed),
    };
    requests::begin(service, actor, None, content, None)
}

fn save(service: &Service, actor: &Actor, id: Uuid, draft: &Draft) -> Result<StoredRequest, ActionError> {
    let (need, typed) = (Need::try_from(draft).ok(), draft.json());
    let content = DraftContent {
        need: need.as_ref(),
        typed: Some(&typed),
    };
    requests::save_draft(service, actor, id, None, content)
}

/// Begins a request with its first step.
pub async fn create(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    request: HttpRequest,
    form: PageForm<StepForm>,
) -> Result<HttpResponse, PageFailure> {
    may_write(&user)?;
    let go = form.0.go();
    let draft = form.0.over(1, Draft::default());
    if draft.is_empty() {
        return Ok(see_other("/enterprise/requests/new?check=1"));
    }
    let (actor, content) = (user.actor.clone(), draft.clone());
    let stored = state.run(move |service| begin(service, &actor, &content)).await?;
    Ok(if is_autosave(&request) {
        saved(&state, Some(edit_href(stored.id, 1)))
    } else {
        see_other(&leads_to(&stored, &draft, 1, go))
    })
}

/// Whether the script keeps the draft while someone types.
fn is_autosave(request: &HttpRequest) -> bool {
    request.headers().contains_key("x-autosave")
}

/// What the script is told: when it was kept, and where the form is posted from now on.
#[derive(Serialize)]
struct Kept {
    saved: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
}

fn saved(state: &WebState, action: Option<String>) -> HttpResponse {
    let now = words::minute(state.service.clock.now());
    let saved = now
        .split_once(' ')
        .map_or_else(|| now.clone(), |(_, time)| time.to_owned());
    HttpResponse::Ok().json(Kept { saved, action })
}

/// Where a kept step leads: on when it is right, else to itself with what is to be put right.
fn leads_to(stored: &StoredRequest, draft: &Draft, step: u8, go: Go) -> String {
    let wrong = Need::try_from(draft).err().unwrap_or_default();
    match go {
        Go::Stay => edit_href(stored.id, step),
        Go::Back => edit_href(stored.id, beside(draft, step, false)),
        Go::Next if wrong.iter().any(|error| error.step == step) => format!("{}&check=1", edit_href(stored.id, step)),
        Go::Next => edit_href(stored.id, beside(draft, step, true)),
    }
}

/// A step of a draft; what is submitted already is at its result.
pub async fn edit(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    query: web::Query<StepQuery>,
) -> Result<HttpResponse, PageFailure> {
    let (id, step) = (path.into_inner(), query.step()?);
    let actor = user.actor.clone();
    let stored = state.run(move |service| requests::show(service, &actor, id)).await?;
    if stored.state != RequestState::Draft {
        return Ok(see_other(&format!("/enterprise/requests/{id}")));
    }
    may_write(&user)?;
    step_page(&state, &user, &stored, step, &query).await
}

async fn step_page(
    state: &WebState,
    user: &EnterpriseUser,
    stored: &StoredRequest,
    step: u8,
    query: &StepQuery,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let (banks, profile) = state
        .run(move |service| {
            let banks = if step > 2 { banks(service)? } else { Vec::new() };
            let profile = (step == LAST).then(|| enterprises::own(service, &actor)).transpose()?;
            Ok((banks, profile))
        })
        .await?;
    let material = Material {
        request: Some(stored),
        draft: draft_of(stored),
        banks,
        profile: profile.as_ref(),
        today: state.service.clock.today(),
        check: query.check.is_some(),
        notice: query.notice(),
    };
    render(&RequestFormPage::new(user.shell(state, SECTION), step, material))
}

/// The banks that have a product on offer, by name.
fn banks(service: &Service) -> Result<Vec<Bank>, ActionError> {
    let on_offer = match products::on_offer(service) {
        Err(ActionError::NoLpr(_)) => Vec::new(),
        other => other?,
    };
    let banks: BTreeSet<Bank> = on_offer
        .into_iter()
        .flat_map(|kind| kind.products)
        .map(|product| Bank {
            name: product.bank_name,
            code: product.form.bank,
        })
        .collect();
    Ok(banks.into_iter().collect())
}

/// Keeps a step and leads on, or submits what was reviewed.
pub async fn post_step(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    query: web::Query<StepQuery>,
    request: HttpRequest,
    form: PageForm<StepForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, step, go) = (path.into_inner(), query.step()?, form.0.go());
    if step == LAST {
        return last_step(&state, &user, id, go, form.0.version).await;
    }
    let (actor, form) = (user.actor.clone(), form.0);
    let stored = state
        .run(move |service| {
            let stored = requests::show(service, &actor, id)?;
            save(service, &actor, id, &form.over(step, draft_of(&stored)))
        })
        .await?;
    Ok(if is_autosave(&request) {
        saved(&state, None)
    } else {
        see_other(&leads_to(&stored, &draft_of(&stored), step, go))
    })
}

async fn last_step(
    state: &WebState,
    user: &EnterpriseUser,
    id: Uuid,
    go: Go,
    version: String,
) -> Result<HttpResponse, PageFailure> {
    may_write(user)?;
    let actor = user.actor.clone();
    let href = state
        .run(move |service| submitted(service, &actor, id, go, &version))
        .await?;
    Ok(see_other(&href))
}

/// Submits the version that was reviewed; says where to go on.
fn submitted(service: &Service, actor: &Actor, id: Uuid, go: Go, version: &str) -> Result<String, ActionError> {
    let stored = requests::show(service, actor, id)?;
    let result = format!("/enterprise/requests/{id}");
    if stored.state != RequestState::Draft {
        return Ok(result);
    }
    if go == Go::Back {
        return Ok(edit_href(id, beside(&draft_of(&stored), LAST, false)));
    }
    if version != stored.version.to_string() {
        return Ok(format!("{}&changed=1", edit_href(id, LAST)));
    }
    if stored.need.is_none() {
        return Ok(edit_href(id, LAST));
    }
    match requests::submit(service, actor, id) {
        // A second click came first.
        Err(ActionError::Stale | ActionError::Refused(_)) | Ok(_) => Ok(result),
        Err(ActionError::Invalid(problems)) if problems.list().iter().any(|one| one.field == "purpose") => {
            Ok(format!("{}&taken=1", edit_href(id, LAST)))
        }
        Err(error) => Err(error),
    }
}

/// Begins a copy of a request with one field changed.
pub async fn copy(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    form: PageForm<CopyForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let stored = state.run(move |service| requests::show(service, &actor, id)).await?;
    may_write(&user)?;
    let (step, actor) = (form.0.step(), user.actor.clone());
    let draft = form.0.applied(draft_of(&stored))?;
    let copied = state.run(move |service| begin(service, &actor, &draft)).await?;
    Ok(see_other(&edit_href(copied.id, step)))
}

/// What came of picking banks.
#[derive(Deserialize)]
pub struct PickQuery {
    pick: Option<String>,
}

impl PickQuery {
    fn notice(&self) -> Option<&'static str> {
        match self.pick.as_deref() {
            Some("sent") => Some("已授权并发出。银行查看后，这里和“授权与查看记录”里都能看到。"),
            Some("kept") => Some("已发给备选银行。"),
            Some("agreed") => Some("已同意推荐，需求已发给银行。"),
            Some("refused") => Some("已答复中心：不同意这项推荐。"),
            Some("matched") => Some("已按今天的产品和资料重新匹配。"),
            Some("extended") => Some("有效期已延长。"),
            Some("withdrawn") => Some("需求已撤回，各家银行都已收到通知。"),
            Some("reminded") => Some("已设提醒，到那天会在消息和邮件里告诉您。"),
            Some("none") => Some("请先在下面的表里勾选要申请的银行，再看授权。"),
            _ => None,
        }
    }
}

/// The result; a draft has none yet.
pub async fn result(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    query: web::Query<PickQuery>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let (loaded, counting) = state
        .run_counting(move |service| {
            let sheet = match matches::of_request(service, &actor, id) {
                Err(ActionError::NotFound) if requests::show(service, &actor, id)?.state == RequestState::Draft => {
                    return Ok(None);
                }
                other => other?,
            };
            let referrals = referrals::of_request(service, &actor, id)?;
            let reminded = reminders::of_request(service, &actor, id)?;
            Ok(Some((sheet, referrals, reminded)))
        })
        .await?;
    let Some((sheet, referrals, reminded)) = loaded else {
        return Ok(see_other(&edit_href(id, 1)));
    };
    let reader = Reader::Enterprise {
        may_write: user.has(Right::WriteRequests),
    };
    let mut page = ResultPage::new(user.shell(&state, SECTION), &sheet, reader, &counting);
    page.reminded = reminded.into_iter().map(|(code, _)| code).collect();
    render(&page.with_referrals(&referrals, &counting, query.notice()))
}

/// One product of the result.
pub async fn explain(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, PageFailure> {
    let ((id, code), actor) = (path.into_inner(), user.actor.clone());
    let sheet = state
        .run(move |service| matches::of_product(service, &actor, id, &code))
        .await?;
    let reader = Reader::Enterprise {
        may_write: user.has(Right::WriteRequests),
    };
    render(&ExplainPage::new(user.shell(&state, SECTION), &sheet, reader))
}
