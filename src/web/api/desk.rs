//! The centre's desk: what waits for an officer, who sees to it, and what was noted of it.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::deadline::DeadlineView;
use super::page::{self, Page};
use crate::actions::ActionError;
use crate::actions::desk::{self, DeskFilter, DeskItem, DeskPlace, Entry};
use crate::actions::offers::desk as offers;
use crate::domain::desk::{About, DeskDeed, DeskKind, ItemName};
use crate::domain::invalid::Rule;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The offer that waits.
#[derive(Serialize, ToSchema)]
pub struct HeldView {
    /// Its id.
    id: Uuid,
    /// The revision, to forward or return it.
    revision: i32,
    /// Whether it passes every check of the desk.
    is_clean: bool,
}

/// Who sees to an item.
#[derive(Serialize, ToSchema)]
pub struct ClaimView {
    /// The officer's name.
    by: String,
    /// Since when.
    at: DateTime<Utc>,
    /// Whether it is who asks.
    is_mine: bool,
}

/// An item of the desk.
#[derive(Serialize, ToSchema)]
pub struct ItemView {
    /// Its name: its kind and the id of what waits, `offer-2f6c…`.
    item: String,
    /// Its kind.
    kind: DeskKind,
    /// What it is about: a number, a product's name, a fact's key, or who wants to speak for an enterprise.
    about: String,
    /// The enterprise's name, where it concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise: Option<String>,
    /// The bank's name, where it concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank: Option<String>,
    /// When it came to the desk.
    since: DateTime<Utc>,
    /// By when it should be decided.
    #[serde(flatten)]
    deadline: DeadlineView,
    /// Who sees to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ClaimView>,
    /// How many notes there are of it.
    notes: i64,
    /// The offer, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<HeldView>,
    /// The request, where one is to be referred by hand or a bank stays silent on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Uuid>,
}

impl ItemView {
    fn new(item: DeskItem, reader: Uuid) -> Self {
        let (name, left) = (item.waiting.name(), item.left);
        let id = item.waiting.id;
        let (mut offer, mut request) = (None, None);
        let about = match item.waiting.about {
            About::Registration { person, .. } => person,
            About::Offer {
                number,
                revision,
                failed,
                ..
            } => {
                let is_clean = failed == 0;
                offer = Some(HeldView { id, revision, is_clean });
                number
            }
            About::Request { number, .. } => {
                request = Some(id);
                number
            }
            About::Referral { request_id, number, .. } => {
                request = Some(request_id);
                number
            }
            About::Dispute { fact, .. } => fact.code().to_owned(),
            About::Loan { number, .. } => number,
            About::Product { name, .. } => name,
        };
        Self {
            item: name.to_string(),
            kind: name.kind,
            about,
            enterprise: item.waiting.enterprise,
            bank: item.waiting.bank,
            since: item.waiting.since,
            deadline: left.into(),
            claim: item.claim.map(|claim| ClaimView {
                is_mine: claim.by == reader,
                by: claim.name,
                at: claim.at,
            }),
            notes: item.notes,
            offer,
            request,
        }
    }
}

/// Which items.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those of this kind.
    kind: Option<DeskKind>,
    /// Only those that who asks sees to.
    #[serde(default)]
    mine: bool,
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// What waits for an officer of the district, the oldest deadline first.
#[utoipa::path(
    get,
    path = "/api/v1/desk",
    tag = "desk",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<ItemView>),
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
    let limit = usize::try_from(page::limit(query.limit)?).unwrap_or(0);
    let bad = || Failure::field("cursor", Rule::UnknownCode(String::new()));
    let after = page::cursor(query.cursor.as_deref())?
        .map(|place| place.parse::<DeskPlace>().map_err(|_error| bad()))
        .transpose()?;
    let filter = DeskFilter {
        kind: query.kind,
        is_mine: query.mine,
    };
    let reader = user.user_id;
    let found = state
        .run(move |service| desk::list(service, &user, filter, after.as_ref(), limit))
        .await?;
    let items = found.items.into_iter().map(|item| ItemView::new(item, reader));
    let next = found.next.map(|place| place.to_string());
    Ok(HttpResponse::Ok().json(Page::going_on(items.collect(), next.as_deref())))
}

/// What an officer did with an item.
#[derive(Serialize, ToSchema)]
pub struct EntryView {
    /// What.
    deed: DeskDeed,
    /// The officer's name.
    by: String,
    /// When.
    at: DateTime<Utc>,
    /// The note.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            deed: entry.deed,
            by: entry.name,
            at: entry.at,
            text: entry.text,
        }
    }
}

/// An item with its history.
#[derive(Serialize, ToSchema)]
pub struct SheetView {
    #[serde(flatten)]
    item: ItemView,
    /// What officers did with it short of deciding, the newest first.
    entries: Vec<EntryView>,
}

async fn sheet(state: &WebState, user: ApiUser, name: ItemName) -> Result<HttpResponse, ApiFailure> {
    let reader = user.user_id;
    let sheet = state.run(move |service| desk::show(service, &user, name)).await?;
    Ok(HttpResponse::Ok().json(SheetView {
        item: ItemView::new(sheet.item, reader),
        entries: sheet.entries.into_iter().map(EntryView::from).collect(),
    }))
}

pub(super) fn named(item: &str) -> Result<ItemName, ApiFailure> {
    item.parse().map_err(|_none| ActionError::NotFound.into())
}

/// One item of the desk.
#[utoipa::path(
    get,
    path = "/api/v1/desk/{item}",
    tag = "desk",
    params(("item" = String, Path, description = "The item's name")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = SheetView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "does not stand on the desk"),
    )
)]
pub async fn show(
    state: web::Data<WebState>,
    user: ApiUser,
    item: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    sheet(&state, user, named(&item)?).await
}

/// Why an item is taken over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimBody {
    /// A note, at most 500 characters. Needed where somebody else sees to the item, who does not any more then.
    note: Option<String>,
}

/// See to an item, so that nobody else does the same work.
#[utoipa::path(
    post,
    path = "/api/v1/desk/{item}/claim",
    tag = "desk",
    params(("item" = String, Path, description = "The item's name")),
    request_body = ClaimBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = SheetView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "does not stand on the desk"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "somebody else sees to it, and no note says why that ends"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn claim(
    state: web::Data<WebState>,
    user: ApiUser,
    item: web::Path<String>,
    body: JsonBody<ClaimBody>,
) -> Result<HttpResponse, ApiFailure> {
    let (name, note, actor) = (named(&item)?, body.value.note, user.0.clone());
    state
        .run(move |service| desk::claim(service, &actor, name, note.as_deref()))
        .await?;
    sheet(&state, user, name).await
}

/// See to an item no more.
#[utoipa::path(
    post,
    path = "/api/v1/desk/{item}/release",
    tag = "desk",
    params(("item" = String, Path, description = "The item's name")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = SheetView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "does not stand on the desk"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "who asks does not see to it"),
    )
)]
pub async fn release(
    state: web::Data<WebState>,
    user: ApiUser,
    item: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let (name, actor) = (named(&item)?, user.0.clone());
    state.run(move |service| desk::release(service, &actor, name)).await?;
    sheet(&state, user, name).await
}

/// A note of an item.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// The note.
    #[schema(min_length = 1, max_length = 500)]
    text: String,
}

/// Note something on an item. Notes are not changed any more.
#[utoipa::path(
    post,
    path = "/api/v1/desk/{item}/notes",
    tag = "desk",
    params(
        ("item" = String, Path, description = "The item's name"),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = NoteBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = SheetView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "does not stand on the desk"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn note(
    state: web::Data<WebState>,
    user: ApiUser,
    item: web::Path<String>,
    key: IdempotencyKey,
    body: JsonBody<NoteBody>,
) -> Result<HttpResponse, ApiFailure> {
    let (name, text, actor) = (named(&item)?, body.value.text, user.0.clone());
    let hash = format!("{} {name}", body.hash);
    let once = key.of(user.user_id, "/api/v1/desk/{item}/notes", hash);
    state
        .run(move |service| desk::note(service, &actor, name, &text, once.as_ref()))
        .await?;
    sheet(&state, user, name).await
}

/// Which offers are forwarded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardAllBody {
    /// Their ids, at most 100.
    #[schema(min_items = 1, max_items = 100)]
    offers: Vec<Uuid>,
}

/// What became of one of them.
#[derive(Serialize, ToSchema)]
pub struct ForwardedView {
    /// The offer.
    id: Uuid,
    /// Whether the enterprise sees it now; if not, it failed a check or does not wait any more.
    forwarded: bool,
}

/// Forward those of several offers that pass every check.
#[utoipa::path(
    post,
    path = "/api/v1/desk/forward",
    tag = "desk",
    request_body = ForwardAllBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = Vec<ForwardedView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
    )
)]
pub async fn forward_all(
    state: web::Data<WebState>,
    user: ApiUser,
    body: JsonBody<ForwardAllBody>,
) -> Result<HttpResponse, ApiFailure> {
    let ids = body.value.offers;
    if !(1..=offers::AT_A_TIME).contains(&ids.len()) {
        let rule = Rule::Count {
            min: 1,
            max: offers::AT_A_TIME,
        };
        return Err(Failure::field("offers", rule).into());
    }
    let results = state
        .run(move |service| offers::forward_all(service, &user, &ids))
        .await?;
    let views: Vec<ForwardedView> = results
        .into_iter()
        .map(|one| ForwardedView {
            id: one.id,
            forwarded: one.done,
        })
        .collect();
    Ok(HttpResponse::Ok().json(views))
}
