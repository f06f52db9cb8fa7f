//! Rows of the matrix: the centre's desk, on which an offer waits, and the settings that are changed while the service
//! runs.

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    (
        "GET",
        "/centre/desk/offer-{held}",
        "401 404 404 404 404 404 404 200 404 404 404 404",
    ),
    (
        "POST",
        "/centre/desk/offer-{held}/claim",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/centre/desk/offer-{held}/release",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/centre/desk/offer-{held}/notes",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/centre/desk/offer-{held}/forward",
        "401 404 404 404 404 404 404 303 404 404 404 404",
    ),
    (
        "POST",
        "/centre/desk/loan-{held}/forward",
        "401 404 404 404 404 404 404 404 404 404 404 404",
    ),
    (
        "GET",
        "/centre/settings",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "POST",
        "/centre/settings",
        "401 404 404 404 404 404 404 303 303 404 404 404",
    ),
    (
        "GET",
        "/admin/settings/accounts",
        "401 404 404 404 404 404 404 404 404 404 404 200",
    ),
    (
        "POST",
        "/admin/settings/accounts",
        "401 404 404 404 404 404 404 404 404 404 404 303",
    ),
];

/// What a row posts; none of another module's rows.
pub fn fields(path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match path {
        "/centre/settings" => {
            return Some(&[
                ("version", "0"),
                ("answer_days", "6"),
                ("signing_days", "10"),
                ("validity_days", "10"),
                ("decide_days", "2"),
                ("dispute_days", "5"),
                ("factor_specialised", "130"),
            ]);
        }
        "/admin/settings/accounts" => return Some(&[("version", "0"), ("rejected_days", "60")]),
        _ => {}
    }
    match path.strip_prefix("/centre/desk/")?.rsplit('/').next()? {
        "notes" => Some(&[("text", "已电话联系")]),
        "forward" => Some(&[("revision", "1")]),
        _ => Some(&[]),
    }
}
