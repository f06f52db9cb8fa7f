//! Referrals: an enterprise brings a request before a bank; the bank's queue, and the credit profile.
//!
//! What a bank is shown has types of its own here: they have no place for what the enterprise would pay
//! at most, for how other products stand, or for other banks.

use super::super::body::JsonBody;
use super::super::conditions::IdempotencyKey;
use super::super::error::{ApiFailure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use super::deadline::DeadlineView;
use super::enterprises::FactView;
use super::page::{Page, limit, place};
use crate::actions::credit_profile::{self, CreditProfile};
use crate::actions::deadlines::Counting;
use crate::actions::queue::{self, Disclosure, Queued, ReferralSheet, place_of};
use crate::actions::referrals::{self, Pick, Sent};
use crate::domain::codes::Repayment;
use crate::domain::consent::{Terms, masked_email, masked_name};
use crate::domain::dates::Day;
use crate::domain::referral::{PickedProduct, ReferralState};
use crate::domain::request::Need;
use crate::domain::verdict::CheckOutcome;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What an enterprise agrees to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// The text that was shown.
    text_version: i32,
    /// The last day on which the bank may read, at most a year from now.
    #[schema(value_type = String, format = Date)]
    until: Day,
}

impl From<ConsentBody> for Terms {
    fn from(body: ConsentBody) -> Self {
        Self {
            text_version: body.text_version,
            until: body.until,
        }
    }
}

/// A bank that an enterprise picks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralBody {
    /// Code of the bank.
    bank: String,
    /// Codes of its products, each of which fits the request.
    #[schema(min_items = 1)]
    products: Vec<String>,
    /// What is agreed to: the bank may read the facts that these products look at.
    consent: ConsentBody,
    /// Keep it in reserve: it is sent when another bank stays silent or declines, in the order in which banks were kept.
    #[serde(default)]
    reserve: bool,
}

/// A referral that was sent.
#[derive(Serialize, ToSchema)]
pub struct SentView {
    /// The referral.
    id: Uuid,
    /// Code of the bank.
    bank: String,
    /// The consent that it rests on.
    consent: Uuid,
    /// Where it is in its life: `pending`, or `reserve`.
    state: ReferralState,
}

impl From<Sent> for SentView {
    fn from(sent: Sent) -> Self {
        Self {
            id: sent.id,
            bank: sent.bank,
            consent: sent.consent_id,
            state: sent.state,
        }
    }
}

/// Pick a bank: consent, and send the request to it or keep it in reserve.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/referrals",
    tag = "referrals",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "A second POST with the same key and body gets the same answer and does nothing"),
    ),
    request_body = ReferralBody,
    security(("bearer" = [])),
    responses(
        (status = 201, body = SentView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "the request is not open, or the bank has it already"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn send(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
    key: IdempotencyKey,
    body: JsonBody<ReferralBody>,
) -> Result<HttpResponse, ApiFailure> {
    // The request is part of what the key stands for, as the body is.
    let hash = format!("{} {id}", body.hash);
    let key = key.of(user.user_id, "/api/v1/requests/{id}/referrals", hash);
    let ReferralBody {
        bank,
        products,
        consent,
        reserve,
    } = body.value;
    let terms = consent.into();
    let picks = [Pick {
        bank,
        products,
        is_kept: reserve,
    }];
    let sent = state
        .run(move |service| referrals::send(service, &user, *id, &picks, terms, key.as_ref()))
        .await?;
    let sent: Vec<SentView> = sent.into_iter().map(SentView::from).collect();
    Ok(HttpResponse::Created().json(sent.first()))
}

/// A product that an enterprise picked.
#[derive(Serialize, ToSchema)]
pub struct PickedView {
    /// Its code.
    code: String,
    /// The version that was matched.
    version: i32,
    /// Its name.
    name: String,
    /// Its rate for this enterprise, bp.
    rate_bp: i64,
    /// The cheapest way to repay that both allow.
    repayment: Option<Repayment>,
    /// What a year costs, percent.
    annual_cost_pct: Option<f64>,
}

impl From<PickedProduct> for PickedView {
    fn from(picked: PickedProduct) -> Self {
        Self {
            code: picked.code,
            version: picked.version,
            name: picked.name,
            rate_bp: picked.rate_bp,
            repayment: picked.repayment,
            annual_cost_pct: picked.annual_cost_pct,
        }
    }
}

/// Whom to speak to, hidden until the enterprise accepts an offer.
#[derive(Serialize, ToSchema)]
pub struct ContactView {
    /// The name, but for its first character hidden.
    name: String,
    /// The address, hidden likewise.
    email: String,
}

/// The enterprise and its request, as a bank may see them under a live consent.
#[derive(Serialize, ToSchema)]
pub struct ApplicantView {
    /// The enterprise's name.
    name: String,
    /// Its credit code.
    uscc: String,
    /// The request's number.
    request_number: String,
    /// What is asked for.
    #[schema(value_type = Object)]
    need: Need,
    /// Keys of the facts that may be read.
    facts: Vec<&'static str>,
    /// How many of them have a verified value that holds.
    verified: usize,
    /// The last day on which they may be read.
    #[schema(value_type = String, format = Date)]
    consent_until: Day,
    /// How long that is.
    consent_deadline: DeadlineView,
    /// Whom to speak to.
    contact: Option<ContactView>,
}

impl ApplicantView {
    fn new(shown: Disclosure, counting: &Counting) -> Self {
        Self {
            name: shown.name,
            uscc: shown.uscc.to_string(),
            request_number: shown.number,
            need: shown.need,
            facts: shown.facts.iter().map(|key| key.code()).collect(),
            verified: shown.verified.len(),
            consent_until: shown.until,
            consent_deadline: counting.to(shown.until).into(),
            contact: shown.contact.map(|(name, email)| ContactView {
                name: masked_name(&name),
                email: masked_email(&email),
            }),
        }
    }
}

/// A referral that came to the bank.
#[derive(Serialize, ToSchema)]
pub struct ReferralView {
    /// Its id.
    id: Uuid,
    /// Where it is in its life.
    state: ReferralState,
    /// When it came.
    received_at: Option<chrono::DateTime<chrono::Utc>>,
    /// When the credit profile was first read.
    viewed_at: Option<chrono::DateTime<chrono::Utc>>,
    /// The last day on which an answer is in time.
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Day>,
    /// How long that is, or how long ago, while it is not answered.
    deadline: Option<DeadlineView>,
    /// When it was first answered.
    answered_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Whether that was too late.
    is_late: Option<bool>,
    /// What was picked.
    products: Vec<PickedView>,
    /// The enterprise and its request; absent once the consent has ended.
    applicant: Option<ApplicantView>,
    #[serde(skip)]
    place: String,
}

impl ReferralView {
    fn new(queued: Queued, counting: &Counting) -> Self {
        let Queued { referral, shown } = queued;
        Self {
            place: place_of(&referral).to_string(),
            deadline: counting.of_referral(&referral).map(DeadlineView::from),
            id: referral.id,
            state: referral.state,
            received_at: referral.sent_at,
            viewed_at: referral.viewed_at,
            due_on: referral.due_on,
            answered_at: referral.answered_at,
            is_late: referral.is_late,
            products: referral.products.into_iter().map(PickedView::from).collect(),
            applicant: shown.map(|shown| ApplicantView::new(shown, counting)),
        }
    }
}

/// How a picked product stands to the request.
#[derive(Serialize, ToSchema)]
pub struct CheckedView {
    /// The product's code.
    product: String,
    /// Every check: code, state and what is needed. What there is stands in the credit profile.
    #[schema(value_type = Vec<Object>)]
    checks: Vec<CheckOutcome>,
}

/// A referral with its products, check by check.
#[derive(Serialize, ToSchema)]
pub struct ReferralSheetView {
    /// The referral.
    #[serde(flatten)]
    referral: ReferralView,
    /// Each product; none once the consent has ended.
    checked: Vec<CheckedView>,
}

impl ReferralSheetView {
    fn new(sheet: ReferralSheet, counting: &Counting) -> Self {
        let checked = sheet.products.into_iter().map(|one| CheckedView {
            product: one.product.form.code,
            checks: one.checks,
        });
        Self {
            checked: checked.collect(),
            referral: ReferralView::new(sheet.queued, counting),
        }
    }
}

/// Which referrals.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those in this state.
    state: Option<ReferralState>,
    /// How many, 1 to 200; 50 unless given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The referrals that came to the bank, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/referrals",
    tag = "referrals",
    params(ListQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<ReferralView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "not for this user to see"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    state: web::Data<WebState>,
    user: ApiUser,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiFailure> {
    let (limit, before) = (limit(query.limit)?, place(query.cursor.as_deref())?);
    let (rows, counting) = state
        .run_counting(move |service| queue::list(service, &user, query.state, before, limit + 1))
        .await?;
    let views = rows.into_iter().map(|one| ReferralView::new(one, &counting)).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, limit, |view: &ReferralView| &view.place)))
}

/// One referral, with its products check by check.
#[utoipa::path(
    get,
    path = "/api/v1/referrals/{id}",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ReferralSheetView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(state: web::Data<WebState>, user: ApiUser, id: web::Path<Uuid>) -> Result<HttpResponse, ApiFailure> {
    let (sheet, counting) = state
        .run_counting(move |service| queue::show(service, &user, *id))
        .await?;
    Ok(HttpResponse::Ok().json(ReferralSheetView::new(sheet, &counting)))
}

/// What is known of the enterprise, within the consent.
#[derive(Serialize, ToSchema)]
pub struct CreditProfileView {
    /// The referral.
    referral: Uuid,
    /// Where the referral is in its life.
    state: ReferralState,
    /// The enterprise and its request.
    applicant: ApplicantView,
    /// The facts in the scope of the consent; verified before declared.
    facts: Vec<FactView>,
}

impl CreditProfileView {
    fn new(profile: CreditProfile, counting: &Counting) -> Self {
        Self {
            referral: profile.referral.id,
            state: profile.referral.state,
            applicant: ApplicantView::new(profile.shown, counting),
            facts: profile.known.into_iter().map(FactView::from).collect(),
        }
    }
}

/// The enterprise's facts, under its consent. Each read is a line in the enterprise's access log.
#[utoipa::path(
    get,
    path = "/api/v1/referrals/{id}/credit-profile",
    tag = "referrals",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = CreditProfileView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "no such referral, or no live consent"),
    )
)]
pub async fn credit_profile(
    state: web::Data<WebState>,
    user: ApiUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiFailure> {
    let (profile, counting) = state
        .run_counting(move |service| credit_profile::read(service, &user, *id))
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((actix_web::http::header::CACHE_CONTROL, "no-store"))
        .json(CreditProfileView::new(profile, &counting)))
}
