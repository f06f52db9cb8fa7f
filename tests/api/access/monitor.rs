//! The rows of the monitor: the officers' of each district, and nobody else's.

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                                ano own mem rea oth bka bkb off els dep sci adm dis exp
    (
        "GET",
        "/api/v1/monitor/summary",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/monitor/series?by=bank",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/monitor/report.xlsx",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
    (
        "GET",
        "/api/v1/monitor/table.csv?table=bank",
        "401 404 404 404 404 404 404 200 200 404 404 404 401 401",
    ),
];
