//! A bank's own products.

use super::users::BankUser;
use super::{PAGE_ROWS, one_page, render};
use crate::actions::product_drafts;
use crate::actions::products::{self, ProductFilter};
use crate::domain::link::path_segment;
use crate::web::error::PageFailure;
use crate::web::state::WebState;
use crate::web::view::lists::{ProductRow, ProductsPage};
use crate::web::view::product::{Keeping, ProductPage};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

const SECTION: &str = "/bank/products";

/// Where a list goes on.
#[derive(Deserialize)]
pub struct After {
    after: Option<String>,
    done: Option<String>,
}

/// The bank's products in any state.
pub async fn list(
    state: web::Data<WebState>,
    user: BankUser,
    query: web::Query<After>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, after, notice) = (user.actor.clone(), query.after.clone(), notice(query.done.as_deref()));
    let filter = ProductFilter {
        organisation_id: Some(user.actor.organisation_id),
        ..ProductFilter::default()
    };
    let (stored, counting) = state
        .run_counting(move |service| products::list(service, &actor, filter, after.as_deref(), PAGE_ROWS + 1))
        .await?;
    let (stored, more) = one_page(stored);
    let today = counting.today();
    let last = stored.last().filter(|_| more);
    render(&ProductsPage {
        shell: user.shell(&state, SECTION),
        next: last.map(|last| format!("{SECTION}?after={}", path_segment(&last.product.code))),
        products: stored
            .iter()
            .map(|one| ProductRow::new(one, &counting, SECTION))
            .collect(),
        today: today.to_string(),
        notice,
        in_matching: stored.iter().filter(|one| one.is_matched_on(today)).count(),
    })
}

/// What was just done, in words.
fn notice(done: Option<&str>) -> Option<&'static str> {
    match done? {
        "saved" => Some("草稿已保存。"),
        "same" => Some("没有改动，没有要发布的内容。"),
        "published" => Some("已发布。受影响的需求会重新匹配，新符合的企业会收到通知。"),
        "suspended" => Some("已暂停，不再参与匹配。"),
        "resumed" => Some("已恢复，受影响的需求会重新匹配。"),
        "confirmed" => Some("已确认条款仍然有效。"),
        "closed" => Some("已停售。"),
        _ => None,
    }
}

/// A product's sheet, with what the bank can do.
pub async fn show(
    state: web::Data<WebState>,
    user: BankUser,
    path: web::Path<String>,
    query: web::Query<After>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, code) = (user.actor.clone(), path.into_inner());
    let (kept, counting) = state
        .run_counting(move |service| product_drafts::show(service, &actor, &code))
        .await?;
    let page = ProductPage::new(user.shell(&state, SECTION), &kept.stored, &counting, (SECTION, "产品"));
    render(&ProductPage {
        keeping: Some(Keeping::from(&kept)),
        notice: notice(query.done.as_deref()),
        ..page
    })
}
