//! What administrators look at: the audit log, the outbox and the jobs.

use super::users::Administrator;
use super::{PAGE_ROWS, one_page, render, see_other};
use crate::actions::audit::{self, Search};
use crate::actions::{ActionError, jobs, outbox};
use crate::domain::audit::AuditAction;
use crate::domain::codes::Code;
use crate::domain::message::MailState;
use crate::domain::place::Place;
use crate::exchange::write;
use crate::web::download::{Kind, download};
use crate::web::error::{Failure, PageFailure};
use crate::web::input::admin::{AuditQuery, ReleaseForm};
use crate::web::input::form::PageForm;
use crate::web::input::sign_in::Empty;
use crate::web::state::WebState;
use crate::web::view::admin::{AuditLine, AuditPage, HeldMail, MailLine, OutboxPage, place_of};
use crate::web::view::jobs::{JobLine, JobsPage};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

const AUDIT: &str = "/admin/audit";
const OUTBOX: &str = "/admin/outbox";
const JOBS: &str = "/admin/jobs";

/// Searches the audit log.
pub async fn audit(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<AuditQuery>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, query) = (user.actor.clone(), query.into_inner());
    let (search, wrong) = match query.search() {
        Ok(search) => (search, ""),
        Err(_) => (Search::default(), "日期应写作 2026-11-01"),
    };
    let before = query.cursor.parse().ok();
    let found = state
        .run(move |service| audit::search(service, &actor, &search, before, PAGE_ROWS + 1))
        .await?;
    let (found, more) = one_page(found);
    let place = found.last().filter(|_| more).and_then(place_of);
    render(&AuditPage {
        shell: user.shell(&state, AUDIT),
        actions: AuditAction::ALL
            .iter()
            .map(|action| (action.code(), action.label(), action.code() == query.action))
            .collect(),
        wrong,
        rows: found.iter().map(AuditLine::from).collect(),
        next: match place {
            Some(place) => address(AUDIT, &query, place.to_string())?,
            None => String::new(),
        },
        export: address("/admin/audit.csv", &query, String::new())?,
        organisation: query.organisation,
        from: query.from,
        to: query.to,
    })
}

/// The same search at another place of the list.
fn address(path: &str, query: &AuditQuery, cursor: String) -> Result<String, ActionError> {
    let there = AuditQuery {
        cursor,
        limit: None,
        ..query.clone()
    };
    let query = serde_urlencoded::to_string(&there).map_err(ActionError::internal)?;
    Ok(if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    })
}

/// Everything that a search finds, as a file.
pub async fn export_audit(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<AuditQuery>,
) -> Result<HttpResponse, PageFailure> {
    let search = query.search().map_err(|problems| Failure::Action(problems.into()))?;
    let found = state
        .run(move |service| audit::export(service, &user.actor, &search))
        .await?;
    let rows = found.iter().map(|found| AuditLine::from(found).cells());
    let bytes = write::csv(&AuditLine::HEAD, rows).map_err(ActionError::internal)?;
    Ok(download("audit.csv", Kind::Csv, bytes))
}

/// Which mails, and where the list goes on.
#[derive(Deserialize)]
pub struct OutboxQuery {
    state: Option<String>,
    before: Option<String>,
    resent: Option<String>,
    released: Option<String>,
}

/// The outbox.
pub async fn outbox(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<OutboxQuery>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let shown = query.state.as_deref().and_then(MailState::find);
    let before = query.before.as_deref().and_then(|place| place.parse().ok());
    let (mails, held) = state
        .run(move |service| {
            let mails = outbox::list(service, &actor, shown, before, PAGE_ROWS + 1)?;
            Ok((mails, outbox::held(service, &actor)?))
        })
        .await?;
    let (mails, more) = one_page(mails);
    let filter = shown.map_or_else(String::new, |shown| format!("state={shown}&"));
    let next = mails.last().filter(|_| more).map(|last| {
        let place = Place {
            at: last.created_at,
            id: last.id,
        };
        format!("{OUTBOX}?{filter}before={place}")
    });
    render(&OutboxPage {
        shell: user.shell(&state, OUTBOX),
        heading: shown.map_or_else(|| "邮件".to_owned(), |shown| format!("邮件：{}", shown.label())),
        tabs: tabs(shown),
        rows: mails.iter().map(MailLine::from).collect(),
        held: held.as_ref().map(HeldMail::from),
        done: match (&query.resent, &query.released) {
            (Some(_), _) => "已重新排队，几秒内发送。",
            (_, Some(_)) => "邮件已放行，等待发送的几秒内发出。",
            _ => "",
        },
        next: next.unwrap_or_default(),
    })
}

fn tabs(shown: Option<MailState>) -> Vec<(String, &'static str, bool)> {
    let all = (OUTBOX.to_owned(), "全部", shown.is_none());
    let each = [MailState::Dead, MailState::Waiting, MailState::Sent];
    let each = each.map(|state| (format!("{OUTBOX}?state={state}"), state.label(), shown == Some(state)));
    std::iter::once(all).chain(each).collect()
}

/// Sends a dead mail again.
pub async fn resend(
    state: web::Data<WebState>,
    user: Administrator,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    state
        .run(move |service| outbox::resend(service, &user.actor, id))
        .await?;
    Ok(see_other("/admin/outbox?resent=1"))
}

/// Lets mail go that is held: all of it, or what was written since the restore.
pub async fn release(
    state: web::Data<WebState>,
    user: Administrator,
    PageForm(form): PageForm<ReleaseForm>,
) -> Result<HttpResponse, PageFailure> {
    state
        .run(move |service| {
            let held = outbox::held(service, &user.actor)?.ok_or(ActionError::Stale)?;
            let drop_before = form.only_new.map(|_| held.since);
            outbox::release(service, &user.actor, drop_before)
        })
        .await?;
    Ok(see_other("/admin/outbox?released=1"))
}

/// What the service does by itself.
pub async fn jobs(state: web::Data<WebState>, user: Administrator) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let standing = state.run(move |service| jobs::list(service, &actor)).await?;
    let failed = standing.iter().filter(|job| job.failures > 0).count();
    render(&JobsPage {
        shell: user.shell(&state, JOBS),
        heading: if failed > 0 {
            format!("{failed} 项后台任务失败")
        } else {
            "没有后台任务失败".to_owned()
        },
        rows: standing.iter().map(JobLine::from).collect(),
    })
}
