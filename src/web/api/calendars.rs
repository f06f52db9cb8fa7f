//! LPR and the working-day calendar, kept by administrators.

use super::super::body::JsonBody;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::Page;
use crate::actions::calendars;
use crate::domain::dates::Day;
use crate::domain::holiday::{Holiday, HolidayKind};
use crate::domain::lpr::Lpr;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An announcement of the LPR.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LprView {
    /// The day of the announcement.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// 1-year, bp.
    #[schema(minimum = 1, maximum = 2000)]
    one_year_bp: i64,
    /// 5-year-plus, bp.
    #[schema(minimum = 1, maximum = 2000)]
    five_year_bp: i64,
}

impl From<&Lpr> for LprView {
    fn from(lpr: &Lpr) -> Self {
        Self {
            date: lpr.announced_on,
            one_year_bp: lpr.one_year_bp,
            five_year_bp: lpr.five_year_bp,
        }
    }
}

/// Every announcement of the LPR, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/lpr",
    tag = "calendars",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<LprView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn rates(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let table = state.run(move |service| calendars::rates(service, &user)).await?;
    Ok(HttpResponse::Ok().json(Page {
        items: table.rows().iter().rev().map(LprView::from).collect(),
        next: None,
    }))
}

/// Add an announcement, or correct the one of its day.
#[utoipa::path(
    post,
    path = "/api/v1/lpr",
    tag = "calendars",
    request_body = LprView,
    security(("bearer" = [])),
    responses(
        (status = 201, body = LprView, description = "added"),
        (status = 200, body = LprView, description = "corrected, or there already"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn put_rate(
    state: web::Data<WebState>,
    user: ApiUser,
    body: JsonBody<LprView>,
) -> Result<HttpResponse, ApiFailure> {
    let view = body.value;
    let new = Lpr {
        announced_on: view.date,
        one_year_bp: view.one_year_bp,
        five_year_bp: view.five_year_bp,
    };
    let is_new = state
        .run(move |service| calendars::put_lpr(service, &user, &new))
        .await?;
    Ok(answer(is_new).json(view))
}

fn answer(is_new: bool) -> actix_web::HttpResponseBuilder {
    if is_new {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    }
}

/// A listed day.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayView {
    /// The day.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// Whether it is off or worked.
    kind: HolidayKind,
    /// The holiday it belongs to.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

impl From<Holiday> for HolidayView {
    fn from(holiday: Holiday) -> Self {
        Self {
            date: holiday.date,
            kind: holiday.kind,
            name: holiday.name,
        }
    }
}

/// Every day that differs from its day of the week, earliest first.
#[utoipa::path(
    get,
    path = "/api/v1/holidays",
    tag = "calendars",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<HolidayView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn days(state: web::Data<WebState>, user: ApiUser) -> Result<HttpResponse, ApiFailure> {
    let days = state.run(move |service| calendars::days(service, &user)).await?;
    Ok(HttpResponse::Ok().json(Page {
        items: days.into_iter().map(HolidayView::from).collect(),
        next: None,
    }))
}

/// Add a day, or correct it.
#[utoipa::path(
    post,
    path = "/api/v1/holidays",
    tag = "calendars",
    request_body = HolidayView,
    security(("bearer" = [])),
    responses(
        (status = 201, body = HolidayView, description = "added"),
        (status = 200, body = HolidayView, description = "corrected, or there already"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn put_day(
    state: web::Data<WebState>,
    user: ApiUser,
    body: JsonBody<HolidayView>,
) -> Result<HttpResponse, ApiFailure> {
    let view = body.value;
    let new = Holiday {
        date: view.date,
        kind: view.kind,
        name: view.name.clone(),
    };
    let is_new = state
        .run(move |service| calendars::put_day(service, &user, new))
        .await?;
    Ok(answer(is_new).json(view))
}
