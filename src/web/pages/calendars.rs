//! LPR, the working-day calendar and the keys of departments' systems, kept by administrators.

use super::users::Administrator;
use super::{render, render_as, see_other};
use crate::actions::{ActionError, calendars, feed};
use crate::domain::codes::Code;
use crate::domain::holiday::HolidayKind;
use crate::web::error::PageFailure;
use crate::web::input::feed::{HolidayForm, KeyForm, LprForm};
use crate::web::input::form::PageForm;
use crate::web::input::sign_in::Empty;
use crate::web::state::WebState;
use crate::web::view::calendars::{
    AdminHome, Advice, HolidayRow, HolidaysPage, KeyRow, KeysPage, LprPage, LprRow, calendar_warning, lpr_warning,
};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::Datelike;
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

const LPR: &str = "/admin/lpr";
const HOLIDAYS: &str = "/admin/holidays";
const KEYS: &str = "/admin/feed-keys";

/// Where an administrator begins.
pub async fn home(state: web::Data<WebState>, user: Administrator) -> Result<HttpResponse, PageFailure> {
    let warnings = state.run(calendars::warnings).await?;
    render(&AdminHome {
        shell: user.shell(&state, "/admin"),
        lpr: lpr_warning(&warnings),
        calendar: calendar_warning(&warnings),
        is_late: warnings.is_this_year,
    })
}

/// What was just done, and which year is shown.
#[derive(Deserialize)]
pub struct Query {
    done: Option<String>,
    year: Option<i32>,
}

/// The LPR.
pub async fn lpr(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let page = lpr_page(&state, &user).await?;
    render(&LprPage {
        saved: query.done.is_some(),
        ..page
    })
}

async fn lpr_page(state: &WebState, user: &Administrator) -> Result<LprPage, PageFailure> {
    let actor = user.actor.clone();
    let (table, warnings) = state
        .run(move |service| Ok((calendars::rates(service, &actor)?, calendars::warnings(service)?)))
        .await?;
    Ok(LprPage {
        shell: user.shell(state, LPR),
        heading: table.rows().last().map_or_else(
            || "还没有录入 LPR".to_owned(),
            |newest| {
                let row = LprRow::from(newest);
                format!("现行 LPR：1 年期 {}，5 年期以上 {}", row.one_year, row.five_year)
            },
        ),
        warning: lpr_warning(&warnings),
        rows: table.rows().iter().rev().map(LprRow::from).collect(),
        typed: Default::default(),
        error: None,
        saved: false,
    })
}

/// The field of a form that a broken rule is about, and what to do.
fn advice(error: ActionError, fields: &[(&str, &'static str)]) -> Result<Advice, PageFailure> {
    let ActionError::Invalid(problems) = error else {
        return Err(error.into());
    };
    let first = problems.list().first();
    Ok(first.map(|problem| {
        let of_field = fields.iter().find(|(name, _)| *name == problem.field);
        let id = of_field.or(fields.first()).map_or("", |(_, id)| *id);
        (id, problem.rule.to_string())
    }))
}

/// Adds an announcement, or corrects the one of its day.
pub async fn put_lpr(
    state: web::Data<WebState>,
    user: Administrator,
    form: PageForm<LprForm>,
) -> Result<HttpResponse, PageFailure> {
    let form = form.0;
    let error = match form.lpr() {
        Err((field, words)) => Some((field, words.to_owned())),
        Ok(new) => {
            let actor = user.actor.clone();
            match state
                .run(move |service| calendars::put_lpr(service, &actor, &new))
                .await
            {
                Ok(_) => return Ok(see_other("/admin/lpr?done=saved")),
                Err(error) => advice(
                    error,
                    &[
                        ("date", "date"),
                        ("one_year_bp", "one_year"),
                        ("five_year_bp", "five_year"),
                    ],
                )?,
            }
        }
    };
    let page = lpr_page(&state, &user).await?;
    let page = LprPage {
        typed: [form.date, form.one_year, form.five_year],
        error,
        ..page
    };
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The working-day calendar.
pub async fn holidays(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let page = holidays_page(&state, &user, query.year, "").await?;
    render(&HolidaysPage {
        saved: query.done.is_some(),
        ..page
    })
}

async fn holidays_page(
    state: &WebState,
    user: &Administrator,
    year: Option<i32>,
    kind: &str,
) -> Result<HolidaysPage, PageFailure> {
    let actor = user.actor.clone();
    let (days, warnings) = state
        .run(move |service| Ok((calendars::days(service, &actor)?, calendars::warnings(service)?)))
        .await?;
    let shown = year.unwrap_or(state.service.clock.today().naive().year());
    let mut years: BTreeSet<i32> = days.iter().map(|day| day.date.naive().year()).collect();
    years.extend([state.service.clock.today().naive().year(), warnings.unknown_year]);
    let of_year = || days.iter().filter(|day| day.date.naive().year() == shown);
    let count = |kind| of_year().filter(|day| day.kind == kind).count();
    let (off, worked) = (count(HolidayKind::Holiday), count(HolidayKind::Workday));
    Ok(HolidaysPage {
        shell: user.shell(state, HOLIDAYS),
        heading: if off + worked == 0 {
            format!("{shown} 年：还没有录入放假安排")
        } else {
            format!("{shown} 年：放假 {off} 天，补班 {worked} 天")
        },
        warning: calendar_warning(&warnings),
        is_late: warnings.is_this_year,
        years: years
            .iter()
            .rev()
            .map(|year| (format!("{HOLIDAYS}?year={year}"), format!("{year} 年"), *year == shown))
            .collect(),
        rows: of_year().map(HolidayRow::from).collect(),
        typed: Default::default(),
        kinds: HolidayKind::ALL
            .iter()
            .map(|one| (one.code(), one.label(), one.code() == kind))
            .collect(),
        error: None,
        saved: false,
    })
}

/// Adds a day, or corrects it.
pub async fn put_holiday(
    state: web::Data<WebState>,
    user: Administrator,
    form: PageForm<HolidayForm>,
) -> Result<HttpResponse, PageFailure> {
    let form = form.0;
    let mut year = None;
    let error = match form.holiday() {
        Err((field, words)) => Some((field, words.to_owned())),
        Ok(new) => {
            let actor = user.actor.clone();
            let of = new.date.naive().year();
            year = Some(of);
            match state.run(move |service| calendars::put_day(service, &actor, new)).await {
                Ok(_) => return Ok(see_other(&format!("{HOLIDAYS}?year={of}&done=saved"))),
                Err(error) => advice(error, &[("name", "name"), ("date", "date")])?,
            }
        }
    };
    let page = holidays_page(&state, &user, year, &form.kind).await?;
    let page = HolidaysPage {
        typed: [form.date, form.name],
        error,
        ..page
    };
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The keys of departments' systems.
pub async fn keys(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let page = keys_page(&state, &user, "").await?;
    render(&KeysPage {
        revoked: query.done.is_some(),
        ..page
    })
}

async fn keys_page(state: &WebState, user: &Administrator, chosen: &str) -> Result<KeysPage, PageFailure> {
    let actor = user.actor.clone();
    let (keys, departments) = state
        .run(move |service| Ok((feed::keys(service, &actor)?, feed::departments(service, &actor)?)))
        .await?;
    let live = keys.iter().filter(|key| key.revoked_at.is_none()).count();
    Ok(KeysPage {
        shell: user.shell(state, KEYS),
        heading: if live == 0 {
            "还没有有效的接口密钥".to_owned()
        } else {
            format!("{live} 个接口密钥有效")
        },
        made: None,
        rows: keys.iter().map(KeyRow::from).collect(),
        departments: departments
            .into_iter()
            .map(|one| {
                let code = one.organisation.code;
                let is_chosen = code == chosen;
                (code, one.organisation.name, is_chosen)
            })
            .collect(),
        typed: String::new(),
        error: None,
        revoked: false,
    })
}

/// Makes a key, and shows it this once.
pub async fn make_key(
    state: web::Data<WebState>,
    user: Administrator,
    form: PageForm<KeyForm>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, KeyForm { department, name }) = (user.actor.clone(), form.0);
    let (of, called) = (department.clone(), name.clone());
    let made = state
        .run(move |service| feed::make_key(service, &actor, &of, &called))
        .await;
    match made {
        Ok(made) => {
            let page = keys_page(&state, &user, "").await?;
            render_as(
                StatusCode::CREATED,
                &KeysPage {
                    made: Some(made.key.expose().to_owned()),
                    ..page
                },
            )
        }
        Err(error) => {
            let error = advice(error, &[("name", "name"), ("department", "department")])?;
            let page = keys_page(&state, &user, &department).await?;
            let page = KeysPage {
                typed: name,
                error,
                ..page
            };
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Revokes a key.
pub async fn revoke_key(
    state: web::Data<WebState>,
    user: Administrator,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    match state.run(move |service| feed::revoke_key(service, &actor, id)).await {
        // A second click came first.
        Ok(()) | Err(ActionError::Stale) => Ok(see_other("/admin/feed-keys?done=revoked")),
        Err(error) => Err(error.into()),
    }
}
