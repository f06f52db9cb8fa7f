//! Enterprises: the profile, its facts with their sources, and declaring one.

use super::super::body::JsonBody;
use super::super::conditions::{IfMatch, etag};
use super::super::error::{ApiFailure, Failure, ProblemDocument};
use super::super::session::ApiUser;
use super::super::state::WebState;
use crate::actions::ActionError;
use crate::actions::enterprises::{self, Correction, Profile};
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::scalar::Scalar;
use crate::domain::sheet::KnownFact;
use crate::domain::uscc::Uscc;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An enterprise.
#[derive(Serialize, ToSchema)]
pub struct EnterpriseView {
    /// Its credit code.
    uscc: String,
    /// Its name.
    name: String,
    /// Verified date of establishment.
    #[schema(value_type = Option<String>, format = Date)]
    established_on: Option<Day>,
    /// The district it belongs to.
    district_code: String,
    /// The size that industry, employees, revenue and assets come to today by 工信部联企业〔2011〕300号, as a check of
    /// the fact `size`; null where a figure that counts is not known, or the standard has no one rule.
    #[schema(value_type = Option<String>, example = "small")]
    computed_size: Option<&'static str>,
}

impl From<&Profile> for EnterpriseView {
    fn from(profile: &Profile) -> Self {
        let enterprise = &profile.stored.enterprise;
        Self {
            uscc: enterprise.uscc.to_string(),
            name: enterprise.name.clone(),
            established_on: enterprise.established_on,
            district_code: profile.stored.district_code.clone(),
            computed_size: profile.computed_size.map(Code::code),
        }
    }
}

/// A value that is known of an enterprise.
#[derive(Serialize, ToSchema)]
pub struct FactView {
    /// The fact.
    #[schema(value_type = String)]
    fact: FactKey,
    /// The value: a number, a code, a list of codes, true or false.
    #[schema(value_type = Value)]
    value: Scalar,
    /// Whether the fact's owner vouches for it.
    verified: bool,
    /// The day for which it was true.
    #[schema(value_type = String, format = Date)]
    observed_on: Day,
    /// The last day on which it holds.
    #[schema(value_type = Option<String>, format = Date)]
    valid_until: Option<Day>,
    /// Who said so.
    source: String,
    /// The bank that it is about, where it came per bank.
    bank: Option<String>,
}

impl From<KnownFact> for FactView {
    fn from(known: KnownFact) -> Self {
        let KnownFact {
            key,
            value,
            verified,
            observed_on,
            valid_until,
            source,
            bank,
        } = known;
        Self {
            fact: key,
            value,
            verified,
            observed_on,
            valid_until,
            source,
            bank,
        }
    }
}

/// Everything that is known of an enterprise.
#[derive(Serialize, ToSchema)]
pub struct FactList {
    /// In the order of the vocabulary; verified before declared.
    items: Vec<FactView>,
}

/// A value that an enterprise declares.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The value: a number, a code, a list of codes, true or false.
    #[schema(value_type = Value)]
    value: Scalar,
}

/// A code that is none names no enterprise.
pub(super) fn parse(uscc: &str) -> Result<Uscc, Failure> {
    uscc.parse().map_err(|_reason| ActionError::NotFound.into())
}

/// One enterprise.
#[utoipa::path(
    get,
    path = "/api/v1/enterprises/{uscc}",
    tag = "enterprises",
    params(("uscc" = String, Path, description = "统一社会信用代码")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = EnterpriseView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: web::Data<WebState>,
    user: ApiUser,
    uscc: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let uscc = parse(&uscc)?;
    let profile = state
        .run(move |service| enterprises::show(service, &user, uscc))
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag(profile.stored.version)))
        .json(EnterpriseView::from(&profile)))
}

/// What is to change of what the registers say; what is not given stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterprisePatch {
    /// Its name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// When it was founded.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    established_on: Option<Day>,
}

impl EnterprisePatch {
    fn correction(self) -> Result<Correction, Problems> {
        let mut problems = Problems::default();
        // A correction of nothing would count as one, and have requests matched again.
        let is_empty = self.name.is_none() && self.established_on.is_none();
        problems.check(is_empty, "name", || Rule::Required);
        let name = self.name.and_then(|name| problems.take("name", name.parse()));
        problems.or(Correction {
            name,
            established_on: self.established_on,
        })
    }
}

/// Correct the name or the date of establishment of an enterprise; officers read them from the business licence.
#[utoipa::path(
    patch,
    path = "/api/v1/enterprises/{uscc}",
    tag = "enterprises",
    params(
        ("uscc" = String, Path, description = "统一社会信用代码"),
        ("If-Match" = String, Header, description = "The ETag that the correction was made from"),
    ),
    request_body = EnterprisePatch,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "corrected"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn correct(
    state: web::Data<WebState>,
    user: ApiUser,
    uscc: web::Path<String>,
    if_match: IfMatch,
    body: JsonBody<EnterprisePatch>,
) -> Result<HttpResponse, ApiFailure> {
    let (uscc, actor) = (parse(&uscc)?, user.0.clone());
    let version = state
        .run(move |service| enterprises::version(service, &actor, uscc))
        .await?;
    if_match.check(version)?;
    let correction = body.value.correction().map_err(ActionError::from)?;
    state
        .run(move |service| enterprises::correct(service, &user, uscc, version, &correction))
        .await?;
    Ok(HttpResponse::NoContent()
        .insert_header((header::ETAG, etag(version + 1)))
        .finish())
}

/// What is known of one enterprise, value by value with its source.
#[utoipa::path(
    get,
    path = "/api/v1/enterprises/{uscc}/facts",
    tag = "enterprises",
    params(("uscc" = String, Path, description = "统一社会信用代码")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = FactList),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn facts(
    state: web::Data<WebState>,
    user: ApiUser,
    uscc: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let uscc = parse(&uscc)?;
    let profile = state
        .run(move |service| enterprises::show(service, &user, uscc))
        .await?;
    Ok(HttpResponse::Ok().json(FactList {
        items: profile.known.into_iter().map(FactView::from).collect(),
    }))
}

/// Declare a value as of today. It stands beside a verified one and never replaces it.
#[utoipa::path(
    put,
    path = "/api/v1/enterprises/{uscc}/facts/{key}",
    tag = "enterprises",
    params(
        ("uscc" = String, Path, description = "统一社会信用代码"),
        ("key" = String, Path, description = "The fact's key"),
    ),
    request_body = Declaration,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "declared"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn declare(
    state: web::Data<WebState>,
    user: ApiUser,
    path: web::Path<(String, String)>,
    body: JsonBody<Declaration>,
) -> Result<HttpResponse, ApiFailure> {
    let (uscc, key) = path.into_inner();
    let uscc = parse(&uscc)?;
    let key = FactKey::find(&key).ok_or(ActionError::NotFound)?;
    state
        .run(move |service| enterprises::declare(service, &user, uscc, key, &body.value.value))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
