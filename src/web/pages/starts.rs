//! Where departments and administrators begin; their work comes later.

use super::render;
use super::users::{Administrator, DepartmentUser};
use crate::web::error::PageFailure;
use crate::web::state::WebState;
use crate::web::view::lists::PlainHome;
use actix_web::{HttpResponse, web};

/// Where an administrator begins.
pub async fn administrator(state: web::Data<WebState>, user: Administrator) -> Result<HttpResponse, PageFailure> {
    render(&PlainHome {
        shell: user.shell(&state, "/admin"),
        heading: "管理",
        words: "在上面的导航里维护机构和账号，查看设置、审计日志和邮件。产品和 LPR 用命令行导入：rongqiao import。管理员看不到企业和银行的业务资料。",
    })
}

/// Where a department's user begins.
pub async fn department(state: web::Data<WebState>, user: DepartmentUser) -> Result<HttpResponse, PageFailure> {
    render(&PlainHome {
        shell: user.shell(&state, "/department"),
        heading: "部门数据",
        words: "本部门核验的企业资料目前由中心用命令行导入：rongqiao import facts --source 部门代码。",
    })
}
