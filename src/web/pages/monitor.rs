//! The monitor: its page, the rows behind its figures, and both as files.

use super::render;
use super::users::Officer;
use crate::actions::ActionError;
use crate::actions::monitor::{self, Asked};
use crate::domain::invalid::Problems;
use crate::domain::monitor::Dimension;
use crate::web::download::{Kind, download};
use crate::web::error::{Failure, PageFailure};
use crate::web::input::monitor::{MonitorQuery, RowsQuery};
use crate::web::state::WebState;
use crate::web::view::monitor::MonitorPage;
use crate::web::view::monitor_files as files;
use crate::web::view::monitor_rows::MonitorRowsPage;
use actix_web::{HttpResponse, web};

const SECTION: &str = "/centre/monitor";

/// What is told of a filter that can't be.
const WRONG: &str = "筛选有误，已显示最近 12 个月：日期写作 2026-11-01，开始不晚于结束，最多 60 个月。";

/// The monitor. A filter that can't be is told, and the usual period is shown.
pub async fn show(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<MonitorQuery>,
) -> Result<HttpResponse, PageFailure> {
    let actor = user.actor.clone();
    let by = query.dimension().unwrap_or(Dimension::Month);
    let asked = query.asked();
    let (found, wrong) = state
        .run(move |service| {
            let of = |asked: Asked| monitor::overview(service, &actor, asked);
            match asked.map_err(ActionError::from).and_then(of) {
                Err(ActionError::Invalid(_)) => Ok((of(Asked::default())?, WRONG)),
                other => Ok((other?, "")),
            }
        })
        .await?;
    render(&MonitorPage::new(user.shell(&state, SECTION), &found, by, wrong))
}

fn good<T>(asked: Result<T, Problems>) -> Result<T, Failure> {
    asked.map_err(|problems| Failure::Action(problems.into()))
}

/// The rows behind a figure.
pub async fn rows(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<RowsQuery>,
) -> Result<HttpResponse, PageFailure> {
    let ((asked, measure), actor) = (good(query.asked())?, user.actor.clone());
    let shell = user.shell(&state, SECTION);
    let page = query.page.unwrap_or(1);
    let found = state
        .run(move |service| {
            let rows = monitor::rows(service, &actor, asked, measure)?;
            Ok(MonitorRowsPage::new(shell, &rows, page))
        })
        .await?;
    render(&found)
}

/// The rows behind a figure, as a file.
pub async fn rows_file(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<RowsQuery>,
) -> Result<HttpResponse, PageFailure> {
    let ((asked, measure), actor) = (good(query.asked())?, user.actor.clone());
    let bytes = state
        .run(move |service| files::rows_csv(&monitor::export_rows(service, &actor, asked, measure, files::ROWS)?))
        .await?;
    Ok(download(files::ROWS, Kind::Csv, bytes))
}

/// One table, as a file.
pub async fn table(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<MonitorQuery>,
) -> Result<HttpResponse, PageFailure> {
    let (asked, table, actor) = (good(query.asked())?, good(query.which_table())?, user.actor.clone());
    let name = files::name_of(table);
    let subject = name.clone();
    let bytes = state
        .run(move |service| files::csv(&monitor::export(service, &actor, asked, &subject)?, table))
        .await?;
    Ok(download(&name, Kind::Csv, bytes))
}

/// Every table as a workbook.
pub async fn report(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<MonitorQuery>,
) -> Result<HttpResponse, PageFailure> {
    let (asked, actor, now) = (good(query.asked())?, user.actor.clone(), state.service.clock.now());
    let bytes = state
        .run(move |service| {
            let found = monitor::export(service, &actor, asked, files::REPORT)?;
            files::report(&found, &actor.name, now)
        })
        .await?;
    Ok(download(files::REPORT, Kind::Xlsx, bytes))
}
