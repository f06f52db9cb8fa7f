//! The rows of sessions.

pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "DELETE",
        "/api/v1/sessions/current",
        "401 204 204 204 204 204 204 204 204 204 204 204 401 401",
    ),
];

/// Open to everyone, tested where they are at home.
pub const FOR_ANYONE: &[(&str, &str)] = &[("POST", "/api/v1/sessions"), ("POST", "/api/v1/sessions/refresh")];
