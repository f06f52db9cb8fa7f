//! Rows of the matrix: the monitor, for the officers of each district.

/// As the matrix beside it.
pub const MATRIX: &[(&str, &str, &str)] = &[
    // method and path                                          ano own mem rea oth bka bkb off els dep sci adm
    (
        "GET",
        "/centre/monitor",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/monitor/rows?measure=submitted",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/monitor/rows.csv?measure=submitted",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/monitor/table.csv",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
    (
        "GET",
        "/centre/monitor/report.xlsx",
        "401 404 404 404 404 404 404 200 200 404 404 404",
    ),
];
