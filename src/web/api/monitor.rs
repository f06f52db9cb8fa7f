//! The monitor: what a district's financing comes to.

use super::super::download::{Kind as FileKind, download};
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::input::monitor::MonitorQuery;
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::super::view::monitor_files as files;
use crate::actions::monitor::{self, Asked};
use crate::domain::dates::Day;
use crate::domain::monitor::series::{Figures, Group, Tally};
use crate::domain::monitor::{Dimension, Measure};
use crate::domain::request::UnservedReason;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// How many, and how much.
#[derive(Serialize, ToSchema)]
pub struct TallyView {
    /// How many.
    number: i64,
    /// The sum, in 分.
    amount_fen: i64,
}

impl From<Tally> for TallyView {
    fn from(tally: Tally) -> Self {
        Self {
            number: tally.number,
            amount_fen: tally.amount_fen,
        }
    }
}

/// What became of the requests that were submitted in the period, whenever it did.
#[derive(Serialize, ToSchema)]
pub struct FunnelView {
    /// Submitted, by the amount asked for.
    submitted: TallyView,
    /// Of which a run of the match found a product that fits.
    matched: TallyView,
    /// For which an offer was forwarded.
    offered: TallyView,
    /// Of which an offer was accepted, by its amount.
    accepted: TallyView,
    /// Of which money was paid out, by what was.
    disbursed: TallyView,
}

/// A part of the loans of which something was paid out in the period.
#[derive(Serialize, ToSchema)]
pub struct ShareView {
    /// The part: how many contracts, and what was paid out of them.
    part: TallyView,
    /// All of them.
    of: TallyView,
    /// By number, in bp; none of none.
    number_bp: Option<i64>,
    /// By amount, in bp; none of none.
    amount_bp: Option<i64>,
}

/// Averages weighted by what was paid out in the period.
#[derive(Serialize, ToSchema)]
pub struct AveragesView {
    /// The rate, in bp.
    rate_bp: Option<i64>,
    /// How far it is above the LPR of the day of each disbursement (1-year up to 60 months, else 5-year), in bp.
    spread_bp: Option<i64>,
    /// What was paid out on days of which an LPR is known: what the spread is averaged over, in 分.
    spread_of_fen: i64,
    /// The annual cost, in bp.
    annual_cost_bp: Option<i64>,
}

/// How banks answered the referrals that came to them in the period.
#[derive(Serialize, ToSchema)]
pub struct AnswersView {
    /// Referrals that were answered, or whose last day is over.
    due: i64,
    /// Those that were answered.
    answered: i64,
    /// Those that were answered in time.
    on_time: i64,
    /// Answered in time, of those due, in bp; none of none.
    on_time_bp: Option<i64>,
    /// Within how many working days half of the answers came (nearest rank).
    median_days: Option<usize>,
    /// Within how many working days nine tenths of the answers came (nearest rank).
    p90_days: Option<usize>,
}

/// What became of the offers that were made in the period.
#[derive(Serialize, ToSchema)]
pub struct AcceptanceView {
    /// Those that were forwarded to their enterprises.
    forwarded: TallyView,
    /// Those that were accepted.
    accepted: TallyView,
    /// Accepted, of those forwarded, in bp; none of none.
    number_bp: Option<i64>,
}

/// All figures of one slice.
#[derive(Serialize, ToSchema)]
pub struct FiguresView {
    funnel: FunnelView,
    /// Requests submitted in the period.
    requests: TallyView,
    /// Referrals that came to banks in the period, by the amount asked for.
    referrals: TallyView,
    /// Offers whose first revision was sent in the period.
    offers: TallyView,
    /// Contracts signed in the period.
    contracts: TallyView,
    /// Money paid out in the period, each time for itself.
    disbursements: TallyView,
    averages: AveragesView,
    /// Loans that are secured by nothing but credit.
    credit: ShareView,
    /// Loans over 12 months.
    long: ShareView,
    /// First loans of their enterprises.
    first: ShareView,
    acceptance: AcceptanceView,
    answers: AnswersView,
    /// Requests that an officer ended in the period because nobody could serve them.
    unserved: TallyView,
}

impl From<&Figures> for FiguresView {
    fn from(figures: &Figures) -> Self {
        let tally = |measure| TallyView::from(figures.tally(measure));
        let share = |part| ShareView {
            part: tally(part),
            of: tally(Measure::Loans),
            number_bp: figures.share_of_number(part, Measure::Loans),
            amount_bp: figures.share_of_amount(part, Measure::Loans),
        };
        Self {
            funnel: FunnelView {
                submitted: tally(Measure::Submitted),
                matched: tally(Measure::Matched),
                offered: tally(Measure::Offered),
                accepted: tally(Measure::Accepted),
                disbursed: tally(Measure::Disbursed),
            },
            requests: tally(Measure::Submitted),
            referrals: tally(Measure::Referrals),
            offers: tally(Measure::Offers),
            contracts: tally(Measure::Contracts),
            disbursements: tally(Measure::Disbursements),
            averages: AveragesView {
                rate_bp: figures.averages.rate_bp,
                spread_bp: figures.averages.spread_bp,
                spread_of_fen: figures.averages.spread_of_fen,
                annual_cost_bp: figures.averages.cost_bp,
            },
            credit: share(Measure::Credit),
            long: share(Measure::Long),
            first: share(Measure::First),
            acceptance: AcceptanceView {
                forwarded: tally(Measure::Forwarded),
                accepted: tally(Measure::Taken),
                number_bp: figures.share_of_number(Measure::Taken, Measure::Forwarded),
            },
            answers: AnswersView {
                due: figures.tally(Measure::Due).number,
                answered: figures.tally(Measure::Answered).number,
                on_time: figures.tally(Measure::OnTime).number,
                on_time_bp: figures.share_of_number(Measure::OnTime, Measure::Due),
                median_days: figures.median_days,
                p90_days: figures.p90_days,
            },
            unserved: tally(Measure::Unserved),
        }
    }
}

/// Why nobody could serve requests.
#[derive(Serialize, ToSchema)]
pub struct UnservedView {
    /// The reason.
    #[schema(value_type = String)]
    reason: UnservedReason,
    /// How many.
    number: i64,
    /// What was asked for, in 分.
    amount_fen: i64,
}

/// The figures of a period.
#[derive(Serialize, ToSchema)]
pub struct SummaryView {
    /// From this day.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// Up to this day, which is in it.
    #[schema(value_type = String, format = Date)]
    to: Day,
    figures: FiguresView,
    /// What nobody could serve, by reason.
    unserved: Vec<UnservedView>,
}

/// One group of a series.
#[derive(Serialize, ToSchema)]
pub struct GroupView {
    /// Its key: `2026-10`, a bank's code, a kind, a guarantee class.
    key: String,
    /// What it is called.
    label: String,
    figures: FiguresView,
}

impl From<&Group> for GroupView {
    fn from(group: &Group) -> Self {
        Self {
            key: group.key.clone(),
            label: group.label.clone(),
            figures: FiguresView::from(&group.figures),
        }
    }
}

/// The figures of a period, group by group. A request may count for several banks, kinds and guarantee classes, so
/// the groups need not add up to the whole.
#[derive(Serialize, ToSchema)]
pub struct SeriesView {
    /// From this day.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// Up to this day, which is in it.
    #[schema(value_type = String, format = Date)]
    to: Day,
    /// What the series goes along.
    #[schema(value_type = String)]
    by: Dimension,
    groups: Vec<GroupView>,
    /// Of all of them together.
    total: FiguresView,
}

fn asked(query: &MonitorQuery) -> Result<Asked, Failure> {
    query.asked().map_err(|problems| Failure::Action(problems.into()))
}

/// The figures of a period.
#[utoipa::path(
    get,
    path = "/api/v1/monitor/summary",
    tag = "monitor",
    params(MonitorQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = SummaryView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn summary(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<MonitorQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let asked = asked(&query)?;
    let found = state
        .run(move |service| monitor::overview(service, &user, asked))
        .await?;
    let unserved = found.unserved.iter().map(|(reason, tally)| UnservedView {
        reason: *reason,
        number: tally.number,
        amount_fen: tally.amount_fen,
    });
    Ok(HttpResponse::Ok().json(SummaryView {
        from: found.slice.from,
        to: found.slice.to,
        figures: FiguresView::from(&found.total),
        unserved: unserved.collect(),
    }))
}

/// The figures of a period along a dimension.
#[utoipa::path(
    get,
    path = "/api/v1/monitor/series",
    tag = "monitor",
    params(MonitorQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = SeriesView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn series(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<MonitorQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let asked = asked(&query)?;
    let by = query.dimension().map_err(|problems| Failure::Action(problems.into()))?;
    let found = state
        .run(move |service| monitor::overview(service, &user, asked))
        .await?;
    Ok(HttpResponse::Ok().json(SeriesView {
        from: found.slice.from,
        to: found.slice.to,
        by,
        groups: found.along(by).iter().map(GroupView::from).collect(),
        total: FiguresView::from(&found.total),
    }))
}

/// Every table of a period as a workbook.
#[utoipa::path(
    get,
    path = "/api/v1/monitor/report.xlsx",
    tag = "monitor",
    params(MonitorQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", description = "a workbook"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn report(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<MonitorQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let (asked, by, now) = (asked(&query)?, user.name.clone(), state.service.clock.now());
    let bytes = state
        .run(move |service| files::report(&monitor::export(service, &user, asked, files::REPORT)?, &by, now))
        .await?;
    Ok(download(files::REPORT, FileKind::Xlsx, bytes))
}

/// One table of a period as CSV.
#[utoipa::path(
    get,
    path = "/api/v1/monitor/table.csv",
    tag = "monitor",
    params(MonitorQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, content_type = "text/csv", description = "the table"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn table(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<MonitorQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let asked = asked(&query)?;
    let table = query
        .which_table()
        .map_err(|problems| Failure::Action(problems.into()))?;
    let name = files::name_of(table);
    let subject = name.clone();
    let bytes = state
        .run(move |service| files::csv(&monitor::export(service, &user, asked, &subject)?, table))
        .await?;
    Ok(download(&name, FileKind::Csv, bytes))
}
