//! The one map from what an action can come to, to HTTP.
//!
//! Bodies of 5xx are constant; the cause goes to the log, once, with the request's id.

use super::session::page_of;
use crate::actions::ActionError;
use crate::actions::feed::RefusedRow;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::session::Due;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use utoipa::ToSchema;

/// Why a request was not answered with what it asked for.
#[derive(Debug)]
pub enum Failure {
    /// What the action came to.
    Action(ActionError),
    /// No session or token, or none that is good.
    NotSignedIn,
    /// The form's token is not this browser's, or the request comes from another site.
    Forged,
    /// The body is not of the shape that it must have.
    Malformed(Problems),
    /// The body is not of a type that is taken.
    MediaType,
    /// The body is larger than is taken.
    TooLarge,
    /// One request too many from this address or of this user.
    TooMany {
        /// How long to wait, in seconds.
        seconds: i64,
    },
    /// The path has no such method.
    Method,
    /// A change without `If-Match`.
    ConditionMissing,
    /// A change that was made from another version than the one there is.
    ConditionFailed,
}

impl From<ActionError> for Failure {
    fn from(error: ActionError) -> Self {
        Self::Action(error)
    }
}

impl Failure {
    /// One broken field.
    #[must_use]
    pub fn field(field: &str, rule: Rule) -> Self {
        Self::Action(
            Problem {
                field: field.to_owned(),
                rule,
            }
            .into(),
        )
    }

    /// Status, stable code and Chinese title.
    #[must_use]
    pub fn describe(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Action(error) => describe(error),
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in", "请先登录"),
            Self::Forged => (StatusCode::FORBIDDEN, "forged_form", "页面已过期，请返回刷新后再提交"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed", "内容格式不对"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", "不接受这种内容类型"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "内容太大"),
            Self::TooMany { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "操作太频繁，请稍后再试",
            ),
            Self::ConditionMissing => (StatusCode::PRECONDITION_REQUIRED, "if_match_missing", "请带上 If-Match"),
            Self::ConditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "if_match_failed",
                "内容已更新，请取最新版本再改",
            ),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "这个地址没有这种操作"),
        }
    }

    /// After how many seconds another try is worth it.
    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooMany { seconds }
            | Self::Action(ActionError::TooManyTries { seconds } | ActionError::TriesUsedUp { seconds }) => {
                Some(*seconds)
            }
            _ if self.describe().0 == StatusCode::SERVICE_UNAVAILABLE => Some(BUSY_SECONDS),
            _ => None,
        }
    }

    /// The fields that break rules.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Action(ActionError::Invalid(problems)) | Self::Malformed(problems) => problems.list(),
            _ => &[],
        }
    }

    /// What the API tells of them; of a file's rows the first 1,000.
    fn field_problems(&self) -> Vec<FieldProblem> {
        if let Self::Action(ActionError::Rows(refused)) = self {
            return refused
                .rows
                .iter()
                .take(MOST_ROWS_TOLD)
                .map(FieldProblem::from)
                .collect();
        }
        self.problems().iter().map(FieldProblem::from).collect()
    }

    /// More about this one, in Chinese.
    fn detail(&self) -> Option<String> {
        let Self::Action(error) = self else { return None };
        match error {
            ActionError::Refused(refused) => Some(format!("现在的状态是“{}”", refused.label)),
            ActionError::Replayed { sent } => Some(format!("序号 {sent} 不大于已用过的序号")),
            ActionError::Rows(refused) if refused.rows.len() > MOST_ROWS_TOLD => {
                Some(format!("共 {} 处，这里列出前 {MOST_ROWS_TOLD} 处", refused.rows.len()))
            }
            _ => None,
        }
    }

    /// Puts a fault of ours into the log.
    pub fn log(&self) {
        match self {
            Self::Action(ActionError::Internal(cause)) => {
                tracing::error!(cause = cause.as_ref(), "a request failed");
            }
            Self::Action(ActionError::Full) => tracing::error!("a request failed: the disk is full"),
            _ => {}
        }
    }
}

/// How long what is busy is left alone, in seconds.
const BUSY_SECONDS: i64 = 5;

fn describe(error: &ActionError) -> (StatusCode, &'static str, &'static str) {
    match error {
        ActionError::NotFound => (StatusCode::NOT_FOUND, "not_found", "没有找到"),
        ActionError::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "您没有这项权限"),
        ActionError::SignInFailed => (StatusCode::UNAUTHORIZED, "sign_in_failed", "邮箱或密码不对"),
        ActionError::SecondFactorNeeded => (StatusCode::UNAUTHORIZED, "second_factor_needed", "请再输入验证码"),
        ActionError::SecondFactorFailed => (
            StatusCode::UNAUTHORIZED,
            "second_factor_failed",
            "验证码不对，或已经用过",
        ),
        ActionError::Due(Due::Password) => (
            StatusCode::FORBIDDEN,
            "password_too_old",
            "密码已到期，请先在网页上更改",
        ),
        ActionError::Due(Due::SecondFactor) => (
            StatusCode::FORBIDDEN,
            "second_factor_missing",
            "请先在网页上开启双因素验证",
        ),
        ActionError::TooManyTries { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_tries",
            "输错次数太多，请过一会儿再试",
        ),
        ActionError::TriesUsedUp { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "tries_used_up",
            "今天的次数已经用完，请明天再试",
        ),
        ActionError::Invalid(problems) if problems.list().iter().any(|one| matches!(one.rule, Rule::FileSize(_))) => {
            (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "文件太大")
        }
        ActionError::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "有几处需要修改"),
        ActionError::Rows(rows) if rows.is_foreign => (
            StatusCode::FORBIDDEN,
            "not_yours",
            "文件里有其他机构提供的数据，没有导入",
        ),
        ActionError::Rows(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "有几行需要修改，没有导入"),
        ActionError::Replayed { .. } => (StatusCode::CONFLICT, "replayed", "这个序号已经用过，没有导入"),
        ActionError::Refused(_) => (StatusCode::CONFLICT, "wrong_state", "现在的状态不能这样做"),
        ActionError::Stale => (StatusCode::CONFLICT, "stale", "内容已被他人更新，请刷新后再试"),
        ActionError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "现在忙，请稍后再试"),
        ActionError::Full => (
            StatusCode::SERVICE_UNAVAILABLE,
            "read_only",
            "暂时不能保存，查看不受影响，请稍后再试",
        ),
        ActionError::NoLpr(_) => (StatusCode::SERVICE_UNAVAILABLE, "no_lpr", "尚未录入LPR，暂不能匹配"),
        ActionError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "出了问题，我们已经记录"),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.describe().1)
    }
}

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Always `about:blank`: `code` says which problem it is.
    pub r#type: &'static str,
    /// What it is, in Chinese.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// More about this one, in Chinese; may be absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which problem it is; never changes.
    pub code: &'static str,
    /// The fields that break rules.
    pub errors: Vec<FieldProblem>,
}

/// A field that breaks a rule.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem {
    /// Path of the field; empty for the body as a whole.
    pub field: String,
    /// Which rule; never changes.
    #[schema(value_type = String)]
    pub code: Cow<'static, str>,
    /// The rule, in Chinese.
    pub message: String,
}

/// How many bad rows of a file are told.
const MOST_ROWS_TOLD: usize = 1_000;

impl From<&Problem> for FieldProblem {
    fn from(problem: &Problem) -> Self {
        Self {
            field: problem.field.clone(),
            code: problem.rule.code().into(),
            message: problem.rule.to_string(),
        }
    }
}

/// `rows[3].value` is the value on line 3 of the file.
impl From<&RefusedRow> for FieldProblem {
    fn from(row: &RefusedRow) -> Self {
        let field = if row.field.is_empty() {
            format!("rows[{}]", row.line)
        } else {
            format!("rows[{}].{}", row.line, row.field)
        };
        Self {
            field,
            code: row.code.clone().into(),
            message: row.words.clone(),
        }
    }
}

/// A failure of the API, answered with a problem document.
#[derive(Debug)]
pub struct ApiFailure(pub Failure);

impl<T: Into<Failure>> From<T> for ApiFailure {
    fn from(failure: T) -> Self {
        Self(failure.into())
    }
}

impl fmt::Display for ApiFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for ApiFailure {
    fn status_code(&self) -> StatusCode {
        self.0.describe().0
    }

    fn error_response(&self) -> HttpResponse {
        self.0.log();
        let (status, code, title) = self.0.describe();
        let document = ProblemDocument {
            r#type: "about:blank",
            title,
            status: status.as_u16(),
            detail: self.0.detail(),
            code,
            errors: self.0.field_problems(),
        };
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.0.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.json(document)
    }
}

/// A failure of a page, answered with a page.
#[derive(Debug)]
pub struct PageFailure(pub Failure);

impl<T: Into<Failure>> From<T> for PageFailure {
    fn from(failure: T) -> Self {
        Self(failure.into())
    }
}

impl fmt::Display for PageFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PageFailure {
    /// Where it sends on instead of telling.
    fn leads_to(&self) -> Option<&'static str> {
        match self.0 {
            Failure::NotSignedIn => Some("/login"),
            Failure::Action(ActionError::Due(due)) => Some(page_of(due)),
            _ => None,
        }
    }
}

impl ResponseError for PageFailure {
    fn status_code(&self) -> StatusCode {
        match self.leads_to() {
            Some(_) => StatusCode::SEE_OTHER,
            None => self.0.describe().0,
        }
    }

    fn error_response(&self) -> HttpResponse {
        self.0.log();
        let (status, _, title) = self.0.describe();
        if let Some(href) = self.leads_to() {
            return HttpResponse::SeeOther()
                .insert_header((header::LOCATION, href))
                .finish();
        }
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.0.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.content_type("text/html; charset=utf-8").body(format!(
            "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1></html>"
        ))
    }
}
