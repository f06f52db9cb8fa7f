//! What the centre sees: the district's requests with their results, and its products.

use super::users::Officer;
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::products::{self, ProductFilter};
use crate::actions::{ActionError, authorisation, enterprises, matches, referrals, requests};
use crate::domain::link::path_segment;
use crate::domain::uscc::Uscc;
use crate::web::error::PageFailure;
use crate::web::input::enterprise::CorrectionForm;
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::explain::ExplainPage;
use crate::web::view::lists::{DistrictPage, ProductRow, RequestRow};
use crate::web::view::product::ProductPage;
use crate::web::view::profile::{ProfilePage, ProfileReader};
use crate::web::view::result::{Reader, ResultPage};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

const SECTION: &str = "/centre/requests";

/// Where the two lists go on.
#[derive(Deserialize)]
pub struct Places {
    before: Option<String>,
    after: Option<String>,
}

/// The district's requests and products.
pub async fn requests(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<Places>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, places) = (user.actor.clone(), query.into_inner());
    let ((asked, offered), counting) = state
        .run_counting(move |service| {
            let asked = requests::list(service, &actor, None, places.before.as_deref(), PAGE_ROWS + 1)?;
            let filter = ProductFilter::default();
            let offered = products::list(service, &actor, filter, places.after.as_deref(), PAGE_ROWS + 1)?;
            Ok((asked, offered))
        })
        .await?;
    let ((asked, more_asked), (offered, more_offered)) = (one_page(asked), one_page(offered));
    let (last_asked, last_offered) = (asked.last(), offered.last());
    render(&DistrictPage {
        shell: user.shell(&state, SECTION),
        today: counting.today().to_string(),
        next_requests: last_asked
            .filter(|_| more_asked)
            .map(|last| format!("{SECTION}?before={}#requests", last.number)),
        next_products: last_offered
            .filter(|_| more_offered)
            .map(|last| format!("{SECTION}?after={}#products", path_segment(&last.product.code))),
        requests: asked
            .iter()
            .map(|one| RequestRow::of_district(one, &counting))
            .collect(),
        products: offered
            .iter()
            .map(|one| ProductRow::new(one, &counting, "/centre/products"))
            .collect(),
    })
}

/// A request's result, to read.
pub async fn result(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let ((sheet, standing), counting) = state
        .run_counting(move |service| {
            let sheet = matches::of_request(service, &actor, id)?;
            let standing = referrals::of_request(service, &actor, id)?;
            Ok((sheet, standing))
        })
        .await?;
    let page = ResultPage::new(user.shell(&state, SECTION), &sheet, Reader::Officer, &counting);
    render(&page.with_referrals(&standing, &counting, None))
}

/// One product of a request's result.
pub async fn explain(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, PageFailure> {
    let ((id, code), actor) = (path.into_inner(), user.actor.clone());
    let sheet = state
        .run(move |service| matches::of_product(service, &actor, id, &code))
        .await?;
    render(&ExplainPage::new(user.shell(&state, SECTION), &sheet, Reader::Officer))
}

/// An enterprise's profile, to read; each time is a line in its access log.
pub async fn enterprise(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
    query: web::Query<Done>,
) -> Result<HttpResponse, PageFailure> {
    let page = profile(&state, &user, parse(&path)?).await?;
    render(&ProfilePage {
        is_corrected: query.done.as_deref() == Some("corrected"),
        ..page
    })
}

/// What was just done.
#[derive(Deserialize)]
pub struct Done {
    done: Option<String>,
}

fn parse(uscc: &str) -> Result<Uscc, PageFailure> {
    uscc.parse().map_err(|_reason| ActionError::NotFound.into())
}

async fn profile(state: &WebState, user: &Officer, uscc: Uscc) -> Result<ProfilePage, PageFailure> {
    let actor = user.actor.clone();
    let (profile, authorised) = state
        .run(move |service| {
            let profile = enterprises::show(service, &actor, uscc)?;
            Ok((profile, authorisation::show(service, &actor, uscc)?))
        })
        .await?;
    let (shell, today) = (user.shell(state, SECTION), state.service.clock.today());
    Ok(ProfilePage::new(
        shell,
        &profile,
        authorised.as_ref(),
        today,
        ProfileReader::Officer,
    ))
}

/// Corrects its name and when it was founded.
pub async fn correct(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
    form: PageForm<CorrectionForm>,
) -> Result<HttpResponse, PageFailure> {
    let (uscc, actor, typed) = (parse(&path)?, user.actor.clone(), form.0);
    let version = typed.version();
    let outcome = match typed.correction() {
        Ok(correction) => {
            state
                .run(move |service| enterprises::correct(service, &actor, uscc, version, &correction))
                .await
        }
        Err(problems) => Err(problems.into()),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/centre/enterprises/{uscc}?done=corrected"))),
        Err(ActionError::Invalid(problems)) => {
            let page = profile(&state, &user, uscc).await?;
            render_as(
                StatusCode::UNPROCESSABLE_ENTITY,
                &page.with_correction(typed, &problems),
            )
        }
        Err(error) => Err(error.into()),
    }
}

/// A product's sheet.
pub async fn product(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, code) = (user.actor.clone(), path.into_inner());
    let (stored, counting) = state
        .run_counting(move |service| products::show(service, &actor, &code))
        .await?;
    let list = (SECTION, "需求与产品");
    render(&ProductPage::new(user.shell(&state, SECTION), &stored, &counting, list))
}
