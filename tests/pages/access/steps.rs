//! The rows of what moves requests and referrals on.

/// As the matrix beside it; who is second is led back to the page that shows what the first one did, or told that the
/// referral has moved on.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    (
        "POST",
        "/enterprise/requests/{lasting}/matches",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/{lasting}/extend",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/{lasting}/reminders",
        "401 422 422 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/referrals/{kept}/send",
        "401 303 409 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/referrals/{proposed}",
        "401 200 200 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/referrals/{proposed}/consent",
        "401 303 409 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/referrals/{proposed}",
        "401 409 409 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/referrals/{unwanted}/refuse",
        "401 303 409 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/referrals/{waiting}/decline",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/bank/referrals/{fallen}/take-up",
        "401 404 404 404 404 303 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/enterprise/requests/{lasting}/what-if",
        "401 200 200 403 404 404 404 404 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/{lasting}/what-if",
        "401 200 200 403 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/requests/{lasting}/refer",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "POST",
        "/centre/requests/{lasting}/refer",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/centre/requests/{lasting}/unserved",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/enterprise/requests/{ending}/withdraw",
        "401 303 303 403 404 404 404 404 404 404 404 404",
    ),
];

pub fn fields(path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match path.rsplit('/').next()? {
        "decline" => Some(&[("reason", "term")]),
        "unserved" => Some(&[("reason", "no_product")]),
        "reminders" => Some(&[("product", "PA")]),
        "what-if" => Some(&[("amount", "100"), ("term_months", "12"), ("guarantees", "credit")]),
        "refer" => Some(&[("product", "PB"), ("why", "熟悉这个行业")]),
        "consent" if path.starts_with("/enterprise/referrals/") => {
            Some(&[("text_version", "1"), ("until", "2026-12-20"), ("agree", "yes")])
        }
        _ => None,
    }
}
