//! The rows of what an enterprise agrees to, and of what banks are then shown.

/// As the matrix beside it. Bank A has the referral of `referred`, whose consent is live, and of
/// `taken_back`, whose consent is not; bank B was never granted anything.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "GET",
        "/api/v1/enterprises/{own}/authorisation",
        "401 200 200 200 404 404 404 200 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/{another}/authorisation",
        "401 404 404 404 200 404 404 200 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/enterprises/{own}/authorisation",
        "401 200 200 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/enterprises/{another}/authorisation",
        "401 404 404 404 200 404 404 403 404 404 404 404 401 401",
    ),
    (
        "PUT",
        "/api/v1/enterprises/91410106XY88888882/authorisation",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/{own}/access-log",
        "401 200 200 200 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/enterprises/{another}/access-log",
        "401 404 404 404 200 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/consents",
        "401 200 200 200 200 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/referrals",
        "401 404 404 404 404 200 200 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/referrals/{referred}",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/referrals/{taken_back}",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/referrals/{missing}",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/referrals/{referred}/credit-profile",
        "401 404 404 404 404 200 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/referrals/{taken_back}/credit-profile",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/referrals/{missing}/credit-profile",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{fitting}/referrals",
        "401 201 409 403 404 404 404 403 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{unmatched}/referrals",
        "401 409 409 403 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/requests/{missing}/referrals",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/consents/{consent}/revoke",
        "401 200 409 403 404 404 404 404 404 404 404 404 401 401",
    ),
    (
        "POST",
        "/api/v1/consents/{missing}/revoke",
        "401 404 404 404 404 404 404 404 404 404 404 404 401 401",
    ),
];
