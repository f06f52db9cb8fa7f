//! Facts that departments and the centre hand in: choose a file, look at what it would do, confirm; what
//! was handed in, and taking it back. The same pages for both, each under its own path.

use super::users::{DepartmentUser, Officer};
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::feed::{self, Feeder, Handed};
use crate::actions::{ActionError, disputes};
use crate::domain::codes::Owner;
use crate::domain::place::Place;
use crate::exchange::write::{self, Sheet};
use crate::exchange::{FileKind, facts as file_of_facts};
use crate::web::download::{Kind, download};
use crate::web::error::{Failure, PageFailure};
use crate::web::input::feed::{ConfirmForm, FactsFile};
use crate::web::input::form::PageForm;
use crate::web::input::sign_in::Empty;
use crate::web::input::upload::PageUpload;
use crate::web::session::PageUser;
use crate::web::state::WebState;
use crate::web::view::feed::{
    BatchPage, BatchRow, FeedHome, FeedPaths, REFUSED_HEAD, WithdrawPage, facts_of, refused_cells,
};
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpResponse, web};
use serde::Deserialize;
use std::ops::Deref;
use uuid::Uuid;

/// Who hands in, with the pages for it.
pub trait FeedUser: FromRequest<Error = PageFailure> + Deref<Target = PageUser> + 'static {
    /// Where the pages are.
    const PATHS: FeedPaths;
}

impl FeedUser for DepartmentUser {
    const PATHS: FeedPaths = FeedPaths {
        home: "/department",
        batches: "/department/batches",
        disputes: "/department/disputes",
        template: "/department/template",
    };
}

impl FeedUser for Officer {
    const PATHS: FeedPaths = FeedPaths {
        home: "/centre/facts",
        batches: "/centre/batches",
        disputes: "/centre/disputes",
        template: "/centre/template",
    };
}

/// Where the list goes on.
#[derive(Deserialize)]
pub struct Before {
    before: Option<String>,
}

/// The page to begin on.
pub async fn home<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    query: web::Query<Before>,
) -> Result<HttpResponse, PageFailure> {
    let before = query.before.as_deref().and_then(|place| place.parse().ok());
    render(&home_page(&state, &user, before, Vec::new()).await?)
}

async fn home_page<U: FeedUser>(
    state: &WebState,
    user: &U,
    before: Option<Place>,
    errors: Vec<String>,
) -> Result<FeedHome, PageFailure> {
    let actor = user.actor.clone();
    let ((owners, batches, open), counting) = state
        .run_counting(move |service| {
            let owners = feed::owners(service, &actor)?;
            let open = disputes::count_open(service, &actor)?;
            let batches = feed::list(service, &Feeder::User(actor), before, PAGE_ROWS + 1)?;
            Ok((owners, batches, open))
        })
        .await?;
    let (batches, more) = one_page(batches);
    let next = batches.last().filter(|_| more).map(|last| {
        let place = Place {
            at: last.created_at,
            id: last.id,
        };
        format!("{}?before={place}", U::PATHS.home)
    });
    Ok(FeedHome {
        shell: user.shell(state, U::PATHS.home),
        paths: U::PATHS,
        heading: match (open, batches.first()) {
            (1.., _) => format!("{open} 件异议或核验申请待答复"),
            (_, Some(last)) => format!("最近一批数据：{}", crate::web::view::words::minute(last.created_at)),
            (_, None) => "还没有导入过数据".to_owned(),
        },
        open,
        facts: facts_of(&owners),
        has_banks: owners.contains(&Owner::Bank),
        errors,
        rows: batches.iter().map(|one| BatchRow::new(one, &counting)).collect(),
        next: next.unwrap_or_default(),
    })
}

/// Reads a file, and shows what it would do.
pub async fn upload<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    PageUpload(mut posted): PageUpload<FactsFile>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let file = posted.take("file");
    if file.content.len() > state.facts_limit {
        return Err(Failure::TooLarge.into());
    }
    let handed = Handed {
        kind: FileKind::of(&file.content),
        name: file.name,
        bytes: file.content,
    };
    if handed.bytes.is_empty() {
        return again(&state, &user, vec!["请先选择文件".to_owned()]).await;
    }
    match state.run(move |service| feed::hand_in(service, &actor, &handed)).await {
        Ok(id) => Ok(see_other(&format!("{}/{id}", U::PATHS.batches))),
        Err(ActionError::Invalid(problems)) => {
            let words = problems.list().iter().map(|problem| match problem.field.as_str() {
                "" => problem.rule.to_string(),
                field => format!("{field}：{}", problem.rule),
            });
            again(&state, &user, words.collect()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn again<U: FeedUser>(state: &WebState, user: &U, errors: Vec<String>) -> Result<HttpResponse, PageFailure> {
    let page = home_page(state, user, None, errors).await?;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// What was just done.
#[derive(Deserialize)]
pub struct Done {
    done: Option<String>,
}

/// A batch: what it would do while it is pending, and what it did.
pub async fn show<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
    query: web::Query<Done>,
) -> Result<HttpResponse, PageFailure> {
    let notice = match query.done.as_deref() {
        Some("applied") => Some("已按预览导入，立即生效。"),
        Some("discarded") => Some("已放弃，没有导入任何内容。"),
        Some("withdrawn") => Some("已整批撤回，各项恢复到导入前的值。"),
        _ => None,
    };
    render(&batch_page(&state, &user, path.into_inner(), notice).await?)
}

async fn batch_page<U: FeedUser>(
    state: &WebState,
    user: &U,
    id: Uuid,
    notice: Option<&'static str>,
) -> Result<BatchPage, PageFailure> {
    let actor = user.actor.clone();
    let preview = state
        .run_counting(move |service| feed::preview(service, &actor, id))
        .await?;
    let shell = user.shell(state, U::PATHS.home);
    Ok(BatchPage::new(shell, U::PATHS, &preview, notice))
}

/// Takes up what was shown.
pub async fn confirm<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
    form: PageForm<ConfirmForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let done = state
        .run(move |service| feed::confirm(service, &actor, id, &form.0.plan))
        .await;
    match done {
        Ok(_) => Ok(see_other(&format!("{}/{id}?done=applied", U::PATHS.batches))),
        Err(ActionError::Stale) => {
            let notice = "预览之后数据有变化，没有导入。下面是按最新数据的预览，请再看一遍后确认。";
            let page = batch_page(&state, &user, id, Some(notice)).await?;
            render_as(StatusCode::CONFLICT, &page)
        }
        // A second click came first.
        Err(ActionError::Refused(_)) => Ok(see_other(&format!("{}/{id}", U::PATHS.batches))),
        Err(error) => Err(error.into()),
    }
}

/// Drops what was shown.
pub async fn discard<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    state.run(move |service| feed::discard(service, &actor, id)).await?;
    Ok(see_other(&format!("{}/{id}?done=discarded", U::PATHS.batches)))
}

/// What taking a batch back would do.
pub async fn ask<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    let page = batch_page(&state, &user, id, None).await?;
    if !page.may_withdraw {
        return Ok(see_other(&format!("{}/{id}", U::PATHS.batches)));
    }
    render(&WithdrawPage {
        shell: page.shell,
        paths: U::PATHS,
        row: page.row,
    })
}

/// Takes a batch back.
pub async fn withdraw<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    match state.run(move |service| feed::withdraw(service, &actor, id)).await {
        // A second click came first.
        Ok(_) | Err(ActionError::Refused(_)) => Ok(see_other(&format!("{}/{id}?done=withdrawn", U::PATHS.batches))),
        Err(error) => Err(error.into()),
    }
}

/// Every row of a file that breaks a rule, as a workbook.
pub async fn refused<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let preview = state.run(move |service| feed::preview(service, &actor, id)).await?;
    let sheet = Sheet {
        name: "未导入的行",
        head: REFUSED_HEAD.to_vec(),
        rows: preview.refused.iter().map(refused_cells).collect(),
    };
    let bytes = write::xlsx(&[sheet]).map_err(ActionError::internal)?;
    Ok(download("refused-rows.xlsx", Kind::Xlsx, bytes))
}

/// The template to fill in, as a workbook or as CSV.
pub async fn template<U: FeedUser>(
    state: web::Data<WebState>,
    user: U,
    end: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let owners = state.run(move |service| feed::owners(service, &actor)).await?;
    match end.as_str() {
        "xlsx" => {
            let bytes = file_of_facts::template_xlsx(&owners).map_err(ActionError::internal)?;
            Ok(download("facts-template.xlsx", Kind::Xlsx, bytes))
        }
        "csv" => {
            let bytes = file_of_facts::template_csv(&owners).map_err(ActionError::internal)?;
            Ok(download("facts-template.csv", Kind::Csv, bytes))
        }
        _ => Err(ActionError::NotFound.into()),
    }
}
