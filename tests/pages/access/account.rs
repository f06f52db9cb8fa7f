//! Rows of the matrix: what everybody who is signed in has. Signing out is the last.

pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    (
        "GET",
        "/account/second-factor",
        "401 200 200 200 200 200 200 200 200 200 200 200",
    ),
    (
        "POST",
        "/account/second-factor",
        "401 200 200 200 200 200 200 200 200 200 200 200",
    ),
    // A wrong code; then nothing guards that could be changed.
    (
        "POST",
        "/account/second-factor/confirm",
        "401 422 422 422 422 422 422 422 422 422 422 422",
    ),
    (
        "POST",
        "/account/second-factor/codes",
        "401 409 409 409 409 409 409 409 409 409 409 409",
    ),
    (
        "POST",
        "/account/second-factor/disable",
        "401 409 409 409 409 409 409 409 409 409 409 409",
    ),
    ("GET", "/messages", "401 200 200 200 200 200 200 200 200 200 200 200"),
    (
        "POST",
        "/messages/mails",
        "401 303 303 303 303 303 303 303 303 303 303 303",
    ),
    (
        "GET",
        "/account/sessions",
        "401 200 200 200 200 200 200 200 200 200 200 200",
    ),
    (
        "GET",
        "/account/password",
        "401 200 200 200 200 200 200 200 200 200 200 200",
    ),
    // A session of the administrator's.
    (
        "POST",
        "/account/sessions/{session}/end",
        "401 404 404 404 404 404 404 404 404 404 404 303",
    ),
    (
        "POST",
        "/account/sessions/end-others",
        "401 303 303 303 303 303 303 303 303 303 303 303",
    ),
    (
        "POST",
        "/account/password",
        "401 303 303 303 303 303 303 303 303 303 303 303",
    ),
    ("POST", "/logout", "401 303 303 303 303 303 303 303 303 303 303 303"),
];

/// Where nothing is right that the matrix could post: a code that no app shows, what does not guard yet, a product that time
/// alone will make fit. Done right in `second_factor` and `steps`.
pub const DONE_ELSEWHERE: [&str; 4] = [
    "/enterprise/requests/{id}/reminders",
    "/account/second-factor/confirm",
    "/account/second-factor/codes",
    "/account/second-factor/disable",
];
