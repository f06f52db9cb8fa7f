//! Products: list and show.

use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::page::{Page, cursor, limit};
use crate::actions::products::{self, ProductFilter, StoredProduct};
use crate::domain::codes::{Kind, ProductStatus};
use crate::domain::product::ProductForm;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A product as its bank published it.
#[derive(Serialize, ToSchema)]
pub struct ProductView {
    /// The bank's name.
    bank_name: String,
    /// Raised by each publication, from 1.
    version: i32,
    /// When it last changed.
    updated_at: chrono::DateTime<chrono::Utc>,
    /// Its terms, in the form of the matching contract.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    form: ProductForm,
}

impl From<StoredProduct> for ProductView {
    fn from(stored: StoredProduct) -> Self {
        Self {
            bank_name: stored.bank_name,
            version: stored.version,
            updated_at: stored.updated_at,
            form: (*stored.product).clone(),
        }
    }
}

/// Which products.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those with this status.
    status: Option<ProductStatus>,
    /// Only those of this kind.
    kind: Option<Kind>,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Products on offer, and a bank's own in any state, in the order of their codes.
#[utoipa::path(
    get,
    path = "/api/v1/products",
    tag = "products",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<ProductView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let query = query.into_inner();
    let (limit, after) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    let filter = ProductFilter {
        status: query.status,
        kind: query.kind,
        organisation_id: None,
    };
    let rows = state
        .run(move |service| products::list(service, &user, filter, after.as_deref(), limit + 1))
        .await?;
    let views = rows.into_iter().map(ProductView::from).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view| &view.form.code)))
}

/// One product.
#[utoipa::path(
    get,
    path = "/api/v1/products/{code}",
    tag = "products",
    params(("code" = String, Path, description = "The product's code")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let product = state.run(move |service| products::show(service, &user, &code)).await?;
    Ok(HttpResponse::Ok().json(ProductView::from(product)))
}
