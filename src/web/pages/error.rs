//! What a page says when something went wrong: in the site's own dress, without a word on its inside.

use super::{shell_for, site};
use crate::web::error::PageFailure;
use crate::web::session::Visitor;
use crate::web::state::WebState;
use crate::web::view::public::ErrorPage;
use crate::web::view::shell::Shell;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, web};
use askama::Template;

/// Puts the page of its failure into the answer of a page that failed.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let failure = response
        .response()
        .error()
        .and_then(|error| error.as_error::<PageFailure>());
    let Some((status, title)) = failure.map(|failure| (failure.0.describe().0, failure.0.describe().2)) else {
        return Ok(response);
    };
    if response.status().is_redirection() {
        return Ok(response);
    }
    Ok(match page(&response, status, title).await {
        Some(html) => with_body(response, html),
        None => response,
    })
}

fn with_body(response: ServiceResponse<BoxBody>, html: String) -> ServiceResponse<BoxBody> {
    let mut response = response.map_body(|_, _| BoxBody::new(html));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn page(response: &ServiceResponse<BoxBody>, status: StatusCode, title: &'static str) -> Option<String> {
    let request = response.request();
    let state = request.app_data::<web::Data<WebState>>()?;
    // A fault of ours may be the database's: it is not asked once more who is there.
    let visitor = if status.is_server_error() {
        None
    } else {
        Visitor::from_request(request, &mut Payload::None).await.ok()
    };
    let shell = visitor.map_or_else(|| Shell::public(site(state)), |visitor| shell_for(state, &visitor));
    let advice = advice(status);
    ErrorPage { shell, title, advice }.render().ok()
}

const fn advice(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "您可以看，但不能这样做；或者页面打开太久了。请返回上一页，刷新后再试。",
        StatusCode::NOT_FOUND => "网址可能不完整，或者您没有查看的权限。请从首页重新进入。",
        StatusCode::METHOD_NOT_ALLOWED => "请从首页重新进入。",
        StatusCode::CONFLICT => "有人先改过了。请返回上一页，刷新后看最新内容再试，填过的草稿都已保存。",
        StatusCode::PAYLOAD_TOO_LARGE => "内容超过了能接收的大小，请减少后再提交。",
        StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
            "收到的内容不完整或不对。请返回上一页，刷新后重新填写。"
        }
        StatusCode::TOO_MANY_REQUESTS => "请过一会儿再试。",
        StatusCode::SERVICE_UNAVAILABLE => "请过一会儿再试，填过的草稿都已保存。",
        _ => "请过一会儿再试。一直不行的，请打页脚的电话。",
    }
}
