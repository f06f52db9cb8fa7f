//! Products: what is on offer, and what a bank keeps.

use super::super::body::JsonBody;
use super::super::conditions::{IdempotencyKey, IfMatch, etag};
use super::super::error::{ApiFailure, FieldProblem, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::deadline::DeadlineView;
use super::page::{Page, cursor, limit};
use crate::actions::deadlines::{self, Counting};
use crate::actions::product_drafts::{self, KeptProduct};
use crate::actions::products::{self, ProductFilter, StoredProduct};
use crate::actions::{ActionError, Service, records};
use crate::domain::actor::Actor;
use crate::domain::codes::{Kind, ProductStatus};
use crate::domain::dates::Day;
use crate::domain::link::path_segment;
use crate::domain::money::Fen;
use crate::domain::monitor::responses::PublicRecord;
use crate::domain::product::ProductForm;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A product as its bank published it.
#[derive(Serialize, ToSchema)]
pub struct ProductView {
    /// The bank's name.
    bank_name: String,
    /// Raised by each publication, from 1; 0 before the first.
    version: i32,
    /// When it last changed.
    updated_at: chrono::DateTime<chrono::Utc>,
    /// Its terms, in the form of the matching contract.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    form: ProductForm,
    /// How its bank answered what it was sent in the last twelve months; where the product is listed or read.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_record: Option<RecordView>,
    /// For its own bank: what stands beside the published version.
    #[serde(skip_serializing_if = "Option::is_none")]
    keeping: Option<Keeping>,
}

/// A bank's public record over the last twelve months. What stands over fewer than five is null, and so is the count.
#[derive(Serialize, ToSchema)]
struct RecordView {
    /// Referrals that came to it.
    sent: Option<i64>,
    /// How many of them were answered, or ran out without an answer.
    due: Option<i64>,
    /// How much of what was due it answered in time, in bp.
    on_time_bp: Option<i64>,
    /// How many it answered.
    answered: Option<i64>,
    /// Within how many working days half of these answers came.
    median_days: Option<usize>,
    /// Within how many working days nine tenths of them came.
    p90_days: Option<usize>,
    /// Offers for a hundred referrals.
    offers_per_hundred: Option<i64>,
}

impl From<PublicRecord> for RecordView {
    fn from(record: PublicRecord) -> Self {
        Self {
            sent: record.sent,
            due: record.due,
            on_time_bp: record.on_time_bp,
            answered: record.answered,
            median_days: record.median_days,
            p90_days: record.p90_days,
            offers_per_hundred: record.offers_per_hundred,
        }
    }
}

/// What a bank keeps beside the published version.
#[derive(Serialize, ToSchema)]
struct Keeping {
    /// The form being edited, where it differs from what is published. Give it back with `PUT`.
    #[schema(value_type = Option<Object>)]
    draft: Option<ProductForm>,
    /// In which fields the draft differs.
    changed: Vec<&'static str>,
    /// What keeps the draft from being published.
    findings: Vec<FieldProblem>,
    /// What accepted offers and contracts hold of the quota, 分.
    #[schema(value_type = i64)]
    quota_taken_fen: Fen,
    /// The last day on which the bank's confirmation holds.
    #[schema(value_type = Option<String>, format = Date)]
    confirmed_until: Option<Day>,
    /// How long that is, or how long ago, until the product is closed.
    deadline: Option<DeadlineView>,
}

impl From<StoredProduct> for ProductView {
    fn from(stored: StoredProduct) -> Self {
        Self {
            bank_name: stored.bank_name,
            version: stored.version,
            updated_at: stored.updated_at,
            form: (*stored.product).clone(),
            bank_record: None,
            keeping: None,
        }
    }
}

impl ProductView {
    fn kept(kept: KeptProduct, counting: &Counting) -> Self {
        let keeping = Keeping {
            changed: kept.changed(),
            findings: kept.findings().list().iter().map(FieldProblem::from).collect(),
            draft: kept.draft.as_ref().map(|draft| (**draft).clone()),
            quota_taken_fen: kept.quota_taken,
            confirmed_until: kept.stored.confirmed_until,
            deadline: counting.of_confirmation(&kept.stored).map(DeadlineView::from),
        };
        Self {
            keeping: Some(keeping),
            ..Self::from(kept.stored)
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
    let (rows, records) = state
        .run(move |service| {
            let rows = products::list(service, &user, filter, after.as_deref(), limit + 1)?;
            Ok((rows, records::all(service)?))
        })
        .await?;
    let of_bank = |code: &str| {
        let found = records.iter().find(|one| one.bank.code == code);
        found.map(|one| one.record).unwrap_or_default()
    };
    let view = |stored: StoredProduct| ProductView {
        bank_record: Some(of_bank(&stored.product.bank).into()),
        ..ProductView::from(stored)
    };
    let views = rows.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view| &view.form.code)))
}

/// A product of the actor's own bank with its draft, another one as it is published.
fn seen(service: &Service, actor: &Actor, code: &str) -> Result<(i32, ProductView), ActionError> {
    let stored = products::show(service, actor, code)?;
    if stored.organisation_id != actor.organisation_id {
        return Ok((stored.edition, stored.into()));
    }
    let kept = product_drafts::show(service, actor, code)?;
    let counting = deadlines::counting(service)?;
    Ok((kept.stored.edition, ProductView::kept(kept, &counting)))
}

/// One product; its own bank sees the draft too.
#[utoipa::path(
    get,
    path = "/api/v1/products/{code}",
    tag = "products",
    params(("code" = String, Path, description = "The product's code")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView, headers(("ETag" = String, description = "For If-Match"))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let (edition, view) = state
        .run(move |service| {
            let (edition, view) = seen(service, &user, &code)?;
            let record = records::of_bank(service, &view.form.bank)?;
            let bank_record = Some(record.into());
            Ok((edition, ProductView { bank_record, ..view }))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(edition)))
        .json(view))
}

/// A product with the tag of its edition.
pub(super) fn one((kept, counting): (KeptProduct, Counting)) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(kept.stored.edition)))
        .json(ProductView::kept(kept, &counting))
}

/// Begin a product of one's own bank, as a draft: the form of the matching contract, with `bank` one's own, `status`
/// `draft` and no `confirmed_on`.
#[utoipa::path(
    post,
    path = "/api/v1/products",
    tag = "products",
    params(("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing")),
    request_body(content = Object, description = "The form of the matching contract"),
    security(("bearer" = [])),
    responses(
        (status = 201, body = ProductView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    state: web::Data<WebState>,
    user: ApiUser,
    key: IdempotencyKey,
    body: JsonBody<ProductForm>,
) -> Result<HttpResponse, ApiFailure> {
    let key = key.of(user.user_id, "/api/v1/products", body.hash);
    let form = body.value;
    let (kept, counting) = state
        .run_counting(move |service| product_drafts::create(service, &user, &form, key.as_ref()))
        .await?;
    let code = path_segment(&kept.stored.product.code);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1/products/{code}")))
        .insert_header((header::ETAG, etag(kept.stored.edition)))
        .json(ProductView::kept(kept, &counting)))
}

/// Change the draft of a product: what is published stays until it is published anew.
#[utoipa::path(
    put,
    path = "/api/v1/products/{code}",
    tag = "products",
    params(("code" = String, Path), ("If-Match" = String, Header, description = "The ETag that the change was made from")),
    request_body(content = Object, description = "The form of the matching contract, `code` and `bank` as they are, `status` `draft`"),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProductView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn change(
    state: web::Data<WebState>,
    user: ApiUser,
    code: web::Path<String>,
    if_match: IfMatch,
    body: JsonBody<ProductForm>,
) -> Result<HttpResponse, ApiFailure> {
    let (actor, wanted) = (user.0.clone(), code.clone());
    let old = state
        .run(move |service| product_drafts::show(service, &actor, &wanted))
        .await?;
    if_match.check(old.stored.edition)?;
    let edition = Some(old.stored.edition);
    let form = body.value;
    let kept = state
        .run_counting(move |service| product_drafts::save(service, &user, &code, edition, &form))
        .await?;
    Ok(one(kept))
}
