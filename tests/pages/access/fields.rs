//! What the matrix posts to a page.

use super::{NEW_PASSWORD, products, steps};
use crate::support::app::PASSWORD;

/// The fields of the form that a path takes.
pub fn fields(path: &str) -> &'static [(&'static str, &'static str)] {
    if let Some(fields) = steps::fields(path).or_else(|| products::fields(path)) {
        return fields;
    }
    match path.rsplit('/').next() {
        Some("employees") => &[("value", "40")],
        Some("new" | "edit") => &[("amount", "100")],
        Some("consent") => &[
            ("product", "PA"),
            ("text_version", "1"),
            ("until", "2026-12-20"),
            ("agree", "yes"),
        ],
        Some("authorisation") => &[("departments", "tax"), ("text_version", "1"), ("until", "2027-02-01")],
        Some("invite") => &[("email", "another@example.com"), ("role", "member")],
        Some("confirm") => &[("code", "000000")],
        Some("second-factor" | "codes" | "disable") if path.starts_with("/account/") => &[("current", PASSWORD)],
        Some("role") => &[("role", "reader")],
        Some("password") => &[
            ("current", PASSWORD),
            ("password", NEW_PASSWORD),
            ("again", NEW_PASSWORD),
        ],
        Some("reject") => &[("reason", "授权函未盖章")],
        Some("organisations") => &[("kind", "bank"), ("code", "newbank"), ("name", "示例新银行")],
        Some("mails") => &[("mails", "action")],
        Some("dispute") => &[("kind", "please_verify"), ("note", "请核验")],
        Some("lpr") => &[("date", "2026-10-20"), ("one_year", "3.00"), ("five_year", "3.50")],
        Some("holidays") => &[("date", "2027-01-01"), ("kind", "holiday"), ("name", "元旦")],
        Some("feed-keys") => &[("department", "tax"), ("name", "报送")],
        _ if path.starts_with("/centre/enterprises/") => &[
            ("version", "1"),
            ("name", "示例企业0有限公司"),
            ("established_on", "2015-03-20"),
        ],
        _ if path.contains("/disputes/") => &[("outcome", "refused"), ("text", "不属实")],
        Some("copy") => &[("field", ""), ("value", ""), ("step", "1")],
        _ => &[],
    }
}
