//! A bank's own products.

use super::users::BankUser;
use super::{PAGE_ROWS, one_page, render};
use crate::actions::ActionError;
use crate::actions::products::{self, ProductFilter};
use crate::domain::dates::Day;
use crate::web::error::PageFailure;
use crate::web::state::WebState;
use crate::web::view::lists::{ProductPage, ProductRow, ProductsPage};
use crate::domain::link::path_segment;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

const SECTION: &str = "/bank/products";

/// Where a list goes on.
#[derive(Deserialize)]
pub struct After {
    after: Option<String>,
}

/// The bank's products in any state.
pub async fn list(
    state: web::Data<WebState>,
    user: BankUser,
    query: web::Query<After>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, after) = (user.actor.clone(), query.into_inner().after);
    let filter = ProductFilter {
        organisation_id: Some(user.actor.organisation_id),
        ..ProductFilter::default()
    };
    let stored = state
        .run(move |service| products::list(service, &actor, filter, after.as_deref(), PAGE_ROWS + 1))
        .await?;
    let (stored, more) = one_page(stored);
    let today: Day = state.service.clock.today();
    let last = stored.last().filter(|_| more);
    render(&ProductsPage {
        shell: user.shell(&state, SECTION),
        next: last.map(|last| format!("{SECTION}?after={}", path_segment(&last.product.code))),
        products: stored.iter().map(|one| ProductRow::new(one, today, SECTION)).collect(),
        today: today.to_string(),
        in_matching: stored.iter().filter(|one| one.product.is_open_on(today)).count(),
    })
}

/// A product's sheet.
pub async fn show(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, code) = (user.actor.clone(), path.into_inner());
    let stored = state.run(move |service| products::show(service, &actor, &code)).await?;
    if stored.organisation_id != user.actor.organisation_id {
        return Err(ActionError::NotFound.into());
    }
    let today = state.service.clock.today();
    render(&ProductPage::new(
        user.shell(&state, SECTION),
        &stored,
        today,
        (SECTION, "产品"),
    ))
}
